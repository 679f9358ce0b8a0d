"""From the bytes of an export to visits: the formats, and the limits of all of them."""

from collections import Counter
from collections.abc import Callable
from enum import StrEnum

from audits.checklists.form import FormSchema
from audits.checklists.mistakes import sentence
from audits.visit_imports.assembling import Export, Fault
from audits.visit_imports.kobo_json import read_kobo_json
from audits.visit_imports.kobo_xlsx import read_kobo_xlsx
from audits.visit_imports.odk_csv import read_odk_csv
from audits.visit_imports.problems import too_large
from compliance import limits
from compliance.texts import N_


class Format(StrEnum):
    KOBO_JSON = "kobo_json"
    KOBO_XLSX = "kobo_xlsx"
    ODK_CSV = "odk_csv"


READERS: dict[Format, Callable[[FormSchema, bytes], Export]] = {
    Format.KOBO_JSON: read_kobo_json,
    Format.KOBO_XLSX: read_kobo_xlsx,
    Format.ODK_CSV: read_odk_csv,
}
TWICE = sentence(N_("Another row of the file has the same id."))
KEEP_ONE = sentence(N_("Keep one of the rows, the one that holds."))


def read_export(schema: FormSchema, kind: Format, content: bytes) -> Export:
    """Return the visits of an export; raise ExportUnreadable or ExportTooLarge."""
    export = READERS[kind](schema, content)
    if len(export.visits) > limits.VISIT_IMPORT_VISITS:
        raise too_large()
    counted = Counter(one.instance_id for one in export.visits)
    for visit in export.visits:
        if visit.instance_id and counted[visit.instance_id] > 1:
            visit.faults.append(Fault("instanceID", TWICE, KEEP_ONE))
    return export
