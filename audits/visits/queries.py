"""What can be read of audits: a page of them, one, and who goes along."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, bindparam, func, or_, select
from sqlalchemy.orm import Session, aliased

from audits.visits.lifecycle import State
from audits.visits.models import (
    Audit,
    AuditKind,
    Notice,
    Purpose,
    TeamMember,
    TeamRole,
    VoidReason,
)
from compliance.database import Page, one_of
from compliance.identifiers import PersonId, SiteId
from compliance.identity.models import Device, Person
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.listings import Listing, equal_to, gathered
from compliance.problems import Kind, Problem
from compliance.registry.models import Site
from compliance.texts import N_


class AuditNotFound(Problem):
    kind = Kind.NOT_FOUND
    title = N_("No such audit")
    detail = N_("Your organisation has no audit with the id {audit}.")


@dataclass(frozen=True)
class AuditRecord:
    """A visit as it is known now."""

    id: uuid.UUID
    public_id: str
    site_id: SiteId
    site_public_id: str
    kind: AuditKind
    notice: Notice
    payer: str | None
    season: str | None
    fieldwork_from: date
    fieldwork_to: date
    planned_minutes: int | None
    spent_minutes: int | None
    status: State
    observed_at: datetime | None
    purpose: Purpose = Purpose.UNSTATED
    programme: str | None = None
    women: int | None = None
    men: int | None = None
    reviewer: str | None = None
    review_began_at: datetime | None = None
    finalised_at: datetime | None = None
    void_reason: VoidReason | None = None


@dataclass(frozen=True)
class MemberRecord:
    """Somebody who goes along, or a device that does; and the person behind it."""

    person: str | None
    device: str | None
    role: TeamRole
    languages: tuple[str, ...]
    attended: bool | None
    person_id: PersonId | None

    @property
    def named(self) -> str:
        return self.person or self.device or ""


Visited = aliased(Site)
AUDITS = (
    select(
        Audit.id,
        Audit.public_id,
        Audit.site_id,
        Site.public_id.label("site_public_id"),
        Audit.kind,
        Audit.notice,
        Audit.payer,
        Audit.season,
        Audit.fieldwork_from,
        Audit.fieldwork_to,
        Audit.planned_minutes,
        Audit.spent_minutes,
        Audit.status,
        Audit.observed_at,
        Audit.purpose,
        Audit.programme,
        Audit.women,
        Audit.men,
        Audit.reviewer,
        Audit.review_began_at,
        Audit.finalised_at,
        Audit.void_reason,
    )
    .join(Site, Site.id == Audit.site_id)
    .where(Audit.owner_id == bindparam("owner_id"))
)
# The audit whose fieldwork covers a day; of several, the one that began last.
ON_A_DAY = (
    AUDITS.where(
        Audit.site_id == bindparam("site_id"),
        Audit.kind == bindparam("kind"),
        Audit.fieldwork_from <= bindparam("day"),
        Audit.fieldwork_to >= bindparam("day"),
        Audit.status != State.VOIDED,
    )
    .order_by(Audit.fieldwork_from.desc())
    .limit(1)
)
# Whichever record of a site it was planned for, it is the kept one that is visited.
PLANNED_NEXT = (
    select(Visited.kept_id, func.min(Audit.fieldwork_from))
    .select_from(Audit)
    .join(Visited, Visited.id == Audit.site_id)
    .where(
        Audit.owner_id == bindparam("owner_id"),
        Audit.status == State.PLANNED,
        Audit.fieldwork_to >= bindparam("day"),
        one_of(Visited.kept_id, "sites"),
    )
    .group_by(Visited.kept_id)
)
LOCK = (
    select(Audit.id)
    .where(
        Audit.owner_id == bindparam("owner_id"),
        Audit.public_id == bindparam("public_id"),
    )
    .with_for_update()
)
Carrier = aliased(Person)
TEAM = (
    select(
        TeamMember.audit_id,
        Person.public_id.label("person"),
        Device.public_id.label("device"),
        TeamMember.role,
        TeamMember.languages,
        TeamMember.attended,
        TeamMember.person_id,
        Device.person_id.label("carrier_id"),
        Carrier.public_id.label("carrier"),
    )
    .outerjoin(Person, Person.id == TeamMember.person_id)
    .outerjoin(Device, Device.id == TeamMember.device_id)
    .outerjoin(Carrier, Carrier.id == Device.person_id)
    .where(TeamMember.audit_id.in_(bindparam("keys", expanding=True)))
    .order_by(TeamMember.id)
)
GOES_ALONG = (
    select(TeamMember.id)
    .outerjoin(Person, Person.id == TeamMember.person_id)
    .outerjoin(Device, Device.id == TeamMember.device_id)
    .where(
        TeamMember.audit_id == Audit.id,
        or_(
            Person.public_id == bindparam("auditor"),
            Device.public_id == bindparam("auditor"),
        ),
    )
    .correlate(Audit)
    .exists()
)


def audit(session: Session, scope: Scope, public_id: str) -> AuditRecord:
    """Return one audit, or raise AuditNotFound: another organisation's is not found."""
    scope.require(Permission.READ_VISITS)
    missing = AuditNotFound(audit=public_id)
    return LISTED.one(session, {"owner_id": scope.organisation_id}, public_id, missing)


def locked_audit(session: Session, scope: Scope, public_id: str) -> AuditRecord:
    """Return one audit that nobody else changes until this transaction ends."""
    scope.require(Permission.READ_VISITS)
    session.execute(LOCK, {"owner_id": scope.organisation_id, "public_id": public_id})
    return audit(session, scope, public_id)


def audits(
    session: Session,
    scope: Scope,
    *,
    rows: int,
    after: str | None = None,
    **wanted: object,
) -> Page[AuditRecord]:
    """Return a page of audits in the order in which they were planned or opened.

    `wanted` filters by site, status, season, kind, purpose, programme, notice, reviewer,
    auditor (public id of a person or device of the team), and by fieldwork that reaches
    into the days from `from_day` to `to_day`.
    """
    scope.require(Permission.READ_VISITS)
    bound = {"owner_id": scope.organisation_id}
    return LISTED.page(session, bound, rows=rows, after=after, wanted=wanted)


def planned_next(
    session: Session, scope: Scope, site_ids: Collection[SiteId], day: date
) -> dict[SiteId, date]:
    """Return when each of some sites is visited next, as it is planned on a day.

    A visit that has begun counts from its first day; a site without one is left out.
    """
    scope.require(Permission.READ_VISITS)
    found = session.execute(
        PLANNED_NEXT,
        {"owner_id": scope.organisation_id, "sites": list(site_ids), "day": day},
    )
    return {SiteId(site_id): first for site_id, first in found}


def audit_on(
    session: Session, scope: Scope, *, site_id: SiteId, kind: AuditKind, day: date
) -> AuditRecord | None:
    """Return the audit of a site whose fieldwork covers `day`."""
    row = session.execute(
        ON_A_DAY,
        {
            "owner_id": scope.organisation_id,
            "site_id": site_id,
            "kind": kind,
            "day": day,
        },
    ).one_or_none()
    return None if row is None else _record(row)


def teams(
    session: Session, scope: Scope, audit_ids: Collection[uuid.UUID]
) -> dict[uuid.UUID, tuple[MemberRecord, ...]]:
    """Return who goes along on each of some audits of the caller's organisation."""
    scope.require(Permission.READ_VISITS)
    return gathered(session, TEAM, {}, audit_ids, "audit_id", _member)


def team_of(
    session: Session, scope: Scope, found: AuditRecord
) -> tuple[MemberRecord, ...]:
    """Return who goes along, in the order in which they were named."""
    return teams(session, scope, [found.id]).get(found.id, ())


def names_on(team: Collection[MemberRecord]) -> frozenset[str]:
    """Return the public ids of the people and devices of a team."""
    named = {name for one in team for name in (one.person, one.device)}
    return frozenset(name for name in named if name is not None)


def _member(row: Row[*tuple[Any, ...]]) -> MemberRecord:
    person_id = row.person_id or row.carrier_id
    return MemberRecord(
        person=row.person or row.carrier,
        device=row.device,
        role=TeamRole(row.role),
        languages=tuple(row.languages.split()),
        attended=row.attended,
        person_id=None if person_id is None else PersonId(person_id),
    )


def _record(row: Row[*tuple[Any, ...]]) -> AuditRecord:
    return AuditRecord(
        id=row.id,
        public_id=row.public_id,
        site_id=row.site_id,
        site_public_id=row.site_public_id,
        kind=AuditKind(row.kind),
        notice=Notice(row.notice),
        payer=row.payer,
        season=row.season,
        fieldwork_from=row.fieldwork_from,
        fieldwork_to=row.fieldwork_to,
        planned_minutes=row.planned_minutes,
        spent_minutes=row.spent_minutes,
        status=State(row.status),
        observed_at=row.observed_at,
        purpose=Purpose(row.purpose),
        programme=row.programme,
        women=row.women,
        men=row.men,
        reviewer=row.reviewer,
        review_began_at=row.review_began_at,
        finalised_at=row.finalised_at,
        void_reason=None if row.void_reason is None else VoidReason(row.void_reason),
    )


LISTED = Listing(
    AUDITS,
    Audit.id,
    Audit.public_id,
    _record,
    {
        **equal_to(
            site=Site.public_id,
            status=Audit.status,
            season=Audit.season,
            kind=Audit.kind,
            purpose=Audit.purpose,
            programme=Audit.programme,
            notice=Audit.notice,
            reviewer=Audit.reviewer,
        ),
        "auditor": GOES_ALONG,
        "from_day": Audit.fieldwork_to >= bindparam("from_day"),
        "to_day": Audit.fieldwork_from <= bindparam("to_day"),
    },
)
