"""Scorecards as they are told over HTTP, and what is stated when one is issued."""

from typing import Annotated, Any

from pydantic import Field

from api.wire import Day, Wire
from compliance.identity.policy import Relation
from compliance.scorecards.checking import CheckedCard, CheckKind, Found
from compliance.scorecards.codes import KeyKind, Letter, Notice, PayerKind, Status
from compliance.scorecards.grading import Concealment, Sign
from compliance.scorecards.lifecycle import Why
from compliance.scorecards.material import Statement
from compliance.scorecards.queries import ScorecardRecord

SEEN_AS = {
    "own": Relation.OWN,
    "operates": Relation.OPERATES,
    "shared": Relation.SHARED_SCORECARD,
}


class ConcealmentWire(Wire):
    """What was seen of concealment; what nobody looked for is undetermined."""

    access: Annotated[Sign, Field(description="Access was refused.")] = (
        Sign.UNDETERMINED
    )
    records: Annotated[Sign, Field(description="Records were falsified.")] = (
        Sign.UNDETERMINED
    )
    coaching: Annotated[Sign, Field(description="Workers were coached.")] = (
        Sign.UNDETERMINED
    )


class NewScorecard(Wire):
    """What the issuing person states of the fieldwork, where the visit left it open."""

    notice: Notice | None = None
    payer: PayerKind | None = None
    had_off_site_interviews: Annotated[bool | None, Field(strict=True)] = None
    concealment: ConcealmentWire = Field(default_factory=ConcealmentWire)

    def statement(self) -> Statement:
        return Statement(
            notice=self.notice,
            payer=self.payer,
            had_off_site_interviews=self.had_off_site_interviews,
            concealment=Concealment(
                access=self.concealment.access,
                records=self.concealment.records,
                coaching=self.concealment.coaching,
            ),
        )


class ScorecardWire(Wire):
    """An issued card and what it is worth now."""

    id: str
    site: str
    site_name: str
    version: int
    status: Status
    is_in_force: bool
    letter: Letter | None
    score: int | None
    issued_at: str
    valid_until: Day
    sha256: str
    pdf_sha256: dict[str, str]
    verify_code: str
    relation: Relation


class ScorecardPage(Wire):
    items: list[ScorecardWire]
    next: str | None


class CheckWire(Wire):
    """One check and what came of it."""

    check: CheckKind
    found: Found


class VerifiedWire(Wire):
    """What anybody may know of a card: whether it holds, and no grade."""

    id: str
    version: int
    status: Status
    reason: Why
    since: str
    producer: str
    country: str
    region: str
    issuer: str
    issued_at: str
    valid_until: Day
    sha256: str
    pdf_sha256: dict[str, str]
    successor: str | None
    successor_code: str | None
    is_genuine: Annotated[
        bool, Field(description="Whether what is kept of it is what was issued.")
    ]
    signer: str | None
    key_kind: KeyKind
    kid: str | None
    json_sha256: Annotated[
        str, Field(description="Of the JSON as a file; `sha256` it tells of itself.")
    ]
    checks: list[CheckWire]


def scorecard_document(card: ScorecardRecord) -> dict[str, Any]:
    """Return a card as lists tell it."""
    return {
        "id": card.public_id,
        "site": card.site_public_id,
        "site_name": card.site_name,
        "version": card.version,
        "status": card.status,
        "is_in_force": card.is_in_force,
        "letter": card.letter,
        "score": card.score,
        "issued_at": card.issued_at,
        "valid_until": card.valid_until,
        "sha256": card.sha256,
        "pdf_sha256": card.pdf_sha256,
        "verify_code": card.code,
        "relation": card.relation,
    }


def verified_document(checked: CheckedCard) -> dict[str, Any]:
    """Return what the public may know of a card."""
    card = checked.verified
    return {
        "id": card.public_id,
        "version": card.version,
        "status": card.status,
        "reason": card.reason,
        "since": card.changed_at,
        "producer": card.producer,
        "country": card.country,
        "region": card.region,
        "issuer": card.issuer,
        "issued_at": card.issued_at,
        "valid_until": card.valid_until,
        "sha256": card.sha256,
        "pdf_sha256": card.pdf_sha256,
        "successor": card.successor,
        "successor_code": checked.successor_code,
        "is_genuine": checked.is_genuine,
        "signer": checked.signer,
        "key_kind": checked.key_kind,
        "kid": checked.kid,
        "json_sha256": checked.json_sha256,
        "checks": [{"check": one.kind, "found": one.found} for one in checked.checks],
    }
