"""What the benches of the API stand on: two places alike, and the floor beneath them.

The floor is a bare handler that runs the very statements a request ran, with their
values, through the bare driver, and encodes the same answer.
"""

import asyncio
import json
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import psycopg
from fastapi import FastAPI
from sqlalchemy import Engine, event
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message

from api.app import create_app
from api.migrating import migrate
from api.service import book_in_force
from audits.checklists.actions import publish_library
from compliance import trail
from compliance.database import AS_SYSTEM, open_database
from compliance.identity import actions
from compliance.identity.models import OrganisationKind, Role
from compliance.identity.scope import scope_of_system
from compliance.registry.actions import register_site
from compliance.registry.models import IdentifierScheme
from compliance.registry.queries import Identifier
from compliance.settings import Settings
from rules.vocabulary import Commodity, SiteKind
from tests.bench.risky_sites import register_at_risk

SITES = 200
AT_RISK = 5_000
REQUESTS = ("MainThread", "reader", "writer")  # threads; background work has others


@dataclass(frozen=True)
class Asked:
    """One request, as a server hands it over."""

    method: str
    path: str
    query: str = ""
    key: str = ""
    body: bytes = b""

    @property
    def headers(self) -> dict[str, str]:
        return {
            "host": "localhost",
            "authorization": f"Bearer {self.key}",
            "content-type": "application/json",
            "content-length": str(len(self.body)),
        }


Asking = Callable[[], Asked]


@dataclass
class Place:
    """A database with an organisation, its sites and its checklists."""

    url: str
    folder: Path
    key: str = ""
    sites: list[str] = field(default_factory=list)
    at_risk: list[str] = field(default_factory=list)

    @property
    def is_sqlite(self) -> bool:
        return self.url.startswith("sqlite")

    @property
    def settings(self) -> Settings:
        return Settings(
            data=self.folder / "data",
            database_url=self.url,
            requests_per_second=100_000,
            requests_at_once=1_000_000,
        )


@dataclass(frozen=True)
class Errand:
    """What a request was in the end: its statements, and the answer it gave."""

    statements: tuple[tuple[str, Any], ...]
    answer: bytes
    writes: bool


def furnish(place: Place) -> None:
    """Fill a new database."""
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
                identifiers=[Identifier(IdentifierScheme.OWN_NUMBER, f"F-{number:04}")],
            )
            place.sites.append(site.public_id)
        place.at_risk += register_at_risk(session, made.id, AT_RISK)
        publish_library(session, scope, book_in_force().vocabulary)
        trail.seal(session)
    place.key = issued.text
    database.close()


def requests_of(place: Place, who: str) -> dict[str, tuple[Asking, bool]]:
    """Return what is asked for, and whether it writes; `who` keeps writes apart."""
    numbers = iter(range(1_000_000))

    def visit() -> Asked:
        body = {
            "checklist": "farm_visit",
            "instance_id": f"uuid:{who}-{next(numbers)}",
            "site": place.sites[0],
            "observed_on": "2026-11-03",
            "facts": {},
        }
        return Asked(
            "POST", "/v1/submissions", key=place.key, body=json.dumps(body).encode()
        )

    half = AT_RISK // 2
    names = place.at_risk[:half] + [f"R-{number:05}" for number in range(half, AT_RISK)]
    many = json.dumps({"identifiers": names}).encode()
    all_risks = Asked("POST", "/v1/risk/query", key=place.key, body=many)
    one_risk = Asked("GET", f"/v1/sites/{place.at_risk[7]}/risk", key=place.key)
    risks = Asked("GET", "/v1/risk", "rows=50&relation=own", place.key)
    one = Asked("GET", f"/v1/producers/{place.sites[7]}", key=place.key)
    page = Asked("GET", "/v1/producers", "rows=50", place.key)
    return {
        "one_site": (lambda: one, False),
        "list_of_50": (lambda: page, False),
        "submission": (visit, True),
        "one_risk": (lambda: one_risk, False),
        "risks_of_50": (lambda: risks, False),
        "risks_of_5000": (lambda: all_risks, False),
    }


async def ask(app: ASGIApp, asked: Asked) -> tuple[int, bytes]:
    """Send a request, without a socket, and return the status and the answer."""
    told: list[Any] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": asked.body, "more_body": False}

    async def send(message: Message) -> None:
        told.append(message.get("status") or message.get("body", b""))

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
        "headers": [
            (name.encode(), value.encode()) for name, value in asked.headers.items()
        ],
        "server": ("localhost", 80),
        "client": ("localhost", 1),
    }
    await app(scope, receive, send)
    return told[0], b"".join(told[1:])


async def errands(place: Place) -> dict[str, Errand]:
    """Return the statements and answer of each request; the last is not committed."""
    told: dict[str, Errand] = {}
    app = create_app(place.settings)
    async with app.router.lifespan_context(app):
        await asyncio.sleep(2)  # the regular work of a first start
        for name, (asking, writes) in requests_of(place, "errand").items():
            _, answer = await ask(app, asking())
            ran: list[tuple[str, Any]] = []
            with suppress(NotCommitted), statements(ran), refusing_to_commit():
                await ask(app, asking())
            told[name] = Errand(tuple(ran), answer, writes)
    return told


@contextmanager
def statements(ran: list[tuple[str, Any]]) -> Iterator[None]:
    """Note every statement that is run, as the driver gets it."""

    def note(  # the event's own shape
        _connection: Any, _cursor: Any, statement: str, values: Any, *_rest: Any
    ) -> None:
        if threading.current_thread().name.startswith(REQUESTS):
            ran.append((statement, kept(values)))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def kept(values: Any) -> Any:
    """Return values of a statement as they can be handed to another process."""
    if isinstance(values, list | tuple):
        return type(values)(kept(value) for value in values)
    if isinstance(values, Mapping):
        return {name: kept(value) for name, value in values.items()}
    return bytes(values) if isinstance(values, memoryview) else values


class NotCommitted(Exception):
    """Only the statements were wanted."""


@contextmanager
def refusing_to_commit() -> Iterator[None]:
    """Let a write be undone, so that its statements can be run again."""

    def refuse(connection: Any) -> None:
        if connection.get_execution_options().get("reads"):
            return
        # SQLAlchemy takes a commit that failed for the end of the transaction.
        connection.connection.dbapi_connection.rollback()
        raise NotCommitted

    event.listen(Engine, "commit", refuse)
    try:
        yield
    finally:
        event.remove(Engine, "commit", refuse)


def floor(place: Place, errand: Errand, framework: str) -> ASGIApp:
    """Return a bare handler that does the errand; a write is undone, not committed."""
    connection: Any = (
        sqlite3.connect(place.url.removeprefix("sqlite:///"), isolation_level=None)
        if place.is_sqlite
        else psycopg.connect(place.url, autocommit=True)
    )
    document = orjson.loads(errand.answer)
    begin = _begin(place, errand)

    async def answer(request: Request) -> Response:
        body = await request.body()
        if body:
            orjson.loads(body)
        connection.execute(begin)
        for statement, values in errand.statements:
            cursor = connection.cursor()
            if isinstance(values, list):
                cursor.executemany(statement, values)
            else:
                cursor.execute(statement, values)
                _ = cursor.fetchall() if cursor.description else None
        connection.execute("ROLLBACK" if errand.writes else "COMMIT")
        return Response(orjson.dumps(document), media_type="application/json")

    path, methods = "/{rest:path}", ["GET", "POST"]
    if framework == "starlette":
        return Starlette(routes=[Route(path, answer, methods=methods)])
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.add_api_route(path, answer, methods=methods)
    return app


def _begin(place: Place, errand: Errand) -> str:
    if place.is_sqlite:
        return "BEGIN IMMEDIATE" if errand.writes else "BEGIN"
    says_so = any("'app.system', 'yes'" in one for one, _ in errand.statements)
    begin = "BEGIN" if errand.writes else "BEGIN READ ONLY"
    return begin if says_so else begin + AS_SYSTEM
