"""What the book says of one answers document, and why; no database, so that the command
line and the service judge alike."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from rules import (
    Answers,
    Book,
    Explainer,
    Outcome,
    Trace,
    Verdict,
    assess,
    read_answers,
    tell,
)


@dataclass(frozen=True)
class Assessment:
    """The verdicts of one audit; reasons are worked out for those who ask."""

    book: Book
    answers: Answers
    verdicts: tuple[Verdict, ...]

    @cached_property
    def verdict_of(self) -> Mapping[str, Verdict]:
        return {verdict.rule: verdict for verdict in self.verdicts}

    def trace(self, rule: str) -> Trace:
        """Return why a rule came to its verdict."""
        return self._explainer.explain(rule)

    @cached_property
    def _explainer(self) -> Explainer:
        return Explainer(self.book, self.answers)

    def told(self, rule: str, language: str) -> tuple[str, ...]:
        """Return the same in sentences."""
        return tuple(tell(self.trace(rule), language))

    def with_outcome(self, *outcomes: Outcome) -> tuple[Verdict, ...]:
        """Return the verdicts with one of these outcomes, in the order of the book."""
        return tuple(one for one in self.verdicts if one.outcome in outcomes)


def assess_answers(book: Book, document: Mapping[str, object]) -> Assessment:
    """Judge an answers document; raise AnswersRejected with everything wrong in it."""
    answers = read_answers(book.vocabulary, document)
    return Assessment(book, answers, assess(book, answers))
