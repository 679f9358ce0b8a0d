"""What a rule stands on in one country: the law of no other country is cited there."""

from rules.definitions import Book, Citation, Rule

# Stands for the law of whichever country; where an instrument of that country is cited
# beside it, it says nothing more.
NATIONAL_LAW = "National law"


def cites_in(rule: Rule, book: Book, country: str) -> tuple[Citation, ...]:
    """Return the citations of a rule that hold in a country, in the order of the rule."""
    held = [
        one
        for one in rule.cites
        if book.instruments[one.instrument].country in (None, country)
    ]
    is_named = any(book.instruments[one.instrument].country for one in held)
    return tuple(
        one for one in held if not (is_named and one.instrument == NATIONAL_LAW)
    )
