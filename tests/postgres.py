"""A PostgreSQL of the tests' own: a private folder, a private port, not as root.

The tests connect as a plain user that owns its databases, as the product must.
"""

import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

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
