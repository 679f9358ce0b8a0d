"""The one hop of a request: from the asynchronous edge into a scoped transaction."""

import base64
from collections.abc import Callable
from typing import TypeVar, cast

import orjson
from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api.service import Service
from compliance import idempotency, limits
from compliance.idempotency import Answer
from compliance.identity.scope import (
    CookieGiven,
    Credential,
    KeyGiven,
    Scope,
    scope_of,
)
from compliance.problems import Kind, Problem
from compliance.texts import N_

Result = TypeVar("Result")

COOKIE = "atalaya_session"


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


def credential_of(request: Request) -> Credential | None:
    """Return what the caller showed: a key in the header, or a session cookie.

    A key may also be the password of HTTP Basic, which is what field apps can send.
    """
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return KeyGiven(value.strip())
    if scheme.lower() == "basic":
        return KeyGiven(_password_of_basic(value))
    cookie = request.cookies.get(COOKIE)
    if cookie is None:
        return None
    if request.method not in {"GET", "HEAD"}:
        refuse_foreign(request)
    return CookieGiven(cookie)


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
    credential = credential_of(request)
    return await service_of(request).read(
        lambda session: work(session, scope_of(session, credential))
    )


async def write(request: Request, work: Callable[[Session, Scope], Answer]) -> Response:
    """Run `work` for the caller in one transaction and answer when it is on disk.

    With an `Idempotency-Key` the answer is kept in the same transaction, and a
    repetition gets it again instead of a second effect.
    """
    credential = credential_of(request)
    key = request.headers.get("idempotency-key")
    if key is not None and len(key) > limits.IDEMPOTENCY_KEY_CHARACTERS:
        raise IdempotencyKeyTooLong(
            length=len(key), limit=limits.IDEMPOTENCY_KEY_CHARACTERS
        )
    digest = idempotency.digest_of_request(
        request.method, request.url.path, await request.body()
    )

    def once(session: Session) -> Answer:
        scope = scope_of(session, credential)
        if key is None:
            return work(session, scope)
        known = idempotency.claim(session, scope.organisation_id, key, digest)
        if known is not None:
            return known
        answer = work(session, scope)
        idempotency.keep(session, scope.organisation_id, key, answer)
        return answer

    return respond(await service_of(request).write(once))


def respond(answer: Answer) -> Response:
    """Return an Answer as HTTP has it."""
    headers = {"Content-Type": "application/json", **dict(answer.headers)}
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
