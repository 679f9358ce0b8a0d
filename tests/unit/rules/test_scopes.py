"""Where and when a rule applies."""

from datetime import date

import pytest

from rules.definitions import Outcome, Period, Scopes
from rules.expressions import Fact
from rules.traces import Limit
from rules.tracing import explain
from rules.vocabulary import Commodity, SiteKind
from tests.unit.rules.small_books import answers_of, book_of, verdict_of

EVERYWHERE = Scopes()
COFFEE_FARMS = Scopes(
    frozenset({"CO", "PE"}),
    frozenset({Commodity.COFFEE}),
    frozenset({SiteKind.PRODUCER}),
)


@pytest.mark.parametrize(
    ("scopes", "country", "commodity", "site_kind", "limits"),
    [
        (EVERYWHERE, "CO", Commodity.COFFEE, SiteKind.PRODUCER, ()),
        (EVERYWHERE, "ZZ", Commodity.PALM_OIL, SiteKind.MILL, ()),
        (COFFEE_FARMS, "CO", Commodity.COFFEE, SiteKind.PRODUCER, ()),
        (COFFEE_FARMS, "PE", Commodity.COFFEE, SiteKind.PRODUCER, ()),
        (COFFEE_FARMS, "EC", Commodity.COFFEE, SiteKind.PRODUCER, (Limit.COUNTRY,)),
        (COFFEE_FARMS, "CO", Commodity.PALM_OIL, SiteKind.PRODUCER, (Limit.COMMODITY,)),
        (COFFEE_FARMS, "CO", Commodity.COFFEE, SiteKind.MILL, (Limit.SITE_KIND,)),
        (
            COFFEE_FARMS,
            "EC",
            Commodity.PALM_OIL,
            SiteKind.MILL,
            (Limit.COUNTRY, Limit.COMMODITY, Limit.SITE_KIND),
        ),
    ],
)
def test_all_scopes_must_match(
    scopes: Scopes,
    country: str,
    commodity: Commodity,
    site_kind: SiteKind,
    limits: tuple[Limit, ...],
) -> None:
    book = book_of(Fact("a"), scopes=scopes)
    answers = answers_of(
        {"a": True}, country=country, commodity=commodity, site_kind=site_kind
    )

    verdict = verdict_of(book, answers)

    expected = Outcome.NOT_APPLICABLE if limits else Outcome.NON_CONFORMITY
    assert verdict.outcome is expected
    assert explain(book, answers, verdict.rule).limits == limits


@pytest.mark.parametrize(
    ("day", "limits"),
    [
        (date(2025, 12, 31), (Limit.NOT_YET_IN_FORCE,)),
        (date(2026, 1, 1), ()),
        (date(2026, 6, 30), ()),
        (date(2026, 7, 1), (Limit.NO_LONGER_IN_FORCE,)),
    ],
)
def test_a_rule_is_in_force_from_its_first_day_until_the_day_it_ends(
    day: date, limits: tuple[Limit, ...]
) -> None:
    book = book_of(Fact("a"), in_force=Period(date(2026, 1, 1), date(2026, 7, 1)))
    answers = answers_of({"a": True}, day=day)

    verdict = verdict_of(book, answers)

    expected = Outcome.NOT_APPLICABLE if limits else Outcome.NON_CONFORMITY
    assert verdict.outcome is expected
    assert explain(book, answers, verdict.rule).limits == limits
