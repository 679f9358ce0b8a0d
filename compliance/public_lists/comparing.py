"""How two editions of a list differ: what was added, removed, and said otherwise."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import bindparam
from sqlalchemy.orm import Session

from compliance.identity.scope import Scope
from compliance.public_lists.models import ListEdition
from compliance.public_lists.queries import (
    ENTRIES,
    OF_LIST,
    EditionRecord,
    EntryRecord,
    bound,
    edition,
    edition_record,
    entry_record,
)


@dataclass(frozen=True)
class Difference:
    """What changed from one edition to another, each in the order of the rows."""

    before: EditionRecord | None
    after: EditionRecord
    added: tuple[EntryRecord, ...]
    removed: tuple[EntryRecord, ...]
    changed: tuple[tuple[EntryRecord, EntryRecord], ...]


def difference(
    session: Session, scope: Scope, public_id: str, named: str, against: str | None
) -> Difference:
    """Return what an edition added, removed and changed against another.

    Unless said, the other is the one before it; where it is the first, all is added.
    """
    after = edition(session, scope, public_id, named)
    before = (
        edition(session, scope, public_id, against)
        if against is not None
        else _before(session, scope, after)
    )
    now = _by_key(session, scope, after)
    then = {} if before is None else _by_key(session, scope, before)
    return Difference(
        before=before,
        after=after,
        added=_in_order(now[key] for key in now.keys() - then.keys()),
        removed=_in_order(then[key] for key in then.keys() - now.keys()),
        changed=tuple(
            sorted(
                (
                    (then[key], now[key])
                    for key in now.keys() & then.keys()
                    if now[key].fingerprint != then[key].fingerprint
                ),
                key=lambda pair: pair[1].row,
            )
        ),
    )


def _before(
    session: Session, scope: Scope, after: EditionRecord
) -> EditionRecord | None:
    row = session.execute(
        OF_LIST.where(ListEdition.edition_on < bindparam("on"))
        .order_by(ListEdition.edition_on.desc())
        .limit(1),
        bound(scope, list_id=after.list_id, on=after.edition_on),
    ).one_or_none()
    return None if row is None else edition_record(row)


def _by_key(
    session: Session, scope: Scope, found: EditionRecord
) -> dict[str, EntryRecord]:
    rows = session.execute(ENTRIES, bound(scope, edition_id=found.id))
    return {row.entry_key: entry_record(row) for row in rows}


def _in_order(found: Iterable[EntryRecord]) -> tuple[EntryRecord, ...]:
    return tuple(sorted(found, key=lambda one: one.row))
