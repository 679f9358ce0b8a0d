"""How a row of the register came in, told beside everything it says."""

from enum import StrEnum


class Source(StrEnum):
    """Who brought a row; the reference beside it names the import or the submission."""

    MANUAL = "manual"
    IMPORT = "import"
    SUBMISSION = "submission"
