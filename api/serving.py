"""Run the server: one process on SQLite, which is the embedded way."""

import uvicorn

from api.app import create_app
from compliance.settings import Settings

DRAIN_SECONDS = 10
IDLE_SECONDS = 65  # field links are slow; see docs on the reverse proxy for the rest


def serve(settings: Settings) -> None:
    """Serve until told to stop; requests in flight are finished first."""
    uvicorn.run(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )
