"""The tables of the proofs; all of them are evidence and take no change.

Each organisation has a tree over its entries. A head fixes, at its number, the size and
root of every organisation's tree (its snapshot), and is itself a leaf of the log. Hash
columns are SHA-256.
"""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from compliance.database import Base, Key

KEY_ID_CHARACTERS = 32


class TrailKey(Base):
    """A key that signs heads from `from_head` on, presented by the key before it."""

    __tablename__ = "trail_key"

    key_id: Mapped[str] = mapped_column(String(KEY_ID_CHARACTERS), primary_key=True)
    ordinal: Mapped[int] = mapped_column(unique=True)
    statement: Mapped[bytes]
    signature: Mapped[bytes] = mapped_column(LargeBinary(64))


class TrailSlot(Base):
    """The one place an organisation has in every snapshot."""

    __tablename__ = "trail_slot"

    organisation_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("organisation.id"), primary_key=True
    )
    slot: Mapped[int] = mapped_column(unique=True)


class TrailTreeHead(Base):
    """A signed head, and the public snapshot that is its newest leaf."""

    __tablename__ = "trail_tree_head"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    snapshot: Mapped[bytes]
    leaf_sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
    statement: Mapped[bytes]
    key_id: Mapped[str] = mapped_column(ForeignKey("trail_key.key_id"))
    signature: Mapped[bytes] = mapped_column(LargeBinary(64))


class TrailSeal(Base):
    """An organisation's tree as a head fixed it; written when it has grown.

    `path` is the inclusion proof of the statement in the head's snapshot.
    """

    __tablename__ = "trail_seal"

    organisation_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("organisation.id"), primary_key=True
    )
    number: Mapped[int] = mapped_column(
        ForeignKey("trail_tree_head.number"), primary_key=True
    )
    size: Mapped[int]
    root: Mapped[bytes] = mapped_column(LargeBinary(32))
    path: Mapped[bytes]


class TrailTile(Base):
    """The hash over a whole block of 256^level leaves, so that proofs stay quick.

    `tree_id` is an organisation, or the log (the nil UUID).
    """

    __tablename__ = "trail_tile"

    tree_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    level: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sha256: Mapped[bytes] = mapped_column(LargeBinary(32))


class TrailAnchor(Base):
    """A head that was shown to a place outside, and what that place answered."""

    __tablename__ = "trail_anchor"
    __table_args__ = (UniqueConstraint("number", "place"),)

    id: Mapped[Key]
    number: Mapped[int] = mapped_column(ForeignKey("trail_tree_head.number"))
    place: Mapped[str] = mapped_column(String(500))
    anchored_at: Mapped[datetime]
    receipt: Mapped[bytes]
