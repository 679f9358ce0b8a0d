"""The key that signs heads: an Ed25519 key in a file that only its owner may read.

The database knows the public halves, each presented by the key before it, so that a
reader who trusts one key can follow to the next.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from compliance import clock
from compliance.files import sync
from compliance.problems import Kind, Problem
from compliance.proofs.models import TrailKey, TrailTreeHead
from compliance.proofs.statements import key_id_of, key_statement
from compliance.texts import N_

OTHERS = 0o077


class SigningKeyMissing(Problem):
    kind = Kind.UNAVAILABLE
    title = N_("The key that signs the trail is missing")
    detail = N_(
        "The database was signed with the key {key}, and {file} is not that key. Put "
        "the right file back. Without it nothing more can be signed: a new key that "
        "the old one did not present would be taken for a forgery."
    )


class SigningKeyExposed(Problem):
    kind = Kind.CONFLICT
    title = N_("Others can read the key that signs the trail")
    detail = N_("Take the rights of others away: chmod 600 {file}")


class SigningKeyUnreadable(Problem):
    kind = Kind.CONFLICT
    title = N_("The key that signs the trail cannot be read")
    detail = N_("{file} holds no Ed25519 key in PEM form.")


class NothingSigned(Problem):
    kind = Kind.CONFLICT
    title = N_("Nothing of the trail is sealed yet")
    detail = N_(
        "Entries are sealed in batches, the first of them soon after the start. Try "
        "again in a few minutes, or let the operator run: atalaya trail anchor"
    )


@dataclass(frozen=True)
class SigningKey:
    """A private key, and the log it signs for: the id of the log's first key."""

    private: Ed25519PrivateKey = field(repr=False)
    log: str

    @property
    def public_bytes(self) -> bytes:
        return self.private.public_key().public_bytes_raw()

    @property
    def key_id(self) -> str:
        return key_id_of(self.public_bytes)

    def sign(self, statement: bytes) -> bytes:
        """Return the signature of 64 bytes; every statement says what kind it is."""
        return self.private.sign(statement)


def keys(session: Session) -> Sequence[TrailKey]:
    """Return every public key that has signed, in their order."""
    return session.scalars(select(TrailKey).order_by(TrailKey.ordinal)).all()


def key_document(key: TrailKey) -> dict[str, str]:
    """Return a public key as it travels."""
    return {
        "key": key.statement.decode(errors="replace"),
        "signature": key.signature.hex(),
    }


def signing_key(session: Session, path: Path) -> SigningKey:
    """Return the key in force; the very first is made and presented here.

    Two at once would make two: the caller holds `one_at_a_time`.
    """
    if keys(session):
        return key_in_force(session, path)
    private = read(path) if path.exists() else _make(path)
    first = SigningKey(private, key_id_of(private.public_key().public_bytes_raw()))
    _present(session, first, by=first, ordinal=1, from_head=1)
    return first


def key_in_force(session: Session, path: Path) -> SigningKey:
    """Return the newest key, or raise NothingSigned or SigningKeyMissing.

    Where a rotation was cut off after its commit, this ends it.
    """
    known = keys(session)
    if not known:
        raise NothingSigned
    log, newest = known[0].key_id, known[-1].key_id
    for place in (path, _aside(path)):
        if place.exists() and (key := SigningKey(read(place), log)).key_id == newest:
            if place != path:
                finish_rotation(path)
            return key
    raise SigningKeyMissing(key=newest, file=str(path))


def rotate(session: Session, path: Path) -> SigningKey:
    """Make the next key and let the one in force present it.

    Its file lies beside the old one until `finish_rotation`, after the commit.
    """
    before = signing_key(session, path)
    _aside(path).unlink(missing_ok=True)
    after = SigningKey(_make(_aside(path)), before.log)
    newest = session.scalar(select(func.max(TrailTreeHead.number))) or 0
    ordinal = len(keys(session)) + 1
    _present(session, after, by=before, ordinal=ordinal, from_head=newest + 1)
    return after


def finish_rotation(path: Path) -> None:
    """Put the new key in the old one's place, which is gone for good."""
    _aside(path).replace(path)
    sync(path.parent)


def read(path: Path) -> Ed25519PrivateKey:
    """Return the private key in a file that nobody else can read."""
    if path.stat().st_mode & OTHERS:
        raise SigningKeyExposed(file=str(path))
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError) as error:
        raise SigningKeyUnreadable(file=str(path)) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise SigningKeyUnreadable(file=str(path))
    return key


def _aside(path: Path) -> Path:
    return path.with_name(path.name + ".next")


def _make(path: Path) -> Ed25519PrivateKey:
    """Write a fresh key durably, readable by its owner only from the first byte on."""
    private = Ed25519PrivateKey.from_private_bytes(clock.random_bytes(32))
    content = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    sync(path.parent)
    return private


def _present(
    session: Session, key: SigningKey, *, by: SigningKey, ordinal: int, from_head: int
) -> None:
    statement = key_statement(
        key.public_bytes,
        log=key.log,
        ordinal=ordinal,
        from_head=from_head,
        at=clock.now(),
        signed_by=by.key_id,
    )
    session.execute(
        insert(TrailKey).values(
            key_id=key.key_id,
            ordinal=ordinal,
            statement=statement,
            signature=by.sign(statement),
        )
    )
