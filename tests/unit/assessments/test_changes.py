"""Which verdicts of kept audits turn under another edition, rule by rule."""

import json
import uuid
from collections.abc import Mapping
from pathlib import Path

import pytest

from audits.assessments.changes import Effects, Turn, effects, turns_of
from audits.assessments.standing_facts import KeptFacts
from audits.submissions.facts import vocabulary_sha256
from rules import Book, Grounds, Outcome, Severity, Verdict, read_book
from tests.unit.rules.small_books import FILES, rule_file, write_book

RULE = "child_labour.minimum_age"
PATH = "child_labour/minimum_age.yaml"
C, N, U, X = (
    Outcome.CONFORMITY,
    Outcome.NON_CONFORMITY,
    Outcome.UNDETERMINED,
    Outcome.NOT_APPLICABLE,
)


@pytest.fixture
def book(tmp_path: Path) -> Book:
    return read_book(write_book(tmp_path / "before"))


def changed(folder: Path, changes: Mapping[str, str | None]) -> Book:
    return read_book(write_book(folder / "after", changes))


def verdict(
    outcome: Outcome,
    severity: Severity = Severity.MAJOR,
    grounds: Grounds = Grounds.SETTLED,
) -> Verdict:
    return Verdict(RULE, outcome, severity, grounds, "sha256:0")


def kept(book: Book, *audits: Mapping[str, object]) -> list[KeptFacts]:
    return [
        KeptFacts(
            uuid.UUID(int=number),
            f"s{number}",
            vocabulary_sha256(book.vocabulary),
            json.dumps(
                {
                    "country": "CO",
                    "commodity": "coffee",
                    "site_kind": "producer",
                    "observed_on": "2026-11-03",
                    **audit,
                }
            ).encode(),
        )
        for number, audit in enumerate(audits, start=1)
    ]


def child(**facts: object) -> dict[str, object]:
    return {"children": [{"key": "c1", "works": True, **facts}]}


TWELVE = child(age=12, hours=1_200)
FIFTEEN = child(age=15, hours=1_200)
FIFTEEN_OF_UNKNOWN_HOURS = child(age=15)
SIXTEEN = child(age=16)
NO_AGE = child()


@pytest.mark.parametrize(
    ("before", "after", "turns"),
    [
        (C, C, set()),
        (N, N, set()),
        (X, X, set()),
        (C, N, {Turn.NEW}),
        (X, N, {Turn.NEW}),
        (U, N, {Turn.NEW, Turn.NO_LONGER_UNDETERMINED}),
        (N, C, {Turn.GONE}),
        (N, X, {Turn.GONE}),
        (N, U, {Turn.GONE, Turn.NEWLY_UNDETERMINED}),
        (C, U, {Turn.NEWLY_UNDETERMINED}),
        (U, C, {Turn.NO_LONGER_UNDETERMINED}),
        (C, X, {Turn.OTHERWISE}),
        (X, C, {Turn.OTHERWISE}),
    ],
)
def test_a_verdict_turns(before: Outcome, after: Outcome, turns: set[Turn]) -> None:
    assert turns_of(verdict(before), verdict(after)) == turns


@pytest.mark.parametrize(
    ("outcome", "added", "gone"),
    [
        (N, {Turn.NEW}, {Turn.GONE}),
        (U, {Turn.NEWLY_UNDETERMINED}, {Turn.NO_LONGER_UNDETERMINED}),
        (C, set(), set()),
        (X, set(), set()),
    ],
)
def test_a_rule_that_comes_or_goes_turns_what_it_says(
    outcome: Outcome, added: set[Turn], gone: set[Turn]
) -> None:
    assert turns_of(None, verdict(outcome)) == added
    assert turns_of(verdict(outcome), None) == gone


def test_what_it_weighs_turns_too() -> None:
    lighter = verdict(N, Severity.MINOR)

    assert turns_of(verdict(N), lighter) == {Turn.SEVERITY_CHANGED}
    assert turns_of(verdict(C), verdict(C, Severity.MINOR)) == frozenset()


def test_other_grounds_for_the_same_are_told() -> None:
    unsure = verdict(U, grounds=Grounds.UNVERIFIED_LAW)

    assert turns_of(verdict(U), unsure) == {Turn.OTHERWISE}


def told(found: Effects) -> dict[str, dict[str, list[str]]]:
    return {
        rule: {str(turn): names for turn, names in kinds.items()}
        for rule, kinds in found.turned.items()
    }


def test_nothing_turns_under_the_same_book(book: Book) -> None:
    found = effects(book, book, kept(book, TWELVE, SIXTEEN))

    assert found.audits == 2
    assert told(found) == {}


def test_a_stricter_law_turns_the_audits_it_concerns(
    book: Book, tmp_path: Path
) -> None:
    law = "parameters/minimum_age.yaml"
    stricter = changed(tmp_path, {law: FILES[law].replace("value: 15", "value: 16")})

    found = effects(book, stricter, kept(book, TWELVE, FIFTEEN, SIXTEEN, NO_AGE))

    assert told(found) == {RULE: {"new": ["s2"]}}
    assert found.counts == {RULE: {Turn.NEW: 1}}


def test_a_fact_that_is_now_needed_leaves_verdicts_open(
    book: Book, tmp_path: Path
) -> None:
    needs_more = {
        PATH: FILES[PATH].replace("age < law.minimum_age]", "age < 16, hours > 0]")
    }
    audits = kept(book, FIFTEEN_OF_UNKNOWN_HOURS, TWELVE)

    found = effects(book, changed(tmp_path, needs_more), audits)

    assert told(found) == {RULE: {"newly_undetermined": ["s1"]}}


def test_a_lighter_rule_turns_what_was_broken_and_nothing_else(
    book: Book, tmp_path: Path
) -> None:
    lighter = {PATH: FILES[PATH].replace("zero_tolerance", "minor")}

    found = effects(book, changed(tmp_path, lighter), kept(book, TWELVE, SIXTEEN))

    assert told(found) == {RULE: {"severity_changed": ["s1"]}}


def test_rules_that_come_and_go_are_judged(book: Book, tmp_path: Path) -> None:
    more = changed(tmp_path, rule_file("documents_held"))
    audits = kept(
        book,
        {"facts": {"documents_held": True}},
        {"facts": {"documents_held": False}},
        {},
    )

    there, back = effects(book, more, audits), effects(more, book, audits)

    tested = "forced_labour.tested"
    assert told(there) == {tested: {"new": ["s1"], "newly_undetermined": ["s3"]}}
    assert told(back) == {tested: {"gone": ["s1"], "no_longer_undetermined": ["s3"]}}


def test_a_fact_the_later_book_does_not_know_was_not_asked(
    book: Book, tmp_path: Path
) -> None:
    site = "facts/site.yaml"
    head, _, tail = FILES[site].partition("  documents_held:\n")
    without = {site: head + tail.partition("yes_no\n")[2]}

    found = effects(
        book,
        changed(tmp_path, without),
        kept(book, {**TWELVE, "facts": {"documents_held": True}}),
    )

    assert (found.audits, found.unreadable, told(found)) == (1, [], {})


@pytest.mark.parametrize(
    ("path", "old", "new", "audit"),
    [
        ("facts/children.yaml", "range: [0, 17]", "range: [0, 15]", SIXTEEN),
        (
            "facts/site.yaml",
            "      permission_needed: {en: only with permission, es: sólo con permiso}\n",
            "",
            {"facts": {"exit_from_housing": "permission_needed"}},
        ),
        (
            "facts/site.yaml",
            "unit: minutes/day\n    range: [0, 1440]",
            "unit: minutes/week\n    range: [0, 10080]",
            {"facts": {"daily_time": 480}},
        ),
    ],
)
def test_answers_the_later_book_cannot_hold_are_told_and_not_judged(
    book: Book,
    tmp_path: Path,
    path: str,
    old: str,
    new: str,
    audit: Mapping[str, object],
) -> None:
    assert old in FILES[path]
    law = "parameters/minimum_age.yaml"
    narrower = changed(
        tmp_path,
        {
            path: FILES[path].replace(old, new),
            PATH: FILES[PATH].replace("age: 16", "age: 15"),
            law: FILES[law].replace("value: 15", "value: 16"),
        },
    )

    found = effects(book, narrower, kept(book, audit, FIFTEEN))

    assert found.unreadable == ["s1"]
    assert found.unreadable_before == []
    assert told(found) == {RULE: {"new": ["s2"]}}
