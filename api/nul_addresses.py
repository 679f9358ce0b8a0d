"""An address with a NUL in it names nothing, and PostgreSQL takes none in a text."""

from urllib.parse import unquote_to_bytes

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from api.problems import AddressNotFound, problem_response

NUL = b"\0"


class AddressesWithoutNul:
    """Answer what asks for a NUL, in its path or its query, that nothing is there."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and has_nul(scope):
            path = scope["path"].replace("\0", "%00")
            await problem_response(Request(scope), AddressNotFound(path=path))(
                scope, receive, send
            )
            return
        await self.app(scope, receive, send)


def has_nul(scope: Scope) -> bool:
    """Tell whether the path or the query holds a NUL, however it is written."""
    if "\0" in scope["path"]:
        return True
    query: bytes = scope["query_string"]
    return b"%00" in query and NUL in unquote_to_bytes(query)
