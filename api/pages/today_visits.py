"""What is to be done about visits: planned, made, sent in, reviewed."""

import uuid
from typing import Any

from sqlalchemy import Select, Uuid, and_, bindparam, func, or_, select
from sqlalchemy.orm import aliased

from api.pages.today_errands import TaskKind
from api.pages.today_rows import CALLER, Rows, Sources, looked_at, row
from audits.checklists.form import Purpose
from audits.checklists.models import Checklist, ChecklistVersion
from audits.fieldwork.models import Assignment
from audits.fieldwork.queries import OUTSTANDING
from audits.fieldwork.queries import Own as Assigned
from audits.reviews.models import AuditReply
from audits.sampling.models import Draw, DrawnAs, DrawSite, DrawSwap, DrawVisit
from audits.submissions.arriving import ENCRYPTED
from audits.submissions.models import (
    Decryption,
    IntakeFault,
    Placement,
    Submission,
    SubmissionRefused,
    Withdrawal,
)
from audits.visits.lifecycle import State
from audits.visits.models import Audit, TeamMember
from compliance.identity.models import Device

ME = bindparam("person_id", type_=Uuid())
Successor, Arrived, Later = aliased(Submission), aliased(Submission), aliased(Draw)


def _audit(state: State, **due: Any) -> Rows:
    found = row(Audit.id, Audit.public_id, site_id=Audit.site_id, **due)
    return found.where(Audit.owner_id == CALLER, Audit.status == state.value)


# On the team in person, or with a device that one carries.
GOES_ALONG = (
    select(TeamMember.id)
    .outerjoin(Device, Device.id == TeamMember.device_id)
    .where(
        TeamMember.audit_id == Audit.id,
        or_(TeamMember.person_id == ME, Device.person_id == ME),
    )
    .correlate(Audit)
    .exists()
)
IS_MY_REVIEW = Audit.reviewer == bindparam("actor")
REPLY_RUNS = (
    select(AuditReply.id)
    .where(
        AuditReply.audit_id == Audit.id,
        AuditReply.answered_at.is_(None),
        AuditReply.closed_at.is_(None),
        AuditReply.due_at >= bindparam("now"),
    )
    .correlate(Audit)
    .exists()
)
COMES_UP = Audit.fieldwork_from <= bindparam("in_a_week")
HAS_COME = Audit.fieldwork_from <= bindparam("today")
LAST_DAY = {"due_on": Audit.fieldwork_to}
# To somebody, or to a device that nobody carries: each by an index of its own.
ASSIGNED = (
    row(
        Assignment.id,
        Assignment.public_id,
        site_id=Assignment.site_id,
        due_on=Assignment.due_on,
    )
    .select_from(Assignment)
    .join(Assigned, Assigned.id == Assignment.site_id)
    .where(
        looked_at(Assignment.owner_id == CALLER),
        Assignment.withdrawn_at.is_(None),
        OUTSTANDING,
    )
)
TO_ME = ASSIGNED.where(Assignment.person_id == ME)
TO_THIS_DEVICE = ASSIGNED.join(Device, Device.id == Assignment.device_id).where(
    Device.public_id == bindparam("actor")
)


def _swap(column: Any) -> Any:
    return (
        select(DrawSwap.id)
        .where(DrawSwap.draw_id == DrawSite.draw_id, column == DrawSite.site_id)
        .correlate(DrawSite)
        .exists()
    )


IS_PLANNED = (
    select(DrawVisit.audit_id)
    .join(Audit, Audit.id == DrawVisit.audit_id)
    .where(
        DrawVisit.draw_id == DrawSite.draw_id,
        DrawVisit.site_id == DrawSite.site_id,
        Audit.status != State.VOIDED.value,
    )
    .correlate(DrawSite)
    .exists()
)
LAST_NUMBER = (
    select(func.max(Later.number))
    .where(Later.mill_id == Draw.mill_id, Later.season == Draw.season)
    .correlate(Draw)
    .scalar_subquery()
)
# The sample as of now, of the draw that stands; what is of years ago is let rest.
DRAWN = (
    row(
        DrawSite.site_id,
        Draw.public_id,
        told=Draw.season,
        site_id=DrawSite.site_id,
    )
    .select_from(Draw)
    .join(DrawSite, DrawSite.draw_id == Draw.id)
    .where(
        Draw.owner_id == CALLER,
        Draw.drawn_at >= bindparam("a_year_ago"),
        Draw.number == LAST_NUMBER,
        or_(
            and_(DrawSite.role == DrawnAs.DRAWN.value, ~_swap(DrawSwap.out_site_id)),
            _swap(DrawSwap.in_site_id),
        ),
        ~IS_PLANNED,
    )
)


# What stands: neither taken out nor corrected.
STANDS = and_(
    ~select(Withdrawal.submission_id)
    .where(Withdrawal.submission_id == Submission.id)
    .correlate(Submission)
    .exists(),
    ~select(Successor.id)
    .where(Successor.supersedes_id == Submission.id)
    .correlate(Submission)
    .exists(),
)


def _answers(among: Select[uuid.UUID], site_id: Any = None) -> Rows:
    """Return answers that stand, with the form they are of.

    The few they are among are found first, by their keys alone: beside those stands
    all that was answered, and to come by one is to read over that.
    """
    return (
        row(
            Submission.id,
            Submission.public_id,
            told=Checklist.form_id,
            site_id=site_id,
        )
        .select_from(Submission)
        .join(Checklist, Checklist.id == Submission.checklist_id)
        .where(
            Submission.id.in_(among), looked_at(Submission.owner_id == CALLER), STANDS
        )
    )


WITH_FAULT = select(IntakeFault.submission_id).where(
    IntakeFault.owner_id == CALLER, IntakeFault.cleared_at.is_(None)
)
# PostgreSQL looks at whose each placement is; at all of them together, and not one by one
# beside each submission. SQLite has only to look into an index.
PLACED = (
    select(Placement.submission_id)
    .cte("placed")
    .prefix_with("MATERIALIZED", dialect="postgresql")
)
WITHOUT_PLACE = select(Arrived.id).where(
    Arrived.owner_id == CALLER,
    ~select(PLACED.c.submission_id)
    .where(PLACED.c.submission_id == Arrived.id)
    .correlate(Arrived)
    .exists(),
)
FAILED = (
    _answers(WITH_FAULT, Audit.site_id)
    .join(Placement, Placement.submission_id == Submission.id)
    .outerjoin(Audit, Audit.id == Placement.audit_id)
)
UNPLACED = (
    _answers(WITHOUT_PLACE)
    .join(ChecklistVersion, ChecklistVersion.id == Submission.checklist_version_id)
    .outerjoin(Decryption, Decryption.submission_id == Submission.id)
    .where(
        ChecklistVersion.purpose != Purpose.COMMUNITY.value,
        or_(Submission.media_type != ENCRYPTED, Decryption.submission_id.is_not(None)),
    )
)
REFUSED = (
    row(
        SubmissionRefused.id,
        SubmissionRefused.public_id,
        told=Checklist.form_id,
    )
    .select_from(SubmissionRefused)
    .join(Checklist, Checklist.id == SubmissionRefused.checklist_id)
    .where(
        SubmissionRefused.owner_id == CALLER,
        SubmissionRefused.received_at >= bindparam("a_month_ago"),
    )
)
OF_VISITS: Sources = {
    TaskKind.MAKE_VISIT: (
        _audit(State.PLANNED, **LAST_DAY).where(COMES_UP, GOES_ALONG),
    ),
    TaskKind.FILL_ASSIGNED: (TO_ME, TO_THIS_DEVICE),
    TaskKind.MEND_VISIT: (_audit(State.RETURNED).where(GOES_ALONG),),
    TaskKind.FOLLOW_VISIT: (_audit(State.PLANNED, **LAST_DAY).where(HAS_COME),),
    TaskKind.REVIEW: (_audit(State.SUBMITTED),),
    TaskKind.GO_ON_REVIEWING: (_audit(State.IN_REVIEW).where(IS_MY_REVIEW),),
    TaskKind.CONCLUDE: (_audit(State.RIGHT_OF_REPLY).where(~REPLY_RUNS),),
    TaskKind.FOLLOW_RETURNED: (_audit(State.RETURNED).where(IS_MY_REVIEW),),
    TaskKind.MEND_SUBMISSION: (FAILED,),
    TaskKind.PLACE_SUBMISSION: (UNPLACED,),
    TaskKind.LOOK_AT_REFUSED: (REFUSED,),
    TaskKind.PLAN_VISIT: (DRAWN,),
}
