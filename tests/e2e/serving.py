"""The product as a process of its own, to be spoken to over HTTP and to be killed."""

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol

import httpx2

START_SECONDS = 90.0
ROOT = Path(__file__).parents[2]


class Running(Protocol):
    """A process of ours, however it came to be."""

    @property
    def pid(self) -> int: ...
    def poll(self) -> int | None: ...
    def kill(self) -> None: ...
    def wait(self) -> int: ...


@dataclass(frozen=True)
class Forked:
    """A server that the nursery forked; nobody learns its exit status."""

    pid: int

    def poll(self) -> int | None:
        """Return None while it lives."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return -1
        return None

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def wait(self) -> int:
        while self.poll() is None:
            time.sleep(0.01)
        return -1


@dataclass(frozen=True)
class Server:
    """A running server; `boot_id` proves that it is the one that was started."""

    url: str
    process: Running
    boot_id: str

    def kill(self) -> None:
        """Kill it as a power cut would: no warning, nothing tidied."""
        self.process.kill()
        self.process.wait()


@contextmanager
def serving(
    database_url: str, data: Path, *, program: tuple[str, ...] | None = None
) -> Iterator[Server]:
    """Run the server on a free port while the context lasts.

    Another `program` than the product's own is started, and not forked.
    """
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environment = {
        **os.environ,
        "ATALAYA_DATA": str(data),
        "ATALAYA_DATABASE_URL": database_url,
        "ATALAYA_ODK_VALIDATE": "off",
        # They send as fast as they can.
        "ATALAYA_RATE_LIMITS": "off",
    }
    log = data.parent / "server.log"
    process = (
        _forked(port, log, environment)
        if program is None
        else _started(program, port, log, environment)
    )
    try:
        yield Server(url, process, _boot_id(url, process))
    finally:
        process.kill()
        process.wait()


def _started(
    program: tuple[str, ...], port: int, log: Path, environment: Mapping[str, str]
) -> Running:
    with log.open("ab") as written:
        return subprocess.Popen(
            [sys.executable, *program, "serve", "--port", str(port)],
            env=environment,
            stdout=written,
            stderr=written,
        )


def _forked(port: int, log: Path, environment: Mapping[str, str]) -> Running:
    wanted = {"port": port, "log": str(log), "environment": environment}
    nursery = _nursery()
    assert nursery.stdin is not None
    assert nursery.stdout is not None
    nursery.stdin.write(json.dumps(wanted) + "\n")
    nursery.stdin.flush()
    return Forked(int(nursery.stdout.readline()))


@cache
def _nursery() -> subprocess.Popen[str]:
    """Return this process's nursery; it ends with us."""
    started = subprocess.Popen(
        [sys.executable, str(Path(__file__).parent / "nursery.py")],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    atexit.register(started.kill)
    return started


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _boot_id(url: str, process: Running) -> str:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            answer = httpx2.get(f"{url}/readyz", timeout=5)
        except httpx2.TransportError:
            time.sleep(0.05)
            continue
        if answer.status_code == 200:
            return str(answer.json()["boot_id"])
    raise TimeoutError(f"the server did not start; its exit status: {process.poll()}")
