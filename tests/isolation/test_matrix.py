"""Every route, by every role, of everybody: done, refused, or as if nothing were there."""

import pytest
from fastapi import FastAPI
from starlette.routing import Route

from tests.isolation.matrix import mismatches
from tests.isolation.routes import ROUTES
from tests.isolation.world import World


def routes_of(app: FastAPI) -> set[str]:
    """Return the routes as the matrix names them."""
    return {
        f"{method} {route.path}"
        for route in app.routes
        if isinstance(route, Route)
        for method in route.methods or ()
    }


def test_no_route_is_missing_from_the_matrix(sqlite_world: World) -> None:
    assert routes_of(sqlite_world.app) == set(ROUTES)


@pytest.mark.parametrize("route", ROUTES)
def test_a_route_does_what_the_policy_says(world: World, route: str) -> None:
    assert "\n".join(mismatches(world, ROUTES, [route])) == ""
