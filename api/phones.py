"""What field apps show to be let in: a secret address, Basic, or Digest."""

import base64
import functools
import hmac
import re
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

from fastapi import Request

from api.device_addresses import device_address, secret_of
from api.envelope import OPENROSA
from api.service import Service
from compliance.identity import digest
from compliance.identity.scope import (
    Credential,
    DeviceAddressGiven,
    DeviceNamed,
    NotSignedIn,
)
from compliance.problems import Problem

BASIC = 'Basic realm="Atalaya", charset="UTF-8"'
DEVICE_NAME = re.compile(r"device_[0-9a-z]{16}")


class NonceHadItsTime(NotSignedIn):
    """A device answered to a challenge of long ago; it answers to a new one by itself."""


def phone_credential(request: Request) -> Credential | None:
    """Return what a device showed; None where it showed nothing of its own."""
    program = request.headers.get("user-agent")
    secret = secret_of(request)
    if secret is not None:
        return DeviceAddressGiven(secret, program)
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "digest":
        return _by_digest(request, value, program)
    if scheme.lower() == "basic":
        return _by_basic(value, program)
    return None


def _by_basic(value: str, program: str | None) -> Credential | None:
    """Return the device that Basic names; any other name brings an API key."""
    try:
        name, _, password = (
            base64.b64decode(value, validate=True).decode().partition(":")
        )
    except ValueError:
        return None
    if not DEVICE_NAME.fullmatch(name):
        return None
    given = digest.ha1_of(name, password)
    return DeviceNamed(name, lambda ha1: hmac.compare_digest(ha1, given), program)


def _by_digest(request: Request, value: str, program: str | None) -> Credential:
    answer = digest.read_answer(value, _method(request))
    if answer is None or answer.realm != digest.REALM:
        raise NotSignedIn
    if not DEVICE_NAME.fullmatch(answer.username):
        raise NotSignedIn
    if answer.uri not in _addresses(request):
        raise NotSignedIn
    if not digest.is_genuine(answer.nonce, nonce_secret(request)):
        raise NotSignedIn
    if digest.is_stale(answer.nonce):
        raise NonceHadItsTime
    return DeviceNamed(answer.username, answer.is_right, program)


def _method(request: Request) -> str:
    """Return the method that was sent: inside, HEAD is asked as GET."""
    return str(request.scope.get("asked_as", request.method))


def _addresses(request: Request) -> set[str]:
    """Return what the device may have asked for: as it came, or before a proxy cut it."""
    path = cast(bytes, request.scope["raw_path"]).decode("latin-1")
    query = request.scope["query_string"].decode("latin-1")
    asked = f"{path}?{query}" if query else path
    return {asked, _before(request) + asked}


def _before(request: Request) -> str:
    """Return the path that a reverse proxy has in front of ours."""
    return urlsplit(_service(request).settings.resolved_public_url).path


def challenges(request: Request, problem: Problem) -> tuple[str, ...]:
    """Return what a device is asked with, Digest before Basic, a line each."""
    domain = _before(request) + OPENROSA
    is_stale = isinstance(problem, NonceHadItsTime)
    return (
        digest.challenge(nonce_secret(request), domain, is_stale=is_stale),
        BASIC,
    )


def nonce_secret(request: Request) -> bytes:
    """Return what nonces are signed with; every process with the signing key knows it."""
    path = _service(request).settings.resolved_signing_key_file
    return _nonce_secret(path, path.stat().st_mtime_ns)


@functools.lru_cache(maxsize=8)
def _nonce_secret(path: Path, _changed: int) -> bytes:
    return hmac.new(path.read_bytes(), b"nonces of HTTP Digest", "sha256").digest()


def base_of(request: Request) -> str:
    """Return the address that everything handed to this device begins with."""
    public_url = _service(request).settings.resolved_public_url
    secret = secret_of(request)
    return device_address(public_url, secret) if secret else f"{public_url}/openrosa"


def _service(request: Request) -> Service:
    return cast(Service, request.app.state.service)
