"""What can be read of policies: the entry that holds for somebody on a day, and all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Generic

from sqlalchemy import Row, bindparam, select
from sqlalchemy.orm import Session

from compliance.database import Page, on_behalf_of
from compliance.identifiers import OrganisationId
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.listings import Listing
from compliance.policies.dated import Decided, Policy
from compliance.policies.models import PolicyEntry, Programme
from compliance.problems import Kind, Problem
from compliance.texts import N_


class ProgrammeNotFound(Problem):
    kind = Kind.NOT_FOUND
    title = N_("No such programme")
    detail = N_(
        "Your organisation has no programme {programme}. GET /v1/programmes lists "
        "those it has."
    )


class ProgrammeUnknown(Problem):
    kind = Kind.INVALID
    title = N_("There is no such programme to go by")
    detail = N_(
        "'programme' is {programme}, which your organisation has not named. "
        "GET /v1/programmes lists those it has; leave it out to go by the "
        "organisation's own policies."
    )


class Whose(StrEnum):
    """Whose decision an entry is."""

    PRODUCT = "product"
    ORGANISATION = "organisation"
    PROGRAMME = "programme"


@dataclass(frozen=True)
class ProgrammeRecord:
    id: Any
    public_id: str
    name: str
    named_by: str
    named_at: datetime


@dataclass(frozen=True)
class Holding(Generic[Decided]):
    """An entry and whose decision it is; the product's own has no id, actor or time."""

    entry: Decided
    whose: Whose
    public_id: str | None = None
    programme: str | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None


PROGRAMMES = select(
    Programme.id,
    Programme.public_id,
    Programme.name,
    Programme.named_by,
    Programme.named_at,
).where(Programme.owner_id == bindparam("owner_id"))
PROGRAMME_NAMED = PROGRAMMES.where(Programme.public_id == bindparam("public_id"))
# The later decision stands after the one it replaces.
DECIDED = (
    select(
        PolicyEntry.public_id,
        Programme.public_id.label("programme"),
        PolicyEntry.document,
        PolicyEntry.decided_by,
        PolicyEntry.decided_at,
    )
    .outerjoin(Programme, Programme.id == PolicyEntry.programme_id)
    .where(
        PolicyEntry.owner_id == bindparam("owner_id"),
        PolicyEntry.policy == bindparam("policy"),
    )
    .order_by(PolicyEntry.valid_from, PolicyEntry.decided_at, PolicyEntry.id)
)


def in_force(
    session: Session,
    scope: Scope,
    policy: Policy[Decided],
    day: date,
    *,
    programme: str | None = None,
    owner_id: OrganisationId | None = None,
) -> Decided:
    """Return what an organisation goes by on `day`, under a programme or not.

    The programme's entry comes first, then the organisation's, then what ships; a day
    before the first entry of either takes the next. One that is laxer than what ships
    that day, where the policy has a bound, does not hold. `owner_id` is whose policy is
    asked for, the caller's own unless said. Every caller may know by what is decided.
    Raise ProgrammeUnknown for a programme that the organisation has not named.
    """
    return holding(
        session, scope, policy, day, programme=programme, owner_id=owner_id
    ).entry


def in_force_of(
    session: Session, owner_id: OrganisationId, policy: Policy[Decided], day: date
) -> Decided:
    """Return what an organisation goes by, for work that the product does of itself."""
    with on_behalf_of(session, owner_id):
        decided = _decided(session, owner_id, policy)
    return held(policy, decided, day).entry


def holding(
    session: Session,
    scope: Scope,
    policy: Policy[Decided],
    day: date,
    *,
    programme: str | None = None,
    owner_id: OrganisationId | None = None,
) -> Holding[Decided]:
    """Return what `in_force` does, and whose decision it is."""
    owner = owner_id or scope.organisation_id
    with on_behalf_of(session, owner):
        if programme is not None:
            _programme_key(session, owner, programme)
        decided = _decided(session, owner, policy)
    return held(policy, decided, day, programme)


def held(
    policy: Policy[Decided],
    decided: Sequence[Holding[Decided]],
    day: date,
    programme: str | None = None,
) -> Holding[Decided]:
    """Return what holds of what was decided, the oldest first, and of what ships."""
    shipped = policy.on(day)
    for whose in (programme, None) if programme else (None,):
        own = [
            one
            for one in decided
            if one.programme == whose and one.entry.valid_from <= day
        ]
        if own and not own[-1].entry.breaches(shipped):
            return own[-1]
    return Holding(shipped, Whose.PRODUCT)


def entries(
    session: Session, scope: Scope, policy: Policy[Decided]
) -> tuple[Holding[Decided], ...]:
    """Return what the caller's organisation decided on a policy, the oldest day first."""
    scope.require(Permission.READ_REGISTER)
    return _decided(session, scope.organisation_id, policy)


def programmes(
    session: Session, scope: Scope, *, rows: int, after: str | None = None
) -> Page[ProgrammeRecord]:
    """Return a page of the organisation's programmes in the order of their naming."""
    scope.require(Permission.READ_REGISTER)
    return LISTED.page(
        session, {"owner_id": scope.organisation_id}, rows=rows, after=after
    )


def programme(session: Session, scope: Scope, public_id: str) -> ProgrammeRecord:
    """Return one programme of the organisation, or raise ProgrammeNotFound."""
    scope.require(Permission.READ_REGISTER)
    missing = ProgrammeNotFound(programme=public_id)
    return LISTED.one(session, {"owner_id": scope.organisation_id}, public_id, missing)


def programme_named(
    session: Session, owner_id: OrganisationId, public_id: str
) -> ProgrammeRecord:
    """Return the programme that a request names, or raise ProgrammeUnknown."""
    return _record(_programme_key(session, owner_id, public_id))


def _programme_key(
    session: Session, owner_id: OrganisationId, public_id: str
) -> Row[*tuple[Any, ...]]:
    row = session.execute(
        PROGRAMME_NAMED, {"owner_id": owner_id, "public_id": public_id}
    ).one_or_none()
    if row is None:
        raise ProgrammeUnknown(programme=public_id)
    return row


def _decided(
    session: Session, owner_id: OrganisationId, policy: Policy[Decided]
) -> tuple[Holding[Decided], ...]:
    rows = session.execute(DECIDED, {"owner_id": owner_id, "policy": policy.name})
    return tuple(
        Holding(
            entry=policy.model.model_validate_json(row.document),
            whose=Whose.ORGANISATION if row.programme is None else Whose.PROGRAMME,
            public_id=row.public_id,
            programme=row.programme,
            decided_by=row.decided_by,
            decided_at=row.decided_at,
        )
        for row in rows
    )


def _record(row: Row[*tuple[Any, ...]]) -> ProgrammeRecord:
    return ProgrammeRecord(**row._asdict())


LISTED = Listing(PROGRAMMES, Programme.id, Programme.public_id, _record)
