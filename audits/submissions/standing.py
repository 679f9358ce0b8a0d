"""What stands under an instance id: nothing, or a submission and what became of it."""

import uuid
from dataclasses import dataclass

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, aliased

from audits.submissions.arriving import Parcel
from audits.submissions.decision import Base, Known
from audits.submissions.models import Placement, Submission, Withdrawal

Successor = aliased(Submission)

STANDING = (
    select(
        Submission.id,
        Submission.public_id,
        Submission.instance_id,
        Submission.meaning_sha256,
        Successor.id.is_not(None).label("is_superseded"),
        Withdrawal.submission_id.is_not(None).label("is_withdrawn"),
        Placement.submission_id.is_not(None).label("is_placed"),
    )
    .outerjoin(Successor, Successor.supersedes_id == Submission.id)
    .outerjoin(Withdrawal, Withdrawal.submission_id == Submission.id)
    .outerjoin(Placement, Placement.submission_id == Submission.id)
    .where(
        Submission.checklist_id == bindparam("checklist_id"),
        Submission.instance_id.in_([bindparam("instance_id"), bindparam("edited_id")]),
    )
)


@dataclass(frozen=True)
class Standing:
    """A submission by the id its device gave it."""

    id: uuid.UUID
    public_id: str
    instance_id: str
    meaning_sha256: bytes
    is_superseded: bool
    is_withdrawn: bool
    is_placed: bool


@dataclass(frozen=True)
class Situation:
    """What a parcel meets: what stands under its own id, and under the one it edits."""

    standing: Standing | None
    edited: Standing | None
    known: Known
    base: Base


def situation_of(
    session: Session, checklist_id: uuid.UUID, parcel: Parcel
) -> Situation:
    """Return what the parcel meets at this moment."""
    rows = session.execute(
        STANDING,
        {
            "checklist_id": checklist_id,
            "instance_id": parcel.instance_id,
            "edited_id": parcel.deprecated_id or parcel.instance_id,
        },
    )
    by_id = {row.instance_id: Standing(*row) for row in rows}
    standing = by_id.get(parcel.instance_id)
    edited = by_id.get(parcel.deprecated_id) if parcel.deprecated_id else None
    return Situation(standing, edited, _known(standing, parcel), _base(edited, parcel))


def _known(standing: Standing | None, parcel: Parcel) -> Known:
    if standing is None:
        return Known.NOTHING
    if standing.is_withdrawn:
        return Known.WITHDRAWN
    if standing.is_superseded:
        return Known.SUPERSEDED
    is_equal = standing.meaning_sha256 == parcel.meaning_sha256
    return Known.EQUAL if is_equal else Known.OTHER


def _base(edited: Standing | None, parcel: Parcel) -> Base:
    if parcel.deprecated_id is None:
        return Base.NONE_NAMED
    if edited is None:
        return Base.UNKNOWN
    if edited.is_withdrawn:
        return Base.WITHDRAWN
    return Base.SUPERSEDED if edited.is_superseded else Base.CURRENT
