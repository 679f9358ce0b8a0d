"""What every channel shares: what became of an attempt, and whom encryption trusts."""

import functools
import ssl
from dataclasses import dataclass
from datetime import timedelta

GONE = 410


@functools.cache
def trusting_known_authorities() -> ssl.SSLContext:
    """Return what every encrypted line checks certificates with; dear to make."""
    return ssl.create_default_context()


@dataclass(frozen=True)
class Sent:
    """What the other side answered: a code, or why there was none.

    `is_final`: to try again would be in vain. `is_gone`: the receiver wants nothing more.
    """

    code: int | None = None
    fault: str | None = None
    is_taken: bool = False
    is_final: bool = False
    is_gone: bool = False
    wait: timedelta = timedelta(0)
