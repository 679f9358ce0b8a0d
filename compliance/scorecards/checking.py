"""What is checked of a card whenever its code is asked for: key, papers, lists, trail.

Each check looks at what is kept, not at what was once noted of it. It tells the public
nothing but whether the card is genuine and holds.
"""

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

import rfc8785
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from compliance import clock
from compliance.scorecards.codes import KeyKind, Status
from compliance.scorecards.models import (
    Scorecard,
    ScorecardCredential,
    ScorecardListing,
)
from compliance.scorecards.queries import CodeUnknown, Verified, verify
from compliance.scorecards.status_lists import SET_FOR, Purpose
from compliance.signatures.models import IssuerKey
from compliance.trail import TrailEntry

NOBODY = uuid.UUID(int=0)


class CheckKind(StrEnum):
    DOCUMENT = "document"
    TRAIL = "trail"
    KEY = "key"
    SIGNATURE = "signature"
    REVOCATION_LIST = "revocation_list"
    SUSPENSION_LIST = "suspension_list"
    VERSION = "version"
    DATES = "dates"


class Found(StrEnum):
    """What a check came to; `waiting` while papers are made, `none` where none are."""

    HOLDS = "holds"
    FAILS = "fails"
    WAITING = "waiting"
    NONE = "none"


@dataclass(frozen=True)
class Check:
    """One check and what came of it."""

    kind: CheckKind
    found: Found


@dataclass(frozen=True)
class CheckedCard:
    """A card by its code, with every check, and the hashes its files must have."""

    verified: Verified
    signer: str | None
    key_kind: KeyKind
    kid: str | None
    json_sha256: str
    successor_code: str | None
    checks: tuple[Check, ...]

    @property
    def is_genuine(self) -> bool:
        """Whether nothing speaks against it being what was issued, then or now."""
        of_papers = {
            CheckKind.DOCUMENT,
            CheckKind.TRAIL,
            CheckKind.KEY,
            CheckKind.SIGNATURE,
        }
        return not any(
            check.kind in of_papers and check.found is Found.FAILS
            for check in self.checks
        )


BEHIND = (
    select(
        Scorecard.id,
        Scorecard.owner_id,
        Scorecard.site_id,
        Scorecard.content,
        ScorecardCredential.content.label("credential"),
        ScorecardListing.place,
        IssuerKey.kid,
        IssuerKey.public_jwk,
        IssuerKey.is_test,
        IssuerKey.withdrawn_at,
    )
    .outerjoin(ScorecardCredential, ScorecardCredential.scorecard_id == Scorecard.id)
    .outerjoin(ScorecardListing, ScorecardListing.scorecard_id == Scorecard.id)
    .outerjoin(IssuerKey, IssuerKey.kid == ScorecardCredential.kid)
    .where(Scorecard.public_id == bindparam("public_id"))
)
NEWER = (
    select(Scorecard.code)
    .where(
        Scorecard.site_id == bindparam("site_id"),
        Scorecard.version > bindparam("version"),
    )
    .order_by(Scorecard.version.desc())
    .limit(1)
)
ENTRIES = (
    select(TrailEntry.leaf, TrailEntry.sha256)
    .where(
        TrailEntry.organisation_id == bindparam("owner_id"),
        TrailEntry.subject_id == bindparam("public_id"),
    )
    .order_by(TrailEntry.sequence)
    .limit(1)
)


def check(session: Session, code: str) -> CheckedCard:
    """Return what the public may know of a card, and every check of it.

    This takes no Scope: the code is the credential. Raise CodeUnknown for one that was
    never issued, after asking the database as much as for one that was.
    """
    try:
        verified = verify(session, code)
    except CodeUnknown:
        _ask(session, "", 0)
        raise
    row, newer, entry = _ask(session, verified.public_id, verified.version)
    issuer = json.loads(row.content)["issuer"]
    kind = KeyKind(issuer["key_kind"])
    return CheckedCard(
        verified=verified,
        signer=issuer["did"],
        key_kind=kind,
        kid=row.kid,
        json_sha256=hashlib.sha256(row.content).hexdigest(),
        successor_code=newer,
        checks=(
            Check(CheckKind.DOCUMENT, _document(row.content, verified.sha256)),
            Check(CheckKind.TRAIL, _trail(entry, verified.sha256)),
            Check(CheckKind.KEY, _key(row, kind)),
            Check(CheckKind.SIGNATURE, _signature(row, kind)),
            Check(
                CheckKind.REVOCATION_LIST,
                _listed(row.place, verified.status, Purpose.REVOCATION),
            ),
            Check(
                CheckKind.SUSPENSION_LIST,
                _listed(row.place, verified.status, Purpose.SUSPENSION),
            ),
            Check(CheckKind.VERSION, _held(verified.status is not Status.SUPERSEDED)),
            Check(CheckKind.DATES, _dates(verified.valid_until)),
        ),
    )


def _ask(session: Session, public_id: str, version: int) -> tuple[Any, Any, Any]:
    row = session.execute(BEHIND, {"public_id": public_id}).one_or_none()
    site_id, owner_id = (row.site_id, row.owner_id) if row else (NOBODY, NOBODY)
    newer = session.scalar(NEWER, {"site_id": site_id, "version": version})
    entry = session.execute(
        ENTRIES, {"owner_id": owner_id, "public_id": public_id}
    ).one_or_none()
    return row, newer, entry


def _held(holds: bool) -> Found:  # noqa: FBT001 - it is what it says
    return Found.HOLDS if holds else Found.FAILS


def _document(content: bytes, sha256: str) -> Found:
    """Whether the kept document has the hash it claims, and that of its row.

    It is kept in its canonical form, so what is hashed is cut out of it as it stands.
    """
    integrity = json.loads(content)["integrity"]
    before, own, after = content.partition(
        b'"integrity":' + rfc8785.dumps(integrity) + b","
    )
    exact = hashlib.sha256(before + after).hexdigest()
    return _held(bool(own) and integrity["sha256"] == exact == sha256)


def _trail(entry: Any, sha256: str) -> Found:
    """Whether the first entry about the card is whole, and of this very document."""
    if entry is None or hashlib.sha256(entry.leaf).digest() != entry.sha256:
        return Found.FAILS
    return _held(json.loads(entry.leaf)["facts"].get("sha256") == sha256)


def _key(row: Any, kind: KeyKind) -> Found:
    if kind is KeyKind.NONE:
        return Found.NONE
    if row.kid is None:
        return Found.WAITING
    return _held(row.withdrawn_at is None and row.is_test is (kind is KeyKind.TEST))


def _signature(row: Any, kind: KeyKind) -> Found:
    """Whether the card's credential is signed by the key it names."""
    if kind is KeyKind.NONE:
        return Found.NONE
    if row.credential is None:
        return Found.WAITING
    jwk: Mapping[str, Any] = json.loads(row.public_jwk)
    try:
        jws.deserialize_compact(row.credential, ECKey.import_key(dict(jwk)), ["ES256"])
    except JoseError:
        return Found.FAILS
    return Found.HOLDS


def _listed(place: int | None, status: Status, purpose: Purpose) -> Found:
    """Whether the bit of the card is unset in the list; cards of before have none."""
    return Found.NONE if place is None else _held(status not in SET_FOR[purpose])


def _dates(valid_until: date) -> Found:
    return _held(clock.today() <= valid_until)
