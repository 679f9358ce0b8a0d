"""A request over loopback HTTP: an application alone in a process under uvicorn.

What is counted is the CPU of the server's process, read from Linux; the client keeps
one connection and asks one request after the other.
"""

import pickle
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from api.app import create_app
from tests.bench.bare_driver import Asking, Errand, Place, floor

WAIT_SECONDS = 30


@dataclass(frozen=True)
class Task:
    """What a server's process is to serve: the product, or a floor."""

    place: Place
    errand: Errand | None = None
    framework: str = ""

    def app(self) -> ASGIApp:
        if self.errand is None:
            return create_app(self.place.settings)
        return floor(self.place, self.errand, self.framework)


@dataclass
class Served:
    """A server's process, and a connection to it that is kept."""

    process: subprocess.Popen[bytes]
    connection: HTTPConnection

    def microseconds(self, asking: Asking, count: int) -> float:
        """Return the CPU of a request in the server's process, its threads included."""
        before = self.spent()
        for _ in range(count):
            asked = asking()
            path = f"{asked.path}?{asked.query}" if asked.query else asked.path
            self.connection.request(
                asked.method, path, asked.body or None, asked.headers
            )
            answer = self.connection.getresponse()
            answer.read()
            if answer.status >= 300:
                raise RuntimeError(f"answered {answer.status}: {asked.path}")
        return 1e6 * (self.spent() - before) / count

    def spent(self) -> float:
        """Return the seconds of CPU that all threads of the process have had."""
        tasks = Path(f"/proc/{self.process.pid}/task").glob("*/schedstat")
        return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9


@contextmanager
def served(task: Task, folder: Path) -> Iterator[Served]:
    """Serve a task in a process of its own, on a free port of the loopback."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    told = folder / f"task-{port}"
    told.write_bytes(pickle.dumps(task))
    command = [sys.executable, "-m", "tests.bench.over_http", str(told), str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        yield Served(process, _connected(port))
    finally:
        process.terminate()
        process.wait()


def _connected(port: int) -> HTTPConnection:
    connection = HTTPConnection("127.0.0.1", port)
    until = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            connection.connect()
        except ConnectionRefusedError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)
        else:
            return connection


if __name__ == "__main__":
    task: Task = pickle.loads(Path(sys.argv[1]).read_bytes())  # noqa: S301 - our own file
    uvicorn.run(
        task.app(),
        port=int(sys.argv[2]),
        access_log=False,
        log_config=None,
        timeout_keep_alive=600,  # the connection waits while the others are asked
    )
