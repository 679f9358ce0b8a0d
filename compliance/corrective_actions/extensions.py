"""More time for a corrective action: asked for, and granted or refused by another."""

from datetime import date, timedelta

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from compliance import clock, site_marks
from compliance.alerts.actions import raise_alert
from compliance.alerts.events import AlertEvent
from compliance.clocks import actions as clocks
from compliance.clocks.models import ClockKind
from compliance.corrective_actions.codes import ExtensionReason
from compliance.corrective_actions.lifecycle import OWED
from compliance.corrective_actions.models import CorrectiveAction, Extension
from compliance.corrective_actions.noting import (
    Finding,
    follow,
    involved,
    lock,
    record,
    run,
)
from compliance.corrective_actions.policy import FOLLOWING, must_be_at_once
from compliance.corrective_actions.queries import ActionRecord, corrective_action
from compliance.findings.queries import finding as finding_named
from compliance.identifiers import OrganisationId, SiteId, new_id, new_public_id
from compliance.identity.permissions import Permission
from compliance.identity.policy import Action, Resource, reach
from compliance.identity.scope import Scope
from compliance.policies.queries import in_force
from compliance.problems import Kind, Problem
from compliance.texts import N_
from rules import Severity

ASKED, GRANTED, REFUSED, LAPSED = "asked", "granted", "refused", "lapsed"


class NoMoreExtensions(Problem):
    kind = Kind.CONFLICT
    title = N_("This corrective action gets no more time")
    detail = N_(
        "{action} was extended {extended} times, and {limit} is the most. What must stop "
        "at once is never extended."
    )


class ExtensionAskedAlready(Problem):
    kind = Kind.CONFLICT
    title = N_("More time was asked for already")
    detail = N_("{action} has a request that nobody has answered yet: {extension}.")


class NothingToExtend(Problem):
    kind = Kind.CONFLICT
    title = N_("There is nothing to extend")
    detail = N_("{action} is {state}; only what is still to be done gets more time.")


class ExtensionTooShort(Problem):
    kind = Kind.INVALID
    title = N_("This would be no more time")
    detail = N_("'until' is {until}; give a day after {due_on}, and not in the past.")


class ExtensionNotFound(Problem):
    kind = Kind.NOT_FOUND
    title = N_("No such request for more time")
    detail = N_("{action} has no request {extension}.")


class ExtensionDecided(Problem):
    kind = Kind.CONFLICT
    title = N_("This request was answered already")
    detail = N_("{extension} is {state}.")


class ExtensionNotIndependent(Problem):
    kind = Kind.FORBIDDEN
    title = N_("Somebody independent decides on more time")
    detail = N_(
        "Whoever raised the finding, or worked on a corrective action of it, does not "
        "decide. Ask another reviewer or administrator of the organisation that keeps "
        "the site's record."
    )


class ExtensionNotYours(Problem):
    kind = Kind.FORBIDDEN
    title = N_("Whoever keeps the record of the site decides on more time")
    detail = N_("You operate the site of {action} and can ask for more time.")


LAST = select(func.coalesce(func.max(Extension.ordinal), 0)).where(
    Extension.action_id == bindparam("action_id")
)
WAITING = select(Extension.public_id).where(
    Extension.action_id == bindparam("action_id"), Extension.state == ASKED
)
ONE = select(Extension.id, Extension.state, Extension.until).where(
    Extension.action_id == bindparam("action_id"),
    Extension.public_id == bindparam("public_id"),
)


def ask(
    session: Session,
    scope: Scope,
    public_id: str,
    *,
    reason: ExtensionReason,
    until: date,
) -> ActionRecord:
    """Ask for more time for an action, and return the action."""
    scope.require(Permission.READ_FINDINGS)
    before, finding = lock(session, scope, public_id)
    scope.require(Permission.ANSWER_FINDINGS)
    today = clock.today()
    if before.state not in OWED:
        raise NothingToExtend(action=public_id, state=before.state)
    found = finding_named(session, scope, before.finding)
    entry = in_force(session, scope, FOLLOWING, today, owner_id=before.owner_id)
    if before.extended >= entry.extensions or must_be_at_once(found, before.action):
        raise NoMoreExtensions(
            action=public_id, extended=before.extended, limit=entry.extensions
        )
    if until <= before.due_on or until < today:
        raise ExtensionTooShort(
            until=until.isoformat(), due_on=before.due_on.isoformat()
        )
    waiting = session.scalar(WAITING, {"action_id": before.id})
    if waiting is not None:
        raise ExtensionAskedAlready(action=public_id, extension=waiting)
    last = session.execute(LAST, {"action_id": before.id}).scalar_one()
    extension = new_public_id("extension")
    session.execute(
        insert(Extension).values(
            id=new_id(),
            public_id=extension,
            action_id=before.id,
            ordinal=last + 1,
            reason=reason,
            due_before=before.due_on,
            until=until,
            state=ASKED,
            asked_by=scope.actor,
            asked_at=clock.now(),
        )
    )
    record(
        session,
        scope,
        before.owner_id,
        public_id,
        "ask_for_time",
        extension=extension,
        reason=reason,
        until=until,
    )
    answer_by = today + timedelta(days=entry.extension_answer_days)
    run(session, scope, finding, public_id, ClockKind.EXTENSION_ANSWER, answer_by)
    _alert(session, finding, public_id, AlertEvent.EXTENSION_ASKED)
    return corrective_action(session, scope, public_id)


def decide(
    session: Session, scope: Scope, public_id: str, extension: str, *, grant: bool
) -> ActionRecord:
    """Grant or refuse more time, and return the action with the day that then holds."""
    scope.require(Permission.READ_FINDINGS)
    before, finding = lock(session, scope, public_id)
    scope.require(Permission.DECIDE_FINDINGS)
    if before.relation not in reach(Resource.CORRECTIVE_ACTION, Action.DECIDE):
        raise ExtensionNotYours(action=public_id)
    row = session.execute(
        ONE, {"action_id": before.id, "public_id": extension}
    ).one_or_none()
    if row is None:
        raise ExtensionNotFound(action=public_id, extension=extension)
    if row.state != ASKED:
        raise ExtensionDecided(extension=extension, state=row.state)
    if scope.actor in involved(session, scope, finding):
        raise ExtensionNotIndependent
    session.execute(
        update(Extension)
        .where(Extension.id == row.id)
        .values(
            state=GRANTED if grant else REFUSED,
            decided_by=scope.actor,
            decided_at=clock.now(),
        )
    )
    record(
        session,
        scope,
        before.owner_id,
        public_id,
        "grant_time" if grant else "refuse_time",
        extension=extension,
        until=row.until,
    )
    clocks.stop(session, public_id, ClockKind.EXTENSION_ANSWER)
    if grant:
        _grant(session, scope, before, finding, row.until)
    _alert(session, finding, public_id, AlertEvent.EXTENSION_ANSWERED)
    return corrective_action(session, scope, public_id)


def lapse(session: Session, before: ActionRecord) -> None:
    """Let a request that nobody answered go, because the action ended without it."""
    session.execute(
        update(Extension)
        .where(Extension.action_id == before.id, Extension.state == ASKED)
        .values(state=LAPSED, decided_at=clock.now())
    )
    clocks.stop(session, before.public_id, ClockKind.EXTENSION_ANSWER)


def _grant(
    session: Session,
    scope: Scope,
    before: ActionRecord,
    finding: Finding,
    until: date,
) -> None:
    session.execute(
        update(CorrectiveAction)
        .where(CorrectiveAction.id == before.id)
        .values(due_on=until, extended=before.extended + 1)
    )
    site_marks.mark(session, before.owner_id, before.site_id)
    if before.state in OWED:
        run(session, scope, finding, before.public_id, ClockKind.CORRECTION, until)
    follow(session, scope, finding)


def _alert(
    session: Session, finding: Finding, public_id: str, event: AlertEvent
) -> None:
    raise_alert(
        session,
        owner_id=OrganisationId(finding.owner_id),
        event=event,
        subject=public_id,
        site_id=SiteId(finding.site_id),
        severity=Severity(finding.severity),
    )
