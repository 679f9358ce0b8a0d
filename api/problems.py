"""Problem → `application/problem+json` (RFC 9457); the only place that maps the two."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, cast

import orjson
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match

from api import phones
from api.envelope import OPENROSA, openrosa_problem
from api.languages import accepted_language
from api.strict_json import JsonRefused
from compliance.problems import Kind, Problem
from compliance.texts import N_, translate
from rules import Text

log = structlog.get_logger()

STATUS: Mapping[Kind, int] = {
    Kind.INVALID: 422,
    Kind.UNAUTHENTICATED: 401,
    Kind.FORBIDDEN: 403,
    Kind.NOT_FOUND: 404,
    Kind.CONFLICT: 409,
    Kind.STALE: 412,
    Kind.TOO_LARGE: 413,
    Kind.WRONG_TYPE: 415,
    Kind.TOO_MANY: 429,
    Kind.UNAVAILABLE: 503,
    Kind.STORAGE_FULL: 507,
}

Answering = Callable[[Request, Problem], Awaitable[Response]]

RETRY_SECONDS = "5"
VALUE_CHARACTERS = 80


class RequestInvalid(Problem):
    kind = Kind.INVALID
    title = N_("The request cannot be used as it is")
    detail = N_(
        "Nothing was stored. See 'errors': each names a field, what was given and "
        "what would be right."
    )


class AddressNotFound(Problem):
    kind = Kind.NOT_FOUND
    title = N_("Nothing is at this address")
    detail = N_("There is no {path}. The addresses that exist are in /openapi.yaml.")


class MethodNotAllowed(Problem):
    kind = Kind.INVALID
    title = N_("This address does not take this method")
    detail = N_("{path} does not take {method}; it takes {allowed}.")


class TryLater(Problem):
    kind = Kind.UNAVAILABLE
    title = N_("The database cannot be reached just now")
    detail = N_("Nothing was changed. Send the same request again in a few seconds.")


class StorageFull(Problem):
    kind = Kind.STORAGE_FULL
    title = N_("The server has no room left")
    detail = N_(
        "Nothing was changed. Reading still works; tell the operator that the disk "
        "is full, and send the same request again later."
    )


class Unexpected(Problem):
    kind = Kind.UNAVAILABLE
    title = N_("Something went wrong on our side")
    detail = N_(
        "Nothing was changed. Tell the operator the request id {request_id}; it leads "
        "to the cause in the log."
    )


WORDS_FOR: Mapping[str, str] = {
    "instant": N_("Write an instant with its zone, as 2026-11-03T09:30:00-05:00."),
    "email_address": N_("Write one e-mail address, as maria@example.org."),
    "one_line": N_("Write one line without control characters."),
    "one_of_two": N_("Give 'identifiers' or 'supply_base', one of them."),
    "half_a_point": N_("Give latitude and longitude together, or neither."),
    "missing": N_("This field is required."),
    "extra_forbidden": N_("There is no such field here; remove it."),
    "string_type": N_("Write a text in quotation marks."),
    "string_too_short": N_("Write at least {min_length} characters."),
    "string_too_long": N_("Write at most {max_length} characters."),
    "string_pattern_mismatch": N_("Write it in the form {pattern}."),
    "enum": N_("Write one of: {expected}."),
    "literal_error": N_("Write one of: {expected}."),
    "int_type": N_("Write a whole number without quotation marks."),
    "int_parsing": N_("Write a whole number."),
    "int_from_float": N_("Write a whole number."),
    "float_type": N_("Write a number without quotation marks."),
    "float_parsing": N_("Write a number."),
    "bool_type": N_("Write true or false."),
    "greater_than_equal": N_("Write a number of at least {ge}."),
    "greater_than": N_("Write a number above {gt}."),
    "less_than_equal": N_("Write a number of at most {le}."),
    "less_than": N_("Write a number below {lt}."),
    "date_type": N_("Write a day as YYYY-MM-DD."),
    "date_parsing": N_("Write a day as YYYY-MM-DD."),
    "date_from_datetime_parsing": N_("Write a day as YYYY-MM-DD."),
    "date_from_datetime_inexact": N_("Write a day as YYYY-MM-DD."),
    "list_type": N_("Write a list in square brackets."),
    "too_long": N_("Give at most {max_length} entries."),
    "too_short": N_("Give at least {min_length} entries."),
    "dict_type": N_("Write an object in braces."),
    "model_attributes_type": N_("Write an object in braces."),
    "json_invalid": N_("The body is not JSON: {error}."),
}


def problem_response(request: Request, problem: Problem) -> Response:
    """Return the problem as the caller's language and RFC 9457 have it."""
    language = accepted_language(request)
    if request.url.path.startswith(OPENROSA):
        headers = _headers(problem, language)
        asked = problem.kind is Kind.UNAUTHENTICATED
        challenges = phones.challenges(request, problem) if asked else ()
        return openrosa_problem(
            problem, status_of(problem), headers, language, challenges
        )
    return Response(
        problem_bytes(problem, language, request.url.path),
        status_of(problem),
        headers=_headers(problem, language),
        media_type="application/problem+json",
    )


def status_of(problem: Problem | type[Problem]) -> int:
    """Return the HTTP status for a problem or a kind of problem."""
    kind = problem if isinstance(problem, type) else type(problem)
    if issubclass(kind, MethodNotAllowed):
        return 405
    if issubclass(kind, Unexpected):
        return 500
    return STATUS[kind.kind]


def problem_bytes(problem: Problem, language: str, path: str) -> bytes:
    """Return the problem document; its facts are members of their own."""
    return orjson.dumps(
        {
            "type": f"/problems/{problem.slug()}",
            "title": translate(problem.title, language),
            "status": status_of(problem),
            "detail": problem.told(language),
            "instance": path,
            **problem.facts,
        },
        default=lambda fact: _told_fact(fact, language),
        option=orjson.OPT_PASSTHROUGH_DATACLASS,
    )


def _told_fact(fact: object, language: str) -> str:
    """Tell a fact that is no JSON value; a text of the rules in the caller's language."""
    return fact.in_language(language) if isinstance(fact, Text) else str(fact)


def _headers(problem: Problem, language: str) -> dict[str, str]:
    headers = {"Content-Language": language, "Cache-Control": "no-store"}
    match problem.kind:
        case Kind.UNAUTHENTICATED:
            headers["WWW-Authenticate"] = 'Bearer realm="Atalaya"'
        case Kind.UNAVAILABLE | Kind.STORAGE_FULL | Kind.TOO_MANY:
            wait = problem.facts.get("retry_after", RETRY_SECONDS)
            headers["Retry-After"] = str(wait)
        case _:
            pass
    if isinstance(problem, MethodNotAllowed):
        headers["Allow"] = str(problem.facts["allowed"])
    return headers


def told_mistakes(
    mistakes: Sequence[Mapping[str, Any]], language: str
) -> list[dict[str, object]]:
    """Return Pydantic's mistakes as field, value and remedy in `language`."""
    return [
        {
            "field": ".".join(str(part) for part in mistake["loc"]),
            "given": _shortened(mistake),
            "remedy": _remedy(mistake, language),
        }
        for mistake in mistakes
    ]


def _remedy(mistake: Mapping[str, Any], language: str) -> str:
    message = WORDS_FOR.get(mistake["type"])
    if message is None:
        return str(mistake["msg"])
    context = dict(mistake.get("ctx") or {})
    return (
        translate(message, language, **context)
        if context
        else translate(message, language)
    )


def _shortened(mistake: Mapping[str, Any]) -> object:
    if mistake["type"] in {"missing", "json_invalid"}:
        return None
    given = mistake.get("input")
    text = given if isinstance(given, str) else json.dumps(given, default=str)
    return text if len(text) <= VALUE_CHARACTERS else text[:VALUE_CHARACTERS] + "…"


def _invalid(request: Request, error: RequestValidationError) -> Problem:
    language = accepted_language(request)
    cause = error.__cause__
    if isinstance(cause, JsonRefused):
        told = translate(cause.message, language, **cause.facts)
        remedy = translate(WORDS_FOR["json_invalid"], language, error=told)
        return RequestInvalid(
            errors=[{"field": "body", "given": None, "remedy": remedy}]
        )
    return RequestInvalid(errors=told_mistakes(error.errors(), language))


def _http(request: Request, error: HTTPException) -> Problem:
    if isinstance(error.__cause__, Problem):
        return error.__cause__
    path = request.url.path
    if error.status_code == 405:
        allowed = ", ".join(_allowed_methods(request))
        return MethodNotAllowed(path=path, method=request.method, allowed=allowed)
    if error.status_code == 404:
        return AddressNotFound(path=path)
    return RequestInvalid(
        errors=[{"field": "body", "given": None, "remedy": str(error.detail)}]
    )


def _allowed_methods(request: Request) -> list[str]:
    """Return every method some route takes at this address; GET brings HEAD."""
    fitting = [
        route
        for route in request.app.routes
        if route.matches(request.scope)[0] is not Match.NONE
    ]
    # "/consents/requests" is not the consent named "requests", though both fit.
    methods = {
        method
        for route in fitting
        if route.path == fitting[0].path
        for method in route.methods
    }
    return sorted(methods | {"HEAD"} if "GET" in methods else methods)


def _database(error: DBAPIError | PoolTimeout) -> Problem | None:
    """Return the problem a database fault is told as; None for a fault of ours."""
    if isinstance(error, PoolTimeout):
        return TryLater()
    told = str(error.orig).lower()
    if "disk is full" in told or "no space left" in told:
        return StorageFull()
    if isinstance(error, OperationalError) or error.connection_invalidated:
        return TryLater()
    return None


async def problem_document(request: Request, problem: Problem) -> Response:
    """Answer with a document, whoever asks."""
    return problem_response(request, problem)


def install(app: FastAPI, answer: Answering = problem_document) -> None:
    """Answer every fault of `app` with a problem, told as `answer` tells it."""

    async def on_problem(request: Request, error: Exception) -> Response:
        return await answer(request, cast(Problem, error))

    async def on_invalid(request: Request, error: Exception) -> Response:
        invalid = cast(RequestValidationError, error)
        return await answer(request, _invalid(request, invalid))

    async def on_http(request: Request, error: Exception) -> Response:
        return await answer(request, _http(request, cast(HTTPException, error)))

    async def on_database(request: Request, error: Exception) -> Response:
        problem = _database(cast(DBAPIError | PoolTimeout, error))
        if problem is None:
            return await on_fault(request, error)
        log.warning("database", fault=type(error).__name__)
        return await answer(request, problem)

    async def on_full_disk(request: Request, error: Exception) -> Response:
        if isinstance(error, OSError) and error.errno == 28:
            return await answer(request, StorageFull())
        return await on_fault(request, error)

    async def on_fault(request: Request, error: Exception) -> Response:
        request_id = request.scope.get("request_id", "")
        log.error("fault", request_id=request_id, exc_info=error)
        return await answer(request, Unexpected(request_id=request_id))

    handlers: dict[
        type[Exception], Callable[[Request, Exception], Awaitable[Response]]
    ] = {
        Problem: on_problem,
        RequestValidationError: on_invalid,
        HTTPException: on_http,
        DBAPIError: on_database,
        PoolTimeout: on_database,
        OSError: on_full_disk,
        Exception: on_fault,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)
