"""The tree of routes misses none that fits, and puts none before another."""

from typing import cast

import pytest
from fastapi import APIRouter, FastAPI
from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import Response
from starlette.routing import BaseRoute, Match
from starlette.testclient import TestClient

from api.app import create_app
from api.finding_routes import RoutesByPath, find_by_path, pattern_of
from compliance.settings import Settings

APP = create_app(Settings())
TREE = cast(RoutesByPath, APP.router.middleware_stack)
METHODS = st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "PURGE"])
WORD = st.text(alphabet="abc.{}%:\n 9/", max_size=4)
PATTERN = st.sampled_from([pattern_of(route) for route in APP.routes])


@st.composite
def paths(draw: st.DrawFn) -> str:
    """A path like one of the routes', with each segment kept, filled, or spoilt."""
    segments = [
        draw(WORD) if "{" in segment or draw(st.integers(0, 9)) == 0 else segment
        for segment in draw(PATTERN).split("/")
    ]
    extra = draw(st.sampled_from(["", "", "", "/", "/more", ".xml"]))
    return "/" + "/".join(segments).lstrip("/") + extra


def fitting(routes: list[BaseRoute], path: str, method: str) -> list[int]:
    scope = {"type": "http", "path": path, "method": method}
    return [
        place
        for place, route in enumerate(routes)
        if route.matches(scope)[0] is not Match.NONE
    ]


@given(path=paths(), method=METHODS)
def test_no_route_that_fits_is_missed(path: str, method: str) -> None:
    TREE.grow()
    fits = fitting(APP.routes, path, method)

    found = sorted(TREE.root.find(path.split("/")))

    # Starlette lets a line break stand at the end of a path; here it is no address.
    assert set(fits) <= set(found) or path.endswith("\n")


def small_app() -> FastAPI:
    app = FastAPI(
        openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False
    )
    router = APIRouter()
    for number, path in enumerate(
        ["/a/{one}", "/a/b", "/a/{one}/c", "/{all}/b/c", "/files/{rest:path}", "/x.xml"]
    ):

        @router.get(path)
        async def answer(number: int = number) -> Response:
            return Response(str(number))

    app.router.routes.extend(router.routes)
    return app


@pytest.mark.parametrize(
    "path",
    [
        "/a/b",
        "/a/z",
        "/a/b/c",
        "/q/b/c",
        "/files/a/b/c",
        "/files/",
        "/files",
        "/x.xml",
        "/a",
        "/a/",
        "/a//c",
        "/nothing",
        "/",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_address_is_answered_as_by_trying_every_route(
    path: str, method: str
) -> None:
    flat, tree = small_app(), small_app()
    find_by_path(tree.router)

    one = TestClient(flat).request(method, path, follow_redirects=False)
    other = TestClient(tree).request(method, path, follow_redirects=False)

    assert (other.status_code, other.content) == (one.status_code, one.content)
    assert other.headers == one.headers


def test_a_route_that_is_added_later_is_found() -> None:
    app = small_app()
    find_by_path(app.router)
    client = TestClient(app)
    before = client.get("/later").status_code

    @app.get("/later")
    async def later() -> Response:
        return Response("here")

    assert (before, client.get("/later").text) == (404, "here")
