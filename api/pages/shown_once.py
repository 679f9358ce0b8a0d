"""What a page tells once: a secret stands in one answer and is written down nowhere."""

from dataclasses import dataclass, field

from fastapi import Request
from starlette.responses import Response

from api import hop
from api.pages.rendering import page
from compliance.identity.scope import Scope
from compliance.texts import N_


@dataclass(frozen=True)
class Secret:
    """What is told, what it is, and what its holder does with it."""

    title: str
    label: str
    advice: str
    back: str
    back_label: str
    text: str = field(repr=False)
    commands: tuple[str, ...] = ()
    note: str | None = None
    kicker: str = N_("Trade")


def told_once(request: Request, scope: Scope, secret: Secret) -> hop.SecretAnswer:
    """Return the page with the secret; who sends the form again gets it without."""
    shown, without = (
        page(request, "shown_once.html", scope=scope, secret=secret, is_told=is_told)
        for is_told in (True, False)
    )
    # As answers name them: a type under another name would be a second one.
    headers = tuple(
        (name.title(), value)
        for name, value in shown.headers.items()
        if name != "content-length"
    )
    return hop.SecretAnswer(200, _body(shown), headers, _body(without))


def _body(response: Response) -> bytes:
    return bytes(response.body)
