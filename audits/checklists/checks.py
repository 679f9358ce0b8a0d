"""Our own checks of a checklist, beyond what pyxform looks at.

Each takes the survey and notes what it finds; none stops at the first mistake.
"""

import re
from collections import Counter

from audits.checklists.cycles import check_cycles
from audits.checklists.encryption_keys import check_public_key
from audits.checklists.fact_checks import check_facts
from audits.checklists.mistakes import MistakeList, Sentence, sentence, suggestion
from audits.checklists.relevance import ConditionNotUnderstood, read_condition
from audits.checklists.survey import (
    TRANSLATED,
    Survey,
    SurveyRow,
    text_columns,
)
from compliance.texts import N_
from rules.texts import LANGUAGES
from rules.vocabulary import Vocabulary

SHOWN_TYPES = frozenset(
    {
        "text",
        "integer",
        "decimal",
        "date",
        "time",
        "select_one",
        "select_multiple",
        "select_one_from_file",
        "geopoint",
        "image",
        "file",
        "audio",
        "note",
        "range",
        "acknowledge",
    }
)
SILENT_TYPES = frozenset(
    {"calculate", "hidden", "start", "end", "today", "deviceid", "audit"}
)
STRUCTURE_TYPES = frozenset({"begin_group", "end_group", "begin_repeat", "end_repeat"})
PHONE_ONLY_TYPES = frozenset(
    {"barcode", "video", "geotrace", "geoshape", "datetime", "rank"}
)
PHONE_ONLY = "bind::vf:phone_only"
FORM_ID = re.compile(r"[a-z][a-z0-9_]{2,63}")
LONG_CHECKLIST = 300
_REFERRING = ("relevant", "choice_filter", "repeat_count", "constraint", "calculation")
# A later answer may not decide over an earlier question: changing it would silently
# clear what was already said.
_BACKWARD_ONLY = ("relevant", "choice_filter", "repeat_count")
_LAST_SAVED = "last-saved#"
# The lists that are made for each auditor; no other file travels with a form.
CARRIED_LISTS = ("mills.csv", "producers.csv", "sites.csv")


def check_survey(
    survey: Survey, vocabulary: Vocabulary, mistakes: MistakeList
) -> tuple[Sentence, ...]:
    """Note every mistake; return what is allowed but worth knowing."""
    _check_settings(survey, mistakes)
    _check_names(survey, mistakes)
    for row in survey.rows:
        _check_type(row, survey, mistakes)
        _check_texts(row, mistakes)
        _check_messages(row, mistakes)
        _check_references(row, survey, mistakes)
    _check_choice_lists(survey, mistakes)
    check_cycles(survey, mistakes)
    check_public_key(survey, mistakes)
    check_facts(survey, vocabulary, mistakes)
    return tuple(_warnings(survey))


def _check_settings(survey: Survey, mistakes: MistakeList) -> None:
    for setting in ("form_id", "version", "form_title"):
        if not survey.settings.get(setting):
            mistakes.note(
                "settings",
                2,
                setting,
                sentence(N_("The setting {setting} is empty."), setting=setting),
                sentence(N_("Every checklist has an id, a version and a title.")),
            )
    form_id = survey.settings.get("form_id", "")
    if form_id and not FORM_ID.fullmatch(form_id):
        mistakes.note(
            "settings",
            2,
            "form_id",
            sentence(
                N_("'{form_id}' cannot be the id of a checklist."), form_id=form_id
            ),
            sentence(N_("Write small letters, digits and _, as in farm_visit.")),
        )
    binds_facts = any(row["bind::vf:fact"] for row in survey.rows)
    if binds_facts and "vf=" not in survey.settings.get("namespaces", ""):
        mistakes.note(
            "settings",
            2,
            "namespaces",
            sentence(N_("The namespace of the fact columns is not declared.")),
            sentence(N_('Write vf="https://atalaya.example/ns/1" under namespaces.')),
        )


def _check_names(survey: Survey, mistakes: MistakeList) -> None:
    first: dict[str, SurveyRow] = {}
    for row in survey.rows:
        if not row.name or row.type.startswith("end_"):
            continue
        earlier = first.setdefault(row.name, row)
        if earlier is not row:
            mistakes.note(
                "survey",
                row.number,
                "name",
                sentence(
                    N_("'{name}' is already the name of row {row}."),
                    name=row.name,
                    row=earlier.number,
                ),
                sentence(N_("Give each question, group and repeat a name of its own.")),
            )


def _check_type(row: SurveyRow, survey: Survey, mistakes: MistakeList) -> None:
    known = SHOWN_TYPES | SILENT_TYPES | STRUCTURE_TYPES
    if row.or_other:
        mistakes.note(
            "survey",
            row.number,
            "type",
            sentence(N_("'or_other' adds a choice that has no translation.")),
            sentence(N_("Add a choice 'other' and a text question after it.")),
        )
    if row.type in PHONE_ONLY_TYPES and not row[PHONE_ONLY]:
        mistakes.note(
            "survey",
            row.number,
            "type",
            sentence(
                N_("The web form cannot show questions of type '{type}'."),
                type=row.type,
            ),
            sentence(
                N_("Use another type, or write 'yes' under {column}."),
                column=PHONE_ONLY,
            ),
        )
    elif row.type not in known | PHONE_ONLY_TYPES:
        mistakes.note(
            "survey",
            row.number,
            "type",
            sentence(
                N_("The web form cannot show questions of type '{type}'."),
                type=row.type,
            ),
            suggestion(row.type, SHOWN_TYPES | STRUCTURE_TYPES),
        )
    if row.type == "begin_repeat" and row.repeats:
        mistakes.note(
            "survey",
            row.number,
            "type",
            sentence(
                N_("A repeat stands within the repeat '{name}'."),
                name=row.repeats[-1].name,
            ),
            sentence(N_("Repeats do not nest: a roster has one level.")),
        )
    is_carried = row.type == "select_one_from_file"
    known_lists = CARRIED_LISTS if is_carried else survey.choices
    if row.type.startswith("select_") and row.list_name not in known_lists:
        mistakes.note(
            "survey",
            row.number,
            "type",
            sentence(N_("There is no list of choices '{name}'."), name=row.list_name),
            suggestion(row.list_name, known_lists),
        )


def _check_texts(row: SurveyRow, mistakes: MistakeList) -> None:
    """Want a label in every language, and every other text in all or in none."""
    silent = row.type in SILENT_TYPES or row.type.startswith("end_")
    for text in TRANSLATED:
        columns = text_columns(text)
        told = [column for column in columns if row[column]]
        wanted = text == "label" and not silent
        if row[text]:
            mistakes.note(
                "survey",
                row.number,
                text,
                sentence(N_("The {text} does not say its language."), text=text),
                _say_languages(text),
            )
        elif wanted or told:
            for column in columns:
                if column not in told:
                    _note_missing("survey", row.number, text, column, mistakes)


def _check_messages(row: SurveyRow, mistakes: MistakeList) -> None:
    needs = {
        "required_message": row["required"].lower()
        not in ("", "no", "false", "false()"),
        "constraint_message": bool(row["constraint"]),
    }
    for text, needed in needs.items():
        if needed and row.is_question and not row[text]:
            for column in text_columns(text):
                if not row[column]:
                    _note_missing("survey", row.number, text, column, mistakes)


def _note_missing(
    sheet: str, row: int, text: str, column: str, mistakes: MistakeList
) -> None:
    language = column.partition("::")[2]
    mistakes.note(
        sheet,
        row,
        column,
        sentence(N_("The {text} is missing in {code}."), text=text, code=language),
        _say_languages(text),
    )


def _say_languages(text: str) -> Sentence:
    names = {"en": "English (en)", "es": "Español (es)"}
    columns = " | ".join(f"{text}::{names[language]}" for language in LANGUAGES)
    return sentence(N_("Fill in {columns}."), columns=columns)


def _check_references(row: SurveyRow, survey: Survey, mistakes: MistakeList) -> None:
    for column in _REFERRING:
        for name in row.references(column):
            if not name.startswith(_LAST_SAVED):
                _check_reference(row, column, name, survey, mistakes)


def _check_reference(
    row: SurveyRow, column: str, name: str, survey: Survey, mistakes: MistakeList
) -> None:
    target = survey.named.get(name)
    if target is None:
        mistakes.note(
            "survey",
            row.number,
            row.heading(column),
            sentence(N_("There is no question '{name}'."), name=name),
            suggestion(name, survey.named),
        )
    elif column in _BACKWARD_ONLY and target.number >= row.number:
        mistakes.note(
            "survey",
            row.number,
            row.heading(column),
            sentence(
                N_("The condition refers forward, to '{name}' in row {row}."),
                name=name,
                row=target.number,
            ),
            sentence(
                N_("Ask that question first: a later answer must not clear this one.")
            ),
        )


def _check_choice_lists(survey: Survey, mistakes: MistakeList) -> None:
    for list_name, choices in survey.choices.items():
        names = Counter(choice["name"] for choice in choices)
        for choice in choices:
            if not choice["name"] or names[choice["name"]] > 1:
                mistakes.note(
                    "choices",
                    choice.number,
                    "name",
                    sentence(
                        N_(
                            "'{name}' is not one choice of its own in the list '{list}'."
                        ),
                        name=choice["name"],
                        list=list_name,
                    ),
                    sentence(N_("Give each choice of a list a name of its own.")),
                )
            for column in text_columns("label"):
                if not choice[column]:
                    _note_missing("choices", choice.number, "label", column, mistakes)


def _warnings(survey: Survey) -> list[Sentence]:
    warnings = []
    if len(survey.rows) > LONG_CHECKLIST:
        warnings.append(
            sentence(
                N_(
                    "The checklist has {count} rows; beyond {limit} the web form is slow."
                ),
                count=len(survey.rows),
                limit=LONG_CHECKLIST,
            )
        )
    for row in survey.rows:
        # Any path does: only the shape of the condition is of interest here.
        condition = re.sub(r"\$\{[^}]*\}", "/q", row["relevant"])
        try:
            if condition:
                read_condition(condition)
        except ConditionNotUnderstood:
            warnings.append(
                sentence(
                    N_(
                        "Row {row}: only the device can tell whether this is asked; "
                        "an empty answer counts as not given."
                    ),
                    row=row.number,
                )
            )
    return warnings
