"""What a mail and a message tell of a card: states and reasons, in the reader's words."""

import json
from datetime import UTC, datetime

from compliance.alerts.changes import Change
from compliance.alerts.events import AlertEvent
from compliance.alerts.telling import (
    CARD_REASONS,
    AlertFacts,
    Links,
    mail_text,
    webhook_body,
)
from compliance.scorecards.lifecycle import Why

LETTER = "Q"  # no grade, so that it stands nowhere else
SUSPENDED = AlertFacts(
    public_id="alert_a",
    event=AlertEvent.CARD_SUSPENDED,
    subject="SC-2026-CO-AAAAAAAA",
    at=datetime(2026, 11, 22, 12, tzinfo=UTC),
    site="site_a",
    change=Change(
        before="issued",
        after="suspended",
        reason="zero_tolerance",
        topic="forced_labour",
        standing="suspected",
        version=3,
        letter_before=LETTER,
        code="AAAA-BBBB-CCCC",
    ),
)
LINKS = Links.of("https://atalaya.example", SUSPENDED)


def test_a_mail_tells_states_and_the_class_of_reason_but_no_grade_and_no_topic() -> (
    None
):
    mail = mail_text(SUSPENDED, "en", LINKS)

    for told in (
        "Before: Valid",
        "Now: Suspended",
        "Why: A zero-tolerance review was opened",
        "Version: 3",
        "https://atalaya.example/v/AAAA-BBBB-CCCC",
    ):
        assert told in mail
    for kept in (LETTER, "labour", "suspected"):
        assert kept not in mail


def test_a_message_to_a_program_tells_the_grade_that_was() -> None:
    data = json.loads(webhook_body(SUSPENDED, LINKS))["data"]

    assert (data["change"]["from_letter"], data["change"]["to_letter"]) == (
        LETTER,
        None,
    )
    assert data["link"] == "https://atalaya.example/sites/site_a"


def test_every_reason_for_what_becomes_of_a_card_has_its_words() -> None:
    assert set(CARD_REASONS) == set(Why)
