"""Supply links over HTTP: who supplies whom, what, in which season, with which share."""

from typing import Annotated, Any

from fastapi import Request
from pydantic import Field
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.lists import After, Rows, page_response
from api.registry.common import (
    CHANGE_PROBLEMS,
    LEFT_OUT,
    REMOVE_PROBLEMS,
    WRITE_PROBLEMS,
    CameIn,
    GroupNamed,
    change,
    given,
    tagged,
)
from api.routing import feature_router
from api.wire import ONE_PROBLEMS, PROBLEMS, Day, Season, Share, Wire
from compliance import limits
from compliance.idempotency import Answer
from compliance.identity.scope import Scope
from compliance.registry.links import actions, queries
from compliance.registry.links.actions import LinkChanges
from compliance.registry.links.queries import GiverKind, SupplyLinkRecord
from compliance.registry.models import Source
from rules.vocabulary import Commodity

supply_links = feature_router("/v1/supply-links", "supply-links")


class NewSupplyLink(CameIn):
    """Who supplies whom; the share is of what the taker takes in that season.

    Shares of one taker, commodity and season are never more than the whole.
    """

    from_site: str | None = None
    from_group: Annotated[
        str | None, Field(description="A producer group, instead of a site.")
    ] = None
    to_site: str
    commodity: Commodity
    season: Season
    volume_share: Share | None = None
    valid_from: Day | None = None
    valid_until: Day | None = None


class ChangedSupplyLink(Wire):
    """What is to change of a link; what is left out stays, and null empties."""

    volume_share: Share | None = LEFT_OUT
    valid_from: Day | None = LEFT_OUT
    valid_until: Day | None = LEFT_OUT

    def changes(self) -> LinkChanges:
        """Return the fields that were given."""
        changes: LinkChanges = {}
        changes.update(given(self))  # type: ignore[typeddict-item]  # the same names
        return changes


class SupplyLinkWire(Wire):
    id: str
    from_site: Annotated[
        str, Field(description="The giver, which may be a producer group.")
    ]
    from_name: str
    from_kind: GiverKind
    to_site: str
    to_name: str
    commodity: Commodity
    season: str
    volume_share: float | None
    valid_from: Day | None
    valid_until: Day | None
    source: Source
    source_reference: str | None


class SupplyLinkPage(Wire):
    items: list[SupplyLinkWire]
    next: str | None


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
        "source": link.source,
        "source_reference": link.source_reference,
    }


@supply_links.get("", responses={200: {"model": SupplyLinkPage}, **PROBLEMS})
async def list_supply_links(
    request: Request,
    after: After = None,
    rows: Rows = limits.PAGE_ROWS_DEFAULT,
    from_site: str | None = None,
    from_group: GroupNamed = None,
    to_site: str | None = None,
    season: Season | None = None,
    commodity: Commodity | None = None,
    source: Source | None = None,
) -> Response:
    """List supply links in the order of registration, by either end or by season."""
    page = await hop.read(
        request,
        lambda session, scope: queries.supply_links(
            session,
            scope,
            rows=rows,
            after=after,
            from_site=from_site,
            from_group=from_group,
            to_site=to_site,
            season=season,
            commodity=commodity,
            source=source,
        ),
    )
    documents = [link_document(link) for link in page.rows]
    return page_response(request, documents, page.next_after)


@supply_links.post(
    "", status_code=201, responses={201: {"model": SupplyLinkWire}, **WRITE_PROBLEMS}
)
async def register_supply_link(request: Request, body: NewSupplyLink) -> Response:
    """Note that a site or a producer group supplies a site in a season."""

    def work(session: Session, scope: Scope) -> Answer:
        public_id = actions.register_supply_link(session, scope, **body.model_dump())
        link = queries.supply_link(session, scope, public_id)
        return tagged(
            201, link_document(link), location=f"/v1/supply-links/{public_id}"
        )

    return await hop.write(request, work)


@supply_links.get("/{link}", responses={200: {"model": SupplyLinkWire}, **ONE_PROBLEMS})
async def read_supply_link(request: Request, link: str) -> Response:
    """Read one supply link."""
    record = await hop.read(
        request, lambda session, scope: queries.supply_link(session, scope, link)
    )
    return hop.respond(tagged(200, link_document(record)))


@supply_links.patch(
    "/{link}", responses={200: {"model": SupplyLinkWire}, **CHANGE_PROBLEMS}
)
async def change_supply_link(
    request: Request, link: str, body: ChangedSupplyLink
) -> Response:
    """Correct the share or the days of a link; other ends are another link."""
    return await change(
        request,
        lambda session, scope: queries.supply_link(session, scope, link),
        link_document,
        lambda session, scope, seen: actions.change_supply_link(
            session, scope, link, seen_version=seen.version, changes=body.changes()
        ),
    )


@supply_links.delete("/{link}", status_code=204, responses=REMOVE_PROBLEMS)
async def remove_supply_link(request: Request, link: str) -> Response:
    """Take back a link noted by mistake; the trail keeps what it said."""

    def work(session: Session, scope: Scope) -> Answer:
        actions.remove_supply_link(session, scope, link)
        return hop.NOTHING

    return await hop.write(request, work)
