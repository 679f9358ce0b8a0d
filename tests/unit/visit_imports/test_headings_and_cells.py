"""What headings of other tools mean, and which values a device could have sent."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audits.checklists.form import FormSchema
from audits.checklists.instance import nodes_at, read_instance
from audits.checklists.xform import schema_of
from audits.checklists.xlsform import convert
from audits.visit_imports.cells import CellRefused, answer_text, is_chosen
from audits.visit_imports.columns import Columns, Meaning, Part, Unknown
from audits.visit_imports.problems import ExportTooLarge, ExportUnreadable
from audits.visit_imports.reading import Format, read_export
from audits.visit_imports.rebuilding import Entry, rebuild
from compliance import limits
from rules import read_book
from tests.exports import kobo_json, kobo_xlsx, last_year, odk_zip

SCHEMA: FormSchema = schema_of(convert(last_year(), read_book().vocabulary))
CHILDREN = "/data/children"
EXPORTS = {
    Format.KOBO_JSON: kobo_json(),
    Format.KOBO_XLSX: kobo_xlsx(),
    Format.ODK_CSV: odk_zip(),
}


@pytest.mark.parametrize(
    ("repeat", "heading", "name", "choice", "part"),
    [
        (None, "site_ref", "site_ref", None, None),
        (None, " site_ref ", "site_ref", None, None),
        (None, "papers_group/papers", "papers", None, None),
        (None, "papers_group-papers", "papers", None, None),
        (None, "papers", "papers", None, None),
        (None, "papers_group/reasons/lost", "reasons", "lost", None),
        (None, "papers_group-reasons/lost", "reasons", "lost", None),
        (None, "reasons/ready", "reasons", "ready", None),
        (None, "_location_latitude", "location", None, Part.LATITUDE),
        (None, "_location_precision", "location", None, Part.ACCURACY),
        (None, "location-Longitude", "location", None, Part.LONGITUDE),
        (CHILDREN, "children/age", "age", None, None),
        (CHILDREN, "children-age", "age", None, None),
        (CHILDREN, "age", "age", None, None),
    ],
)
def test_a_heading_means_a_question_or_a_part_of_one(
    repeat: str | None, heading: str, name: str, choice: str | None, part: Part | None
) -> None:
    meaning = Columns(SCHEMA, repeat).meaning(heading)

    assert isinstance(meaning, Meaning)
    assert (meaning.question.name, meaning.choice, meaning.part) == (name, choice, part)


@pytest.mark.parametrize(
    "heading",
    ["_id", "_uuid", "KEY", "SubmissionDate", "meta/instanceName", "username"],
)
def test_what_tools_add_by_themselves_means_nothing(heading: str) -> None:
    assert Columns(SCHEMA, None).meaning(heading) is None


@pytest.mark.parametrize("heading", ["roof", "age", "papers_group/reasons/none", "x/y"])
def test_what_nobody_asked_there_is_unknown(heading: str) -> None:
    assert isinstance(Columns(SCHEMA, None).meaning(heading), Unknown)


@pytest.mark.parametrize(
    ("name", "given", "text"),
    [
        ("age", "13.0", "13"),
        ("age", " 13 ", "13"),
        ("observed_on", "2025-10-14 00:00:00", "2025-10-14"),
        ("start", "2025-10-14 08:03:11", "2025-10-14T08:03:11"),
        ("reasons", "lost  ready", "lost ready"),
        ("papers", "", ""),
    ],
)
def test_a_value_becomes_what_a_device_would_have_sent(
    name: str, given: str, text: str
) -> None:
    assert answer_text(SCHEMA.by_name[name], given) == text


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("age", "thirteen"),
        ("age", "12.5"),
        ("age", "1300"),
        ("observed_on", "14/10/2025"),
        ("start", "yesterday"),
        ("papers", "Sí"),
        ("reasons", "lost maybe"),
        ("location", "north of the river"),
        ("site_ref", "a\x00b"),
    ],
)
def test_a_value_that_no_device_would_send_is_refused_and_not_repeated(
    name: str, given: str
) -> None:
    with pytest.raises(CellRefused) as refused:
        answer_text(SCHEMA.by_name[name], given)

    assert given not in str(refused.value)
    assert str(refused.value.remedy)


def test_a_choice_of_its_own_column_is_0_or_1() -> None:
    assert [is_chosen(one) for one in ("1", "TRUE", "0", "", "False")] == [
        True,
        True,
        False,
        False,
        False,
    ]
    with pytest.raises(CellRefused):
        is_chosen("2")


@given(
    st.dictionaries(
        st.sampled_from(["/data/site_ref", "/data/worker_name"]),
        st.text(st.characters(min_codepoint=32, max_codepoint=0xD7FF), max_size=40),
    )
)
def test_what_is_rebuilt_reads_back_as_it_was(texts: dict[str, str]) -> None:
    written = rebuild(SCHEMA, Entry(dict(texts)), "uuid:1", None)

    instance = read_instance(written)
    read = {path: nodes_at(instance.root, path)[0].text for path in texts}
    assert read == {path: text.strip() for path, text in texts.items()}
    assert written == rebuild(SCHEMA, Entry(dict(texts)), "uuid:1", None)


@pytest.mark.parametrize("kind", list(Format))
@given(data=st.data())
def test_a_damaged_export_is_told_and_never_a_fault(
    kind: Format, data: st.DataObject
) -> None:
    content = bytearray(EXPORTS[kind])
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(content)))

    for broken in (bytes(content), bytes(content[:cut])):
        try:
            export = read_export(SCHEMA, kind, broken)
        except (ExportUnreadable, ExportTooLarge):
            continue
        assert len(export.visits) <= len(broken)


@pytest.mark.parametrize(
    "content",
    [
        b'[{"a": "\\ud800"}]',
        b'[{"\\ud800": 1}]',
        b'[{"a": ' + b"9" * 5_000 + b"}]",
        b"[" * 100_000,
        b'{"results": [1]}',
        b"[[]]",
        b"\xff\xfe",
        b"",
    ],
)
def test_hostile_json_is_told(content: bytes) -> None:
    with pytest.raises(ExportUnreadable):
        read_export(SCHEMA, Format.KOBO_JSON, content)


def test_too_many_visits_are_refused() -> None:
    many = json.dumps([{"_uuid": "a"}] * (limits.VISIT_IMPORT_VISITS + 1))

    with pytest.raises(ExportTooLarge):
        read_export(SCHEMA, Format.KOBO_JSON, many.encode())
