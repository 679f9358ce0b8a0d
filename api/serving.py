"""Run the server: one process on SQLite, which is the embedded way."""

import sys
from contextlib import suppress
from types import FrameType

import uvicorn
from fastapi import FastAPI
from typing_extensions import override

from api.app import create_app
from compliance.settings import Settings

DID_NOT_START = 3
DRAIN_SECONDS = 10
IDLE_SECONDS = 65  # field links are slow; see docs on the reverse proxy for the rest


class Server(uvicorn.Server):
    """A server that ends its streams of events when it is told to stop."""

    def __init__(self, config: uvicorn.Config, app: FastAPI) -> None:
        super().__init__(config)
        self.app = app

    @override
    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.app.state.streams.is_leaving = True
        super().handle_exit(sig, frame)


def serve(settings: Settings) -> None:
    """Serve until told to stop; requests in flight are finished first."""
    app = create_app(settings)
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )
    server = Server(config, app)
    with suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        sys.exit(DID_NOT_START)
