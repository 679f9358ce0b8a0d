"""Producers, mills, organisations and supply links over HTTP."""

from dataclasses import asdict
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.lists import After, Rows, page_response
from api.routing import feature_router
from api.wire import (
    ONE_PROBLEMS,
    PROBLEMS,
    Country,
    Day,
    Latitude,
    Longitude,
    Name,
    ProblemDocument,
    Season,
    Share,
    Wire,
)
from compliance import limits
from compliance.idempotency import Answer
from compliance.identity.actions import register_organisation
from compliance.identity.models import OrganisationKind
from compliance.identity.scope import Scope
from compliance.registry import actions, queries
from compliance.registry.models import IdentifierScheme
from compliance.registry.queries import Identifier, SiteRecord, SupplyLinkRecord
from rules.vocabulary import Commodity, SiteKind

WRITE_PROBLEMS = {
    **PROBLEMS,
    409: {"model": ProblemDocument, "description": "It contradicts what is there."},
}


HALF_A_POINT: Final = "Give latitude and longitude together, or neither."


class IdentifierWire(Wire):
    """A number by which another register knows the site."""

    scheme: IdentifierScheme
    value: Annotated[str, StringConstraints(min_length=1, max_length=100, strict=True)]


class NewSite(Wire):
    """A producer's farm or a mill to be registered."""

    name: Name
    country: Country
    commodity: Commodity
    admin1: Name | None = None
    municipality: Name | None = None
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    area_square_metres: Annotated[
        int | None, Field(ge=0, le=2_000_000_000, strict=True)
    ] = None
    group: Annotated[str | None, Field(description="Public id of a group.")] = None
    identifiers: Annotated[list[IdentifierWire], Field(max_length=20)] = Field(
        default_factory=list
    )

    @model_validator(mode="after")
    def _point_is_whole(self) -> "NewSite":
        if (self.latitude is None) != (self.longitude is None):
            raise PydanticCustomError("half_a_point", HALF_A_POINT)
        return self


class SiteWire(Wire):
    """A producer's farm or a mill."""

    id: str
    kind: SiteKind
    name: str
    country: str
    admin1: str | None
    municipality: str | None
    commodity: Commodity
    latitude: float | None
    longitude: float | None
    area_square_metres: int | None
    group: str | None
    group_name: str | None
    identifiers: list[IdentifierWire]


class SitePage(Wire):
    items: list[SiteWire]
    next: str | None


class NewSupplyLink(Wire):
    """Who supplies whom, what, in which season; the share is of the taker's volume."""

    from_site: str
    to_site: str
    commodity: Commodity
    season: Season
    volume_share: Share | None = None
    valid_from: Day | None = None
    valid_until: Day | None = None


class SupplyLinkWire(Wire):
    id: str
    from_site: str
    from_name: str
    from_kind: SiteKind
    to_site: str
    to_name: str
    commodity: Commodity
    season: str
    volume_share: float | None
    valid_from: Day | None
    valid_until: Day | None


class SupplyLinkPage(Wire):
    items: list[SupplyLinkWire]
    next: str | None


class NewOrganisationWire(Wire):
    """An organisation of the supply chain to be noted in the register."""

    kind: OrganisationKind
    name: Name
    country: Country


class Registered(Wire):
    """The public id of what was just registered."""

    id: str


def site_document(site: SiteRecord) -> dict[str, Any]:
    """Return a site as the API tells it."""
    return {
        "id": site.public_id,
        "kind": site.kind,
        "name": site.name,
        "country": site.country,
        "admin1": site.admin1,
        "municipality": site.municipality,
        "commodity": site.commodity,
        "latitude": site.latitude,
        "longitude": site.longitude,
        "area_square_metres": site.area_square_metres,
        "group": site.group_public_id,
        "group_name": site.group_name,
        "identifiers": [asdict(identifier) for identifier in site.identifiers],
    }


def link_document(link: SupplyLinkRecord) -> dict[str, Any]:
    """Return a supply link as the API tells it."""
    return {
        "id": link.public_id,
        "from_site": link.from_public_id,
        "from_name": link.from_name,
        "from_kind": link.from_kind,
        "to_site": link.to_public_id,
        "to_name": link.to_name,
        "commodity": link.commodity,
        "season": link.season,
        "volume_share": link.volume_share,
        "valid_from": link.valid_from,
        "valid_until": link.valid_until,
    }


def sites_router(kind: SiteKind, path: str) -> APIRouter:
    """Return the routes of producers or of mills: the same, a kind apart."""
    router = feature_router(path, path.rpartition("/")[2])

    @router.get(
        "",
        responses={200: {"model": SitePage}, **PROBLEMS},
        operation_id=f"list_{kind}s",
        summary=f"List the {kind}s of your register",
    )
    async def listing(
        request: Request,
        after: After = None,
        rows: Rows = limits.PAGE_ROWS_DEFAULT,
        commodity: Commodity | None = None,
        country: Country | None = None,
        municipality: str | None = None,
        group: Annotated[str | None, Query(description="Public id of a group.")] = None,
    ) -> Response:
        page = await hop.read(
            request,
            lambda session, scope: queries.sites(
                session,
                scope,
                rows=rows,
                after=after,
                kind=kind,
                commodity=commodity,
                country=country,
                municipality=municipality,
                group=group,
            ),
        )
        documents = [site_document(record) for record in page.rows]
        return page_response(request, documents, page.next_after)

    @router.post(
        "",
        status_code=201,
        responses={201: {"model": SiteWire}, **WRITE_PROBLEMS},
        operation_id=f"register_{kind}",
        summary=f"Register a {kind}",
    )
    async def register(request: Request, body: NewSite) -> Response:
        given = body.model_dump(exclude={"identifiers"})
        identifiers = [
            Identifier(identifier.scheme, identifier.value)
            for identifier in body.identifiers
        ]

        def work(session: Session, scope: Scope) -> Answer:
            record = actions.register_site(
                session, scope, kind=kind, identifiers=identifiers, **given
            )
            return hop.json_answer(
                201, site_document(record), location=f"{path}/{record.public_id}"
            )

        return await hop.write(request, work)

    @router.get(
        "/{site}",
        responses={200: {"model": SiteWire}, **ONE_PROBLEMS},
        operation_id=f"read_{kind}",
        summary=f"Read one {kind}",
    )
    async def one(request: Request, site: str) -> Response:
        record = await hop.read(
            request,
            lambda session, scope: queries.site(session, scope, site, kind=kind),
        )
        return hop.respond(hop.json_answer(200, site_document(record)))

    return router


producers = sites_router(SiteKind.PRODUCER, "/v1/producers")
mills = sites_router(SiteKind.MILL, "/v1/mills")
supply_links = feature_router("/v1/supply-links", "supply-links")
organisations = feature_router("/v1/organisations", "organisations")


@supply_links.get("", responses={200: {"model": SupplyLinkPage}, **PROBLEMS})
async def list_supply_links(
    request: Request,
    from_site: str | None = None,
    to_site: str | None = None,
    season: Season | None = None,
) -> Response:
    """List supply links by either end or by season."""
    links = await hop.read(
        request,
        lambda session, scope: queries.supply_links(
            session, scope, from_site=from_site, to_site=to_site, season=season
        ),
    )
    return page_response(request, [link_document(link) for link in links], None)


@supply_links.post(
    "", status_code=201, responses={201: {"model": Registered}, **WRITE_PROBLEMS}
)
async def register_supply_link(request: Request, body: NewSupplyLink) -> Response:
    """Note that one site supplies another in a season."""

    def work(session: Session, scope: Scope) -> Answer:
        public_id = actions.register_supply_link(session, scope, **body.model_dump())
        return hop.json_answer(201, {"id": public_id})

    return await hop.write(request, work)


@organisations.post(
    "", status_code=201, responses={201: {"model": Registered}, **WRITE_PROBLEMS}
)
async def register(request: Request, body: NewOrganisationWire) -> Response:
    """Note an organisation of the supply chain, such as a producer group."""

    def work(session: Session, scope: Scope) -> Answer:
        made = register_organisation(session, scope, **body.model_dump())
        return hop.json_answer(201, {"id": made.public_id})

    return await hop.write(request, work)
