"""What can be done about assignments: give a visit to somebody, and take it back."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from audits.checklists import queries as checklists
from audits.fieldwork.models import AssignedChecklist, Assignment
from audits.fieldwork.queries import (
    AssignmentRecord,
    AssignmentState,
    assignment,
    assignments,
)
from compliance import clock, limits, trail
from compliance.identifiers import new_id, new_public_id
from compliance.identity.auditors import auditor_named
from compliance.identity.devices import DeviceNotFound, DeviceState, device
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.problems import Kind, Problem
from compliance.registry.actions import SiteUnknown
from compliance.registry.models import SiteState
from compliance.registry.queries import SiteNotFound, SiteRecord, site
from compliance.texts import N_

# Where it is still yesterday, a visit of "today" is no mistake.
ELSEWHERE = timedelta(days=1)


class ToNobody(Problem):
    """A visit goes to a person or to a device: to both, nobody would feel it theirs."""

    kind = Kind.INVALID
    title = N_("A visit is given to one person or one device")
    detail = N_("Give either 'person' or 'device', and not both.")


class DeviceUnknown(Problem):
    kind = Kind.INVALID
    title = N_("There is no such device to give a visit to")
    detail = N_(
        "'device' is {device}; give the id of a device that is waiting or in use. "
        "GET /v1/devices lists those your organisation has."
    )


class ChecklistUnknown(Problem):
    kind = Kind.INVALID
    title = N_("There is no such checklist to visit with")
    detail = N_(
        "'checklists' names {checklist}, which your organisation has not published or "
        "has closed. GET /v1/checklists lists those it has."
    )


class DueAlready(Problem):
    kind = Kind.INVALID
    title = N_("The visit would be due in the past")
    detail = N_("'due_on' is {due_on}; give a day from {today} on.")


class SiteIsClosed(Problem):
    kind = Kind.CONFLICT
    title = N_("Nobody works at this site any more")
    detail = N_("{site} was closed on {closed_on}. Reopen it first if that is wrong.")


class AlreadyAssigned(Problem):
    kind = Kind.CONFLICT
    title = N_("They have this visit already")
    detail = N_(
        "{assignment} asks the same of them at {site}, due on {due_on}. Withdraw it "
        "first to change the day or the checklists."
    )


class AssignmentOver(Problem):
    kind = Kind.CONFLICT
    title = N_("The assignment is over")
    detail = N_("{assignment} is {state}; only an open one can be withdrawn.")


@dataclass(frozen=True)
class _Whom:
    person_id: uuid.UUID | None = None
    device_id: uuid.UUID | None = None


def assign(
    session: Session,
    scope: Scope,
    *,
    site_id: str,
    checklist_ids: Sequence[str],
    due_on: date,
    person: str | None = None,
    device_id: str | None = None,
    note: str | None = None,
) -> AssignmentRecord:
    """Give a visit of a site, with some checklists, to a person or to a device.

    The ids are public ids, and of checklists form ids.
    """
    scope.require(Permission.MANAGE_FIELDWORK)
    if due_on < clock.today() - ELSEWHERE:
        raise DueAlready(due_on=due_on.isoformat(), today=clock.today().isoformat())
    whom = _whom(session, scope, person, device_id)
    chosen = _site(session, scope, site_id)
    asked = dict.fromkeys(checklist_ids)
    keys = [_checklist(session, scope, one) for one in asked]
    _refuse_twice(session, scope, chosen, set(asked), person, device_id)
    identifier, public_id = new_id(), new_public_id("assignment")
    session.execute(
        insert(Assignment).values(
            id=identifier,
            public_id=public_id,
            owner_id=scope.organisation_id,
            site_id=chosen.id,
            person_id=whom.person_id,
            device_id=whom.device_id,
            due_on=due_on,
            note=note,
            assigned_by=scope.actor,
            assigned_at=clock.now(),
        )
    )
    session.execute(
        insert(AssignedChecklist),
        [
            {
                "assignment_id": identifier,
                "checklist_id": key,
                "owner_id": scope.organisation_id,
            }
            for key in keys
        ],
    )
    trail.record(
        session,
        organisation_id=scope.organisation_id,
        actor=scope.actor,
        action="visit.assigned",
        subject_id=public_id,
        site=chosen.public_id,
        checklists=list(asked),
        person=person,
        device=device_id,
        due_on=due_on.isoformat(),
    )
    return assignment(session, scope, public_id)


def withdraw(session: Session, scope: Scope, public_id: str) -> AssignmentRecord:
    """Take an open assignment back; what was sent for it already stays."""
    scope.require(Permission.MANAGE_FIELDWORK)
    known = assignment(session, scope, public_id)
    if known.state is not AssignmentState.OPEN:
        raise AssignmentOver(assignment=public_id, state=known.state)
    session.execute(
        update(Assignment)
        .where(Assignment.id == known.id, Assignment.withdrawn_at.is_(None))
        .values(withdrawn_at=clock.now(), withdrawn_by=scope.actor)
    )
    trail.record(
        session,
        organisation_id=scope.organisation_id,
        actor=scope.actor,
        action="visit.taken_back",
        subject_id=public_id,
        site=known.site,
    )
    return assignment(session, scope, public_id)


def _whom(
    session: Session, scope: Scope, person: str | None, device_id: str | None
) -> _Whom:
    if (person is None) == (device_id is None):
        raise ToNobody
    if person is not None:
        return _Whom(person_id=auditor_named(session, scope, person).id)
    try:
        known = device(session, scope, str(device_id))
    except DeviceNotFound as error:
        raise DeviceUnknown(device=device_id) from error
    if known.state not in {DeviceState.WAITING, DeviceState.IN_USE}:
        raise DeviceUnknown(device=device_id)
    return _Whom(device_id=known.id)


def _site(session: Session, scope: Scope, site_id: str) -> SiteRecord:
    try:
        chosen = site(session, scope, site_id)
    except SiteNotFound as error:
        raise SiteUnknown(field="site", site=site_id) from error
    if chosen.state is not SiteState.ACTIVE:
        raise SiteIsClosed(site=chosen.public_id, closed_on=str(chosen.closed_on))
    return chosen


def _checklist(session: Session, scope: Scope, form_id: str) -> uuid.UUID:
    newest = checklists.newest_version(session, scope, form_id)
    if newest is None or newest.closed_at is not None:
        raise ChecklistUnknown(checklist=form_id)
    return newest.checklist_id


def _refuse_twice(
    session: Session,
    scope: Scope,
    chosen: SiteRecord,
    asked: set[str],
    person: str | None,
    device_id: str | None,
) -> None:
    page = assignments(
        session,
        scope,
        rows=limits.PAGE_ROWS,
        site=chosen.public_id,
        person=person,
        device=device_id,
        state=AssignmentState.OPEN,
    )
    for known in page.rows:
        if asked & {one.checklist for one in known.checklists}:
            raise AlreadyAssigned(
                assignment=known.public_id,
                site=chosen.public_id,
                due_on=known.due_on.isoformat(),
            )
