"""The page of policies: it is what the policies say."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import pytest
from pydantic import BaseModel, Field

from api.cli import main
from api.policies_known import POLICIES
from compliance.policies.dated import Entry, Policy
from compliance.policies.printing import printed, told

ROOT = Path(__file__).parents[3]


class Colour(StrEnum):
    RED = "red"


class Part(BaseModel):
    minutes: int
    colour: Colour


def test_the_page_is_printed_from_the_policies() -> None:
    page = (ROOT / "docs/policies.md").read_text(encoding="utf-8")

    assert page == printed(POLICIES.values()), "atalaya policies print --output …"


def test_every_field_of_every_policy_is_told_in_words() -> None:
    wordless = [
        f"{policy.name}.{name}"
        for policy in POLICIES.values()
        for name, field in policy.model.model_fields.items()
        if not field.description
    ]

    assert wordless == []


def test_a_policy_goes_by_its_name() -> None:
    assert [policy.name for policy in POLICIES.values()] == list(POLICIES)


def test_what_ships_keeps_its_own_bounds() -> None:
    broken = [
        (policy.name, bound.field)
        for policy in POLICIES.values()
        for entry in policy.entries
        for bound in entry.breaches(entry)
    ]

    assert broken == []


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (None, "–"),
        (True, "yes"),
        (7, "7"),
        (Colour.RED, "red"),
        ("a|b", "a\\|b"),
        ({"a": 1, Colour.RED: 2}, "a: 1, red: 2"),
        ((1, 2), "1, 2"),
        (frozenset({"b", "a"}), "a, b"),
        ((), "–"),
        ({"a": (1, 2), "b": ()}, "a: 1, 2; b: –"),
        (Part(minutes=3, colour=Colour.RED), "minutes: 3, colour: red"),
        (
            (Part(minutes=3, colour=Colour.RED), Part(minutes=4, colour=Colour.RED)),
            "minutes: 3, colour: red; minutes: 4, colour: red",
        ),
    ],
)
def test_a_value_is_told_in_a_cell(value: object, cell: str) -> None:
    assert told(value) == cell


class Tea(Entry):
    """How tea is made."""

    cups: Annotated[int, Field(description="How many.")]
    kinds: Annotated[Mapping[str, Part], Field(description="By kind.")]
    steps: Annotated[tuple[Part, ...], Field(description="One after the other.")]


def test_what_has_parts_is_told_as_a_table_of_its_own() -> None:
    part = Part(minutes=3, colour=Colour.RED)
    entry = Tea(
        valid_from=date(2026, 1, 1),
        source="The kitchen's decision",
        cups=2,
        kinds={"green": part},
        steps=(part,),
    )

    page = printed([Policy("tea", "Tea", Tea, (entry,))])

    assert page.endswith(
        "### From 2026-01-01\n\nSource: The kitchen's decision\n\n"
        "| field | value |\n| --- | --- |\n| `cups` | 2 |\n\n"
        "`kinds`:\n\n|  | minutes | colour |\n| --- | --- | --- |\n"
        "| green | 3 | red |\n\n"
        "`steps`:\n\n| minutes | colour |\n| --- | --- |\n| 3 | red |\n"
    )


def test_the_command_prints_the_page(tmp_path: Path) -> None:
    output = tmp_path / "policies.md"

    status = main(["policies", "print", "--output", str(output)])

    assert (status, output.read_text(encoding="utf-8")) == (
        0,
        printed(POLICIES.values()),
    )


def test_the_command_says_that_all_is_in_order(
    capsys: pytest.CaptureFixture[str],
) -> None:
    status = main(["policies", "check", "--language", "en"])

    assert status == 0
    assert f"{len(POLICIES)} policies" in capsys.readouterr().out
