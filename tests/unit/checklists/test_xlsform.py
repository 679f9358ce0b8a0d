"""An XLSForm becomes a checklist, or every mistake in it is told with its place."""

import io
import re
import zipfile

import pytest

from audits.checklists import workbook
from audits.checklists.form import QuestionType, schema_from_json, schema_to_json
from audits.checklists.mistakes import ChecklistRejected, sentence
from audits.checklists.xlsform import convert
from compliance.limits import WORKBOOK_BYTES
from rules.vocabulary import Roster, Sensitive
from tests.unit.checklists.samples import (
    CHOICES,
    SETTINGS,
    SURVEY,
    VOCABULARY,
    Row,
    changed,
    markdown,
    mistakes_in,
    places,
    sample_schema,
    xlsx,
)

EN, ES = "label::en", "label::es"


def test_a_good_checklist_converts_without_a_warning() -> None:
    conversion = convert(markdown(), VOCABULARY)

    assert (conversion.form_id, conversion.version) == ("sample", "1")
    assert conversion.title == "Sample"
    assert conversion.warnings == ()
    assert b'vf:fact="documents_held"' in conversion.xform


def test_xlsx_and_markdown_give_the_same_bytes() -> None:
    from_markdown = convert(markdown(), VOCABULARY)
    from_xlsx = convert(xlsx(), VOCABULARY)

    assert from_xlsx.xform == from_markdown.xform
    assert from_xlsx.md5 == from_markdown.md5


def test_the_schema_says_what_is_asked_and_when() -> None:
    schema = sample_schema()

    back = schema.by_name["papers_back"]
    start = schema.by_name["child_start"]

    assert [one.expression for one in back.relevance] == ["/data/papers  = 'yes'"]
    assert back.fact is not None
    assert back.fact.id == "documents_back"
    assert [one.path for one in start.relevance] == [
        "/data/child",
        "/data/child/child_start",
    ]
    assert start.type is QuestionType.TIME
    assert start.repeat == "/data/child"
    assert start.sensitive is Sensitive.CHILD
    assert schema.repeats[0].roster is Roster.CHILDREN
    assert schema.repeats[0].row_key == "/data/child/child_id"
    assert schema.binary_paths == ("/data/photo",)
    assert schema.by_name["site_ref"].required
    assert [one.value for one in schema.by_name["way_out"].choices] == [
        "free",
        "locked",
        "unk",
    ]


def test_a_schema_survives_being_kept_as_json() -> None:
    schema = sample_schema()

    kept = schema_to_json(schema)

    assert schema_from_json(kept) == schema
    assert schema_to_json(schema_from_json(kept)) == kept


@pytest.mark.parametrize(
    ("survey", "expected"),
    [
        (changed(SURVEY, 5, es=""), ("survey", 5, ES)),
        (changed(SURVEY, 5, hint_en="Look"), ("survey", 5, "hint::es")),
        (changed(SURVEY, 3, needed_es=""), ("survey", 3, "required_message::es")),
        (changed(SURVEY, 4, required="yes"), ("survey", 4, "required_message::en")),
        (
            changed(SURVEY, 7, constraint=". > 0"),
            ("survey", 7, "constraint_message::es"),
        ),
        (
            changed(SURVEY, 7, constraint=". > 0", wrong_es="Más"),
            ("survey", 7, "constraint_message::en"),
        ),
        (changed(SURVEY, 5, fact="documents_heldd"), ("survey", 5, "bind::vf:fact")),
        (changed(SURVEY, 5, fact="headcount"), ("survey", 5, "type")),
        (changed(SURVEY, 7, unit="hours/day"), ("survey", 7, "bind::vf:unit")),
        (changed(SURVEY, 7, unit=""), ("survey", 7, "bind::vf:unit")),
        (changed(SURVEY, 5, unit="years"), ("survey", 5, "bind::vf:unit")),
        (changed(SURVEY, 10, fact="children.works"), ("survey", 10, "bind::vf:fact")),
        (changed(SURVEY, 16, fact="headcount"), ("survey", 16, "bind::vf:fact")),
        (changed(SURVEY, 6, fact="documents_held"), ("survey", 6, "bind::vf:fact")),
        (changed(SURVEY, 5, sensitive="adult"), ("survey", 5, "bind::vf:sensitive")),
        (
            changed(SURVEY, 6, relevant="${children_seen} = 'yes'"),
            ("survey", 6, "relevant"),
        ),
        (changed(SURVEY, 6, relevant="${papers_back} = ''"), ("survey", 6, "relevant")),
        (changed(SURVEY, 6, relevant="${paper} = 'yes'"), ("survey", 6, "relevant")),
        (changed(SURVEY, 12, name="site_ref"), ("survey", 12, "name")),
        (changed(SURVEY, 4, type="geoshape"), ("survey", 4, "type")),
        (changed(SURVEY, 4, type="geopint"), ("survey", 4, "type")),
        (changed(SURVEY, 8, type="select_one wayz"), ("survey", 8, "type")),
        (
            changed(SURVEY, 8, type="select_one ways or_other"),
            ("survey", 8, "type"),
        ),
        (changed(SURVEY, 14, roster="kids"), ("survey", 14, "bind::vf:roster")),
        (
            changed(SURVEY, 15, calculation="uuid()"),
            ("survey", 14, "calculation"),
        ),
    ],
)
def test_a_mistake_in_the_survey_is_told_with_row_and_column(
    survey: tuple[Row, ...], expected: tuple[str, int, str]
) -> None:
    found = mistakes_in(markdown(survey))

    assert expected in places(found)
    # A repeat that is spoilt leaves the facts within it (rows 16 to 18) homeless.
    assert {one.row for one in found} <= {expected[1], 16, 17, 18}


@pytest.mark.parametrize(
    ("choices", "expected"),
    [
        (changed(CHOICES, 6, name="fenced"), ("choices", 6, "vf_value")),
        (changed(CHOICES, 3, vf_value="perhaps"), ("choices", 3, "vf_value")),
        (changed(CHOICES, 9, name="police"), ("choices", 9, "name")),
        (changed(CHOICES, 9, en=""), ("choices", 9, EN)),
    ],
)
def test_a_mistake_in_the_choices_is_told_with_row_and_column(
    choices: tuple[Row, ...], expected: tuple[str, int, str]
) -> None:
    assert expected in places(mistakes_in(markdown(choices=choices)))


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("form_id", ""),
        ("form_id", "../etc"),
        ("version", ""),
        ("form_title", ""),
        ("namespaces", ""),
    ],
)
def test_a_mistake_in_the_settings_is_told(setting: str, value: str) -> None:
    found = mistakes_in(markdown(settings={**SETTINGS, setting: value}))

    assert ("settings", 2, setting) in places(found)


def test_every_mistake_is_told_at_once() -> None:
    survey = changed(changed(SURVEY, 5, fact="documents_heldd"), 7, unit="days")
    choices = changed(CHOICES, 8, es="")

    found = mistakes_in(xlsx(survey, choices, {**SETTINGS, "version": ""}))

    assert places(found) == [
        ("choices", 8, ES),
        ("settings", 2, "version"),
        ("survey", 5, "bind::vf:fact"),
        ("survey", 7, "bind::vf:unit"),
    ]


def test_a_misspelt_fact_is_answered_with_the_nearest() -> None:
    (found,) = mistakes_in(markdown(changed(SURVEY, 5, fact="document_held")))

    assert str(found.message) == "There is no fact 'document_held'."
    assert str(found.remedy) == "Did you mean 'documents_held'?"


def test_what_only_pyxform_finds_is_told_with_its_row() -> None:
    (found,) = mistakes_in(markdown(changed(SURVEY, 12, name="2 photos")))

    assert (found.sheet, found.row) == ("survey", 12)
    assert "pyxform says:" in str(found.message)


def test_a_repeat_left_open_is_a_mistake_not_a_stack_trace() -> None:
    assert mistakes_in(markdown(SURVEY[:-1]))


def test_two_repeats_for_one_roster_are_refused() -> None:
    again = (
        {**SURVEY[12], "name": "child_again"},
        {**SURVEY[13], "name": "child_again_id"},
        SURVEY[17],
    )

    assert ("survey", 20, "bind::vf:roster") in places(
        mistakes_in(markdown(SURVEY + again))
    )


def test_a_repeat_within_a_repeat_is_refused() -> None:
    nested = (*SURVEY[:14], {**SURVEY[12], "name": "deeper"}, SURVEY[17], *SURVEY[14:])

    assert ("survey", 16, "type") in places(mistakes_in(markdown(nested)))


def test_a_type_for_phones_is_taken_when_it_is_marked_so() -> None:
    survey = changed(SURVEY, 4, type="geoshape", phone_only="yes")

    assert mistakes_in(markdown(survey)) == []


def test_a_condition_beyond_our_subset_is_a_warning() -> None:
    survey = changed(SURVEY, 9, relevant="string-length(${papers}) > 1")

    (warning,) = convert(markdown(survey), VOCABULARY).warnings

    assert str(warning).startswith("Row 9:")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "This is not a workbook."),
        (b"%PDF-1.7", "This is not a workbook."),
        (b"\xff\xfe\x00", "This is not a workbook."),
        (b"|\x00survey|", "This is not a workbook."),
        (b"|" * (WORKBOOK_BYTES + 1), "The workbook has 20000001 bytes"),
        (b"PK\x03\x04 but no zip", "The workbook is damaged."),
        (b"| survey |", "The workbook cannot be read:"),
    ],
)
def test_what_is_no_workbook_is_refused_with_a_message(
    content: bytes, message: str
) -> None:
    assert str(mistakes_in(content)[0].message).startswith(message)


def test_an_old_xls_is_told_what_to_do() -> None:
    (found,) = mistakes_in(b"\xd0\xcf\x11\xe0" + b"\x00" * 512)

    assert "Save it as .xlsx" in str(found.remedy)


def _zip(parts: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def _repacked(replace: dict[str, bytes]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(xlsx())) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    return _zip(parts | replace)


def test_a_bomb_is_refused_by_its_declared_size_before_it_is_unpacked() -> None:
    bomb = _zip({"xl/workbook.xml": b"<a>" + b" " * 30_000_000})

    (found,) = mistakes_in(bomb)

    assert len(bomb) < 100_000
    assert "Unpacked, the workbook would have 30000003 bytes" in str(found.message)


def test_a_workbook_of_too_many_parts_is_refused() -> None:
    parts = {f"part{number}.xml": b"<a/>" for number in range(1_001)}

    (found,) = mistakes_in(_zip(parts))

    assert "1001 parts" in str(found.message)


@pytest.mark.parametrize("name", ["xl/workbook.xml", "xl/media/image1.png"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_document_type_in_any_part_is_refused(name: str, encoding: str) -> None:
    part = "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>"

    (found,) = mistakes_in(_repacked({name: part.encode(encoding)}))

    assert str(found.message) == f"The part {name} declares a document type (DTD)."


def test_a_damaged_part_is_refused() -> None:
    (found,) = mistakes_in(_repacked({"xl/workbook.xml": b"<workbook"}))

    assert "not well-formed" in str(found.message)


def test_too_many_rows_are_refused_before_they_are_converted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(workbook, "SURVEY_ROWS", 10)

    (found,) = mistakes_in(markdown())

    assert found.sheet == "survey"
    assert str(found.message) == "The sheet has 18 rows; at most 10 are read."


def test_the_rejection_reads_as_one_text() -> None:
    with pytest.raises(ChecklistRejected, match=re.escape("survey:5:bind::vf:fact")):
        convert(markdown(changed(SURVEY, 5, fact="nothing")), VOCABULARY)


def test_a_sentence_fills_its_places() -> None:
    told = sentence("Row {row} of {sheet}.", row=3, sheet="survey")

    assert str(told) == "Row 3 of survey."


def test_what_pyxform_stumbles_over_is_a_mistake_not_a_stack_trace() -> None:
    # A column of the survey has strayed into the choices.
    choices = changed(CHOICES, 4, needed_es="Falta")

    (found,) = mistakes_in(markdown(choices=choices))

    assert str(found.message).startswith("pyxform cannot convert the checklist")


def test_a_purpose_nobody_knows_is_told() -> None:
    survey = changed(SURVEY, 5, purpose="self_asessment")

    (mistake,) = mistakes_in(markdown(survey))

    assert mistake.column == "bind::vf:purpose"
    assert str(mistake.remedy) == "Did you mean 'self_assessment'?"


def test_a_purpose_is_stated_once() -> None:
    twice = changed(changed(SURVEY, 5, purpose="community"), 4, purpose="community")

    (mistake,) = mistakes_in(markdown(twice))

    assert str(mistake.message) == "Row 4 states the purpose already."
