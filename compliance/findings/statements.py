"""What people write about a finding, beside its codes: sealed, and read on purpose only.

A sentence in a dispute can name somebody. It is sealed under a data key of its own that
belongs to the organisation that keeps the finding; both that organisation and the site's
operator can read it, as the policy says, and nothing else in the product does.
"""

import json
import uuid
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Session

from compliance import clock
from compliance.database import on_behalf_of
from compliance.findings.lifecycle import Step
from compliance.findings.models import (
    Confirmation,
    Finding,
    FindingStatement,
    FindingStep,
)
from compliance.findings.queries import finding
from compliance.findings.standing import Basis, Body
from compliance.identifiers import OrganisationId, new_id
from compliance.identity.permissions import Permission
from compliance.identity.policy import Relation
from compliance.identity.scope import Scope
from compliance.sealing import Keyring, data_key, new_data_key, seal, unseal


@dataclass(frozen=True)
class Written:
    """What somebody wrote, and the keys it is to be sealed with."""

    text: str = field(repr=False)
    keyring: Keyring


@dataclass(frozen=True)
class Stated:
    """What a competent body stated: which one, when, and where that can be looked up."""

    body: Body
    reference: Written
    stated_on: date
    file_sha256: str | None = None


@dataclass(frozen=True)
class StatementRecord:
    step: Step
    text: str = field(repr=False)
    actor: str
    written_at: datetime


@dataclass(frozen=True)
class ConfirmationRecord:
    """On what a person confirmed; the number of the body only to who decides."""

    basis: Basis
    body: Body | None
    reference: str | None = field(repr=False)
    stated_on: date | None
    file_sha256: str | None
    actor: str
    confirmed_at: datetime


STATEMENTS = (
    select(
        FindingStatement.finding_id,
        FindingStatement.ordinal,
        FindingStatement.owner_id,
        FindingStatement.key_id,
        FindingStatement.sealed,
        FindingStep.step,
        FindingStep.actor,
        FindingStep.taken_at,
    )
    .join(
        FindingStep,
        (FindingStep.finding_id == FindingStatement.finding_id)
        & (FindingStep.ordinal == FindingStatement.ordinal),
    )
    .join(Finding, Finding.id == FindingStatement.finding_id)
    .where(Finding.id == bindparam("finding_id"))
    .order_by(FindingStatement.ordinal)
)
CONFIRMATIONS = (
    select(
        Confirmation.finding_id,
        Confirmation.ordinal,
        Confirmation.basis,
        Confirmation.body,
        Confirmation.stated_on,
        Confirmation.file_sha256,
        Confirmation.key_id,
        Confirmation.sealed,
        FindingStep.actor,
        FindingStep.taken_at,
    )
    .join(
        FindingStep,
        (FindingStep.finding_id == Confirmation.finding_id)
        & (FindingStep.ordinal == Confirmation.ordinal),
    )
    .where(
        Confirmation.finding_id == bindparam("finding_id"),
        Confirmation.owner_id == bindparam("owner_id"),
    )
    .order_by(Confirmation.ordinal)
)


def keep_statement(
    session: Session,
    finding_id: uuid.UUID,
    ordinal: int,
    owner_id: OrganisationId,
    written: Written,
) -> None:
    """Seal what was written about one step of a finding."""
    key_id, sealed = sealed_for(
        session, owner_id, written, _place("statement", finding_id, ordinal)
    )
    session.execute(
        insert(FindingStatement).values(
            id=new_id(),
            finding_id=finding_id,
            ordinal=ordinal,
            owner_id=owner_id,
            key_id=key_id,
            sealed=sealed,
        )
    )


def keep_confirmation(
    session: Session,
    finding_id: uuid.UUID,
    ordinal: int,
    owner_id: OrganisationId,
    basis: Basis,
    stated: Stated | None,
) -> None:
    """Keep on what a finding was confirmed; a body's file number can lead to people."""
    place = _place("confirmation", finding_id, ordinal)
    key_id, sealed = (
        (None, None)
        if stated is None
        else sealed_for(session, owner_id, stated.reference, place)
    )
    session.execute(
        insert(Confirmation).values(
            id=new_id(),
            finding_id=finding_id,
            ordinal=ordinal,
            owner_id=owner_id,
            basis=basis,
            body=stated and stated.body,
            stated_on=stated and stated.stated_on,
            file_sha256=stated and stated.file_sha256,
            key_id=key_id,
            sealed=sealed,
            confirmed_at=clock.now(),
        )
    )


def statements_of(
    session: Session, scope: Scope, keyring: Keyring, public_id: str
) -> tuple[StatementRecord, ...]:
    """Return what was written about a finding, the first first."""
    scope.require(Permission.READ_STATEMENTS)
    found = finding(session, scope, public_id)
    rows = session.execute(STATEMENTS, {"finding_id": found.id}).all()
    return tuple(
        StatementRecord(
            step=Step(row.step),
            text=opened_for(
                session,
                keyring,
                row.owner_id,
                row.key_id,
                row.sealed,
                _place("statement", row.finding_id, row.ordinal),
            ),
            actor=row.actor,
            written_at=row.taken_at,
        )
        for row in rows
    )


def confirmations_of(
    session: Session, scope: Scope, keyring: Keyring, public_id: str
) -> tuple[ConfirmationRecord, ...]:
    """Return on what a finding of one's own was confirmed; nothing of another's."""
    scope.require(Permission.READ_STATEMENTS)
    found = finding(session, scope, public_id)
    if found.relation is not Relation.OWN:
        return ()
    decides = scope.may(Permission.DECIDE_FINDINGS)
    rows = session.execute(
        CONFIRMATIONS, {"finding_id": found.id, "owner_id": scope.organisation_id}
    ).all()
    return tuple(
        ConfirmationRecord(
            basis=Basis(row.basis),
            body=None if row.body is None else Body(row.body),
            reference=opened_for(
                session,
                keyring,
                scope.organisation_id,
                row.key_id,
                row.sealed,
                _place("confirmation", row.finding_id, row.ordinal),
            )
            if decides and row.key_id is not None
            else None,
            stated_on=row.stated_on,
            file_sha256=row.file_sha256,
            actor=row.actor,
            confirmed_at=row.taken_at,
        )
        for row in rows
    )


def sealed_for(
    session: Session, owner_id: OrganisationId, written: Written, place: str
) -> tuple[uuid.UUID, bytes]:
    """Seal a text under a new key of an organisation; return the key and the sealed."""
    with on_behalf_of(session, owner_id):  # who operates the site writes for its keeper
        key = new_data_key(session, written.keyring, owner_id)
    content = json.dumps({"text": written.text}, ensure_ascii=False).encode()
    return key.id, seal(key.secret, content, place)


def opened_for(
    session: Session,
    keyring: Keyring,
    owner_id: uuid.UUID,
    key_id: uuid.UUID,
    sealed: bytes,
    place: str,
) -> str:
    """Open a text for somebody of whom the policy was asked."""
    with on_behalf_of(session, OrganisationId(owner_id)):
        key = data_key(session, keyring, key_id)
    return str(json.loads(unseal(key.secret, sealed, place))["text"])


def _place(kind: str, finding_id: uuid.UUID, ordinal: int) -> str:
    return f"finding {kind}\n{finding_id}\n{ordinal}"
