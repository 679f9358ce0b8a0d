"""The public lists an organisation keeps: their editions, their entries, how old they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from pydantic import TypeAdapter, ValidationError
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.pages.forms import FieldWrong, Form, form_of, go_to, sent
from api.pages.options import codes_told
from api.pages.rendering import language_of, page
from api.pages.tables import (
    Listed,
    chosen,
    csv_response,
    listed,
    pager,
    read_list,
    wants_csv,
    words_chosen,
)
from api.public_lists_wire import (
    Code,
    edition_document,
    entry_document,
    list_document,
)
from api.routing import feature_router
from api.wire import Name
from compliance import clock, limits
from compliance.database import Page
from compliance.idempotency import Answer
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.public_lists import actions, comparing, queries
from compliance.public_lists.comparing import Difference
from compliance.public_lists.models import Category
from compliance.public_lists.queries import EditionRecord, EntryRecord, ListRecord
from compliance.public_lists.reading import DayOrder, Names
from compliance.texts import N_, translate

OLD_DAYS = 180
LISTS = "/list-matches/lists"
NOTES = {
    "added": N_("The list is added. Import its first edition below."),
    "imported": N_(
        "The edition is imported. Your register is being compared with it; matches "
        "appear under “Matches”."
    ),
    "same": N_("These very bytes are this edition already. Nothing changed."),
}
BAD_CODE = N_(
    "Write small letters, digits and underscores, beginning with a letter, such as "
    "import_bans."
)
BAD_NAME = N_("Write a name of at most 200 characters.")

list_keeping = feature_router(LISTS, "pages")


@dataclass(frozen=True)
class SeenList:
    """A list, its editions, and how old the one in force is."""

    record: ListRecord
    found: Listed[EditionRecord]

    @property
    def editions(self) -> Sequence[EditionRecord]:
        return self.found.rows

    @property
    def age_days(self) -> int | None:
        made_on = self.record.edition_on
        return None if made_on is None else (clock.today() - made_on).days


@dataclass(frozen=True)
class SeenListEdition:
    """An edition with its entries, and what it changed, which no spreadsheet needs."""

    record: ListRecord
    edition: EditionRecord
    found: Listed[EntryRecord]
    difference: Difference | None

    @property
    def entries(self) -> Sequence[EntryRecord]:
        return self.found.rows


@list_keeping.get("", include_in_schema=False)
async def show_lists(request: Request) -> Response:
    """Show the lists that are kept, and a form to add one."""
    return await _lists_page(request, Form())


async def _lists_page(request: Request, form: Form) -> Response:
    category = chosen(request, "category", Category)
    seen = await read_list(
        request,
        lambda session, scope, rows, after: queries.public_lists(
            session, scope, rows=rows, after=after, category=category
        ),
    )
    if wants_csv(request):
        return csv_response([list_document(one) for one in seen.rows], "public-lists")
    return page(
        request,
        "public_lists.html",
        scope=seen.scope,
        status=form.status,
        seen=seen,
        form=form,
        category=category,
        categories=codes_told(Category, language_of(request, seen.scope)),
        today=clock.today(),
        old_days=OLD_DAYS,
        may_keep=seen.scope.may(Permission.KEEP_LISTS),
        **pager(request, seen.next_after),
    )


@list_keeping.post("", include_in_schema=False)
async def add(request: Request) -> Response:
    """Add a list that the organisation goes by from now on."""
    form = await form_of(request)

    def work(session: Session, scope: Scope) -> Answer:
        scope.require(Permission.KEEP_LISTS)
        made = actions.add_list(
            session,
            scope,
            code=_valid(form, "code", Code, BAD_CODE),
            category=form.choice("category", Category),
            name=_valid(form, "name", Name, BAD_NAME),
            publisher=_valid(form, "publisher", Name, BAD_NAME),
        )
        return go_to(f"{LISTS}/{made.public_id}", done="added")

    return await sent(request, form, work, lambda told: _lists_page(request, told))


def _valid(form: Form, name: str, kind: Any, why: str) -> str:
    """Return a field as the interface takes it; raise FieldWrong where it does not."""
    try:
        return str(TypeAdapter(kind).validate_python(form.required(name)))
    except ValidationError as error:
        raise FieldWrong(name, why) from error


@list_keeping.get("/{public_list}", include_in_schema=False)
async def show_list(request: Request, public_list: str) -> Response:
    """Show a list, its editions, and a form to import one."""
    return await list_page(request, public_list, Form())


async def list_page(
    request: Request,
    public_list: str,
    form: Form,
    *,
    report: Mapping[str, Any] | None = None,
) -> Response:
    """Return the page of a list; `report` tells what a file would make of it."""

    def page_of(
        session: Session, scope: Scope, rows: int, after: str | None
    ) -> Page[EditionRecord]:
        return queries.editions(session, scope, public_list, rows=rows, after=after)

    def work(session: Session, scope: Scope) -> SeenList:
        record = queries.public_list(session, scope, public_list)
        return SeenList(record, listed(request, session, scope, page_of))

    seen = await hop.read(request, work)
    if wants_csv(request):
        rows = [edition_document(one) for one in seen.editions]
        return csv_response(rows, "list-editions")
    scope = seen.found.scope
    language = language_of(request, scope)
    note = NOTES.get(request.query_params.get("done", ""))
    return page(
        request,
        "public_list.html",
        scope=scope,
        status=form.status,
        seen=seen,
        record=seen.record,
        form=form,
        report=report,
        old_days=OLD_DAYS,
        names=codes_told(Names, language),
        orders=codes_told(DayOrder, language),
        megabytes=limits.PUBLIC_LIST_BYTES // limits.MEGABYTE,
        may_keep=scope.may(Permission.KEEP_LISTS),
        done_note=translate(note, language) if note else None,
        **pager(request, seen.found.next_after),
    )


@list_keeping.get("/{public_list}/editions/{list_edition}", include_in_schema=False)
async def show_edition(
    request: Request, public_list: str, list_edition: str
) -> Response:
    """Show the entries of an edition, and what it changed against the one before."""
    country = words_chosen(request, "country")

    def work(session: Session, scope: Scope) -> SeenListEdition:
        edition = queries.edition(session, scope, public_list, list_edition)

        def page_of(
            session: Session, scope: Scope, rows: int, after: str | None
        ) -> Page[EntryRecord]:
            return queries.entries(
                session, scope, edition, rows=rows, after=after, country=country
            )

        return SeenListEdition(
            record=queries.public_list(session, scope, public_list),
            edition=edition,
            found=listed(request, session, scope, page_of),
            difference=None
            if wants_csv(request)
            else comparing.difference(session, scope, public_list, list_edition, None),
        )

    seen = await hop.read(request, work)
    if wants_csv(request):
        return csv_response(
            [entry_document(one) for one in seen.entries], "list-entries"
        )
    return page(
        request,
        "list_edition.html",
        scope=seen.found.scope,
        seen=seen,
        country=country,
        **pager(request, seen.found.next_after),
    )
