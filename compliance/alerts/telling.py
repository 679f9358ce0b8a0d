"""An alert in words: the mail that people read, and the JSON that programs do.

Mail leaves the house. So neither holds more than a word of a fixed list, references that
tell nothing to who cannot look them up, and hours; no name, of nobody and of no site.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from compliance.alerts.events import AlertEvent
from compliance.texts import N_, translate
from rules import Severity

TITLES: Mapping[AlertEvent, str] = {
    AlertEvent.ZERO_TOLERANCE: N_("Zero tolerance: stop and protect at once"),
    AlertEvent.RED_FLAG: N_("A red flag was raised"),
    AlertEvent.FINDING_RAISED: N_("A finding was raised"),
    AlertEvent.FINDING_REOPENED: N_("A finding was reopened"),
    AlertEvent.FINDING_DISPUTED: N_("A finding was disputed"),
    AlertEvent.FINDING_DECIDED: N_("A finding was decided on"),
    AlertEvent.PLAN_PROPOSED: N_("A corrective action plan waits for your answer"),
    AlertEvent.PLAN_ANSWERED: N_("A corrective action plan was answered"),
    AlertEvent.EXTENSION_ASKED: N_("More time was asked for"),
    AlertEvent.EXTENSION_ANSWERED: N_("A request for more time was answered"),
    AlertEvent.EVIDENCE_GIVEN: N_("Evidence of a corrective action was given"),
    AlertEvent.VERIFIED: N_("A corrective action was verified"),
    AlertEvent.VISIT_SUBMITTED: N_("A visit waits for its review"),
    AlertEvent.VISIT_RETURNED: N_("A visit was returned with remarks"),
    AlertEvent.REPLY_ASKED: N_("The site may reply to what was found"),
    AlertEvent.REPLY_GIVEN: N_("The site has replied to what was found"),
    AlertEvent.VISIT_FINAL: N_("A visit was made final"),
    AlertEvent.INTEGRITY_SIGNAL: N_("Something about a visit is unusual"),
    AlertEvent.REMEDY_RECORDED: N_("A remedy was entered in the ledger"),
    AlertEvent.COMMITMENT_MADE: N_("A buyer has committed to something"),
    AlertEvent.CLOCK_DUE_SOON: N_("Something is due soon"),
    AlertEvent.CLOCK_DUE: N_("Something is due in its last hours"),
    AlertEvent.CLOCK_LATE: N_("Something is late"),
    AlertEvent.CLOCK_ESCALATED: N_("Something is late and still not done"),
    AlertEvent.TEST: N_("This is only a test"),
}
CLOCKS: Mapping[str, str] = {
    "acknowledge": N_("acknowledge the red flag"),
    "referral": N_("decide on the referral"),
    "plan": N_("give a corrective action plan"),
    "correction": N_("correct what was found"),
    "extension_answer": N_("answer the request for more time"),
    "reply": N_("reply to what was found"),
    "verification": N_("verify the corrective action"),
    "remedy": N_("make good what is owed"),
    "commitment": N_("keep the buyer's commitment"),
    "qualification": N_("renew the qualification"),
    "fieldwork": N_("make the visit"),
}
SEVERITIES: Mapping[Severity, str] = {
    Severity.ZERO_TOLERANCE: N_("zero tolerance"),
    Severity.CRITICAL: N_("critical"),
    Severity.MAJOR: N_("major"),
    Severity.MINOR: N_("minor"),
}
REASONS: Mapping[str, str] = {
    "no_signal": N_(
        "The visit reached us after its hours had run out, for want of signal."
    ),
    "started_late": N_("It was entered after it was due."),
}
LINES = {
    "subject": N_("Reference: {subject}"),
    "site": N_("Site: {site}"),
    "severity": N_("Severity: {severity}"),
    "clock": N_("To do: {clock}"),
    "due_at": N_("Due: {due_at} UTC"),
}
SUBJECT = N_("{title} ({subject})")
LOOK = N_("Sign in to see what it is about:")
WHY = N_(
    "You get this because of your role in your organisation. It holds no names on "
    "purpose; please do not add any if you pass it on."
)


@dataclass(frozen=True)
class AlertFacts:
    """All that an alert tells, to whomever."""

    public_id: str
    event: AlertEvent
    subject: str
    at: datetime
    site: str | None = None
    severity: Severity | None = None
    clock: str | None = None
    due_at: datetime | None = None
    because: str | None = None


def link_of(public_url: str, facts: AlertFacts) -> str:
    """Return the page where who may look finds what the alert is about."""
    return public_url if facts.site is None else f"{public_url}/sites/{facts.site}"


def title_of(facts: AlertFacts, language: str) -> str:
    return translate(TITLES[facts.event], language)


def mail_subject(facts: AlertFacts, language: str) -> str:
    title = title_of(facts, language)
    return translate(SUBJECT, language, title=title, subject=facts.subject)


def mail_text(facts: AlertFacts, language: str, link: str) -> str:
    """Return the text of a mail in the reader's language."""
    told: dict[str, object] = {"subject": facts.subject}
    if facts.site is not None:
        told["site"] = facts.site
    if facts.severity is not None:
        told["severity"] = translate(SEVERITIES[facts.severity], language)
    if facts.clock is not None:
        told["clock"] = translate(CLOCKS[facts.clock], language)
    if facts.due_at is not None:
        told["due_at"] = f"{facts.due_at.astimezone(UTC):%Y-%m-%d %H:%M}"
    lines = [
        translate(line, language, **{name: told[name]})
        for name, line in LINES.items()
        if name in told
    ]
    if facts.because is not None:
        lines.append(translate(REASONS[facts.because], language))
    parts = [
        title_of(facts, language),
        "\n".join(lines),
        f"{translate(LOOK, language)}\n{link}",
        translate(WHY, language),
    ]
    return "\n\n".join(parts) + "\n"


def webhook_body(facts: AlertFacts, link: str) -> bytes:
    """Return what a program is sent (Standard Webhooks: type, timestamp, data)."""
    document = {
        "type": f"alert.{facts.event}",
        "timestamp": facts.at.astimezone(UTC).isoformat(),
        "data": {
            "alert": facts.public_id,
            "event": facts.event,
            "severity": facts.severity,
            "subject": facts.subject,
            "site": facts.site,
            "clock": facts.clock,
            "due_at": facts.due_at and facts.due_at.astimezone(UTC).isoformat(),
            "because": facts.because,
            "link": link,
        },
    }
    return json.dumps(document, separators=(",", ":")).encode()
