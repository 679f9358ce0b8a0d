"""The intake: one plain function behind every door, one transaction, nothing lost.

Uniqueness of (checklist, instance id), and of what a submission supersedes, is the
database's; the decision is taken again when another request was a moment earlier.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from audits.checklists import queries as checklists
from audits.checklists.form import FormSchema, Purpose
from audits.checklists.queries import VersionRecord
from audits.submissions import attachments
from audits.submissions.arriving import JSON, ArrivedFile, Parcel, Told, told_by_xml
from audits.submissions.decision import Effect, decide
from audits.submissions.facts import Source, derive_facts, refused_answers
from audits.submissions.models import (
    DEVICE_ID_CHARACTERS,
    INSTANCE_ID_CHARACTERS,
    Stage,
    Submission,
    SubmissionRefused,
)
from audits.submissions.problems import (
    REFUSALS,
    AnswersUnusable,
    ChecklistClosed,
    InstanceIdTooLong,
)
from audits.submissions.processing import (
    Row,
    Then,
    note_fault,
    nothing_more,
    place,
    process,
    site_named,
)
from audits.submissions.standing import Situation, Standing, situation_of
from audits.submissions.written import read_written
from compliance import clock, trail
from compliance.database import insert_new
from compliance.files import Files
from compliance.identifiers import new_id, new_public_id
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.problems import Kind, Problem
from compliance.registry.actions import SiteUnknown
from rules.answers import AnswersRejected
from rules.vocabulary import Vocabulary

# A parcel loses a race at most once: what won it is there on the second look.
LOOKS = 3


@dataclass(frozen=True)
class Intake:
    """What the intake works with besides the database."""

    files: Files
    vocabulary: Vocabulary
    then: Then = nothing_more


@dataclass(frozen=True)
class Received:
    """What became of a parcel; a refusal is told after the commit that keeps it aside."""

    public_id: str | None
    is_new: bool = False
    is_placed: bool = True
    expected: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    refusal: Problem | None = None


@dataclass(frozen=True)
class _Opened:
    """A parcel with what could be read in it; None where reading it failed."""

    parcel: Parcel
    version: VersionRecord
    schema: FormSchema
    told: Told
    fault: Exception | None

    @property
    def names(self) -> tuple[str, ...] | None:
        return None if self.fault else self.told.files


def receive(
    session: Session,
    scope: Scope,
    intake: Intake,
    parcel: Parcel,
    arrived: Sequence[ArrivedFile] = (),
) -> Received:
    """Take in a filled checklist with the files that came along.

    The same again is answered the same and changes nothing but the files still missing;
    what contradicts what is there is kept aside and refused.
    """
    scope.require(Permission.SUBMIT_VISITS)
    opened = _open(session, scope, parcel)
    for _ in range(LOOKS):
        situation = situation_of(session, opened.version.checklist_id, parcel)
        effect = decide(situation.known, situation.base)
        if situation.standing and effect is Effect.REPEAT:
            return _repeat(session, scope, intake, opened, situation.standing, arrived)
        if effect is not Effect.CREATE:
            return _refuse(session, scope, opened, situation, effect)
        if _begun_after_closing(opened):
            return _refuse_closed(session, scope, opened)
        if parcel.media_type == JSON:
            _check_written(session, scope, intake, opened)
        row = _insert(session, scope, opened, situation)
        if row is not None:
            return _create(session, scope, intake, opened, situation, row, arrived)
    raise RuntimeError(f"{LOOKS} looks at an instance id did not settle it")


def _open(session: Session, scope: Scope, parcel: Parcel) -> _Opened:
    if len(parcel.instance_id) > INSTANCE_ID_CHARACTERS:
        raise InstanceIdTooLong(limit=INSTANCE_ID_CHARACTERS)
    version = checklists.version(session, scope, parcel.form_id, parcel.version)
    schema = checklists.schema_of_version(session, version)
    if parcel.instance is None:
        told = read_written(parcel.content).told()
        return _Opened(parcel, version, schema, told, None)
    try:
        told = told_by_xml(schema, parcel.instance)
    except Exception as fault:  # noqa: BLE001 - whatever it is, the answers are kept
        return _Opened(parcel, version, schema, Told(), fault)
    return _Opened(parcel, version, schema, told, None)


def _begun_after_closing(opened: _Opened) -> bool:
    """Work begun before the closing, or nobody knows when, is still taken."""
    closed_at, started_at = opened.version.closed_at, opened.told.started_at
    return bool(closed_at and started_at and started_at >= closed_at)


def _check_written(
    session: Session, scope: Scope, intake: Intake, opened: _Opened
) -> None:
    """Refuse a program's answers that cannot be used: it can mend them, a phone cannot."""
    reference = opened.told.site_reference or ""
    chosen = site_named(session, scope, reference)
    if chosen is None:
        raise SiteUnknown(field="site", site=reference)
    content = opened.parcel.content
    day = _observed_on(opened.told, clock.now())
    try:
        derive_facts(
            intake.vocabulary, Source(JSON, content, opened.schema, chosen, day)
        )
    except AnswersRejected as rejected:
        errors = refused_answers(read_written(content).document, rejected)
        raise AnswersUnusable(errors=errors) from rejected


def _observed_on(told: Told, received_at: datetime) -> date:
    """Return the day of the visit; a device that does not tell was there by receipt."""
    return told.observed_on or received_at.date()


def _insert(
    session: Session, scope: Scope, opened: _Opened, situation: Situation
) -> Row | None:
    """Store the bytes; None if another request took the instance id, or the edit."""
    parcel, told, now = opened.parcel, opened.told, clock.now()
    row = Row(
        id=new_id(),
        public_id=new_public_id("submission"),
        supersedes_id=situation.edited.id if situation.edited else None,
        checklist_version_id=opened.version.id,
        media_type=parcel.media_type,
        content=parcel.content,
        observed_on=_observed_on(told, now),
        received_at=now,
    )
    is_new = insert_new(
        session,
        Submission,
        **vars(row),
        owner_id=scope.organisation_id,
        checklist_id=opened.version.checklist_id,
        instance_id=parcel.instance_id,
        sha256=parcel.sha256,
        meaning_sha256=parcel.meaning_sha256,
        started_at=told.started_at,
        ended_at=told.ended_at,
        device_id=_device_id(opened),
        actor=scope.actor,
    )
    return row if is_new else None


def _device_id(opened: _Opened) -> str | None:
    device_id = opened.parcel.device_id or opened.told.device_id
    return device_id[:DEVICE_ID_CHARACTERS] if device_id else None


def _create(
    session: Session,
    scope: Scope,
    intake: Intake,
    opened: _Opened,
    situation: Situation,
    row: Row,
    arrived: Sequence[ArrivedFile],
) -> Received:
    attachments.expect(session, row.id, opened.told.files)
    if situation.edited is not None:
        attachments.carry_over(
            session, scope, situation.edited.id, row.id, opened.told.files
        )
    wanted = attachments.wanted(arrived, opened.names)
    added = attachments.keep(session, scope, intake.files, row.id, wanted)
    trail.record(
        session,
        organisation_id=scope.organisation_id,
        actor=scope.actor,
        action="submission.received",
        subject_id=row.public_id,
        form_id=opened.version.form_id,
        version=opened.version.version,
        instance_id=opened.parcel.instance_id,
        sha256=opened.parcel.sha256.hex(),
        supersedes=situation.edited.public_id if situation.edited else None,
        files=list(added),
    )
    if opened.fault is not None:
        note_fault(session, scope, row, Stage.READING, opened.fault)
    is_placed = _place(session, scope, intake, opened, row)
    return Received(
        row.public_id,
        is_new=True,
        is_placed=is_placed,
        expected=opened.told.files,
        missing=_missing(session, opened, row.id),
    )


def _place(
    session: Session, scope: Scope, intake: Intake, opened: _Opened, row: Row
) -> bool:
    """Place and process a submission, unless a supervisor has to say where it belongs."""
    if opened.schema.purpose is Purpose.COMMUNITY:
        return True
    reference = opened.told.site_reference
    if opened.version.closed_at or not reference:
        return False
    chosen = site_named(session, scope, reference)
    if chosen is None:
        return False
    audit = place(session, scope, row, opened.schema, opened.told.circumstances, chosen)
    process(
        session,
        scope,
        row,
        schema=opened.schema,
        audit=audit,
        chosen=chosen,
        vocabulary=intake.vocabulary,
        then=intake.then,
        instance=opened.parcel.instance,
    )
    return True


def _repeat(
    session: Session,
    scope: Scope,
    intake: Intake,
    opened: _Opened,
    standing: Standing,
    arrived: Sequence[ArrivedFile],
) -> Received:
    """Answer the same again, and take the files that had not come yet."""
    wanted = attachments.wanted(arrived, opened.names)
    added = attachments.keep(session, scope, intake.files, standing.id, wanted)
    if added:
        trail.record(
            session,
            organisation_id=scope.organisation_id,
            actor=scope.actor,
            action="submission.files_received",
            subject_id=standing.public_id,
            files=list(added),
        )
    return Received(
        standing.public_id,
        is_placed=standing.is_placed,
        expected=opened.told.files,
        missing=_missing(session, opened, standing.id),
    )


def _missing(
    session: Session, opened: _Opened, submission_id: uuid.UUID
) -> tuple[str, ...]:
    if not opened.told.files:
        return ()
    return attachments.missing(session, submission_id)


def _refuse(
    session: Session,
    scope: Scope,
    opened: _Opened,
    situation: Situation,
    effect: Effect,
) -> Received:
    refusal = REFUSALS[effect](
        instance_id=opened.parcel.instance_id,
        deprecated_id=opened.parcel.deprecated_id,
    )
    if refusal.kind is not Kind.CONFLICT:
        raise refusal
    standing = situation.standing
    if standing and standing.meaning_sha256 == opened.parcel.meaning_sha256:
        return Received(None, refusal=refusal)  # These very answers are here already.
    return _keep_aside(session, scope, opened, effect, refusal)


def _refuse_closed(session: Session, scope: Scope, opened: _Opened) -> Received:
    closed_at = opened.version.closed_at
    refusal = ChecklistClosed(
        checklist=opened.version.form_id,
        closed_on=closed_at.date().isoformat() if closed_at else None,
    )
    return _keep_aside(session, scope, opened, "checklist_closed", refusal)


def _keep_aside(
    session: Session, scope: Scope, opened: _Opened, reason: str, refusal: Problem
) -> Received:
    """Keep refused answers for a supervisor, once however often they are sent."""
    parcel, public_id = opened.parcel, new_public_id("refused")
    is_new = insert_new(
        session,
        SubmissionRefused,
        id=new_id(),
        public_id=public_id,
        owner_id=scope.organisation_id,
        checklist_id=opened.version.checklist_id,
        instance_id=parcel.instance_id,
        reason=reason,
        media_type=parcel.media_type,
        content=parcel.content,
        sha256=parcel.sha256,
        device_id=_device_id(opened),
        actor=scope.actor,
        received_at=clock.now(),
    )
    if is_new:
        trail.record(
            session,
            organisation_id=scope.organisation_id,
            actor=scope.actor,
            action="submission.refused",
            subject_id=public_id,
            reason=reason,
            instance_id=parcel.instance_id,
            sha256=parcel.sha256.hex(),
        )
    return Received(None, refusal=refusal)
