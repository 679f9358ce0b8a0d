"""Draws that never change: the same words give the same draws on every machine.

The library's own generator may draw differently in another version of Python; SHA-256
over the words and a counter cannot.
"""

import hashlib
from collections.abc import Sequence
from typing import TypeVar

Thing = TypeVar("Thing")


class Chance:
    """A source of draws that is named by words, and by nothing else."""

    def __init__(self, *words: str) -> None:
        self._name = "/".join(words).encode()
        self._turn = 0

    def bytes(self, count: int) -> bytes:
        """Return the next `count` bytes."""
        drawn = b""
        while len(drawn) < count:
            turn = self._turn.to_bytes(8, "big")
            drawn += hashlib.sha256(self._name + turn).digest()
            self._turn += 1
        return drawn[:count]

    def below(self, limit: int) -> int:
        """Return one of 0 … limit - 1."""
        return int.from_bytes(self.bytes(8), "big") % limit

    def between(self, lowest: int, highest: int) -> int:
        """Return a whole number from `lowest` to `highest`, both included."""
        return lowest + self.below(highest - lowest + 1)

    def part(self) -> float:
        """Return a number from 0 up to 1."""
        return self.below(1 << 52) / (1 << 52)

    def pick(self, things: Sequence[Thing]) -> Thing:
        """Return one of the things."""
        return things[self.below(len(things))]

    def some(self, things: Sequence[Thing], count: int) -> tuple[Thing, ...]:
        """Return `count` of the things, none twice, in the order they were drawn."""
        left = list(things)
        return tuple(left.pop(self.below(len(left))) for _ in range(count))
