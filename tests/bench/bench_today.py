"""What the first page takes where 100,000 sites have some 88,000 tasks waiting.

Run by hand: `./run bench today`. It is asked for as a server asks for it, without a
socket, by each role whose queue is long, on SQLite and PostgreSQL: the median time of
the whole answer, beside the same statements through the bare driver, how many they are,
and what the page is to them. The aim is 300 ms.
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
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import psycopg

from api.app import create_app
from api.migrating import migrate
from compliance import trail
from compliance.database import open_database
from compliance.identity import actions
from compliance.identity.models import OrganisationKind, Role
from tests import postgres
from tests.bench import bench_pages
from tests.bench.bare_driver import Place, ask, statements
from tests.bench.many_tasks import fill

SITES = 100_000
ROLES = (Role.MANAGER, Role.REVIEWER, Role.ADMINISTRATOR)
Told = dict[str, Any]
Keys = dict[Role, str]


async def measured(place: Place, keys: Keys, rounds: int, path: str) -> Told:
    told: Told = {}
    app = create_app(place.settings)
    async with app.router.lifespan_context(app):
        await asyncio.sleep(2)  # the regular work of a first start
        for role, key in keys.items():
            request = bench_pages.asked(path, key)
            ours = await bench_pages.milliseconds(app, request, rounds)
            ran: list[tuple[str, Any]] = []
            with statements(ran):
                await ask(app, request)
            # Background work may write meanwhile.
            ran = [one for one in ran if one[0].startswith(("SELECT", "WITH"))]
            low = bare(place, ran, rounds)
            told[role] = {
                "milliseconds": round(ours),
                "bare": round(low),
                "ratio": round(ours / low, 2),
                "statements": len(ran),
                "aim": "met" if ours <= bench_pages.AIM else "MISSED",
            }
            sys.stderr.write(f"{role}: {told[role]}\n")
    return told


def bare(place: Place, ran: list[tuple[str, Any]], rounds: int) -> float:
    """Return the median time of the same statements through the driver alone."""
    if not place.is_sqlite:
        return bench_pages.bare(place.url, ran, rounds)
    spent = []
    connection = sqlite3.connect(place.url.removeprefix("sqlite:///"))
    for _ in range(rounds + 2):
        before = time.perf_counter()
        for statement, values in ran:
            connection.execute(statement, values).fetchall()
        spent.append(time.perf_counter() - before)
    connection.close()
    return 1_000 * statistics.median(spent[2:])


def furnish(place: Place, superuser: str, sites: int) -> Keys:
    """Fill a new database, and return a key for each role."""
    database = open_database(
        place.url.replace("postgresql://", "postgresql+psycopg://"), is_system=True
    )
    migrate(database)
    with database.writing() as session:
        ours, other = (
            actions.found_organisation(
                session, kind=OrganisationKind.EXPORTER, name=name, country="CO"
            )
            for name in ("Puerto Sereno", "Puerto Lejano")
        )
        keys = {
            role: actions.issue_key(
                session, organisation_id=ours.id, role=role, label="bench"
            ).text
            for role in ROLES
        }
        trail.seal(session)
    database.close()
    before = time.perf_counter()
    fill(superuser, ours.id, other.id, sites)
    spent = time.perf_counter() - before
    sys.stderr.write(f"{sites:,} sites with their tasks in {spent:.0f} s\n")
    return keys


@contextmanager
def on_sqlite(sites: int) -> Iterator[tuple[Place, Keys]]:
    with tempfile.TemporaryDirectory() as folder:
        place = Place(f"sqlite:///{folder}/today.sqlite", Path(folder))
        yield place, furnish(place, place.url, sites)


@contextmanager
def on_postgresql(sites: int) -> Iterator[tuple[Place, Keys]]:
    with (
        tempfile.TemporaryDirectory() as folder,
        postgres.cluster(Path(folder), bench_pages.SETTINGS) as cluster,
    ):
        with psycopg.connect(cluster.database("postgres"), autocommit=True) as admin:
            admin.execute("CREATE DATABASE today")
        place = Place(cluster.database("today"), Path(folder))
        yield place, furnish(place, cluster.as_superuser("today"), sites)


Furnished = AbstractContextManager[tuple[Place, Keys]]
PLACES: dict[str, Callable[[int], Furnished]] = {
    "sqlite": on_sqlite,
    "postgresql": on_postgresql,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sites", type=int, default=SITES)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--path", default="/", help="such as /?kind=refer")
    parser.add_argument("--only", nargs="+", choices=PLACES, default=list(PLACES))
    given = parser.parse_args()
    load = os.getloadavg()[0]
    told: Told = {}
    for name in given.only:
        with PLACES[name](given.sites) as (place, keys):
            sys.stderr.write(f"{name}\n")
            told[name] = asyncio.run(measured(place, keys, given.rounds, given.path))
    told["load"] = {"before": round(load, 1), "after": round(os.getloadavg()[0], 1)}
    sys.stdout.write(json.dumps(told, indent=2) + "\n")


if __name__ == "__main__":
    main()
