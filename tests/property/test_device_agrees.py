"""The reader on a device says what the reader of one audit says: no difference.

The same random audits go through both, over random books and over the packaged one.
"""

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from playwright.sync_api import Page

from rules import Commodity, SiteKind, read_book
from rules.answers import Answers
from rules.definitions import Book
from rules.device import NotExactOnDevice, device_part
from rules.expressions import (
    Arithmetic,
    Compare,
    Comparison,
    Fact,
    Literal,
    Node,
    Operation,
)
from rules.one_audit import assess
from rules.vocabulary import AnswerValue, Kind
from tests.chromium import launched, needs_chromium
from tests.property.test_readers_agree import books_of, node_classes
from tests.random_audits import FIRST_DAY, random_audit, seeded
from tests.strategies import VOCABULARY, book_with

READER = Path(__file__).parents[2] / "web" / "rules" / "reader.js"
LAST_DAY = FIRST_DAY + timedelta(days=40)
# One text each way: the browser's bridge is slow with nested objects.
JUDGE = """async (given) => {
  const [reader, part, audits] = JSON.parse(given);
  const { assess } = await import(reader);
  return JSON.stringify(audits.map((answers) => assess(part, answers)));
}"""
OPEN = """async (given) => {
  const [reader, part, answers, rule] = JSON.parse(given);
  const { open } = await import(reader);
  return JSON.stringify(open(part, answers, rule));
}"""
BOOKS = 60
AUDITS = 60


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with launched() as browser:
        opened = browser.new_page()
        opened.goto("about:blank")
        yield opened


def reader() -> str:
    source = base64.b64encode(READER.read_bytes()).decode()
    return f"data:text/javascript;base64,{source}"


def document(answers: Answers) -> dict[str, Any]:
    """Return the answers as a device holds them."""
    return {
        "country": answers.country,
        "commodity": answers.commodity,
        "site_kind": answers.site_kind,
        "observed_on": answers.observed_on.isoformat(),
        "facts": plain(answers.facts),
        **{
            str(roster): None if members is None else [plain(m.facts) for m in members]
            for roster, members in answers.rosters.items()
        },
    }


def plain(facts: Mapping[str, AnswerValue]) -> dict[str, object]:
    return {name: told(value) for name, value in facts.items()}


def told(value: AnswerValue) -> object:
    if isinstance(value, frozenset):
        return sorted(value)
    return value.isoformat() if isinstance(value, date) else value


def asked(page: Page, script: str, *given: object) -> Any:
    return json.loads(page.evaluate(script, json.dumps([reader(), *given])))


def judged(page: Page, part: dict[str, Any], audits: Sequence[Answers]) -> Any:
    return asked(page, JUDGE, part, [document(answers) for answers in audits])


def wanted(book: Book, part: dict[str, Any], answers: Answers) -> list[dict[str, str]]:
    """Return what the plain reader says of the rules that the device has."""
    carried = {rule["id"] for rule in part["rules"]}
    return [
        {
            "rule": verdict.rule,
            "outcome": verdict.outcome,
            "severity": verdict.severity,
            "grounds": verdict.grounds,
        }
        for verdict in assess(book, answers)
        if verdict.rule in carried
    ]


@needs_chromium
def test_the_readers_agree_on_random_books_and_random_audits(page: Page) -> None:
    compared = 0
    seen: set[type] = set()

    @settings(
        max_examples=BOOKS, suppress_health_check=[HealthCheck.large_base_example]
    )
    @given(
        books_of(14),
        some.integers(0, 2**32 - 1),
        some.sampled_from(["CO", "HN", "ZZ"]),
        some.sampled_from(Commodity),
        some.sampled_from(SiteKind),
    )
    def agree(
        book: Book, seed: int, country: str, commodity: Commodity, kind: SiteKind
    ) -> None:
        nonlocal compared
        random = seeded(seed)
        audits = [
            replace(
                random_audit(
                    random,
                    VOCABULARY,
                    missing=random.choice((0.0, 0.1, 0.5)),
                    sizes=(None, 0, 1, 2, 5),
                    country=country,
                ),
                commodity=commodity,
                site_kind=kind,
            )
            for _ in range(AUDITS)
        ]
        part = device_part(
            book,
            country=country,
            commodity=commodity,
            site_kind=kind,
            first=FIRST_DAY,
            last=LAST_DAY,
        )

        found = judged(page, part, audits)

        assert found == [wanted(book, part, answers) for answers in audits]
        compared += len(part["rules"]) * len(audits)
        seen.update(node_classes(book))

    agree()

    assert compared >= 15_000
    assert seen == set(get_args(Node))


@needs_chromium
@pytest.mark.parametrize("country", ["CO", "PE", "GT", "ID", "CI"])
@pytest.mark.parametrize("kind", SiteKind)
def test_the_readers_agree_on_the_book(
    page: Page, country: str, kind: SiteKind
) -> None:
    book = read_book()
    random = seeded(2026)
    first, last = date(2022, 1, 1), date(2027, 6, 30)
    audits = [
        replace(
            random_audit(
                random,
                book.vocabulary,
                missing=random.choice((0.0, 0.1, 0.5)),
                sizes=(None, 0, 1, 3),
                country=country,
                day=first + timedelta(days=random.randrange((last - first).days)),
            ),
            commodity=Commodity.COFFEE,
            site_kind=kind,
        )
        for _ in range(100)
    ]
    part = device_part(
        book,
        country=country,
        commodity=Commodity.COFFEE,
        site_kind=kind,
        first=first,
        last=last,
    )

    found = judged(page, part, audits)

    assert len(part["rules"]) > 90
    assert found == [wanted(book, part, answers) for answers in audits]


@needs_chromium
def test_what_is_open_is_named_by_fact_and_by_member(page: Page) -> None:
    part = device_part(
        read_book(),
        country="CO",
        commodity=Commodity.COFFEE,
        site_kind=SiteKind.PRODUCER,
        first=date(2026, 1, 1),
        last=date(2026, 12, 31),
        only=["child_labour.minimum_age"],
    )
    answers = {
        "observed_on": "2026-11-03",
        "facts": {},
        "children": [{"works": False}, {"works": True}],
    }

    one = asked(page, OPEN, part, answers, "child_labour.minimum_age")
    nobody = asked(
        page, OPEN, part, {"observed_on": "2026-11-03"}, "child_labour.minimum_age"
    )

    assert {"fact": "children.age", "member": 1} in one
    assert [found for found in one if found["member"] == 0] == []
    assert nobody == [{"fact": "children", "member": None}]


@needs_chromium
def test_a_day_outside_the_season_is_refused(page: Page) -> None:
    part = device_part(
        read_book(),
        country="CO",
        commodity=Commodity.COFFEE,
        site_kind=SiteKind.PRODUCER,
        first=date(2026, 1, 1),
        last=date(2026, 12, 31),
    )

    with pytest.raises(Exception, match="no law at hand for 2027-01-01"):
        asked(page, JUDGE, part, [{"observed_on": "2027-01-01"}])


def test_numbers_that_a_browser_cannot_hold_are_refused() -> None:
    number = next(
        name
        for name, fact in VOCABULARY.by_roster[None].items()
        if fact.kind is Kind.INTEGER
    )
    large = Arithmetic(Operation.TIMES, Fact(number), Literal(2**53))
    book = book_with(Compare(Comparison.ABOVE, large, Literal(1)))

    with pytest.raises(NotExactOnDevice, match=r"child_labour\."):
        device_part(
            book,
            country="CO",
            commodity=Commodity.COFFEE,
            site_kind=SiteKind.PRODUCER,
            first=FIRST_DAY,
            last=LAST_DAY,
        )


def test_the_law_changes_on_the_day_it_changes() -> None:
    part = device_part(
        read_book(),
        country="CO",
        commodity=Commodity.COFFEE,
        site_kind=SiteKind.MILL,
        first=date(2026, 1, 1),
        last=date(2026, 12, 31),
    )

    hours = {
        regime["from"]: regime["law"]["floor"]["normal_minutes_per_week"]
        for regime in part["regimes"]
    }

    assert hours["2026-01-01"] == 44 * 60
    assert hours["2026-07-15"] == 42 * 60
