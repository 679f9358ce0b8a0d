"""An alert in words: the mail that people read, and the JSON that programs do.

Mail leaves the house. So neither holds more than a word of a fixed list, references that
tell nothing to who cannot look them up, and hours; no name, of nobody and of no site.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row

from compliance.alerts.changes import NO_CHANGE, Change
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
    AlertEvent.CARD_ISSUED: N_("A scorecard was issued"),
    AlertEvent.CARD_SUPERSEDED: N_("A scorecard was superseded by a newer one"),
    AlertEvent.CARD_SUSPENDED: N_("A scorecard is suspended"),
    AlertEvent.CARD_RESTORED: N_("A scorecard is in force again"),
    AlertEvent.CARD_REVOKED: N_("A scorecard was revoked for good"),
    AlertEvent.CARD_EXPIRED: N_("A scorecard has expired"),
    AlertEvent.RISK_CHANGED: N_("The risk of a site has changed"),
    AlertEvent.LIST_MATCH_PROPOSED: N_(
        "A public list may name somebody of your register"
    ),
    AlertEvent.LIST_MATCH_DECIDED: N_("A match with a public list was decided on"),
    AlertEvent.EXCLUSION_PROPOSED: N_(
        "A list calls for a scorecard to be suspended, or for that to end"
    ),
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
    "list_match": N_("decide on the match with a public list"),
    "exclusion": N_("decide on what the match calls for"),
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
# States of a scorecard and levels of risk, as a mail tells them.
STATES: Mapping[str, str] = {
    "issued": N_("Valid"),
    "superseded": N_("Superseded"),
    "suspended": N_("Suspended"),
    "revoked": N_("Revoked"),
    "expired": N_("Expired"),
    "high": N_("High risk"),
    "medium": N_("Medium risk"),
    "low": N_("Low risk"),
    "unknown": N_("Unknown risk"),
}
# Why a scorecard changed, as a class that anybody may know.
CARD_REASONS: Mapping[str, str] = {
    "issued": N_("Issued in the ordinary way"),
    "newer_version": N_("A newer version was issued"),
    "zero_tolerance": N_("A zero-tolerance review was opened"),
    "zero_tolerance_ended": N_("A zero-tolerance review has ended"),
    "issued_in_error": N_("It was issued in error"),
    "site_merged": N_("Its site was found to be another one of the register"),
    "merge_undone": N_("Its site stands for itself again"),
    "public_list": N_("A public list names its site or who runs it"),
    "public_list_ended": N_("No public list names its site any more"),
    "under_review": N_("Who issued it is looking at it again"),
    "review_ended": N_("Who issued it has looked at it again"),
    "evidence_doubted": N_("What it rests on is in doubt"),
    "doubt_ended": N_("What it rests on is in doubt no more"),
    "evidence_false": N_("What it rests on has proved false"),
    "site_closed": N_("Its site is closed"),
}
LINES = {
    "subject": N_("Reference: {subject}"),
    "version": N_("Version: {version}"),
    "site": N_("Site: {site}"),
    "before": N_("Before: {before}"),
    "after": N_("Now: {after}"),
    "reason": N_("Why: {reason}"),
    "severity": N_("Severity: {severity}"),
    "clock": N_("To do: {clock}"),
    "due_at": N_("Due: {due_at} UTC"),
}
SUBJECT = N_("{title} ({subject})")
VERIFY = N_("Anybody may check the scorecard here:")
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
    change: Change = NO_CHANGE


@dataclass(frozen=True)
class Links:
    """Where who may look finds what an alert is about, and where anybody may check it."""

    page: str
    verify: str | None

    @classmethod
    def of(cls, public_url: str, facts: AlertFacts) -> "Links":
        page = public_url if facts.site is None else f"{public_url}/sites/{facts.site}"
        code = facts.change.code
        return cls(page, None if code is None else f"{public_url}/v/{code}")


def facts_of(row: Row[*tuple[Any, ...]], public_id: str) -> AlertFacts:
    """Return what a row with the columns that are told says."""
    return AlertFacts(
        public_id=public_id,
        event=AlertEvent(row.event),
        subject=row.subject,
        at=row.at,
        site=row.site,
        severity=None if row.severity is None else Severity(row.severity),
        clock=row.clock,
        due_at=row.due_at,
        because=row.because,
        change=Change(
            before=row.state_before,
            after=row.state_after,
            reason=row.reason,
            topic=row.topic,
            standing=row.standing,
            version=row.version,
            letter_before=row.letter_before,
            letter_after=row.letter_after,
            code=row.code,
        ),
    )


def title_of(facts: AlertFacts, language: str) -> str:
    return translate(TITLES[facts.event], language)


def mail_subject(facts: AlertFacts, language: str) -> str:
    title = title_of(facts, language)
    return translate(SUBJECT, language, title=title, subject=facts.subject)


def mail_text(facts: AlertFacts, language: str, links: Links) -> str:
    """Return the text of a mail in the reader's language; a grade is never in it."""
    told: dict[str, object] = {
        "subject": facts.subject,
        **_change_in_words(facts.change, language),
    }
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
    parts = [title_of(facts, language), "\n".join(lines)]
    if links.verify is not None:
        parts.append(f"{translate(VERIFY, language)}\n{links.verify}")
    parts += [
        f"{translate(LOOK, language)}\n{links.page}",
        translate(WHY, language),
    ]
    return "\n\n".join(parts) + "\n"


def _change_in_words(change: Change, language: str) -> dict[str, object]:
    """Return what a mail tells of a change: states, the class of reason, the version."""
    words = {
        "before": STATES.get(change.before or ""),
        "after": STATES.get(change.after or ""),
        "reason": CARD_REASONS.get(change.reason or ""),
    }
    told: dict[str, object] = {
        name: translate(word, language) for name, word in words.items() if word
    }
    if change.version is not None:
        told["version"] = change.version
    return told


def change_document(change: Change, links: Links) -> dict[str, object] | None:
    """Return what programs are told of a change; None where nothing has changed."""
    if change == NO_CHANGE:
        return None
    return {
        "from": change.before,
        "to": change.after,
        "reason": change.reason,
        "topic": change.topic,
        "standing": change.standing,
        "version": change.version,
        "from_letter": change.letter_before,
        "to_letter": change.letter_after,
        "verify": links.verify,
    }


def webhook_body(facts: AlertFacts, links: Links) -> bytes:
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
            "change": change_document(facts.change, links),
            "link": links.page,
        },
    }
    return json.dumps(document, separators=(",", ":")).encode()
