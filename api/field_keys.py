"""The key that finished records are sealed to on a device, and the door that unseals them.

A laptop holds only the public half, so whoever steals it opens nothing that was
finished. A sealed part is `AF1`, the sender's fresh point (65 bytes), a nonce (12) and
the text under AES-256-GCM; its key comes from ECDH on P-256 by HKDF-SHA256, and the
name of the part is bound in. The private half is a PEM file that never leaves the
server; keys put behind the first one there still open what was sealed to them.
"""

import os
import re
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDH,
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from compliance.files import sync
from compliance.identifiers import random_word
from compliance.problems import Kind, Problem
from compliance.texts import N_

MARK = b"AF1"
POINT_BYTES = 65
NONCE_BYTES = 12
TAG_BYTES = 16
PURPOSE = b"atalaya field record 1"
PRIVATE = 0o600
_PEM = re.compile(
    rb"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?-----END [A-Z ]*PRIVATE KEY-----", re.DOTALL
)


class FieldKeyUnusable(Problem):
    """The file cannot be read, or holds something else."""

    kind = Kind.UNAVAILABLE
    title = N_("The key for finished records cannot be used")
    detail = N_(
        "{path} must hold one or more private keys of the curve P-256 as PEM, readable "
        "by the server. Put the file back from your safe copy: without it nothing that "
        "was finished on a device can be opened."
    )


class NotSealedForUs(Problem):
    """The part was sealed to another key, or was changed on its way."""

    kind = Kind.INVALID
    title = N_("The sealed record cannot be opened")
    detail = N_(
        "{name} was sealed to a key this server does not have, or was changed since. "
        "Keep the device as it is and ask whoever runs the server for the older key."
    )


def public_point(path: Path) -> bytes:
    """Return the public half, as browsers import it; the key is made if there is none."""
    return _point(_keys(path)[0].public_key())


def unseal(path: Path, name: str, sealed: bytes) -> bytes:
    """Return what was sealed under this name of a part, or raise NotSealedForUs."""
    least = len(MARK) + POINT_BYTES + NONCE_BYTES + TAG_BYTES
    if len(sealed) < least or not sealed.startswith(MARK):
        raise NotSealedForUs(name=name)
    rest = memoryview(sealed)[len(MARK) :]
    point, nonce = bytes(rest[:POINT_BYTES]), bytes(rest[POINT_BYTES:][:NONCE_BYTES])
    text = rest[POINT_BYTES + NONCE_BYTES :]
    try:
        sender = EllipticCurvePublicKey.from_encoded_point(SECP256R1(), point)
    except ValueError as fault:
        raise NotSealedForUs(name=name) from fault
    for key in _keys(path):
        try:
            shared = _shared(key.exchange(ECDH(), sender), point, key.public_key())
            return AESGCM(shared).decrypt(nonce, text, name.encode())
        except InvalidTag:
            continue
    raise NotSealedForUs(name=name)


def seal(point: bytes, name: str, text: bytes) -> bytes:
    """Seal as a device does; programs that test the door need it."""
    receiver = EllipticCurvePublicKey.from_encoded_point(SECP256R1(), point)
    sender = generate_private_key(SECP256R1())
    own, nonce = _point(sender.public_key()), os.urandom(NONCE_BYTES)
    shared = _shared(sender.exchange(ECDH(), receiver), own, receiver)
    return MARK + own + nonce + AESGCM(shared).encrypt(nonce, text, name.encode())


def _shared(secret: bytes, sender: bytes, receiver: EllipticCurvePublicKey) -> bytes:
    return HKDF(SHA256(), 32, sender + _point(receiver), PURPOSE).derive(secret)


def _point(key: EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _keys(path: Path) -> tuple[EllipticCurvePrivateKey, ...]:
    if not path.exists():
        _make(path)
    try:
        return _read(path, path.stat().st_mtime_ns)
    except (OSError, ValueError, TypeError) as fault:
        raise FieldKeyUnusable(path=str(path)) from fault


@lru_cache(maxsize=8)
def _read(path: Path, _changed: int) -> tuple[EllipticCurvePrivateKey, ...]:
    keys = [load_pem_private_key(one, None) for one in _PEM.findall(path.read_bytes())]
    ours = tuple(key for key in keys if isinstance(key, EllipticCurvePrivateKey))
    if not ours or any(not isinstance(key.curve, SECP256R1) for key in ours):
        raise ValueError
    return ours


def _make(path: Path) -> None:
    """Make the file whole or not at all; another process may be a moment earlier."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{random_word(8)}")
    opened = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
    with os.fdopen(opened, "wb") as file:
        file.write(
            generate_private_key(SECP256R1()).private_bytes(
                Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
            )
        )
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(temporary, path)
        sync(path.parent)
    except FileExistsError:
        pass
    finally:
        temporary.unlink()
