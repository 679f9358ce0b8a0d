"""The key that signs access tokens: its private half is a file, its public half a row.

The file is made when it is missing and never leaves its machine. Before the first token
of a key goes out its public half is in the database, where every process finds it; the
key after it takes over at `atalaya keys rotate`, and what it signed stays good until it
expires.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from compliance import clock, limits, trail
from compliance.database import insert_new
from compliance.identifiers import OrganisationId, random_word
from compliance.identity.models import Organisation, SigningKey
from compliance.identity.scope import SYSTEM
from compliance.identity.tokens import ALGORITHM
from compliance.problems import Kind, Problem
from compliance.texts import N_

CURVE = "P-256"
PRIVATE = 0o600


class SigningKeyUnusable(Problem):
    """The file is not there, cannot be read, or holds something else."""

    kind = Kind.UNAVAILABLE
    title = N_("The signing key cannot be used")
    detail = N_(
        "{path} must hold a private key of the curve P-256 as PEM, readable by the "
        "server. 'atalaya keys rotate' makes a new one there."
    )


class SigningKeyRetired(Problem):
    """The file holds a key that another has taken over from, as after a restore."""

    kind = Kind.UNAVAILABLE
    title = N_("The signing key was retired")
    detail = N_(
        "{path} holds a key that another has replaced, so it signs nothing any more. "
        "'atalaya keys rotate' makes a new one there."
    )


@dataclass(frozen=True)
class PrivateKey:
    """A private key and the name it is known by: its thumbprint (RFC 7638)."""

    kid: str
    key: ECKey

    def public_jwk(self) -> dict[str, object]:
        """Return the public half as RFC 7517 has it."""
        public = self.key.as_dict(private=False)
        return {**public, "kid": self.kid, "use": "sig", "alg": ALGORITHM}


def make_key() -> PrivateKey:
    """Return a fresh private key; it comes from the operating system's own chance."""
    return _named(ECKey.generate_key(CURVE))


def read_key(path: Path) -> PrivateKey:
    """Return the key in a file, or raise SigningKeyUnusable."""
    try:
        key = ECKey.import_key(path.read_bytes())
    except (OSError, JoseError, ValueError, TypeError) as fault:
        raise SigningKeyUnusable(path=str(path)) from fault
    if not key.is_private or key.curve_name != CURVE:
        raise SigningKeyUnusable(path=str(path))
    return _named(key)


def ensure_key(path: Path) -> PrivateKey:
    """Return the key in a file, made there first if the file is missing."""
    if not path.exists():
        temporary = _write_beside(path, make_key())
        try:
            os.link(temporary, path)  # fails where another process was a moment earlier
            _sync_folder(path)
        except FileExistsError:
            pass
        finally:
            temporary.unlink()
    return read_key(path)


def signing_key(session: Session, path: Path) -> PrivateKey:
    """Return the key to sign with now; its public half is known when this commits."""
    key = read_key(path)
    _register(session, key)
    honoured_until = session.scalar(
        select(SigningKey.honoured_until).where(SigningKey.kid == key.kid)
    )
    if honoured_until is not None:
        raise SigningKeyRetired(path=str(path))
    return key


def public_keys(session: Session, path: Path) -> tuple[Mapping[str, object], ...]:
    """Return the public keys whose tokens are good at this instant, the oldest first.

    The key in the file is among them even before it has signed anything.
    """
    rows = session.execute(
        select(
            SigningKey.kid, SigningKey.public_jwk, SigningKey.honoured_until
        ).order_by(SigningKey.created_at, SigningKey.kid)
    ).all()
    honoured = [
        json.loads(row.public_jwk)
        for row in rows
        if row.honoured_until is None or row.honoured_until > clock.now()
    ]
    own = read_key(path)
    is_known = own.kid in {row.kid for row in rows}
    return tuple(honoured) if is_known else (*honoured, own.public_jwk())


@dataclass(frozen=True)
class Rotated:
    """Which key took over from which, and until when the old one's tokens are good."""

    before: str | None
    after: str
    honoured_until: datetime


def rotate(session: Session, path: Path, *, at_once: bool = False) -> Rotated:
    """Put a fresh key in the file's place.

    Tokens of the key before stay good until they expire, or end here and now: `at_once`
    is for a key that somebody else may have seen.
    """
    before = read_key(path) if path.exists() else None
    after = make_key()
    lasting = timedelta(0) if at_once else timedelta(seconds=limits.TOKEN_SECONDS)
    honoured_until = clock.now() + lasting
    if before is not None:
        _register(session, before)
        session.execute(
            update(SigningKey)
            .where(SigningKey.kid == before.kid)
            .values(honoured_until=honoured_until)
        )
    _register(session, after)
    _write_beside(path, after).replace(path)
    _sync_folder(path)
    return Rotated(before.kid if before else None, after.kid, honoured_until)


def rotate_and_tell(session: Session, path: Path, *, at_once: bool = False) -> Rotated:
    """Rotate, and write it to the trail of every organisation: the key signs for all."""
    rotated = rotate(session, path, at_once=at_once)
    for organisation_id in session.scalars(
        select(Organisation.id)
        .where(Organisation.registered_by_id.is_(None))
        .order_by(Organisation.id)
    ).all():
        trail.record(
            session,
            organisation_id=OrganisationId(organisation_id),
            actor=SYSTEM,
            action="signing_key.rotated",
            subject_id=rotated.after,
            before=rotated.before,
            at_once=at_once,
        )
    return rotated


def _named(key: ECKey) -> PrivateKey:
    return PrivateKey(key.thumbprint(), key)


def _register(session: Session, key: PrivateKey) -> None:
    insert_new(
        session,
        SigningKey,
        kid=key.kid,
        public_jwk=json.dumps(key.public_jwk()),
        created_at=clock.now(),
    )


def _write_beside(path: Path, key: PrivateKey) -> Path:
    """Write the key, for its owner's eyes only, to a file that can take its place."""
    temporary = path.with_name(f"{path.name}.{random_word(8)}")
    opened = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
    with os.fdopen(opened, "wb") as file:
        file.write(key.key.as_pem(private=True))
        file.flush()
        os.fsync(file.fileno())
    return temporary


def _sync_folder(path: Path) -> None:
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
