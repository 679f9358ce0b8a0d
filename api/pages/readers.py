"""Who reads a page that anybody may open: a person who is signed in, or nobody known."""

from fastapi import Request

from api import hop
from compliance.identity.scope import NotSignedIn, Scope


async def reader_of(request: Request) -> Scope | None:
    """Return the reader's Scope, or None: a public page refuses nobody."""
    if hop.cookie_name(request) not in request.cookies:
        return None
    try:
        return await hop.read(request, lambda _session, scope: scope)
    except (NotSignedIn, hop.ForeignForm):
        return None


def local_path(wanted: str) -> str:
    """Return where to go after signing in; only an address of ours will do."""
    is_ours = wanted.startswith("/") and not wanted.startswith(("//", "/sign-"))
    is_plain = wanted.isprintable() and "\\" not in wanted
    return wanted if is_ours and is_plain else "/"
