"""Which of the issuer's keys are good: the one in force, and those of living cards."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from compliance import clock, trail
from compliance.identifiers import OrganisationId
from compliance.identity.models import Organisation
from compliance.identity.scope import SYSTEM
from compliance.scorecards.models import Scorecard, ScorecardCredential
from compliance.signatures.keys import IssuerFiles, Key
from compliance.signatures.models import IssuerKey
from compliance.signatures.registering import Replaced, rotate, withdraw


@dataclass(frozen=True)
class KeyRecord:
    """A public key of the issuer, and whether it is good now."""

    kid: str
    public_jwk: Mapping[str, object]
    certificates: str
    is_test: bool
    created_at: datetime
    retired_at: datetime | None
    withdrawn_at: datetime | None
    is_listed: bool


def known_keys(session: Session, current: Key) -> Sequence[KeyRecord]:
    """Return every key that has signed, the oldest first, and the one in force.

    One is listed until the last card it signed has run out, unless it was withdrawn.
    """
    lives = (
        exists()
        .where(
            ScorecardCredential.kid == IssuerKey.kid,
            ScorecardCredential.scorecard_id == Scorecard.id,
            Scorecard.valid_until >= clock.today(),
        )
        .correlate(IssuerKey)
        .label("lives")
    )
    rows = session.execute(
        select(IssuerKey, lives).order_by(IssuerKey.created_at, IssuerKey.kid)
    ).all()
    known = [_record(row.IssuerKey, current, lives=row.lives) for row in rows]
    if current.kid in {one.kid for one in known}:
        return known
    return [*known, _unused(current)]


def listed_keys(session: Session, current: Key) -> Sequence[Mapping[str, object]]:
    """Return the public keys that a reader of cards and status lists may trust."""
    return [one.public_jwk for one in known_keys(session, current) if one.is_listed]


def rotate_and_tell(
    session: Session, files: IssuerFiles, *, at_once: bool = False
) -> Replaced:
    """Rotate, and write it to the trail of every organisation: the key signs for all."""
    replaced = rotate(session, files, at_once=at_once)
    _tell(
        session,
        "issuer_key.rotated",
        replaced.after,
        before=replaced.before,
        at_once=at_once,
    )
    return replaced


def withdraw_and_tell(session: Session, kid: str) -> None:
    """Take a key from the list, and write it to the trail of every organisation."""
    withdraw(session, kid)
    _tell(session, "issuer_key.withdrawn", kid)


def _tell(session: Session, action: str, kid: str, **facts: object) -> None:
    for organisation_id in session.scalars(
        select(Organisation.id)
        .where(Organisation.registered_by_id.is_(None))
        .order_by(Organisation.id)
    ).all():
        trail.record(
            session,
            organisation_id=OrganisationId(organisation_id),
            actor=SYSTEM,
            action=action,
            subject_id=kid,
            **facts,
        )


def _record(row: IssuerKey, current: Key, *, lives: bool) -> KeyRecord:
    return KeyRecord(
        kid=row.kid,
        public_jwk=json.loads(row.public_jwk),
        certificates=row.certificates,
        is_test=row.is_test,
        created_at=row.created_at,
        retired_at=row.retired_at,
        withdrawn_at=row.withdrawn_at,
        is_listed=row.withdrawn_at is None and (row.kid == current.kid or lives),
    )


def _unused(current: Key) -> KeyRecord:
    """Return the key in force that has signed nothing yet."""
    return KeyRecord(
        kid=current.kid,
        public_jwk=current.public_jwk(),
        certificates=current.certificates_pem(),
        is_test=current.is_test,
        created_at=clock.now(),
        retired_at=None,
        withdrawn_at=None,
        is_listed=True,
    )
