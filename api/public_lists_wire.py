"""What public lists are told in: bodies that come, and documents that go."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from api.wire import Day, Name, Wire
from compliance.imports.tables import Told
from compliance.public_lists.comparing import Difference
from compliance.public_lists.models import Category
from compliance.public_lists.queries import (
    EditionRecord,
    EntryRecord,
    GoodListed,
    ListRecord,
)
from compliance.public_lists.reading import ReadList, RowNote, RowOutcome
from compliance.texts import translate
from rules.vocabulary import Commodity

CODE = r"^[a-z][a-z0-9_]{1,39}$"
Code = Annotated[
    str,
    StringConstraints(pattern=CODE, strict=True),
    Field(description="What you call it, in small letters.", examples=["usdol_goods"]),
]


class NewList(Wire):
    """A list that your organisation goes by; its editions are imported afterwards."""

    code: Code
    category: Category
    name: Name
    publisher: Name


class ListWire(Wire):
    """A list; `edition_on` is the day of the edition in force, null before the first."""

    id: str
    code: str
    category: Category
    name: str
    publisher: str
    edition_on: Day | None
    added_by: str
    added_at: str


class ListPage(Wire):
    items: list[ListWire]
    next: str | None


class EditionWire(Wire):
    """An edition; `people` counts entries of natural persons, whose names are not kept."""

    id: str
    public_list: str
    edition_on: Day
    source: str
    licence: str
    sha256: str
    file_bytes: int
    is_file_kept: bool
    entries: int
    people: int
    received_by: str
    received_at: str


class EditionPage(Wire):
    items: list[EditionWire]
    next: str | None


class RowNoteWire(Wire):
    column: str | None
    message: str
    remedy: str | None


class RowWire(Wire):
    """What becomes of a row, by its number in the file."""

    row: int
    outcome: RowOutcome
    notes: list[RowNoteWire]


class ReportWire(Wire):
    """What was found in a file; `rows` has the first thousand rows that need a look."""

    counts: dict[str, int]
    notices: list[str]
    rows: list[RowWire]


class ImportedWire(Wire):
    """What a file would make (a dry run: no edition), or has made."""

    edition: EditionWire | None
    is_new: bool
    report: ReportWire


class EntryWire(Wire):
    """An entry. A kind of labour that is false is not listed, and not free of it."""

    id: str
    row: int
    is_person: bool
    name: str | None
    country: str | None
    region: str | None
    good: str | None
    commodity: Commodity | None
    child_labour: bool
    forced_labour: bool
    forced_child_labour: bool
    from_on: Day | None
    until_on: Day | None


class EntryPage(Wire):
    items: list[EntryWire]
    next: str | None


class ChangedWire(Wire):
    before: EntryWire
    after: EntryWire


class DifferenceWire(Wire):
    """What an edition added, removed and changed against the one before, or another."""

    before: EditionWire | None
    after: EditionWire
    added: list[EntryWire]
    removed: list[EntryWire]
    changed: list[ChangedWire]


class GoodWire(Wire):
    """What an edition says of a good; a sign of risk, never proof about a supplier."""

    public_list: str
    list_code: str
    publisher: str
    edition_on: Day
    source: str
    country: str
    good: str
    commodity: Commodity | None
    child_labour: bool
    forced_labour: bool
    forced_child_labour: bool


class GoodsListed(Wire):
    """What is listed; where nothing is, that says nothing about the good."""

    items: list[GoodWire]
    next: str | None


def list_document(found: ListRecord) -> dict[str, Any]:
    """Return a list as the API tells it."""
    return {
        "id": found.public_id,
        "code": found.code,
        "category": found.category,
        "name": found.name,
        "publisher": found.publisher,
        "edition_on": found.edition_on,
        "added_by": found.added_by,
        "added_at": found.added_at,
    }


def edition_document(found: EditionRecord) -> dict[str, Any]:
    """Return an edition as the API tells it."""
    return {
        "id": found.public_id,
        "public_list": found.list_public_id,
        "edition_on": found.edition_on,
        "source": found.source,
        "licence": found.licence,
        "sha256": found.sha256,
        "file_bytes": found.file_bytes,
        "is_file_kept": found.is_file_kept,
        "entries": found.entries,
        "people": found.people,
        "received_by": found.received_by,
        "received_at": found.received_at,
    }


def entry_document(found: EntryRecord) -> dict[str, Any]:
    """Return an entry as the API tells it; of a person nothing that names it."""
    return {
        "id": found.public_id,
        "row": found.row,
        "is_person": found.is_person,
        "name": found.name,
        "country": found.country,
        "region": found.region,
        "good": found.good,
        "commodity": found.commodity,
        "child_labour": found.child_labour,
        "forced_labour": found.forced_labour,
        "forced_child_labour": found.forced_child_labour,
        "from_on": found.from_on,
        "until_on": found.until_on,
    }


def difference_document(found: Difference) -> dict[str, Any]:
    """Return what changed between two editions as the API tells it."""
    return {
        "before": None if found.before is None else edition_document(found.before),
        "after": edition_document(found.after),
        "added": [entry_document(one) for one in found.added],
        "removed": [entry_document(one) for one in found.removed],
        "changed": [
            {"before": entry_document(before), "after": entry_document(after)}
            for before, after in found.changed
        ],
    }


def difference_rows(found: Difference) -> list[dict[str, Any]]:
    """Return the same line by line, for a spreadsheet."""
    return [
        {"change": change, **entry_document(one)}
        for change, some in (
            ("added", found.added),
            ("removed", found.removed),
            ("changed", tuple(after for _, after in found.changed)),
        )
        for one in some
    ]


def good_document(found: GoodListed) -> dict[str, Any]:
    """Return what is listed of a good as the API tells it."""
    return {
        "public_list": found.list_public_id,
        "list_code": found.list_code,
        "publisher": found.publisher,
        "edition_on": found.edition_on,
        "source": found.source,
        "country": found.country,
        "good": found.good,
        "commodity": found.commodity,
        "child_labour": found.child_labour,
        "forced_labour": found.forced_labour,
        "forced_child_labour": found.forced_child_labour,
    }


def report_document(read: ReadList, language: str, limit: int) -> dict[str, Any]:
    """Return the report of a file; rows that are simply taken over are counted only."""
    counts = {str(one): 0 for one in RowOutcome}
    for row in read.report:
        counts[row.outcome] += 1
    told_rows = [row for row in read.report if row.notes]
    # What stops the import comes first, wherever it stands in the file.
    told_rows.sort(key=lambda row: (row.outcome is not RowOutcome.REFUSED, row.row))
    return {
        "counts": counts,
        "notices": [told_notice(one, language) for one in read.noticed],
        "rows": [
            {
                "row": row.row,
                "outcome": row.outcome,
                "notes": [note_document(note, language) for note in row.notes],
            }
            for row in told_rows[:limit]
        ],
    }


def note_document(note: RowNote, language: str) -> dict[str, str | None]:
    """Return a note about a row in the reader's language."""
    return {
        "column": note.column,
        "message": translate(note.message, language, **note.facts),
        "remedy": None if note.remedy is None else translate(note.remedy, language),
    }


def told_notice(one: Told, language: str) -> str:
    facts: Mapping[str, object] = {
        name: translate(fact, language) if isinstance(fact, str) else fact
        for name, fact in one.facts.items()
    }
    return translate(one.message, language, **facts)
