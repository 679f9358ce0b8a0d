"""What is wrong in a checklist or in an answer, and what would be right.

Whoever makes a mistake here is an author of checklists or an auditor, so every message
is a sentence of the catalogue with its facts and can be told in the reader's language.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from typing_extensions import override

from compliance.texts import N_, translate


@dataclass(frozen=True)
class Sentence:
    """A message of the catalogue with what fills its {places}."""

    message: str
    facts: Mapping[str, str] = field(default_factory=dict)

    def in_language(self, language: str) -> str:
        return translate(self.message, language, **self.facts)

    @override
    def __str__(self) -> str:
        return self.in_language("en")


def sentence(message: str, /, **facts: object) -> Sentence:
    return Sentence(message, {name: str(value) for name, value in facts.items()})


NO_REMEDY = Sentence("")


@dataclass(frozen=True)
class Mistake:
    """One thing to put right in a workbook; row 0 means the sheet or file as a whole."""

    sheet: str
    row: int
    column: str
    message: Sentence
    remedy: Sentence

    @override
    def __str__(self) -> str:
        place = f"{self.sheet}:{self.row}:{self.column}"
        return f"{place}: {self.message} {self.remedy}".rstrip()


class ChecklistRejected(Exception):
    """The workbook cannot become a checklist; `mistakes` says everything at once."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(
            sorted(mistakes, key=lambda one: (one.sheet, one.row, one.column))
        )
        super().__init__("\n".join(str(mistake) for mistake in self.mistakes))


class MistakeList:
    """Gathers mistakes while a workbook is read, each told once."""

    def __init__(self) -> None:
        self._mistakes: dict[str, Mistake] = {}

    def note(
        self,
        sheet: str,
        row: int,
        column: str,
        message: Sentence,
        remedy: Sentence = NO_REMEDY,
    ) -> None:
        mistake = Mistake(sheet, row, column, message, remedy)
        self._mistakes.setdefault(str(mistake), mistake)

    def all(self) -> tuple[Mistake, ...]:
        return tuple(self._mistakes.values())


def suggestion(word: str, known: Iterable[str]) -> Sentence:
    """Return a remedy that names the nearest known word, or lists the few there are."""
    choices = sorted(set(known))
    nearest = get_close_matches(word, choices, n=1, cutoff=0.6)
    if nearest:
        return sentence(N_("Did you mean '{word}'?"), word=nearest[0])
    if 0 < len(choices) <= 12:
        return sentence(N_("Known: {words}."), words=", ".join(choices))
    return sentence(N_("Look it up in the vocabulary of the rules."))
