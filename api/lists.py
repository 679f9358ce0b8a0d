"""Lists: a page as JSON with its `Link`, or the same rows as CSV."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from urllib.parse import urlencode

import orjson
from fastapi import Query, Request
from starlette.responses import Response

from compliance import limits

After = Annotated[
    str | None,
    Query(description="The id after which the page begins; see the Link header."),
]
Rows = Annotated[int, Query(ge=1, le=limits.PAGE_ROWS, description="Rows on a page.")]
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def page_response(
    request: Request, items: Sequence[Mapping[str, Any]], next_after: str | None
) -> Response:
    """Answer with a page of a list, as JSON or, when asked for, as CSV."""
    headers = {}
    following = None
    if next_after is not None:
        query = {**request.query_params, "after": next_after}
        following = f"{request.url.path}?{urlencode(query)}"
        headers["Link"] = f'<{following}>; rel="next"'
    if "text/csv" in request.headers.get("accept", ""):
        return Response(csv_bytes(items), headers=headers, media_type="text/csv")
    body = orjson.dumps({"items": items, "next": following}, default=str)
    return Response(body, headers=headers, media_type="application/json")


def csv_bytes(items: Sequence[Mapping[str, Any]]) -> bytes:
    """Return rows as CSV (RFC 4180) that a spreadsheet reads as text, not formulas."""
    heading = tuple(items[0]) if items else ()
    rows = [tuple(item.values()) for item in items]
    return b"\xef\xbb\xbf" + csv_rows([heading, *rows])


def csv_rows(rows: Sequence[Sequence[object]]) -> bytes:
    """Return rows of cells as `csv_bytes` has them, for a file written piece by piece."""
    output = io.StringIO()
    writer = csv.writer(output)
    for row in rows:
        writer.writerow([_cell(value) for value in row])
    return output.getvalue().encode("utf-8")


def _cell(value: object) -> object:
    """Put an apostrophe before what a spreadsheet would run; a lone "-" survives."""
    if isinstance(value, dict | list | tuple):
        return orjson.dumps(value).decode()
    if isinstance(value, str) and value.startswith(FORMULA_STARTS) and value != "-":
        return "'" + value
    return value
