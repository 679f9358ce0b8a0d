"""Facts come out of a record in three states, in the units of the vocabulary."""

from datetime import date
from decimal import Decimal

import pytest

from audits.checklists.answers import Reading, facts_of
from audits.checklists.instance import read_instance
from audits.checklists.metadata import Location, read_location
from tests.unit.checklists.samples import library_schema, sample_schema

CANNOT_TELL = {"unknown": "cannot_tell"}
KEY = "3f2c0b4e-8a51-4f0e-9d59-0d4c1c1f0a77"


def _read(inside: str) -> Reading:
    xml = (
        f'<data id="sample" version="1">{inside}'
        "<meta><instanceID>uuid:1</instanceID></meta></data>"
    )
    return facts_of(sample_schema(), read_instance(xml.encode()))


@pytest.mark.parametrize(
    ("inside", "facts"),
    [
        ("<papers>yes</papers>", {"documents_held": True}),
        ("<papers>no</papers>", {"documents_held": False}),
        ("<papers>unk</papers>", {"documents_held": CANNOT_TELL}),
        ("<papers/>", {"documents_held": None}),
        ("", {}),
        ("<extra>7.5</extra>", {"overtime": 450}),
        ("<extra>0</extra>", {"overtime": 0}),
        ("<extra>20.0</extra>", {"overtime": 1200}),
        ("<wage>60000</wage>", {"lowest_pay": 6_000_000}),
        ("<wage>15.75</wage>", {"lowest_pay": 1575}),
        ("<way_out>open</way_out>", {"exit": "free"}),
        ("<way_out>unk</way_out>", {"exit": CANNOT_TELL}),
        ("<heard>dismissal police</heard>", {"threats": ["police", "dismissal"]}),
        ("<heard>none</heard>", {"threats": []}),
        ("<heard>police unk</heard>", {"threats": CANNOT_TELL}),
        ("<heard/>", {"threats": None}),
        ("<hired>2026-02-28</hired>", {"hired_on": "2026-02-28"}),
        ("<stranger>yes</stranger>", {}),
    ],
)
def test_an_answer_becomes_a_fact(inside: str, facts: dict[str, object]) -> None:
    reading = _read(inside)

    assert reading.facts == facts
    assert reading.faults == ()


def test_an_empty_element_that_was_not_relevant_counts_as_not_asked() -> None:
    reading = _read("<papers>no</papers><papers_back/>")

    assert reading.facts == {"documents_held": False}


def test_an_empty_element_that_was_relevant_counts_as_left_blank() -> None:
    reading = _read("<papers>yes</papers><papers_back/>")

    assert reading.facts == {"documents_held": True, "documents_back": None}


def test_an_answer_that_is_there_was_asked_whatever_the_condition_says() -> None:
    reading = _read("<papers>no</papers><papers_back>no</papers_back>")

    assert reading.facts["documents_back"] is False


@pytest.mark.parametrize(
    ("inside", "value", "message"),
    [
        ("<extra>many</extra>", "many", "'many' is not a number."),
        ("<extra>NaN</extra>", "NaN", "'NaN' is not a number."),
        ("<extra>1e9</extra>", "1e9", "'1e9' is not a number."),
        (
            "<extra>7.33</extra>",
            "7.33",
            "7.33 hours/week is not a whole number of minutes/week.",
        ),
        ("<extra>169</extra>", "169", "10140 minutes/week is out of range."),
        ("<extra>-1</extra>", "-1", "-60 minutes/week is out of range."),
        ("<papers>perhaps</papers>", "perhaps", "'perhaps' is not on the list"),
        ("<way_out>free</way_out>", "free", "'free' is not on the list of choices."),
        ("<heard>police x</heard>", "police x", "'x' is not on the list of choices."),
        ("<heard>none police</heard>", "none police", "together with others"),
        ("<hired>2026-02-30</hired>", "2026-02-30", "'2026-02-30' is not a day."),
        ("<hired>3 Nov</hired>", "3 Nov", "'3 Nov' is not a day."),
    ],
)
def test_an_answer_that_cannot_be_read_is_a_fault_and_counts_as_blank(
    inside: str, value: str, message: str
) -> None:
    reading = _read(inside)

    (fault,) = reading.faults
    assert fault.value == value
    assert message in str(fault.message)
    assert str(fault.remedy)
    assert list(reading.facts.values()) == [None]


def test_two_answers_to_one_question_are_a_fault() -> None:
    reading = _read("<papers>yes</papers><papers>no</papers>")

    assert [fault.path for fault in reading.faults] == ["/data/papers"]
    assert reading.facts == {"documents_held": None}


@pytest.mark.parametrize(
    ("clock", "minute"),
    [
        ("06:30:00.000-05:00", 390),
        ("06:30", 390),
        ("00:00:00.000Z", 0),
        ("23:59:00", 1439),
    ],
)
def test_a_time_becomes_the_minute_the_clock_showed(clock: str, minute: int) -> None:
    reading = _read(
        "<children_seen>yes</children_seen><child>"
        f"<child_works>yes</child_works><child_start>{clock}</child_start></child>"
    )

    assert reading.rosters["children"] == [
        {"key": "1", "works": True, "starts_at": minute}
    ]


@pytest.mark.parametrize("clock", ["24:00", "6.30", "06:30:15", "noon"])
def test_a_time_that_is_no_whole_minute_is_a_fault(clock: str) -> None:
    reading = _read(f"<child><child_start>{clock}</child_start></child>")

    assert [fault.path for fault in reading.faults] == ["/data/child/child_start"]


@pytest.mark.parametrize(
    ("inside", "children"),
    [
        ("", None),
        ("<children_seen/>", None),
        ("<children_seen>unk</children_seen>", None),
        ("<children_seen>no</children_seen>", []),
        ("<children_seen>no</children_seen><child><child_age/></child>", []),
        ("<children_seen>yes</children_seen>", None),
        (
            f"<child><child_id>{KEY}</child_id><child_age/><child_works/></child>",
            None,
        ),
        ("<child><child_age>13</child_age></child>", [{"key": "1", "age": 13}]),
    ],
)
def test_a_roster_is_listed_known_empty_or_unanswered(
    inside: str, children: object
) -> None:
    assert _read(inside).rosters == {"children": children}


def test_a_refused_consent_does_not_say_that_there_are_no_children() -> None:
    xml = (
        '<data id="farm_visit" version="1"><visit><consent>no</consent></visit>'
        "<children_listed><children_seen>no</children_seen></children_listed>"
        "<meta><instanceID>uuid:1</instanceID></meta></data>"
    )

    reading = facts_of(library_schema("farm_visit"), read_instance(xml.encode()))

    assert reading.rosters == {"children": None, "workers": None}


def test_blank_entries_are_dropped_and_the_others_keep_their_key() -> None:
    reading = _read(
        "<children_seen>yes</children_seen>"
        "<child><child_id>x</child_id><child_age/></child>"
        f"<child><child_id>{KEY}</child_id><child_age>13</child_age>"
        "<child_works/></child>"
        f"<child><child_id>{KEY}</child_id><child_age>15</child_age></child>"
        "<child><child_id>Ana Pérez</child_id><child_age>9</child_age></child>"
    )

    assert reading.rosters["children"] == [
        {"key": KEY, "age": 13, "works": None},
        {"key": "2", "age": 15},
        {"key": "3", "age": 9},
    ]


def test_the_document_holds_facts_and_rosters_side_by_side() -> None:
    reading = _read("<papers>yes</papers><children_seen>no</children_seen>")

    assert reading.document() == {"facts": {"documents_held": True}, "children": []}


def test_metadata_stands_apart_from_the_facts() -> None:
    reading = _read(
        "<start>2026-11-03T08:00:00.000-05:00</start><site_ref>site_1</site_ref>"
        "<location>4.1 -75.2 1800.5 12</location>"
    )

    told = reading.metadata

    assert reading.facts == {}
    assert told.site_reference == "site_1"
    assert told.location == Location(
        Decimal("4.1"), Decimal("-75.2"), Decimal("1800.5"), Decimal(12)
    )
    assert told.observed_on == date(2026, 11, 3)
    assert told.person_hours is None


@pytest.mark.parametrize(
    "text",
    [None, "", "4.1", "north south", "91 0 0 0", "0 181 0 0", "NaN 0", "1 2 3 4 5"],
)
def test_a_place_that_is_not_on_earth_is_none(text: str | None) -> None:
    assert read_location(text) is None
