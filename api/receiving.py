"""A file that comes as the body of a request: streamed to disk, hashed on the way."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

from fastapi import Request
from starlette.requests import ClientDisconnect

from api.multipart import UploadBroken


@dataclass(frozen=True)
class Received:
    """A file on disk that nobody has taken over yet."""

    path: Path
    sha256: str
    size: int


@asynccontextmanager
async def received_body(request: Request, folder: Path) -> AsyncIterator[Received]:
    """Write the body to `folder`; what is not taken away from there is removed after."""
    digest, size = hashlib.sha256(), 0
    with NamedTemporaryFile(dir=folder, delete=False) as file:
        path = Path(file.name)
        try:
            async for chunk in request.stream():
                digest.update(chunk)
                size += len(chunk)
                file.write(chunk)
        except BaseException as fault:
            path.unlink(missing_ok=True)
            if isinstance(fault, ClientDisconnect):
                raise UploadBroken from fault
            raise
    try:
        yield Received(path, digest.hexdigest(), size)
    finally:
        path.unlink(missing_ok=True)
