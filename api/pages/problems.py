"""Problems as pages: who asked with a browser reads words, not a document for programs."""

from collections.abc import Iterable
from urllib.parse import quote

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from api import hop
from api.pages.forms import form_read
from api.pages.plain_words import for_people
from api.pages.readers import reader_of
from api.pages.rendering import language_of, page, prefers_page
from api.pages.verification import unknown_code_page
from api.problems import problem_response, status_of
from compliance.identity.scope import Scope
from compliance.problems import Kind, Problem
from compliance.scorecards.queries import CodeUnknown
from compliance.texts import translate

# Problems of the server itself; nothing more is asked of it for their page.
OWN_FAULTS = frozenset({Kind.UNAVAILABLE, Kind.STORAGE_FULL, Kind.TOO_MANY})


async def answer_problem(request: Request, problem: Problem) -> Response:
    """Answer with a page or with a document, as the caller asked for."""
    if not prefers_page(request):
        return problem_response(request, problem)
    if isinstance(problem, CodeUnknown):
        return unknown_code_page(request)
    if problem.kind is Kind.UNAUTHENTICATED:
        if request.method == "GET":
            wanted = quote(_address(request), safe="/")
            return RedirectResponse(f"/sign-in?next={wanted}", 303)
        return session_ended_page(request, problem)
    return problem_page(request, problem, await _reader(request, problem))


def problem_page(request: Request, problem: Problem, scope: Scope | None) -> Response:
    """Return the problem in words, with its status."""
    language = language_of(request, scope)
    return page(
        request,
        "problem.html",
        scope=scope,
        status=status_of(problem),
        title=translate(problem.title, language),
        detail=for_people(problem.told(language)),
        mistakes=problem.facts.get("errors", ()),
    )


def session_ended_page(request: Request, problem: Problem) -> Response:
    """Return what was written, to be sent again once somebody has signed in.

    What came from another site is not kept: a page of ours would lend it its button. Nor
    is a file, nor what is read as no Form, as passwords are.
    """
    return page(
        request,
        "session_ended.html",
        status=status_of(problem),
        address=_address(request),
        written=[(name, one) for name, all_ in _written(request) for one in all_],
    )


def _written(request: Request) -> Iterable[tuple[str, tuple[str, ...]]]:
    try:
        hop.refuse_foreign(request)
    except hop.ForeignForm:
        return ()
    form = form_read(request)
    return form.lists.items() if form else ()


def _address(request: Request) -> str:
    query = request.url.query
    return f"{request.url.path}?{query}" if query else request.url.path


async def _reader(request: Request, problem: Problem) -> Scope | None:
    return None if problem.kind in OWN_FAULTS else await reader_of(request)
