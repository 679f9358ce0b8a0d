"""How fast a hundred thousand invented producers are imported on PostgreSQL.

Run by hand: `python -m tests.bench.bench_import [ROWS]`. Aims: 60 s of wall, 500 MB of
memory at the peak. The ratio is to a bare COPY of the same sites into a table without
keys, indexes or policies; the second import of the same file must make nothing.
"""

import json
import os
import resource
import sys
import tempfile
import time
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


def imported(
    database: Database, files: Files, organisation: OrganisationId, content: bytes
) -> tuple[ImportRecord, dict[str, float]]:
    """Import a list through the worker, and return it with the seconds of its steps."""
    place = Workplace(database, handlers(files), writing_here(database))
    sha256 = files.keep(content)
    seconds = {}
    spent = time.process_time()
    began = time.monotonic()
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
    work_off(place)
    seconds["read"] = time.monotonic() - began

    began = time.monotonic()
    with database.writing() as session:
        scope = scope_of_system(session, organisation)
        actions.confirm(session, scope, begun.public_id, skips_undecided=True)
        actions.ask(session, scope, begun.public_id, actions.APPLY)
        trail.seal(session)
    work_off(place)
    seconds["apply"] = time.monotonic() - began
    seconds["of_them_cpu_of_python"] = time.process_time() - spent

    with database.reading() as session:
        scope = scope_of_system(session, organisation)
        return site_import(session, scope, begun.public_id), seconds


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
            first, seconds = imported(database, files, organisation, content)
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            again, seconds_again = imported(database, files, organisation, content)
            copying = bare_copy(url)
            database.close()
    wall = seconds["read"] + seconds["apply"]
    made = first.counts.made
    return {
        "rows": count,
        "bytes": len(content),
        "made": made,
        "perhaps": first.counts.perhaps,
        "made_by_the_same_file_again": again.counts.made,
        "seconds": {name: round(value, 1) for name, value in seconds.items()},
        "wall_seconds": round(wall, 1),
        "rows_a_second": round(count / wall),
        "bare_copy_rows_a_second": round(made / copying),
        "ratio_to_a_bare_copy": round((count / wall) / (made / copying), 3),
        "seconds_again": {n: round(value, 1) for n, value in seconds_again.items()},
        "peak_memory_megabytes": round(peak),
        "load_of_the_machine": round(os.getloadavg()[0], 1),
    }


if __name__ == "__main__":
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    sys.stdout.write(json.dumps(measured(wanted), indent=2) + "\n")
