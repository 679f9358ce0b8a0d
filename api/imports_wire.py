"""What imports are told as: wire models, and the documents made of the records."""

from typing import Annotated, Any

from pydantic import Field, JsonValue, StringConstraints

from api.wire import Country, Wire
from compliance.imports.fields import Field as ListField
from compliance.imports.lifecycle import Choice, Outcome, RowState, State
from compliance.imports.matching import REASONS, Reason
from compliance.imports.notes import Note, Weight
from compliance.imports.queries import (
    CandidateRecord,
    ImportRecord,
    RowRecord,
    problem_class,
)
from compliance.texts import N_, translate
from rules.vocabulary import Commodity, SiteKind

Column = Annotated[str, StringConstraints(min_length=1, max_length=210)]
PROBLEM_UNKNOWN = N_("The list could not be read: {slug}.")


class CountsWire(Wire):
    """How many rows of which kind; `made` and `matched` once they are taken over."""

    rows: int
    new: int
    same: int
    perhaps: int
    refused: int
    warned: int
    undecided: int
    made: int
    matched: int


class TroubleWire(Wire):
    """Why the list as a whole cannot be read as it is."""

    type: str
    title: str
    detail: str


class ImportWire(Wire):
    """A list that was uploaded, and how far it has come."""

    id: str
    state: State
    file_name: str
    file_sha256: str
    file_bytes: int
    format: str | None
    kind: SiteKind
    commodity: Commodity
    country: str | None
    headings: list[str]
    columns: Annotated[
        dict[ListField, str],
        Field(description="What each column means: field → heading."),
    ]
    columns_source: Annotated[
        str | None, Field(description="given, remembered or proposed")
    ]
    noticed: Annotated[list[str], Field(description="What the reader should know.")]
    problem: TroubleWire | None
    job: Annotated[
        str | None, Field(description="The background work; GET /v1/jobs/{job}.")
    ]
    counts: CountsWire
    manifest_sha256: str | None
    started_by: str
    started_at: str
    read_at: str | None
    confirmed_by: str | None
    applied_at: str | None


class ImportPage(Wire):
    items: list[ImportWire]
    next: str | None


class NoteWire(Wire):
    """One thing about a row: in which column, what stood there, what would be right."""

    code: str
    weight: Weight
    column: str | None
    value: str | None
    message: str
    remedy: str


class CandidateWire(Wire):
    """A site of the register, or an earlier row of the list, that a row might be."""

    site: str | None
    row: int | None
    name: str
    score: int
    reasons: list[str]


class ImportRowWire(Wire):
    """A row of the list: as it stood, as it was understood, found and decided."""

    row: int
    state: RowState
    is_warned: bool
    cells: dict[str, str]
    understood: dict[str, JsonValue]
    notes: list[NoteWire]
    candidates: list[CandidateWire]
    choice: Choice | None
    chosen_site: str | None
    chosen_row: int | None
    outcome: Outcome | None
    site: str | None


class ImportRowPage(Wire):
    items: list[ImportRowWire]
    next: str | None


class ColumnsGiven(Wire):
    """What the columns mean; `country` is for lists that name none."""

    columns: Annotated[dict[str, Column], Field(max_length=40)]
    country: Country | None = None


class DecisionGiven(Wire):
    """A decision about one row; a `choice` of null takes it back."""

    choice: Choice | None
    site: Annotated[str | None, Field(max_length=40)] = None
    row: Annotated[int | None, Field(ge=1, strict=True)] = None


class DecisionsGiven(Wire):
    """One decision about every undecided row with a candidate of so high a score."""

    choice: Choice
    least_score: Annotated[int, Field(ge=0, le=100, strict=True)] = 0


class Decided(Wire):
    """How many rows were decided about."""

    rows: int


class ConfirmationGiven(Wire):
    """What becomes of rows nobody decided about; without it they stop the import."""

    undecided: Annotated[str | None, StringConstraints(pattern="^skip$")] = None


def import_document(record: ImportRecord, language: str) -> dict[str, Any]:
    """Return an import as the API tells it."""
    counts = record.counts
    return {
        "id": record.public_id,
        "state": record.state,
        "file_name": record.file_name,
        "file_sha256": record.file_sha256,
        "file_bytes": record.file_bytes,
        "format": record.format,
        "kind": record.kind,
        "commodity": record.commodity,
        "country": record.country,
        "headings": record.headings,
        "columns": {str(name): column for name, column in record.columns.items()},
        "columns_source": record.columns_source,
        "noticed": told_notices(record, language),
        "problem": trouble_document(record, language),
        "job": record.job,
        "counts": {name: getattr(counts, name) for name in CountsWire.model_fields},
        "manifest_sha256": record.manifest_sha256,
        "started_by": record.started_by,
        "started_at": record.started_at,
        "read_at": record.read_at,
        "confirmed_by": record.confirmed_by,
        "applied_at": record.applied_at,
    }


def told_notices(record: ImportRecord, language: str) -> list[str]:
    """Return what was noticed about the file as a whole."""
    return [
        translate(message, language, **_facts(facts, language))
        for message, facts in record.noticed
    ]


def trouble_document(record: ImportRecord, language: str) -> dict[str, Any] | None:
    """Return why the list cannot be read as it is, None where it can."""
    if record.problem is None:
        return None
    slug, facts = record.problem
    known = problem_class(slug)
    if known is None:
        detail = translate(PROBLEM_UNKNOWN, language, slug=slug)
        return {"type": f"/problems/{slug}", "title": slug, "detail": detail}
    return {
        "type": f"/problems/{slug}",
        "title": translate(known.title, language),
        "detail": translate(known.detail, language, **_facts(facts, language)),
    }


def _facts(facts: Any, language: str) -> dict[str, Any]:
    return {
        name: translate(fact, language) if isinstance(fact, str) else fact
        for name, fact in facts.items()
    }


def row_document(
    row: RowRecord, headings: tuple[str, ...], language: str
) -> dict[str, Any]:
    """Return a row as the API tells it."""
    return {
        "row": row.number,
        "state": row.state,
        "is_warned": row.is_warned,
        "cells": dict(zip(headings, row.cells, strict=True)),
        "understood": dict(row.found),
        "notes": [note_document(note, language) for note in row.notes],
        "candidates": [candidate_document(one, language) for one in row.candidates],
        "choice": row.choice,
        "chosen_site": row.chosen_site,
        "chosen_row": row.chosen_row,
        "outcome": row.outcome,
        "site": row.site,
    }


def note_document(note: Note, language: str) -> dict[str, Any]:
    return {
        "code": note.code,
        "weight": note.weight,
        "column": note.column,
        "value": note.value,
        "message": note.what(language),
        "remedy": note.remedy(language),
    }


def candidate_document(one: CandidateRecord, language: str) -> dict[str, Any]:
    return {
        "site": one.site,
        "row": one.row,
        "name": one.name,
        "score": one.score,
        "reasons": told_reasons(one, language),
    }


def told_reasons(one: CandidateRecord, language: str) -> list[str]:
    """Return why two are thought to be the same, a phrase each."""
    return [
        translate(REASONS[Reason(reason)], language, **facts)
        for reason, facts in one.reasons
    ]
