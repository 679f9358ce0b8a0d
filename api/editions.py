"""Editions of the rule book over HTTP: publish one, list them, set two side by side."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.changes_document import comparison_document
from api.lists import After, Rows, page_response
from api.routing import feature_router
from api.service import Service
from api.stored import as_attachment, stored_response
from api.wire import ONE_PROBLEMS, PROBLEMS, Day, FieldMistake, ProblemDocument, Wire
from compliance import limits
from compliance.editions import actions, queries
from compliance.editions.actions import Packed, Published
from compliance.editions.archive import pack, read_files, unpack
from compliance.editions.queries import EditionRecord, Publication
from compliance.idempotency import Answer
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.problems import Kind, Problem
from compliance.texts import N_
from rules import Book, BookRejected
from rules.comparing import ChangeKind, compare

ZIP_TYPE = "application/zip"

editions = feature_router("/v1/editions", "rules")


class BookUnusable(Problem):
    kind = Kind.INVALID
    title = N_("The book has mistakes")
    detail = N_(
        "Nothing was stored. See 'errors': each names a file, a line and a column, "
        "what is wrong there and what would be right."
    )


class NotThePublisher(Problem):
    kind = Kind.FORBIDDEN
    title = N_("Your organisation does not publish rules here")
    detail = N_(
        "An edition judges the visits of everybody here. The operator names the "
        "organisations that publish one (ATALAYA_RULES_PUBLISHERS); {organisation} is "
        "not among them. Send the operator the book: atalaya rules publish FOLDER"
    )


class EditionUnreadable(Problem):
    kind = Kind.UNAVAILABLE
    title = N_("This release cannot read the edition")
    detail = N_(
        "The edition {edition} is kept, but this release of the product cannot read "
        "it, or its file is missing. Whoever runs the server finds the reason in the "
        "log."
    )


class EditionWire(Wire):
    """An edition of the book, and whether it is in force."""

    edition: str
    sha256: str
    rules: int
    legal_values: int
    facts: int
    valid_until: Day | None
    kept_at: datetime
    kept_by: str
    is_in_force: bool


class EditionPage(Wire):
    items: list[EditionWire]
    next: str | None


class PublicationWire(Wire):
    """One time an edition came into force, in the order of all publications."""

    ordinal: int
    published_at: datetime
    published_by: str


class EditionDetail(EditionWire):
    publications: list[PublicationWire]


class ChangesInShort(Wire):
    """How much differs from the edition that was in force before."""

    before: str
    rules_that_decide_otherwise: int
    rules_told_otherwise: int
    legal_values: int


class PublishedEdition(EditionDetail):
    """The edition now in force; `changes` is null if it was in force already."""

    changes: ChangesInShort | None


class FieldChangeWire(Wire):
    """A field that differs, with both sides as the book writes them."""

    field: str
    before: Any
    after: Any


class ItemChangeWire(Wire):
    kind: ChangeKind
    id: str
    fields: list[FieldChangeWire]


class RuleChangeWire(ItemChangeWire):
    """A rule that differs; `since` is the first day whose facts it judges otherwise."""

    decides: bool
    since: Day | None
    logic_hash_before: str | None
    logic_hash_after: str | None
    because: list[str]


class LegalSide(Wire):
    value: int | bool
    valid_from: Day | None
    valid_before: Day | None
    confidence: str
    cites: str


class LegalChangeWire(Wire):
    """A value of the law that differs; `since` null means always, if it decides."""

    parameter: str
    country: str
    sector: str
    age_from: int | None
    age_below: int | None
    decides: bool
    since: Day | None
    differing: list[str]
    before: LegalSide | None
    after: LegalSide | None


class ComparedEdition(Wire):
    edition: str
    sha256: str
    rules: int
    facts: int


class ComparisonWire(Wire):
    """Everything that differs between two editions."""

    before: ComparedEdition
    after: ComparedEdition
    edition: list[FieldChangeWire]
    rules: list[RuleChangeWire]
    legal_values: list[LegalChangeWire]
    parameters: list[ItemChangeWire]
    facts: list[ItemChangeWire]
    derived: list[ItemChangeWire]
    indicators: list[ItemChangeWire]
    instruments: list[ItemChangeWire]
    sources: list[ItemChangeWire]


class BookMistake(FieldMistake):
    """One thing to put right in a file of a book."""

    file: str
    line: int
    column: int
    message: str


class BookProblem(Wire):
    """What a book that cannot be used is answered with."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: list[BookMistake] | None = None


UNREADABLE: dict[int | str, dict[str, Any]] = {
    503: {"model": ProblemDocument, "description": "It cannot be read."}
}
PUBLISH_PROBLEMS = {
    **PROBLEMS,
    409: {"model": ProblemDocument, "description": "The name is taken."},
    413: {"model": ProblemDocument, "description": "The archive is too large."},
    422: {"model": BookProblem, "description": "The book cannot be used."},
}
ARCHIVE_BODY = {
    "requestBody": {
        "required": True,
        "content": {ZIP_TYPE: {"schema": {"type": "string", "format": "binary"}}},
    }
}


def edition_document(found: EditionRecord) -> dict[str, Any]:
    """Return an edition as lists tell it."""
    return {
        "edition": found.edition,
        "sha256": found.sha256,
        "rules": found.rules,
        "legal_values": found.legal_values,
        "facts": found.facts,
        "valid_until": found.valid_until,
        "kept_at": found.kept_at,
        "kept_by": found.kept_by,
        "is_in_force": found.is_in_force,
    }


def publication_document(one: Publication) -> dict[str, Any]:
    return {
        "ordinal": one.ordinal,
        "published_at": one.published_at,
        "published_by": one.published_by,
    }


def detail_document(session: Session, found: EditionRecord) -> dict[str, Any]:
    """Return an edition with the times it came into force."""
    publications = queries.publications(session, found)
    return {
        **edition_document(found),
        "publications": [publication_document(one) for one in publications],
    }


@editions.get("", responses={200: {"model": EditionPage}, **PROBLEMS})
async def list_editions(
    request: Request, after: After = None, rows: Rows = limits.PAGE_ROWS_DEFAULT
) -> Response:
    """List the editions that are kept, in the order in which they came."""
    page = await hop.read(
        request,
        lambda session, _scope: queries.editions(session, rows=rows, after=after),
    )
    documents = [edition_document(found) for found in page.rows]
    return page_response(request, documents, page.next_after)


@editions.post(
    "",
    status_code=201,
    responses={
        200: {"model": PublishedEdition},
        201: {"model": PublishedEdition},
        **PUBLISH_PROBLEMS,
    },
    openapi_extra=ARCHIVE_BODY,
)
async def publish_edition(request: Request) -> Response:
    """Publish a book, sent as a zip of its files; it is in force at once.

    Where it is in force already nothing changes, and the answer is 200.
    """
    content = await request.body()
    service = hop.service_of(request)

    def check(_session: Session, scope: Scope) -> Packed:
        require_publisher(service, scope)
        return packed_from(content)

    # Reading a book takes a third of a second, which no other writer should wait.
    packed = await hop.read(request, check)

    def work(session: Session, scope: Scope) -> Answer:
        published = actions.publish(session, scope, service.files, packed)
        return _answer(session, service, published)

    return await _published(request, work)


@editions.post(
    "/{edition}/publish",
    status_code=201,
    responses={
        200: {"model": PublishedEdition},
        201: {"model": PublishedEdition},
        **ONE_PROBLEMS,
        **UNREADABLE,
    },
)
async def publish_kept_edition(request: Request, edition: str) -> Response:
    """Let an edition that is kept be in force again, as when going back."""
    service = hop.service_of(request)

    def work(session: Session, scope: Scope) -> Answer:
        require_publisher(service, scope)
        book_of(session, service, queries.edition(session, edition))
        published = actions.publish_kept(session, scope, edition)
        return _answer(session, service, published)

    return await _published(request, work)


def require_publisher(service: Service, scope: Scope) -> None:
    """An edition judges everybody's visits, so not every administrator publishes one."""
    scope.require(Permission.PUBLISH_RULES)
    if not service.settings.lets_publish(scope.organisation_public_id):
        raise NotThePublisher(organisation=scope.organisation_public_id)


@editions.get("/{edition}", responses={200: {"model": EditionDetail}, **ONE_PROBLEMS})
async def read_edition(request: Request, edition: str) -> Response:
    """Read one edition, by its name or its hash, and when it came into force."""
    document = await hop.read(
        request,
        lambda session, _scope: detail_document(
            session, queries.edition(session, edition)
        ),
    )
    return hop.respond(hop.json_answer(200, document))


@editions.get(
    "/{edition}/book.zip",
    responses={200: {"content": {ZIP_TYPE: {}}}, **ONE_PROBLEMS},
)
async def read_archive(request: Request, edition: str) -> Response:
    """Fetch the files of an edition, byte for byte as they are judged by."""
    files = hop.service_of(request).files

    def work(session: Session, _scope: Scope) -> tuple[EditionRecord, bytes]:
        found = queries.edition(session, edition)
        try:
            return found, files.read(found.archive_sha256)
        except FileNotFoundError as error:
            raise EditionUnreadable(edition=found.edition) from error

    found, content = await hop.read(request, work)
    response = stored_response(request, content, ZIP_TYPE, found.archive_sha256)
    name = as_attachment(f"book-{found.edition}.zip")
    response.headers["Content-Disposition"] = name
    return response


@editions.get(
    "/{edition}/diff/{other}",
    responses={200: {"model": ComparisonWire}, **ONE_PROBLEMS, **UNREADABLE},
)
async def compare_editions(request: Request, edition: str, other: str) -> Response:
    """Tell how the other edition differs from the first, to the field."""
    service = hop.service_of(request)

    def work(session: Session, _scope: Scope) -> dict[str, Any]:
        found = [queries.edition(session, name) for name in (edition, other)]
        before, after = (book_of(session, service, one) for one in found)
        return comparison_document(before, after, compare(before, after))

    return hop.respond(hop.json_answer(200, await hop.read(request, work)))


def packed_from(content: bytes) -> Packed:
    """Read and check a book from an archive; only what a book can have is kept of it."""
    files = unpack(content)
    try:
        book = read_files(files)
    except BookRejected as rejected:
        raise BookUnusable(
            errors=[
                {
                    "field": f"{one.file}:{one.line}:{one.column}",
                    "given": None,
                    "remedy": one.remedy,
                    "file": one.file,
                    "line": one.line,
                    "column": one.column,
                    "message": one.message,
                }
                for one in rejected.mistakes
            ]
        ) from rejected
    return Packed(book, pack(book, files))


def book_of(session: Session, service: Service, found: EditionRecord) -> Book:
    book = service.shelf.book(session, found.sha256)
    if book is None:
        raise EditionUnreadable(edition=found.edition)
    return book


def _answer(session: Session, service: Service, published: Published) -> Answer:
    """Answer with the edition in force and with how much it differs, in short."""
    changes = None
    if published.has_changed and published.before is not None:
        before = service.shelf.book(session, published.before.sha256)
        after = book_of(session, service, published.edition)
        changes = None if before is None else _in_short(before, after)
    document = {**detail_document(session, published.edition), "changes": changes}
    location = f"/v1/editions/{published.edition.edition}"
    status = 201 if published.has_changed else 200
    return hop.json_answer(status, document, location=location)


def _in_short(before: Book, after: Book) -> dict[str, Any]:
    comparison = compare(before, after)
    decide = len(comparison.deciding)
    return {
        "before": before.edition,
        "rules_that_decide_otherwise": decide,
        "rules_told_otherwise": len(comparison.rules) - decide,
        "legal_values": len(comparison.values),
    }


async def _published(
    request: Request, work: Callable[[Session, Scope], Answer]
) -> Response:
    """Publish, and let this process judge by the edition from the next request on."""
    response = await hop.write(request, work)
    service = hop.service_of(request)
    await service.read(service.shelf.follow)
    return response
