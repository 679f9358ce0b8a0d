"""Routes that read their JSON strictly, and the router each feature hangs them on."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import APIRouter, Request
from fastapi.routing import APIRoute
from starlette.responses import Response
from typing_extensions import override

from api.strict_json import read_json


class StrictRequest(Request):
    """A request whose JSON means one thing only."""

    @override
    async def json(self) -> Any:
        return read_json(await self.body())


class StrictRoute(APIRoute):
    """A route that reads its JSON strictly."""

    @override
    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_strictly(request: Request) -> Response:
            return await handle(StrictRequest(request.scope, request.receive))

        return handle_strictly


def feature_router(prefix: str, tag: str) -> APIRouter:
    """Return a feature's router; its routes answer below `prefix`."""
    return APIRouter(prefix=prefix, tags=[tag], route_class=StrictRoute)
