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
from audits.checklists.instance import Instance
from audits.checklists.queries import VersionRecord
from audits.submissions import attachments
from audits.submissions.apart import Apart, seals, take_apart
from audits.submissions.arriving import (
    ENCRYPTED,
    JSON,
    ArrivedFile,
    Parcel,
    Told,
    told_by_xml,
)
from audits.submissions.attachments import Store
from audits.submissions.decision import Effect, decide
from audits.submissions.deriving import ask_for_derivatives
from audits.submissions.encrypted import read_envelope, readable_envelope
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
from audits.submissions.sealed import (
    Names,
    keep_record,
    keep_refusal,
    key_of,
    names_of,
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
from compliance.sealing import DataKey, Keyring
from rules.answers import AnswersRejected
from rules.vocabulary import Vocabulary

# A parcel loses a race at most once: what won it is there on the second look.
LOOKS = 3


@dataclass(frozen=True)
class Intake:
    """What the intake works with besides the database."""

    files: Files
    keyring: Keyring
    vocabulary: Vocabulary
    then: Then = nothing_more
    # Of records that were made elsewhere, before the checklist was here.
    takes_old_records: bool = False

    @property
    def store(self) -> Store:
        return Store(self.files, self.keyring)


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
    # What may be read and what is sealed, of a checklist that asks about people.
    apart: Apart | None = None

    @property
    def content(self) -> bytes:
        """What is kept to be read."""
        return self.apart.readable if self.apart else self.parcel.content

    def called(self, key: DataKey | None) -> Names:
        """Return how the files are called outside of the record."""
        instance = None if self.fault else self.parcel.instance
        return names_of(self.schema, instance, key)

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
            return _refuse(session, scope, intake, opened, situation, effect)
        if _begun_after_closing(opened):
            return _refuse_closed(session, scope, intake, opened)
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
    if parcel.instance.is_encrypted:
        told = Told(files=read_envelope(parcel.instance).files)
        apart = Apart(readable_envelope(parcel.instance), ())
        return _Opened(parcel, version, schema, told, None, apart)
    divided = take_apart(schema, parcel.instance) if seals(schema) else None
    try:
        told = told_by_xml(schema, parcel.instance)
    except Exception as fault:  # noqa: BLE001 - whatever it is, the answers are kept
        return _Opened(parcel, version, schema, Told(), fault, divided)
    return _Opened(parcel, version, schema, told, None, divided)


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
        content=opened.content,
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
    key = _seal(session, scope, intake, opened, row)
    names = opened.called(key)
    attachments.expect(session, row.id, opened.told.files, names)
    if situation.edited is not None:
        _carry_over(session, scope, intake, opened, situation.edited, row, names)
    wanted = attachments.wanted(arrived, opened.names)
    added = attachments.keep(session, scope, intake.store, row.id, wanted, names)
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
        files=[one.sha256 for one in added],
    )
    ask_for_derivatives(session, scope, row.public_id, added)
    if opened.fault is not None:
        note_fault(session, scope, row, Stage.READING, opened.fault)
    is_placed = _place(session, scope, intake, opened, row)
    return Received(
        row.public_id,
        is_new=True,
        is_placed=is_placed,
        expected=opened.told.files,
        missing=_missing(session, opened, row.id, names),
    )


def _seal(
    session: Session, scope: Scope, intake: Intake, opened: _Opened, row: Row
) -> DataKey | None:
    """Seal a record that names people; only what may be read stays in its row."""
    if opened.apart is None:
        return None
    return keep_record(
        session,
        scope,
        intake.keyring,
        row.id,
        opened.parcel.content,
        opened.apart.answers,
    )


def _carry_over(
    session: Session,
    scope: Scope,
    intake: Intake,
    opened: _Opened,
    edited: Standing,
    row: Row,
    names: Names,
) -> None:
    """Take the files over that the edit still names, whatever they are called there."""
    before = opened.called(key_of(session, intake.keyring, edited.id))
    wanted_names = {
        before.stored(name): (names.stored(name), names.is_sensitive(name))
        for name in opened.told.files
    }
    attachments.carry_over(session, scope, edited.id, row.id, wanted_names)


def _place(
    session: Session, scope: Scope, intake: Intake, opened: _Opened, row: Row
) -> bool:
    """Place and process a submission; what is encrypted waits for its private key."""
    if opened.parcel.media_type == ENCRYPTED:
        return True
    return place_and_process(
        session,
        scope,
        intake,
        opened.version,
        opened.schema,
        opened.told,
        row,
        opened.parcel.instance,
    )


def place_and_process(
    session: Session,
    scope: Scope,
    intake: Intake,
    version: VersionRecord,
    schema: FormSchema,
    told: Told,
    row: Row,
    instance: Instance | None,
) -> bool:
    """Place and process a submission, unless a supervisor has to say where it belongs."""
    if schema.purpose is Purpose.COMMUNITY:
        return True
    if version.closed_at or not told.site_reference:
        return False
    chosen = site_named(session, scope, told.site_reference)
    if chosen is None:
        return False
    audit = place(
        session,
        scope,
        row,
        schema,
        told,
        chosen,
        not_before=None if intake.takes_old_records else version.published_at,
        is_told=not intake.takes_old_records,  # an archive is thousands of visits
    )
    process(
        session,
        scope,
        row,
        schema=schema,
        audit=audit,
        chosen=chosen,
        vocabulary=intake.vocabulary,
        then=intake.then,
        instance=instance,
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
    names = Names()
    if opened.apart is not None:
        names = opened.called(key_of(session, intake.keyring, standing.id))
    wanted = attachments.wanted(arrived, opened.names)
    added = attachments.keep(session, scope, intake.store, standing.id, wanted, names)
    if added:
        trail.record(
            session,
            organisation_id=scope.organisation_id,
            actor=scope.actor,
            action="submission.files_received",
            subject_id=standing.public_id,
            files=[one.sha256 for one in added],
        )
        ask_for_derivatives(session, scope, standing.public_id, added)
    return Received(
        standing.public_id,
        is_placed=standing.is_placed,
        expected=opened.told.files,
        missing=_missing(session, opened, standing.id, names),
    )


def _missing(
    session: Session, opened: _Opened, submission_id: uuid.UUID, names: Names
) -> tuple[str, ...]:
    """Return the missing files by the names their sender knows them by."""
    if not opened.told.files:
        return ()
    known = {names.stored(name): name for name in opened.told.files}
    return tuple(
        known.get(name, name) for name in attachments.missing(session, submission_id)
    )


def _refuse(
    session: Session,
    scope: Scope,
    intake: Intake,
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
    return _keep_aside(session, scope, intake, opened, effect, refusal)


def _refuse_closed(
    session: Session, scope: Scope, intake: Intake, opened: _Opened
) -> Received:
    closed_at = opened.version.closed_at
    refusal = ChecklistClosed(
        checklist=opened.version.form_id,
        closed_on=closed_at.date().isoformat() if closed_at else None,
    )
    return _keep_aside(session, scope, intake, opened, "checklist_closed", refusal)


def _keep_aside(
    session: Session,
    scope: Scope,
    intake: Intake,
    opened: _Opened,
    reason: str,
    refusal: Problem,
) -> Received:
    """Keep refused answers for a supervisor, once however often they are sent."""
    parcel, public_id = opened.parcel, new_public_id("refused")
    refused_id = new_id()
    is_new = insert_new(
        session,
        SubmissionRefused,
        id=refused_id,
        public_id=public_id,
        owner_id=scope.organisation_id,
        checklist_id=opened.version.checklist_id,
        instance_id=parcel.instance_id,
        reason=reason,
        media_type=parcel.media_type,
        content=opened.content,
        sha256=parcel.sha256,
        device_id=_device_id(opened),
        actor=scope.actor,
        received_at=clock.now(),
    )
    if is_new and opened.apart is not None:
        keep_refusal(session, scope, intake.keyring, refused_id, parcel.content)
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
