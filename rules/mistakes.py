"""What is wrong in a book and where, gathered so that one run tells everything."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import NamedTuple

from rules.texts import Text


class Place(NamedTuple):
    """A position in a file of the book; lines and columns count from 1."""

    file: str
    line: int
    column: int

    def shifted(self, characters: int) -> "Place":
        return Place(self.file, self.line, self.column + characters)


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    file: str
    line: int
    column: int
    message: str
    remedy: str

    def told(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message} {self.remedy}"


class BookRejected(Exception):
    """The book cannot be used; `mistakes` says everything that is wrong with it."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(sorted(mistakes))
        super().__init__("\n".join(mistake.told() for mistake in self.mistakes))


class Refused(Exception):
    """What is being read makes no sense from here on; a reader further up notes why."""

    def __init__(self, place: Place, message: str, remedy: str) -> None:
        super().__init__(message)
        self.place = place
        self.message = message
        self.remedy = remedy


class MistakeList:
    """Gathers mistakes while a book is read, each told once."""

    def __init__(self) -> None:
        self._mistakes: dict[Mistake, None] = {}

    def note(self, place: Place, message: str, remedy: str) -> None:
        mistake = Mistake(place.file, place.line, place.column, message, remedy)
        self._mistakes[mistake] = None

    def note_refused(self, refused: Refused) -> None:
        self.note(refused.place, refused.message, refused.remedy)

    def all(self) -> tuple[Mistake, ...]:
        return tuple(sorted(self._mistakes))


_DID_YOU_MEAN = Text("Did you mean '{nearest}'?", "¿Quiso decir '{nearest}'?")
_NONE = Text("There are none.", "No hay ninguno.")
_NOTHING_LIKE_IT = Text(
    "Nothing that is known is like it.", "Nada de lo conocido se le parece."
)
_KNOWN = Text("Known: {known}.", "Se conocen: {known}.")


def suggestion(word: str, known: Iterable[str]) -> str:
    """Return a remedy that names the nearest known word, or lists the few there are."""
    return suggested(word, known).en


def suggested(word: str, known: Iterable[str]) -> Text:
    """Return the remedy in every language: answers are mended by those who sent them."""
    choices = sorted(set(known))
    nearest = get_close_matches(word, choices, n=1, cutoff=0.6)
    if nearest:
        return _DID_YOU_MEAN.filled(nearest=nearest[0])
    if not choices:
        return _NONE
    if len(choices) <= 12:
        return _KNOWN.filled(known=", ".join(choices))
    return _NOTHING_LIKE_IT
