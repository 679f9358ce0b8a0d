"""Keys: UUIDv7 inside, opaque random public ids outside.

An inside key sorts by the time it was made, which keeps indexes compact; it is never
shown. A public id tells its kind and nothing else, and cannot be guessed.
"""

import threading
import uuid
from typing import NewType

from compliance import clock

OrganisationId = NewType("OrganisationId", uuid.UUID)
PersonId = NewType("PersonId", uuid.UUID)
SiteId = NewType("SiteId", uuid.UUID)

# Crockford's alphabet: no I, L, O or U, so that an id can be read aloud.
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
LETTER_OF_BYTE = ALPHABET.encode() * 8  # its last five bits choose


def new_id() -> uuid.UUID:
    """Return a fresh UUIDv7 (RFC 9562, section 5.7)."""
    return new_ids(1)[0]


def new_ids(count: int) -> list[uuid.UUID]:
    """Return fresh UUIDv7 of one moment, in the order in which they sort."""
    milliseconds = int(clock.now().timestamp() * 1000) & 0xFFFFFFFFFFFF
    drawn = clock.random_bytes(10 * count)
    chances = [
        int.from_bytes(drawn[start : start + 10], "big") >> 6
        for start in range(0, 10 * count, 10)
    ]
    if clock.draws_as_usual():
        with _one_at_a_time:
            chances = [_after_the_last(milliseconds, chance) for chance in chances]
    return [_version_7(milliseconds, chance) for chance in chances]


def _version_7(milliseconds: int, chance: int) -> uuid.UUID:
    value = milliseconds << 80
    value |= 0x7 << 76 | (chance >> 62) << 64
    value |= 0b10 << 62 | (chance & 0x3FFFFFFFFFFFFFFF)
    return uuid.UUID(int=value)


_last = (0, 0)
_one_at_a_time = threading.Lock()


def _after_the_last(milliseconds: int, chance: int) -> int:
    """Keep ids of one millisecond in the order they were made (RFC 9562, 6.2)."""
    global _last
    before, last = _last
    if milliseconds == before:
        chance = (last + 1 + (chance >> 42)) & 0x3FFFFFFFFFFFFFFFFFF
    else:
        chance >>= 1  # room to count in
    _last = (milliseconds, chance)
    return chance


def new_public_id(kind: str) -> str:
    """Return a fresh public id such as `site_7q4mk2xh9v3t0abc` (80 random bits)."""
    return f"{kind}_{random_word(16)}"


def random_word(length: int) -> str:
    """Return `length` random characters of the alphabet, 5 bits each."""
    return clock.random_bytes(length).translate(LETTER_OF_BYTE).decode("ascii")
