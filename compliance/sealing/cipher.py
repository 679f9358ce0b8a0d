"""Sealing bytes and files with AES-256-GCM, each bound to the place it belongs to.

What is sealed for one place does not open at another: the place is associated data
(NIST SP 800-38D). Nonces are the operating system's own chance, never a repeatable
source of a test or demonstration, because a nonce used twice gives the key away.
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
PIECE_BYTES = 1 << 20
NAME_CHARACTERS = 24


class SealBroken(Exception):
    """What is sealed was changed, belongs elsewhere, or is under another key."""


def make_key() -> bytes:
    """Return a fresh key of 256 bits."""
    return secrets.token_bytes(KEY_BYTES)


def seal(key: bytes, content: bytes, place: str) -> bytes:
    """Return `content` sealed for `place`: nonce, ciphertext, tag."""
    return sealed_each(key, [(content, place)])[0]


def sealed_each(key: bytes, contents: Iterable[tuple[bytes, str]]) -> list[bytes]:
    """Return each content sealed for the place beside it."""
    cipher, sealed = AESGCM(key), []
    for content, place in contents:
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed.append(nonce + cipher.encrypt(nonce, content, place.encode()))
    return sealed


def unseal(key: bytes, sealed: bytes, place: str) -> bytes:
    """Return what was sealed for `place`, or raise SealBroken."""
    if len(sealed) < NONCE_BYTES + TAG_BYTES:
        raise SealBroken(place)
    nonce, rest = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
    try:
        return AESGCM(key).decrypt(nonce, rest, place.encode())
    except InvalidTag:
        raise SealBroken(place) from None


def seal_file(key: bytes, source: Path, target: IO[bytes], place: str) -> str:
    """Write the sealed file and return the SHA-256 of what was written.

    The file goes through piece by piece; it looks as `seal` would have made it.
    """
    nonce = secrets.token_bytes(NONCE_BYTES)
    encryptor = Cipher(algorithms.AES256(key), modes.GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(place.encode())
    digest = hashlib.sha256()

    def write(piece: bytes) -> None:
        digest.update(piece)
        target.write(piece)

    write(nonce)
    with source.open("rb") as opened:
        while piece := opened.read(PIECE_BYTES):
            write(encryptor.update(piece))
    write(encryptor.finalize())
    write(encryptor.tag)
    return digest.hexdigest()


def unsealed_pieces(key: bytes, source: Path, place: str) -> Iterator[bytes]:
    """Yield the content of a sealed file; nothing of it unless the whole is genuine.

    It is read twice: first to check the tag, then to give the pieces out.
    """
    for _ in _pieces(key, source, place):
        pass
    return _pieces(key, source, place)


def _pieces(key: bytes, source: Path, place: str) -> Iterator[bytes]:
    left = source.stat().st_size - NONCE_BYTES - TAG_BYTES
    if left < 0:
        raise SealBroken(place)
    with source.open("rb") as opened:
        nonce = opened.read(NONCE_BYTES)
        decryptor = Cipher(algorithms.AES256(key), modes.GCM(nonce)).decryptor()
        decryptor.authenticate_additional_data(place.encode())
        while left:
            piece = opened.read(min(PIECE_BYTES, left))
            left -= len(piece)
            yield decryptor.update(piece)
        try:
            decryptor.finalize_with_tag(opened.read(TAG_BYTES))
        except InvalidTag:
            raise SealBroken(place) from None


def opaque_name(key: bytes, name: str) -> str:
    """Return a name that tells nothing, always the same for a name under one key."""
    digest = hmac.new(key, f"name\n{name}".encode(), hashlib.sha256).hexdigest()
    return f"sealed-{digest[:NAME_CHARACTERS]}"
