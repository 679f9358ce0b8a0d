"""Routes that read their JSON strictly, and the router each feature hangs them on."""

from collections.abc import Callable, Coroutine, Mapping
from functools import cached_property
from typing import Any

from fastapi import APIRouter, Request
from fastapi.routing import APIRoute
from fastapi.utils import create_model_field
from starlette.responses import Response
from typing_extensions import override

from api.strict_json import read_json


class StrictRequest(Request):
    """A request whose JSON means one thing only."""

    @override
    async def json(self) -> Any:
        return read_json(await self.body())


class StrictRoute(APIRoute):
    """A route that reads its JSON strictly.

    What it answers with is said for the contract alone, and most starts of the product
    never print one: the fields of the answers are made when they are asked for.
    """

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Any],
        *,
        responses: Mapping[int | str, dict[str, Any]] | None = None,
        **rest: Any,
    ) -> None:
        super().__init__(path, endpoint, **rest)
        self.responses = dict(responses or {})

    @cached_property
    def _fields_of_answers(self) -> dict[int | str, Any]:
        return {
            status: create_model_field(
                name=f"Response_{status}_{self.unique_id}",
                type_=response["model"],
                mode="serialization",
            )
            for status, response in self.responses.items()
            if "model" in response
        }

    @property  # type: ignore[explicit-override] # it is written one line below
    @override
    def response_fields(self) -> dict[int | str, Any]:
        """Return the field of each answer that has a model."""
        return self._fields_of_answers

    @response_fields.setter
    def response_fields(self, _none_yet: dict[int | str, Any]) -> None:
        """Leave out what the parent would make at once."""

    @override
    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_strictly(request: Request) -> Response:
            return await handle(StrictRequest(request.scope, request.receive))

        return handle_strictly


def feature_router(prefix: str, tag: str) -> APIRouter:
    """Return a feature's router; its routes answer below `prefix`."""
    return APIRouter(prefix=prefix, tags=[tag], route_class=StrictRoute)
