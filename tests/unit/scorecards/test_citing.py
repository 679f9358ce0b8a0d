"""Which law a card names for a flag, in one country, on one day."""

from datetime import date

import pytest

from compliance.scorecards.citing import citations_of
from rules import read_book

BOOK = read_book()
DAY = date(2026, 11, 3)


def told(rule: str, country: str) -> list[str]:
    found = citations_of(BOOK, BOOK.rule_by_id[rule], country=country, day=DAY)
    return [f"{one.instrument} {one.article}" for one in found]


def test_the_law_of_another_country_is_left_out() -> None:
    assert told("child_labour.minimum_age", "CO") == [
        "ILO C138 2(3), 7(1)",
        "CO Ley 1098 35",
    ]


def test_national_law_is_named_by_where_its_value_comes_from() -> None:
    assert told("wages_and_hours.normal_week", "CO") == [
        "SA8000 7.1",
        "CO Ley 2101 de 2021 arts. 2-3",
    ]


@pytest.mark.parametrize("country", ["CO", "PE", "GT", "BR"])
@pytest.mark.parametrize("rule", [one.id for one in BOOK.rules])
def test_every_rule_can_be_cited_on_a_card(rule: str, country: str) -> None:
    assert told(rule, country)
