"""The product as a process of its own, to be spoken to over HTTP and to be killed."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

START_SECONDS = 90.0


@dataclass(frozen=True)
class Server:
    """A running server; `boot_id` proves that it is the one that was started."""

    url: str
    process: subprocess.Popen[bytes]
    boot_id: str

    def kill(self) -> None:
        """Kill it as a power cut would: no warning, nothing tidied."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


@contextmanager
def serving(
    database_url: str, data: Path, *, program: tuple[str, ...] = ("-m", "api")
) -> Iterator[Server]:
    """Run the server on a free port while the context lasts."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with (data.parent / "server.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, *program, "serve", "--port", str(port)],
            env={
                **os.environ,
                "ATALAYA_DATA": str(data),
                "ATALAYA_DATABASE_URL": database_url,
                "ATALAYA_ODK_VALIDATE": "off",
                # They send as fast as they can.
                "ATALAYA_RATE_LIMITS": "off",
            },
            stdout=log,
            stderr=log,
        )
    try:
        yield Server(url, process, _boot_id(url, process))
    finally:
        process.kill()
        process.wait()


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _boot_id(url: str, process: subprocess.Popen[bytes]) -> str:
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
