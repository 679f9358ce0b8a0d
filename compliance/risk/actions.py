"""What is done with assessments of risk: kept, told where they changed, passed upwards.

A change of level, of the word for how sure it is, or of the reasons and gaps is a row of
the history and an entry of the trail; a change of level is told to whoever follows the
site, and has the mills assessed again that it delivers to.
"""

import json
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Row, Table, bindparam, delete, insert, or_, select, text, update
from sqlalchemy.orm import Session

from compliance import clock, site_marks, trail
from compliance.alerts.actions import raise_alert
from compliance.alerts.changes import Change
from compliance.alerts.events import AlertEvent
from compliance.database import has_walls, one_of
from compliance.identifiers import SiteId, new_id
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.registry.models import Site
from compliance.registry.models.consents import Subject
from compliance.risk.codes import RiskLevel
from compliance.risk.document import codes_in, document_of, told
from compliance.risk.formula import Assessment
from compliance.risk.models import SiteRisk, SiteRiskChange
from compliance.risk.supplying import takers_of
from compliance.site_marks import SiteRiskDue
from rules import Severity

RISKS = cast(Table, SiteRisk.__table__)
ADD = insert(RISKS)
ADD_CHANGE = insert(cast(Table, SiteRiskChange.__table__))
CHANGE = (
    update(RISKS)
    .where(RISKS.c.site_id == bindparam("of_site"))
    .values(
        {
            column.name: bindparam(f"new_{column.name}", type_=column.type)
            for column in RISKS.columns
            if column.name not in {"site_id", "owner_id"}
        }
    )
)
KNOWN = select(
    SiteRisk.site_id, SiteRisk.level, SiteRisk.confidence_word, SiteRisk.document
).where(SiteRisk.owner_id == bindparam("owner_id"), one_of(SiteRisk.site_id, "sites"))
MARKS = (
    select(SiteRiskDue.id, SiteRiskDue.site_id, Site.kept_id)
    .join(Site, Site.id == SiteRiskDue.site_id)
    .where(SiteRiskDue.owner_id == bindparam("owner_id"))
    .order_by(SiteRiskDue.id)
    .limit(bindparam("rows"))
)
MERGED = (
    select(SiteRisk.site_id)
    .join(Site, Site.id == SiteRisk.site_id)
    .where(
        SiteRisk.owner_id == bindparam("owner_id"),
        Site.kept_id != Site.id,
        one_of(SiteRisk.site_id, "sites"),
    )
)
# Never assessed, or not today: age and season change what is known while nobody acts.
STALE = (
    select(Site.id)
    .outerjoin(SiteRisk, SiteRisk.site_id == Site.id)
    .where(
        Site.owner_id == bindparam("owner_id"),
        Site.kept_id == Site.id,
        or_(SiteRisk.assessed_at.is_(None), SiteRisk.assessed_at < bindparam("since")),
    )
    .order_by(Site.id)
    .limit(bindparam("rows"))
)
ONE_AT_A_TIME = text(
    "SELECT pg_try_advisory_xact_lock(7235916, hashtext(:organisation))"
)


@dataclass(frozen=True)
class Marks:
    """Marks that were seen, and which sites they are of: records that are kept."""

    ids: tuple[uuid.UUID, ...]
    sites: frozenset[uuid.UUID]
    merged: frozenset[uuid.UUID]


@dataclass(frozen=True)
class Assessed:
    """An assessment and the site it is of."""

    site_id: SiteId
    public_id: str
    assessment: Assessment


def is_alone(session: Session, scope: Scope) -> bool:
    """Let one worker at a time assess an organisation's sites until its transaction ends.

    Two that look at a site one after the other could keep what they saw the other way
    round, and an old all clear would stand. On SQLite one writes at a time anyway.
    """
    if not has_walls(session):
        return True
    values = {"organisation": str(scope.organisation_id)}
    return bool(session.execute(ONE_AT_A_TIME, values).scalar_one())


def marks(session: Session, scope: Scope, rows: int) -> Marks:
    """Return the oldest marks of the organisation's sites, so many at the most."""
    values = {"owner_id": scope.organisation_id, "rows": rows}
    found = session.execute(MARKS, values).all()
    return Marks(
        ids=tuple(row.id for row in found),
        sites=frozenset(row.kept_id for row in found),
        merged=frozenset(row.site_id for row in found if row.site_id != row.kept_id),
    )


def take_away(session: Session, seen: Marks) -> None:
    """Take away the marks that were seen; one that came since stays."""
    if seen.ids:
        session.execute(delete(SiteRiskDue).where(SiteRiskDue.id.in_(seen.ids)))


def stale_sites(
    session: Session, scope: Scope, since: datetime, rows: int
) -> tuple[uuid.UUID, ...]:
    """Return sites whose risk is older than an instant, or was never assessed."""
    values = {
        "owner_id": scope.organisation_id,
        "since": since,
        "rows": rows,
    }
    return tuple(session.scalars(STALE, values))


def store_assessment(
    session: Session,
    scope: Scope,
    *,
    site_id: SiteId,
    public_id: str,
    assessment: Assessment,
) -> bool:
    """Keep one assessment; tell whether it is another than the one before."""
    return bool(
        store_assessments(session, scope, [Assessed(site_id, public_id, assessment)])
    )


def store_assessments(
    session: Session,
    scope: Scope,
    assessed: Sequence[Assessed],
    *,
    merged: Collection[uuid.UUID] = (),
) -> int:
    """Keep the assessments of some sites; return how many are another than before.

    `merged` are records that lead to another one: they have no risk of their own.
    """
    scope.require(Permission.CHANGE_REGISTER)
    now, owner_id = clock.now(), scope.organisation_id
    _forget(session, scope, merged)
    values = {"owner_id": owner_id, "sites": sorted(one.site_id for one in assessed)}
    known = {row.site_id: row for row in session.execute(KNOWN, values)}
    rows = {one.site_id: _row(one, now) for one in assessed}
    new = [row for site_id, row in rows.items() if site_id not in known]
    if new:
        session.execute(ADD, [{**row, "owner_id": owner_id} for row in new])
    if old := [row for site_id, row in rows.items() if site_id in known]:
        session.execute(CHANGE, [_as_change(row) for row in old])
    changed = [one for one in assessed if _is_other(one, known.get(one.site_id))]
    if changed:
        session.execute(
            ADD_CHANGE,
            [
                {**_history(rows[one.site_id]), "id": new_id(), "owner_id": owner_id}
                for one in changed
            ],
        )
    for one in changed:
        _tell(session, scope, one, known.get(one.site_id))
    _pass_on(session, scope, changed, known)
    return len(changed)


def _forget(session: Session, scope: Scope, merged: Collection[uuid.UUID]) -> None:
    if not merged:
        return
    values = {"owner_id": scope.organisation_id, "sites": sorted(merged)}
    for site_id in session.scalars(MERGED, values).all():
        session.execute(delete(SiteRisk).where(SiteRisk.site_id == site_id))


def _row(one: Assessed, now: datetime) -> dict[str, Any]:
    assessment = one.assessment
    scores = {code.value: part.score for code, part in assessment.parts.items()}
    counts = assessment.open_by_severity
    return {
        "site_id": one.site_id,
        "level": assessment.level,
        "score": assessment.score,
        "confidence": assessment.confidence,
        "confidence_word": assessment.confidence_word,
        **scores,
        **{f"open_{severity.value}": counts[severity] for severity in Severity},
        "last_visit_on": assessment.last_visit_on,
        "document": document_of(assessment),
        "assessed_at": now,
    }


def _as_change(row: Mapping[str, Any]) -> dict[str, Any]:
    values = {f"new_{name}": value for name, value in row.items() if name != "site_id"}
    return {**values, "of_site": row["site_id"]}


def _history(row: Mapping[str, Any]) -> dict[str, Any]:
    kept = ("site_id", "level", "score", "confidence", "confidence_word", "document")
    return {**{name: row[name] for name in kept}, "changed_at": row["assessed_at"]}


def _is_other(one: Assessed, before: Row[*tuple[Any, ...]] | None) -> bool:
    """Tell whether level, word, reasons or gaps are others; numbers alone are not."""
    if before is None:
        return True
    now = one.assessment
    if (now.level, now.confidence_word) != (before.level, before.confidence_word):
        return True
    return codes_in(told(now)) != codes_in(json.loads(before.document))


def _tell(
    session: Session, scope: Scope, one: Assessed, before: Row[*tuple[Any, ...]] | None
) -> None:
    now = one.assessment
    level_before = _level_before(before)
    trail.record(
        session,
        organisation_id=scope.organisation_id,
        actor=scope.actor,
        action="risk.changed",
        subject_id=one.public_id,
        level=now.level,
        level_before=None if before is None else level_before,
        score=now.score,
        confidence=now.confidence_word,
        decided_by=now.decided_by.code,
    )
    if level_before == now.level:
        return
    raise_alert(
        session,
        owner_id=scope.organisation_id,
        event=AlertEvent.RISK_CHANGED,
        subject=one.public_id,
        site_id=one.site_id,
        followers=Subject.RISK,
        change=Change(before=level_before.value, after=now.level.value),
    )


def _pass_on(
    session: Session,
    scope: Scope,
    changed: Sequence[Assessed],
    known: Mapping[uuid.UUID, Row[*tuple[Any, ...]]],
) -> None:
    """Mark the mills that a site of another level delivers to."""
    moved = [
        one.site_id
        for one in changed
        if _level_before(known.get(one.site_id)) != one.assessment.level
    ]
    if moved:
        takers = takers_of(session, scope, moved)
        site_marks.mark(session, scope.organisation_id, *takers)


def _level_before(before: Row[*tuple[Any, ...]] | None) -> RiskLevel:
    """Return the level before; who was never assessed counted as unknown already."""
    return RiskLevel.UNKNOWN if before is None else RiskLevel(before.level)
