"""What a checklist asks, how surely, and so which rules it can decide."""

from dataclasses import replace
from functools import cache

import pytest

from audits.checklists.conditions_told import told_condition
from audits.checklists.coverage import Coverage, asked_by, coverage_of
from audits.checklists.form import FormSchema, Relevance
from audits.checklists.xform import schema_of
from audits.checklists.xlsform import convert
from rules import Asked, Roster, read_book
from rules.expressions import All, Condition, Fact, Member, Some
from tests.unit.checklists.samples import (
    SURVEY,
    VOCABULARY,
    Row,
    changed,
    library_schema,
    markdown,
    sample_schema,
)
from tests.unit.rules.small_books import book_of

NEEDED = {"required": "yes", "needed_en": "Needed", "needed_es": "Falta"}
PAPERS, GATE = 5, 13
DOCUMENTS = Fact("documents_held")


def schema(survey: tuple[Row, ...]) -> FormSchema:
    return schema_of(convert(markdown(survey), VOCABULARY))


def covered(condition: Condition, form: FormSchema) -> tuple[Asked, bool, bool]:
    book = replace(book_of(condition), vocabulary=VOCABULARY)
    rule = coverage_of(form, book).rules[0]
    return rule.how, rule.can_flag, rule.can_clear


def grouped(condition: str = "") -> tuple[Row, ...]:
    """Put the question about papers, which must be answered, in a group."""
    head = {"type": "begin_group", "name": "inner", "en": "Group", "es": "Grupo"}
    gate = {"type": "begin_group", "name": "outer", "en": "Group", "es": "Grupo"}
    if condition:
        gate["relevant"] = condition
    end = {"type": "end_group", "name": ""}
    asked = {**SURVEY[PAPERS - 2], **NEEDED}
    return (*SURVEY[:2], gate, head, asked, end, end)


def test_a_question_that_must_be_answered_is_always_asked() -> None:
    asked = asked_by(schema(grouped()))

    assert asked["documents_held"].how is Asked.ALWAYS


def test_a_question_that_may_be_left_blank_is_weak() -> None:
    asked = asked_by(sample_schema())

    assert asked["documents_held"].how is Asked.WEAK


def test_a_condition_on_a_group_far_out_is_a_condition_on_the_question() -> None:
    asked = asked_by(schema(grouped("${site_ref} != ''")))

    found = asked["documents_held"]
    assert found.how is Asked.ONLY_IF
    assert [one.path for one in found.conditions] == ["/data/outer"]


def test_a_repeats_gate_is_asked_of_the_roster_and_not_of_its_members() -> None:
    survey = changed(SURVEY, GATE, **NEEDED)

    asked = asked_by(schema(survey))

    assert asked["children"].how is Asked.ALWAYS
    assert asked["children.age"].how is Asked.WEAK
    assert [one.path for one in asked["children.starts_at"].conditions] == [
        "/data/child/child_start"
    ]


def test_a_roster_behind_a_gate_that_may_stay_blank_is_weak() -> None:
    assert asked_by(sample_schema())["children"].how is Asked.WEAK


def test_a_roster_without_a_gate_cannot_say_that_there_is_nobody() -> None:
    survey = changed(SURVEY, 14, relevant="")

    assert asked_by(schema(survey))["children"].how is Asked.WEAK


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (DOCUMENTS, (Asked.WEAK, True, True)),
        (Fact("documents_back"), (Asked.ONLY_IF, True, True)),
        (Fact("never_asked"), (Asked.NEVER, False, False)),
        (All((DOCUMENTS, Fact("never_asked"))), (Asked.ONLY_IF, False, True)),
        (
            Some(Roster.CHILDREN, Member(Roster.CHILDREN, "works")),
            (Asked.WEAK, True, True),
        ),
    ],
)
def test_a_rule_is_decided_as_surely_as_the_least_sure_of_its_facts(
    condition: Condition, expected: tuple[Asked, bool, bool]
) -> None:
    assert covered(condition, sample_schema()) == expected


def test_a_fact_from_another_source_counts_as_always_there() -> None:
    book = replace(book_of(Fact("never_asked")), vocabulary=VOCABULARY)

    found = coverage_of(sample_schema(), book, given=["never_asked"])

    assert found.rules[0].how is Asked.ALWAYS


def test_facts_that_no_rule_reads_are_told() -> None:
    book = replace(book_of(DOCUMENTS), vocabulary=VOCABULARY)

    unread = coverage_of(sample_schema(), book).unread

    assert "documents_held" not in unread
    assert "threats" in unread


@cache
def library_coverage(name: str) -> Coverage:
    return coverage_of(library_schema(name), read_book())


def test_a_refused_visit_decides_nothing_so_consent_stands_in_every_condition() -> None:
    coverage = library_coverage("farm_visit")

    conditions = [
        {one.expression.split()[0] for one in rule.only_if["children"]}
        for rule in coverage.rules
        if "children" in rule.only_if
    ]

    assert conditions
    assert all("/data/visit/consent" in found for found in conditions)


@pytest.mark.parametrize("name", ["farm_visit", "mill_audit"])
def test_every_question_of_the_library_serves_a_rule(name: str) -> None:
    assert library_coverage(name).unread == ()


def condition(expression: str, path: str = "/data/child/child_start") -> Relevance:
    return Relevance(path, expression)


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ("/data/papers = 'yes'", "“Pregunta” es “Opción”"),
        ("../child_works != 'yes'", "“Pregunta” no es “Opción”"),
        ("selected(/data/heard, 'police')", "“Pregunta” incluye “Opción”"),
        ("/data/extra >= 8", "“Pregunta” es al menos 8"),
        ("/data/hired = ''", "“Pregunta” queda en blanco"),
        ("/data/hired", "“Pregunta” tiene respuesta"),
        ("not(/data/hired)", "no es cierto que “Pregunta” tiene respuesta"),
        (
            "/data/papers = 'yes' and (/data/hired or /data/extra < 2)",
            (
                "“Pregunta” es “Opción” y (“Pregunta” tiene respuesta o “Pregunta” "
                "es menor que 2)"
            ),
        ),
        ("today() > 3", "today() > 3"),
    ],
)
def test_a_condition_is_told_with_the_labels_of_the_questions(
    expression: str, told: str
) -> None:
    assert told_condition(condition(expression), sample_schema(), "es") == told
