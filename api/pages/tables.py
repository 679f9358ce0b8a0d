"""Lists on pages: the same rows as a spreadsheet, and the address of what follows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.lists import csv_bytes
from compliance import limits
from compliance.database import Page
from compliance.identity.scope import Scope
from compliance.problems import Kind, Problem
from compliance.texts import N_

Row = TypeVar("Row")
Code = TypeVar("Code", bound=StrEnum)
# How a page of a list is read: how many rows, and after which of them it begins.
PageOf = Callable[[Session, Scope, int, str | None], Page[Row]]


class FilterUnknown(Problem):
    kind = Kind.INVALID
    title = N_("The list cannot be narrowed like this")
    detail = N_("'{filter}' is '{given}'. It can be: {choices}.")


def wants_csv(request: Request) -> bool:
    """Tell whether the list of a page is asked for as a spreadsheet."""
    return request.query_params.get("format") == "csv"


def csv_response(rows: Sequence[Mapping[str, Any]], name: str) -> Response:
    """Return rows as a file that a spreadsheet opens; `name` is of ASCII letters."""
    return Response(
        csv_bytes(rows),
        media_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name}.csv"',
            "Cache-Control": "private, no-store",
        },
    )


def every_row(
    page_after: Callable[[str | None], Page[Row]], most: int = limits.SHEET_ROWS
) -> list[Row]:
    """Return the rows of all pages of a list, at most `most` of them."""
    found: list[Row] = []
    after: str | None = None
    while len(found) < most:
        page = page_after(after)
        found.extend(page.rows)
        after = page.next_after
        if after is None:
            break
    return found[:most]


@dataclass(frozen=True)
class Listed(Generic[Row]):
    """What one reader was shown of a list: a page of it, or all for a spreadsheet."""

    scope: Scope
    rows: tuple[Row, ...]
    next_after: str | None


def listed(
    request: Request,
    session: Session,
    scope: Scope,
    page_of: PageOf[Row],
    *,
    rows: int | None = None,
) -> Listed[Row]:
    """Return the page of a list that is asked for, or all of it for a spreadsheet.

    A page has `rows` rows; limits.PAGE_ROWS_DEFAULT of them where that is not given.
    """
    if wants_csv(request):
        every = every_row(
            lambda place: page_of(session, scope, limits.PAGE_ROWS, place)
        )
        return Listed(scope, tuple(every), None)
    after = words_chosen(request, "after")
    found = page_of(session, scope, rows or limits.PAGE_ROWS_DEFAULT, after)
    return Listed(scope, tuple(found.rows), found.next_after)


async def read_list(
    request: Request, page_of: PageOf[Row], *, rows: int | None = None
) -> Listed[Row]:
    """Return what `listed` does, read in a transaction of its own."""
    return await hop.read(
        request,
        lambda session, scope: listed(request, session, scope, page_of, rows=rows),
    )


def pager(request: Request, next_after: str | None) -> dict[str, Any]:
    """Return where a page of a list leads: on to the next one, back to the first.

    They are values of the template, for `page(…, **pager(request, seen.next_after))`.
    """
    is_first = words_chosen(request, "after") is None
    return {
        "next_page": address_with(request, after=next_after) if next_after else None,
        "first_page": None if is_first else address_with(request),
    }


def address_with(request: Request, **changed: str | None) -> str:
    """Return this page's address with some of its choices changed; None leaves one out.

    The place in the list is left out unless it is given: another choice, another list.
    """
    chosen = {**request.query_params, "after": None, "done": None, **changed}
    query = urlencode({name: value for name, value in chosen.items() if value})
    return f"{request.url.path}?{query}" if query else request.url.path


def chosen(request: Request, name: str, among: type[Code]) -> Code | None:
    """Return the code that a filter was set to; None where it was left open.

    Raise FilterUnknown for anything that is no choice of the filter.
    """
    text = request.query_params.get(name, "").strip()
    if not text:
        return None
    try:
        return among(text)
    except ValueError as error:
        raise FilterUnknown(
            filter=name, given=text[:40], choices=", ".join(among)
        ) from error


class Only(StrEnum):
    """A filter that is on or off."""

    YES = "yes"


def is_on(request: Request, name: str) -> bool:
    """Tell whether a filter is on; raise FilterUnknown for anything but yes."""
    return chosen(request, name, Only) is not None


def words_chosen(request: Request, name: str) -> str | None:
    """Return what was written into a filter; None where it was left empty."""
    return request.query_params.get(name, "").strip() or None


def day_chosen(request: Request, name: str) -> date | None:
    """Return the day that a filter was set to; None where it was left empty.

    Raise FilterUnknown for what is no day.
    """
    text = words_chosen(request, name)
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise FilterUnknown(
            filter=name, given=text[:40], choices="2026-11-22"
        ) from error
