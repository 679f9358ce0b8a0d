"""What the database holds after the loading, counted there and nowhere else."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from audits.submissions.models import FactSet
from audits.visits.lifecycle import State
from audits.visits.models import Audit
from compliance.findings.lifecycle import OPEN
from compliance.findings.models import Finding
from compliance.identifiers import OrganisationId
from compliance.registry.models import Site, SupplyLink
from compliance.scorecards.models import Scorecard, ScorecardInForce
from compliance.verdicts.models import Assessment, Verdict
from rules.vocabulary import Roster, SiteKind

MEMBER_KEY = "key"


@dataclass(frozen=True)
class Tally:
    """How much of everything there is; of scorecards, all and those in force."""

    producers: int
    mills: int
    visited: int
    links: int
    visits: int
    answered: int
    unanswered: int
    verdicts: Mapping[str, int]
    findings: Mapping[str, int]
    open_findings: Mapping[str, int]
    scorecards: Mapping[str | None, int]
    in_force: Mapping[str | None, int]


def tally(session: Session, organisation_id: OrganisationId) -> Tally:
    """Count what an organisation has."""
    mine = Site.owner_id == organisation_id
    kinds = _counts(session, select(Site.kind, func.count()).where(mine), Site.kind)
    answered, unanswered = _facts(session, organisation_id)
    found = select(Finding.severity, func.count()).where(
        Finding.owner_id == organisation_id
    )
    cards = select(Scorecard.letter, func.count()).where(
        Scorecard.owner_id == organisation_id
    )
    in_force = cards.join(
        ScorecardInForce, ScorecardInForce.scorecard_id == Scorecard.id
    )
    return Tally(
        producers=kinds.get(SiteKind.PRODUCER, 0),
        mills=kinds.get(SiteKind.MILL, 0),
        visited=_one(
            session,
            select(func.count(Assessment.site_id.distinct())).where(
                Assessment.owner_id == organisation_id
            ),
        ),
        links=_one(
            session,
            select(func.count()).where(SupplyLink.owner_id == organisation_id),
        ),
        visits=_one(
            session,
            select(func.count()).where(
                Audit.owner_id == organisation_id, Audit.status != State.PLANNED
            ),
        ),
        answered=answered,
        unanswered=unanswered,
        verdicts=_counts(
            session,
            select(Verdict.outcome, func.count())
            .join(Assessment, Assessment.id == Verdict.assessment_id)
            .where(Assessment.owner_id == organisation_id),
            Verdict.outcome,
        ),
        findings=_counts(session, found, Finding.severity),
        open_findings=_counts(
            session, found.where(Finding.state.in_(OPEN)), Finding.severity
        ),
        scorecards=_counts(session, cards, Scorecard.letter),
        in_force=_counts(session, in_force, Scorecard.letter),
    )


def _one(session: Session, statement: Any) -> int:
    return int(session.execute(statement).scalar_one())


def _counts(session: Session, statement: Any, column: Any) -> dict[Any, int]:
    rows = session.execute(statement.group_by(column))
    return {name: int(count) for name, count in rows}


def _facts(session: Session, organisation_id: OrganisationId) -> tuple[int, int]:
    documents = session.scalars(
        select(FactSet.document).where(FactSet.owner_id == organisation_id)
    )
    counted: Counter[bool] = Counter()
    for document in documents:
        counted.update(answers_given(json.loads(document)))
    return counted[True], counted[False]


def answers_given(document: Mapping[str, Any]) -> list[bool]:
    """Tell of every fact that was asked whether it was answered."""
    asked = list(document.get("facts", {}).values())
    for roster in Roster:
        if roster in document and document[roster] is None:
            asked.append(None)
        for member in document.get(roster) or ():
            asked += [fact for name, fact in member.items() if name != MEMBER_KEY]
    return [fact is not None and not isinstance(fact, dict) for fact in asked]
