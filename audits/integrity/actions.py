"""What is done about signals: asked for, derived in a job, kept, and read again.

A fault here never touches the visit: it is stored and committed long before, and the job
is tried again as any other.
"""

import json
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from sqlalchemy import BindParameter, Table, bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from audits.integrity.codes import FORMULA, Reading, Signal
from audits.integrity.comparing import compare
from audits.integrity.gathering import Gathered, Placed, gather
from audits.integrity.models import (
    PictureBand,
    PictureSketch,
    SketchKey,
    TextBand,
    VisitFlag,
    VisitProfile,
    VisitSignal,
)
from audits.integrity.picture_hashes import kept_bands
from audits.integrity.policy import POLICY
from audits.integrity.profile import profile_to_json
from audits.integrity.reckoning import Flag, flag_of, signals_of
from audits.integrity.text_sketches import Sketcher, bands
from audits.submissions.attachments import Store
from audits.submissions.deriving import DERIVE
from compliance import clock, jobs, site_marks, trail
from compliance.database import Base, insert_new
from compliance.identifiers import OrganisationId, new_id, new_public_id
from compliance.identity.scope import Scope, scope_of_system
from compliance.jobs import JSON, Doing, TwoSteps, Work
from compliance.jobs.actions import as_text
from compliance.jobs.models import Job
from compliance.policies.queries import in_force
from compliance.sealing import DataKey, Keyring, data_key, new_data_key

READ = "integrity.read"
SUBMISSION_ID: BindParameter[uuid.UUID] = bindparam("of_submission")


def ask_for_signals(session: Session, scope: Scope, submission: str) -> None:
    """Have the signals of a submission read, in the transaction that makes it necessary."""
    _enqueue(session, scope.organisation_id, submission)


def after(doings: Mapping[str, Doing]) -> dict[str, Doing]:
    """Return jobs about one submission that have its signals read when they are done."""
    return {kind: _followed(doing) for kind, doing in doings.items()}


def handlers(store: Store) -> dict[str, Doing]:
    """Return what reads signals."""

    def prepare(session: Session, work: Work) -> Gathered | None:
        scope, public_id = _scope(session, work), str(work.arguments["submission"])
        if _waits_for_files(session, work):
            return None
        policy = in_force(session, scope, POLICY, clock.today())
        return gather(session, store, scope.organisation_id, public_id, policy)

    def keep(
        session: Session, work: Work, gathered: Gathered | None
    ) -> Mapping[str, JSON]:
        if gathered is None:
            return {"signals": 0}
        scope = _scope(session, work)
        flag = keep_signals(session, scope, store.keyring, gathered)
        return {"signals": len(Signal), "is_flagged": flag.is_flagged}

    return {READ: TwoSteps(prepare=prepare, keep=keep)}


def keep_signals(
    session: Session, scope: Scope, keyring: Keyring, gathered: Gathered
) -> Flag:
    """Keep the profile and sketches of a visit, compare it, and keep what that says."""
    placed, now = gathered.placed, clock.now()
    policy = in_force(session, scope, POLICY, now.date())
    key = _sketch_key(session, scope, keyring)
    sketch = Sketcher(key.secret).signature(gathered.text) if gathered.text else None
    _keep_profile(session, gathered, sketch, now)
    _keep_sketches(session, gathered, sketch)
    compared = compare(session, gathered, sketch, policy)
    readings = signals_of(gathered.profile, compared.peers, policy)
    flag = flag_of(readings, policy)
    _keep_readings(session, placed, readings, now)
    _keep_flag(session, scope, placed, flag, policy.valid_from, now)
    site_marks.mark(session, placed.owner_id, placed.site_id)
    for submission in sorted(compared.later):
        _enqueue(session, scope.organisation_id, submission)
    return flag


def _waits_for_files(session: Session, work: Work) -> bool:
    """Tell whether derivatives are being made still: they are followed by another job."""
    waiting = select(Job.id).where(
        Job.kind == DERIVE,
        Job.organisation_id == work.organisation_id,
        Job.state.in_([jobs.State.READY, jobs.State.RUNNING]),
        Job.arguments == as_text({"submission": work.arguments["submission"]}),
    )
    return session.scalar(waiting.limit(1)) is not None


def _followed(doing: Doing) -> Doing:
    if not isinstance(doing, TwoSteps):
        raise TypeError("only work in two steps is followed by another")

    def keep(session: Session, work: Work, found: Any) -> Mapping[str, JSON] | None:
        done = doing.keep(session, work, found)
        if work.organisation_id is not None:
            submission = str(work.arguments["submission"])
            _enqueue(session, OrganisationId(work.organisation_id), submission)
        return done

    return TwoSteps(prepare=doing.prepare, keep=keep)


def _enqueue(session: Session, owner_id: OrganisationId, submission: str) -> None:
    jobs.enqueue(
        session,
        kind=READ,
        organisation_id=owner_id,
        arguments={"submission": submission},
        priority=-1,  # nobody waits for it as for a picture
    )


def _scope(session: Session, work: Work) -> Scope:
    if work.organisation_id is None:
        raise ValueError("a submission belongs to an organisation")
    return scope_of_system(session, OrganisationId(work.organisation_id))


def _sketch_key(session: Session, scope: Scope, keyring: Keyring) -> DataKey:
    """Return the organisation's key for sketches of text, made when first needed.

    Its row is held until the end, so that of two visits read at once the later sees the
    earlier: two that copy each other cannot miss one another.
    """
    owner_id = scope.organisation_id
    wanted = (
        select(SketchKey.key_id).where(SketchKey.owner_id == owner_id).with_for_update()
    )
    known = session.scalar(wanted)
    if known is None:
        made = new_data_key(session, keyring, owner_id)
        if insert_new(
            session, SketchKey, owner_id=owner_id, key_id=made.id, made_at=clock.now()
        ):
            return made
        known = session.execute(wanted).scalar_one()
    return data_key(session, keyring, known)


def _keep_profile(
    session: Session, gathered: Gathered, sketch: bytes | None, now: datetime
) -> None:
    placed, profile = gathered.placed, gathered.profile
    _put(
        session,
        VisitProfile,
        placed.id,
        owner_id=placed.owner_id,
        site_id=placed.site_id,
        checklist_id=placed.checklist_id,
        auditor=placed.auditor,
        actor=placed.actor,
        alike=placed.alike,
        observed_at=placed.observed_at,
        non_conformities=profile.non_conformities,
        document=profile_to_json(profile),
        text_sketch=sketch,
        formula=FORMULA,
        derived_at=now,
    )


def _keep_sketches(session: Session, gathered: Gathered, sketch: bytes | None) -> None:
    placed = gathered.placed
    session.execute(delete(TextBand).where(TextBand.submission_id == placed.id))
    kept = select(PictureSketch.attachment_id).where(
        PictureSketch.submission_id == placed.id
    )
    session.execute(delete(PictureBand).where(PictureBand.attachment_id.in_(kept)))
    session.execute(
        delete(PictureSketch).where(PictureSketch.submission_id == placed.id)
    )
    owned = {"owner_id": placed.owner_id}
    _add(
        session,
        TextBand,
        [
            {**owned, "submission_id": placed.id, "value": value}
            for value in sorted(set(bands(sketch) if sketch else ()))
        ],
    )
    _add(
        session,
        PictureSketch,
        [
            {
                **owned,
                "attachment_id": one.attachment_id,
                "submission_id": placed.id,
                "sha256": one.sha256,
                "hashes": one.hashes.to_bytes() if one.hashes else None,
            }
            for one in gathered.pictures
        ],
    )
    _add(
        session,
        PictureBand,
        [
            {**owned, "attachment_id": one.attachment_id, "value": value}
            for one in gathered.pictures
            if one.hashes
            for value in sorted(kept_bands(one.hashes))
        ],
    )


def _keep_readings(
    session: Session,
    placed: Placed,
    readings: Mapping[Signal, Reading],
    now: datetime,
) -> None:
    """Put the readings where those before were; each signal of a visit keeps its id."""
    known = set(
        session.scalars(
            select(VisitSignal.signal).where(VisitSignal.submission_id == placed.id)
        )
    )
    told = {
        signal: {
            "state": one.state,
            "is_doubtful": one.is_doubtful,
            "measure": None if one.measure is None else json.dumps(one.measure),
            "why": one.why,
            "evidence": json.dumps(dict(one.evidence), allow_nan=False).encode(),
            "formula": FORMULA,
            "read_at": now,
        }
        for signal, one in readings.items()
    }
    _add(
        session,
        VisitSignal,
        [
            {
                **values,
                "id": new_id(),
                "public_id": new_public_id("signal"),
                "owner_id": placed.owner_id,
                "submission_id": placed.id,
                "signal": signal,
            }
            for signal, values in told.items()
            if signal not in known
        ],
    )
    for signal in sorted(known):
        session.execute(
            update(VisitSignal)
            .where(VisitSignal.submission_id == placed.id, VisitSignal.signal == signal)
            .values(**told[Signal(signal)])
        )


def _keep_flag(
    session: Session,
    scope: Scope,
    placed: Placed,
    flag: Flag,
    policy_from: Any,
    now: datetime,
) -> None:
    """Keep the flag; that a visit came to be flagged, or is no more, is in the trail."""
    before = session.scalar(
        select(VisitFlag.is_flagged).where(VisitFlag.submission_id == placed.id)
    )
    _put(
        session,
        VisitFlag,
        placed.id,
        owner_id=placed.owner_id,
        is_flagged=flag.is_flagged,
        points=flag.points,
        reasons=json.dumps(flag.reasons),
        policy_from=policy_from,
        flagged_at=now,
    )
    if flag.is_flagged != bool(before):
        trail.record(
            session,
            organisation_id=scope.organisation_id,
            actor=scope.actor,
            action="submission.flagged" if flag.is_flagged else "submission.unflagged",
            subject_id=placed.public_id,
            reasons=list(flag.reasons),
            formula=FORMULA,
        )


def _put(
    session: Session, table: type[Base], submission_id: uuid.UUID, **values: object
) -> None:
    """Insert the row of a submission, or change the one that is there."""
    if insert_new(session, table, submission_id=submission_id, **values):
        return
    rows = cast(Table, table.__table__)
    session.execute(
        update(rows)
        .where(rows.c.submission_id == SUBMISSION_ID)
        .values({name: bindparam(f"new_{name}") for name in values}),
        {
            "of_submission": submission_id,
            **{f"new_{name}": value for name, value in values.items()},
        },
    )


def _add(session: Session, table: type[Base], rows: list[dict[str, Any]]) -> None:
    if rows:
        session.execute(insert(cast(Table, table.__table__)), rows)
