"""Find an address's routes without asking each of them in turn.

FastAPI tries every route's pattern until one fits: the 150th costs several times as much
as a request itself. Here the path's segments lead down a tree to the few routes that can
fit, in the order they were declared; those are then tried as FastAPI does.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from fastapi import APIRouter
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send


@dataclass
class Branch:
    """What can follow some segments: named ones, any one, or any number of them."""

    named: dict[str, "Branch"] = field(default_factory=dict)
    any_one: "Branch | None" = None
    ends: list[int] = field(default_factory=list)
    any_rest: list[int] = field(default_factory=list)

    def add(self, segments: Sequence[str], place: int) -> None:
        if not segments:
            self.ends.append(place)
        elif ":path}" in segments[0]:
            self.any_rest.append(place)
        elif "{" in segments[0]:
            self.any_one = self.any_one or Branch()
            self.any_one.add(segments[1:], place)
        else:
            following = self.named.setdefault(segments[0], Branch())
            following.add(segments[1:], place)

    def find(self, segments: Sequence[str], depth: int = 0) -> Iterator[int]:
        """Yield the places of all routes that can fit, in no order."""
        yield from self.any_rest
        if depth == len(segments):
            yield from self.ends
            return
        following = self.named.get(segments[depth])
        if following is not None:
            yield from following.find(segments, depth + 1)
        if self.any_one is not None:
            yield from self.any_one.find(segments, depth + 1)


class RoutesByPath:
    """An ASGI application that hands a request to the routes its path can mean."""

    def __init__(self, router: APIRouter, otherwise: ASGIApp) -> None:
        self.router = router
        self.otherwise = otherwise
        self.root = Branch()
        self.known = 0
        self.routers: dict[tuple[int, ...], APIRouter] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope.get("root_path"):
            await self.otherwise(scope, receive, send)
            return
        if self.known != len(self.router.routes):
            self.grow()
        places = tuple(sorted(self.root.find(scope["path"].split("/"))))
        router = self.routers.get(places) or self._router(places)
        scope["router"] = self.router
        await router.app(scope, receive, send)

    def grow(self) -> None:
        self.root, self.routers = Branch(), {}
        for place, route in enumerate(self.router.routes):
            self.root.add(pattern_of(route).split("/"), place)
        self.known = len(self.router.routes)

    def _router(self, places: tuple[int, ...]) -> APIRouter:
        """Return a router of these routes only; there are few such sets."""
        routes = [self.router.routes[place] for place in places]
        router = APIRouter(routes=routes, redirect_slashes=False)
        return self.routers.setdefault(places, router)


def pattern_of(route: BaseRoute) -> str:
    """Return the pattern of a route's whole path; what has none can fit any path."""
    return str(getattr(route, "path", "{any:path}"))


def find_by_path(router: APIRouter) -> None:
    """Let a router find its routes by the segments of the path."""
    router.middleware_stack = RoutesByPath(router, router.middleware_stack)
