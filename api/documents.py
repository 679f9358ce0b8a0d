"""The product's own documents over HTTP: the contract and the problem pages."""

from functools import cache

import orjson
from fastapi import FastAPI, Request
from starlette.responses import Response

from api.contract import contract_yaml
from api.languages import accepted_language
from api.problems import AddressNotFound, status_of
from api.routing import feature_router
from api.wire import ProblemDocument
from compliance.problems import Problem, catalogue
from compliance.texts import translate

documents = feature_router("", "documents")


@cache
def _contract(app: FastAPI) -> str:
    return contract_yaml(app)


@documents.get(
    "/openapi.yaml",
    response_class=Response,
    responses={200: {"content": {"application/yaml": {}}}},
)
async def openapi(request: Request) -> Response:
    """Read the contract of this API."""
    return Response(_contract(request.app), media_type="application/yaml")


@documents.get("/problems")
async def list_problems(request: Request) -> Response:
    """List every problem this API can answer with."""
    language = accepted_language(request)
    problems = sorted(catalogue(), key=lambda problem: problem.slug())
    body = orjson.dumps(
        {"items": [problem_document(problem, language) for problem in problems]}
    )
    return Response(body, media_type="application/json")


@documents.get(
    "/problems/{slug}",
    responses={
        404: {"model": ProblemDocument, "description": "There is no such kind."}
    },
)
async def one_problem(request: Request, slug: str) -> Response:
    """Read what one kind of problem means and what to do about it."""
    language = accepted_language(request)
    for problem in catalogue():
        if problem.slug() == slug:
            body = orjson.dumps(problem_document(problem, language))
            return Response(body, media_type="application/json")
    raise AddressNotFound(path=request.url.path)


def problem_document(problem: type[Problem], language: str) -> dict[str, object]:
    """Return a kind of problem: its address, title, status and pattern of detail."""
    return {
        "type": f"/problems/{problem.slug()}",
        "kind": problem.kind,
        "status": status_of(problem),
        "title": translate(problem.title, language),
        "detail": translate(problem.detail, language),
    }
