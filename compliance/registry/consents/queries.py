"""What can be read of consents: given by the caller, received by it, and asked for."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BindParameter, Row, Select, bindparam, case, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from compliance import clock
from compliance.database import Instant, Page
from compliance.identity.models import Organisation
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.listings import NO_FILTERS, Listing, equal_to
from compliance.problems import Kind, Problem
from compliance.registry.models import Site
from compliance.registry.models.consents import Consent, ConsentRequest, Reply, Subject
from compliance.texts import N_


class ConsentNotFound(Problem):
    kind = Kind.NOT_FOUND
    title = N_("No such consent")
    detail = N_(
        "No consent that you gave or received has the id {consent}. GET /v1/consents "
        "lists those you gave, GET /v1/consents/received those you received."
    )


class RequestNotFound(Problem):
    kind = Kind.NOT_FOUND
    title = N_("No such request for consent")
    detail = N_(
        "No request for consent that you sent or received has the id {request}. "
        "GET /v1/consents/requests lists them."
    )


class ConsentState(StrEnum):
    UPCOMING = "upcoming"
    IN_FORCE = "in_force"
    EXPIRED = "expired"
    REVOKED = "revoked"


class Side(StrEnum):
    """Which of the two organisations of a consent or a request the caller is."""

    GIVEN = "given"
    RECEIVED = "received"


@dataclass(frozen=True)
class Party:
    """An organisation on either side of a consent."""

    public_id: str
    name: str


@dataclass(frozen=True)
class ConsentRecord:
    """A consent; its site is named to the receiver only while it is in force."""

    id: uuid.UUID
    public_id: str
    giver: Party
    grantee: Party
    site_public_id: str | None
    site_name: str | None
    subject: Subject
    request_public_id: str | None
    valid_from: datetime
    valid_until: datetime
    given_at: datetime
    revoked_at: datetime | None
    state: ConsentState


@dataclass(frozen=True)
class RequestRecord:
    """A request for sight, and what became of it."""

    id: uuid.UUID
    public_id: str
    asker_id: uuid.UUID
    asker: Party
    supplier_id: uuid.UUID
    supplier: Party
    site: str | None
    subject: Subject
    asked_at: datetime
    reply: Reply | None
    replied_at: datetime | None


Giver, Grantee = aliased(Organisation), aliased(Organisation)
Asker, Supplier = aliased(Organisation), aliased(Organisation)

CALLER: BindParameter[uuid.UUID] = bindparam("caller_id")
NOW = bindparam("now", type_=Instant())
state_now = case(
    (Consent.revoked_at.is_not(None), ConsentState.REVOKED.value),
    (Consent.valid_until <= NOW, ConsentState.EXPIRED.value),
    (Consent.valid_from > NOW, ConsentState.UPCOMING.value),
    else_=ConsentState.IN_FORCE.value,
)
IS_NAMED = or_(Consent.giver_id == CALLER, state_now == ConsentState.IN_FORCE.value)
CONSENTS: Select[*tuple[Any, ...]] = (
    select(
        Consent.id,
        Consent.public_id,
        Giver.public_id.label("giver"),
        Giver.name.label("giver_name"),
        Grantee.public_id.label("grantee"),
        Grantee.name.label("grantee_name"),
        case((IS_NAMED, Site.public_id)).label("site"),
        case((IS_NAMED, Site.name)).label("site_name"),
        Consent.subject,
        ConsentRequest.public_id.label("request"),
        Consent.valid_from,
        Consent.valid_until,
        Consent.given_at,
        Consent.revoked_at,
        state_now.label("state"),
    )
    .join(Giver, Giver.id == Consent.giver_id)
    .join(Grantee, Grantee.id == Consent.grantee_id)
    .outerjoin(Site, Site.id == Consent.site_id)
    .outerjoin(ConsentRequest, ConsentRequest.id == Consent.request_id)
)
OF_SIDE: Mapping[Side, InstrumentedAttribute[uuid.UUID]] = {
    Side.GIVEN: Consent.giver_id,
    Side.RECEIVED: Consent.grantee_id,
}
OTHER_SIDE = {Side.GIVEN: Grantee.public_id, Side.RECEIVED: Giver.public_id}

REQUESTS: Select[*tuple[Any, ...]] = (
    select(
        ConsentRequest.id,
        ConsentRequest.public_id,
        ConsentRequest.asker_id,
        Asker.public_id.label("asker"),
        Asker.name.label("asker_name"),
        ConsentRequest.supplier_id,
        Supplier.public_id.label("supplier"),
        Supplier.name.label("supplier_name"),
        ConsentRequest.site,
        ConsentRequest.subject,
        ConsentRequest.asked_at,
        ConsentRequest.reply,
        ConsentRequest.replied_at,
    )
    .join(Asker, Asker.id == ConsentRequest.asker_id)
    .join(Supplier, Supplier.id == ConsentRequest.supplier_id)
    .where(or_(ConsentRequest.asker_id == CALLER, ConsentRequest.supplier_id == CALLER))
)


def consent(session: Session, scope: Scope, public_id: str) -> ConsentRecord:
    """Return a consent that the caller gave or received, or raise ConsentNotFound."""
    scope.require(Permission.READ_REGISTER)
    missing = ConsentNotFound(consent=public_id)
    return EITHER_SIDE.one(session, _asked_by(scope), public_id, missing)


def consents(
    session: Session,
    scope: Scope,
    side: Side,
    *,
    rows: int,
    after: str | None = None,
    **wanted: str | None,
) -> Page[ConsentRecord]:
    """Return a page of the consents that the caller gave, or that it received.

    `wanted` filters by site and by the other organisation (public ids), subject, state.
    """
    scope.require(Permission.READ_REGISTER)
    return ONE_SIDE[side].page(
        session, _asked_by(scope), rows=rows, after=after, wanted=wanted
    )


def request(session: Session, scope: Scope, public_id: str) -> RequestRecord:
    """Return a request that the caller sent or received, or raise RequestNotFound."""
    scope.require(Permission.READ_REGISTER)
    missing = RequestNotFound(request=public_id)
    return LISTED_REQUESTS.one(session, _asked_by(scope), public_id, missing)


def requests(
    session: Session,
    scope: Scope,
    *,
    rows: int,
    after: str | None = None,
    is_open: bool | None = None,
    side: Side | None = None,
) -> Page[RequestRecord]:
    """Return a page of the requests that the caller sent or received, oldest first.

    `side` leaves those that it sent (GIVEN) or those that were sent to it (RECEIVED).
    """
    scope.require(Permission.READ_REGISTER)
    states = {None: NO_FILTERS, True: {"open": True}, False: {"answered": True}}
    sides = {None: NO_FILTERS, Side.GIVEN: {"sent": True}, Side.RECEIVED: {"got": True}}
    wanted = {**states[is_open], **sides[side]}
    return LISTED_REQUESTS.page(
        session, _asked_by(scope), rows=rows, after=after, wanted=wanted
    )


def _asked_by(scope: Scope) -> dict[str, object]:
    return {"caller_id": scope.organisation_id, "now": clock.now()}


def _consent(row: Row[*tuple[Any, ...]]) -> ConsentRecord:
    return ConsentRecord(
        id=row.id,
        public_id=row.public_id,
        giver=Party(row.giver, row.giver_name),
        grantee=Party(row.grantee, row.grantee_name),
        site_public_id=row.site,
        site_name=row.site_name,
        subject=Subject(row.subject),
        request_public_id=row.request,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        given_at=row.given_at,
        revoked_at=row.revoked_at,
        state=ConsentState(row.state),
    )


def _request(row: Row[*tuple[Any, ...]]) -> RequestRecord:
    return RequestRecord(
        id=row.id,
        public_id=row.public_id,
        asker_id=row.asker_id,
        asker=Party(row.asker, row.asker_name),
        supplier_id=row.supplier_id,
        supplier=Party(row.supplier, row.supplier_name),
        site=row.site,
        subject=Subject(row.subject),
        asked_at=row.asked_at,
        reply=None if row.reply is None else Reply(row.reply),
        replied_at=row.replied_at,
    )


EITHER_SIDE = Listing(
    CONSENTS.where(or_(Consent.giver_id == CALLER, Consent.grantee_id == CALLER)),
    Consent.id,
    Consent.public_id,
    _consent,
)
ONE_SIDE = {
    side: replace(
        EITHER_SIDE,
        statement=CONSENTS.where(OF_SIDE[side] == CALLER),
        filters=equal_to(
            site=case((IS_NAMED, Site.public_id)),
            other=OTHER_SIDE[side],
            subject=Consent.subject,
            state=state_now,
        ),
    )
    for side in Side
}
LISTED_REQUESTS = Listing(
    REQUESTS,
    ConsentRequest.id,
    ConsentRequest.public_id,
    _request,
    {
        "open": ConsentRequest.reply.is_(None),
        "answered": ConsentRequest.reply.is_not(None),
        "sent": ConsentRequest.asker_id == CALLER,
        "got": ConsentRequest.supplier_id == CALLER,
    },
)
