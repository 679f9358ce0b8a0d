"""Why an export as a whole cannot be imported."""

from compliance import limits
from compliance.problems import Kind, Problem
from compliance.texts import N_


class ExportUnreadable(Problem):
    kind = Kind.INVALID
    title = N_("The export cannot be read")
    detail = N_(
        "{reason} Nothing was taken in. The formats are those of KoboToolbox (JSON of "
        "its API, XLSX with XML values and headers) and of ODK Central (zip of CSV)."
    )


class ExportTooLarge(Problem):
    kind = Kind.TOO_LARGE
    title = N_("The export is too large")
    detail = N_(
        "At most {visits} visits in {megabytes} MB are taken at once. Export a part of "
        "them, a year for example."
    )


def too_large() -> ExportTooLarge:
    return ExportTooLarge(
        visits=limits.VISIT_IMPORT_VISITS,
        megabytes=limits.VISIT_IMPORT_BYTES // limits.MEGABYTE,
    )
