"""The files that show what was done: sealed as they came, read on purpose only."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

from sqlalchemy import insert
from sqlalchemy.orm import Session

from compliance import clock, limits
from compliance.corrective_actions.codes import ProofKind
from compliance.corrective_actions.lifecycle import ENDED
from compliance.corrective_actions.models import Proof
from compliance.corrective_actions.noting import lock, record
from compliance.corrective_actions.queries import (
    ActionRecord,
    ProofRecord,
    corrective_action,
    proofs_of,
)
from compliance.corrective_actions.texts import key_of
from compliance.files import Files
from compliance.identifiers import new_id, new_public_id
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.problems import Kind, Problem
from compliance.sealing import Keyring, seal_file, unsealed_pieces
from compliance.texts import N_

# Pictures and papers; nothing that a program on the reader's side would run.
MEDIA_TYPES = frozenset(
    {
        "image/jpeg",
        "image/png",
        "image/webp",
        "image/heic",
        "application/pdf",
    }
)


class ProofNotTaken(Problem):
    kind = Kind.WRONG_TYPE
    title = N_("This kind of file is no proof")
    detail = N_(
        "By its first bytes the file is {media_type}. Send a picture (JPEG, PNG, WebP, "
        "HEIC) or a PDF."
    )


class ProofEmptyOrTooLarge(Problem):
    kind = Kind.INVALID
    title = N_("The file is empty or too large")
    detail = N_("It has {size} bytes; from 1 to {limit} are taken.")


class TooManyProofs(Problem):
    kind = Kind.CONFLICT
    title = N_("This corrective action has too many files")
    detail = N_("{action} has {limit} files; choose those that show it best.")


class ActionEnded(Problem):
    kind = Kind.CONFLICT
    title = N_("The corrective action has ended")
    detail = N_("{action} is {state}; nothing is added to it any more.")


class ProofNotFound(Problem):
    kind = Kind.NOT_FOUND
    title = N_("No such file")
    detail = N_("{action} has no file {proof}.")


@dataclass(frozen=True)
class ArrivedProof:
    """A file on disk that is nobody's yet, and what its bytes say it is."""

    path: Path
    sha256: str
    size: int
    media_type: str


def add_proof(
    session: Session,
    scope: Scope,
    keyring: Keyring,
    files: Files,
    public_id: str,
    *,
    kind: ProofKind,
    arrived: ArrivedProof,
) -> ProofRecord:
    """Keep a file that shows what was done, sealed; the same file again is the same.

    The sealed file is on disk before the row that names it is committed.
    """
    scope.require(Permission.READ_FINDINGS)
    before, _ = lock(session, scope, public_id)
    scope.require(Permission.ANSWER_FINDINGS)
    _refuse(before, arrived)
    known = proofs_of(session, scope, before)
    for proof in known:
        if proof.sha256 == arrived.sha256:
            return proof
    if len(known) >= limits.PROOFS_OF_ACTION:
        raise TooManyProofs(action=public_id, limit=limits.PROOFS_OF_ACTION)
    proof_id = new_public_id("proof")
    session.execute(
        insert(Proof).values(
            id=new_id(),
            public_id=proof_id,
            owner_id=before.owner_id,
            action_id=before.id,
            kind=kind,
            sha256=arrived.sha256,
            size=arrived.size,
            media_type=arrived.media_type,
            file_sha256=_sealed_on_disk(session, keyring, files, before, arrived),
            added_by=scope.actor,
            added_at=clock.now(),
        )
    )
    record(
        session,
        scope,
        before.owner_id,
        public_id,
        "add_proof",
        proof=proof_id,
        kind=kind,
        sha256=arrived.sha256,
    )
    return next(
        one for one in proofs_of(session, scope, before) if one.sha256 == arrived.sha256
    )


def proof_pieces(
    session: Session,
    scope: Scope,
    keyring: Keyring,
    files: Files,
    public_id: str,
    proof: str,
) -> tuple[ProofRecord, Iterator[bytes]]:
    """Return a file of an action, and its content piece by piece."""
    scope.require(Permission.READ_STATEMENTS)
    found = corrective_action(session, scope, public_id)
    for one in proofs_of(session, scope, found):
        if one.public_id == proof:
            key = key_of(session, keyring, found.owner_id, found.key_id)
            place = _place(found, one.sha256)
            path = files.path(one.file_sha256)
            return one, unsealed_pieces(key.secret, path, place)
    raise ProofNotFound(action=public_id, proof=proof)


def _refuse(before: ActionRecord, arrived: ArrivedProof) -> None:
    if before.state in ENDED:
        raise ActionEnded(action=before.public_id, state=before.state)
    if not 0 < arrived.size <= limits.PROOF_BYTES:
        raise ProofEmptyOrTooLarge(size=arrived.size, limit=limits.PROOF_BYTES)
    if arrived.media_type not in MEDIA_TYPES:
        raise ProofNotTaken(media_type=arrived.media_type)


def _sealed_on_disk(
    session: Session,
    keyring: Keyring,
    files: Files,
    before: ActionRecord,
    arrived: ArrivedProof,
) -> str:
    key = key_of(session, keyring, before.owner_id, before.key_id)
    place = _place(before, arrived.sha256)
    with NamedTemporaryFile(dir=files.incoming(), delete=False) as target:
        digest = seal_file(key.secret, arrived.path, target.file, place)
    files.take(files.incoming() / target.name, digest)
    return digest


def _place(found: ActionRecord, sha256: str) -> str:
    return f"proof\n{found.id}\n{sha256}"
