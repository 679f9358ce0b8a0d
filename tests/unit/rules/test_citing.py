"""A verdict cites the law of its own country, and never that of another."""

from datetime import date
from pathlib import Path

import pytest

from rules.answers import read_answers
from rules.citing import cites_in
from rules.definitions import Book
from rules.explanation import tell
from rules.reading import read_book
from rules.tracing import explain
from tests.unit.rules.small_books import FILES, mistakes_of, write_book

AGE_RULE = "child_labour.minimum_age"
INSTRUMENTS = """\
ILO C138: {title: {en: Convention, es: Convenio}, kind: convention}
SA8000: {title: {en: Standard, es: Norma}, kind: standard}
National law: {title: {en: Law of the country, es: Ley del país}, kind: law}
CO Ley 1098: {title: {en: Code of Colombia, es: Código de Colombia}, kind: law, country: CO}
MY Act 350: {title: {en: Act of Malaysia, es: Ley de Malasia}, kind: law, country: MY}
"""
CITES = """\
cites:
  - {instrument: MY Act 350, article: "2"}
  - {instrument: National law, article: minimum age}
  - {instrument: ILO C138, article: "2(3)"}
  - {instrument: CO Ley 1098, article: "35"}
  - {instrument: SA8000, article: "1"}
"""


@pytest.fixture
def book(tmp_path: Path) -> Book:
    rule = FILES["child_labour/minimum_age.yaml"].replace(
        'cites: [{instrument: ILO C138, article: "2(3)"}]\n', CITES
    )
    changes = {"instruments.yaml": INSTRUMENTS, "child_labour/minimum_age.yaml": rule}
    return read_book(write_book(tmp_path, changes))


@pytest.mark.parametrize(
    ("country", "expected"),
    [
        ("CO", ["ILO C138", "CO Ley 1098", "SA8000"]),
        ("MY", ["MY Act 350", "ILO C138", "SA8000"]),
        ("HN", ["National law", "ILO C138", "SA8000"]),
    ],
)
def test_only_law_that_holds_in_the_country_is_cited(
    book: Book, country: str, expected: list[str]
) -> None:
    cited = cites_in(book.rules[0], book, country)

    assert [one.instrument for one in cited] == expected


def test_a_colombian_verdict_does_not_speak_of_malaysia(book: Book) -> None:
    document = {
        "country": "CO",
        "commodity": "coffee",
        "site_kind": "producer",
        "observed_on": date(2026, 11, 3).isoformat(),
        "children": [{"key": "c1", "works": True, "age": 12, "hours": 1200}],
    }

    trace = explain(book, read_answers(book.vocabulary, document), AGE_RULE)

    assert trace.as_json()["cites"] == [
        {"instrument": "ILO C138", "article": "2(3)"},
        {"instrument": "CO Ley 1098", "article": "35"},
        {"instrument": "SA8000", "article": "1"},
    ]
    assert tell(trace, "en")[-1] == (
        "Based on: ILO C138 (Convention), 2(3); "
        "CO Ley 1098 (Code of Colombia), 35; SA8000 (Standard), 1."
    )


def test_the_country_of_an_instrument_is_two_capital_letters(tmp_path: Path) -> None:
    wrong = FILES["instruments.yaml"] + "  country: Colombia\n"

    mistakes = mistakes_of(tmp_path, {"instruments.yaml": wrong})

    told = "a country must be two capital letters. Write CO for Colombia."
    assert mistakes == [f"instruments.yaml:4:12: {told}"]
