"""Requests spoken to the application itself: thousands of them, and no socket."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from fastapi import FastAPI
from starlette.types import Message


@dataclass(frozen=True)
class Request:
    """What is asked: a body that is not bytes travels as JSON."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: object = None


@dataclass(frozen=True)
class Answer:
    status: int
    text: str


async def hear(app: FastAPI, requests: Sequence[Request]) -> list[Answer]:
    """Return the answers of the application to requests, one after the other."""
    return [await _answer(app, one) for one in requests]


async def _answer(app: FastAPI, request: Request) -> Answer:
    headers = {name.lower(): value for name, value in request.headers.items()}
    content = request.body if isinstance(request.body, bytes) else b""
    if request.body is not None and not isinstance(request.body, bytes):
        content = json.dumps(request.body).encode()
        headers.setdefault("content-type", "application/json")
    address = urlsplit(request.path)
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "scheme": "http",
        "method": request.method,
        "path": address.path,
        "raw_path": address.path.encode(),
        "query_string": address.query.encode(),
        "root_path": "",
        "headers": [
            (name.encode(), value.encode())
            for name, value in {"host": "testserver", **headers}.items()
        ],
        "client": ("127.0.0.1", 1),
        "server": ("testserver", 80),
    }
    # Whoever asks hangs up at once, so that a stream of events ends.
    coming = iter([{"type": "http.request", "body": content}])
    heard: list[Message] = []

    async def receive() -> Message:
        return next(coming, {"type": "http.disconnect"})

    async def send(message: Message) -> None:
        heard.append(message)

    await app(scope, receive, send)
    body = b"".join(message.get("body", b"") for message in heard)
    return Answer(heard[0]["status"], body.decode("utf-8", "replace"))
