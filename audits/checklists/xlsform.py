"""From an uploaded XLSForm to the XForm that devices get, or to everything wrong with it."""

import dataclasses
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from pyxform.errors import PyXFormError
from pyxform.xls2xform import ConvertResult
from pyxform.xls2xform import convert as pyxform_convert

from audits.checklists.checks import check_survey
from audits.checklists.mistakes import (
    ChecklistRejected,
    MistakeList,
    Sentence,
    sentence,
)
from audits.checklists.survey import Survey, read_survey
from audits.checklists.workbook import WORKBOOK, Workbook, read_workbook
from compliance.texts import N_
from rules.vocabulary import FactDefinition, Vocabulary

NAMESPACE = "https://atalaya.example/ns/1"
ROOT = "data"
_TRY_OUT = sentence(N_("Take out the rows you changed last, one by one, to find it."))
_ROW = re.compile(r"\[row : (\d+)\]\s*")
_SHEET = re.compile(r"'(survey|choices|settings)' sheet")


@dataclass(frozen=True)
class Conversion:
    """A checklist that can be published."""

    xform: bytes
    form_id: str
    version: str
    title: str
    warnings: tuple[Sentence, ...]
    facts: Mapping[str, FactDefinition]
    """The facts that its questions answer."""

    @property
    def md5(self) -> str:
        """The hash that OpenRosa asks for, over the exact bytes that are served."""
        return hashlib.md5(self.xform, usedforsecurity=False).hexdigest()


def convert(xlsform: bytes, vocabulary: Vocabulary) -> Conversion:
    """Return the checklist, or raise ChecklistRejected with every mistake at once."""
    workbook = read_workbook(xlsform)
    survey = read_survey(workbook)
    mistakes = MistakeList()
    warnings = check_survey(survey, vocabulary, mistakes)
    result = _convert(workbook, mistakes)
    if result is None or mistakes.all():
        raise ChecklistRejected(mistakes.all())
    return Conversion(
        xform=result.xform.encode(),
        form_id=survey.settings["form_id"],
        version=survey.settings["version"],
        title=survey.settings["form_title"],
        warnings=(*warnings, *(_quoted(warning) for warning in result.warnings)),
        facts=_facts_asked(survey, vocabulary),
    )


def _convert(workbook: Workbook, mistakes: MistakeList) -> ConvertResult | None:
    """Run pyxform; what it refuses becomes a mistake unless we named one on that row."""
    try:
        return pyxform_convert(dataclasses.asdict(workbook.definition), form_name=ROOT)
    except PyXFormError as error:
        _note(str(error), mistakes)
    except Exception as error:  # noqa: BLE001 - pyxform fails in many ways on odd input
        if not mistakes.all():
            mistakes.note(WORKBOOK, 0, "", _stumbled(error), _TRY_OUT)
    return None


def _note(told: str, mistakes: MistakeList) -> None:
    row = int(match[1]) if (match := _ROW.search(told)) else 0
    sheet = (
        match[1] if (match := _SHEET.search(told)) else "survey" if row else WORKBOOK
    )
    known = mistakes.all()
    ours = any(one.row == row and one.sheet in (sheet, WORKBOOK) for one in known)
    # Without a row, pyxform most often stumbles over what is already named.
    if ours or (known and not row):
        return
    mistakes.note(sheet, row, "", _quoted(_ROW.sub("", told)))


def _quoted(told: str) -> Sentence:
    """Wrap a message of pyxform, which speaks English only."""
    return sentence(N_("pyxform says: {told}"), told=" ".join(told.split()))


def _stumbled(error: Exception) -> Sentence:
    told = f"{type(error).__name__}: {error}"
    return sentence(N_("pyxform cannot convert the checklist ({told})."), told=told)


def _facts_asked(survey: Survey, vocabulary: Vocabulary) -> dict[str, FactDefinition]:
    asked = [row["bind::vf:fact"] for row in survey.rows if row["bind::vf:fact"]]
    return {fact: vocabulary.facts[fact] for fact in asked}
