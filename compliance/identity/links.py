"""Links that open one thing once: whoever holds one is let in, so its token is a secret.

The token is shown when the link is made and is then known only to who has it; what is
kept is its SHA-256.
"""

from dataclasses import dataclass
from datetime import datetime

from compliance.identifiers import random_word
from compliance.identity.scope import digest_of
from compliance.problems import Kind, Problem
from compliance.texts import N_

TOKEN_CHARACTERS = 52  # 260 random bits


class LinkNotGood(Problem):
    """Used, withdrawn, expired, or never made: whoever asks is not told which."""

    kind = Kind.NOT_FOUND
    title = N_("This link cannot be used")
    detail = N_(
        "It was used already, was withdrawn, or has expired. Ask who sent it to you "
        "for a new one."
    )


@dataclass(frozen=True)
class MadeLink:
    """A link at the one moment when its token is known."""

    token: str
    expires_at: datetime


def fresh_token() -> tuple[str, bytes]:
    """Return a token and what is kept of it."""
    token = random_word(TOKEN_CHARACTERS)
    return token, digest_of(token)
