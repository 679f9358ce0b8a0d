"""No text here holds a NUL, and PostgreSQL takes none: addresses with one are refused."""

from urllib.parse import unquote_to_bytes

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from api.problems import AddressNotFound, problem_response
from compliance.problems import Kind, Problem
from compliance.texts import N_

NUL = b"\0"


class NulInQuery(Problem):
    kind = Kind.INVALID
    title = N_("The address holds a character that no text here has")
    detail = N_("What follows the question mark holds a NUL (%00). Leave it out.")


class AddressesWithoutNul:
    """Answer that nothing has such a path, and that such a query is of no use."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        problem = problem_of(scope) if scope["type"] == "http" else None
        if problem is None:
            await self.app(scope, receive, send)
            return
        await problem_response(Request(scope), problem)(scope, receive, send)


def problem_of(scope: Scope) -> Problem | None:
    """Return what is wrong with an address that holds a NUL, however it is written."""
    if "\0" in scope["path"]:
        return AddressNotFound(path=scope["path"].replace("\0", "%00"))
    query: bytes = scope["query_string"]
    if b"%00" in query and NUL in unquote_to_bytes(query):
        return NulInQuery()
    return None
