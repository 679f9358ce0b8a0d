"""What can be read of audits."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, bindparam, select
from sqlalchemy.orm import Session

from audits.visits.lifecycle import State
from audits.visits.models import Audit, AuditKind, Notice
from compliance.identifiers import SiteId
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
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
    )
    .join(Site, Site.id == Audit.site_id)
    .where(Audit.owner_id == bindparam("owner_id"))
)
ONE_AUDIT = AUDITS.where(Audit.public_id == bindparam("public_id"))
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


def audit(session: Session, scope: Scope, public_id: str) -> AuditRecord:
    """Return one audit, or raise AuditNotFound: another organisation's is not found."""
    scope.require(Permission.READ_VISITS)
    row = session.execute(
        ONE_AUDIT, {"owner_id": scope.organisation_id, "public_id": public_id}
    ).one_or_none()
    if row is None:
        raise AuditNotFound(audit=public_id)
    return _record(row)


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
    )
