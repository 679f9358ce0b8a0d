"""What people write about a corrective action: sealed, and read on purpose only."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Session

from compliance.corrective_actions.codes import TextKind
from compliance.corrective_actions.lifecycle import Step
from compliance.corrective_actions.models import (
    CorrectiveActionStep,
    CorrectiveActionText,
)
from compliance.corrective_actions.queries import ActionRecord, corrective_action
from compliance.database import on_behalf_of
from compliance.identifiers import OrganisationId, new_id
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.sealing import DataKey, Keyring, data_key, seal, unseal

TEXTS = (
    select(
        CorrectiveActionText.ordinal,
        CorrectiveActionText.kind,
        CorrectiveActionText.sealed,
        CorrectiveActionStep.step,
        CorrectiveActionStep.actor,
        CorrectiveActionStep.taken_at,
    )
    .join(
        CorrectiveActionStep,
        (CorrectiveActionStep.action_id == CorrectiveActionText.action_id)
        & (CorrectiveActionStep.ordinal == CorrectiveActionText.ordinal),
    )
    .where(CorrectiveActionText.action_id == bindparam("action_id"))
    .order_by(CorrectiveActionText.ordinal, CorrectiveActionText.kind)
)


@dataclass(frozen=True)
class TextRecord:
    kind: TextKind
    step: Step
    text: str = field(repr=False)
    actor: str
    written_at: datetime


def key_of(
    session: Session, keyring: Keyring, owner_id: OrganisationId, key_id: uuid.UUID
) -> DataKey:
    """Return the key of an action; it belongs to whoever keeps the finding."""
    with on_behalf_of(session, owner_id):
        return data_key(session, keyring, key_id)


def keep_texts(
    session: Session,
    key: DataKey,
    action_id: uuid.UUID,
    ordinal: int,
    texts: Mapping[TextKind, str],
) -> None:
    """Seal what was written at one step, each for its very place."""
    for kind, text in texts.items():
        session.execute(
            insert(CorrectiveActionText).values(
                id=new_id(),
                action_id=action_id,
                ordinal=ordinal,
                kind=kind,
                sealed=seal(
                    key.secret, text.encode(), _place(action_id, ordinal, kind)
                ),
            )
        )


def texts_of(
    session: Session, scope: Scope, keyring: Keyring, public_id: str
) -> tuple[TextRecord, ...]:
    """Return what was written about an action, the first first."""
    scope.require(Permission.READ_STATEMENTS)
    found: ActionRecord = corrective_action(session, scope, public_id)
    rows = session.execute(TEXTS, {"action_id": found.id}).all()
    if not rows:
        return ()
    key = key_of(session, keyring, found.owner_id, found.key_id)
    return tuple(
        TextRecord(
            kind=TextKind(row.kind),
            step=Step(row.step),
            text=unseal(
                key.secret, row.sealed, _place(found.id, row.ordinal, row.kind)
            ).decode(),
            actor=row.actor,
            written_at=row.taken_at,
        )
        for row in rows
    )


def _place(action_id: uuid.UUID, ordinal: int, kind: str) -> str:
    return f"corrective action\n{action_id}\n{ordinal}\n{kind}"
