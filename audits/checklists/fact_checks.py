"""Checks that each question fits the fact it answers: type, unit, choices and roster."""

from audits.checklists.form import CANNOT_TELL, NO, NONE_OF_THEM, YES, Purpose
from audits.checklists.mistakes import MistakeList, Sentence, sentence, suggestion
from audits.checklists.survey import Survey, SurveyRow
from audits.checklists.units import QUESTION_UNITS, fits
from compliance.texts import N_
from rules.vocabulary import FactDefinition, Kind, Roster, Sensitive, Vocabulary

FACT = "bind::vf:fact"
UNIT = "bind::vf:unit"
ROSTER = "bind::vf:roster"
SENSITIVE = "bind::vf:sensitive"
PURPOSE = "bind::vf:purpose"
VALUE = "vf_value"
MINUTE_OF_DAY = "minute of day"

_TYPES_FOR = {
    Kind.YES_NO: ("select_one",),
    Kind.CHOICE: ("select_one",),
    Kind.CHOICES: ("select_multiple",),
    Kind.INTEGER: ("integer", "decimal", "range", "calculate"),
    Kind.DAY: ("date",),
}


def check_facts(survey: Survey, vocabulary: Vocabulary, mistakes: MistakeList) -> None:
    asked: dict[str, SurveyRow] = {}
    _check_purpose(survey, mistakes)
    for row in survey.rows:
        _check_mark(row, mistakes)
        if not row[FACT]:
            continue
        earlier = asked.setdefault(row[FACT], row)
        if earlier is not row:
            _note(
                row,
                FACT,
                sentence(
                    N_("Row {row} already asks for '{fact}'."),
                    row=earlier.number,
                    fact=row[FACT],
                ),
                sentence(N_("Ask for each fact once.")),
                mistakes,
            )
        definition = vocabulary.facts.get(row[FACT])
        if definition is None:
            _note(
                row,
                FACT,
                sentence(N_("There is no fact '{fact}'."), fact=row[FACT]),
                suggestion(row[FACT], vocabulary.facts),
                mistakes,
            )
            continue
        _check_place(row, definition, mistakes)
        _check_type(row, definition, mistakes)
        _check_unit(row, definition, mistakes)
        _check_choices(row, definition, survey, mistakes)
    _check_rosters(survey, mistakes)


def _check_purpose(survey: Survey, mistakes: MistakeList) -> None:
    known = [purpose.value for purpose in Purpose]
    stated = [row for row in survey.rows if row[PURPOSE]]
    for row in stated:
        if row[PURPOSE] not in known:
            _note(
                row,
                PURPOSE,
                sentence(N_("'{word}' is no purpose."), word=row[PURPOSE]),
                suggestion(row[PURPOSE], known),
                mistakes,
            )
    for row in stated[1:]:
        _note(
            row,
            PURPOSE,
            sentence(N_("Row {row} states the purpose already."), row=stated[0].number),
            sentence(N_("State it once.")),
            mistakes,
        )


def _check_mark(row: SurveyRow, mistakes: MistakeList) -> None:
    marks = [mark.value for mark in Sensitive]
    if row[SENSITIVE] and row[SENSITIVE] not in marks:
        _note(
            row,
            SENSITIVE,
            sentence(N_("'{mark}' is no mark of sensitivity."), mark=row[SENSITIVE]),
            suggestion(row[SENSITIVE], marks),
            mistakes,
        )


def _check_place(
    row: SurveyRow, definition: FactDefinition, mistakes: MistakeList
) -> None:
    """A fact of a roster's members is asked in that roster's repeat, and only there."""
    standing_in = row.repeats[-1][ROSTER] if row.repeats else None
    if definition.roster and standing_in != definition.roster:
        _note(
            row,
            FACT,
            sentence(
                N_(
                    "'{fact}' belongs to each of {roster}, but stands outside their repeat."
                ),
                fact=definition.id,
                roster=definition.roster,
            ),
            sentence(
                N_("Move it into the repeat with {column} = {roster}."),
                column=ROSTER,
                roster=definition.roster,
            ),
            mistakes,
        )
    if definition.roster is None and row.repeats:
        _note(
            row,
            FACT,
            sentence(
                N_(
                    "'{fact}' is asked once for the audit, but stands in the repeat '{name}'."
                ),
                fact=definition.id,
                name=row.repeats[-1].name,
            ),
            sentence(N_("Move it out of the repeat.")),
            mistakes,
        )


def _check_type(
    row: SurveyRow, definition: FactDefinition, mistakes: MistakeList
) -> None:
    fitting = _TYPES_FOR[definition.kind]
    if definition.unit and definition.unit.name == MINUTE_OF_DAY:
        fitting = ("time",)
    if row.type not in fitting:
        _note(
            row,
            "type",
            sentence(
                N_(
                    "A question of type '{type}' cannot answer the {kind} fact '{fact}'."
                ),
                type=row.type,
                kind=definition.kind,
                fact=definition.id,
            ),
            sentence(N_("Use {types}."), types=" | ".join(fitting)),
            mistakes,
        )


def _check_unit(
    row: SurveyRow, definition: FactDefinition, mistakes: MistakeList
) -> None:
    if definition.unit is None or row.type == "time":
        if row[UNIT] and definition.unit is None:
            _note(
                row,
                UNIT,
                sentence(N_("The fact '{fact}' has no unit."), fact=definition.id),
                sentence(N_("Leave the cell empty.")),
                mistakes,
            )
        return
    fitting = [
        name for name, unit in QUESTION_UNITS.items() if fits(unit, definition.unit)
    ]
    if row[UNIT] not in fitting:
        message = (
            sentence(
                N_("The unit '{unit}' does not fit the fact '{fact}'."),
                unit=row[UNIT],
                fact=definition.id,
            )
            if row[UNIT]
            else sentence(N_("The question does not say its unit."))
        )
        _note(
            row,
            UNIT,
            message,
            sentence(N_("Use {types}."), types=" | ".join(fitting)),
            mistakes,
        )


def _check_choices(
    row: SurveyRow, definition: FactDefinition, survey: Survey, mistakes: MistakeList
) -> None:
    options = {
        Kind.YES_NO: YES | NO,
        Kind.CHOICE: frozenset(definition.options),
        Kind.CHOICES: frozenset(definition.options) | {NONE_OF_THEM},
    }.get(definition.kind)
    if options is None:
        return
    for choice in survey.choices.get(row.list_name, ()):
        meaning = choice[VALUE] or choice["name"]
        if meaning not in options and meaning != CANNOT_TELL:
            mistakes.note(
                "choices",
                choice.number,
                VALUE,
                sentence(
                    N_(
                        "The choice '{choice}' stands for no option of '{fact}' (row {row})."
                    ),
                    choice=choice["name"],
                    fact=definition.id,
                    row=row.number,
                ),
                suggestion(meaning, options),
            )


def _check_rosters(survey: Survey, mistakes: MistakeList) -> None:
    rosters = [roster.value for roster in Roster]
    listed: dict[str, SurveyRow] = {}
    for row in survey.rows:
        if row.type != "begin_repeat" or not row[ROSTER]:
            continue
        if row[ROSTER] not in rosters:
            _note(
                row,
                ROSTER,
                sentence(N_("There is no roster '{roster}'."), roster=row[ROSTER]),
                suggestion(row[ROSTER], rosters),
                mistakes,
            )
        earlier = listed.setdefault(row[ROSTER], row)
        if earlier is not row:
            _note(
                row,
                ROSTER,
                sentence(
                    N_("The repeat in row {row} already lists {roster}."),
                    row=earlier.number,
                    roster=row[ROSTER],
                ),
                sentence(N_("Keep one repeat for each roster.")),
                mistakes,
            )
        if not any(_is_row_key(other, row) for other in survey.rows):
            _note(
                row,
                "calculation",
                sentence(
                    N_("The entries of '{name}' have no lasting identity."),
                    name=row.name,
                ),
                sentence(N_("Add a 'calculate' question in it with once(uuid()).")),
                mistakes,
            )


def _is_row_key(row: SurveyRow, repeat: SurveyRow) -> bool:
    made = row["calculation"].replace(" ", "")
    return made == "once(uuid())" and bool(row.repeats) and row.repeats[-1] is repeat


def _note(
    row: SurveyRow,
    column: str,
    message: Sentence,
    remedy: Sentence,
    mistakes: MistakeList,
) -> None:
    mistakes.note("survey", row.number, row.heading(column), message, remedy)
