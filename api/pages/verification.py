"""The verify page: whether a card is genuine and holds now, for anybody, and no grade."""

from collections.abc import Mapping

from fastapi import Request
from starlette.responses import Response

from api.pages.rendering import page
from compliance import clock
from compliance.scorecards.codes import Status
from compliance.scorecards.queries import Verified
from compliance.texts import N_

# What is told beside the name of each state, and what follows from it.
ADVICE: Mapping[Status, str] = {
    Status.ISSUED: N_("This scorecard is genuine and in force."),
    Status.SUSPENDED: N_(
        "Do not rely on it now. A suspension can be lifted; come back to see."
    ),
    Status.SUPERSEDED: N_("Was genuine when issued. Do not rely on this version."),
    Status.EXPIRED: N_("Was genuine when issued. Its time has run out."),
    Status.REVOKED: N_(
        "Do not rely on this scorecard. A revoked one is never made valid again."
    ),
}
CHECKS: tuple[tuple[Status, str, str], ...] = (
    (Status.REVOKED, N_("Not revoked"), N_("Revoked")),
    (Status.SUSPENDED, N_("Not suspended"), N_("Suspended at this moment")),
    (Status.SUPERSEDED, N_("No newer version"), N_("A newer version exists")),
    (Status.EXPIRED, N_("Still within its dates"), N_("Past its last day")),
)


def verify_page(request: Request, card: Verified) -> Response:
    """Show what the public may know of a card."""
    broken = {card.status}
    if clock.today() > card.valid_until:
        broken.add(Status.EXPIRED)
    response = page(
        request,
        "verify.html",
        card=card,
        state=card.status,
        advice=ADVICE[card.status],
        checks=[
            (False, failed) if state in broken else (True, held)
            for state, held, failed in CHECKS
        ],
        now=clock.now(),
    )
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def unknown_code_page(request: Request) -> Response:
    """Show that no card has the code; it looks as the page of a card does."""
    response = page(
        request,
        "verify.html",
        status=404,
        card=None,
        state="unknown",
        advice=None,
        checks=[],
        now=clock.now(),
    )
    response.headers["X-Robots-Tag"] = "noindex"
    return response
