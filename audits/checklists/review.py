"""What an author wants to know of a workbook before publishing it; nothing is stored."""

from dataclasses import dataclass

from audits.checklists.changes import Changes, changes_between
from audits.checklists.coverage import Coverage, coverage_of
from audits.checklists.form import FormSchema
from audits.checklists.mistakes import Sentence
from audits.checklists.xform import schema_of
from audits.checklists.xlsform import convert
from rules import Book


@dataclass(frozen=True)
class Review:
    """A workbook that could be published, and what would come of it."""

    schema: FormSchema
    xform: bytes
    warnings: tuple[Sentence, ...]
    coverage: Coverage
    changes: Changes | None
    """Against the version before; None for a first version."""


def review(workbook: bytes, book: Book, before: FormSchema | None = None) -> Review:
    """Review a workbook; raise ChecklistRejected with every mistake in it."""
    conversion = convert(workbook, book.vocabulary)
    schema = schema_of(conversion)
    coverage = coverage_of(schema, book)
    return Review(
        schema=schema,
        xform=conversion.xform,
        warnings=conversion.warnings,
        coverage=coverage,
        changes=None
        if before is None
        else changes_between(before, schema, coverage_of(before, book), coverage),
    )
