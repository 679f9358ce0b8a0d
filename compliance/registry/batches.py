"""Many keys asked for a part at a time: a statement takes only so many of them."""

from collections.abc import Collection, Iterator
from typing import TypeVar

from compliance import limits

Thing = TypeVar("Thing")


def batches(things: Collection[Thing]) -> Iterator[list[Thing]]:
    """Yield all the things in lists that a statement takes; none for no things."""
    listed = list(things)
    for start in range(0, len(listed), limits.KEYS_AT_ONCE):
        yield listed[start : start + limits.KEYS_AT_ONCE]
