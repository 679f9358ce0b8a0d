"""Random audits and random legal values over the small vocabulary of the strategies.

They are made by a seeded `Random`, thousands at a time; the trees come from Hypothesis.
"""

from datetime import date, timedelta
from random import Random

from rules.answers import Answers, RosterMember
from rules.parameters import (
    EVERYWHERE,
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

FIRST_DAY = date(2024, 1, 1)
COUNTRIES = ("CO", "HN", "ZZ")
"""The last is in no book."""


def seeded(seed: int) -> Random:
    """Return a source of the same numbers every time; none of them is a secret."""
    return Random(seed)  # noqa: S311


def random_day(random: Random) -> date:
    return FIRST_DAY + timedelta(days=random.randrange(41))


def random_answer(random: Random, fact: FactDefinition) -> AnswerValue:
    match fact.kind:
        case Kind.YES_NO:
            return random.random() < 0.5
        case Kind.INTEGER:
            return random.randint(fact.lowest, fact.highest)
        case Kind.CHOICE:
            return random.choice(list(fact.options))
        case Kind.CHOICES:
            options = list(fact.options)
            return frozenset(random.sample(options, random.randint(0, len(options))))
        case Kind.DAY:
            return random_day(random)


def random_facts(
    random: Random, vocabulary: Vocabulary, home: Roster | None, missing: float
) -> dict[str, AnswerValue]:
    return {
        name: random_answer(random, fact)
        for name, fact in vocabulary.by_roster[home].items()
        if random.random() >= missing
    }


def random_members(
    random: Random, vocabulary: Vocabulary, roster: Roster, missing: float, size: int
) -> tuple[RosterMember, ...]:
    return tuple(
        RosterMember(
            f"m{number}", random_facts(random, vocabulary, roster, missing), {}
        )
        for number in range(size)
    )


def random_audit(
    random: Random,
    vocabulary: Vocabulary,
    *,
    missing: float,
    sizes: tuple[int | None, ...],
    country: str | None = None,
    day: date | None = None,
) -> Answers:
    """Return an audit; `sizes` are those its rosters can have, None for unanswered."""
    rosters = {}
    for roster in Roster:
        size = random.choice(sizes)
        rosters[roster] = (
            None
            if size is None
            else random_members(random, vocabulary, roster, missing, size)
        )
    return Answers(
        country or random.choice(COUNTRIES),
        random.choice(list(Commodity)),
        random.choice(list(SiteKind)),
        day or random_day(random),
        random_facts(random, vocabulary, None, missing),
        {},
        rosters,
        {},
    )


def random_law(
    random: Random, name: str, kind: Kind, *, by_age: bool = False
) -> ParameterDefinition:
    """Return a parameter with rows of any country, sector, period and confidence."""
    unit = UNITS["number"] if kind is Kind.INTEGER else None
    towards = (
        (Stricter.HIGHER, Stricter.LOWER)
        if kind is Kind.INTEGER
        else (Stricter.TRUE, Stricter.FALSE)
    )
    rows = tuple(
        _random_row(random, kind, by_age=by_age) for _ in range(random.randint(0, 6))
    )
    return ParameterDefinition(
        name, Text(name, name), kind, unit, random.choice(towards), by_age, rows
    )


def _random_row(random: Random, kind: Kind, *, by_age: bool) -> LegalValue:
    start, end = sorted((random_day(random), random_day(random)))
    age_from, age_below = sorted((random.randint(0, 20), random.randint(0, 20)))
    return LegalValue(
        random.choice(["CO", "HN", EVERYWHERE]),
        random.choice(list(Sector)),
        random.choice([None, start]),
        random.choice([None, end]),
        random.random() < 0.5 if kind is Kind.YES_NO else random.randint(0, 20),
        "cited",
        (),
        random.choice(
            [Confidence.VERIFIED, Confidence.UNVERIFIED, Confidence.DISPUTED]
        ),
        random.choice([None, age_from]) if by_age else None,
        random.choice([None, age_below]) if by_age else None,
    )
