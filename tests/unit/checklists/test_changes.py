"""What changed between two versions of a checklist, and what that costs."""

from dataclasses import replace

from audits.checklists.changes import Changes, changes_between, types_changed
from audits.checklists.coverage import coverage_of
from audits.checklists.form import FormSchema
from audits.checklists.xform import schema_of
from audits.checklists.xlsform import convert
from rules import Asked
from rules.expressions import Fact
from tests.unit.checklists.samples import (
    CHOICES,
    SURVEY,
    VOCABULARY,
    Row,
    changed,
    markdown,
    sample_schema,
)
from tests.unit.rules.small_books import book_of

PAPERS = 5
EXTRA: Row = {"type": "text", "name": "extra_text", "en": "More", "es": "Más"}


def schema(
    survey: tuple[Row, ...] = SURVEY, choices: tuple[Row, ...] = CHOICES
) -> FormSchema:
    return schema_of(convert(markdown(survey, choices), VOCABULARY))


def changes(after: FormSchema) -> Changes:
    book = replace(book_of(Fact("documents_held")), vocabulary=VOCABULARY)
    before = sample_schema()
    return changes_between(
        before, after, coverage_of(before, book), coverage_of(after, book)
    )


def without(number: int) -> tuple[Row, ...]:
    return (*SURVEY[: number - 2], *SURVEY[number - 1 :])


def test_the_same_checklist_has_no_changes() -> None:
    assert changes(schema()) == Changes((), (), (), (), ())


def test_what_comes_and_what_goes_is_named_by_its_path() -> None:
    found = changes(schema((*without(12), EXTRA)))

    assert found.added == ("/data/extra_text",)
    assert found.removed == ("/data/photo",)


def test_a_question_in_another_group_is_moved_and_not_new() -> None:
    group = {"type": "begin_group", "name": "inner", "en": "Group", "es": "Grupo"}
    end = {"type": "end_group", "name": ""}
    survey = (*SURVEY[:10], group, SURVEY[10], end, *SURVEY[11:])

    found = changes(schema(survey))

    assert found.moved == (("/data/photo", "/data/inner/photo"),)
    assert (found.added, found.removed) == ((), ())


def test_each_aspect_of_a_question_that_changes_is_named() -> None:
    survey = changed(
        SURVEY, PAPERS, relevant="${site_ref} != ''", fact="", en="Other", es="Otra"
    )

    found = changes(schema(survey))

    assert [one.path for one in found.changed] == ["/data/papers"]
    assert found.changed[0].aspects == ("fact", "condition", "label")


def test_choices_that_come_and_go_are_named() -> None:
    choice = {"list_name": "ways", "name": "guarded", "vf_value": "locked"}
    labels = {"en": "Guarded", "es": "Vigilado"}
    choices = (*CHOICES[:4], {**choice, **labels}, *CHOICES[5:])

    found = changes(schema(SURVEY, choices))

    way_out = found.changed[0]
    assert way_out.path == "/data/way_out"
    assert (way_out.choices_added, way_out.choices_removed) == (
        ("guarded",),
        ("locked",),
    )


def test_a_rule_that_can_no_longer_be_decided_is_told() -> None:
    survey = changed(SURVEY, PAPERS, fact="")

    found = changes(schema(survey))

    shift = found.rules[0]
    assert (shift.before, shift.after) == (Asked.WEAK, Asked.NEVER)
    assert shift.is_worse


def test_an_answer_of_another_type_at_the_same_place_is_found() -> None:
    survey = changed(SURVEY, 12, type="file")

    assert types_changed(sample_schema(), schema(survey)) == ("/data/photo",)
    assert types_changed(sample_schema(), schema()) == ()
