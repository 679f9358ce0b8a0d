"""The verify page: whether a card is genuine and holds now, for anybody, and no grade."""

from collections.abc import Mapping

from fastapi import Request
from starlette.responses import Response

from api.pages.rendering import STYLE_SOURCE, page
from compliance import clock
from compliance.scorecards.checking import Check, CheckedCard, CheckKind, Found
from compliance.scorecards.codes import KeyKind, Status
from compliance.texts import N_

# The file that somebody drops here is never sent: nothing on this page may connect.
POLICY = (
    f"default-src 'none'; img-src 'self' data:; {STYLE_SOURCE}; script-src 'self'; "
    "font-src 'self'; connect-src 'none'; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
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
NOT_SOUND = N_(
    "Do not rely on it. What is kept of it here is not what was issued; ask the issuer."
)
# What a check says by what it came to; what it has no sentence for is not told.
SENTENCES: Mapping[tuple[CheckKind, Found], str] = {
    (CheckKind.DOCUMENT, Found.HOLDS): N_("Issued here under this code, and unchanged"),
    (CheckKind.DOCUMENT, Found.FAILS): N_("The document kept here was changed"),
    (CheckKind.TRAIL, Found.HOLDS): N_("Its issue stands in the trail, with its hash"),
    (CheckKind.TRAIL, Found.FAILS): N_("Its issue is not in the trail as it should be"),
    (CheckKind.KEY, Found.HOLDS): N_("The key that signed it is the issuer’s"),
    (CheckKind.KEY, Found.FAILS): N_("The key that signed it was withdrawn"),
    (CheckKind.KEY, Found.WAITING): N_("It is being signed at this moment"),
    (CheckKind.KEY, Found.NONE): N_("It carries no signature; its hash vouches for it"),
    (CheckKind.SIGNATURE, Found.HOLDS): N_("The signature of its credential is sound"),
    (CheckKind.SIGNATURE, Found.FAILS): N_("The signature of its credential is broken"),
    (CheckKind.REVOCATION_LIST, Found.HOLDS): N_("Not marked in the revocation list"),
    (CheckKind.REVOCATION_LIST, Found.FAILS): N_(
        "Marked in the revocation list: over for good"
    ),
    (CheckKind.SUSPENSION_LIST, Found.HOLDS): N_("Not marked in the suspension list"),
    (CheckKind.SUSPENSION_LIST, Found.FAILS): N_(
        "Marked in the suspension list: not to be relied on now"
    ),
    (CheckKind.VERSION, Found.HOLDS): N_("No newer version"),
    (CheckKind.VERSION, Found.FAILS): N_("A newer version exists"),
    (CheckKind.DATES, Found.HOLDS): N_("Still within its dates"),
    (CheckKind.DATES, Found.FAILS): N_("Past its last day"),
}
TEST_KEY = N_("Signed with a test key of this installation; nobody has attested to it")
MARKS: Mapping[Found, str] = {
    Found.HOLDS: "yes",
    Found.FAILS: "no",
    Found.WAITING: "so-so",
    Found.NONE: "so-so",
}


def verify_page(request: Request, checked: CheckedCard) -> Response:
    """Show what the public may know of a card."""
    status = checked.verified.status
    return _guarded(
        page(
            request,
            "verify.html",
            card=checked.verified,
            checked=checked,
            state=status if checked.is_genuine else "broken",
            advice=ADVICE[status] if checked.is_genuine else NOT_SOUND,
            checks=[told for one in checked.checks for told in _told(checked, one)],
            now=clock.now(),
        )
    )


def unknown_code_page(request: Request) -> Response:
    """Show that no card has the code; it looks as the page of a card does."""
    return _guarded(
        page(
            request,
            "verify.html",
            status=404,
            card=None,
            checked=None,
            state="unknown",
            advice=None,
            checks=[],
            now=clock.now(),
        )
    )


def _told(checked: CheckedCard, check: Check) -> list[tuple[str, str]]:
    """Return the mark and the sentence of a check, or nothing where nothing is to say."""
    sentence = SENTENCES.get((check.kind, check.found))
    if sentence is None:
        return []
    is_test = checked.key_kind is KeyKind.TEST and check.found is Found.HOLDS
    if check.kind is CheckKind.KEY and is_test:
        return [("so-so", TEST_KEY)]
    return [(MARKS[check.found], sentence)]


def _guarded(response: Response) -> Response:
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
