"""The only place where the product asks what time it is, and draws at random.

Tests and the demonstration set both; everything else reads them here.
"""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime


def _system_time() -> datetime:
    return datetime.now(UTC)


_now: Callable[[], datetime] = _system_time
_token: Callable[[int], bytes] = secrets.token_bytes


def now() -> datetime:
    """Return this instant, in UTC."""
    return _now()


def today() -> date:
    """Return this day, in UTC."""
    return now().date()


def random_bytes(count: int) -> bytes:
    """Return `count` bytes that nobody can guess."""
    return _token(count)


def draws_as_usual() -> bool:
    """Tell whether chance is the system's own, and nobody's repeatable source."""
    return _token is secrets.token_bytes


@contextmanager
def set_to(source: Callable[[], datetime]) -> Iterator[None]:
    """Read the time from `source` while the context lasts, in every thread."""
    global _now
    before, _now = _now, source
    try:
        yield
    finally:
        _now = before


@contextmanager
def drawing_from(source: Callable[[int], bytes]) -> Iterator[None]:
    """Draw random bytes from `source` while the context lasts, in every thread."""
    global _token
    before, _token = _token, source
    try:
        yield
    finally:
        _token = before
