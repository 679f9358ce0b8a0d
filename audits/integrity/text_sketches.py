"""Sketches of text: how alike two reports are, without keeping a word of either.

A text becomes the set of its word stems and of its pairs of neighbouring stems. Each
member is hashed under a secret key of the organisation (BLAKE2b, RFC 7693), and of 128
further hashes of the set the least is kept (MinHash). Without the key nobody can try
words against a sketch; with it, what is kept is still a 128-value sample of hashes.
"""

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy
from numpy.typing import NDArray

HASHES = 128
ROWS = (
    4  # of a band: two texts alike by 0.5 share one of 32 bands at 87 %, 0.25 at 12 %
)
STEM_CHARACTERS = 5
LEAST_CHARACTERS = 4  # shorter words are articles, prepositions and numbers
_WORD = re.compile(r"[^\W_]+")
Signature = NDArray[numpy.uint32]


@dataclass(frozen=True)
class Sketcher:
    """Makes sketches under one key; those of two keys cannot be compared."""

    key: bytes

    @cached_property
    def _factors(self) -> tuple[NDArray[numpy.uint64], NDArray[numpy.uint64]]:
        drawn = hashlib.shake_256(b"factors\n" + self.key).digest(HASHES * 16)
        numbers = numpy.frombuffer(drawn, dtype="<u8").astype(numpy.uint64)
        return numbers[:HASHES] | numpy.uint64(1), numbers[HASHES:]

    def signature(self, text: str) -> bytes | None:
        """Return the sketch of a text; None of one without words."""
        members = shingles(text)
        if not members:
            return None
        hashed = numpy.array([self._hash(one) for one in members], dtype=numpy.uint64)
        factors, offsets = self._factors
        # Multiply-shift hashing: the upper half of a·x + b modulo 2⁶⁴.
        mixed = hashed[:, None] * factors[None, :] + offsets[None, :]
        least = (mixed >> numpy.uint64(32)).min(axis=0)
        return bytes(least.astype("<u4").tobytes())

    def _hash(self, member: str) -> int:
        digest = hashlib.blake2b(member.encode(), key=self.key, digest_size=8)
        return int.from_bytes(digest.digest(), "little")


def words_of(text: str) -> list[str]:
    """Return the words that carry meaning, without case and accents, cut to stems."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(one for one in plain if not unicodedata.combining(one))
    return [
        word[:STEM_CHARACTERS]
        for word in _WORD.findall(bare)
        if len(word) >= LEAST_CHARACTERS
    ]


def shingles(text: str) -> set[str]:
    """Return the stems of a text and its pairs of neighbours, whichever comes first."""
    words = words_of(text)
    pairs = {" ".join(sorted(pair)) for pair in pairwise(words)}
    return {*words, *pairs}


def similarity(one: bytes, other: bytes) -> float:
    """Return the estimated Jaccard index; its standard error is at most 0.045."""
    left = numpy.frombuffer(one, dtype="<u4")
    right = numpy.frombuffer(other, dtype="<u4")
    return float((left == right).mean())


def bands(signature: bytes) -> tuple[int, ...]:
    """Return what two similar sketches are likely to share: a number for each band."""
    width = ROWS * 4
    return tuple(
        int.from_bytes(
            hashlib.blake2b(
                bytes([number]) + signature[start : start + width], digest_size=8
            ).digest(),
            "little",
            signed=True,
        )
        for number, start in enumerate(range(0, len(signature), width))
    )
