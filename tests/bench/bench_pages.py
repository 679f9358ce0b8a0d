"""What the pages of a portfolio of 100,000 suppliers take on PostgreSQL.

Run by hand: `./run bench pages`. Each page is asked for as a server asks for it, without
a socket: the time is that of the whole answer, whoever asks, the template and its
packing included. Beside it stands the time of the same statements through the bare
driver, and what the page is to it. The aim is 300 ms.

`--line` opens the page in Chromium besides: on a slow line (400 kbit/s, 400 ms there and
back, as DevTools calls Slow 3G, and 2,000 ms) and a processor six times slower, and
prints when something is first seen.
"""

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from starlette.types import ASGIApp

from api.app import create_app
from api.migrating import migrate
from compliance import trail
from compliance.database import AS_SYSTEM, open_database
from compliance.identity import actions
from compliance.identity.models import OrganisationKind, Role
from tests import postgres
from tests.bench.bare_driver import Asked, Place, ask, statements
from tests.bench.many_suppliers import register_many

AIM = 300  # milliseconds
SUPPLIERS = 100_000
SETTINGS = {"fsync": "on", "full_page_writes": "on", "shared_buffers": "256MB"}
PAGES: Mapping[str, str] = {
    "list": "/portfolio",
    "list by name": "/portfolio?sort=name",
    "list by last visit": "/portfolio?sort=last_visit",
    "level": "/portfolio?level=high",
    "confidence": "/portfolio?confidence=none",
    "kind": "/portfolio?kind=mill",
    "country": "/portfolio?country=EC",
    "department": "/portfolio?admin1=Huila",
    "municipality": "/portfolio?municipality=" + quote("Municipio 7"),
    "commodity": "/portfolio?commodity=palm_oil",
    "relation": "/portfolio?relation=own",
    "shown to us": "/portfolio?relation=shared:risk",
    "open severity": "/portfolio?has_open=zero_tolerance",
    "visited before": "/portfolio?visited_before=2024-09-01",
    "name, many": "/portfolio?name=penon",
    "name, one": "/portfolio?name=" + quote("Peñón Claro 77123"),
    "name, none": "/portfolio?name=inexistente",
    "map, all": "/portfolio/points.geojson?zoom=5",
    "map, near": "/portfolio/points.geojson?zoom=9&bbox=-76.5,1,-75.5,2",
    "map, filtered": "/portfolio/points.geojson?zoom=6&level=high&country=CO",
}
Told = dict[str, Any]


def asked(path: str, key: str) -> Asked:
    path, _, query = path.partition("?")
    return Asked("GET", path, query, key)


async def milliseconds(app: ASGIApp, request: Asked, rounds: int) -> float:
    """Return the median time of an answer."""
    spent = []
    for _ in range(rounds + 2):
        before = time.perf_counter()
        status, _ = await ask(app, request)
        spent.append(time.perf_counter() - before)
        if status != 200:
            raise RuntimeError(f"answered {status}: {request.path}?{request.query}")
    return 1_000 * statistics.median(spent[2:])


def bare(url: str, ran: list[tuple[str, Any]], rounds: int) -> float:
    """Return the median time of the same statements through the driver alone."""
    spent = []
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET jit = off")  # as the product has it
        for _ in range(rounds + 2):
            before = time.perf_counter()
            connection.execute("BEGIN READ ONLY" + AS_SYSTEM)
            for statement, values in ran:
                cursor = connection.execute(statement, values, prepare=True)
                _ = cursor.fetchall() if cursor.description else None
            connection.execute("COMMIT")
            spent.append(time.perf_counter() - before)
    return 1_000 * statistics.median(spent[2:])


async def measured(place: Place, rounds: int, only: list[str]) -> Told:
    told: Told = {}
    app = create_app(place.settings)
    async with app.router.lifespan_context(app):
        await asyncio.sleep(2)  # the regular work of a first start
        for name, path in PAGES.items():
            if only and name not in only:
                continue
            request = asked(path, place.key)
            ours = await milliseconds(app, request, rounds)
            ran: list[tuple[str, Any]] = []
            with statements(ran):
                _, answer = await ask(app, request)
            low = bare(place.url, ran, rounds)
            told[name] = {
                "milliseconds": round(ours),
                "bare": round(low),
                "ratio": round(ours / low, 2),
                "statements": len(ran),
                "bytes": len(answer),
                "aim": "met" if ours <= AIM else "MISSED",
            }
            sys.stderr.write(f"{name}: {told[name]}\n")
    return told


@contextmanager
def furnished(suppliers: int) -> Iterator[Place]:
    """Run a PostgreSQL with an exporter of so many suppliers while the context lasts."""
    with (
        tempfile.TemporaryDirectory() as folder,
        postgres.cluster(Path(folder), SETTINGS) as cluster,
    ):
        with psycopg.connect(cluster.database("postgres"), autocommit=True) as admin:
            admin.execute("CREATE DATABASE pages")
        place = Place(cluster.database("pages"), Path(folder))
        database = open_database(
            place.url.replace("postgresql://", "postgresql+psycopg://"), is_system=True
        )
        migrate(database)
        with database.writing() as session:
            made = actions.found_organisation(
                session,
                kind=OrganisationKind.EXPORTER,
                name="Puerto Sereno",
                country="CO",
            )
            issued = actions.issue_key(
                session, organisation_id=made.id, role=Role.ANALYST, label="bench"
            )
            actions.add_person(
                session,
                organisation_id=made.id,
                role=Role.ANALYST,
                email="analyst@example.org",
                name="Analyst",
                language="es",
                password="a line that is slow",
            )
            trail.seal(session)
        database.close()
        place.key = issued.text
        before = time.perf_counter()
        register_many(cluster.as_superuser("pages"), made.id, suppliers)
        spent = time.perf_counter() - before
        sys.stderr.write(f"{suppliers:,} suppliers in {spent:.0f} s\n")
        yield place


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--suppliers", type=int, default=SUPPLIERS)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--only", nargs="+", choices=PAGES, default=[])
    parser.add_argument("--line", action="store_true", help="in Chromium besides")
    given = parser.parse_args()
    load = os.getloadavg()[0]
    with furnished(given.suppliers) as place:
        told = asyncio.run(measured(place, given.rounds, given.only))
        if given.line:
            from tests.bench.slow_line import on_slow_lines

            told["slow line"] = on_slow_lines(place.settings)
    told["load"] = {"before": round(load, 1), "after": round(os.getloadavg()[0], 1)}
    sys.stdout.write(json.dumps(told, indent=2) + "\n")


if __name__ == "__main__":
    main()
