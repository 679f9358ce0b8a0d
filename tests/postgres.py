"""A PostgreSQL of the tests' own: a private folder, a private port, not as root.

The tests connect as a plain user that owns its databases, as the product must.
"""

import itertools
import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

USERS = ("postgres", "nobody")
PLAIN, STRONG = "atalaya", "postgres"
FAST = {
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "60",
    "shared_buffers": "64MB",
}


@dataclass(frozen=True)
class Cluster:
    """A running server; `url` lacks the name of a database."""

    url: str
    folder: Path

    def database(self, name: str) -> str:
        """Return the address of a database for the plain user."""
        return f"{self.url}/{name}"

    def as_superuser(self, name: str) -> str:
        """Return the address of a database for one who sees past every policy."""
        return self.database(name).replace(PLAIN, STRONG, 1)


def binaries() -> Path | None:
    """Return the folder of PostgreSQL's programs, None where it is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


@contextmanager
def cluster(folder: Path, settings: dict[str, str] | None = None) -> Iterator[Cluster]:
    """Run a server in `folder` while the context lasts."""
    programs = binaries()
    if programs is None:
        raise FileNotFoundError("no PostgreSQL is installed")
    user = _user()
    _open_the_way(folder)
    shutil.chown(folder, user)
    data, port = folder / "data", _free_port()

    def run(program: str, *arguments: str) -> None:
        subprocess.run(
            [str(programs / program), *arguments],
            check=True,
            user=user if os.geteuid() == 0 else None,
            cwd=folder,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TZ": "UTC"},
            stdout=subprocess.DEVNULL,
        )

    run("initdb", "-D", str(data), "-U", STRONG, "--auth=trust", "--no-sync")
    options = {"listen_addresses": "127.0.0.1", "port": str(port), **FAST}
    options["unix_socket_directories"] = str(folder)
    options.update(settings or {})
    flags = " ".join(f"-c {name}={value}" for name, value in options.items())
    log = str(folder / "log")
    run("pg_ctl", "start", "-w", "-D", str(data), "-l", log, "-o", flags)
    try:
        made = Cluster(f"postgresql://{PLAIN}@127.0.0.1:{port}", folder)
        with psycopg.connect(made.as_superuser("postgres"), autocommit=True) as admin:
            admin.execute(f"CREATE ROLE {PLAIN} LOGIN CREATEDB")
        yield made
    finally:
        run("pg_ctl", "stop", "-D", str(data), "-m", "immediate")


def _user() -> str:
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid()).pw_name
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(user for user in USERS if user in known)


def _open_the_way(folder: Path) -> None:
    """Let the server's user walk down to its folder, and no further."""
    for parent in folder.parents:
        if parent.owner() == pwd.getpwuid(os.geteuid()).pw_name:
            parent.chmod(parent.stat().st_mode | 0o011)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


class Databases:
    """Databases made from `template`, lent to one test at a time and swept after it.

    Making one costs some hundred times what sweeping it does. One whose schema a test
    has changed is not swept but dropped.
    """

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._admin = psycopg.connect(cluster.as_superuser("postgres"), autocommit=True)
        self._made = itertools.count()
        self._swept: list[str] = []
        # Who sweeps stays: by then it knows every table, and what to do to each.
        self._sweepers: dict[str, psycopg.Connection[tuple[Any, ...]]] = {}
        with psycopg.connect(
            cluster.as_superuser("template"), autocommit=True
        ) as template:
            tables = template.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public' "
                "AND tablename <> 'alembic_version' ORDER BY tablename"
            ).fetchall()
            seeded = [name for (name,) in tables if _has_rows(template, name)]
            if seeded:
                raise RuntimeError(
                    f"a sweep would empty what migrations fill: {seeded}"
                )
            template.execute("CREATE SCHEMA noticed")
            template.execute(_sweeping(name for (name,) in tables))
            template.execute(NOTICE_CHANGES)

    @contextmanager
    def lent(self) -> Iterator[str]:
        """Lend a database as migrations leave it, by its address for the plain user."""
        name = self._swept.pop() if self._swept else self._create()
        yield self._cluster.database(name)
        sweeper = self._sweeper(name)
        self._admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = %s AND pid <> %s",
            [name, sweeper.info.backend_pid],
        )
        if _has_rows(sweeper, "noticed.change"):
            self._sweepers.pop(name).close()
            self._admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
        else:
            sweeper.execute("SELECT noticed.sweep()")
            self._swept.append(name)

    def close(self) -> None:
        for sweeper in self._sweepers.values():
            sweeper.close()
        self._admin.close()

    def _create(self) -> str:
        name = f"test_{next(self._made)}"
        self._admin.execute(
            f"CREATE DATABASE {name} TEMPLATE template OWNER {PLAIN} STRATEGY file_copy"
        )
        return name

    def _sweeper(self, name: str) -> psycopg.Connection[tuple[Any, ...]]:
        if name not in self._sweepers:
            inside = psycopg.connect(self._cluster.as_superuser(name), autocommit=True)
            # Evidence refuses to be deleted, but for a replica.
            inside.execute("SET session_replication_role = replica")
            self._sweepers[name] = inside
        return self._sweepers[name]


def _sweeping(tables: Iterable[str]) -> str:
    """Return the function that empties the tables which have rows, and asks each once."""
    steps = "".join(
        f"IF EXISTS (SELECT FROM public.{table}) THEN "  # noqa: S608 - from the catalogue
        f"DELETE FROM public.{table}; END IF;\n"
        for table in tables
    )
    return (
        "CREATE FUNCTION noticed.sweep() RETURNS void LANGUAGE plpgsql AS "
        f"$$ BEGIN\n{steps}END $$"
    )


def _has_rows(connection: psycopg.Connection[tuple[Any, ...]], table: str) -> bool:
    return bool(connection.execute(f"SELECT FROM {table} LIMIT 1").rowcount)


# Whatever a test does to the schema leaves a row; what is temporary does not count.
NOTICE_CHANGES = """
CREATE TABLE noticed.change (tag text);
CREATE FUNCTION noticed.note() RETURNS event_trigger
LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
  IF tg_event = 'sql_drop' THEN
    INSERT INTO noticed.change
    SELECT tg_tag FROM pg_event_trigger_dropped_objects() WHERE NOT is_temporary LIMIT 1;
  ELSE
    INSERT INTO noticed.change
    SELECT tg_tag FROM pg_event_trigger_ddl_commands()
    WHERE schema_name IS DISTINCT FROM 'pg_temp' LIMIT 1;
  END IF;
END $$;
CREATE EVENT TRIGGER noticed_change ON ddl_command_end EXECUTE FUNCTION noticed.note();
CREATE EVENT TRIGGER noticed_drop ON sql_drop EXECUTE FUNCTION noticed.note();
"""
