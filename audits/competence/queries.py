"""What can be read of qualifications: a page of them, and who is qualified on a day."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, bindparam, select
from sqlalchemy.orm import Session

from audits.competence.models import Qualification, QualificationKind
from compliance import clock
from compliance.database import Page
from compliance.identifiers import PersonId
from compliance.identity.models import Person
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.listings import Listing, equal_to, gathered
from compliance.problems import Kind, Problem
from compliance.texts import N_


class QualificationNotFound(Problem):
    kind = Kind.NOT_FOUND
    title = N_("No such qualification")
    detail = N_(
        "Your organisation has recorded no qualification {qualification}. "
        "GET /v1/qualifications lists those it has."
    )


@dataclass(frozen=True)
class QualificationRecord:
    """What somebody is qualified for, until the day before `expires_on`."""

    id: uuid.UUID
    public_id: str
    person: str
    person_name: str
    kind: QualificationKind
    issuer: str
    reference: str | None
    issued_on: date
    expires_on: date
    recorded_by: str
    recorded_at: datetime
    revoked_at: datetime | None

    def holds_on(self, day: date) -> bool:
        """Tell whether it holds on a day; one that was revoked never did."""
        return self.revoked_at is None and self.issued_on <= day < self.expires_on


QUALIFICATIONS = (
    select(
        Qualification.id,
        Qualification.public_id,
        Qualification.person_id,
        Person.public_id.label("person"),
        Person.name.label("person_name"),
        Qualification.kind,
        Qualification.issuer,
        Qualification.reference,
        Qualification.issued_on,
        Qualification.expires_on,
        Qualification.recorded_by,
        Qualification.recorded_at,
        Qualification.revoked_at,
    )
    .join(Person, Person.id == Qualification.person_id)
    .where(Qualification.owner_id == bindparam("owner_id"))
)
OF_PEOPLE = QUALIFICATIONS.where(
    Qualification.person_id.in_(bindparam("keys", expanding=True)),
    Qualification.revoked_at.is_(None),
).order_by(Qualification.id)


def qualifications(
    session: Session,
    scope: Scope,
    *,
    rows: int,
    after: str | None = None,
    person: str | None = None,
    kind: QualificationKind | None = None,
    expiring_within_days: int | None = None,
) -> Page[QualificationRecord]:
    """Return a page of qualifications in the order in which they were recorded.

    `expiring_within_days` leaves those that hold today and will not for much longer.
    """
    scope.require(Permission.MANAGE_FIELDWORK)
    wanted: dict[str, object] = {"person": person, "kind": kind}
    bound: dict[str, object] = {"owner_id": scope.organisation_id}
    if expiring_within_days is not None:
        today = clock.today()
        wanted["soon"] = today + timedelta(days=expiring_within_days)
        bound["today"] = today
    return LISTED.page(session, bound, rows=rows, after=after, wanted=wanted)


def qualification(
    session: Session, scope: Scope, public_id: str
) -> QualificationRecord:
    """Return one qualification, or raise QualificationNotFound."""
    scope.require(Permission.MANAGE_FIELDWORK)
    missing = QualificationNotFound(qualification=public_id)
    return LISTED.one(session, {"owner_id": scope.organisation_id}, public_id, missing)


def held_on(
    session: Session, scope: Scope, people: Collection[PersonId], day: date
) -> dict[PersonId, frozenset[QualificationKind]]:
    """Return what each of some people is qualified for on a day."""
    found = gathered(
        session,
        OF_PEOPLE,
        {"owner_id": scope.organisation_id},
        people,
        "person_id",
        _record,
    )
    return {
        person: frozenset(one.kind for one in records if one.holds_on(day))
        for person, records in found.items()
    }


def _record(row: Row[*tuple[Any, ...]]) -> QualificationRecord:
    return QualificationRecord(
        id=row.id,
        public_id=row.public_id,
        person=row.person,
        person_name=row.person_name,
        kind=QualificationKind(row.kind),
        issuer=row.issuer,
        reference=row.reference,
        issued_on=row.issued_on,
        expires_on=row.expires_on,
        recorded_by=row.recorded_by,
        recorded_at=row.recorded_at,
        revoked_at=row.revoked_at,
    )


LISTED = Listing(
    QUALIFICATIONS,
    Qualification.id,
    Qualification.public_id,
    _record,
    {
        **equal_to(person=Person.public_id, kind=Qualification.kind),
        "soon": (Qualification.expires_on <= bindparam("soon"))
        & (Qualification.expires_on > bindparam("today"))
        & Qualification.revoked_at.is_(None),
    },
)
