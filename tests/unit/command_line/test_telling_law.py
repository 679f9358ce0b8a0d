"""`atalaya law` and `atalaya facts`: the book told to a lawyer and to a programmer."""

import json
from typing import Any

import pytest

from api.cli import main


def printed_by(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main([*arguments]) == 0
    return capsys.readouterr().out


def law_as_json(
    capsys: pytest.CaptureFixture[str], *arguments: str
) -> dict[str, dict[str, Any]]:
    document = json.loads(printed_by(capsys, "law", *arguments, "--json"))
    return {one["parameter"]: one for one in document["parameters"]}


def test_a_value_is_told_with_its_citation_its_first_day_and_its_source(
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = printed_by(capsys, "law", "CO", "--on", "2026-07-15", "--language", "en")

    assert (
        "normal working week (normal_minutes_per_week)\n"
        "    42 hours a week: Ley 2101 de 2021 arts. 2-3; in force since 15 July 2026; "
        "read in its source\n"
        "        Source: "
    ) in text


def test_a_country_is_known_in_small_letters_too(
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = printed_by(capsys, "law", "pa", "--on", "2026-11-03", "--language", "en")

    assert text.startswith("The law of Panama on 3 November 2026, as edition 2026.11 ")
    assert "[below 18 years of age] 18:00: Código de Trabajo art. 120(1); " in text


def test_the_law_of_farms_alone_can_be_asked_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    farms = ("PE", "--on", "2026-11-03", "--sector", "agriculture")

    (value,) = law_as_json(capsys, *farms)["minimum_age"]["values"]

    (reading,) = value["readings"]
    assert (value["sector"], reading["value"], reading["told"]) == (
        "agriculture",
        18,
        "18 years",
    )
    assert "Ley 31110" in reading["cites"]
    assert (reading["valid_from"], reading["valid_before"]) == ("2021-01-01", None)
    assert reading["sources"][0]["id"] == "PE_L31110"


def test_disputed_readings_are_told_side_by_side(
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = printed_by(capsys, "law", "HN", "--on", "2026-11-03", "--language", "en")
    (value,) = law_as_json(capsys, "HN", "--on", "2026-11-03")["minimum_age"]["values"]

    _, _, minimum_age = text.partition("(minimum_age)\n")
    assert minimum_age.startswith(
        "    The sources differ. Readings:\n      - 14 years: "
    )
    assert value["is_disputed"]
    assert {one["value"] for one in value["readings"]} == {14, 16, 18}


def test_a_gap_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed_by(capsys, "law", "PA", "--on", "2026-11-03", "--language", "en")

    assert "(load_limit)\n    Gap: Heavy loads; figures not confirmed.\n" in text


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["ZZ"], "The book has no law of ZZ. It has that of: AR, BO, "),
        (["CO", "--on", "2026-02-30"], "2026-02-30 is no day. Write it as "),
        (["CO", "--on", "20260715"], "20260715 is no day. Write it as "),
        (["CO", "--on", ""], " is no day. Write it as "),
    ],
)
def test_what_cannot_be_told_is_refused_with_what_would_be_right(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    status = main(["law", *arguments, "--language", "en"])

    written = capsys.readouterr()
    assert status == 2
    assert written.out == ""
    assert written.err.startswith(told)


def test_a_fact_is_told_with_its_type_its_options_and_who_reads_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = printed_by(capsys, "facts", "--language", "en")

    assert (
        "grievance_channel_anonymous: complaints can be made without giving a name\n"
        "    yes or no\n"
        "    Read by: grievance_and_management.grievance_channel\n"
    ) in text
    assert (
        "children.age: age in completed years\n    a whole number of years, from 0 to 30\n"
    ) in text


def test_every_fact_is_told_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    document = json.loads(printed_by(capsys, "facts", "--json", "--language", "es"))
    facts = {one["fact"]: one for one in document["facts"]}

    age = facts["children.age"]
    assert (age["roster"], age["type"], age["unit"]) == ("children", "integer", "years")
    assert age["range"] == [0, 30]
    assert {"option": "free", "title": "libre"} in facts["exit_from_housing"]["options"]
    assert facts["documents_held"]["rules"] == [
        "forced_labour.documents_denied",
        "forced_labour.documents_held",
    ]
