"""Stored bytes over HTTP: exactly as they are, told apart by ETag, never run inline."""

from urllib.parse import quote

from fastapi import Request
from starlette.responses import Response

CACHED = {"Cache-Control": "private, no-cache"}


def stored_response(
    request: Request, content: bytes, media_type: str, etag: str
) -> Response:
    """Answer with stored bytes, or 304 to one who has them."""
    headers = {"ETag": f'"{etag}"', **CACHED}
    if _has(request, etag):
        return Response(status_code=304, headers=headers)
    return Response(content, headers={**headers, "Content-Type": media_type})


def _has(request: Request, etag: str) -> bool:
    known = request.headers.get("if-none-match", "").split(",")
    return any(one.strip().removeprefix("W/") in {f'"{etag}"', "*"} for one in known)


def as_attachment(name: str) -> str:
    """Return a Content-Disposition that saves a file under its name (RFC 6266)."""
    plain = "".join(
        character if character.isascii() and character.isalnum() else "_"
        for character in name.rpartition(".")[0] or name
    )
    ending = name.rpartition(".")[2] if "." in name else ""
    if ending.isascii() and ending.isalnum():
        plain = f"{plain}.{ending}"
    encoded = quote(name, safe="")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}"
