"""A fingerprint changes when an outcome could, and only then."""

from pathlib import Path

import pytest
import rfc8785

from rules.definitions import Book, Rule
from rules.expressions import Parameter
from rules.hashes import _plain, _plain_law, canonical, reached
from rules.reading import read_book
from tests.unit.rules.small_books import FILES, write_book

BOOK = read_book()
RULE = "child_labour/minimum_age.yaml"
LAW = "parameters/minimum_age.yaml"
PERU = (
    "  - {country: PE, sector: all, from: null, to: null, value: 14, "
    "confidence: verified, cites: a}\n"
)


def book_with(folder: Path, *changes: tuple[str, str, str]) -> Book:
    files = dict(FILES)
    for name, old, new in changes:
        assert old in files[name]
        files[name] = files[name].replace(old, new)
    return read_book(write_book(folder, files))


OUTCOMES_CAN_CHANGE = [
    (RULE, "age < law", "age <= law"),
    (RULE, "    unless: light_work\n", ""),
    (RULE, "1976-06-19", "1976-06-20"),
    ("derived/children.yaml", "14 hours/week", "15 hours/week"),
    (LAW, "value: 15", "value: 16"),
    (LAW, "2007-05-08", "2007-05-09"),
    (LAW, "verified,", "unverified,"),
    (LAW, "stricter: higher", "stricter: lower"),
]


@pytest.mark.parametrize("change", OUTCOMES_CAN_CHANGE)
def test_what_can_change_an_outcome_changes_the_logic_hash(
    change: tuple[str, str, str], tmp_path: Path
) -> None:
    before = book_with(tmp_path / "before").rules[0]

    after = book_with(tmp_path / "after", change).rules[0]

    assert after.logic_hash != before.logic_hash
    assert after.text_hash == before.text_hash


ONLY_WORDS_CHANGE = [
    (RULE, "A child below the minimum age works", "A child works too young"),
    (RULE, "Primero proteger al niño.", "Proteger primero al niño."),
    (RULE, 'article: "2(3)"', 'article: "2(3), 7(1)"'),
    (RULE, "severity: zero_tolerance", "severity: critical"),
    (RULE, "flag_when:", "note: {en: Why it is so., es: Por qué es así.}\nflag_when:"),
]


@pytest.mark.parametrize("change", ONLY_WORDS_CHANGE)
def test_a_typo_re_scores_nothing(change: tuple[str, str, str], tmp_path: Path) -> None:
    before = book_with(tmp_path / "before").rules[0]

    after = book_with(tmp_path / "after", change).rules[0]

    assert after.logic_hash == before.logic_hash
    assert after.text_hash != before.text_hash


NOTHING_CHANGES = [
    (RULE, "a picker of twelve", "a child of twelve who picks"),
    (RULE, "all: [works, age < law.minimum_age]", "all:\n      - works\n      - age < law.minimum_age"),
    (LAW, "cites: Ley 1098 de 2006 art. 35", "cites: Código art. 35"),
    ("facts/site.yaml", "wage of a month", "monthly wage"),
    ("parameters/week_limit.yaml", "value: 30", "value: 36"),
    ("derived/children.yaml", "{en: light work, es: trabajo ligero}", "{en: easy, es: fácil}"),
]  # fmt: skip


@pytest.mark.parametrize("change", NOTHING_CHANGES)
def test_what_the_rule_does_not_read_leaves_both_hashes(
    change: tuple[str, str, str], tmp_path: Path
) -> None:
    before = book_with(tmp_path / "before")

    after = book_with(tmp_path / "after", change)

    assert after.rules[0].logic_hash == before.rules[0].logic_hash
    assert after.rules[0].text_hash == before.rules[0].text_hash
    assert after.sha256 != before.sha256


def test_law_of_a_country_the_rule_does_not_reach_leaves_its_hash(
    tmp_path: Path,
) -> None:
    limited = (RULE, "severity:", "countries: [CO]\nseverity:")
    example = (RULE, "examples:\n", "examples:\n  - {why: d, country: PE, day: 2024-05-01, verdict: not_applicable}\n")  # fmt: skip
    edition = ("edition.yaml", "title:", "countries: [CO, PE]\ntitle:")
    changes = (limited, example, edition)
    peru = (LAW, FILES[LAW], FILES[LAW] + PERU)

    before = book_with(tmp_path / "before", *changes).rules[0]
    after = book_with(tmp_path / "after", *changes, peru).rules[0]

    assert after.logic_hash == before.logic_hash


def test_the_same_files_make_the_same_book(tmp_path: Path) -> None:
    one = book_with(tmp_path / "one")
    other = book_with(tmp_path / "other")

    assert one.sha256 == other.sha256
    assert [rule.logic_hash for rule in one.rules] == [
        rule.logic_hash for rule in other.rules
    ]
    assert one.rules[0].logic_hash.startswith("sha256:")


@pytest.mark.parametrize("rule", BOOK.rules, ids=lambda rule: rule.id)
def test_what_is_hashed_is_written_as_the_standard_has_it(rule: Rule) -> None:
    trees = [_plain(rule.flag_when), _plain(rule.applies_when), _plain(rule.remedy)]
    law = [
        _plain_law(BOOK, node.name, rule.scopes.countries)
        for node in reached(rule, BOOK)
        if isinstance(node, Parameter)
    ]

    for content in (*trees, *law):
        assert canonical(content) == rfc8785.dumps(content)  # type: ignore[arg-type]
