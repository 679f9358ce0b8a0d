"""What can be read of assignments: the list, one of them, and one's own.

Whether a visit was made is not written down a second time: an assignment is visited once
every checklist it asks for has come from its site.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    Date,
    Row,
    Select,
    Uuid,
    and_,
    bindparam,
    case,
    exists,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Session, aliased

from audits.checklists.models import Checklist, ChecklistVersion
from audits.fieldwork.models import AssignedChecklist, Assignment
from audits.submissions.models import Placement, Submission, Withdrawal
from audits.visits.models import Audit
from compliance import clock, limits
from compliance.database import Page
from compliance.identity.models import Device, Person
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.listings import Listing, equal_to, gathered
from compliance.problems import Kind, Problem
from compliance.registry.models import Site
from compliance.texts import N_


class AssignmentNotFound(Problem):
    kind = Kind.NOT_FOUND
    title = N_("No such assignment")
    detail = N_(
        "Your organisation has no assignment {assignment}. GET /v1/assignments lists "
        "those it has."
    )


class AssignmentState(StrEnum):
    OPEN = "open"
    VISITED = "visited"
    """Every checklist it asks for has come from its site."""
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Asked:
    """A checklist that is asked for (form id, newest title), and what answers it."""

    checklist: str
    title: str
    submission: str | None


@dataclass(frozen=True)
class AssignmentRecord:
    """Who visits which site by when; site, person and device by their public ids."""

    id: uuid.UUID
    public_id: str
    site: str
    site_name: str
    municipality: str | None
    person: str | None
    person_name: str | None
    device: str | None
    device_label: str | None
    due_on: date
    note: str | None
    state: AssignmentState
    assigned_by: str
    assigned_at: datetime
    withdrawn_at: datetime | None
    checklists: tuple[Asked, ...] = ()


@dataclass(frozen=True)
class Burden:
    """What one person, or one device that is nobody's, still has to visit."""

    public_id: str
    name: str
    open: int
    past_due: int
    next_due_on: date


# The row that was assigned leads to the one that is kept; so does the one visited.
Own, Seen, Successor = aliased(Site), aliased(Site), aliased(Submission)
ARRIVED = (
    select(Submission.public_id)
    .join(Placement, Placement.submission_id == Submission.id)
    .join(Audit, Audit.id == Placement.audit_id)
    .join(Seen, Seen.id == Audit.site_id)
    .where(
        Submission.checklist_id == AssignedChecklist.checklist_id,
        Submission.received_at >= Assignment.assigned_at,
        Seen.kept_id == Own.kept_id,
        ~exists().where(Withdrawal.submission_id == Submission.id),
        ~exists().where(Successor.supersedes_id == Submission.id),
    )
    .order_by(Submission.id)
    .limit(1)
    .correlate(AssignedChecklist, Assignment, Own)
)
OUTSTANDING = (
    select(AssignedChecklist.checklist_id)
    .where(
        AssignedChecklist.assignment_id == Assignment.id,
        ARRIVED.scalar_subquery().is_(None),
    )
    .correlate(Assignment, Own)
    .exists()
)
STATE = case(
    (Assignment.withdrawn_at.is_not(None), AssignmentState.WITHDRAWN.value),
    (OUTSTANDING, AssignmentState.OPEN.value),
    else_=AssignmentState.VISITED.value,
)
ASSIGNMENTS: Select[*tuple[Any, ...]] = (
    select(
        Assignment.id,
        Assignment.public_id,
        Site.public_id.label("site"),
        Site.name.label("site_name"),
        Site.municipality,
        Person.public_id.label("person"),
        Person.name.label("person_name"),
        Device.public_id.label("device"),
        Device.label.label("device_label"),
        Assignment.due_on,
        Assignment.note,
        STATE.label("state"),
        Assignment.assigned_by,
        Assignment.assigned_at,
        Assignment.withdrawn_at,
    )
    .join(Own, Own.id == Assignment.site_id)
    .join(Site, Site.id == Own.kept_id)
    .outerjoin(Person, Person.id == Assignment.person_id)
    .outerjoin(Device, Device.id == Assignment.device_id)
    .where(Assignment.owner_id == bindparam("owner_id"))
)
# Assigned to the person who asks, or to the very device.
IS_MINE = or_(
    Assignment.person_id == bindparam("person_id", type_=Uuid()),
    Device.public_id == bindparam("actor"),
)
# What was visited stays on the device for a while, so that it can be corrected.
IS_CARRIED = and_(
    Assignment.withdrawn_at.is_(None),
    or_(OUTSTANDING, Assignment.due_on >= bindparam("kept_since", type_=Date())),
)
NEWEST_TITLE = (
    select(ChecklistVersion.title)
    .where(ChecklistVersion.checklist_id == Checklist.id)
    .order_by(ChecklistVersion.id.desc())
    .limit(1)
    .scalar_subquery()
)
ASKED = (
    select(
        AssignedChecklist.assignment_id,
        Checklist.form_id,
        NEWEST_TITLE.label("title"),
        ARRIVED.scalar_subquery().label("submission"),
    )
    .join(Assignment, Assignment.id == AssignedChecklist.assignment_id)
    .join(Own, Own.id == Assignment.site_id)
    .join(Checklist, Checklist.id == AssignedChecklist.checklist_id)
    .where(AssignedChecklist.assignment_id.in_(bindparam("keys", expanding=True)))
    .order_by(Checklist.form_id)
)


Every = ASSIGNMENTS.subquery()
BURDENS = (
    select(
        func.coalesce(Every.c.person, Every.c.device).label("public_id"),
        func.coalesce(Every.c.person_name, Every.c.device_label).label("name"),
        func.count().label("open"),
        func.sum(
            case((Every.c.due_on < bindparam("today", type_=Date()), 1), else_=0)
        ).label("past_due"),
        func.min(Every.c.due_on).label("next_due_on"),
    )
    .where(Every.c.state == AssignmentState.OPEN)
    .group_by(Every.c.person, Every.c.device, Every.c.person_name, Every.c.device_label)
    .order_by(func.min(Every.c.due_on), func.count().desc())
)


def burdens(session: Session, scope: Scope) -> tuple[Burden, ...]:
    """Return what each auditor still has to visit, whoever is due first before others."""
    scope.require(Permission.MANAGE_FIELDWORK)
    found = session.execute(
        BURDENS, {"owner_id": scope.organisation_id, "today": clock.today()}
    )
    return tuple(Burden(**row._asdict()) for row in found)


def assignments(
    session: Session,
    scope: Scope,
    *,
    rows: int,
    after: str | None = None,
    **wanted: str | date | None,
) -> Page[AssignmentRecord]:
    """Return a page of the organisation's assignments in the order they were made.

    `wanted` filters by site, person, device (public ids), checklist (form id), state,
    and by `due_by`, the last day that is of interest.
    """
    scope.require(Permission.MANAGE_FIELDWORK)
    page = LISTED.page(
        session,
        {"owner_id": scope.organisation_id},
        rows=rows,
        after=after,
        wanted=wanted,
    )
    return Page(_with_checklists(session, page.rows), page.next_after)


def assignment(session: Session, scope: Scope, public_id: str) -> AssignmentRecord:
    """Return one assignment of the organisation, or raise AssignmentNotFound."""
    scope.require(Permission.MANAGE_FIELDWORK)
    missing = AssignmentNotFound(assignment=public_id)
    found = LISTED.one(session, {"owner_id": scope.organisation_id}, public_id, missing)
    return _with_checklists(session, [found])[0]


def own_assignments(
    session: Session,
    scope: Scope,
    *,
    rows: int,
    after: str | None = None,
    state: AssignmentState | None = None,
) -> Page[AssignmentRecord]:
    """Return a page of what was assigned to the person, or the device, that asks."""
    scope.require(Permission.SUBMIT_VISITS)
    page = OWN.page(
        session, bound_to(scope), rows=rows, after=after, wanted={"state": state}
    )
    return Page(_with_checklists(session, page.rows), page.next_after)


def bound_to(scope: Scope) -> Mapping[str, object]:
    """Return what IS_MINE is bound to, and whose assignments they are."""
    return {
        "owner_id": scope.organisation_id,
        "person_id": scope.person_id,
        "actor": scope.actor,
    }


def kept_since() -> date:
    """Return the day since when what was due is still carried, visited or not."""
    return clock.today() - timedelta(days=limits.ASSIGNMENT_DAYS_KEPT)


def _with_checklists(
    session: Session, records: Sequence[AssignmentRecord]
) -> tuple[AssignmentRecord, ...]:
    asked = gathered(
        session, ASKED, {}, [one.id for one in records], "assignment_id", _asked
    )
    return tuple(
        AssignmentRecord(**{**vars(one), "checklists": asked.get(one.id, ())})
        for one in records
    )


def _asked(row: Row[*tuple[Any, ...]]) -> Asked:
    return Asked(row.form_id, row.title, row.submission)


def _record(row: Row[*tuple[Any, ...]]) -> AssignmentRecord:
    return AssignmentRecord(**{**row._asdict(), "state": AssignmentState(row.state)})


FILTERS = {
    **equal_to(
        site=Site.public_id,
        person=Person.public_id,
        device=Device.public_id,
        state=STATE,
    ),
    "due_by": Assignment.due_on <= bindparam("due_by"),
    "checklist": select(Checklist.id)
    .join(AssignedChecklist, AssignedChecklist.checklist_id == Checklist.id)
    .where(
        AssignedChecklist.assignment_id == Assignment.id,
        Checklist.form_id == bindparam("checklist"),
    )
    .correlate(Assignment)
    .exists(),
}
LISTED = Listing(ASSIGNMENTS, Assignment.id, Assignment.public_id, _record, FILTERS)
OWN = Listing(
    ASSIGNMENTS.where(IS_MINE), Assignment.id, Assignment.public_id, _record, FILTERS
)
