"""The database against itself and its anchors: every row of the trail, looked through.

The entries, seals and heads are checked by the script that outsiders have, on the same
lines that they are given; here is added what only the database's owner can see: columns
beside the bytes, the ends of the chains, tiles, snapshots, and whole organisations.
"""

import hashlib
import json
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from compliance.database import as_system
from compliance.proofs.exporting import log_lines, trail_lines
from compliance.proofs.inspecting_anchors import anchor_remarks, told_by
from compliance.proofs.keys import keys
from compliance.proofs.models import TrailSeal, TrailSlot, TrailTile, TrailTreeHead
from compliance.proofs.remarks import Remark
from compliance.proofs.sealing import Extent, snapshot_leaves
from compliance.proofs.statements import LOG, key_id_of
from compliance.proofs.tiles import WIDTH, log_tree, organisation_tree
from compliance.texts import N_
from compliance.trail import START, TrailEntry, TrailHead, merkle
from compliance.trail.verify_trail import Report, verify

COLUMN = N_(
    "{table}: the column {column} of entry {entry} says other than the entry's bytes."
)
CHAIN_END = N_(
    "trail_head: the chain is said to end at entry {told}; its last entry is {found}."
)
SLOT = N_("trail_slot: the organisation has no rightful slot (it says {slot}).")
SLOT_MISSING = N_("trail_slot: {organisation} was sealed and has no slot.")
TILE = N_(
    "trail_tile: the hash of level {level}, place {place} is not that of its leaves."
)
TILE_MISSING = N_(
    "trail_tile: level {level} has {found} whole blocks; {wanted} are sealed."
)
SNAPSHOT = N_(
    "trail_seal, trail_slot: what is sealed of all organisations together is not what "
    "head {number} says."
)
HEAD_COLUMN = N_(
    "trail_tree_head: the column {column} of head {number} says other than its bytes."
)
KEY_COLUMN = N_(
    "trail_key: the column {column} of key {key} says other than its bytes."
)


@dataclass(frozen=True)
class Inspected:
    """What was found in one organisation's trail, or in the log (None)."""

    organisation: uuid.UUID | None
    report: Report
    remarks: tuple[Remark, ...]

    @property
    def is_clean(self) -> bool:
        return not self.report.faults and not self.remarks


def inspect(
    session: Session, anchors: Sequence[bytes] | None, place: str | None = None
) -> Iterator[Inspected]:
    """Yield what is found in the log first, then in every organisation's trail.

    `anchors` are the lines of a file of heads; None where there is no such file. With
    `place`, its name among the anchors, what is noted of it is held against it.
    """
    with as_system(session):
        shown = told_by(anchors) if anchors is not None and place is not None else None
        yield Inspected(
            None,
            verify(log_lines(session), anchors=anchors, is_file=False),
            (*_log_remarks(session), *anchor_remarks(session, place, shown)),
        )
        for organisation_id in _organisations(session):
            lines = trail_lines(session, organisation_id)
            yield Inspected(
                organisation_id,
                verify(lines, anchors=anchors, is_file=False),
                tuple(_trail_remarks(session, organisation_id)),
            )


def _organisations(session: Session) -> list[uuid.UUID]:
    """Return everyone of whom any table of the trail speaks."""
    known: set[uuid.UUID] = set()
    for column in (
        TrailHead.organisation_id,
        TrailEntry.organisation_id,
        TrailSeal.organisation_id,
        TrailSlot.organisation_id,
    ):
        known.update(session.scalars(select(column).distinct()))
    return sorted(known)


def _trail_remarks(session: Session, organisation_id: uuid.UUID) -> Iterator[Remark]:
    yield from _column_remarks(session, organisation_id)
    size, digest = _last(session, organisation_id)
    end = session.execute(
        select(TrailHead.sequence, TrailHead.sha256).where(
            TrailHead.organisation_id == organisation_id
        )
    ).one_or_none()
    if end is None or (end.sequence, end.sha256) != (size, digest):
        told = end.sequence if end else 0
        yield Remark(CHAIN_END, {"told": told, "found": size})
    sealed = session.scalar(
        select(func.max(TrailSeal.size)).where(
            TrailSeal.organisation_id == organisation_id
        )
    )
    if sealed and sealed <= size:
        tree = organisation_tree(session, organisation_id)
        yield from _tile_remarks(session, organisation_id, tree.leaves, sealed)


def _last(session: Session, organisation_id: uuid.UUID) -> tuple[int, bytes]:
    row = session.execute(
        select(TrailEntry.sequence, TrailEntry.sha256)
        .where(TrailEntry.organisation_id == organisation_id)
        .order_by(TrailEntry.sequence.desc())
        .limit(1)
    ).one_or_none()
    return (row.sequence, row.sha256) if row else (0, START)


def _column_remarks(session: Session, organisation_id: uuid.UUID) -> Iterator[Remark]:
    statement = (
        select(
            TrailEntry.sequence,
            TrailEntry.subject_id,
            TrailEntry.actor,
            TrailEntry.recorded_at,
            TrailEntry.leaf,
            TrailEntry.sha256,
        )
        .where(TrailEntry.organisation_id == organisation_id)
        .order_by(TrailEntry.sequence)
        .execution_options(yield_per=1000)
    )
    with session.execute(statement) as rows:
        for row in rows:
            for column in _wrong_columns(row):
                facts = {"table": "trail", "column": column, "entry": row.sequence}
                yield Remark(COLUMN, facts)


def _wrong_columns(row: Any) -> list[str]:
    """Return the columns of an entry that say other than its bytes."""
    try:
        told = json.loads(row.leaf)
        at = datetime.fromisoformat(told["at"])
    except (ValueError, KeyError, TypeError):
        told, at = {}, None
    columns = {
        "sequence": told.get("sequence") == row.sequence,
        "subject_id": told.get("subject") == row.subject_id,
        "actor": told.get("actor") == row.actor,
        "recorded_at": at == row.recorded_at,
        "sha256": hashlib.sha256(row.leaf).digest() == row.sha256,
    }
    return [name for name, is_right in columns.items() if not is_right]


def _tile_remarks(
    session: Session, tree_id: uuid.UUID, leaves: Any, size: int
) -> Iterator[Remark]:
    """Work every tile out from the leaves again."""
    level, span = 1, WIDTH
    below = [
        hashed
        for start in range(0, size, WIDTH)
        for hashed in leaves(start, min(start + WIDTH, size))
    ]
    while span <= size:
        wanted = [
            merkle.root_of(below[place * WIDTH : (place + 1) * WIDTH])
            for place in range(len(below) // WIDTH)
        ]
        kept = session.scalars(
            select(TrailTile.sha256)
            .where(TrailTile.tree_id == tree_id, TrailTile.level == level)
            .order_by(TrailTile.place)
        ).all()
        if len(kept) != len(wanted):
            facts = {"level": level, "found": len(kept), "wanted": len(wanted)}
            yield Remark(TILE_MISSING, facts)
        for place, (one, right) in enumerate(zip(kept, wanted, strict=False)):
            if one != right:
                yield Remark(TILE, {"level": level, "place": place})
        below, level, span = wanted, level + 1, span * WIDTH


def _log_remarks(session: Session) -> Iterator[Remark]:
    yield from _key_remarks(session)
    rows = session.scalars(select(TrailTreeHead).order_by(TrailTreeHead.number)).all()
    for row in rows:
        columns = {
            "number": _said(row.statement, "number") == row.number,
            "key_id": _said(row.statement, "key") == row.key_id,
            "leaf_sha256": merkle.leaf_hash(row.snapshot) == row.leaf_sha256,
        }
        for column in (name for name, is_right in columns.items() if not is_right):
            yield Remark(HEAD_COLUMN, {"column": column, "number": row.number})
    yield from _tile_remarks(session, LOG, log_tree(session).leaves, len(rows))
    yield from _snapshot_remarks(session, rows)


def _key_remarks(session: Session) -> Iterator[Remark]:
    for key in keys(session):
        columns = {
            "key_id": _key_id_said(key.statement) == key.key_id,
            "ordinal": _said(key.statement, "ordinal") == key.ordinal,
        }
        for column in (name for name, is_right in columns.items() if not is_right):
            yield Remark(KEY_COLUMN, {"column": column, "key": key.key_id})


def _snapshot_remarks(
    session: Session, heads: Sequence[TrailTreeHead]
) -> Iterator[Remark]:
    """Work every snapshot out from all seals again, so that no organisation is lost."""
    places = {
        row.organisation_id: row.slot
        for row in session.scalars(select(TrailSlot).order_by(TrailSlot.slot))
    }
    for place, (organisation_id, slot) in enumerate(places.items()):
        if slot != place:
            facts = {"slot": slot, "organisation": str(organisation_id)}
            yield Remark(SLOT, facts)
    for organisation_id in session.scalars(
        select(TrailSeal.organisation_id)
        .distinct()
        .where(TrailSeal.organisation_id.not_in(places))
    ):
        yield Remark(SLOT_MISSING, {"organisation": str(organisation_id)})
    sealed: dict[int, list[TrailSeal]] = {}
    for seal in session.scalars(select(TrailSeal)):
        sealed.setdefault(seal.number, []).append(seal)
    known: dict[uuid.UUID, Extent] = {}
    for head in heads:
        for seal in sealed.get(head.number, ()):
            known[seal.organisation_id] = Extent(seal.size, seal.root)
        if not known.keys() <= places.keys():
            yield Remark(SNAPSHOT, {"number": head.number})
            continue
        root = merkle.root_of(snapshot_leaves(head.number, known, places))
        said = (_said(head.snapshot, "organisations"), _said(head.snapshot, "root"))
        if said != (len(known), root.hex()):
            yield Remark(SNAPSHOT, {"number": head.number})


def _said(statement: bytes, name: str) -> object:
    try:
        told = json.loads(statement)
    except ValueError:
        return None
    return told.get(name) if isinstance(told, dict) else None


def _key_id_said(statement: bytes) -> str | None:
    try:
        return key_id_of(bytes.fromhex(str(_said(statement, "public_key"))))
    except ValueError:
        return None
