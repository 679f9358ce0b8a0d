"""All that a reviewer needs of an audit, gathered into one document."""

from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy.orm import Session

from api.wire import Day, Instant, Wire
from audits.reviews.models import ReplyCode
from audits.reviews.queries import (
    RemarkRecord,
    ReplyRecord,
    ReplyState,
    clocks_of,
    last_reply,
    remark_text,
    remarks_of,
    reply_is_owed,
    reply_text,
)
from audits.submissions.queries import State, SubmissionRecord, submissions
from audits.visits import queries
from audits.visits.actions import competence_of
from audits.visits.lateness import is_late
from audits.visits.policy import FIELDWORK
from audits.visits.queries import AuditRecord
from compliance import clock
from compliance.clocks.models import ClockKind, LateBecause
from compliance.findings.queries import FindingRecord, findings_of_site
from compliance.identity.permissions import Permission
from compliance.identity.policy import Relation
from compliance.identity.scope import Scope
from compliance.policies.queries import in_force
from compliance.sealing import Keyring
from compliance.verdicts.queries import verdicts_of_submission
from rules import Outcome, Severity

AT_ONCE = 200


class SubmissionLine(Wire):
    """Answers of the audit, and where to read them and what they say."""

    id: str
    state: State
    observed_on: Day
    received_at: Instant
    supersedes: str | None
    superseded_by: str | None
    late: Annotated[
        LateBecause | None,
        Field(description="`no_signal`: they came long after the visit had ended."),
    ]
    verdicts: Annotated[str, Field(description="The address of its verdicts.")]
    signals: Annotated[str, Field(description="The address of its integrity signals.")]


class VerdictLine(Wire):
    """A rule that the answers break, or leave open."""

    submission: str
    rule: str
    outcome: Outcome
    severity: Severity
    is_shadow: bool
    link: str


class FindingLine(Wire):
    """A finding that the answers of this audit raised."""

    ref: str
    rule: str
    severity: Severity
    state: str
    due_on: Day
    link: str


class ReplyLine(Wire):
    """The site's right of reply, as the reviewer sees it."""

    id: str
    state: ReplyState
    offered_at: Instant
    due_at: Instant
    code: ReplyCode | None
    answered_as: Relation | None
    answered_at: Instant | None
    text: str | None


class ClockLine(Wire):
    """A clock of the audit: of what, by when, and whether that has passed."""

    kind: ClockKind
    due_at: Instant
    is_over: bool


class ReviewWire(Wire):
    """An audit as its reviewer sees it."""

    audit: dict[str, Any]
    members: list[dict[str, Any]]
    lacking: Annotated[
        list[dict[str, Any]],
        Field(description="What the team lacked on the last day of fieldwork."),
    ]
    submissions: list[SubmissionLine]
    outcomes: Annotated[
        dict[Outcome, int],
        Field(description="How many rules came out how, of the answers that stand."),
    ]
    verdicts: Annotated[
        list[VerdictLine], Field(description="Those broken, and those left open.")
    ]
    findings: list[FindingLine]
    remarks: list[dict[str, Any]]
    reply_is_owed: bool
    reply: ReplyLine | None
    clocks: list[ClockLine]


def review_document(
    session: Session, scope: Scope, keyring: Keyring, public_id: str
) -> dict[str, Any]:
    """Return what a reviewer needs; the audit and its team are records still."""
    scope.require(Permission.SUPERVISE_VISITS)
    found = queries.audit(session, scope, public_id)
    sent = submissions(session, scope, rows=AT_ONCE, audit=public_id).rows
    lacking, _ = competence_of(session, scope, found, found.fieldwork_to)
    offered = last_reply(session, scope, found)
    return {
        "audit": found,
        "members": queries.team_of(session, scope, found),
        "lacking": lacking,
        "submissions": _submissions(session, scope, found, sent),
        **_verdicts(session, scope, sent),
        "findings": _findings(session, scope, found, sent),
        "remarks": [
            remark_document(session, scope, keyring, one)
            for one in remarks_of(session, scope, found)
        ],
        "reply_is_owed": reply_is_owed(session, scope, found),
        "reply": offered and _reply(session, scope, keyring, offered),
        "clocks": _clocks(session, scope, found, offered),
    }


def remark_document(
    session: Session, scope: Scope, keyring: Keyring, remark: RemarkRecord
) -> dict[str, Any]:
    """Return a remark as the API tells it to those who read the visit."""
    return {
        "number": remark.ordinal,
        "about": remark.about,
        "code": remark.code,
        "kind": remark.kind,
        "text": remark_text(session, scope, keyring, remark),
        "made_by": remark.made_by,
        "made_at": remark.made_at,
        "answered_by": remark.answered_by,
    }


def _submissions(
    session: Session,
    scope: Scope,
    found: AuditRecord,
    sent: Sequence[SubmissionRecord],
) -> list[dict[str, Any]]:
    policy = in_force(
        session, scope, FIELDWORK, found.fieldwork_to, programme=found.programme
    )
    return [
        {
            "id": one.public_id,
            "state": one.state,
            "observed_on": one.observed_on,
            "received_at": one.received_at,
            "supersedes": one.supersedes,
            "superseded_by": one.superseded_by,
            "late": LateBecause.NO_SIGNAL
            if is_late(
                one.observed_on,
                one.ended_at,
                one.received_at,
                after_hours=policy.late_after_hours,
            )
            else None,
            "verdicts": f"/v1/submissions/{one.public_id}/verdicts",
            "signals": f"/v1/submissions/{one.public_id}/signals",
        }
        for one in sent
    ]


def _verdicts(
    session: Session, scope: Scope, sent: Sequence[SubmissionRecord]
) -> dict[str, Any]:
    judged = [
        (one.public_id, verdict)
        for one in sent
        if one.state is State.CURRENT
        for verdict in verdicts_of_submission(session, scope, one.id)
    ]
    outcomes = Counter(verdict.outcome for _, verdict in judged)
    return {
        "outcomes": {outcome.value: outcomes[outcome] for outcome in Outcome},
        "verdicts": [
            {
                "submission": submission,
                "rule": verdict.rule,
                "outcome": verdict.outcome,
                "severity": verdict.severity,
                "is_shadow": verdict.is_shadow,
                "link": f"/v1/submissions/{submission}/verdicts/{verdict.rule}",
            }
            for submission, verdict in judged
            if verdict.outcome in {Outcome.NON_CONFORMITY, Outcome.UNDETERMINED}
        ],
    }


def _findings(
    session: Session,
    scope: Scope,
    found: AuditRecord,
    sent: Sequence[SubmissionRecord],
) -> list[dict[str, Any]]:
    own = {one.public_id for one in sent}
    return [
        _finding(one)
        for one in findings_of_site(session, scope, found.site_id)
        if one.source in own
    ]


def _finding(one: FindingRecord) -> dict[str, Any]:
    return {
        "ref": one.public_id,
        "rule": one.rule,
        "severity": one.severity,
        "state": one.state,
        "due_on": one.due_on,
        "link": f"/v1/findings/{one.public_id}",
    }


def _reply(
    session: Session, scope: Scope, keyring: Keyring, offered: ReplyRecord
) -> dict[str, Any]:
    return {
        "id": offered.public_id,
        "state": offered.state(clock.now()),
        "offered_at": offered.offered_at,
        "due_at": offered.due_at,
        "code": offered.code,
        "answered_as": offered.answered_as,
        "answered_at": offered.answered_at,
        "text": reply_text(session, scope, keyring, offered),
    }


def _clocks(
    session: Session, scope: Scope, found: AuditRecord, offered: ReplyRecord | None
) -> list[dict[str, Any]]:
    subjects = [found.public_id, *([offered.public_id] if offered else [])]
    return [
        {"kind": one.kind, "due_at": one.due_at, "is_over": one.is_over(clock.now())}
        for one in clocks_of(session, scope, subjects)
    ]
