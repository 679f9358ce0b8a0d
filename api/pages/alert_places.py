"""Where a reader sees what an alert is about, by the reference that the alert holds."""

from collections.abc import Mapping

from compliance.alerts.telling import AlertFacts
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope

# What a reference begins with, the page of such a thing, and what reading it asks for.
PLACES: Mapping[str, tuple[str, Permission]] = {
    "F-": ("/findings/{}", Permission.READ_FINDINGS),
    "action_": ("/actions/{}", Permission.READ_FINDINGS),
    "reply_": ("/replies/{}", Permission.READ_FINDINGS),
    "audit_": ("/audits/{}", Permission.READ_VISITS),
    "submission_": ("/submissions/{}", Permission.READ_VISITS),
    "SC-": ("/scorecards/{}", Permission.READ_SCORECARDS),
    "commitment_": ("/commitments/{}", Permission.READ_REGISTER),
    "match_": ("/list-matches/{}", Permission.DECIDE_MATCHES),
    "remedy_": ("/remedies/{}", Permission.READ_FINDINGS),
}


def place_of(facts: AlertFacts, scope: Scope) -> str | None:
    """Return the page of what an alert is about, or of its site; None where neither is."""
    for beginning, (path, needs) in PLACES.items():
        if facts.subject.startswith(beginning) and scope.may(needs):
            return path.format(facts.subject)
    return None if facts.site is None else f"/sites/{facts.site}"
