"""What an organisation has at a glance: sites, visits, open findings, cards in force."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, bindparam, case, func, select
from sqlalchemy.orm import Session, aliased

from audits.submissions.models import Placement, Submission, Withdrawal
from audits.visits.lifecycle import State as VisitState
from audits.visits.models import Audit
from compliance import clock
from compliance.findings.lifecycle import OPEN, State
from compliance.findings.models import Finding
from compliance.identifiers import SiteId
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.registry.models import Site
from compliance.scorecards.codes import Letter, Status
from compliance.scorecards.lifecycle import status_on
from compliance.scorecards.models import Scorecard, ScorecardInForce, ScorecardStatus
from compliance.scorecards.queries import LAST_ORDINAL
from rules import Severity, SiteKind

Successor, Visited, Own = aliased(Submission), aliased(Site), aliased(Site)


@dataclass(frozen=True)
class Figures:
    """An organisation's supply base at a glance."""

    sites: Mapping[SiteKind, int]
    visited: int
    year: int
    visited_this_year: int
    open_findings: Mapping[Severity, int]
    letters: Mapping[Letter, int]
    without_letter: int
    sites_without_card: int

    @property
    def all_sites(self) -> int:
        return sum(self.sites.values())

    @property
    def never_visited(self) -> int:
        return self.all_sites - self.visited


@dataclass(frozen=True)
class Glance:
    """The few of the figures that a first page shows."""

    sites: int
    open_findings: Mapping[Severity, int]


@dataclass(frozen=True)
class DueFinding:
    """An open finding with the day that counts."""

    site_public_id: str
    site_name: str
    site_country: str
    rule: str
    severity: Severity
    state: State
    observed_on: date
    due_on: date


@dataclass(frozen=True)
class Grade:
    """What the card in force of a site says today."""

    letter: Letter | None
    status: Status
    valid_until: date

    @property
    def shown_letter(self) -> Letter | None:
        """The letter, unless the card is suspended or has expired."""
        return self.letter if self.status is Status.ISSUED else None


# Visits whose answers stand: neither corrected nor taken out, the audit not voided.
VISITS: Select[*tuple[Any, ...]] = (
    select(
        Visited.kept_id.label("site_id"),
        func.max(Submission.observed_on).label("last_on"),
    )
    .select_from(Audit)
    .join(Visited, Visited.id == Audit.site_id)
    .join(Placement, Placement.audit_id == Audit.id)
    .join(Submission, Submission.id == Placement.submission_id)
    .outerjoin(Successor, Successor.supersedes_id == Submission.id)
    .outerjoin(Withdrawal, Withdrawal.submission_id == Submission.id)
    .where(
        Audit.owner_id == bindparam("owner_id"),
        Audit.status != VisitState.VOIDED,
        Successor.id.is_(None),
        Withdrawal.submission_id.is_(None),
    )
    .group_by(Visited.kept_id)
)
VISITS_OF = VISITS.where(Visited.kept_id.in_(bindparam("site_ids", expanding=True)))
LAST_VISITS = VISITS.subquery()
VISITED = select(
    func.count(),
    func.count(case((LAST_VISITS.c.last_on >= bindparam("since"), 1))),
).select_from(LAST_VISITS)
SITES = (
    select(Site.kind, func.count())
    .where(Site.owner_id == bindparam("owner_id"), Site.kept_id == Site.id)
    .group_by(Site.kind)
)
OPEN_BY_SEVERITY = (
    select(Finding.severity, func.count())
    .where(Finding.owner_id == bindparam("owner_id"), Finding.state.in_(OPEN))
    .group_by(Finding.severity)
)
OPEN_BY_SITE = (
    select(Own.kept_id, func.count())
    .select_from(Finding)
    .join(Own, Own.id == Finding.site_id)
    .where(
        Finding.owner_id == bindparam("owner_id"),
        Own.kept_id.in_(bindparam("site_ids", expanding=True)),
        Finding.state.in_(OPEN),
    )
    .group_by(Own.kept_id)
)
DUE = (
    select(
        Site.public_id.label("site_public_id"),
        Site.name.label("site_name"),
        Site.country,
        Finding.rule_id,
        Finding.severity,
        Finding.state,
        Finding.observed_on,
        func.coalesce(Finding.plan_due_on, Finding.due_on).label("counts_on"),
    )
    .select_from(Finding)
    .join(Own, Own.id == Finding.site_id)
    .join(Site, Site.id == Own.kept_id)
    .where(Finding.owner_id == bindparam("owner_id"), Finding.state.in_(OPEN))
    .order_by(func.coalesce(Finding.plan_due_on, Finding.due_on), Finding.id)
    .limit(bindparam("rows"))
)
CARDS = (
    select(
        ScorecardInForce.site_id,
        Scorecard.letter,
        Scorecard.valid_until,
        ScorecardStatus.status,
    )
    .select_from(ScorecardInForce)
    .join(Scorecard, Scorecard.id == ScorecardInForce.scorecard_id)
    .join(
        ScorecardStatus,
        (ScorecardStatus.scorecard_id == Scorecard.id)
        & (ScorecardStatus.ordinal == LAST_ORDINAL),
    )
    .where(Scorecard.owner_id == bindparam("owner_id"))
)
CARDS_ALIKE = CARDS.with_only_columns(
    func.count().label("number"),
    Scorecard.letter,
    Scorecard.valid_until,
    ScorecardStatus.status,
).group_by(Scorecard.letter, Scorecard.valid_until, ScorecardStatus.status)
CARDS_OF = CARDS.where(
    ScorecardInForce.site_id.in_(bindparam("site_ids", expanding=True))
)


def figures(session: Session, scope: Scope) -> Figures:
    """Count what the caller's organisation has, today."""
    _require(scope)
    mine = {"owner_id": scope.organisation_id}
    today = clock.today()
    since = today.replace(month=1, day=1)
    visited, visited_this_year = session.execute(
        VISITED, {**mine, "since": since}
    ).one()
    sites = {SiteKind(kind): count for kind, count in session.execute(SITES, mine)}
    letters: Counter[Letter | None] = Counter()
    for row in session.execute(CARDS_ALIKE, mine):
        letters[_grade(row).shown_letter] += row.number
    return Figures(
        sites=sites,
        visited=visited,
        year=today.year,
        visited_this_year=visited_this_year,
        open_findings=_open_findings(session, mine),
        letters={letter: letters[letter] for letter in Letter},
        without_letter=letters[None],
        sites_without_card=sum(sites.values()) - letters.total(),
    )


def glance(session: Session, scope: Scope) -> Glance:
    """Count the few that a first page shows, today."""
    _require(scope)
    mine = {"owner_id": scope.organisation_id}
    return Glance(
        sites=sum(count for _, count in session.execute(SITES, mine)),
        open_findings=_open_findings(session, mine),
    )


def _require(scope: Scope) -> None:
    for permission in (
        Permission.READ_REGISTER,
        Permission.READ_FINDINGS,
        Permission.READ_SCORECARDS,
    ):
        scope.require(permission)


def _open_findings(session: Session, mine: Mapping[str, Any]) -> dict[Severity, int]:
    return {
        Severity(severity): count
        for severity, count in session.execute(OPEN_BY_SEVERITY, mine)
    }


def due_findings(
    session: Session, scope: Scope, *, rows: int
) -> tuple[DueFinding, ...]:
    """Return the open findings, the one that is due first before the others."""
    scope.require(Permission.READ_FINDINGS)
    found = session.execute(DUE, {"owner_id": scope.organisation_id, "rows": rows})
    return tuple(
        DueFinding(
            site_public_id=row.site_public_id,
            site_name=row.site_name,
            site_country=row.country,
            rule=row.rule_id,
            severity=Severity(row.severity),
            state=State(row.state),
            observed_on=row.observed_on,
            due_on=row.counts_on,
        )
        for row in found
    )


def last_visits(
    session: Session, scope: Scope, site_ids: Sequence[SiteId]
) -> Mapping[SiteId, date]:
    """Return the day of the last visit of each site; one never visited is left out."""
    scope.require(Permission.READ_FINDINGS)
    found = session.execute(
        VISITS_OF, {"owner_id": scope.organisation_id, "site_ids": list(site_ids)}
    )
    return {SiteId(row.site_id): row.last_on for row in found}


def open_counts(
    session: Session, scope: Scope, site_ids: Sequence[SiteId]
) -> Mapping[SiteId, int]:
    """Return how many findings are open at each site that has any."""
    scope.require(Permission.READ_FINDINGS)
    found = session.execute(
        OPEN_BY_SITE, {"owner_id": scope.organisation_id, "site_ids": list(site_ids)}
    )
    return {SiteId(site_id): count for site_id, count in found}


def grades(
    session: Session, scope: Scope, site_ids: Sequence[SiteId]
) -> Mapping[SiteId, Grade]:
    """Return what the card in force of each site says; a site without one is left out."""
    scope.require(Permission.READ_SCORECARDS)
    found = session.execute(
        CARDS_OF, {"owner_id": scope.organisation_id, "site_ids": list(site_ids)}
    )
    return {SiteId(row.site_id): _grade(row) for row in found}


def _grade(row: Any) -> Grade:
    return Grade(
        letter=None if row.letter is None else Letter(row.letter),
        status=status_on(
            clock.today(), noted=Status(row.status), valid_until=row.valid_until
        ),
        valid_until=row.valid_until,
    )
