"""The whole report of an import as CSV, written piece by piece for lists of any length."""

from collections.abc import AsyncIterator
from functools import partial
from typing import Any

from fastapi import Request
from sqlalchemy.orm import Session

from api import hop
from api.imports_wire import told_reasons
from api.lists import csv_rows
from compliance.database import Page
from compliance.identity.scope import Scope
from compliance.imports import queries
from compliance.imports.notes import Note
from compliance.imports.queries import ImportRecord, RowRecord
from compliance.texts import N_, translate

ROWS_AT_ONCE = 1_000
HEADINGS = (
    N_("row"),
    N_("state"),
    N_("decision"),
    N_("site"),
    N_("perhaps the same as"),
    N_("likeness"),
    N_("why"),
    N_("noted"),
)


async def report_of(
    request: Request, record: ImportRecord, language: str
) -> AsyncIterator[bytes]:
    """Yield the report: what was found about each row, then the row as it stood."""
    headings = [translate(one, language) for one in HEADINGS]
    yield b"\xef\xbb\xbf" + csv_rows([[*headings, *record.headings]])
    after = 0
    while True:
        page = await hop.read(request, partial(_page, record=record, after=after))
        yield csv_rows([line_of(row, language) for row in page.rows])
        if page.next_after is None:
            return
        after = int(page.next_after)


def _page(
    session: Session, scope: Scope, *, record: ImportRecord, after: int
) -> Page[RowRecord]:
    return queries.rows(
        session, scope, record.public_id, rows=ROWS_AT_ONCE, after=after
    )


def line_of(row: RowRecord, language: str) -> list[Any]:
    best = row.candidates[0] if row.candidates else None
    likeness = "" if best is None else best.score
    other = (
        ""
        if best is None
        else best.site or f"{translate(HEADINGS[0], language)} {best.row}"
    )
    return [
        row.number,
        row.state,
        row.choice or "",
        row.site or row.chosen_site or "",
        other,
        likeness,
        "" if best is None else "; ".join(told_reasons(best, language)),
        " ".join(_noted(note, language) for note in row.notes),
        *row.cells,
    ]


def _noted(note: Note, language: str) -> str:
    place = f"{note.column}: " if note.column else ""
    return f"{place}{note.what(language)} {note.remedy(language)}"
