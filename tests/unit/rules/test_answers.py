"""Answers are read whole or not at all, and every fault is told at once."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from rules.answers import Answers, AnswersRejected, Cause, read_answers
from rules.reading import read_book
from rules.vocabulary import Commodity, Roster, SiteKind, Vocabulary
from tests.unit.rules.small_books import write_book

BASE = {
    "country": "CO",
    "commodity": "coffee",
    "site_kind": "producer",
    "observed_on": "2026-11-03",
}


@pytest.fixture(scope="module")
def vocabulary(tmp_path_factory: pytest.TempPathFactory) -> Vocabulary:
    folder: Path = tmp_path_factory.mktemp("book")
    return read_book(write_book(folder)).vocabulary


def faults_of(vocabulary: Vocabulary, document: Mapping[str, object]) -> list[str]:
    try:
        read_answers(vocabulary, document)
    except AnswersRejected as rejected:
        return [
            f"{one.path} {one.message.en} {one.remedy.en}" for one in rejected.faults
        ]
    return []


def read(vocabulary: Vocabulary, **parts: object) -> Answers:
    return read_answers(vocabulary, {**BASE, **parts})


def test_answers_are_typed_by_the_vocabulary(vocabulary: Vocabulary) -> None:
    answers = read(
        vocabulary,
        facts={
            "documents_held": False,
            "wage": 0,
            "exit_from_housing": "free",
            "protection_given": ["boots", "gloves"],
            "contract_signed": "2026-02-28",
        },
    )

    assert answers.facts == {
        "documents_held": False,
        "wage": 0,
        "exit_from_housing": "free",
        "protection_given": frozenset({"gloves", "boots"}),
        "contract_signed": date(2026, 2, 28),
    }
    assert (answers.country, answers.observed_on) == ("CO", date(2026, 11, 3))
    assert (answers.commodity, answers.site_kind) == (
        Commodity.COFFEE,
        SiteKind.PRODUCER,
    )


def test_each_absence_keeps_its_cause(vocabulary: Vocabulary) -> None:
    answers = read(
        vocabulary,
        facts={
            "wage": None,
            "deductions": {"unknown": "cannot_tell"},
            "normal_time": {"unknown": "does_not_apply"},
        },
    )

    assert answers.facts == {}
    assert answers.causes == {
        "wage": Cause.NOT_ANSWERED,
        "deductions": Cause.CANNOT_TELL,
        "normal_time": Cause.DOES_NOT_APPLY,
    }


@pytest.mark.parametrize(
    ("parts", "cause"),
    [
        ({}, Cause.NOT_ASKED),
        ({"children": None}, Cause.NOT_ANSWERED),
        ({"children": {"unknown": "cannot_tell"}}, Cause.CANNOT_TELL),
    ],
)
def test_an_absent_roster_keeps_its_cause(
    parts: dict[str, object], cause: Cause, vocabulary: Vocabulary
) -> None:
    answers = read(vocabulary, **parts)

    assert answers.rosters[Roster.CHILDREN] is None
    assert answers.roster_causes[Roster.CHILDREN] is cause


def test_an_empty_roster_is_an_answer(vocabulary: Vocabulary) -> None:
    answers = read(vocabulary, children=[])

    assert answers.rosters[Roster.CHILDREN] == ()
    assert Roster.CHILDREN not in answers.roster_causes


def test_members_keep_their_key_and_their_order(vocabulary: Vocabulary) -> None:
    answers = read(
        vocabulary, children=[{"key": "c9", "age": 13, "works": None}, {"key": "c2"}]
    )

    members = answers.rosters[Roster.CHILDREN]
    assert members is not None
    assert [member.key for member in members] == ["c9", "c2"]
    assert members[0].facts == {"age": 13}
    assert members[0].causes == {"works": Cause.NOT_ANSWERED}


FAULTS = [
    ({"facts": {"wages": 3}}, "$.facts.wages no such fact. Did you mean 'wage'?"),
    ({"facts": {"key": "c1"}}, "$.facts.key no such fact. "),
    ({"facts": {"documents_held": "yes"}}, "$.facts.documents_held cannot be the text 'yes'. Send true or false."),
    ({"facts": {"documents_held": 1}}, "$.facts.documents_held cannot be the number 1. Send true or false."),
    ({"facts": {"wage": "3"}}, "$.facts.wage cannot be the text '3'. Send a whole number."),
    ({"facts": {"wage": 3.0}}, "$.facts.wage cannot be the number 3.0. Send a whole number."),
    ({"facts": {"wage": float("nan")}}, "$.facts.wage cannot be the number nan. Send a whole number."),
    ({"facts": {"wage": True}}, "$.facts.wage cannot be true. Send a whole number."),
    ({"facts": {"wage": -1}}, "$.facts.wage -1 is out of range. Send 0 to 100000000000, in money/month."),
    ({"facts": {"normal_time": 10081}}, "$.facts.normal_time 10081 is out of range. Send 0 to 10080, in minutes/week."),
    ({"facts": {"exit_from_housing": "fre"}}, "$.facts.exit_from_housing 'fre' is not an option. Did you mean 'free'?"),
    ({"facts": {"exit_from_housing": ["free"]}}, "$.facts.exit_from_housing cannot be a list. Send one option, as a text."),
    ({"facts": {"protection_given": "mask"}}, "$.facts.protection_given cannot be the text 'mask'. Send a list of options, [] for none of them."),
    ({"facts": {"protection_given": ["masc"]}}, "$.facts.protection_given 'masc' is not an option. Did you mean 'mask'?"),
    ({"facts": {"protection_given": ["mask", "mask"]}}, "$.facts.protection_given holds an option twice. Send each once."),
    ({"facts": {"protection_given": [3]}}, "$.facts.protection_given cannot hold the number 3. Send a list of options, [] for none of them."),
    ({"facts": {"contract_signed": "2026-02-29"}}, "$.facts.contract_signed there is no day 2026-02-29. "),
    ({"facts": {"contract_signed": "3/11/2026"}}, "$.facts.contract_signed cannot be the text '3/11/2026'. Send a day as 2026-11-03."),
    ({"facts": {"contract_signed": "20261103"}}, "$.facts.contract_signed cannot be the text '20261103'. Send a day as 2026-11-03."),
    ({"facts": {"wage": {"unknown": "lost"}}}, '$.facts.wage is an object that is no answer. Send {"unknown": "cannot_tell"} or a value.'),
    ({"facts": {"wage": {"unknown": "cannot_tell", "value": 3}}}, '$.facts.wage is an object that is no answer. Send {"unknown": "cannot_tell"} or a value.'),
    ({"facts": []}, "$.facts must be an object. Send {} if nothing is known."),
    ({"fact": {}}, "$.fact is no part of answers. Did you mean 'facts'?"),
    ({"country": "Colombia"}, "$.country cannot be the text 'Colombia'. Send two capital letters: CO."),
    ({"country": None}, "$.country cannot be left out. Send two capital letters: CO."),
    ({"commodity": "cocoa"}, "$.commodity cannot be the text 'cocoa'. Send coffee or palm_oil."),
    ({"site_kind": 3}, "$.site_kind cannot be the number 3. Send producer or mill."),
    ({"observed_on": None}, "$.observed_on cannot be left out. Send a day as 2026-11-03."),
    ({"observed_on": "2026-11-31"}, "$.observed_on there is no day 2026-11-31. "),
    ({"children": 3}, "$.children must be a list. Send [] if there is nobody."),
    ({"children": {"unknown": 3}}, '$.children is an object that is no answer. Send {"unknown": "cannot_tell"} or a value.'),
    ({"children": [{"age": 3}]}, '$.children[0].key must be a short key that does not tell who it is. Send "key": "c1".'),
    ({"children": [{"key": "María José"}]}, '$.children[0].key must be a short key that does not tell who it is. Send "key": "c1".'),
    ({"children": [{"key": "c1"}, {"key": "c1"}]}, "$.children[1].key 'c1' stands twice. Give every member a key of their own."),
    ({"children": [{"key": "c1", "age": 18}]}, "$.children[0].age 18 is out of range. Send 0 to 17, in years."),
    ({"children": [{"key": "c1", "paid_late": True}]}, "$.children[0].paid_late no such fact. Known: age, hours, works."),
]  # fmt: skip


@pytest.mark.parametrize(("parts", "told"), FAULTS, ids=[told for _, told in FAULTS])
def test_a_fault_is_told_with_its_path(
    parts: dict[str, object], told: str, vocabulary: Vocabulary
) -> None:
    faults = faults_of(vocabulary, {**BASE, **parts})

    assert [one for one in faults if one.startswith(told)]
    assert len(faults) == 1


@pytest.mark.parametrize("parts", [one for one, _ in FAULTS])
def test_a_fault_is_told_in_both_languages(
    parts: dict[str, object], vocabulary: Vocabulary
) -> None:
    with pytest.raises(AnswersRejected) as rejected:
        read_answers(vocabulary, {**BASE, **parts})

    for text in (rejected.value.faults[0].message, rejected.value.faults[0].remedy):
        assert text.en != text.es or text.en == ""
        assert "{" not in text.es or '{"unknown"' in text.es or "{}" in text.es


def test_a_fault_is_told_in_spanish(vocabulary: Vocabulary) -> None:
    with pytest.raises(AnswersRejected) as rejected:
        read(vocabulary, facts={"wage": "3", "wages": 3})

    assert [
        one.message.followed_by(one.remedy).in_language("es-CO")
        for one in rejected.value.faults
    ] == [
        "no puede ser el texto '3'. Envíe un número entero.",
        "no existe ese hecho. ¿Quiso decir 'wage'?",
    ]


def test_every_fault_is_told_at_once(vocabulary: Vocabulary) -> None:
    document = {
        "country": "co",
        "commodity": "coffee",
        "facts": {"wage": "3", "nothing": 1},
        "children": [{"key": "c1", "age": 99}, 7],
    }

    faults = faults_of(vocabulary, document)

    assert sorted(one.split(" ")[0] for one in faults) == [
        "$.children[0].age",
        "$.children[1]",
        "$.children[1].key",
        "$.country",
        "$.facts.nothing",
        "$.facts.wage",
        "$.observed_on",
        "$.site_kind",
    ]


def test_rejected_answers_tell_their_faults_as_text(vocabulary: Vocabulary) -> None:
    with pytest.raises(AnswersRejected, match=r"\$\.facts\.wage: cannot be"):
        read(vocabulary, facts={"wage": "3"})
