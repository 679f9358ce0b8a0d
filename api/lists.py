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
    output = io.StringIO()
    writer = csv.writer(output)
    writer.writerow(items[0] if items else ())
    for item in items:
        writer.writerow([_cell(value) for value in item.values()])
    return output.getvalue().encode("utf-8-sig")


def _cell(value: object) -> object:
    """Put an apostrophe before what a spreadsheet would run; a lone "-" survives."""
    if isinstance(value, dict | list | tuple):
        return orjson.dumps(value).decode()
    if isinstance(value, str) and value.startswith(FORMULA_STARTS) and value != "-":
        return "'" + value
    return value
