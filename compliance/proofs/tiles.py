"""A tree that lives in the database: leaves as rows, and the hash of every 256th block.

A root or a proof over a million entries reads a few hundred rows instead of all.
"""

import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Uuid, bindparam, insert, select
from sqlalchemy.orm import Session

from compliance.proofs.models import TrailTile, TrailTreeHead
from compliance.proofs.statements import LOG
from compliance.trail import TrailEntry, merkle

WIDTH = 256
BLOCKS_AT_HAND = 16

DIGESTS = (
    select(TrailEntry.sha256)
    .where(
        TrailEntry.organisation_id == bindparam("owner_id", type_=Uuid()),
        TrailEntry.sequence.between(bindparam("first"), bindparam("last")),
    )
    .order_by(TrailEntry.sequence)
)
Leaves = Callable[[int, int], Sequence[bytes]]  # leaf hashes from … to before …


@dataclass
class StoredTree:
    """One tree of the trail, read by the block."""

    session: Session
    tree_id: uuid.UUID
    leaves: Leaves
    blocks: dict[tuple[int, int], Sequence[bytes]] = field(default_factory=dict)

    def hash_of(self, start: int, stop: int) -> bytes:
        """Return the hash of a range of leaves; a `merkle.RangeHash`."""
        size = stop - start
        if size == 0:
            return merkle.EMPTY_ROOT
        level = _level_of(size)
        if level is not None and start % size == 0:
            return self._node(level, start // size)
        middle = start + merkle.split(size)
        return merkle.node_hash(self.hash_of(start, middle), self.hash_of(middle, stop))

    def grow(self, before: int, after: int) -> None:
        """Keep the hash of each block that is whole now and was not before."""
        level, span = 1, WIDTH
        while span <= after:
            rows = [
                {
                    "tree_id": self.tree_id,
                    "level": level,
                    "place": place,
                    "sha256": self._whole_block(level, place),
                }
                for place in range(before // span, after // span)
            ]
            if rows:
                self.session.execute(insert(TrailTile), rows)
            self.blocks.clear()
            level, span = level + 1, span * WIDTH

    def _whole_block(self, level: int, place: int) -> bytes:
        return merkle.root_of(self._block(level - 1, place))

    def _node(self, level: int, place: int) -> bytes:
        return self._block(level, place // WIDTH)[place % WIDTH]

    def _block(self, level: int, block: int) -> Sequence[bytes]:
        """Return up to 256 neighbours of one level, from memory or by one query."""
        if (level, block) not in self.blocks:
            if len(self.blocks) >= BLOCKS_AT_HAND:
                self.blocks.pop(next(iter(self.blocks)))
            start = block * WIDTH
            self.blocks[level, block] = (
                self.leaves(start, start + WIDTH)
                if level == 0
                else self._tiles(level, start)
            )
        return self.blocks[level, block]

    def _tiles(self, level: int, start: int) -> Sequence[bytes]:
        return self.session.scalars(
            select(TrailTile.sha256)
            .where(
                TrailTile.tree_id == self.tree_id,
                TrailTile.level == level,
                TrailTile.place.between(start, start + WIDTH - 1),
            )
            .order_by(TrailTile.place)
        ).all()


def organisation_tree(
    session: Session,
    organisation_id: uuid.UUID,
    *,
    start: int = 0,
    fresh: Sequence[bytes] = (),
) -> StoredTree:
    """Return an organisation's tree: its leaves are the SHA-256 of its entries.

    `fresh` are leaf hashes that are at hand already, from leaf `start` on.
    """

    def leaves(first: int, last: int) -> Sequence[bytes]:
        if fresh and first >= start:
            return fresh[first - start : last - start]
        digests = session.scalars(
            DIGESTS, {"owner_id": organisation_id, "first": first + 1, "last": last}
        )
        return [merkle.leaf_hash(digest) for digest in digests]

    return StoredTree(session, organisation_id, leaves)


def log_tree(session: Session, newest: tuple[int, bytes] | None = None) -> StoredTree:
    """Return the tree over all snapshots; `newest` is a leaf that is not stored yet."""

    def leaves(start: int, stop: int) -> list[bytes]:
        stored = session.scalars(
            select(TrailTreeHead.leaf_sha256)
            .where(TrailTreeHead.number.between(start + 1, stop))
            .order_by(TrailTreeHead.number)
        )
        return [*stored, *_within(start, stop, newest)]

    return StoredTree(session, LOG, leaves)


def _within(start: int, stop: int, newest: tuple[int, bytes] | None) -> Iterator[bytes]:
    if newest is not None and start <= newest[0] < stop:
        yield newest[1]


def _level_of(size: int) -> int | None:
    """Return which power of 256 a size is, None where it is none."""
    level, rest = divmod(size.bit_length() - 1, 8)
    return level if rest == 0 and size == 1 << (8 * level) else None
