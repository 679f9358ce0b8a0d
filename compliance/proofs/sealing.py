"""Sealing: what every organisation's trail has grown by is fixed under one signed head.

Nothing is sealed that is no chain: an organisation whose new entries do not follow from
the sealed ones is told of and left as it was.
"""

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Row, Uuid, bindparam, case, func, insert, select, text
from sqlalchemy.orm import Session

from compliance import clock, limits
from compliance.database import as_system
from compliance.proofs.keys import SigningKey, signing_key
from compliance.proofs.models import TrailSeal, TrailSlot, TrailTreeHead
from compliance.proofs.statements import (
    SignedHead,
    head_statement,
    seal_leaf,
    snapshot_statement,
)
from compliance.proofs.tiles import WIDTH, log_tree, organisation_tree
from compliance.trail import START, TrailEntry, TrailHead, merkle

ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(7235916640162)")
GROWTH = (
    select(
        TrailEntry.sequence,
        TrailEntry.sha256,
        case((TrailEntry.sequence > bindparam("before"), TrailEntry.leaf)).label(
            "leaf"
        ),
    )
    .where(
        TrailEntry.organisation_id == bindparam("owner_id", type_=Uuid()),
        TrailEntry.sequence > bindparam("start"),
        TrailEntry.sequence <= bindparam("after"),
    )
    .order_by(TrailEntry.sequence)
)


@dataclass(frozen=True)
class Extent:
    """How far an organisation's tree goes: its leaves, and its root."""

    size: int
    root: bytes


@dataclass(frozen=True)
class BrokenChain:
    """The first entry of an organisation that does not follow from the one before."""

    organisation_id: uuid.UUID
    sequence: int


@dataclass(frozen=True)
class Sealed:
    """What one run fixed: the new head, if any trail grew, and what could not be."""

    head: SignedHead | None
    entries: int
    broken: tuple[BrokenChain, ...]


class OutOfStep(Exception):
    """The chain of an organisation breaks at this entry."""

    def __init__(self, sequence: int) -> None:
        super().__init__(f"entry {sequence} does not follow from the one before")
        self.sequence = sequence


def one_at_a_time(session: Session) -> None:
    """Wait until nobody else seals; SQLite has one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(ONE_AT_A_TIME)


def seal_trees(session: Session, key_file: Path) -> Sealed:
    """Fix what was committed since the last head, and sign it.

    The product's own work: a snapshot speaks of every organisation.
    """
    with as_system(session):
        one_at_a_time(session)
        before = extents(session)
        grown: dict[uuid.UUID, Extent] = {}
        broken: list[BrokenChain] = []
        for organisation_id, sequence in _chains(session):
            known = before.get(organisation_id)
            sealed = known.size if known else 0
            if sequence == sealed:
                continue
            if sequence < sealed:
                broken.append(BrokenChain(organisation_id, sequence + 1))
                continue
            size = min(sequence, sealed + limits.TRAIL_ENTRIES_AT_ONCE)
            try:
                grown[organisation_id] = _grow(session, organisation_id, sealed, size)
            except OutOfStep as fault:
                broken.append(BrokenChain(organisation_id, fault.sequence))
        if not grown:
            return Sealed(None, 0, tuple(broken))
        head = _fix(session, signing_key(session, key_file), before, grown)
    entries = sum(
        now.size - (before[one].size if one in before else 0)
        for one, now in grown.items()
    )
    return Sealed(head, entries, tuple(broken))


def extents(session: Session, number: int | None = None) -> dict[uuid.UUID, Extent]:
    """Return every organisation's tree as head `number`, or the newest, has it."""
    newest = select(
        TrailSeal.organisation_id, func.max(TrailSeal.number).label("number")
    ).group_by(TrailSeal.organisation_id)
    if number is not None:
        newest = newest.where(TrailSeal.number <= number)
    latest = newest.subquery()
    rows = session.execute(
        select(TrailSeal.organisation_id, TrailSeal.size, TrailSeal.root).join(
            latest,
            (latest.c.organisation_id == TrailSeal.organisation_id)
            & (latest.c.number == TrailSeal.number),
        )
    )
    return {row.organisation_id: Extent(row.size, row.root) for row in rows}


def slots(session: Session) -> dict[uuid.UUID, int]:
    """Return each organisation's place in the snapshots."""
    rows = session.execute(select(TrailSlot.organisation_id, TrailSlot.slot))
    return {row.organisation_id: row.slot for row in rows}


def snapshot_leaves(
    number: int, known: Mapping[uuid.UUID, Extent], places: Mapping[uuid.UUID, int]
) -> list[bytes]:
    """Return the leaf hashes of a snapshot in the order of the slots."""
    in_order = sorted(known, key=lambda one: places.get(one, len(places)))
    return [
        seal_leaf(one, number=number, size=known[one].size, root=known[one].root)
        for one in in_order
    ]


def newest_number(session: Session) -> int:
    """Return the number of the newest head, 0 where there is none."""
    return session.scalar(select(func.max(TrailTreeHead.number))) or 0


def _chains(session: Session) -> Sequence[tuple[uuid.UUID, int]]:
    rows = session.execute(
        select(TrailHead.organisation_id, TrailHead.sequence)
        .where(TrailHead.sequence > 0)
        .order_by(TrailHead.organisation_id)
    )
    return [(row.organisation_id, row.sequence) for row in rows]


def _grow(
    session: Session, organisation_id: uuid.UUID, before: int, after: int
) -> Extent:
    """Return the tree over `after` entries, once the new ones are seen to be a chain.

    Read are the new entries, and the digests of the block in which they begin.
    """
    start = max(before - 1, 0) // WIDTH * WIDTH
    rows = session.execute(
        GROWTH,
        {"owner_id": organisation_id, "start": start, "before": before, "after": after},
    ).all()
    known = before - start
    _check(rows[known:], rows[known - 1].sha256 if known else START, before, after)
    fresh = [merkle.leaf_hash(row.sha256) for row in rows]
    tree = organisation_tree(session, organisation_id, start=start, fresh=fresh)
    tree.grow(before, after)
    return Extent(after, tree.hash_of(0, after))


def _check(rows: Sequence[Row[Any]], digest: bytes, before: int, after: int) -> None:
    sequence = before
    for row in rows:
        sequence += 1
        told = json.loads(row.leaf)
        follows = told["previous"] == digest.hex() and told["sequence"] == sequence
        digest = hashlib.sha256(row.leaf).digest()
        if not follows or row.sequence != sequence or row.sha256 != digest:
            raise OutOfStep(sequence)
    if sequence != after:
        raise OutOfStep(sequence + 1)


def _fix(
    session: Session,
    key: SigningKey,
    before: Mapping[uuid.UUID, Extent],
    grown: Mapping[uuid.UUID, Extent],
) -> SignedHead:
    number, at = newest_number(session) + 1, clock.now()
    places = _with_new_slots(session, sorted(grown))
    tree = merkle.ranges_of(snapshot_leaves(number, {**before, **grown}, places))
    snapshot = snapshot_statement(
        number=number, at=at, organisations=len(places), root=tree(0, len(places))
    )
    leaf = merkle.leaf_hash(snapshot)
    log = log_tree(session, newest=(number - 1, leaf))
    statement = head_statement(
        log=key.log,
        number=number,
        at=at,
        root=log.hash_of(0, number),
        key_id=key.key_id,
    )
    head = SignedHead(number, statement, snapshot, key.key_id, key.sign(statement))
    session.execute(
        insert(TrailTreeHead).values(
            number=number,
            snapshot=snapshot,
            leaf_sha256=leaf,
            statement=statement,
            key_id=key.key_id,
            signature=head.signature,
        )
    )
    log_tree(session).grow(number - 1, number)
    session.execute(
        insert(TrailSeal),
        [
            {
                "organisation_id": one,
                "number": number,
                "size": now.size,
                "root": now.root,
                "path": b"".join(
                    merkle.inclusion_proof(tree, places[one], len(places))
                ),
            }
            for one, now in grown.items()
        ],
    )
    return head


def _with_new_slots(
    session: Session, grown: Sequence[uuid.UUID]
) -> dict[uuid.UUID, int]:
    """Return each organisation's slot, the next free ones given to the new."""
    places = slots(session)
    new = [one for one in grown if one not in places]
    added = {one: len(places) + count for count, one in enumerate(new)}
    if added:
        session.execute(
            insert(TrailSlot),
            [{"organisation_id": one, "slot": slot} for one, slot in added.items()],
        )
    return {**places, **added}
