"""The card as a Digital Conformity Credential of the UN Transparency Protocol (0.7.0).

It says no more than the card: what could not be determined has no conformance, neither
true nor false; nobody is claimed to be accredited; a site is named by its register id
and has no place on a map. Its schema gives a credential one status entry, so that names
the list on which every card stands that may not be relied on.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from compliance.scorecards.codes import KeyKind, Letter, Limit, Topic
from compliance.scorecards.content import Gate, Scorecard, TopicResult
from compliance.scorecards.drawing.grade import SHARES
from compliance.scorecards.drawing.words import Words
from compliance.scorecards.status_lists import Place, Purpose, list_address

CONTEXTS = (
    "https://www.w3.org/ns/credentials/v2",
    "https://vocabulary.uncefact.org/untp/0.7.0/context/",
)
TOPICS = "https://vocabulary.uncefact.org/conformity-topic/"
TOPIC_OF: dict[Topic, str] = {
    Topic.CHILD_LABOUR: "youth-protection",
    Topic.FORCED_LABOUR: "forced-labor-elimination",
    Topic.WAGES_AND_HOURS: "decent-work-conditions",
    Topic.RECRUITMENT_AND_CONTRACTS: "decent-work-conditions",
    Topic.HEALTH_AND_SAFETY: "workplace-safety",
    Topic.FREEDOM_OF_ASSOCIATION: "worker-representation",
    Topic.EQUAL_TREATMENT: "rights-and-equality",
    Topic.GRIEVANCE_AND_MANAGEMENT: "feedback-channels",
}
# Units of UN/ECE Recommendation 20: one, and percent.
POINTS, PERCENT = "C62", "P1"
SHA2_256 = b"\x12\x20"  # as a multihash


@dataclass(frozen=True)
class Grounds:
    """What the credential needs beside the card: where things are, and their hashes."""

    public_url: str
    site_public_id: str
    place: Place
    pdf_sha256: str
    pdf_language: str


def credential_of(card: Scorecard, grounds: Grounds) -> dict[str, object]:
    """Return the credential of a card; contexts are named by their address alone."""
    address = f"{grounds.public_url}/v1/scorecards/{card.id}"
    return {
        "@context": list(CONTEXTS),
        "type": ["DigitalConformityCredential", "VerifiableCredential"],
        "id": f"{address}.vc",
        "issuer": {
            "type": ["CredentialIssuer"],
            "id": card.issuer.did,
            "name": card.issuer.name,
        },
        "validFrom": _instant(card.issued_at),
        "validUntil": f"{card.valid_until.isoformat()}T23:59:59Z",
        "name": f"Scorecard {card.id}, version {card.version}: {card.producer.name}",
        "credentialStatus": {
            "type": "BitstringStatusListEntry",
            "statusPurpose": Purpose.SUSPENSION,
            "statusListIndex": grounds.place.index,
            "statusListCredential": list_address(
                grounds.public_url, Purpose.SUSPENSION, grounds.place.list_number
            ),
        },
        "credentialSubject": _attestation(card, grounds, address),
    }


def multihash(sha256: str) -> str:
    """Return a SHA-256 as a multihash in multibase (base64url, no padding)."""
    packed = base64.urlsafe_b64encode(SHA2_256 + bytes.fromhex(sha256))
    return "u" + packed.rstrip(b"=").decode("ascii")


def _attestation(card: Scorecard, grounds: Grounds, address: str) -> dict[str, object]:
    rules = f"{grounds.public_url}/v1/rules"
    edition = f"{grounds.public_url}/v1/editions/{card.rulebook.edition}"
    return {
        "type": ["ConformityAttestation"],
        "id": address,
        "name": f"Scorecard {card.id}, version {card.version}",
        "assessorLevel": "3rdParty" if card.issuer.audit_firm else "unspecified",
        "assessmentLevel": assessment_level(card),
        "attestationType": "verification",
        "issuedToParty": _party(card, grounds),
        "referenceScheme": {
            "type": ["ConformityScheme"],
            "id": rules,
            "name": f"Rule book {card.rulebook.id}",
        },
        "referenceProfile": {
            "type": ["ConformityProfile"],
            "id": edition,
            "name": f"Rule book {card.rulebook.id}, edition {card.rulebook.edition}",
        },
        "profileScore": profile_score(card),
        "conformityCertificate": {
            "linkURL": f"{address}.pdf?language={grounds.pdf_language}",
            "linkName": f"Scorecard {card.id} (PDF, signed)",
            "digestMultibase": multihash(grounds.pdf_sha256),
            "mediaType": "application/pdf",
        },
        "conformityAssessment": [
            _assessment(card, topic, grounds, address, rules) for topic in card.topics
        ],
    }


def assessment_level(card: Scorecard) -> str:
    """Return who stands behind the assessor; nobody, for a test key or a pilot."""
    is_pilot = (
        card.issuer.key_kind is not KeyKind.OPERATOR
        or Limit.DEMONSTRATION in card.limits
        or card.issuer.audit_firm is None
    )
    return "no-endorsement" if is_pilot else "scheme-cab"


def profile_score(card: Scorecard) -> dict[str, object]:
    """Return the letter and why it is that: the gates that decided, in words."""
    grade, words = card.grade, Words("en")
    why = [
        f"{gate_in_words(words, gate)} ({words.code('effect', gate.caps_at or 'none')})"
        for gate in grade.binding_gates
    ]
    score = "not determinable" if grade.score is None else f"{grade.score} of 100"
    told: dict[str, object] = {
        "code": grade.letter or grade.state,
        "definition": ". ".join([f"Score {score}", *why]) + ".",
    }
    if grade.letter is not None:
        told["rank"] = list(Letter).index(grade.letter) + 1
    return told


def conformance(topic: TopicResult) -> bool | None:
    """Tell whether a topic conforms; None where not all of it could be determined."""
    if topic.not_met:
        return False
    return True if topic.determinate_share == 100 else None


def gate_in_words(words: Words, gate: Gate) -> str:
    """Return what was found at a gate, as the card tells it."""
    if isinstance(gate.value, str):
        return words.code("gate", gate.code, gate.value)
    if gate.value is None or gate.limit is None:
        return words.code("gate", gate.code, "missing")
    told = words.percent if gate.code in SHARES else words.number
    state = "beyond" if gate.applied else "within"
    return words.code(
        "gate", gate.code, state, value=told(gate.value), limit=told(gate.limit)
    )


def _assessment(
    card: Scorecard, topic: TopicResult, grounds: Grounds, address: str, rules: str
) -> dict[str, object]:
    name = Words("en").code("topic", topic.code)
    told: dict[str, object] = {
        "type": ["ConformityAssessment"],
        "id": f"{address}#{topic.code}",
        "name": name,
        "assessmentCriteria": [
            {"type": ["Criterion"], "id": f"{rules}#{topic.code}", "name": name}
        ],
        "assessmentDate": card.fieldwork.to_on.isoformat(),
        "assessedPerformance": _performance(topic, rules),
        "assessedFacility": [
            {
                "facility": {
                    "type": ["Facility"],
                    "id": f"{grounds.public_url}/v1/sites/{grounds.site_public_id}",
                    "name": card.producer.name,
                    "registeredId": grounds.site_public_id,
                }
            }
        ],
        "assessedOrganisation": _party(card, grounds),
        "conformityTopic": [
            {
                "type": ["ConformityTopic"],
                "id": TOPICS + TOPIC_OF[topic.code],
                "name": TOPIC_OF[topic.code].replace("-", " "),
            }
        ],
    }
    regulations = _regulations(card, topic.code, rules)
    if regulations:
        told["referenceRegulation"] = regulations
    conforms = conformance(topic)
    if conforms is not None:
        told["conformance"] = conforms
    return told


def _performance(topic: TopicResult, rules: str) -> list[dict[str, object]]:
    figures = (
        ("score", "Score", topic.score, POINTS),
        ("determinate-share", "Determinate share", topic.determinate_share, PERCENT),
    )
    return [
        {
            "metric": {
                "type": ["PerformanceMetric"],
                "id": f"{rules}#{code}",
                "name": name,
            },
            "measure": {"value": value, "unit": unit},
        }
        for code, name, value, unit in figures
        if value is not None
    ]


def _regulations(
    card: Scorecard, topic: Topic, rules: str
) -> Sequence[dict[str, object]]:
    """Return the law that the flags of a topic rest on, each article once."""
    articles = {
        (cited.instrument, cited.article): None
        for flag in card.flags
        if flag.topic is topic
        for cited in flag.citations
    }
    return [
        {
            "type": ["Regulation"],
            "id": f"{rules}#{quote(instrument, safe='')}/{quote(article, safe='')}",
            "name": f"{instrument}, {article}",
        }
        for instrument, article in articles
    ]


def _party(card: Scorecard, grounds: Grounds) -> dict[str, object]:
    return {
        "type": ["Party"],
        "id": f"{grounds.public_url}/v1/sites/{grounds.site_public_id}",
        "name": card.producer.name,
        "registeredId": grounds.site_public_id,
    }


def _instant(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
