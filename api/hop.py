"""The one hop of a request: from the asynchronous edge into a scoped transaction."""

import asyncio
import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar, cast

import orjson
import structlog
from fastapi import Request
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from starlette.responses import Response

from api.envelope import OPENROSA
from api.phones import phone_credential
from api.service import Service
from compliance import idempotency, limits
from compliance.database import was_in_the_way
from compliance.idempotency import Answer
from compliance.identity.scope import (
    CookieGiven,
    Credential,
    KeyGiven,
    Scope,
    TokenGiven,
    scope_of,
)
from compliance.problems import Kind, Problem
from compliance.texts import N_

Result = TypeVar("Result")

log = structlog.get_logger()

COOKIE = "atalaya_session"
# With this prefix a browser takes a cookie over https alone, for this very host, and
# from no neighbour of it (RFC 6265bis, 4.1.3.2).
SECURE_PREFIX = "__Host-"
JWT_DOTS = 2
TIMES, PAUSE_SECONDS = 3, 0.05


class ForeignForm(Problem):
    kind = Kind.FORBIDDEN
    title = N_("This request came from another site")
    detail = N_(
        "A browser sent your session cookie with a request that did not start on this "
        "site. Open the page here and try again; programs send an API key instead."
    )


class IdempotencyKeyTooLong(Problem):
    kind = Kind.INVALID
    title = N_("The Idempotency-Key is too long")
    detail = N_("It has {length} characters; at most {limit} are allowed.")


def service_of(request: Request) -> Service:
    """Return the running product this request came to."""
    return cast(Service, request.app.state.service)


def cookie_name(request: Request, name: str = COOKIE) -> str:
    """Return what a cookie of ours is called where the product is reached."""
    is_secure = service_of(request).settings.cookies_are_secure
    return SECURE_PREFIX + name if is_secure else name


def credential_of(request: Request) -> Credential | None:
    """Return what the caller showed: a key or a token in the header, or a cookie.

    A key may also be the password of HTTP Basic, which is what field apps can send;
    what a device has of its own opens OpenRosa and nothing else.
    """
    if request.url.path.startswith(OPENROSA):
        shown = phone_credential(request)
        if shown is not None:
            return shown
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return _bearer(request, value.strip())
    if scheme.lower() == "basic":
        return KeyGiven(_password_of_basic(value))
    cookie = request.cookies.get(cookie_name(request))
    if cookie is None:
        return None
    if request.method not in {"GET", "HEAD"}:
        refuse_foreign(request)
    return CookieGiven(cookie)


def _bearer(request: Request, text: str) -> Credential:
    if text.count(".") == JWT_DOTS:
        return TokenGiven(text, service_of(request).tokens)
    return KeyGiven(text)


def _password_of_basic(value: str) -> str:
    try:
        return base64.b64decode(value, validate=True).decode().partition(":")[2]
    except ValueError:
        return ""


def refuse_foreign(request: Request) -> None:
    """A cookie alone changes nothing unless the page that sent it is ours."""
    fetched_from = request.headers.get("sec-fetch-site")
    if fetched_from is not None:
        if fetched_from not in {"same-origin", "none"}:
            raise ForeignForm
        return
    origin = request.headers.get("origin")
    host = request.headers.get("host", "")
    if origin is None or origin.partition("://")[2] != host:
        raise ForeignForm


async def read(request: Request, work: Callable[[Session, Scope], Result]) -> Result:
    """Run `work` for the caller in a reading transaction."""
    service, credential = service_of(request), credential_of(request)
    return await service.read(
        lambda session: work(session, _enter(service, session, credential))
    )


async def glance(request: Request, work: Callable[[Session, Scope], Result]) -> Result:
    """Run `work` for the caller as `read` does, if it is a few rows by their keys."""
    service, credential = service_of(request), credential_of(request)
    return await service.glance(
        lambda session: work(session, _enter(service, session, credential))
    )


def _enter(service: Service, session: Session, credential: Credential | None) -> Scope:
    """Return the caller's Scope, and note that the credential was good."""
    scope = scope_of(session, credential)
    service.usage.note(credential, scope)
    return scope


async def write(
    request: Request,
    work: Callable[[Session, Scope], Answer],
    *,
    body: bytes | None = None,
    key: str | None = None,
) -> Response:
    """Run `work` for the caller in one transaction and answer when it is on disk.

    With an `Idempotency-Key` the answer is kept in the same transaction, and a
    repetition gets it again instead of a second effect. `body` stands for a body that
    was read as a stream: what tells it from others, such as its hash. `key` stands for
    the header where a form of ours has it in a field.
    """
    service, credential = service_of(request), credential_of(request)
    key = request.headers.get("idempotency-key") or key
    if key is not None and len(key) > limits.IDEMPOTENCY_KEY_CHARACTERS:
        raise IdempotencyKeyTooLong(
            length=len(key), limit=limits.IDEMPOTENCY_KEY_CHARACTERS
        )
    is_streamed = body is not None
    if body is None:
        body = await request.body()
    digest = idempotency.digest_of_request(request.method, request.url.path, body)

    def once(session: Session) -> Answer:
        scope = _enter(service, session, credential)
        if key is None:
            return work(session, scope)
        known = idempotency.claim(session, scope.organisation_id, key, digest)
        if known is not None:
            return known
        answer = work(session, scope)
        idempotency.keep(session, scope.organisation_id, key, _kept(answer))
        return answer

    # Who brought a stream has it read by now: only the caller can bring it again.
    times = 1 if is_streamed else TIMES
    return respond(await _written(service, once, times))


async def _written(
    service: Service, once: Callable[[Session], Answer], times: int
) -> Answer:
    """Write; what was undone because another was in the way is done again."""
    for again in range(1, times):
        try:
            return await service.write(once)
        except OperationalError as error:
            if not was_in_the_way(error):
                raise
            log.info("written again", again=again)
        await asyncio.sleep(again * PAUSE_SECONDS)
    return await service.write(once)


def respond(answer: Answer) -> Response:
    """Return an Answer as HTTP has it."""
    headers = dict(answer.headers)
    if answer.body:
        headers.setdefault("Content-Type", "application/json")
    return Response(answer.body, answer.status, headers=headers)


def json_answer(status: int, document: object, **headers: str) -> Answer:
    """Return an Answer whose body is `document`; `location=…` becomes `Location`."""
    return Answer(
        status,
        orjson.dumps(document),
        tuple(
            (name.replace("_", "-").title(), value) for name, value in headers.items()
        ),
    )


NOTHING = Answer(204, b"")


@dataclass(frozen=True)
class SecretAnswer(Answer):
    """An answer with a secret that is told once; a repetition gets `kept` instead."""

    kept: bytes = b""


def secret_answer(
    document: Mapping[str, object], secrets: Mapping[str, object], location: str
) -> SecretAnswer:
    """Return the answer to what was made with secrets: told now, kept as null."""
    told = json_answer(201, {**document, **secrets}, location=location)
    withheld = json_answer(201, {**document, **dict.fromkeys(secrets)})
    headers = (*told.headers, ("Cache-Control", "no-store"))
    return SecretAnswer(told.status, told.body, headers, withheld.body)


def _kept(answer: Answer) -> Answer:
    """Return what a repetition is answered with: no secret is ever written down."""
    if isinstance(answer, SecretAnswer):
        return Answer(answer.status, answer.kept, answer.headers)
    return answer
