"""Is it alive, and is it ready? Asked by supervisors, answered without a key."""

import asyncio

import orjson
from fastapi import APIRouter, Request
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.responses import Response

from api.hop import service_of

health = APIRouter(tags=["health"])
PATIENCE_SECONDS = 5.0


@health.get("/livez")
async def livez() -> Response:
    """Tell that the process answers; asks nothing of the database."""
    return Response(orjson.dumps({"alive": True}), media_type="application/json")


@health.get("/readyz")
async def readyz(request: Request) -> Response:
    """Tell whether requests can be served; the boot id names this very process."""
    service = service_of(request)
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await service.read(lambda session: session.execute(text("SELECT 1")).one())
    except (DBAPIError, PoolTimeout, TimeoutError):
        ready = False
    else:
        ready = True
    body = {
        "ready": ready,
        "boot_id": service.boot_id,
        "rulebook": {"edition": service.book.edition, "sha256": service.book.sha256},
    }
    status = 200 if ready else 503
    return Response(orjson.dumps(body), status, media_type="application/json")
