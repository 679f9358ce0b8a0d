"""What the tests of jobs share: logs as the product writes them, not as a terminal does."""

import pytest

from api.logs import configure_logging


@pytest.fixture(autouse=True)
def _plain_logs() -> None:
    configure_logging()
