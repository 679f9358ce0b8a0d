"""Data keys: one for what is sealed of one record, so that one record can be forgotten.

Only the wrapping of a data key changes when wrapping keys change; what it seals, files
of many megabytes among it, stays as it is.
"""

import uuid
from dataclasses import dataclass, field
from typing import cast

from sqlalchemy import Table, bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from compliance.identifiers import OrganisationId, new_id
from compliance.sealing.cipher import make_key, seal, unseal
from compliance.sealing.keyring import Keyring, SealingKeyMissing
from compliance.sealing.models import SealedKey

AT_ONCE = 500
ONE_KEY = select(
    SealedKey.owner_id, SealedKey.wrapping_key_id, SealedKey.wrapped
).where(SealedKey.id == bindparam("key_id"))
ADD = insert(cast(Table, SealedKey.__table__))


@dataclass(frozen=True)
class DataKey:
    """A key that opens what is sealed of one record."""

    id: uuid.UUID
    secret: bytes = field(repr=False)


def new_data_key(
    session: Session, keyring: Keyring, owner_id: OrganisationId | uuid.UUID
) -> DataKey:
    """Make a data key of an organisation and keep it wrapped."""
    wrapping, made = keyring.newest(), DataKey(new_id(), make_key())
    session.execute(
        ADD,
        {
            "id": made.id,
            "owner_id": owner_id,
            "wrapping_key_id": wrapping.id,
            "wrapped": seal(wrapping.key, made.secret, _place(made.id, owner_id)),
        },
    )
    return made


def data_key(session: Session, keyring: Keyring, key_id: uuid.UUID) -> DataKey:
    """Return a data key; raise SealingKeyMissing where it, or what wraps it, is gone."""
    row = session.execute(ONE_KEY, {"key_id": key_id}).one_or_none()
    if row is None:
        raise SealingKeyMissing(key=str(key_id), path=str(keyring.path))
    wrapping = keyring.named(row.wrapping_key_id)
    return DataKey(
        key_id, unseal(wrapping.key, row.wrapped, _place(key_id, row.owner_id))
    )


def destroy(session: Session, key_id: uuid.UUID) -> None:
    """Forget a data key: what it sealed can never be read again, in backups neither."""
    session.execute(delete(SealedKey).where(SealedKey.id == key_id))


def rewrap(session: Session, keyring: Keyring) -> int:
    """Wrap some data keys of older wrapping keys with the newest; return how many.

    System work, called again until it returns 0.
    """
    newest = keyring.newest()
    rows = session.execute(
        select(
            SealedKey.id,
            SealedKey.owner_id,
            SealedKey.wrapping_key_id,
            SealedKey.wrapped,
        )
        .where(SealedKey.wrapping_key_id != newest.id)
        .limit(AT_ONCE)
    ).all()
    for row in rows:
        place = _place(row.id, row.owner_id)
        secret = unseal(keyring.named(row.wrapping_key_id).key, row.wrapped, place)
        session.execute(
            update(SealedKey)
            .where(SealedKey.id == row.id)
            .values(wrapping_key_id=newest.id, wrapped=seal(newest.key, secret, place))
        )
    return len(rows)


def _place(key_id: uuid.UUID, owner_id: uuid.UUID) -> str:
    return f"data key\n{owner_id}\n{key_id}"
