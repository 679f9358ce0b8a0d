"""The credential: it says no more than the card, and any UNTP reader takes it."""

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from compliance.scorecards.codes import KeyKind, Limit
from compliance.scorecards.content import Issuer, Scorecard
from compliance.scorecards.credential import (
    TOPIC_OF,
    Grounds,
    assessment_level,
    credential_of,
    multihash,
)
from compliance.scorecards.status_lists import Place
from tests.unit.scorecards.cards import CARDS
from tests.unit.scorecards.sample import card

# The schemas are not the product's to ship; they lie beside the repository, or not.
SCHEMAS = Path(__file__).parents[4] / "shared" / "untp" / "0.7.0"
TOPICS = SCHEMAS.parent / "0.7.0-april" / "untp-topics.json"
ABSENT = f"the UNTP schemas are not in {SCHEMAS.relative_to(Path(__file__).parents[4])}"
GROUNDS = Grounds(
    public_url="https://cards.example.org",
    site_public_id="site_7q4mk2xh9v3t0abc",
    place=Place(1, 70_001),
    pdf_sha256="ab" * 32,
    pdf_language="en",
)


def told_of(card: Scorecard) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(json.dumps(credential_of(card, GROUNDS)))
    return told


def assessments(card: Scorecard) -> dict[str, dict[str, Any]]:
    found = told_of(card)["credentialSubject"]["conformityAssessment"]
    return {one["id"].partition("#")[2]: one for one in found}


@pytest.mark.skipif(not SCHEMAS.exists(), reason=ABSENT)
@pytest.mark.parametrize("state", sorted(CARDS))
def test_every_card_is_a_credential_by_the_schema(state: str) -> None:
    schema = json.loads((SCHEMAS / "ConformityCredential.json").read_text())
    signed = CARDS[state].model_copy(
        update={
            "issuer": Issuer(
                name="Sello Andino",
                audit_firm=None,
                did="did:web:cards.example.org",
                key_kind=KeyKind.TEST,
            )
        }
    )

    validator = jsonschema_rs.validator_for(schema, validate_formats=True)

    mistakes = [str(one) for one in validator.iter_errors(told_of(signed))]
    assert mistakes == []


@pytest.mark.skipif(not TOPICS.exists(), reason=ABSENT)
def test_every_topic_is_one_that_the_vocabulary_has() -> None:
    known = TOPICS.read_text()

    strangers = {name for name in TOPIC_OF.values() if f'"topics:{name}"' not in known}

    assert strangers == set()


def test_what_could_not_be_determined_has_no_conformance() -> None:
    told = assessments(CARDS["C"])

    for topic in CARDS["C"].topics:
        expected = False if topic.not_met else None
        if not topic.not_met and topic.determinate_share == 100:
            expected = True
        assert told[topic.code].get("conformance") is expected
    assert any("conformance" not in one for one in told.values())


def test_the_score_is_the_letter_and_the_gates_that_decided() -> None:
    told = told_of(CARDS["C"])["credentialSubject"]["profileScore"]
    ungraded = told_of(CARDS["not_graded"])["credentialSubject"]["profileScore"]

    assert (told["code"], told["rank"]) == ("C", 3)
    assert told["definition"].startswith("Score ")
    assert (ungraded["code"], "rank" in ungraded) == ("not_graded", False)


def test_a_topic_tells_its_score_and_how_much_was_determined() -> None:
    (topic, *_) = [one for one in card().topics if one.score is not None]

    measures = [
        one["measure"] for one in assessments(card())[topic.code]["assessedPerformance"]
    ]

    assert measures == [
        {"value": topic.score, "unit": "C62"},
        {"value": topic.determinate_share, "unit": "P1"},
    ]


def test_nobody_is_claimed_to_be_accredited() -> None:
    firm = Issuer(
        name="Sello Andino",
        audit_firm="Auditores del Sur",
        did="did:web:cards.example.org",
        key_kind=KeyKind.OPERATOR,
    )
    real = card().model_copy(update={"issuer": firm, "limits": ()})

    levels = {
        "a test key": assessment_level(card()),
        "a firm": assessment_level(real),
        "a pilot": assessment_level(
            real.model_copy(update={"limits": (Limit.DEMONSTRATION,)})
        ),
        "no firm": assessment_level(
            real.model_copy(
                update={"issuer": firm.model_copy(update={"audit_firm": None})}
            )
        ),
    }

    assert levels == {
        "a test key": "no-endorsement",
        "a firm": "scheme-cab",
        "a pilot": "no-endorsement",
        "no firm": "no-endorsement",
    }
    assert "authorisation" not in told_of(real)["credentialSubject"]


def test_a_site_is_its_register_id_and_no_place_on_a_map() -> None:
    whole = json.dumps(told_of(CARDS["C"]))

    (facility,) = assessments(CARDS["C"])["child_labour"]["assessedFacility"]

    assert facility["facility"]["registeredId"] == "site_7q4mk2xh9v3t0abc"
    assert "latitude" not in whole
    assert "tenths" not in whole
    assert "geo" not in whole.lower()


def test_the_certificate_is_the_pdf_by_its_hash() -> None:
    link = told_of(card())["credentialSubject"]["conformityCertificate"]

    assert link["digestMultibase"] == multihash("ab" * 32)
    # u, then 0x12 0x20 and 32 bytes of 0xab, as base64url.
    assert link["digestMultibase"][:6] == "uEiCrq"
    assert link["linkURL"].endswith(f"{card().id}.pdf?language=en")


def test_contexts_are_named_and_the_status_is_one_entry() -> None:
    told = told_of(card())

    assert told["@context"] == [
        "https://www.w3.org/ns/credentials/v2",
        "https://vocabulary.uncefact.org/untp/0.7.0/context/",
    ]
    assert told["credentialStatus"] == {
        "type": "BitstringStatusListEntry",
        "statusPurpose": "suspension",
        "statusListIndex": 70_001,
        "statusListCredential": "https://cards.example.org/v1/status-lists/suspension/1",
    }
