"""ODK Central's zip of CSV files: the main one, and one for each repeat."""

import csv
import io
import zipfile
import zlib
from collections.abc import Mapping

from audits.checklists.form import FormSchema
from audits.visit_imports.assembling import Export
from audits.visit_imports.problems import ExportUnreadable, too_large
from audits.visit_imports.tables import Joining, Line, Sheet, joined
from compliance import limits
from compliance.texts import N_

BY_KEY = Joining(key="KEY", parent="PARENT_KEY")
UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
    ValueError,
    csv.Error,
)
MEDIA = "media/"


def read_odk_csv(schema: FormSchema, content: bytes) -> Export:
    """Return the visits of an export, or raise ExportUnreadable."""
    sheets = _sheets(content)
    main = [one for one in sheets if BY_KEY.parent not in one.headings]
    if len(main) != 1 or BY_KEY.key not in main[0].headings:
        raise ExportUnreadable(
            reason=N_("The zip must hold one table of visits, with a column KEY.")
        )
    base = main[0].name.removesuffix(".csv")
    return joined(schema, main[0], _repeats(schema, base, sheets), BY_KEY)


def _repeats(schema: FormSchema, base: str, sheets: list[Sheet]) -> Mapping[str, Sheet]:
    """Match files to repeats: `form-group-repeat.csv`, or the repeat's bare name."""
    found = {}
    for sheet in sheets:
        name = sheet.name.removesuffix(".csv").removeprefix(f"{base}-")
        for repeat in schema.repeats:
            whole = repeat.path.removeprefix(f"/{schema.root}/").replace("/", "-")
            if BY_KEY.parent in sheet.headings and name in {whole, repeat.name}:
                found[repeat.path] = sheet
    return found


def _sheets(content: bytes) -> list[Sheet]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            unpacked = sum(part.file_size for part in parts)
            most = limits.VISIT_IMPORT_UNPACKED_RATIO * len(content)
            if unpacked > min(most, limits.VISIT_IMPORT_UNPACKED_BYTES):
                raise too_large()
            return [
                _sheet(part.filename.rpartition("/")[2], archive.read(part))
                for part in parts
                if part.filename.lower().endswith(".csv")
                and not part.filename.startswith(MEDIA)
            ]
    except UNREADABLE as fault:
        raise ExportUnreadable(reason=N_("The zip is damaged.")) from fault


def _sheet(name: str, content: bytes) -> Sheet:
    rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    headings = next(rows, [])
    lines = [
        Line(number, dict(zip(headings, row, strict=False)))
        for number, row in enumerate(rows, start=2)
        if any(row)
    ]
    return Sheet(name, headings, lines)
