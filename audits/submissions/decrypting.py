"""Opening encrypted submissions: a step of its own, by whoever holds the private key.

The envelope stays as evidence, sealed. What was in it goes the way of every record: its
place, its facts, its assessment.
"""

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from tempfile import NamedTemporaryFile

from sqlalchemy import select
from sqlalchemy.orm import Session

from audits.checklists import queries as checklists
from audits.checklists.form import FormSchema
from audits.checklists.instance import Instance, InstanceRejected, read_instance
from audits.submissions import attachments
from audits.submissions.apart import seals, take_apart
from audits.submissions.arriving import ENCRYPTED, XML, ArrivedFile, told_by_xml
from audits.submissions.attachments import Store
from audits.submissions.deriving import ask_for_derivatives
from audits.submissions.encrypted import (
    Envelope,
    EnvelopeChanged,
    Opened,
    PrivateKey,
    open_envelope,
    read_envelope,
)
from audits.submissions.intake import Intake, place_and_process
from audits.submissions.models import Decryption, Submission, Withdrawal
from audits.submissions.processing import Row
from audits.submissions.queries import SubmissionRecord, submission
from audits.submissions.sealed import (
    Names,
    decrypted_place,
    file_pieces,
    keep_answers,
    key_of,
    names_of,
    original_of,
)
from compliance import clock, trail
from compliance.database import insert_new
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.problems import Kind, Problem
from compliance.sealing import DataKey, seal
from compliance.texts import N_

BEGINNING_BYTES = 512


class EncryptedFilesMissing(Problem):
    kind = Kind.CONFLICT
    title = N_("Files of the encrypted record have not come yet")
    detail = N_(
        "The record {instance_id} cannot be opened before {count} more of its files "
        "have come. Have the device send it again."
    )


@dataclass(frozen=True)
class Inside:
    """The record that was in an envelope, read by the schema of its version."""

    content: bytes
    instance: Instance
    schema: FormSchema
    opened: Opened


def waiting(session: Session, scope: Scope) -> Sequence[str]:
    """Return the public ids of encrypted submissions that nobody has opened yet."""
    scope.require(Permission.SUPERVISE_VISITS)
    return session.scalars(
        select(Submission.public_id)
        .outerjoin(Decryption, Decryption.submission_id == Submission.id)
        .outerjoin(Withdrawal, Withdrawal.submission_id == Submission.id)
        .where(
            Submission.owner_id == scope.organisation_id,
            Submission.media_type == ENCRYPTED,
            Decryption.submission_id.is_(None),
            Withdrawal.submission_id.is_(None),
        )
        .order_by(Submission.id)
    ).all()


def decrypt(
    session: Session,
    scope: Scope,
    intake: Intake,
    private: PrivateKey,
    *,
    submission_id: str,
) -> SubmissionRecord:
    """Open one submission and process what was in it; whole or not at all."""
    scope.require(Permission.SUPERVISE_VISITS)
    found = submission(session, scope, submission_id)
    if submission_id not in waiting(session, scope):
        return found
    key = key_of(session, intake.keyring, found.id)
    if key is None:
        raise EnvelopeChanged(instance_id=found.instance_id)
    envelope = read_envelope(
        read_instance(original_of(session, intake.keyring, found.id))
    )
    inside = _inside(session, scope, intake, private, found, envelope, key)
    row = _keep(session, scope, found, inside, key, private)
    names = names_of(inside.schema, inside.instance, key)
    told = told_by_xml(inside.schema, inside.instance)
    attachments.expect(session, row.id, told.files, names)
    added = _keep_files(session, scope, intake.store, row.id, inside, names)
    trail.record(
        session,
        organisation_id=scope.organisation_id,
        actor=scope.actor,
        action="submission.decrypted",
        subject_id=submission_id,
        sha256=hashlib.sha256(inside.content).hexdigest(),
        key_sha256=private.sha256.hex(),
        files=[one.sha256 for one in added],
    )
    ask_for_derivatives(session, scope, submission_id, added)
    version = checklists.version(session, scope, found.checklist, found.version)
    place_and_process(
        session, scope, intake, version, inside.schema, told, row, inside.instance
    )
    return submission(session, scope, submission_id)


def _inside(
    session: Session,
    scope: Scope,
    intake: Intake,
    private: PrivateKey,
    found: SubmissionRecord,
    envelope: Envelope,
    key: DataKey,
) -> Inside:
    files = {one.name: one.id for one in attachments.in_force(session, found.id)}
    hidden = Names(hides_all=True, key=key)
    missing = [name for name in envelope.files if hidden.stored(name) not in files]
    if missing:
        raise EncryptedFilesMissing(
            instance_id=envelope.instance_id, count=len(missing)
        )

    def content_of(name: str) -> bytes:
        file_id = files[hidden.stored(name)]
        return b"".join(file_pieces(session, intake.keyring, intake.files, file_id))

    opened = open_envelope(envelope, private, content_of)
    try:
        instance = read_instance(opened.record)
    except InstanceRejected as rejected:
        raise EnvelopeChanged(instance_id=envelope.instance_id) from rejected
    named = (instance.form_id, instance.version, instance.instance_id)
    if named != (envelope.form_id, envelope.version, envelope.instance_id):
        raise EnvelopeChanged(instance_id=envelope.instance_id)
    version = checklists.version(session, scope, found.checklist, found.version)
    schema = checklists.schema_of_version(session, version)
    return Inside(opened.record, instance, schema, opened)


def _keep(
    session: Session,
    scope: Scope,
    found: SubmissionRecord,
    inside: Inside,
    key: DataKey,
    private: PrivateKey,
) -> Row:
    """Keep what was in the envelope: what may be read of it, and the whole, sealed."""
    readable, told = inside.content, told_by_xml(inside.schema, inside.instance)
    if seals(inside.schema):
        apart = take_apart(inside.schema, inside.instance)
        readable = apart.readable
        keep_answers(session, scope, key, found.id, apart.answers)
    observed_on = told.observed_on or found.observed_on
    insert_new(
        session,
        Decryption,
        submission_id=found.id,
        owner_id=scope.organisation_id,
        media_type=XML,
        content=readable,
        sealed=seal(key.secret, inside.content, decrypted_place(found.id)),
        sha256=hashlib.sha256(inside.content).digest(),
        observed_on=observed_on,
        started_at=told.started_at,
        ended_at=told.ended_at,
        key_sha256=private.sha256,
        actor=scope.actor,
        decrypted_at=clock.now(),
    )
    supersedes_id = session.execute(
        select(Submission.supersedes_id).where(Submission.id == found.id)
    ).scalar_one()
    return Row(
        id=found.id,
        public_id=found.public_id,
        supersedes_id=supersedes_id,
        checklist_version_id=found.checklist_version_id,
        media_type=XML,
        content=inside.content,
        observed_on=observed_on,
        received_at=found.received_at,
    )


def _keep_files(
    session: Session,
    scope: Scope,
    store: Store,
    submission_id: uuid.UUID,
    inside: Inside,
    names: Names,
) -> tuple[attachments.Kept, ...]:
    arrived = [
        (name, _arrived(store, name, content)) for name, content in inside.opened.media
    ]
    return attachments.keep(session, scope, store, submission_id, arrived, names)


def _arrived(store: Store, name: str, content: bytes) -> ArrivedFile:
    with NamedTemporaryFile(dir=store.files.incoming(), delete=False) as file:
        file.write(content)
    digest = hashlib.sha256(content).hexdigest()
    path = store.files.incoming() / file.name
    return ArrivedFile(name, path, digest, len(content), content[:BEGINNING_BYTES])
