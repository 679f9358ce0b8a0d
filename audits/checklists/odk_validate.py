"""ODK Validate over a converted checklist, where there is a Java to run it.

pyxform lets an unbalanced expression, an unknown function and a cycle pass; ODK Validate,
whose jar comes with pyxform, finds all three by loading the form as a phone would.
"""

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from pyxform.validators.odk_validate import ODKValidateError, check_xform

from audits.checklists.models import ValidationState
from compliance.limits import VALIDATION_CHARACTERS

# How it ends when the form is at fault; a Java that cannot start ends in other words.
INVALID = "Result: Invalid"
WARNED = "ODK Validate Warnings"


@dataclass(frozen=True)
class Validation:
    """What ODK Validate said; an accepted form can have complaints that are warnings."""

    state: ValidationState
    complaints: tuple[str, ...] = ()

    @property
    def was_run(self) -> bool:
        return self.state is not ValidationState.NOT_RUN


def validate(xform: bytes) -> Validation:
    """Return what ODK Validate says (seconds), or that it could not be run.

    Where Java is there but fails, or takes too long, it was not run, and the complaint
    says why: only a form that ODK Validate itself calls invalid is refused.
    """
    if shutil.which("java") is None:
        return Validation(ValidationState.NOT_RUN)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "form.xml"
        path.write_bytes(xform)
        try:
            warnings = check_xform(str(path))
        except ODKValidateError as error:
            return _failed(str(error))
    if all(warning.startswith(WARNED) for warning in warnings):
        return Validation(ValidationState.ACCEPTED, _shortened(warnings))
    return Validation(ValidationState.NOT_RUN, _shortened(warnings))


def _failed(told: str) -> Validation:
    is_invalid = told.rstrip().endswith(INVALID)
    state = ValidationState.REFUSED if is_invalid else ValidationState.NOT_RUN
    return Validation(state, _shortened([told]))


def _shortened(complaints: list[str]) -> tuple[str, ...]:
    """Keep the beginning: a stack trace can be longer than anybody reads."""
    return tuple(one[:VALIDATION_CHARACTERS] for one in complaints)
