"""The secret in a device's address is taken out before anything else sees the address.

A device comes by `/d/<secret>/openrosa/…`. From this layer inwards the request is one to
`/openrosa/…`, and the secret stands beside it: no log line, no problem and no link can
hold what the address no longer has. Below `/d/` there is nothing but OpenRosa.
"""

from typing import cast
from urllib.parse import quote

from fastapi import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from api.envelope import OPENROSA

DEVICES = "/d/"
SECRET = "device_secret"  # noqa: S105 - the name it stands under
NOWHERE = "/d/…"


class DeviceAddresses:
    """Take the secret of a device out of the path and put it beside the request."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(DEVICES):
            take_secret_out(scope)
        await self.app(scope, receive, send)


def take_secret_out(scope: Scope) -> None:
    """Make the request one without its secret; outside OpenRosa, to nowhere.

    The request itself is changed, and no copy: what answers a fault stands outside of
    every layer and has the request as it was handed in.
    """
    secret, _, rest = scope["path"].removeprefix(DEVICES).partition("/")
    path = f"/{rest}"
    if not path.startswith(OPENROSA):
        scope.update(path=NOWHERE, raw_path=quote(NOWHERE).encode())
        return
    _, _, raw_rest = _raw_path(scope).removeprefix(DEVICES.encode()).partition(b"/")
    scope.update({"path": path, "raw_path": b"/" + raw_rest, SECRET: secret})


def _raw_path(scope: Scope) -> bytes:
    return cast(bytes, scope.get("raw_path") or quote(scope["path"]).encode())


def secret_of(request: Request) -> str | None:
    """Return the secret of the address a request came by, None where it had none."""
    return cast("str | None", request.scope.get(SECRET))


def device_address(public_url: str, secret: str) -> str:
    """Return the address that a device is set up with."""
    return f"{public_url}{DEVICES}{secret}{OPENROSA}".rstrip("/")
