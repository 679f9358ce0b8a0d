"""What a server keeps in order beside its requests: its signing key, and who came."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import structlog
from sqlalchemy.exc import SQLAlchemyError

from api.service import Service
from compliance import limits
from compliance.identity.signing import ensure_key

log = structlog.get_logger()


@asynccontextmanager
async def upkeep(service: Service) -> AsyncIterator[None]:
    """Make the signing key if there is none; write now and then what was used."""
    ensure_key(service.settings.resolved_signing_key_file)
    writing = asyncio.create_task(_write_forever(service))
    try:
        yield
    finally:
        writing.cancel()
        with suppress(asyncio.CancelledError):
            await writing
        await write_use(service)


async def _write_forever(service: Service) -> None:
    while True:
        await asyncio.sleep(limits.USE_NOTED_SECONDS)
        await write_use(service)


async def write_use(service: Service) -> None:
    """Write which credentials were used; a database that is away costs only that."""
    if not service.usage.has_news:
        return
    try:
        await service.write(service.usage.write, system=True)
    except SQLAlchemyError as fault:
        log.warning("use not written", fault=type(fault).__name__)
