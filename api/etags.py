"""Changing only what is still as it was read: `ETag` on it, `If-Match` with the change."""

from collections.abc import Mapping
from hashlib import sha256

import orjson
from fastapi import Request

from compliance.problems import Kind, Problem
from compliance.texts import N_

CHARACTERS = 32


class ChangedMeanwhile(Problem):
    """Somebody else changed it between the reading and the change."""

    kind = Kind.STALE
    title = N_("It was changed meanwhile")
    detail = N_(
        "Nothing was changed now: 'If-Match' names a state that is no longer the "
        "current one, {etag}. Read it again and decide anew."
    )


def etag_of(document: Mapping[str, object]) -> str:
    """Return what tells this state of a thing from every other."""
    content = orjson.dumps(document, default=str, option=orjson.OPT_SORT_KEYS)
    return f'"{sha256(content).hexdigest()[:CHARACTERS]}"'


def require_unchanged(request: Request, document: Mapping[str, object]) -> None:
    """Go on where the caller names no state, or the one the thing is still in."""
    named = request.headers.get("if-match")
    if named is None:
        return
    etag = etag_of(document)
    if not {one.strip() for one in named.split(",")} & {etag, "*"}:
        raise ChangedMeanwhile(etag=etag)
