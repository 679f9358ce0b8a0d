"""Labour brokers and crew leaders over HTTP, and where they are engaged."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Query, Request
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
    Number,
    People,
    SiteNamed,
    change,
    given,
    tagged,
)
from api.routing import feature_router
from api.wire import ONE_PROBLEMS, PROBLEMS, Country, Day, Name, Season, Wire
from compliance import clock, limits
from compliance.database import Page
from compliance.idempotency import Answer
from compliance.identity.scope import Scope
from compliance.registry import queries as registered
from compliance.registry.brokers import actions, queries
from compliance.registry.brokers.actions import BrokerChanges
from compliance.registry.brokers.licence import LicenceStanding
from compliance.registry.brokers.queries import BrokerRecord, EngagementRecord
from compliance.registry.models import BrokerKind, Source

brokers = feature_router("/v1/brokers", "brokers")
engagements = feature_router("/v1/engagements", "brokers")
site_brokers = feature_router("/v1/sites", "brokers")


class NewBroker(CameIn):
    """Who brings workers to sites, by its trading name."""

    kind: BrokerKind
    name: Name
    country: Country
    licence_number: Number | None = None
    licence_valid_from: Day | None = None
    licence_valid_until: Day | None = None


class ChangedBroker(Wire):
    """What is to change of a broker; what is left out stays, and null empties."""

    kind: BrokerKind = LEFT_OUT
    name: Name = LEFT_OUT
    country: Country = LEFT_OUT
    licence_number: Number | None = LEFT_OUT
    licence_valid_from: Day | None = LEFT_OUT
    licence_valid_until: Day | None = LEFT_OUT

    def changes(self) -> BrokerChanges:
        """Return the fields that were given."""
        changes: BrokerChanges = {}
        changes.update(given(self))  # type: ignore[typeddict-item]  # the same names
        return changes


class BrokerWire(Wire):
    """A broker; `sites` counts where it was ever engaged."""

    id: str
    kind: BrokerKind
    name: str
    country: str
    licence_number: str | None
    licence_valid_from: Day | None
    licence_valid_until: Day | None
    licence: Annotated[
        LicenceStanding, Field(description="What the licence is worth today.")
    ]
    sites: int
    source: Source
    source_reference: str | None


class BrokerPage(Wire):
    items: list[BrokerWire]
    next: str | None


class NewEngagement(CameIn):
    """A site that a broker brings workers to in a season."""

    site: str
    season: Season
    workers: People | None = None
    engaged_from: Day | None = None
    engaged_until: Day | None = None


class EngagementWire(Wire):
    id: str
    broker: str
    broker_name: str
    broker_kind: BrokerKind
    site: str
    site_name: str
    season: str
    workers: int | None
    engaged_from: Day | None
    engaged_until: Day | None
    source: Source
    source_reference: str | None


class EngagementPage(Wire):
    items: list[EngagementWire]
    next: str | None


def broker_document(broker: BrokerRecord) -> dict[str, Any]:
    """Return a broker as the API tells it."""
    return {
        "id": broker.public_id,
        "kind": broker.kind,
        "name": broker.name,
        "country": broker.country,
        "licence_number": broker.licence_number,
        "licence_valid_from": broker.licence_valid_from,
        "licence_valid_until": broker.licence_valid_until,
        "licence": broker.licence(clock.today()),
        "sites": broker.sites,
        "source": broker.source,
        "source_reference": broker.source_reference,
    }


def engagement_document(engagement: EngagementRecord) -> dict[str, Any]:
    """Return an engagement as the API tells it."""
    return {
        "id": engagement.public_id,
        "broker": engagement.broker_public_id,
        "broker_name": engagement.broker_name,
        "broker_kind": engagement.broker_kind,
        "site": engagement.site_public_id,
        "site_name": engagement.site_name,
        "season": engagement.season,
        "workers": engagement.workers,
        "engaged_from": engagement.engaged_from,
        "engaged_until": engagement.engaged_until,
        "source": engagement.source,
        "source_reference": engagement.source_reference,
    }


async def _engagements(
    request: Request, read: Callable[[Session, Scope], Page[EngagementRecord]]
) -> Response:
    page = await hop.read(request, read)
    documents = [engagement_document(one) for one in page.rows]
    return page_response(request, documents, page.next_after)


@brokers.get("", responses={200: {"model": BrokerPage}, **PROBLEMS})
async def list_brokers(
    request: Request,
    after: After = None,
    rows: Rows = limits.PAGE_ROWS_DEFAULT,
    kind: BrokerKind | None = None,
    country: Country | None = None,
    name: Annotated[
        str | None,
        Query(description="Part of the name, without accents.", max_length=200),
    ] = None,
    licence_number: Annotated[str | None, Query(max_length=100)] = None,
    licence_expires_by: Annotated[
        Day | None, Query(description="Whose licence ends on this day at the latest.")
    ] = None,
) -> Response:
    """List labour brokers and crew leaders in the order of registration."""
    page = await hop.read(
        request,
        lambda session, scope: queries.brokers(
            session,
            scope,
            rows=rows,
            after=after,
            kind=kind,
            country=country,
            name=name,
            licence_number=licence_number,
            licence_expires_by=licence_expires_by,
        ),
    )
    documents = [broker_document(one) for one in page.rows]
    return page_response(request, documents, page.next_after)


@brokers.post(
    "", status_code=201, responses={201: {"model": BrokerWire}, **WRITE_PROBLEMS}
)
async def register_broker(request: Request, body: NewBroker) -> Response:
    """Note a labour broker or crew leader."""

    def work(session: Session, scope: Scope) -> Answer:
        record = actions.register_broker(session, scope, **body.model_dump())
        return tagged(
            201, broker_document(record), location=f"/v1/brokers/{record.public_id}"
        )

    return await hop.write(request, work)


@brokers.get("/{broker}", responses={200: {"model": BrokerWire}, **ONE_PROBLEMS})
async def read_broker(request: Request, broker: str) -> Response:
    """Read one broker or crew leader."""
    record = await hop.read(
        request, lambda session, scope: queries.broker(session, scope, broker)
    )
    return hop.respond(tagged(200, broker_document(record)))


@brokers.patch("/{broker}", responses={200: {"model": BrokerWire}, **CHANGE_PROBLEMS})
async def change_broker(request: Request, broker: str, body: ChangedBroker) -> Response:
    """Correct what is known of a broker."""
    return await change(
        request,
        lambda session, scope: queries.broker(session, scope, broker),
        broker_document,
        lambda session, scope, seen: actions.change_broker(
            session, scope, broker, seen_version=seen.version, changes=body.changes()
        ),
    )


@brokers.get(
    "/{broker}/sites", responses={200: {"model": EngagementPage}, **ONE_PROBLEMS}
)
async def list_sites_of_broker(
    request: Request,
    broker: str,
    after: After = None,
    rows: Rows = limits.PAGE_ROWS_DEFAULT,
    season: Season | None = None,
) -> Response:
    """List the sites of a broker: its risk follows it from one to the next."""

    def read(session: Session, scope: Scope) -> Page[EngagementRecord]:
        queries.broker(session, scope, broker)
        return queries.engagements(
            session, scope, rows=rows, after=after, broker=broker, season=season
        )

    return await _engagements(request, read)


@brokers.post(
    "/{broker}/sites",
    status_code=201,
    responses={201: {"model": EngagementWire}, **CHANGE_PROBLEMS},
)
async def engage_broker(request: Request, broker: str, body: NewEngagement) -> Response:
    """Note that a broker brings workers to a site in a season."""

    def work(session: Session, scope: Scope) -> Answer:
        record = actions.engage(session, scope, broker=broker, **body.model_dump())
        return hop.json_answer(
            201,
            engagement_document(record),
            location=f"/v1/engagements/{record.public_id}",
        )

    return await hop.write(request, work)


@engagements.get("", responses={200: {"model": EngagementPage}, **PROBLEMS})
async def list_engagements(
    request: Request,
    after: After = None,
    rows: Rows = limits.PAGE_ROWS_DEFAULT,
    site: SiteNamed = None,
    broker: Annotated[str | None, Query(description="Public id of a broker.")] = None,
    season: Season | None = None,
) -> Response:
    """List which broker is engaged where, in which season."""
    return await _engagements(
        request,
        lambda session, scope: queries.engagements(
            session,
            scope,
            rows=rows,
            after=after,
            site=site,
            broker=broker,
            season=season,
        ),
    )


@engagements.get(
    "/{engagement}", responses={200: {"model": EngagementWire}, **ONE_PROBLEMS}
)
async def read_engagement(request: Request, engagement: str) -> Response:
    """Read one engagement."""
    record = await hop.read(
        request, lambda session, scope: queries.engagement(session, scope, engagement)
    )
    return hop.respond(hop.json_answer(200, engagement_document(record)))


@engagements.delete("/{engagement}", status_code=204, responses=REMOVE_PROBLEMS)
async def remove_engagement(request: Request, engagement: str) -> Response:
    """Take back an engagement noted by mistake; the trail keeps what it said."""

    def work(session: Session, scope: Scope) -> Answer:
        actions.remove_engagement(session, scope, engagement)
        return hop.NOTHING

    return await hop.write(request, work)


@site_brokers.get(
    "/{site}/brokers", responses={200: {"model": EngagementPage}, **ONE_PROBLEMS}
)
async def list_brokers_of_site(
    request: Request,
    site: str,
    after: After = None,
    rows: Rows = limits.PAGE_ROWS_DEFAULT,
    season: Season | None = None,
) -> Response:
    """List who brings workers to a site."""

    def read(session: Session, scope: Scope) -> Page[EngagementRecord]:
        found = registered.site(session, scope, site)
        return queries.engagements(
            session,
            scope,
            rows=rows,
            after=after,
            site=found.public_id,
            season=season,
        )

    return await _engagements(request, read)
