"""CPU of a request against the bare driver, in process and over HTTP, on both databases.

Run by hand: `./run bench api`. Two floors do the same statements and encode the same
answer: a bare Starlette handler, which is next to nothing, and a bare FastAPI handler,
which is what the aims speak of. The product besides tells whose request it is,
translates rows, hops to a thread where it must, logs, and commits where a floor undoes.

In process the application is called as a server calls it, without a socket; over HTTP
each stands alone in a process under uvicorn. `--profile one_site` says where the time
goes. Besides: finding a route among 150, and all layers around a route.
"""

import argparse
import asyncio
import cProfile
import json
import os
import pstats
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from contextlib import ExitStack, contextmanager, redirect_stdout
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
from fastapi import APIRouter, FastAPI
from starlette.responses import Response
from starlette.types import ASGIApp
from typing_extensions import override

from api.app import create_app
from api.finding_routes import find_by_path
from compliance.settings import Settings
from tests import postgres
from tests.bench.bare_driver import (
    Asked,
    Asking,
    Place,
    ask,
    errands,
    floor,
    furnish,
    requests_of,
)
from tests.bench.over_http import Served, Task, served

DURABLE = {"fsync": "on", "full_page_writes": "on"}
ROUTES = 150
FRAMEWORKS = ("starlette", "fastapi")
AIMS: Mapping[str, Mapping[str, float]] = {
    "sqlite": {
        "one_site": 1.5,
        "list_of_50": 1.1,
        "submission": 1.15,
        "one_risk": 1.5,
        "risks_of_50": 1.5,
    },
    "postgresql": {
        "one_site": 1.3,
        "list_of_50": 1.1,
        "submission": 1.15,
        "one_risk": 1.3,
        "risks_of_50": 1.3,
    },
}
# Thousands of answers are made one by one, so a floor that has them ready is far below;
# what counts is that the whole takes less than a second.
HEAVY = {"risks_of_5000": 60}

Told = dict[str, Any]


async def microseconds(app: ASGIApp, asking: Asking, count: int) -> float:
    """Return the CPU of a request in this process, all its threads included."""
    requests = [asking() for _ in range(count)]
    before = time.process_time()
    statuses = [(await ask(app, asked))[0] for asked in requests]
    spent = time.process_time() - before
    if max(statuses) >= 300:
        raise RuntimeError(f"answered {max(statuses)}: {requests[0].path}")
    return 1e6 * spent / count


def compared(measured: Mapping[str, list[float]], aim: float | None = None) -> Told:
    """Return medians of interleaved rounds, what they are to ours, and to the aim."""
    medians = {name: statistics.median(rounds) for name, rounds in measured.items()}
    ours = medians.pop("ours")
    told: Told = {"ours": round(ours)}
    for name, low in medians.items():
        told[name] = round(low)
        told[f"ratio_to_{name}"] = round(ours / low, 2)
    if aim is not None:
        is_met = told["ratio_to_fastapi"] <= aim
        told["aim"] = f"{aim}: {'met' if is_met else 'MISSED'}"
    return told


def chosen(
    place: Place, who: str, only: Sequence[str]
) -> list[tuple[str, tuple[Asking, bool]]]:
    """Return the requests that are measured: those named, or all of them."""
    known = requests_of(place, who)
    return [(name, asked) for name, asked in known.items() if not only or name in only]


def number_of(name: str, count: int, *, writes: bool) -> int:
    """Return how many requests of a kind make a round."""
    if name in HEAVY:
        return max(3, count // HEAVY[name])
    return max(20, count // 10) if writes else count


async def in_process(
    apps: Mapping[str, ASGIApp], asking: Asking, rounds: int, count: int
) -> dict[str, list[float]]:
    measured: dict[str, list[float]] = {name: [] for name in apps}
    for app in apps.values():
        await microseconds(app, asking, 8)
    for _ in range(rounds):
        for name, app in apps.items():
            measured[name].append(await microseconds(app, asking, count))
    return measured


def over_http(
    apps: Mapping[str, Served], asking: Asking, rounds: int, count: int
) -> dict[str, list[float]]:
    measured: dict[str, list[float]] = {name: [] for name in apps}
    for app in apps.values():
        app.microseconds(asking, 8)
    for _ in range(rounds):
        for name, app in apps.items():
            measured[name].append(app.microseconds(asking, count))
    return measured


async def on_database(
    place: Place,
    beneath: Place,
    aims: Mapping[str, float],
    rounds: int,
    count: int,
    only: Sequence[str] = (),
    *,
    over_wire: bool = True,
) -> Told:
    for one in (place, beneath):
        furnish(one)
    wanted = await errands(beneath)
    told: Told = {}
    app = create_app(place.settings)
    async with app.router.lifespan_context(app):
        await asyncio.sleep(2)  # the regular work of a first start
        for name, (asking, writes) in chosen(place, "in-process", only):
            floors = {one: floor(beneath, wanted[name], one) for one in FRAMEWORKS}
            few = number_of(name, count, writes=writes)
            found = await in_process({"ours": app, **floors}, asking, rounds, few)
            told[name] = {
                "statements": len(wanted[name].statements),
                "in_process": compared(found, aims.get(name)),
            }
            sys.stderr.write(f"{name} {told[name]}\n")
    if not over_wire:
        return told
    with served(Task(place), place.folder) as ours:
        time.sleep(2)  # the regular work of a start
        for name, (asking, writes) in chosen(place, "over-http", only):
            few = number_of(name, count, writes=writes)
            with ExitStack() as stack:
                apps = {"ours": ours} | {
                    one: stack.enter_context(
                        served(Task(beneath, wanted[name], one), place.folder)
                    )
                    for one in FRAMEWORKS
                }
                found = over_http(apps, asking, rounds, few)
            told[name]["over_http"] = compared(found, aims.get(name))
            sys.stderr.write(f"{name} over HTTP {told[name]['over_http']}\n")
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
    first, last = "/v1/things0/a/part0", f"/v1/things{ROUTES // 5 - 1}/a/part4"
    single, flat, tree = one_of(1), one_of(ROUTES), one_of(ROUTES)
    find_by_path(tree.router)
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder), database_url=f"sqlite:///{folder}/a")
        apps = {
            "150_routes_as_fastapi": (flat, last),
            "150_routes_here": (tree, last),
            "all_layers": (create_app(settings), "/livez"),
        }
        return {
            name: compared(
                await in_process(
                    {"ours": app, "one_route": at(single, first)},
                    lambda path=path: Asked("GET", path),  # type: ignore[misc]  # a default
                    rounds,
                    count,
                )
            )
            for name, (app, path) in apps.items()
        }


def at(app: ASGIApp, path: str) -> ASGIApp:
    """Return an application that is always asked for one path."""

    async def asked(scope: Any, receive: Any, send: Any) -> None:
        await app({**scope, "path": path, "raw_path": path.encode()}, receive, send)

    return asked


@contextmanager
def on_sqlite() -> Iterator[tuple[Place, Place]]:
    with tempfile.TemporaryDirectory() as folder:
        yield places(folder, lambda name: f"sqlite:///{folder}/{name}.sqlite")


@contextmanager
def on_postgresql() -> Iterator[tuple[Place, Place]]:
    with (
        tempfile.TemporaryDirectory() as folder,
        postgres.cluster(Path(folder), DURABLE) as cluster,
    ):
        with psycopg.connect(cluster.database("postgres"), autocommit=True) as admin:
            admin.execute("CREATE DATABASE ours")
            admin.execute("CREATE DATABASE beneath")
        yield places(folder, cluster.database)


def places(folder: str, url: Callable[[str], str]) -> tuple[Place, Place]:
    made = [Place(url(name), Path(folder) / name) for name in ("ours", "beneath")]
    for place in made:
        place.folder.mkdir()
    return made[0], made[1]


PLACES = {"sqlite": on_sqlite, "postgresql": on_postgresql}


async def measured(
    databases: Sequence[str],
    rounds: int,
    count: int,
    only: Sequence[str] = (),
    *,
    over_wire: bool = True,
) -> Told:
    load = os.getloadavg()[0]
    told: Told = {}
    if not only:
        told["around_a_route"] = await around_a_route(rounds, count)
    for name in databases:
        if name == "postgresql" and postgres.binaries() is None:
            continue
        with PLACES[name]() as (place, beneath):
            told[name] = await on_database(
                place, beneath, AIMS[name], rounds, count, only, over_wire=over_wire
            )
    told["load"] = {"before": round(load, 1), "after": round(os.getloadavg()[0], 1)}
    return told


class AtOnce(Executor):
    """An executor that works where it stands, so that a profile sees all of it."""

    @override
    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        done: Future[Any] = Future()
        try:
            done.set_result(fn(*args, **kwargs))
        except Exception as fault:  # noqa: BLE001 - as an executor does
            done.set_exception(fault)
        return done


async def profiled(place: Place, name: str, count: int) -> None:
    """Print where the time of a request goes, most of it first."""
    furnish(place)
    app = create_app(place.settings)
    async with app.router.lifespan_context(app):
        service = replace(app.state.service, readers=AtOnce(), writers=AtOnce())
        app.state.service = service
        asking, _ = requests_of(place, "profile")[name]
        await microseconds(app, asking, 8)
        profile = cProfile.Profile()
        profile.enable()
        await microseconds(app, asking, count)
        profile.disable()
        pstats.Stats(profile, stream=sys.stderr).sort_stats("tottime").print_stats(30)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=300)
    parser.add_argument("--profile", choices=[*AIMS["sqlite"], *HEAVY], metavar="NAME")
    parser.add_argument("--in-process", action="store_true", help="without a socket")
    parser.add_argument("--only", nargs="+", help="names of requests; all without it")
    parser.add_argument("--database", choices=PLACES, nargs="+", default=list(PLACES))
    given = parser.parse_args()
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):
        if given.profile:
            with PLACES[given.database[0]]() as (place, _):
                asyncio.run(profiled(place, given.profile, given.requests))
            return
        told = asyncio.run(
            measured(
                given.database,
                given.rounds,
                given.requests,
                given.only or (),
                over_wire=not given.in_process,
            )
        )
    sys.stdout.write(json.dumps(told, indent=2) + "\n")


if __name__ == "__main__":
    main()
