"""A visit form of last year, and what other tools export of four visits with it.

The files are written down from the tools' own descriptions of their formats. The first
visit has two children; the third is of a farm nobody knows; the fourth cannot be read.
"""

import io
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl

from tests.unit.checklists.samples import SETTINGS, Row, markdown

FOLDER = Path(__file__).parent / "data" / "visit_exports"
NUMBER = "FINCA-0001"


def _asked(type_: str, name: str, **cells: str) -> Row:
    return {"type": type_, "name": name, "en": "Question", "es": "Pregunta"} | cells


SURVEY: tuple[Row, ...] = (
    {"type": "start", "name": "start"},
    _asked("text", "site_ref"),
    _asked("date", "observed_on"),
    _asked("geopoint", "location"),
    _asked("begin_group", "papers_group"),
    _asked("select_one yes_no", "papers", fact="documents_held"),
    _asked("select_multiple reasons", "reasons"),
    {"type": "end_group", "name": ""},
    _asked("text", "worker_name", sensitive="worker"),
    _asked("begin_repeat", "children", roster="children"),
    {"type": "calculate", "name": "child_id", "calculation": "once(uuid())"},
    _asked("text", "child_name", sensitive="child"),
    _asked("integer", "age", fact="children.age", unit="years"),
    _asked("select_one yes_no", "works", fact="children.works"),
    {"type": "end_repeat", "name": ""},
)
CHOICES: tuple[Row, ...] = tuple(
    {"list_name": list_name, "name": name, "en": "Choice", "es": "Opción"}
    for list_name, name in (
        ("yes_no", "yes"),
        ("yes_no", "no"),
        ("yes_no", "unk"),
        ("reasons", "ready"),
        ("reasons", "asked"),
        ("reasons", "lost"),
    )
)


def last_year(version: str = "1") -> bytes:
    settings = {
        **SETTINGS,
        "form_id": "last_year",
        "version": version,
        "form_title": "Last year",
    }
    return markdown(SURVEY, CHOICES, settings)


def kobo_json() -> bytes:
    return (FOLDER / "kobo.json").read_bytes()


def odk_zip(**replaced: bytes) -> bytes:
    """Return the zip of ODK Central; `replaced` gives a table another content."""
    files = {
        path.name: replaced.get(path.stem.replace("-", "_"), path.read_bytes())
        for path in sorted((FOLDER / "odk").iterdir())
    }
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return written.getvalue()


UUID = "0a4c6a52-5d5e-4b0e-9d6b-1f0c6f3a000{}".format
CHILD = "b7d4c9b2-8f2d-4a52-9d3e-00000000000{}".format
VISITS: tuple[tuple[Any, ...], ...] = (
    (
        "start",
        "site_ref",
        "observed_on",
        "location",
        "_location_latitude",
        "_location_longitude",
        "_location_altitude",
        "_location_precision",
        "papers_group/papers",
        "papers_group/reasons/ready",
        "papers_group/reasons/asked",
        "papers_group/reasons/lost",
        "worker_name",
        "_id",
        "_uuid",
        "_submission_time",
        "__version__",
        "_index",
    ),
    (
        "2025-10-14T08:03:11.000-05:00",
        NUMBER,
        date(2025, 10, 14),
        None,
        3.2,
        -75.6,
        1650,
        5,
        "yes",
        1,
        0,
        1,
        "Evaristo Planted",
        91001,
        UUID(1),
        "2025-10-14T18:22:31",
        "vQm7Xo2",
        1,
    ),
    (
        "2025-10-15T09:00:00.000-05:00",
        NUMBER,
        date(2025, 10, 15),
        *(None,) * 5,
        "no",
        *(None,) * 4,
        91002,
        UUID(2),
        None,
        "vQm7Xo2",
        2,
    ),
    (
        None,
        "FINCA-9999",
        date(2025, 10, 16),
        *(None,) * 5,
        "unk",
        *(None,) * 4,
        91003,
        UUID(3),
        None,
        "vQm7Xo2",
        3,
    ),
    (
        None,
        NUMBER,
        "14/10/2025",
        *(None,) * 5,
        "Sí",
        *(None,) * 4,
        91004,
        UUID(4),
        None,
        "vQm7Xo2",
        4,
    ),
)
ENTRIES: tuple[tuple[Any, ...], ...] = (
    (
        "children/child_id",
        "children/child_name",
        "children/age",
        "children/works",
        "_index",
        "_parent_table_name",
        "_parent_index",
        "_submission__uuid",
    ),
    (CHILD(1), "Yulieth Planted", 13, "yes", 1, "Last year", 1, UUID(1)),
    (CHILD(2), "Duván Planted", 9, "no", 2, "Last year", 1, UUID(1)),
    (None, None, "thirteen Planted", "yes", 3, "Last year", 4, UUID(4)),
)


def kobo_xlsx() -> bytes:
    workbook = openpyxl.Workbook()
    main = workbook.active
    assert main is not None
    main.title = "Last year"
    for row in VISITS:
        main.append(row)
    children = workbook.create_sheet("children")
    for row in ENTRIES:
        children.append(row)
    written = io.BytesIO()
    workbook.save(written)
    return written.getvalue()
