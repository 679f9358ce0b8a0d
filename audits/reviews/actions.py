"""What can be done in a review: take it, return it, offer a reply, make it final, void."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from audits.reviews.independence import require_independence
from audits.reviews.models import About, AuditRemark, AuditReply, RemarkKind
from audits.reviews.queries import (
    ReplyRecord,
    is_running,
    last_reply,
    remark_place,
    reply_covers,
    reply_is_owed,
)
from audits.visits.actions import PROJECTION, competence_of, tell
from audits.visits.lifecycle import STEPS, State, step
from audits.visits.models import Audit, VoidReason
from audits.visits.policy import RIGHT_OF_REPLY
from audits.visits.queries import AuditRecord, locked_audit
from compliance import clock, jobs, site_marks, trail
from compliance.alerts.events import AlertEvent
from compliance.clocks.actions import start, stop
from compliance.clocks.models import ClockKind
from compliance.clocks.passing import end_of
from compliance.identifiers import new_id, new_public_id
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.policies.queries import in_force
from compliance.problems import Kind, Problem
from compliance.sealing import Keyring, new_data_key, seal
from compliance.texts import N_

HELD = frozenset({State.IN_REVIEW, State.RIGHT_OF_REPLY})


class Act(StrEnum):
    """What can be done about an audit in its review."""

    TAKE = "take"
    TAKE_OVER = "take_over"
    RETURN = "return"
    OFFER_REPLY = "offer_reply"
    FINALISE = "finalise"
    VOID = "void"


class ReviewHeldByAnother(Problem):
    kind = Kind.CONFLICT
    title = N_("Somebody else has this audit in review")
    detail = N_(
        "{audit} is in review by {reviewer}. One reviewer has it at a time; an "
        "administrator can take it over with 'from_another'."
    )


class ReplyMustBeOffered(Problem):
    kind = Kind.CONFLICT
    title = N_("The site has not been offered its right of reply")
    detail = N_(
        "{audit} found what the law or a standard does not allow, or answers came in "
        "after the last offer. Offer the reply before the audit is made final."
    )


class ReplyStillRunning(Problem):
    kind = Kind.CONFLICT
    title = N_("The site still has time for its reply")
    detail = N_(
        "The reply {reply} is due by {due_at}. Until it is given, waived or over, the "
        "audit waits."
    )


class TeamWasNotQualified(Problem):
    kind = Kind.CONFLICT
    title = N_("The team lacked a qualification on the day of the visit")
    detail = N_(
        "The policy 'competence' stops an audit whose team lacked: {lacking}. Void it, "
        "or record a qualification that was held on that day."
    )


@dataclass(frozen=True)
class NewRemark:
    """What a reviewer wants mended; `text` is sealed."""

    kind: RemarkKind
    about: About = About.VISIT
    code: str | None = None
    text: str | None = None


def acts(
    session: Session, scope: Scope, found: AuditRecord
) -> Mapping[Act, Problem | None]:
    """Return what the caller could do about an audit now, or what stops each act.

    It is asked of the same guards as the acts themselves ask.
    """
    scope.require(Permission.SUPERVISE_VISITS)

    def held(wanted: State) -> None:
        _refuse_outsiders(session, scope, found)
        step(found.status, wanted)

    def final() -> None:
        _refuse_outsiders(session, scope, found)
        _refuse_final(session, scope, found)

    guards: Mapping[Act, Callable[[], None]] = {
        Act.TAKE: lambda: _refuse_taking(session, scope, found),
        Act.TAKE_OVER: lambda: _refuse_taking_over(session, scope, found),
        Act.RETURN: lambda: held(State.RETURNED),
        Act.OFFER_REPLY: lambda: held(State.RIGHT_OF_REPLY),
        Act.FINALISE: final,
        Act.VOID: lambda: held(State.VOIDED),
    }
    return {act: _stops(guard) for act, guard in guards.items()}


def _stops(guard: Callable[[], None]) -> Problem | None:
    try:
        guard()
    except Problem as problem:
        return problem
    return None


def take(
    session: Session, scope: Scope, public_id: str, *, from_another: bool = False
) -> AuditRecord:
    """Take an audit into review: from then on it is the caller's and nobody else's.

    `from_another` takes it over from whoever has it; administrators may.
    """
    scope.require(Permission.SUPERVISE_VISITS)
    found = locked_audit(session, scope, public_id)
    if from_another and _is_anothers(scope, found):
        _refuse_taking_over(session, scope, found)
        return _change(
            session, scope, found, "audit.review_taken_over", reviewer=scope.actor
        )
    _refuse_taking(session, scope, found)
    return _take(session, scope, found)


def return_audit(
    session: Session,
    scope: Scope,
    keyring: Keyring,
    public_id: str,
    remarks: Sequence[NewRemark],
) -> AuditRecord:
    """Send an audit back to be mended; the remarks stay with it for good."""
    found = _held(session, scope, public_id)
    status = step(found.status, State.RETURNED)
    first = session.scalar(
        select(func.count())
        .select_from(AuditRemark)
        .where(AuditRemark.audit_id == found.id)
    )
    for ordinal, remark in enumerate(remarks, start=1 + (first or 0)):
        _remark(session, scope, keyring, found, ordinal, remark)
    tell(session, scope, found, AlertEvent.VISIT_RETURNED)
    return _change(
        session,
        scope,
        found,
        "audit.returned",
        facts={"remarks": len(remarks)},
        status=status,
        reviewer=None,
    )


def offer_reply(session: Session, scope: Scope, public_id: str) -> AuditRecord:
    """Offer the site its right of reply; the policy `right_of_reply` says how long."""
    found = _held(session, scope, public_id)
    status = step(found.status, State.RIGHT_OF_REPLY)
    now = clock.now()
    policy = in_force(
        session, scope, RIGHT_OF_REPLY, now.date(), programme=found.programme
    )
    due_at = end_of(now.date() + timedelta(days=policy.days))
    offered = session.scalar(
        select(func.count())
        .select_from(AuditReply)
        .where(AuditReply.audit_id == found.id)
    )
    reply_id = new_public_id("reply")
    session.execute(
        insert(AuditReply).values(
            id=new_id(),
            public_id=reply_id,
            owner_id=scope.organisation_id,
            site_id=found.site_id,
            audit_id=found.id,
            audit=found.public_id,
            ordinal=1 + (offered or 0),
            kind=found.kind,
            fieldwork_from=found.fieldwork_from,
            fieldwork_to=found.fieldwork_to,
            offered_by=scope.actor,
            offered_at=now,
            due_at=due_at,
        )
    )
    start(
        session,
        scope,
        owner_id=scope.organisation_id,
        site_id=found.site_id,
        subject=reply_id,
        kind=ClockKind.REPLY,
        due_at=due_at,
        started_at=now,
    )
    tell(session, scope, found, AlertEvent.REPLY_ASKED, reply_id)
    return _change(
        session,
        scope,
        found,
        "audit.reply_offered",
        facts={"reply": reply_id, "due_at": due_at.isoformat()},
        status=status,
    )


def finalise(session: Session, scope: Scope, public_id: str) -> AuditRecord:
    """Close the review of an audit: what it found stands.

    An audit that was only submitted is taken into review on the way. Its facts are
    projected to shards by a job that the same transaction asks for.
    """
    found = _held(session, scope, public_id)
    if _is_taken_on_the_way(found):
        found = _take(session, scope, found)
    status = step(found.status, State.FINAL)
    offered = _refuse_final(session, scope, found)
    if offered is not None:
        _close(session, offered)
    final = _change(
        session,
        scope,
        found,
        "audit.finalised",
        status=status,
        finalised_at=clock.now(),
    )
    jobs.enqueue(
        session,
        kind=PROJECTION,
        organisation_id=scope.organisation_id,
        arguments={"audit": public_id},
        dedup_key=public_id,
    )
    tell(session, scope, final, AlertEvent.VISIT_FINAL)
    return final


def void(
    session: Session, scope: Scope, public_id: str, reason: VoidReason
) -> AuditRecord:
    """Say that an audit does not count, and why; what it holds stays to be read."""
    found = _held(session, scope, public_id)
    voided = _change(
        session,
        scope,
        found,
        "audit.voided",
        facts={"reason": reason},
        status=step(found.status, State.VOIDED),
        void_reason=reason,
    )
    stop(session, public_id, ClockKind.FIELDWORK)
    return voided


def _held(session: Session, scope: Scope, public_id: str) -> AuditRecord:
    """Return an audit that the caller may decide on, for nobody else to change now."""
    scope.require(Permission.SUPERVISE_VISITS)
    found = locked_audit(session, scope, public_id)
    _refuse_outsiders(session, scope, found)
    return found


def _refuse_outsiders(session: Session, scope: Scope, found: AuditRecord) -> None:
    if found.status is not State.PLANNED:  # there is nothing yet to be partial about
        require_independence(session, scope, found)
    if _is_anothers(scope, found):
        raise ReviewHeldByAnother(audit=found.public_id, reviewer=found.reviewer)


def _is_anothers(scope: Scope, found: AuditRecord) -> bool:
    return found.status in HELD and found.reviewer not in {None, scope.actor}


def _refuse_taking(session: Session, scope: Scope, found: AuditRecord) -> None:
    require_independence(session, scope, found)
    if _is_anothers(scope, found):
        raise ReviewHeldByAnother(audit=found.public_id, reviewer=found.reviewer)
    if found.status is State.RIGHT_OF_REPLY:
        _refuse_running(last_reply(session, scope, found))
    step(found.status, State.IN_REVIEW)


def _refuse_taking_over(session: Session, scope: Scope, found: AuditRecord) -> None:
    require_independence(session, scope, found)
    if not _is_anothers(scope, found):
        step(found.status, State.IN_REVIEW)
    scope.require(Permission.MANAGE_PEOPLE)


def _is_taken_on_the_way(found: AuditRecord) -> bool:
    steps = STEPS[found.status]
    return State.FINAL not in steps and State.IN_REVIEW in steps


def _refuse_final(
    session: Session, scope: Scope, found: AuditRecord
) -> ReplyRecord | None:
    """Return the reply that was offered last, where nothing stops the end of a review."""
    if not _is_taken_on_the_way(found):
        step(found.status, State.FINAL)
    offered = last_reply(session, scope, found)
    _refuse_unheard(session, scope, found, offered)
    _refuse_unqualified(session, scope, found)
    return offered


def _take(session: Session, scope: Scope, found: AuditRecord) -> AuditRecord:
    return _change(
        session,
        scope,
        found,
        "audit.reviewed",
        status=step(found.status, State.IN_REVIEW),
        reviewer=scope.actor,
        review_began_at=clock.now(),
    )


def _refuse_unheard(
    session: Session, scope: Scope, found: AuditRecord, offered: ReplyRecord | None
) -> None:
    _refuse_running(offered)
    if not reply_is_owed(session, scope, found):
        return
    if not reply_covers(session, found, offered):
        raise ReplyMustBeOffered(audit=found.public_id)


def _refuse_running(offered: ReplyRecord | None) -> None:
    if offered is not None and is_running(offered):
        raise ReplyStillRunning(
            reply=offered.public_id, due_at=offered.due_at.isoformat()
        )


def _refuse_unqualified(session: Session, scope: Scope, found: AuditRecord) -> None:
    lacking, policy = competence_of(session, scope, found, found.fieldwork_to)
    if lacking and policy.blocks_final:
        told = ", ".join(sorted({f"{one.who}: {one.qualification}" for one in lacking}))
        raise TeamWasNotQualified(lacking=told)


def _close(session: Session, offered: ReplyRecord) -> None:
    session.execute(
        update(AuditReply)
        .where(AuditReply.id == offered.id)
        .values(closed_at=clock.now())
    )
    stop(session, offered.public_id, ClockKind.REPLY)


def _remark(
    session: Session,
    scope: Scope,
    keyring: Keyring,
    found: AuditRecord,
    ordinal: int,
    remark: NewRemark,
) -> None:
    remark_id = new_id()
    session.execute(
        insert(AuditRemark).values(
            id=remark_id,
            owner_id=scope.organisation_id,
            audit_id=found.id,
            ordinal=ordinal,
            about=remark.about,
            code=remark.code,
            kind=remark.kind,
            **_sealed(session, scope, keyring, remark_id, remark.text),
            made_by=scope.actor,
            made_at=clock.now(),
        )
    )


def _sealed(
    session: Session,
    scope: Scope,
    keyring: Keyring,
    remark_id: uuid.UUID,
    text: str | None,
) -> dict[str, object]:
    if text is None:
        return {"key_id": None, "sealed": None}
    key = new_data_key(session, keyring, scope.organisation_id)
    sealed = seal(key.secret, text.encode(), remark_place(remark_id))
    return {"key_id": key.id, "sealed": sealed}


def _change(
    session: Session,
    scope: Scope,
    found: AuditRecord,
    action: str,
    *,
    facts: dict[str, object] | None = None,
    **changes: object,
) -> AuditRecord:
    """Write a change of a locked audit, and its entry in the trail."""
    session.execute(update(Audit).where(Audit.id == found.id).values(**changes))
    site_marks.mark(session, scope.organisation_id, found.site_id)
    trail.record(
        session,
        organisation_id=scope.organisation_id,
        actor=scope.actor,
        action=action,
        subject_id=found.public_id,
        site=found.site_public_id,
        kind=found.kind,
        fieldwork_from=found.fieldwork_from.isoformat(),
        fieldwork_to=found.fieldwork_to.isoformat(),
        **(facts or {}),
    )
    return replace(found, **changes)  # type: ignore[arg-type]  # columns of its own
