"""The examples of a book as cases to be tried: each must get the verdict it names."""

from rules.answers import read_answers
from rules.definitions import Book, Example, Rule, Verdict
from rules.mistakes import Mistake
from rules.one_audit import assess_rule


def check_examples(book: Book) -> tuple[Mistake, ...]:
    """Return a mistake for every example that does not evaluate as stated."""
    return tuple(
        mistake
        for rule in book.rules
        for example in rule.examples
        for mistake in _mistakes(rule, example, verdict_of(book, rule, example))
    )


def verdict_of(book: Book, rule: Rule, example: Example) -> Verdict:
    """Return what a rule says of one of its examples."""
    answers = read_answers(book.vocabulary, example.document)
    return assess_rule(book, answers, rule.id)


def _mistakes(rule: Rule, example: Example, verdict: Verdict) -> list[Mistake]:
    stated = {
        "verdict": (example.verdict, verdict.outcome),
        "severity": (example.severity, verdict.severity),
        "grounds": (example.grounds, verdict.grounds),
    }
    return [
        Mistake(
            example.place.file,
            example.place.line,
            example.place.column,
            f"the example '{example.why}' says {what} {wanted}, but '{rule.id}' "
            f"comes to {found}.",
            "Correct the rule or the example.",
        )
        for what, (wanted, found) in stated.items()
        if wanted is not None and wanted != found
    ]
