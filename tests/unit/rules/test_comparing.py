"""Two editions side by side: every kind of change is named, and nothing else."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from rules import Book, read_book
from rules.comparing import ChangeKind, Comparison, FieldChange, compare
from rules.comparing_law import LegalChange
from rules.parameters import LegalValue, Sector
from tests.unit.rules.small_books import FILES, rule_file, write_book

RULE = "child_labour/minimum_age.yaml"
AGE = "parameters/minimum_age.yaml"
ROW = (
    "  - {country: CO, sector: all, from: 2007-05-08, to: null, value: 15, "
    "confidence: verified,\n"
    "     cites: Ley 1098 de 2006 art. 35, sources: [LAW_35]}\n"
)
HONDURAS = (
    "  - {country: HN, sector: all, from: 2001-01-01, to: null, value: 14, "
    "confidence: verified, cites: Código, sources: [LAW_35]}\n"
)


@pytest.fixture
def book(tmp_path: Path) -> Book:
    return read_book(write_book(tmp_path / "before"))


def changed(folder: Path, changes: Mapping[str, str | None]) -> Book:
    return read_book(write_book(folder / "after", changes))


def edited(path: str, old: str, new: str) -> dict[str, str | None]:
    assert old in FILES[path]
    return {path: FILES[path].replace(old, new)}


def of_colombia(rule: str) -> dict[str, str | None]:
    """Return a rule that applies in one country alone."""
    elsewhere = (
        "  - {why: elsewhere, country: HN, day: 2024-05-01, verdict: not_applicable}\n"
    )
    return {RULE: rule.replace("cites:", "countries: [CO]\ncites:") + elsewhere}


def with_law(*rows: str) -> dict[str, str | None]:
    return {AGE: FILES[AGE].partition("values:\n")[0] + "values:\n" + "".join(rows)}


def only_rule(comparison: Comparison) -> tuple[str, bool, date | None]:
    (rule,) = comparison.rules
    return rule.id, rule.decides, rule.since


def only_value(comparison: Comparison) -> LegalChange:
    (value,) = comparison.values
    return value


def test_a_book_differs_in_nothing_from_itself(book: Book) -> None:
    assert compare(book, book).is_empty


def test_where_something_is_written_makes_no_difference(
    book: Book, tmp_path: Path
) -> None:
    moved = changed(tmp_path, {RULE: "# A remark of the author's.\n" + FILES[RULE]})

    assert moved.sha256 != book.sha256
    assert compare(book, moved).is_empty


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "severity: zero_tolerance",
            "severity: major",
            FieldChange("severity", "zero_tolerance", "major"),
        ),
        (
            "severity: zero_tolerance",
            "severity: zero_tolerance\nstatus: shadow",
            FieldChange("status", "active", "shadow"),
        ),
        (
            'article: "2(3)"',
            'article: "2(1)"',
            FieldChange(
                "cites",
                [{"instrument": "ILO C138", "article": "2(3)"}],
                [{"instrument": "ILO C138", "article": "2(1)"}],
            ),
        ),
        (
            "en: Protect the child first.",
            "en: See to the child first.",
            FieldChange(
                "remedy",
                {"en": "Protect the child first.", "es": "Primero proteger al niño."},
                {"en": "See to the child first.", "es": "Primero proteger al niño."},
            ),
        ),
    ],
)
def test_a_text_that_differs_is_named_and_decides_nothing(
    book: Book, tmp_path: Path, old: str, new: str, expected: FieldChange
) -> None:
    comparison = compare(book, changed(tmp_path, edited(RULE, old, new)))

    assert only_rule(comparison) == ("child_labour.minimum_age", False, None)
    assert comparison.rules[0].fields == (expected,)
    assert comparison.deciding == ()


def test_a_condition_is_told_as_the_book_writes_it(book: Book, tmp_path: Path) -> None:
    after = changed(
        tmp_path, edited(RULE, "age < law.minimum_age", "age <= law.minimum_age")
    )

    comparison = compare(book, after)

    (field,) = comparison.rules[0].fields
    assert field.field == "flag_when"
    assert "- age < law.minimum_age" in str(field.before)
    assert "- age <= law.minimum_age" in str(field.after)
    assert only_rule(comparison)[1:] == (True, date(1976, 6, 19))


def test_an_example_that_was_added_is_shown_alone(book: Book, tmp_path: Path) -> None:
    added = (
        "  - {why: just old enough, country: CO, day: 2024-05-01,\n"
        "     children: [{works: true, age: 15}], verdict: conformity}\n"
    )
    comparison = compare(book, changed(tmp_path, {RULE: FILES[RULE] + added}))

    (field,) = comparison.rules[0].fields
    assert (field.field, field.before) == ("examples", [])
    assert isinstance(field.after, list)
    assert [one["why"] for one in field.after if isinstance(one, dict)] == [
        "just old enough"
    ]


def test_a_rule_is_added_and_asked_from_its_first_day(
    book: Book, tmp_path: Path
) -> None:
    comparison = compare(book, changed(tmp_path, rule_file("documents_held")))

    (rule,) = comparison.rules
    assert (rule.kind, rule.id) == (ChangeKind.ADDED, "forced_labour.tested")
    assert (rule.decides, rule.since) == (True, date(2000, 1, 1))


def test_a_rule_is_gone(book: Book, tmp_path: Path) -> None:
    more = changed(tmp_path, rule_file("documents_held"))

    comparison = compare(more, book)

    (rule,) = comparison.rules
    assert (rule.kind, rule.id) == (ChangeKind.GONE, "forced_labour.tested")


@pytest.mark.parametrize(
    ("before", "after", "since"),
    [
        ("{from: 2000-01-01}", "{from: 2010-01-01}", date(2000, 1, 1)),
        ("{from: 2000-01-01}", "{from: 2000-01-01, to: 2020-01-01}", date(2020, 1, 1)),
        (
            "{from: 2000-01-01, to: 2015-01-01}",
            "{from: 2000-01-01, to: 2020-01-01}",
            date(2015, 1, 1),
        ),
    ],
)
def test_a_period_bites_from_the_first_day_that_is_not_in_both(
    tmp_path: Path, before: str, after: str, since: date
) -> None:
    books = [
        read_book(
            write_book(
                tmp_path / side,
                {
                    path: content.replace("{from: 2000-01-01}", period)
                    for path, content in rule_file("documents_held").items()
                },
            )
        )
        for side, period in (("before", before), ("after", after))
    ]

    comparison = compare(*books)

    assert only_rule(comparison) == ("forced_labour.tested", True, since)


def test_a_new_value_of_the_law_bites_from_its_own_day(
    book: Book, tmp_path: Path
) -> None:
    ended = ROW.replace("to: null", "to: 2026-12-31")
    raised = ROW.replace("from: 2007-05-08", "from: 2027-01-01").replace("15", "16", 1)

    comparison = compare(book, changed(tmp_path, with_law(ended, raised)))

    told = [(one.differing, one.since, one.decides) for one in comparison.values]
    assert told == [
        (("end",), date(2027, 1, 1), True),
        ((), date(2027, 1, 1), True),
    ]
    assert only_rule(comparison)[1:] == (True, date(2027, 1, 1))
    assert comparison.rules[0].because == ("law.minimum_age",)
    assert comparison.rules[0].fields == ()


def test_a_corrected_value_bites_from_its_first_day(book: Book, tmp_path: Path) -> None:
    corrected = ROW.replace("value: 15", "value: 14")

    comparison = compare(book, changed(tmp_path, with_law(corrected)))

    value = only_value(comparison)
    assert (value.parameter, value.country) == ("minimum_age", "CO")
    assert (value.differing, value.since) == (("value",), date(2007, 5, 8))
    assert value.before is not None
    assert value.after is not None
    assert (value.before.value, value.after.value) == (15, 14)


def test_another_citation_of_the_same_value_decides_nothing(
    book: Book, tmp_path: Path
) -> None:
    cited = ROW.replace("art. 35", "artículo 35")

    comparison = compare(book, changed(tmp_path, with_law(cited)))

    value = only_value(comparison)
    assert (value.differing, value.decides, value.since) == (("cites",), False, None)
    assert comparison.rules == ()


def test_a_surer_source_decides_otherwise(book: Book, tmp_path: Path) -> None:
    unsure = changed(
        tmp_path,
        with_law(ROW.replace("confidence: verified", "confidence: unverified")),
    )

    comparison = compare(unsure, book)

    value = only_value(comparison)
    assert (value.differing, value.decides) == (("confidence",), True)
    assert only_rule(comparison)[1] is True


def test_the_law_of_a_new_country_is_added(book: Book, tmp_path: Path) -> None:
    comparison = compare(book, changed(tmp_path, with_law(ROW, HONDURAS)))

    value = only_value(comparison)
    assert (value.country, value.before) == ("HN", None)
    assert [one.field for one in comparison.edition] == ["countries"]


def test_law_that_is_taken_out_is_gone_from_its_first_day(
    book: Book, tmp_path: Path
) -> None:
    more = changed(tmp_path, with_law(ROW, HONDURAS))

    value = only_value(compare(more, book))

    assert (value.country, value.after, value.since) == ("HN", None, date(2001, 1, 1))


def test_a_rule_of_one_country_does_not_mind_the_law_of_another(
    tmp_path: Path,
) -> None:
    home = of_colombia(FILES[RULE])
    before = read_book(write_book(tmp_path / "before", {**home, **with_law(ROW)}))

    comparison = compare(before, changed(tmp_path, {**home, **with_law(ROW, HONDURAS)}))

    assert only_value(comparison).country == "HN"
    assert comparison.rules == ()


def test_a_rule_is_never_judged_otherwise_before_it_is_in_force(
    tmp_path: Path,
) -> None:
    later = {RULE: FILES[RULE].replace("1976-06-19", "2020-01-01")}
    before = read_book(write_book(tmp_path / "before", {**later, **with_law(ROW)}))
    corrected = with_law(ROW.replace("value: 15", "value: 14"))

    comparison = compare(before, changed(tmp_path, {**later, **corrected}))

    assert only_rule(comparison)[1:] == (True, date(2020, 1, 1))


@pytest.mark.parametrize(
    ("path", "old", "new", "kind", "field"),
    [
        (
            "facts/site.yaml",
            "boots: {en: boots, es: botas}",
            "boots: {en: boots, es: botas}\n      hat: {en: hat, es: sombrero}",
            "facts",
            "options",
        ),
        ("facts/children.yaml", "range: [0, 17]", "range: [0, 19]", "facts", "range"),
        ("derived/children.yaml", "age >= 12", "age >= 13", "derived", "when"),
        (
            "instruments.yaml",
            "en: Minimum Age Convention",
            "en: Convention on the minimum age",
            "instruments",
            "title",
        ),
        ("sources.yaml", "read: article read", "read: read whole", "sources", "read"),
        ("parameters/minimum_age.yaml", "higher", "lower", "parameters", "stricter"),
    ],
)
def test_whatever_else_a_book_holds_is_compared_by_field(
    book: Book, tmp_path: Path, path: str, old: str, new: str, kind: str, field: str
) -> None:
    comparison = compare(book, changed(tmp_path, edited(path, old, new)))

    (item,) = getattr(comparison, kind)
    assert item.kind is ChangeKind.CHANGED
    assert field in [one.field for one in item.fields]


def test_a_condition_with_a_name_is_why_a_rule_decides_otherwise(
    book: Book, tmp_path: Path
) -> None:
    after = changed(tmp_path, edited("derived/children.yaml", "age >= 12", "age >= 13"))

    (rule,) = compare(book, after).rules

    assert (rule.decides, rule.because) == (True, ("children.light_work",))


def test_facts_and_indicators_come_and_go(book: Book, tmp_path: Path) -> None:
    more = changed(
        tmp_path,
        {
            "facts/more.yaml": (
                "facts:\n  fenced: {title: {en: a fence, es: una cerca}, type: yes_no}\n"
            ),
            "indicators/debt.yaml": (
                "id: debt\ntitle: {en: Debt bondage, es: Servidumbre por deudas}\n"
            ),
        },
    )

    there, back = compare(book, more), compare(more, book)

    assert [(one.kind, one.id) for one in there.facts] == [(ChangeKind.ADDED, "fenced")]
    assert [(one.kind, one.id) for one in back.facts] == [(ChangeKind.GONE, "fenced")]
    assert [one.kind for one in there.indicators] == [ChangeKind.ADDED]
    assert [one.kind for one in back.indicators] == [ChangeKind.GONE]


def test_the_edition_itself_is_compared(book: Book, tmp_path: Path) -> None:
    after = changed(tmp_path, edited("edition.yaml", "2026.11", "2026.12"))

    comparison = compare(book, after)

    assert comparison.edition == (FieldChange("edition", "2026.11", "2026.12"),)


def with_values(book: Book, *values: LegalValue) -> Book:
    changed_one = replace(book.parameters["minimum_age"], values=values)
    return replace(book, parameters={**book.parameters, "minimum_age": changed_one})


def test_disputed_values_of_one_day_are_told_apart(book: Book) -> None:
    (row,) = book.parameters["minimum_age"].values
    other = replace(row, value=16)

    added = compare(with_values(book, row), with_values(book, row, other))
    swapped = compare(with_values(book, row, other), with_values(book, other, row))

    value = only_value(added)
    assert value.before is None
    assert value.after == other
    assert swapped.is_empty


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"country": "HN"},
        {"sector": Sector.INDUSTRY},
        {"age_from": 15, "age_below": 17},
    ],
)
def test_the_law_for_others_is_another_law(
    book: Book, elsewhere: Mapping[str, Any]
) -> None:
    (row,) = book.parameters["minimum_age"].values
    other = replace(row, **elsewhere)

    comparison = compare(with_values(book, row), with_values(book, other))

    sides = {(one.before, one.after) for one in comparison.values}
    assert sides == {(row, None), (None, other)}
