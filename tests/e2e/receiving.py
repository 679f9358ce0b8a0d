"""Receivers of alerts that write down what they take: a mail server and a program."""

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from typing_extensions import override


@dataclass(frozen=True)
class Called:
    """A request that was taken; `headers` have small letters."""

    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def document(self) -> Any:
        return json.loads(self.body)


@dataclass
class Receivers:
    """What has been taken so far, in the order in which it came, and what is answered."""

    smtp_port: int = 0
    http_port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    calls: list[Called] = field(default_factory=list)
    http_status: int = 204
    http_headers: dict[str, str] = field(default_factory=dict)
    smtp_answer: str = "250 taken"

    @property
    def smtp_url(self) -> str:
        return f"smtp://127.0.0.1:{self.smtp_port}"

    @property
    def webhook(self) -> str:
        return f"http://127.0.0.1:{self.http_port}/alerts"


@contextmanager
def receiving() -> Iterator[Receivers]:
    """Receive on free ports of this machine while the context lasts."""
    taken = Receivers()

    class Mail(socketserver.StreamRequestHandler):
        @override
        def handle(self) -> None:
            try:
                _speak_smtp(self, taken)
            except OSError:
                return  # whoever spoke was killed

    class Web(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            body = self.rfile.read(length)
            if len(body) < length:
                return  # whoever spoke was killed
            headers = {name.lower(): value for name, value in self.headers.items()}
            taken.calls.append(Called(headers, body))
            self.send_response(taken.http_status)
            for name, value in taken.http_headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        @override
        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        request_queue_size = 64

    class Program(ThreadingHTTPServer):
        @override
        def handle_error(self, request: object, client_address: object) -> None:
            """Whoever spoke was killed."""

    with Server(("127.0.0.1", 0), Mail) as smtp, Program(("127.0.0.1", 0), Web) as web:
        taken.smtp_port, taken.http_port = smtp.server_address[1], web.server_address[1]
        for server in (smtp, web):
            threading.Thread(
                target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
            ).start()
        try:
            yield taken
        finally:
            smtp.shutdown()
            web.shutdown()


def _speak_smtp(line: socketserver.StreamRequestHandler, taken: Receivers) -> None:
    def say(text: str) -> None:
        line.wfile.write(f"{text}\r\n".encode())

    say("220 here")
    while command := line.rfile.readline():
        word = command.strip().upper().split(b" ")[0].split(b":")[0]
        if word == b"DATA":
            say("354 go on")
            mail = _mail(line)
            if mail is None:
                return
            if taken.smtp_answer.startswith("250"):
                taken.mails.append(mail)
            say(taken.smtp_answer)
        elif word == b"QUIT":
            say("221 bye")
            return
        else:
            say("250 yes")


def _mail(line: socketserver.StreamRequestHandler) -> EmailMessage | None:
    """Return a whole mail; None where the line broke before its end."""
    lines = []
    while (one := line.rfile.readline()) != b".\r\n":
        if not one:
            return None
        lines.append(one.removeprefix(b"."))
    return message_from_bytes(b"".join(lines), policy=default)
