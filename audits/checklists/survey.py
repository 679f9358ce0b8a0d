"""The rows of a workbook as questions, groups and repeats, with the names authors use."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from audits.checklists.workbook import Row, Workbook, read_workbook
from rules.texts import LANGUAGES

# Texts that an author writes once for each language.
TRANSLATED = ("label", "hint", "constraint_message", "required_message")
_LANGUAGE_CODE = re.compile(r"\((\w+)\)\s*$")
_REFERENCE = re.compile(r"\$\{\s*([^}\s]+)\s*\}")
# Other spellings that pyxform takes for the same column.
_SAME_COLUMN = {
    "relevance": "relevant",
    "bind::relevant": "relevant",
    "bind::required": "required",
    "bind::constraint": "constraint",
    "calculate": "calculation",
    "bind::calculate": "calculation",
    "bind::jr:constraintmsg": "constraint_message",
    "bind::jr:requiredmsg": "required_message",
    "constraint message": "constraint_message",
    "constraining message": "constraint_message",
    "required message": "required_message",
    "list name": "list_name",
    "repeat count": "repeat_count",
    "choice filter": "choice_filter",
    "body::appearance": "appearance",
}
_SAME_TYPE = {
    "select1": "select_one",
    "select one": "select_one",
    "select one from": "select_one",
    "select all that apply": "select_multiple",
    "select all that apply from": "select_multiple",
    "select multiple": "select_multiple",
    "int": "integer",
    "string": "text",
    "trigger": "acknowledge",
    "photo": "image",
    "begin group": "begin_group",
    "end group": "end_group",
    "begin repeat": "begin_repeat",
    "end repeat": "end_repeat",
    "begin loop": "begin_loop",
    "location": "geopoint",
    "gps": "geopoint",
}
_SELECTS = ("select_one", "select_multiple", "rank")
# Choices that are not in the workbook: a file that travels beside the form.
_FROM_FILE = ("select_one_from_file", "select_multiple_from_file")


@dataclass(frozen=True)
class SurveyRow:
    """One row of the survey sheet and what it stands in."""

    number: int
    type: str
    list_name: str
    name: str
    or_other: bool
    cells: Mapping[str, str]
    headings: Mapping[str, str]
    repeats: tuple["SurveyRow", ...]
    """The repeats around the row, outermost first."""

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    def heading(self, column: str) -> str:
        """Return a column as the author headed it."""
        return self.headings.get(column, column)

    @property
    def is_question(self) -> bool:
        return not self.type.startswith(("begin", "end_"))

    def references(self, column: str) -> tuple[str, ...]:
        return tuple(_REFERENCE.findall(self[column]))


@dataclass(frozen=True)
class Survey:
    rows: tuple[SurveyRow, ...]
    choices: Mapping[str, tuple[Row, ...]]
    settings: Mapping[str, str]
    choice_headings: Mapping[str, str]

    @cached_property
    def named(self) -> dict[str, SurveyRow]:
        """The rows that can be referred to, the first of each name."""
        rows: dict[str, SurveyRow] = {}
        for row in self.rows:
            if row.name and not row.type.startswith("end_"):
                rows.setdefault(row.name, row)
        return rows


def read_survey(workbook: Workbook) -> Survey:
    choices, choice_headings = _choices(workbook)
    settings = workbook.sheet("settings").rows
    return Survey(
        tuple(_survey_rows(workbook)),
        choices,
        {key.strip().lower(): value for key, value in settings[0].cells.items()}
        if settings
        else {},
        choice_headings,
    )


def form_id_of(xlsform: bytes) -> str:
    """Return the id a workbook gives its form, empty where it gives none.

    Raise ChecklistRejected for what is no workbook.
    """
    return read_survey(read_workbook(xlsform)).settings.get("form_id", "")


def canonical_column(heading: str) -> str:
    """Return `label::es` for `Label::Español (es)`, and `relevant` for `relevance`."""
    base, mark, language = heading.partition("::")
    base = _SAME_COLUMN.get(base.strip().lower(), base.strip().lower())
    if not mark:
        return base
    if base not in TRANSLATED:
        whole = f"{base}::{language}".lower()
        return _SAME_COLUMN.get(whole, f"{base}::{language.strip()}")
    code = _LANGUAGE_CODE.search(language)
    return f"{base}::{code[1] if code else language.strip()}"


def text_columns(text: str) -> tuple[str, ...]:
    """Return the columns that hold one text in every language of the product."""
    return tuple(f"{text}::{language}" for language in LANGUAGES)


def _survey_rows(workbook: Workbook) -> Iterator[SurveyRow]:
    sheet = workbook.sheet("survey")
    headings = {canonical_column(column): column for column in sheet.columns}
    repeats: tuple[SurveyRow, ...] = ()
    for row in sheet.rows:
        cells = {canonical_column(key): value for key, value in row.cells.items()}
        written = cells.get("type", "")
        if not written or cells.get("disabled", "").lower() in ("yes", "true"):
            continue
        type_, list_name, or_other = _question_type(written)
        found = SurveyRow(
            row.number,
            type_,
            list_name,
            cells.get("name", ""),
            or_other,
            cells,
            headings,
            repeats,
        )
        yield found
        if type_ == "begin_repeat":
            repeats = (*repeats, found)
        elif type_ == "end_repeat":
            repeats = repeats[:-1]


def _question_type(written: str) -> tuple[str, str, bool]:
    """Split `select_one yes_no or_other` into type, list and whether it adds a choice."""
    text = " ".join(written.split())
    or_other = bool(re.search(r" or[_ ]other$", text))
    text = re.sub(r" or[_ ]other$", "", text)
    whole = _SAME_TYPE.get(text.lower(), text.lower())
    if whole.split(" ")[0] in _FROM_FILE:
        word, _, file_name = whole.partition(" ")
        return word, file_name, or_other
    if whole.split(" ")[0] not in _SELECTS:
        return whole, "", or_other
    word, _, list_name = text.rpartition(" ")
    known = _SAME_TYPE.get(word.lower(), word.lower())
    return known or whole, list_name if known else "", or_other


def _choices(
    workbook: Workbook,
) -> tuple[dict[str, tuple[Row, ...]], dict[str, str]]:
    sheet = workbook.sheet("choices")
    lists: dict[str, tuple[Row, ...]] = {}
    for row in sheet.rows:
        cells = {canonical_column(key): value for key, value in row.cells.items()}
        if list_name := cells.get("list_name", ""):
            earlier = lists.get(list_name, ())
            lists[list_name] = (*earlier, Row(row.number, cells))
    return lists, {canonical_column(column): column for column in sheet.columns}
