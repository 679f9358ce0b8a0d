"""CPU of a request against the bare driver under bare Starlette, on both databases.

Run by hand: `./run bench api`. The floor runs the very statements that the request ran,
with their values, through the bare driver, inline in a Starlette handler; a write is
undone instead of committed. Besides: finding a route among 150, and all layers around a
route, against one bare route. No socket: the application is called as a server does.
"""

import argparse
import asyncio
import json
import os
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import psycopg
from fastapi import APIRouter, FastAPI
from sqlalchemy import Engine, event
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message

from api.app import create_app
from api.finding_routes import find_by_path
from api.migrating import migrate
from api.service import book_in_force
from audits.checklists.actions import publish_library
from compliance import trail
from compliance.database import open_database
from compliance.identity import actions
from compliance.identity.models import OrganisationKind, Role
from compliance.identity.scope import scope_of_system
from compliance.registry.actions import register_site
from compliance.settings import Settings
from rules.vocabulary import Commodity, SiteKind
from tests import postgres

DURABLE = {"fsync": "on", "full_page_writes": "on"}
SITES = 200
ROUTES = 150

Ran = list[tuple[str, Any]]
Told = dict[str, dict[str, float]]
Asking = Callable[[], "Asked"]


@dataclass(frozen=True)
class Asked:
    """One request, as a server hands it over."""

    method: str
    path: str
    query: str = ""
    key: str = ""
    body: bytes = b""


@dataclass
class Place:
    """A database with an organisation, its sites and its checklists."""

    url: str
    folder: Path
    key: str = ""
    sites: list[str] = field(default_factory=list)

    @property
    def is_sqlite(self) -> bool:
        return self.url.startswith("sqlite")


async def ask(app: ASGIApp, asked: Asked) -> int:
    """Send a request and return the status; bodies of the answer are let go."""
    statuses = []

    async def receive() -> Message:
        return {"type": "http.request", "body": asked.body, "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    headers = [
        (b"host", b"localhost"),
        (b"authorization", f"Bearer {asked.key}".encode()),
        (b"content-type", b"application/json"),
        (b"content-length", str(len(asked.body)).encode()),
    ]
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": asked.method,
        "scheme": "http",
        "path": asked.path,
        "raw_path": asked.path.encode(),
        "query_string": asked.query.encode(),
        "root_path": "",
        "headers": headers,
        "server": ("localhost", 80),
        "client": ("localhost", 1),
    }
    await app(scope, receive, send)
    return int(statuses[0])


async def microseconds(app: ASGIApp, asking: Asking, count: int) -> float:
    """Return the CPU of a request in this process, all its threads included."""
    requests = [asking() for _ in range(count)]
    before = time.process_time()
    statuses = [await ask(app, asked) for asked in requests]
    spent = time.process_time() - before
    if max(statuses) >= 300:
        raise RuntimeError(f"answered {max(statuses)}: {requests[0].path}")
    return 1e6 * spent / count


async def against(
    app: ASGIApp, floor: ASGIApp, asking: Asking, rounds: int, count: int
) -> dict[str, float]:
    """Return the medians of interleaved rounds, and their ratio."""
    ours, bare = [], []
    await microseconds(app, asking, 5)
    await microseconds(floor, asking, 5)
    for _ in range(rounds):
        bare.append(await microseconds(floor, asking, count))
        ours.append(await microseconds(app, asking, count))
    low, high = statistics.median(bare), statistics.median(ours)
    return {"floor": round(low), "ours": round(high), "ratio": round(high / low, 2)}


@contextmanager
def statements(ran: Ran) -> Iterator[None]:
    """Note every statement that is run, as the driver gets it."""

    def note(  # the event's own shape
        _connection: Any, _cursor: Any, statement: str, values: Any, *_rest: Any
    ) -> None:
        ran.append((statement, values))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def bare_app(place: Place, ran: Ran, *, writes: bool) -> ASGIApp:
    """Return a handler that runs these statements through the bare driver."""
    work = [one for one in ran if not one[0].startswith(("BEGIN", "PRAGMA"))]
    begin = "BEGIN IMMEDIATE" if place.is_sqlite and writes else "BEGIN"
    connection: Any = (
        sqlite3.connect(place.url.removeprefix("sqlite:///"), isolation_level=None)
        if place.is_sqlite
        else psycopg.connect(place.url, autocommit=True)
    )

    async def answer(request: Request) -> Response:
        body = await request.body()
        told = json.loads(body) if body else None
        connection.execute(begin)
        rows: list[Any] = []
        for statement, values in work:
            cursor = connection.cursor()
            if isinstance(values, list):
                cursor.executemany(statement, values)
            else:
                cursor.execute(statement, values)
                rows = cursor.fetchall() if cursor.description else rows
        connection.execute("ROLLBACK")
        return Response(json.dumps(rows or told, default=str))

    return Starlette(routes=[Route("/{rest:path}", answer, methods=["GET", "POST"])])


def furnish(place: Place) -> None:
    database = open_database(
        place.url.replace("postgresql://", "postgresql+psycopg://"), is_system=True
    )
    migrate(database)
    with database.writing() as session:
        made = actions.found_organisation(
            session, kind=OrganisationKind.EXPORTER, name="Puerto Sereno", country="CO"
        )
        issued = actions.issue_key(
            session, organisation_id=made.id, role=Role.ADMINISTRATOR, label="bench"
        )
        scope = scope_of_system(session, made.id)
        for number in range(SITES):
            site = register_site(
                session,
                scope,
                kind=SiteKind.PRODUCER,
                name=f"Finca {number}",
                country="CO",
                commodity=Commodity.COFFEE,
            )
            place.sites.append(site.public_id)
        publish_library(session, scope, book_in_force().vocabulary)
        trail.seal(session)
    place.key = issued.text
    database.close()


def requests_of(place: Place) -> dict[str, tuple[Asking, bool]]:
    """Return what is asked for, and whether it writes."""
    numbers = iter(range(1_000_000))

    def visit() -> Asked:
        body = {
            "checklist": "farm_visit",
            "instance_id": f"uuid:bench-{next(numbers)}",
            "site": place.sites[0],
            "observed_on": "2026-11-03",
            "facts": {},
        }
        return Asked(
            "POST", "/v1/submissions", key=place.key, body=json.dumps(body).encode()
        )

    one = Asked("GET", f"/v1/producers/{place.sites[7]}", key=place.key)
    page = Asked("GET", "/v1/producers", "rows=50", place.key)
    return {
        "one_site": (lambda: one, False),
        "list_of_50": (lambda: page, False),
        "submission": (visit, True),
    }


async def captured(place: Place) -> dict[str, Ran]:
    """Return the statements of each request; nothing of it is committed."""
    told: dict[str, Ran] = {}
    app = create_app(Settings(data=place.folder / "data", database_url=place.url))
    async with app.router.lifespan_context(app):
        await asyncio.sleep(2)  # the regular work of a first start
        for name, (asking, writes) in requests_of(place).items():
            await ask(app, asking() if not writes else replace(asking(), method="GET"))
            ran: Ran = []
            with suppress(NotCommitted), statements(ran), refusing_to_commit():
                await ask(app, asking())
            told[name] = ran
    return told


class NotCommitted(Exception):
    """Only the statements were wanted."""


@contextmanager
def refusing_to_commit() -> Iterator[None]:
    """Let a write be undone, so that its statements can be run again."""

    def refuse(_connection: Any) -> None:
        raise NotCommitted

    event.listen(Engine, "commit", refuse)
    try:
        yield
    finally:
        event.remove(Engine, "commit", refuse)


async def on_database(place: Place, floor: Place, rounds: int, count: int) -> Told:
    for one in (place, floor):
        furnish(one)
    ran = await captured(floor)
    told: Told = {}
    app = create_app(Settings(data=place.folder / "data", database_url=place.url))
    async with app.router.lifespan_context(app):
        await asyncio.sleep(2)
        for name, (asking, writes) in requests_of(place).items():
            bare = bare_app(floor, ran[name], writes=writes)
            few = max(20, count // 10) if writes else count
            told[name] = await against(app, bare, asking, rounds, few)
            told[name]["statements"] = len(ran[name])
    return told


def one_of(routes: int) -> FastAPI:
    """Return an application with so many routes, in a product's shape."""
    app = FastAPI(
        openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False
    )
    router = APIRouter()

    async def answer(one: str) -> Response:
        return Response(one)

    for number in range(routes):
        path = f"/v1/things{number // 5}/{{one}}/part{number % 5}"
        router.add_api_route(path, answer, methods=["GET"])
    app.router.routes.extend(router.routes)
    return app


async def around_a_route(rounds: int, count: int) -> Told:
    """Return what finding a route costs, and what all layers around one do."""
    first, last = (
        Asked("GET", "/v1/things0/a/part0"),
        Asked("GET", f"/v1/things{ROUTES // 5 - 1}/a/part4"),
    )
    single, flat, tree = one_of(1), one_of(ROUTES), one_of(ROUTES)
    find_by_path(tree.router)
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder), database_url=f"sqlite:///{folder}/a")
        whole = create_app(settings)
        return {
            "150_routes_as_fastapi": await two(
                flat, last, single, first, rounds, count
            ),
            "150_routes_here": await two(tree, last, single, first, rounds, count),
            "all_layers": await two(
                whole, Asked("GET", "/livez"), single, first, rounds, count
            ),
        }


async def two(
    app: ASGIApp,
    asked: Asked,
    floor: ASGIApp,
    floor_asked: Asked,
    rounds: int,
    count: int,
) -> dict[str, float]:
    async def floor_app(scope: Any, receive: Any, send: Any) -> None:
        path = floor_asked.path
        await floor({**scope, "path": path, "raw_path": path.encode()}, receive, send)

    return await against(app, floor_app, lambda: asked, rounds, count)


async def measured(rounds: int, count: int) -> dict[str, Told]:
    told = {"around_a_route": await around_a_route(rounds, count)}
    with tempfile.TemporaryDirectory() as folder:
        place, floor = (
            Place(f"sqlite:///{folder}/{name}.sqlite", Path(folder) / name)
            for name in ("ours", "floor")
        )
        told["sqlite"] = await on_database(place, floor, rounds, count)
    if postgres.binaries() is None:
        return told
    with (
        tempfile.TemporaryDirectory() as folder,
        postgres.cluster(Path(folder), DURABLE) as cluster,
    ):
        with psycopg.connect(cluster.database("postgres"), autocommit=True) as admin:
            admin.execute("CREATE DATABASE a")
            admin.execute("CREATE DATABASE b")
        place, floor = (
            Place(cluster.database(name), Path(folder) / name) for name in "ab"
        )
        told["postgresql"] = await on_database(place, floor, rounds, count)
    return told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=300)
    given = parser.parse_args()
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):
        told = asyncio.run(measured(given.rounds, given.requests))
    sys.stdout.write(json.dumps(told, indent=2) + "\n")


if __name__ == "__main__":
    main()
