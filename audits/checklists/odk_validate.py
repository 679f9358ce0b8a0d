"""ODK Validate over a converted checklist, where there is a Java to run it.

pyxform lets an unbalanced expression, an unknown function and a cycle pass; ODK Validate,
whose jar comes with pyxform, finds all three by loading the form as a phone would.
"""

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from pyxform.validators.odk_validate import ODKValidateError, check_xform


@dataclass(frozen=True)
class Validation:
    was_run: bool
    complaints: tuple[str, ...] = ()


def validate(xform: bytes) -> Validation:
    """Return what ODK Validate says (seconds), or that it could not be run."""
    if shutil.which("java") is None:
        return Validation(was_run=False)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "form.xml"
        path.write_bytes(xform)
        try:
            warnings = check_xform(str(path))
        except ODKValidateError as error:
            return Validation(was_run=True, complaints=(str(error),))
        return Validation(was_run=True, complaints=tuple(warnings))
