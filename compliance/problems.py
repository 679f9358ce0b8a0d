"""What a caller can act on: a kind, a title, a detail and facts, and no HTTP.

A problem is defined beside the code that raises it and is named for what happened.
`api/problems.py` alone says what each kind becomes over HTTP (RFC 9457).
"""

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import ClassVar

from compliance.texts import translate


class Kind(StrEnum):
    """What the caller should make of it."""

    INVALID = "invalid"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not-found"
    CONFLICT = "conflict"
    STALE = "stale"
    TOO_LARGE = "too-large"
    WRONG_TYPE = "wrong-type"
    TOO_MANY = "too-many"
    UNAVAILABLE = "unavailable"
    STORAGE_FULL = "storage-full"


class Problem(Exception):
    """Something the caller can act on.

    `title` and `detail` are English messages of the catalogue; `detail` may name facts
    in {braces}. Facts are JSON values and become members of the problem document.
    """

    kind: ClassVar[Kind]
    title: ClassVar[str]
    detail: ClassVar[str]

    def __init__(self, **facts: object) -> None:
        super().__init__(self.detail.format(**facts))
        self.facts = facts

    @classmethod
    def slug(cls) -> str:
        """The last part of the problem's address, `step-not-allowed`."""
        return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", cls.__name__).lower()

    def told(self, language: str) -> str:
        """Return the detail for a reader of `language`.

        A fact that is itself a text of the catalogue is told in that language too.
        """
        facts = {
            name: translate(fact, language) if isinstance(fact, str) else fact
            for name, fact in self.facts.items()
        }
        return translate(self.detail, language, **facts)


def catalogue(root: type[Problem] = Problem) -> Iterator[type[Problem]]:
    """Yield every problem the product can answer with."""
    for kind in root.__subclasses__():
        yield kind
        yield from catalogue(kind)
