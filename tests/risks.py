"""Risks of the tests, as the engine keeps them, and sites as they are asked for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import orjson
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from audits.risk_evidence.working import LOOK, regular_work
from compliance import clock
from compliance.database import Database
from compliance.identifiers import new_id
from compliance.jobs.models import Job, Schedule
from compliance.jobs.schedules import set_schedule
from compliance.registry.models import Site
from compliance.risk.models import SiteRisk, SiteRiskChange
from compliance.site_marks import ASSESS, REFRESH, SiteRiskDue

OPEN_MAJOR = {"code": "open_major", "params": {"points": 24, "count": 2}}
LISTED = {
    "code": "goods_child_labour",
    "params": {
        "points": 20,
        "country": "CO",
        "commodity": "coffee",
        "edition": 2024,
    },
}
NOT_THIS_HARVEST = {
    "code": "not_visited_this_harvest",
    "params": {"last_harvest_visit_on": "2025-11-03"},
}
NEVER = {"code": "never_visited", "params": {}}


@dataclass(frozen=True)
class Risk:
    """What is known of a site's risk in a test."""

    level: str = "medium"
    score: int = 44
    confidence: int = 62
    word: str = "medium"
    open_major: int = 2
    open_zero_tolerance: int = 0
    last_visit_on: date | None = date(2025, 11, 3)
    gaps: tuple[Mapping[str, Any], ...] = (NOT_THIS_HARVEST,)
    rest: Mapping[str, Any] = field(default_factory=dict)

    def document(self) -> bytes:
        return orjson.dumps(
            {
                "level": self.level,
                "decided_by": {"code": "score", "params": {}},
                "score": self.score,
                "confidence": self.confidence,
                "confidence_word": self.word,
                "parts": {
                    "inherent": {"score": 40, "reasons": [LISTED]},
                    "management": {"score": None, "reasons": []},
                    "outcome": {"score": 24, "reasons": [OPEN_MAJOR]},
                },
                "confidence_factors": [
                    {
                        "code": "notice",
                        "share": 100,
                        "weight": 2,
                        "params": {"notice": "unannounced"},
                    }
                ],
                "gaps": list(self.gaps),
                "upstream": None,
                "policy_from": "2026-01-01",
                "computed_on": "2026-11-22",
                **self.rest,
            }
        )


def note_risk(
    database: Database, risks: Mapping[str, Risk], *, is_due: bool = False
) -> None:
    """Keep the risks of sites (public ids) as the engine would, and of no other site.

    From here on nothing is assessed but what is marked anew.
    """
    with database.writing(system=True) as session:
        _stop_assessing(session)
    with database.writing(system=True) as session:
        found = session.execute(
            select(Site.id, Site.owner_id, Site.public_id).where(
                Site.public_id.in_(risks)
            )
        ).all()
        session.execute(delete(SiteRisk))
        for row in found:
            _insert(session, row, risks[row.public_id], is_due=is_due)


def _stop_assessing(session: Session) -> None:
    """Stop the clock that looks for stale risks, and forget every wish to assess.

    A job that is at work already loses its lease, and once this is committed leaves no
    trace; what it asked for in the moment of its end is found by the second look.
    """
    for regular in regular_work():
        set_schedule(session, regular)
    stopped = update(Schedule).where(Schedule.name == LOOK)
    session.execute(stopped.values(next_at=clock.now() + timedelta(days=3650)))
    for _look in range(2):
        session.execute(delete(Job).where(Job.kind.in_((LOOK, REFRESH, ASSESS))))
    session.execute(delete(SiteRiskDue))


def _insert(session: Any, row: Any, risk: Risk, *, is_due: bool) -> None:
    known = {
        "site_id": row.id,
        "owner_id": row.owner_id,
        "level": risk.level,
        "score": risk.score,
        "confidence": risk.confidence,
        "confidence_word": risk.word,
        "document": risk.document(),
    }
    session.execute(
        insert(SiteRisk).values(
            **known,
            inherent=40,
            outcome=24,
            open_zero_tolerance=risk.open_zero_tolerance,
            open_critical=0,
            open_major=risk.open_major,
            open_minor=0,
            last_visit_on=risk.last_visit_on,
            assessed_at=clock.now(),
        )
    )
    session.execute(
        insert(SiteRiskChange).values(**known, id=new_id(), changed_at=clock.now())
    )
    if is_due:
        session.execute(
            insert(SiteRiskDue).values(
                id=new_id(),
                owner_id=row.owner_id,
                site_id=row.id,
                marked_at=clock.now(),
            )
        )
