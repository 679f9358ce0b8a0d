"""Streams of server-sent events: a bounded number, no thread held, closed on leaving."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send
from typing_extensions import override

from compliance import limits
from compliance.problems import Kind, Problem
from compliance.texts import N_

EVENT_STREAM = "text/event-stream"
LOOK_SECONDS = 0.25
HEARTBEAT_SECONDS = 15.0
HEARTBEAT = b": still there\n\n"


class TooManyStreams(Problem):
    kind = Kind.TOO_MANY
    title = N_("Too many are watching at this moment")
    detail = N_(
        "This process keeps at most {limit} streams open. Try again later, or read the "
        "thing itself from time to time."
    )


@dataclass
class Streams:
    """The streams this process keeps open; one that leaves closes them all."""

    most: int = limits.STREAMS
    count: int = 0
    is_leaving: bool = False

    @contextmanager
    def one(self) -> Iterator[None]:
        if self.count >= self.most:
            raise TooManyStreams(limit=self.most)
        self.count += 1
        try:
            yield
        finally:
            self.count -= 1


@dataclass(frozen=True)
class Seen:
    """What a look at the watched thing told: its document, and whether it is over."""

    document: Mapping[str, Any]
    is_over: bool


class EventStream(StreamingResponse):
    """Answer with what changes: looks every so often, until it is over or long enough."""

    media_type = EVENT_STREAM

    def __init__(
        self, streams: Streams, first: Seen, look: Callable[[], Awaitable[Seen]]
    ) -> None:
        super().__init__(
            _events(streams, first, look),
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )
        self.streams = streams

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self.streams.one():
            if scope.get("asked_as") == "HEAD":
                self.body_iterator = _nothing()
            await super().__call__(scope, receive, send)


async def _nothing() -> AsyncIterator[bytes]:
    none: tuple[bytes, ...] = ()
    for chunk in none:
        yield chunk


async def _events(
    streams: Streams, first: Seen, look: Callable[[], Awaitable[Seen]]
) -> AsyncIterator[bytes]:
    seen, told_at = first, time.monotonic()
    yield event(seen)
    until = told_at + limits.STREAM_SECONDS
    while not seen.is_over and not streams.is_leaving and told_at < until:
        await asyncio.sleep(LOOK_SECONDS)
        before, now = seen, time.monotonic()
        try:
            seen = await look()
        except (Problem, SQLAlchemyError):
            return  # the status is sent; who asks again is told what is the matter
        if seen != before:
            told_at = now
            yield event(seen)
        elif now - told_at >= HEARTBEAT_SECONDS:
            told_at = now
            yield HEARTBEAT


def event(seen: Seen) -> bytes:
    """Return one event: 'progress', or 'end' when there will be no more."""
    name = b"end" if seen.is_over else b"progress"
    return b"event: %s\ndata: %s\n\n" % (name, orjson.dumps(seen.document))
