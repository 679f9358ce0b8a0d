"""Random rule trees and random answers over one small vocabulary.

Every tree is well typed and could stand in a book: comparisons with a number are open,
sums bind as they are written, options are known.
"""

from datetime import date, timedelta
from functools import reduce

from hypothesis import strategies as some
from hypothesis.strategies import SearchStrategy

from rules.answers import Answers, Cause, RosterMember
from rules.definitions import Book, DerivedDefinition
from rules.expressions import (
    All,
    Any,
    Arithmetic,
    Compare,
    Comparison,
    Condition,
    Count,
    DaysBetween,
    Derived,
    Every,
    Fact,
    Includes,
    IsMissing,
    Literal,
    Member,
    Not,
    OneOf,
    Operation,
    Parameter,
    Some,
    Value,
)
from rules.parameters import (
    Confidence,
    LegalValue,
    ParameterDefinition,
    Sector,
    Stricter,
)
from rules.texts import Text
from rules.units import UNITS
from rules.vocabulary import (
    AnswerValue,
    Commodity,
    FactDefinition,
    Kind,
    Roster,
    SiteKind,
    Vocabulary,
)
from tests.unit.rules.small_books import book_of, fact

OPTIONS = ("x", "y", "z")
FIRST_DAY = date(2024, 1, 1)
HOMES: tuple[Roster | None, ...] = (None, *Roster)


def _facts_of(home: Roster | None) -> list[FactDefinition]:
    return [
        fact("yes", roster=home),
        fact("sure", roster=home),
        fact("n", Kind.INTEGER, roster=home, unit="number", highest=20),
        fact("m", Kind.INTEGER, roster=home, unit="number", highest=20),
        fact("age", Kind.INTEGER, roster=home, unit="years", highest=20),
        fact("pick", Kind.CHOICE, roster=home, options=OPTIONS),
        fact("picks", Kind.CHOICES, roster=home, options=OPTIONS),
        fact("from_day", Kind.DAY, roster=home),
        fact("to_day", Kind.DAY, roster=home),
    ]


VOCABULARY = Vocabulary({one.id: one for home in HOMES for one in _facts_of(home)})


def _row(
    value: int,
    confidence: Confidence = Confidence.VERIFIED,
    *,
    country: str = "CO",
    start: date | None = None,
    end: date | None = None,
    ages: tuple[int | None, int | None] = (None, None),
) -> LegalValue:
    return LegalValue(
        country, Sector.ALL, start, end, value, "cited", (), confidence, *ages
    )


def _law(
    name: str, kind: Kind, *rows: LegalValue, by_age: bool = False
) -> ParameterDefinition:
    unit = UNITS["number"] if kind is Kind.INTEGER else None
    stricter = Stricter.LOWER if kind is Kind.INTEGER else Stricter.TRUE
    return ParameterDefinition(
        name, Text(name, name), kind, unit, stricter, by_age, rows
    )


CHANGE = date(2024, 1, 20)
PARAMETERS = (
    _law("sure", Kind.INTEGER, _row(10, end=CHANGE), _row(8, start=CHANGE)),
    _law("unsure", Kind.INTEGER, _row(10, Confidence.UNVERIFIED)),
    _law(
        "disputed",
        Kind.INTEGER,
        _row(5, Confidence.DISPUTED),
        _row(15, Confidence.DISPUTED),
    ),
    _law("ruled", Kind.YES_NO, _row(True), _row(False, country="HN", start=CHANGE)),
    _law(
        "banded",
        Kind.INTEGER,
        _row(4, ages=(None, 12)),
        _row(9, ages=(14, 18)),
        by_age=True,
    ),
)


def _name(home: Roster | None, name: str) -> Fact | Member:
    return Member(home, name) if home else Fact(name)


DERIVED = (
    DerivedDefinition("fixed", None, Text("fixed", "fijo"), Not(Fact("sure"))),
    DerivedDefinition(
        "wide",
        None,
        Text("wide", "amplio"),
        Any((Fact("yes"), Some(Roster.WORKERS, Member(Roster.WORKERS, "sure")))),
    ),
    *(
        DerivedDefinition(
            "own", home, Text("own", "propio"), All((_name(home, "yes"), Fact("sure")))
        )
        for home in Roster
    ),
)

_COMPARISONS = some.sampled_from(Comparison)
_INSIDE = some.integers(min_value=1, max_value=19)
_DAYS = some.integers(0, 40).map(lambda days: FIRST_DAY + timedelta(days=days))
_CHOSEN = some.lists(some.sampled_from(OPTIONS), min_size=1, max_size=3, unique=True)


def _named(home: Roster | None, *names: str) -> SearchStrategy[Fact | Member]:
    """Return names seen from a home: its own, and inside a roster the audit's too."""
    homes = (home,) if home is None else (home, None)
    return some.sampled_from([_name(one, name) for one in homes for name in names])


def _numbers(home: Roster | None) -> SearchStrategy[Value]:
    numbers = _named(home, "n", "m")
    law = some.one_of(
        some.sampled_from(["sure", "unsure", "disputed"]).map(Parameter),
        _named(home, "age").map(lambda age: Parameter("banded", age)),
    )
    factors = some.one_of(numbers, law, _INSIDE.map(Literal))
    products = some.builds(
        lambda left, right: Arithmetic(Operation.TIMES, left, right), factors, factors
    )
    terms = some.one_of(numbers, law, products)
    sums = some.builds(
        lambda first, rest: reduce(
            lambda left, part: Arithmetic(part[0], left, part[1]), rest, first
        ),
        terms,
        some.lists(
            some.tuples(some.sampled_from([Operation.PLUS, Operation.MINUS]), terms),
            min_size=1,
            max_size=2,
        ),
    )
    return some.one_of(numbers, law, products, sums)


def _comparisons(home: Roster | None) -> SearchStrategy[Condition]:
    numbers = _numbers(home)
    days = some.one_of(_named(home, "from_day", "to_day"), _DAYS.map(Literal))
    between = some.builds(DaysBetween, _named(home, "from_day"), _named(home, "to_day"))
    return some.one_of(
        some.builds(
            Compare, _COMPARISONS, _named(home, "n", "m"), _INSIDE.map(Literal)
        ),
        some.builds(Compare, _COMPARISONS, numbers, numbers),
        some.builds(Compare, _COMPARISONS, _INSIDE.map(Literal), _INSIDE.map(Literal)),
        some.builds(Compare, _COMPARISONS, days, days),
        some.builds(Compare, _COMPARISONS, between, _INSIDE.map(Literal)),
    )


def _leaves(home: Roster | None, *, missing: bool) -> SearchStrategy[Condition]:
    options = _CHOSEN.map(tuple)
    derived = [Derived("fixed"), Derived("wide")]
    if home is not None:
        derived.append(Derived("own", home))
    leaves: list[SearchStrategy[Condition]] = [
        _named(home, "yes", "sure"),
        _comparisons(home),
        some.builds(OneOf, _named(home, "pick"), options),
        some.builds(Includes, _named(home, "picks"), options),
        some.just(Parameter("ruled")),
        some.sampled_from(derived),
    ]
    if missing:
        names = ("yes", "n", "pick", "picks", "from_day")
        leaves.append(some.builds(IsMissing, _named(home, *names)))
    return some.one_of(leaves)


def _joined(inner: SearchStrategy[Condition]) -> SearchStrategy[Condition]:
    items = some.lists(inner, min_size=2, max_size=3).map(tuple)
    return some.one_of(
        some.builds(All, items), some.builds(Any, items), some.builds(Not, inner)
    )


def _over(roster: Roster, *, missing: bool) -> SearchStrategy[Condition]:
    leaves = _leaves(roster, missing=missing)
    inner = some.recursive(leaves, _joined, max_leaves=4)
    bounds = some.sampled_from(
        [Comparison.AT_LEAST, Comparison.AT_MOST, Comparison.ABOVE, Comparison.BELOW]
    )
    return some.one_of(
        some.builds(Some, some.just(roster), inner),
        some.builds(Every, some.just(roster), inner, some.booleans()),
        some.builds(Count, some.just(roster), inner, bounds, some.integers(0, 4)),
    )


def conditions(*, missing: bool = True) -> SearchStrategy[Condition]:
    """Return trees of every class of node; without `is missing` if so asked."""
    leaves = some.one_of(
        _leaves(None, missing=missing),
        *(_over(roster, missing=missing) for roster in Roster),
    )
    return some.recursive(leaves, _joined, max_leaves=6)


def answer_to(definition: FactDefinition) -> SearchStrategy[AnswerValue]:
    """Return an answer that fits a fact."""
    match definition.kind:
        case Kind.YES_NO:
            return some.booleans()
        case Kind.INTEGER:
            return some.integers(definition.lowest, definition.highest)
        case Kind.CHOICE:
            return some.sampled_from(OPTIONS)
        case Kind.CHOICES:
            return some.frozensets(some.sampled_from(OPTIONS))
        case Kind.DAY:
            return _DAYS


def _known_facts(home: Roster | None) -> SearchStrategy[dict[str, AnswerValue]]:
    """Return answers to some of the questions: none, some or all of them."""
    definitions = VOCABULARY.by_roster[home]
    answers = {name: answer_to(one) for name, one in definitions.items()}
    return some.one_of(
        some.fixed_dictionaries({}, optional=answers),
        some.fixed_dictionaries(answers),
    )


def _rosters(roster: Roster) -> SearchStrategy[tuple[RosterMember, ...] | None]:
    members = some.lists(_known_facts(roster), max_size=5).map(
        lambda all_facts: tuple(
            RosterMember(f"{roster[0]}{number}", facts, {})
            for number, facts in enumerate(all_facts, start=1)
        )
    )
    return some.one_of(some.none(), members, members, members)


@some.composite
def answers(draw: some.DrawFn) -> Answers:
    """Return the answers of one audit, rosters unanswered or empty among them."""
    rosters = {roster: draw(_rosters(roster)) for roster in Roster}
    return Answers(
        draw(some.sampled_from(["CO", "HN", "ZZ"])),
        draw(some.sampled_from(Commodity)),
        draw(some.sampled_from(SiteKind)),
        draw(_DAYS),
        draw(_known_facts(None)),
        {},
        rosters,
        {
            roster: Cause.NOT_ANSWERED
            for roster, members in rosters.items()
            if members is None
        },
    )


def book_with(condition: Condition, applies_when: Condition | None = None) -> Book:
    """Return a book of one rule over the vocabulary of these strategies."""
    return book_of(
        condition,
        applies_when=applies_when,
        vocabulary=VOCABULARY,
        parameters=PARAMETERS,
        derived=DERIVED,
    )
