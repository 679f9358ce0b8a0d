"""All that the page of an audit shows, read in one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from api.service import Service
from audits.assessments.queries import NotAssessed, Told, told_verdicts
from audits.assessments.visits import last_visit
from audits.competence.gaps import Gap
from audits.integrity.queries import OwnVisit, VisitSignals, signals_of_visit
from audits.reviews.actions import Act, ReviewHeldByAnother, acts
from audits.reviews.independence import (
    Colleague,
    ReviewerNotIndependent,
    colleagues,
    takers_of_part,
)
from audits.reviews.listing import next_to_review
from audits.reviews.queries import (
    RemarkRecord,
    ReplyRecord,
    last_reply,
    remark_text,
    remarks_of,
    reply_is_owed,
    reply_text,
)
from audits.submissions.answered import Answered, answered
from audits.submissions.queries import (
    Attachments,
    State,
    SubmissionNotFound,
    SubmissionRecord,
    attachments_of,
    submissions,
)
from audits.visits.actions import competence_of
from audits.visits.lateness import is_late
from audits.visits.lifecycle import AuditStepNotAllowed
from audits.visits.lifecycle import State as Step
from audits.visits.policy import FIELDWORK
from audits.visits.queries import AuditRecord, MemberRecord, audit, team_of
from compliance import limits
from compliance.findings.queries import FindingRecord, findings_of_site
from compliance.identity.permissions import NotAllowed, Permission
from compliance.identity.scope import Scope
from compliance.policies.queries import in_force
from compliance.problems import Problem
from compliance.registry.plots.queries import PlotRecord, plots
from compliance.registry.queries import SiteRecord, site
from compliance.sealing import Keyring

PLOTS_DRAWN = 20


@dataclass(frozen=True)
class Remark:
    """A remark, and what it says in words."""

    record: RemarkRecord
    text: str | None


@dataclass(frozen=True)
class Deciding:
    """What somebody who supervises can do now, or what stops it, and who else may."""

    acts: Mapping[Act, Problem | None]
    colleagues: tuple[Colleague, ...]
    takers: frozenset[str]
    reply_is_owed: bool
    lacking: tuple[Gap, ...]
    next: str | None

    def may(self, act: str) -> bool:
        """Tell whether an act is open to the reader now."""
        if act == Act.TAKE_OVER and not isinstance(
            self.acts[Act.TAKE], ReviewHeldByAnother
        ):
            return False
        return self.acts[Act(act)] is None

    def stopped(self, act: str) -> str | None:
        """Return what stops an act that could otherwise be taken; None: not its time."""
        problem = self.acts[Act(act)]
        if problem is None or isinstance(problem, AuditStepNotAllowed | NotAllowed):
            return None
        return type(problem).__name__

    @property
    def is_outsider(self) -> bool:
        """Tell whether the reader had a part in the audit."""
        return any(
            isinstance(one, ReviewerNotIndependent) for one in self.acts.values()
        )

    @property
    def others(self) -> list[Colleague]:
        """Return who may review it: supervises visits, and had no part in it."""
        return [
            one
            for one in self.colleagues
            if one.may_review and one.public_id not in self.takers
        ]

    def called(self, public_id: str | None) -> str:
        """Return the name of a colleague; of anybody else the id."""
        named = {one.public_id: one.name for one in self.colleagues}
        return named.get(public_id or "", public_id or "")


@dataclass(frozen=True)
class Seen:
    """All that the page of an audit shows."""

    scope: Scope
    audit: AuditRecord
    site: SiteRecord
    submissions: tuple[SubmissionRecord, ...]
    chosen: SubmissionRecord | None
    is_late: bool
    answered: Answered | None
    verdicts: tuple[Told, ...]
    signals: VisitSignals | None
    is_own_visit: bool
    attachments: Attachments
    plots: tuple[PlotRecord, ...]
    team: tuple[MemberRecord, ...]
    findings: tuple[FindingRecord, ...]
    remarks: tuple[Remark, ...]
    reply: ReplyRecord | None
    reply_text: str | None
    deciding: Deciding | None
    # The reader may issue a card, and it would be made from this very visit.
    makes_card: bool


def see(
    session: Session,
    scope: Scope,
    service: Service,
    keyring: Keyring,
    audit_id: str,
    *,
    wanted: str | None,
    language: str,
) -> Seen:
    """Read an audit; `wanted` is the submission of it to be looked at."""
    found = audit(session, scope, audit_id)
    place = site(session, scope, found.site_public_id)
    sent = submissions(session, scope, rows=limits.PAGE_ROWS, audit=audit_id).rows
    chosen = _chosen(sent, wanted)
    signals, is_own = _signals(session, scope, chosen)
    reply = last_reply(session, scope, found)
    files = Attachments((), ())
    if chosen is not None:
        files = attachments_of(session, scope, chosen.public_id)
    return Seen(
        scope=scope,
        audit=found,
        site=place,
        submissions=sent,
        chosen=chosen,
        is_late=_is_late(session, scope, found, chosen),
        answered=None if chosen is None else answered(session, scope, chosen.public_id),
        verdicts=_verdicts(session, scope, service, chosen, language),
        signals=signals,
        is_own_visit=is_own,
        attachments=files,
        plots=plots(session, scope, rows=PLOTS_DRAWN, site=place.public_id).rows,
        team=team_of(session, scope, found),
        findings=_findings(session, scope, found, sent),
        remarks=tuple(
            Remark(one, remark_text(session, scope, keyring, one))
            for one in remarks_of(session, scope, found)
        ),
        reply=reply,
        reply_text=None
        if reply is None
        else reply_text(session, scope, keyring, reply),
        deciding=_deciding(session, scope, found),
        makes_card=_makes_card(session, scope, found, place),
    )


def _makes_card(
    session: Session, scope: Scope, found: AuditRecord, place: SiteRecord
) -> bool:
    if found.status is not Step.FINAL or not scope.may(Permission.ISSUE_SCORECARDS):
        return False
    visit = last_visit(session, scope, place.id)
    return visit is not None and visit.audit == found.public_id


def _chosen(
    sent: tuple[SubmissionRecord, ...], wanted: str | None
) -> SubmissionRecord | None:
    """Return the submission asked for, else the last one that holds."""
    if wanted is not None:
        for one in sent:
            if one.public_id == wanted:
                return one
        raise SubmissionNotFound(submission=wanted)
    holding = [one for one in sent if one.state is State.CURRENT]
    return next(reversed(holding or sent), None)


def _is_late(
    session: Session,
    scope: Scope,
    found: AuditRecord,
    chosen: SubmissionRecord | None,
) -> bool:
    if chosen is None:
        return False
    policy = in_force(
        session, scope, FIELDWORK, found.fieldwork_to, programme=found.programme
    )
    return is_late(
        chosen.observed_on,
        chosen.ended_at,
        chosen.received_at,
        after_hours=policy.late_after_hours,
    )


def _verdicts(
    session: Session,
    scope: Scope,
    service: Service,
    chosen: SubmissionRecord | None,
    language: str,
) -> tuple[Told, ...]:
    """Return the verdicts; none while there are none, or where the role ends."""
    if chosen is None or not scope.may(Permission.READ_FINDINGS):
        return ()
    try:
        return told_verdicts(
            session, scope, service.shelf, chosen.public_id, language=language
        )
    except NotAssessed:
        return ()


def _signals(
    session: Session, scope: Scope, chosen: SubmissionRecord | None
) -> tuple[VisitSignals | None, bool]:
    """Return the signals for a reviewer, and whether it is a visit of their own."""
    if chosen is None or not scope.may(Permission.SUPERVISE_VISITS):
        return None, False
    try:
        return signals_of_visit(session, scope, chosen.public_id), False
    except OwnVisit:
        return None, True


def _findings(
    session: Session,
    scope: Scope,
    found: AuditRecord,
    sent: tuple[SubmissionRecord, ...],
) -> tuple[FindingRecord, ...]:
    if not scope.may(Permission.READ_FINDINGS):
        return ()
    own = {one.public_id for one in sent}
    raised = findings_of_site(session, scope, found.site_id)
    return tuple(one for one in raised if one.source in own)


def _deciding(session: Session, scope: Scope, found: AuditRecord) -> Deciding | None:
    if not scope.may(Permission.SUPERVISE_VISITS):
        return None
    lacking, _ = competence_of(session, scope, found, found.fieldwork_to)
    return Deciding(
        acts=acts(session, scope, found),
        colleagues=colleagues(session, scope),
        takers=takers_of_part(session, scope, found),
        reply_is_owed=reply_is_owed(session, scope, found),
        lacking=lacking,
        next=next_to_review(session, scope, found.public_id),
    )
