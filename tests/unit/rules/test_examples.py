"""An example that does not come to what it says is a mistake with a place."""

from pathlib import Path

import pytest

from rules.examples import check_examples
from rules.reading import read_book
from tests.unit.rules.small_books import FILES, write_book

RULE = "child_labour/minimum_age.yaml"
FOURTH = "  - {why: wrong, country: CO, day: 2024-05-01, children: [], "


def mistakes(folder: Path, example: str) -> list[str]:
    book = read_book(write_book(folder, {RULE: FILES[RULE] + FOURTH + example}))
    return [mistake.told() for mistake in check_examples(book)]


def test_examples_that_come_to_what_they_say_are_no_mistake(tmp_path: Path) -> None:
    assert mistakes(tmp_path, "verdict: conformity, grounds: settled}\n") == []


@pytest.mark.parametrize(
    ("example", "told"),
    [
        (
            "verdict: non_conformity}\n",
            "verdict non_conformity, but 'child_labour.minimum_age' comes to conformity.",
        ),
        (
            "verdict: conformity, severity: minor}\n",
            "severity minor, but 'child_labour.minimum_age' comes to zero_tolerance.",
        ),
        (
            "verdict: conformity, grounds: disputed_law}\n",
            "grounds disputed_law, but 'child_labour.minimum_age' comes to settled.",
        ),
    ],
)
def test_an_example_that_comes_to_something_else_is_told(
    example: str, told: str, tmp_path: Path
) -> None:
    assert mistakes(tmp_path, example) == [
        (
            f"child_labour/minimum_age.yaml:18:5: the example 'wrong' says {told} Correct "
            "the rule or the example."
        )
    ]


def test_what_an_example_leaves_out_is_unknown_and_coffee_farms_are_meant(
    tmp_path: Path,
) -> None:
    example = read_book(write_book(tmp_path)).rules[0].examples[1]

    assert example.id == "child_labour.minimum_age[2]"
    assert example.document == {
        "commodity": "coffee",
        "site_kind": "producer",
        "country": "CO",
        "observed_on": "2024-05-01",
        "children": [{"key": "c1", "works": True, "age": 12, "hours": 1200}],
    }
