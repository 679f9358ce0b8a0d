"""What the visits to many sites tell of their risk, in a handful of statements.

A visit is an audit with answers that still stand: judged, not superseded, not withdrawn,
and the audit not voided. Nothing here is about a person: of a team it is counted who is
qualified, and of those interviewed how many there were.
"""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import orjson
from sqlalchemy import BindParameter, Row, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session, aliased

from audits.assessments.visits import PAYERS, notice_of, season_of
from audits.competence.models import Qualification, QualificationKind
from audits.integrity.models import VisitFlag
from audits.sampling.policy import INTERVIEWS, InterviewPolicy
from audits.sampling.quotas import Present, Quota, quota_for
from audits.submissions.models import (
    Attachment,
    ExpectedAttachment,
    FactSet,
    Placement,
    Submission,
    Withdrawal,
)
from audits.visits.lifecycle import State
from audits.visits.models import Audit, Notice, TeamMember, TeamRole
from compliance.database import one_of
from compliance.identity.scope import Scope
from compliance.policies.queries import in_force
from compliance.registry.harvest.calendar import Month, harvest_on
from compliance.registry.models import Site
from compliance.risk.facts import Said, Visit
from compliance.risk.gathering import Recorded
from compliance.scorecards.codes import Season
from compliance.verdicts.models import Assessment, Verdict
from rules import Grounds, Outcome

Own, Successor, Later = aliased(Site), aliased(Submission), aliased(Assessment)
OWNER: BindParameter[uuid.UUID] = bindparam("owner_id")
# Of each submission that stands the assessment that was made last.
STANDING = (
    select(
        Own.kept_id,
        Audit.id.label("audit_id"),
        Submission.id.label("submission_id"),
        Assessment.id.label("assessment_id"),
        Submission.observed_on,
        Audit.notice,
        Audit.payer,
        Audit.season,
        Audit.status,
        Audit.spent_minutes,
        Audit.planned_minutes,
    )
    .select_from(Audit)
    .join(Own, Own.id == Audit.site_id)
    .join(Placement, Placement.audit_id == Audit.id)
    .join(Submission, Submission.id == Placement.submission_id)
    .join(Assessment, Assessment.submission_id == Submission.id)
    .outerjoin(
        Later,
        and_(Later.submission_id == Assessment.submission_id, Later.id > Assessment.id),
    )
    .outerjoin(Successor, Successor.supersedes_id == Submission.id)
    .outerjoin(Withdrawal, Withdrawal.submission_id == Submission.id)
    .where(
        Audit.owner_id == OWNER,
        one_of(Own.kept_id, "sites"),
        Audit.status != State.VOIDED,
        Later.id.is_(None),
        Successor.id.is_(None),
        Withdrawal.submission_id.is_(None),
    )
)
# In no order: to have one, a database would walk through all verdicts that there are.
VERDICTS = select(
    Verdict.assessment_id, Verdict.rule_id, Verdict.topic, Verdict.outcome
).where(
    one_of(Verdict.assessment_id, "assessments"),
    Verdict.is_shadow.is_(False),
    Verdict.grounds != Grounds.DISPUTED_LAW,
)
FACTS = select(FactSet.id, FactSet.submission_id, FactSet.document).where(
    FactSet.owner_id == OWNER, one_of(FactSet.submission_id, "submissions")
)
FLAGS = select(VisitFlag.submission_id, VisitFlag.is_flagged).where(
    VisitFlag.owner_id == OWNER, one_of(VisitFlag.submission_id, "submissions")
)
NAMED = (
    select(ExpectedAttachment.submission_id, func.count().label("files"))
    .where(one_of(ExpectedAttachment.submission_id, "submissions"))
    .group_by(ExpectedAttachment.submission_id)
)
ARRIVED = (
    select(
        Attachment.submission_id, func.count(Attachment.name.distinct()).label("files")
    )
    .join(
        ExpectedAttachment,
        and_(
            ExpectedAttachment.submission_id == Attachment.submission_id,
            ExpectedAttachment.name == Attachment.name,
        ),
    )
    .where(
        Attachment.owner_id == OWNER, one_of(Attachment.submission_id, "submissions")
    )
    .group_by(Attachment.submission_id)
)
WORKING = (TeamRole.LEAD, TeamRole.AUDITOR, TeamRole.INTERVIEWER)
TEAMS = (
    select(
        Own.kept_id,
        Audit.id.label("audit_id"),
        Audit.fieldwork_from,
        TeamMember.person_id,
        TeamMember.device_id,
        TeamMember.role,
    )
    .join(Audit, Audit.id == TeamMember.audit_id)
    .join(Own, Own.id == Audit.site_id)
    .where(
        TeamMember.owner_id == OWNER,
        one_of(Own.kept_id, "sites"),
        Audit.status != State.VOIDED,
        TeamMember.role.in_([role.value for role in WORKING]),
        or_(TeamMember.attended.is_(None), TeamMember.attended.is_(True)),
    )
)
QUALIFICATIONS = select(
    Qualification.person_id,
    Qualification.kind,
    Qualification.issued_on,
    Qualification.expires_on,
).where(
    Qualification.owner_id == OWNER,
    one_of(Qualification.person_id, "people"),
    Qualification.revoked_at.is_(None),
)


@dataclass(frozen=True)
class Evidence:
    """What the visits to a site tell: what was said, and how each visit was made."""

    said: tuple[Said, ...] = ()
    visits: tuple[Visit, ...] = ()


@dataclass
class _Files:
    """What is known of each submission."""

    documents: dict[uuid.UUID, Mapping[str, Any]] = field(default_factory=dict)
    flags: dict[uuid.UUID, bool] = field(default_factory=dict)
    named: dict[uuid.UUID, int] = field(default_factory=dict)
    arrived: dict[uuid.UUID, int] = field(default_factory=dict)


@dataclass(frozen=True)
class _Team:
    size: int = 0
    qualified: int = 0
    led_before: int | None = None


NO_EVIDENCE = Evidence()
NO_TEAM = _Team()


def evidence(
    session: Session, scope: Scope, sites: Collection[Recorded], on: date
) -> dict[uuid.UUID, Evidence]:
    """Return what the visits to each of some sites tell; of no visit nothing."""
    records = {one.site_id: one for one in sites}
    values: dict[str, Any] = {
        "owner_id": scope.organisation_id,
        "sites": sorted(records),
    }
    standing = session.execute(STANDING, values).all()
    if not standing:
        return {}
    files = _files(session, scope, standing)
    teams = _teams(session, values)
    verdicts = _verdicts(session, standing)
    quotas = in_force(session, scope, INTERVIEWS, on)
    said: dict[uuid.UUID, list[Said]] = defaultdict(list)
    audits: dict[uuid.UUID, dict[uuid.UUID, list[Any]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for row in standing:
        audits[row.kept_id][row.audit_id].append(row)
        said[row.kept_id] += [
            Said(one.rule_id, one.topic, OUTCOMES[one.outcome], row.observed_on)
            for one in verdicts[row.assessment_id]
        ]
    return {
        site: Evidence(
            tuple(said[site]),
            tuple(
                _visit(records[site], rows, files, teams.get(audit, NO_TEAM), quotas)
                for audit, rows in made.items()
            ),
        )
        for site, made in audits.items()
    }


OUTCOMES = {outcome.value: outcome for outcome in Outcome}


def _verdicts(
    session: Session, standing: Iterable[Any]
) -> Mapping[uuid.UUID, Sequence[Any]]:
    found: dict[uuid.UUID, list[Any]] = defaultdict(list)
    asked = sorted({row.assessment_id for row in standing})
    for row in session.execute(VERDICTS, {"assessments": asked}):
        found[row.assessment_id].append(row)
    return found


def _files(session: Session, scope: Scope, standing: Iterable[Any]) -> _Files:
    asked = sorted({row.submission_id for row in standing})
    values = {"owner_id": scope.organisation_id, "submissions": asked}
    found = _Files()
    derived = session.execute(FACTS, values).all()
    # In the order in which they were derived, so that the last of each stays.
    for document in sorted(derived, key=lambda one: one.id):
        found.documents[document.submission_id] = orjson.loads(document.document)
    for flag in session.execute(FLAGS, values):
        found.flags[flag.submission_id] = bool(flag.is_flagged)
    for named in session.execute(NAMED, {"submissions": asked}):
        found.named[named.submission_id] = named.files
    for arrived in session.execute(ARRIVED, values):
        found.arrived[arrived.submission_id] = arrived.files
    return found


def _teams(session: Session, values: Mapping[str, Any]) -> dict[uuid.UUID, _Team]:
    """Return the team of each audit, and how often its lead led a visit there before."""
    members: dict[uuid.UUID, list[Any]] = defaultdict(list)
    leads: dict[uuid.UUID, list[Any]] = defaultdict(list)
    people: set[uuid.UUID] = set()
    for row in session.execute(TEAMS, values):
        members[row.audit_id].append(row)
        if row.role == TeamRole.LEAD:
            leads[row.kept_id].append(row)
        if row.person_id is not None:
            people.add(row.person_id)
    held: dict[uuid.UUID, list[Any]] = defaultdict(list)
    if people:
        asked = {"owner_id": values["owner_id"], "people": sorted(people)}
        for one in session.execute(QUALIFICATIONS, asked):
            held[one.person_id].append(one)
    return {
        audit: _Team(
            size=len(team),
            qualified=sum(_is_qualified(one, held) for one in team),
            led_before=_led_before(team, leads[team[0].kept_id]),
        )
        for audit, team in members.items()
    }


def _is_qualified(
    member: Row[*tuple[Any, ...]], held: Mapping[uuid.UUID, Sequence[Any]]
) -> bool:
    """Tell whether somebody held what the work asks for on the first day of it."""
    kinds = {
        one.kind
        for one in held.get(member.person_id, ())
        if one.issued_on <= member.fieldwork_from < one.expires_on
    }
    is_lead = member.role == TeamRole.LEAD
    return QualificationKind.LEAD_AUDITOR in kinds if is_lead else bool(kinds)


def _led_before(team: Iterable[Any], leads: Iterable[Any]) -> int | None:
    lead = next((one for one in team if one.role == TeamRole.LEAD), None)
    if lead is None:
        return None
    who, day = (lead.person_id, lead.device_id), lead.fieldwork_from
    before = [one for one in leads if one.fieldwork_from < day]
    return sum((one.person_id, one.device_id) == who for one in before)


def _visit(
    site: Recorded,
    rows: Sequence[Any],
    files: _Files,
    team: _Team,
    quotas: InterviewPolicy,
) -> Visit:
    audit, ids = rows[0], [row.submission_id for row in rows]
    # What was planned may end weeks after somebody was there.
    visited_on = max(row.observed_on for row in rows)
    documents = [files.documents[one] for one in ids if one in files.documents]
    notice = notice_of(audit.notice, documents)
    season = season_of(audit.season, documents)
    harvest = None
    if site.months is not None:
        found = harvest_on(visited_on, site.months)
        harvest = found.season
        if season is Season.NOT_KNOWN:
            season = SEASONS[found.month]
    flags = [files.flags.get(one) for one in ids]
    payer = PAYERS.get(audit.payer or "")
    return Visit(
        visited_on=visited_on,
        season=season.value,
        harvest=harvest,
        notice=Notice.UNKNOWN.value if notice is None else notice.value,
        payer=None if payer is None else payer.value,
        interviews_held=_held(documents),
        interviews_planned=_planned(site, quotas),
        spent_minutes=audit.spent_minutes,
        planned_minutes=audit.planned_minutes,
        files_arrived=sum(files.arrived.get(one, 0) for one in ids),
        files_named=sum(files.named.get(one, 0) for one in ids),
        team=team.size,
        qualified=team.qualified,
        led_before=team.led_before,
        is_flagged=True if True in flags else None if None in flags else False,
        is_reviewed=audit.status == State.FINAL,
    )


SEASONS = {
    Month.MAIN: Season.MAIN_HARVEST,
    Month.MID: Season.SECOND_HARVEST,
    Month.NONE: Season.OUTSIDE_HARVEST,
}


def _held(documents: Sequence[Mapping[str, Any]]) -> int | None:
    """Return how many workers were heard: one entry of the roster for each of them."""
    if not documents:
        return None
    return sum(len(one.get("workers") or ()) for one in documents)


def _planned(site: Recorded, quotas: InterviewPolicy) -> int | None:
    """Return how many the policy wants heard alone; None where nobody counted workers."""
    known = site.present
    if known is None:
        return None
    found = quota_for(
        quotas, Present(known.permanent, known.temporary, known.family_help)
    )
    return found.individual if isinstance(found, Quota) else None
