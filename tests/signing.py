"""An issuer's key and a signed card, made once for all tests that only read them."""

from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from compliance import clock
from compliance.scorecards.drawing import draw
from compliance.signatures.keys import IssuerFiles, Key, opened
from compliance.signatures.pdf import sign_pdf
from tests.unit.scorecards.sample import card, titles

SIGNED_AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@cache
def issuer() -> Key:
    """Return a test key of a product that was just started."""
    with TemporaryDirectory() as folder, clock.set_to(lambda: SIGNED_AT):
        return opened(IssuerFiles(Path(folder) / "issuer_key.pem"))


@cache
def stranger() -> Key:
    """Return the key of another product."""
    with TemporaryDirectory() as folder, clock.set_to(lambda: SIGNED_AT):
        return opened(IssuerFiles(Path(folder) / "issuer_key.pem"))


@cache
def signed_card(language: str = "en") -> bytes:
    """Return a whole card, drawn and signed."""
    return sign_pdf(draw(card(), language, titles), issuer(), at=SIGNED_AT)
