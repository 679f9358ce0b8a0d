"""Webhooks as https://www.standardwebhooks.com describes them: signed, and with an id."""

import base64
import hashlib
import hmac
import http.client
import secrets
import socket
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from typing_extensions import override

from compliance import limits
from compliance.alerts.addresses import Network, NotThere, Target, resolve
from compliance.alerts.sending import GONE, Sent, trusting_known_authorities

SECRET_MARK = "whsec_"  # noqa: S105 - what every secret begins with
SECRET_BYTES = 32
LONGEST_WAIT = timedelta(days=1)


@dataclass(frozen=True)
class Call:
    """One message to one program; its id is the same however often it is sent."""

    id: str
    address: str
    body: bytes
    at: datetime
    # More than one for a day after a new one was made; any of them will do.
    secrets: Sequence[str] = field(repr=False)


def new_secret() -> str:
    """Return a secret; the system's own chance, never a repeatable source."""
    return SECRET_MARK + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def signed_headers(call: Call) -> dict[str, str]:
    """Return the headers by which the receiver knows whom it is from, and when."""
    timestamp = str(int(call.at.timestamp()))
    signed = f"{call.id}.{timestamp}.".encode() + call.body
    return {
        "webhook-id": call.id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(_signature(one, signed) for one in call.secrets),
    }


def _signature(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(SECRET_MARK))
    made = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    return f"v1,{made}"


def send_webhook(call: Call, allowed: Sequence[Network]) -> Sent:
    """Send it once, follow nothing, and return what came back."""
    try:
        target = resolve(call.address, allowed)
    except NotThere as fault:
        return Sent(fault=str(fault))
    headers = {
        **signed_headers(call),
        "Content-Type": "application/json",
        "User-Agent": "Atalaya",
        "Connection": "close",
    }
    connection = _Checked(target)
    # A time-out is of each wait for a byte; this is of the whole conversation.
    last = threading.Timer(limits.ALERT_SECONDS, connection.cut)
    last.daemon = True
    last.start()
    try:
        connection.request("POST", target.path, call.body, headers)
        answer = connection.getresponse()
    except (OSError, http.client.HTTPException) as fault:
        return Sent(fault=type(fault).__name__[:30])
    finally:
        last.cancel()
        connection.close()
    return Sent(
        code=answer.status,
        is_taken=answer.status in range(200, 300),
        is_gone=answer.status == GONE,
        wait=_wait(answer.getheader("Retry-After")),
    )


class _Checked(http.client.HTTPConnection):
    """Connects to the address that was checked, and to no other the name may have."""

    def __init__(self, target: Target) -> None:
        super().__init__(target.host, target.port, timeout=limits.ALERT_SECONDS)
        self._target = target

    @override
    def connect(self) -> None:
        target = self._target
        line = socket.create_connection((target.ip, target.port), limits.ALERT_SECONDS)
        self.sock = line
        if target.scheme == "https":
            secure = trusting_known_authorities().wrap_socket(
                line, server_hostname=target.host, do_handshake_on_connect=False
            )
            self.sock = secure
            secure.do_handshake()

    def cut(self) -> None:
        """End it from another thread."""
        if self.sock is not None:
            with suppress(OSError):
                # Of the line beneath the encryption, which another thread waits on.
                socket.socket.shutdown(self.sock, socket.SHUT_RDWR)


def _wait(retry_after: str | None) -> timedelta:
    """Return for how long the receiver asks to be left alone, a day at most."""
    if retry_after is None or not retry_after.isascii() or not retry_after.isdigit():
        return timedelta(0)
    return min(timedelta(seconds=int(retry_after[:9])), LONGEST_WAIT)
