"""What is filled in comes out again as the facts that were put in."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audits.checklists.answers import facts_of
from audits.checklists.filling import AnswerNotPossible, fill
from audits.checklists.form import FormSchema, Question, QuestionType
from audits.checklists.instance import nodes_at, read_instance
from rules.answers import read_answers
from tests.unit.checklists.samples import (
    CHECKLISTS,
    book_vocabulary,
    library_schema,
    sample_schema,
)

CANNOT_TELL = {"unknown": "cannot_tell"}
VISIT: dict[str, object] = {
    "country": "CO",
    "commodity": "coffee",
    "site_kind": "producer",
    "observed_on": "2026-11-03",
}
BLANK = st.just((None, None))
# Pairs of what the auditor marks and the fact that it states.
YES_NO = st.sampled_from([("yes", True), ("no", False), ("unk", CANNOT_TELL)]) | BLANK
HOURS = st.integers(0, 672).map(lambda n: (Decimal(n) / 4, n * 15)) | BLANK
WAYS = (
    st.sampled_from([("open", "free"), ("locked", "locked"), ("unk", CANNOT_TELL)])
    | BLANK
)
THREATS = (
    st.sampled_from(
        [
            (["police"], ["police"]),
            (["dismissal", "police"], ["police", "dismissal"]),
            (["none"], []),
            (["unk"], CANNOT_TELL),
        ]
    )
    | BLANK
)
DAYS = st.dates(date(2000, 1, 1)).map(lambda day: (day, day.isoformat())) | BLANK
AGES = st.integers(0, 30).map(lambda age: (age, age)) | BLANK
MINUTES = st.integers(0, 1439).map(lambda n: (time(n // 60, n % 60), n)) | BLANK
PAIRS = {
    "papers": ("documents_held", YES_NO),
    "papers_back": ("documents_back", YES_NO),
    "extra": ("overtime", HOURS),
    "way_out": ("exit", WAYS),
    "heard": ("threats", THREATS),
    "hired": ("hired_on", DAYS),
}
CHILD_PAIRS = {
    "child_age": ("age", AGES),
    "child_works": ("works", YES_NO),
    "child_start": ("starts_at", MINUTES),
}
Pairs = Mapping[str, tuple[object, object]]
Table = Mapping[str, tuple[str, st.SearchStrategy[Any]]]


def _pairs(table: Table) -> st.SearchStrategy[Pairs]:
    return st.fixed_dictionaries({name: pair for name, (_, pair) in table.items()})


def _marked(pairs: Pairs) -> dict[str, object]:
    return {name: marked for name, (marked, _) in pairs.items()}


def _stated(pairs: Pairs, table: Table, only_if: tuple[str, str]) -> dict[str, object]:
    """The facts that the marks state; one question is asked only after a yes to another."""
    asked_if, hidden = only_if
    shown = pairs[asked_if][0] == "yes"
    return {
        table[name][0]: stated
        for name, (_, stated) in pairs.items()
        if name != hidden or shown
    }


@given(
    audit=_pairs(PAIRS),
    children=st.lists(_pairs(CHILD_PAIRS), max_size=3),
    gate=st.sampled_from([("yes", None), ("no", []), ("unk", None), (None, None)]),
)
def test_the_facts_that_were_put_in_come_out(
    audit: Pairs, children: list[Pairs], gate: tuple[str | None, list[object] | None]
) -> None:
    schema = sample_schema()
    answers = _marked(audit) | {
        "children_seen": gate[0],
        "child": [_marked(child) for child in children],
    }
    seen = [
        _stated(child, CHILD_PAIRS, ("child_works", "child_start"))
        for child in children
        if gate[0] == "yes" and _says_anything(child)
    ]

    record = fill(schema, answers, instance_id="uuid:1")
    reading = facts_of(schema, read_instance(record))

    assert reading.faults == ()
    assert {
        name: value for name, value in reading.facts.items() if name != "lowest_pay"
    } == _stated(audit, PAIRS, ("papers", "papers_back"))
    assert _without_keys(reading.rosters["children"]) == (seen or gate[1])


def _says_anything(child: Pairs) -> bool:
    """The start is asked only where work was told of, so these two decide."""
    return any(child[name][0] is not None for name in ("child_age", "child_works"))


def _without_keys(members: Sequence[Mapping[str, object]] | None) -> object:
    return members and [
        {name: value for name, value in member.items() if name != "key"}
        for member in members
    ]


def test_a_record_looks_as_odk_collect_writes_it() -> None:
    started = datetime(2026, 11, 3, 8, tzinfo=timezone(timedelta(hours=-5)))

    record = fill(
        sample_schema(),
        {"site_ref": "s", "papers": True, "children_seen": "no"},
        instance_id="uuid:2",
        deprecated_id="uuid:1",
        started_at=started,
    )

    assert record.decode().partition("\n")[2] == (
        '<data xmlns:orx="http://openrosa.org/xforms" id="sample" version="1">'
        "<start>2026-11-03T08:00:00.000-05:00</start><site_ref>s</site_ref><location/>"
        "<papers>yes</papers><papers_back/><extra/><way_out/><heard/><hired/><wage/>"
        "<photo/><children_seen>no</children_seen>"
        "<orx:meta><orx:deprecatedID>uuid:1</orx:deprecatedID>"
        "<orx:instanceID>uuid:2</orx:instanceID></orx:meta></data>"
    )


def test_what_is_not_relevant_is_not_in_the_record() -> None:
    record = fill(
        sample_schema(),
        {"papers": "no", "papers_back": "no", "child": [{"child_age": 9}]},
        instance_id="uuid:1",
    )
    instance = read_instance(record)

    assert nodes_at(instance.root, "/data/papers_back") == ()
    assert nodes_at(instance.root, "/data/child") == ()


def test_entries_get_a_lasting_key_of_their_own() -> None:
    answers = {"children_seen": "yes", "child": [{"child_age": 9}, {"child_age": 9}]}

    first = fill(sample_schema(), answers, instance_id="uuid:1")
    again = fill(sample_schema(), answers, instance_id="uuid:1")
    members = facts_of(sample_schema(), read_instance(first)).rosters["children"]

    assert first == again
    assert members is not None
    assert len({str(member["key"]) for member in members}) == 2


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ({"paper": "yes"}, "does not ask paper"),
        ({"papers": "perhaps"}, "has no choice perhaps"),
        ({"papers": ["yes", "no"]}, "takes one choice"),
        ({"heard": 3}, "wants choices"),
        ({"children_seen": "yes", "child": "two"}, "give it a list"),
        ({"children_seen": "yes", "child": ["two"]}, "wants a mapping"),
        ({"children_seen": "yes", "child": [{"papers": "no"}]}, "does not ask papers"),
    ],
)
def test_what_no_device_could_send_is_refused(
    answers: dict[str, object], message: str
) -> None:
    with pytest.raises(AnswerNotPossible, match=message):
        fill(sample_schema(), answers, instance_id="uuid:1")


def _mark(question: Question, draw: st.DrawFn) -> object:
    """Draw something an auditor could enter for a question of the library."""
    names = [choice.name for choice in question.choices]
    if question.type is QuestionType.SELECT_ONE:
        return draw(st.sampled_from([*names, None]))
    if question.type is QuestionType.SELECT_MULTIPLE:
        some = [name for name in names if name not in ("none", "unk")]
        alone = st.sampled_from([[], *([one] for one in names if one not in some)])
        return draw(alone | st.lists(st.sampled_from(some), min_size=1, unique=True))
    entered: dict[QuestionType, st.SearchStrategy[object]] = {
        QuestionType.INTEGER: st.integers(0, 7),
        QuestionType.DECIMAL: st.integers(0, 80).map(lambda n: Decimal(n) / 4),
        QuestionType.TIME: st.integers(0, 23).map(time),
        QuestionType.DATE: st.dates(),
        QuestionType.GEOPOINT: st.just("4.1 -75.2 1800 12"),
        QuestionType.TEXT: st.text(st.characters(exclude_categories=["C"])),
    }
    return draw(entered.get(question.type, st.none()) | st.none())


@st.composite
def _filled(draw: st.DrawFn, schema: FormSchema) -> dict[str, object]:
    answers = {one.name: _mark(one, draw) for one in schema.asked_in(None)}
    for repeat in schema.repeats:
        asked = list(schema.asked_in(repeat.path))
        answers[repeat.name] = [
            {one.name: _mark(one, draw) for one in asked}
            for _ in range(draw(st.integers(0, 2)))
        ]
    consent = {"consent": "yes"} if "consent" in schema.by_name else {}
    return answers | consent


@pytest.mark.parametrize("name", CHECKLISTS)
@given(data=st.data())
def test_whatever_is_filled_in_the_rules_can_read(
    name: str, data: st.DataObject
) -> None:
    schema = library_schema(name)
    answers = data.draw(_filled(schema))

    record = fill(schema, answers, instance_id="uuid:1")
    reading = facts_of(schema, read_instance(record))
    read = read_answers(book_vocabulary(), VISIT | reading.document())

    assert reading.faults == ()
    assert len(read.facts) + len(read.causes) == len(reading.facts)
