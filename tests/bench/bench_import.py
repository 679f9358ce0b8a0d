"""How fast a hundred thousand invented producers are imported on PostgreSQL.

Run by hand: `python -m tests.bench.bench_import [ROWS]`. Aims: 60 s of wall, 500 MB of
memory at the peak; 45 s of processor, of Python and of PostgreSQL together, which other
work on the machine changes less than the wall. The ratio is to a bare COPY of the same sites into a table without
keys, indexes or policies; the second import of the same file must make nothing.
"""

import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from api.migrating import migrate
from compliance import trail
from compliance.database import Database, open_database
from compliance.files import Files
from compliance.identifiers import OrganisationId
from compliance.identity.actions import found_organisation
from compliance.identity.models import OrganisationKind
from compliance.identity.scope import scope_of_system
from compliance.imports import actions
from compliance.imports.queries import ImportRecord, site_import
from compliance.imports.working import handlers
from compliance.jobs import Workplace, work_off, writing_here
from rules.vocabulary import Commodity, SiteKind
from tests import postgres
from tests.invented import csv_of

ROWS = 100_000


TICKS = os.sysconf("SC_CLK_TCK")
PARENT, OWN_TIMES, ALL_TIMES = 1, slice(11, 13), slice(11, 15)  # after the name


def processor_seconds(server: Path) -> float:
    """Return what a PostgreSQL has used of the processor, all its processes together."""
    postmaster = (server / "data" / "postmaster.pid").read_text().split()[0]
    ticks = 0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            fields = (process / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has ended meanwhile
        if process.name == postmaster:
            ticks += sum(map(int, fields[ALL_TIMES]))
        elif fields[PARENT] == postmaster:
            ticks += sum(map(int, fields[OWN_TIMES]))
    return ticks / TICKS


@dataclass
class Stopwatch:
    """The seconds that the steps took: on the clock, in Python and in PostgreSQL."""

    server: Path
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def timing(self, step: str) -> Iterator[None]:
        before = time.monotonic(), time.process_time(), processor_seconds(self.server)
        yield
        after = time.monotonic(), time.process_time(), processor_seconds(self.server)
        names = step, f"{step}_python_cpu", f"{step}_postgresql_cpu"
        for name, start, end in zip(names, before, after, strict=True):
            self.seconds[name] = end - start

    @property
    def of_processor(self) -> float:
        return sum(self.seconds[name] for name in self.seconds if name.endswith("_cpu"))


def imported(
    database: Database,
    files: Files,
    organisation: OrganisationId,
    content: bytes,
    watch: Stopwatch,
) -> ImportRecord:
    """Import a list through the worker, and return it; `watch` has its steps' seconds."""
    place = Workplace(database, handlers(files), writing_here(database))
    sha256 = files.keep(content)
    with database.writing() as session:
        scope = scope_of_system(session, organisation)
        begun = actions.start(
            session,
            scope,
            file_sha256=sha256,
            file_name="invented.csv",
            file_bytes=len(content),
            kind=SiteKind.PRODUCER,
            commodity=Commodity.COFFEE,
        )
        actions.ask(session, scope, begun.public_id, actions.READ)
        trail.seal(session)
    with watch.timing("read"):
        work_off(place)
    with database.writing() as session:
        scope = scope_of_system(session, organisation)
        actions.confirm(session, scope, begun.public_id, skips_undecided=True)
        actions.ask(session, scope, begun.public_id, actions.APPLY)
        trail.seal(session)
    with watch.timing("apply"):
        work_off(place)
    with database.reading() as session:
        scope = scope_of_system(session, organisation)
        return site_import(session, scope, begun.public_id)


def bare_copy(url: str) -> float:
    """Return the seconds that a bare COPY of the sites takes."""
    with psycopg.connect(url) as connection:
        connection.execute("SET app.system = 'yes'")
        columns = (
            "public_id, owner_id, name, country, municipality, latitude_microdegrees"
        )
        rows = connection.execute(f"SELECT {columns}, * FROM site").fetchall()  # noqa: S608
        connection.execute("CREATE TABLE bare AS SELECT * FROM site WITH NO DATA")
        began = time.monotonic()
        with connection.cursor().copy("COPY bare FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row[6:])
        connection.commit()
        return time.monotonic() - began


def measured(count: int) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        files = Files(Path(folder) / "files")
        content = csv_of(count)
        inside = Path(folder) / "postgresql"
        inside.mkdir()
        with postgres.cluster(inside, {"fsync": "on"}) as cluster:
            with psycopg.connect(
                cluster.database("postgres"), autocommit=True
            ) as admin:
                admin.execute("CREATE DATABASE bench")
            url = cluster.database("bench")
            database = open_database(url.replace("://", "+psycopg://"))
            migrate(database)
            with database.writing(system=True) as session:
                organisation = found_organisation(
                    session,
                    kind=OrganisationKind.EXPORTER,
                    name="Inventada",
                    country="CO",
                ).id
                trail.seal(session)
            watch, watch_again = Stopwatch(inside), Stopwatch(inside)
            first = imported(database, files, organisation, content, watch)
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            again = imported(database, files, organisation, content, watch_again)
            copying = bare_copy(url)
            database.close()
    wall = watch.seconds["read"] + watch.seconds["apply"]
    made = first.counts.made
    return {
        "rows": count,
        "bytes": len(content),
        "made": made,
        "perhaps": first.counts.perhaps,
        "made_by_the_same_file_again": again.counts.made,
        "seconds": {name: round(value, 1) for name, value in watch.seconds.items()},
        "wall_seconds": round(wall, 1),
        "processor_seconds": round(watch.of_processor, 1),
        "rows_a_second": round(count / wall),
        "bare_copy_rows_a_second": round(made / copying),
        "ratio_to_a_bare_copy": round((count / wall) / (made / copying), 3),
        "seconds_again": {
            name: round(value, 1) for name, value in watch_again.seconds.items()
        },
        "peak_memory_megabytes": round(peak),
        "load_of_the_machine": round(os.getloadavg()[0], 1),
    }


if __name__ == "__main__":
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    sys.stdout.write(json.dumps(measured(wanted), indent=2) + "\n")
