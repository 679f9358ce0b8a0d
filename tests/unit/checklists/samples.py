"""A small checklist with one question of every kind, and ways to spoil it."""

import io
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import openpyxl

import rules
from audits.checklists.form import FormSchema
from audits.checklists.mistakes import ChecklistRejected, Mistake
from audits.checklists.xform import schema_of
from audits.checklists.xlsform import Conversion, convert
from rules.texts import Text
from rules.units import UNITS
from rules.vocabulary import FactDefinition, Kind, Roster, Sensitive, Vocabulary

Row = Mapping[str, str]
LIBRARY = Path(rules.__file__).parents[1] / "audits" / "checklists" / "library"
DOCUMENTS = LIBRARY.parents[2] / "docs" / "checklists"
VISITS = ("farm_visit", "mill_audit")
CHECKLISTS = (
    *VISITS,
    "worker_interview",
    "household_visit",
    "self_assessment_producer",
    "self_assessment_mill",
    "community_profile",
)

COLUMNS = {
    "type": "type",
    "name": "name",
    "en": "label::English (en)",
    "es": "label::Español (es)",
    "hint_en": "hint::English (en)",
    "hint_es": "hint::Español (es)",
    "required": "required",
    "needed_en": "required_message::English (en)",
    "needed_es": "required_message::Español (es)",
    "relevant": "relevant",
    "constraint": "constraint",
    "wrong_en": "constraint_message::English (en)",
    "wrong_es": "constraint_message::Español (es)",
    "calculation": "calculation",
    "fact": "bind::vf:fact",
    "unit": "bind::vf:unit",
    "roster": "bind::vf:roster",
    "sensitive": "bind::vf:sensitive",
    "phone_only": "bind::vf:phone_only",
    "purpose": "bind::vf:purpose",
    "list_name": "list_name",
    "vf_value": "vf_value",
}


def _asked(type_: str, name: str, **cells: str) -> Row:
    return {"type": type_, "name": name, "en": "Question", "es": "Pregunta"} | cells


# Row 2 of the sheet is the first of these.
SURVEY: tuple[Row, ...] = (
    {"type": "start", "name": "start"},  # 2
    _asked("text", "site_ref", required="yes", needed_en="Needed", needed_es="Falta"),
    _asked("geopoint", "location"),  # 4
    _asked("select_one yes_no", "papers", fact="documents_held"),  # 5
    _asked(
        "select_one yes_no",
        "papers_back",
        fact="documents_back",
        relevant="${papers} = 'yes'",
    ),  # 6
    _asked("decimal", "extra", fact="overtime", unit="hours/week"),  # 7
    _asked("select_one ways", "way_out", fact="exit"),  # 8
    _asked("select_multiple threats", "heard", fact="threats"),  # 9
    _asked("date", "hired", fact="hired_on"),  # 10
    _asked("decimal", "wage", fact="lowest_pay", unit="currency/day"),  # 11
    _asked("image", "photo", parameters="max-pixels=1600"),  # 12
    _asked("select_one yes_no", "children_seen"),  # 13
    _asked(
        "begin_repeat", "child", roster="children", relevant="${children_seen} = 'yes'"
    ),  # 14
    {"type": "calculate", "name": "child_id", "calculation": "once(uuid())"},  # 15
    _asked("integer", "child_age", fact="children.age", unit="years"),  # 16
    _asked("select_one yes_no", "child_works", fact="children.works"),  # 17
    _asked(
        "time",
        "child_start",
        fact="children.starts_at",
        relevant="${child_works} = 'yes'",
    ),  # 18
    {"type": "end_repeat", "name": ""},  # 19
)


def _choice(list_name: str, name: str, vf_value: str = "") -> Row:
    labels = {"en": "Choice", "es": "Opción"}
    return {"list_name": list_name, "name": name, "vf_value": vf_value} | labels


CHOICES: tuple[Row, ...] = (
    _choice("yes_no", "yes"),  # 2
    _choice("yes_no", "no"),
    _choice("yes_no", "unk"),
    _choice("ways", "open", "free"),  # 5
    _choice("ways", "locked"),
    _choice("ways", "unk"),
    _choice("threats", "police"),  # 8
    _choice("threats", "dismissal"),
    _choice("threats", "none"),
    _choice("threats", "unk"),
)
SETTINGS: Row = {
    "form_id": "sample",
    "form_title": "Sample",
    "version": "1",
    "default_language": "Español (es)",
    "namespaces": 'vf="https://atalaya.example/ns/1"',
}


def _fact(
    name: str,
    kind: Kind,
    roster: Roster | None = None,
    unit: str = "",
    highest: int = 0,
    options: Iterable[str] = (),
) -> FactDefinition:
    return FactDefinition(
        name=name,
        roster=roster,
        title=Text("fact", "hecho"),
        kind=kind,
        unit=UNITS[unit] if unit else None,
        highest=highest,
        options={option: Text(option, option) for option in options},
        sensitive=Sensitive.CHILD if roster is Roster.CHILDREN else None,
    )


VOCABULARY = Vocabulary(
    {
        fact.id: fact
        for fact in (
            _fact("documents_held", Kind.YES_NO),
            _fact("documents_back", Kind.YES_NO),
            _fact("overtime", Kind.INTEGER, unit="minutes/week", highest=10_080),
            _fact("exit", Kind.CHOICE, options=["free", "locked"]),
            _fact("threats", Kind.CHOICES, options=["police", "dismissal"]),
            _fact("hired_on", Kind.DAY),
            _fact("headcount", Kind.INTEGER, unit="people", highest=1_000),
            _fact("lowest_pay", Kind.INTEGER, unit="money/day", highest=10**9),
            _fact("age", Kind.INTEGER, Roster.CHILDREN, "years", 30),
            _fact("works", Kind.YES_NO, Roster.CHILDREN),
            _fact("starts_at", Kind.INTEGER, Roster.CHILDREN, "minute of day", 1439),
        )
    }
)


def changed(rows: tuple[Row, ...], number: int, **cells: str) -> tuple[Row, ...]:
    """Return the rows with cells of one of them (by its number in the sheet) replaced."""
    place = number - 2
    return (*rows[:place], {**rows[place], **cells}, *rows[place + 1 :])


def markdown(
    survey: Iterable[Row] = SURVEY,
    choices: Iterable[Row] = CHOICES,
    settings: Row = SETTINGS,
) -> bytes:
    sheets = {"survey": survey, "choices": choices, "settings": [settings]}
    lines = []
    for name, rows in sheets.items():
        lines.append(f"| {name} |")
        lines += [f"| | {' | '.join(cells)} |" for cells in _table(rows)]
    return "\n".join(lines).encode()


def xlsx(
    survey: Iterable[Row] = SURVEY,
    choices: Iterable[Row] = CHOICES,
    settings: Row = SETTINGS,
) -> bytes:
    workbook = openpyxl.Workbook()
    sheets = {"survey": survey, "choices": choices, "settings": [settings]}
    for name, rows in sheets.items():
        sheet = workbook.create_sheet(name)
        for cells in _table(rows):
            sheet.append([cell or None for cell in cells])
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


def _table(rows: Iterable[Row]) -> list[list[str]]:
    rows = list(rows)
    keys = list(dict.fromkeys(key for row in rows for key in row))
    heading = [COLUMNS.get(key, key) for key in keys]
    return [heading, *([row.get(key, "") for key in keys] for row in rows)]


def mistakes_in(content: bytes) -> list[Mistake]:
    """Return what is wrong with a workbook, in the order it is told."""
    try:
        convert(content, VOCABULARY)
    except ChecklistRejected as rejected:
        return list(rejected.mistakes)
    return []


def places(mistakes: Iterable[Mistake]) -> list[tuple[str, int, str]]:
    return [(one.sheet, one.row, one.column) for one in mistakes]


@cache
def sample_schema() -> FormSchema:
    return schema_of(convert(markdown(), VOCABULARY))


@cache
def book_vocabulary() -> Vocabulary:
    """The facts of the packaged book."""
    return rules.read_book().vocabulary


def library_bytes(name: str) -> bytes:
    return (LIBRARY / f"{name}.xlsx").read_bytes()


@cache
def library_conversion(name: str) -> Conversion:
    return convert(library_bytes(name), book_vocabulary())


@cache
def library_schema(name: str) -> FormSchema:
    return schema_of(library_conversion(name))
