"""The export of a trail: lines that `verify_trail.py` checks without us.

`docs/trail.md` tells the format. A line is canonical JSON; the last one is signed.
"""

import hashlib
import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from compliance import clock
from compliance.identity.models import Organisation
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.proofs.keys import SigningKey, key_document, key_in_force, keys
from compliance.proofs.models import TrailAnchor, TrailSeal, TrailSlot, TrailTreeHead
from compliance.proofs.placing import seal_at
from compliance.proofs.sealing import newest_number
from compliance.proofs.statements import SignedHead, hexadecimal
from compliance.trail import TrailEntry, TrailHead

FORMAT = 1
ROWS_AT_ONCE = 1000
HASH_BYTES = 32


@dataclass
class Sections:
    """What each kind of line hashes to, gathered while the lines go by."""

    digests: dict[str, Any] = field(default_factory=dict)

    def seen(self, line: bytes) -> bytes:
        kind = json.loads(line)["kind"]
        self.digests.setdefault(kind, hashlib.sha256()).update(line)
        return line

    def hexadecimal(self) -> dict[str, str]:
        return {kind: one.hexdigest() for kind, one in self.digests.items()}


def export(session: Session, scope: Scope, key_file: Path) -> Iterator[bytes]:
    """Return the lines of the caller's whole trail, signed at the end."""
    scope.require(Permission.READ_TRAIL)
    key = key_in_force(session, key_file)
    return signed(trail_lines(session, scope.organisation_id), key)


def signed(lines: Iterator[bytes], key: SigningKey) -> Iterator[bytes]:
    """Yield the lines, and one more that signs what each kind of them hashes to."""
    sections = Sections()
    for line in lines:
        yield sections.seen(line)
    end = as_line(
        {
            "kind": "trail_export",
            "log": key.log,
            "key": key.key_id,
            "at": clock.now().isoformat(),
            "sections": sections.hexadecimal(),
        }
    ).decode()[:-1]
    yield as_line(
        {"kind": "end", "end": end, "signature": key.sign(end.encode()).hex()}
    )


def trail_lines(session: Session, organisation_id: uuid.UUID) -> Iterator[bytes]:
    """Yield what can be known of an organisation's trail, sealed and not yet sealed."""
    newest = newest_number(session)
    chain = session.scalar(
        select(TrailHead.sequence).where(TrailHead.organisation_id == organisation_id)
    )
    name = session.scalar(
        select(Organisation.public_id).where(Organisation.id == organisation_id)
    )
    yield _header(
        session,
        newest,
        organisation=str(organisation_id),
        name=name,
        entries=chain or 0,
    )
    yield from _key_lines(session)
    yield from _entry_lines(session, organisation_id, chain or 0)
    seals = _seals(session, organisation_id, newest)
    yield from (as_line({"kind": "seal", **one}) for one in seals)
    yield from _log_lines(session, newest)
    named = {one["number"] for one in seals} | {newest}
    yield from _head_lines(session, newest, named)
    yield from _anchor_lines(session, newest, named)


def log_lines(session: Session) -> Iterator[bytes]:
    """Yield every head with its keys and anchors, and nobody's entries."""
    newest = newest_number(session)
    yield _header(session, newest, organisation=None, name=None, entries=0)
    yield from _key_lines(session)
    yield from _log_lines(session, newest)
    yield from _head_lines(session, newest, None)
    yield from _anchor_lines(session, newest, None)


def as_line(document: Mapping[str, object]) -> bytes:
    """Return a line: canonical JSON (RFC 8785; no line holds a fraction)."""
    text = json.dumps(
        document, sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    return text.encode() + b"\n"


def head_of(row: TrailTreeHead) -> SignedHead:
    return SignedHead(
        row.number, row.statement, row.snapshot, row.key_id, row.signature
    )


def hashes_of(path: bytes) -> list[bytes]:
    """Return the hashes that a kept proof is made of."""
    return [
        path[start : start + HASH_BYTES] for start in range(0, len(path), HASH_BYTES)
    ]


def _header(session: Session, newest: int, **told: object) -> bytes:
    known = keys(session)
    return as_line(
        {
            "kind": "trail",
            "format": FORMAT,
            "log": known[0].key_id if known else None,
            "head": newest,
            "exported_at": clock.now().isoformat(),
            **told,
        }
    )


def _key_lines(session: Session) -> Iterator[bytes]:
    for key in keys(session):
        yield as_line({"kind": "key", **key_document(key)})


def _entry_lines(
    session: Session, organisation_id: uuid.UUID, chain: int
) -> Iterator[bytes]:
    statement = (
        select(TrailEntry.leaf)
        .where(
            TrailEntry.organisation_id == organisation_id, TrailEntry.sequence <= chain
        )
        .order_by(TrailEntry.sequence)
        .execution_options(yield_per=ROWS_AT_ONCE)
    )
    with session.scalars(statement) as leaves:
        for leaf in leaves:
            yield as_line({"kind": "entry", "entry": leaf.decode(errors="replace")})


def _seals(
    session: Session, organisation_id: uuid.UUID, newest: int
) -> Sequence[Mapping[str, Any]]:
    """Return the organisation's seals; the last tells what the newest head says."""
    rows = session.execute(
        select(
            TrailSeal.number,
            TrailSeal.size,
            TrailSeal.root,
            TrailSeal.path,
            TrailSlot.slot,
        )
        .join(TrailSlot, TrailSlot.organisation_id == TrailSeal.organisation_id)
        .where(TrailSeal.organisation_id == organisation_id, TrailSeal.number <= newest)
        .order_by(TrailSeal.number)
    ).all()
    seals = [
        {
            "number": row.number,
            "size": row.size,
            "root": row.root.hex(),
            "slot": row.slot,
            "path": hexadecimal(hashes_of(row.path)),
        }
        for row in rows
    ]
    if rows and rows[-1].number != newest:
        placed = seal_at(session, organisation_id, newest)
        path = hexadecimal(placed.path if placed else [])
        seals.append({**seals[-1], "number": newest, "path": path})
    return seals


def _log_lines(session: Session, newest: int) -> Iterator[bytes]:
    statement = (
        select(TrailTreeHead.leaf_sha256)
        .where(TrailTreeHead.number <= newest)
        .order_by(TrailTreeHead.number)
        .execution_options(yield_per=ROWS_AT_ONCE)
    )
    start = 1
    with session.scalars(statement) as leaves:
        for several in leaves.partitions(ROWS_AT_ONCE):
            hashes = hexadecimal(several)
            yield as_line({"kind": "log", "from": start, "leaves": hashes})
            start += len(several)


def _head_lines(
    session: Session, newest: int, named: set[int] | None
) -> Iterator[bytes]:
    statement = (
        select(TrailTreeHead)
        .where(TrailTreeHead.number <= newest)
        .order_by(TrailTreeHead.number)
        .execution_options(yield_per=ROWS_AT_ONCE)
    )
    with session.scalars(statement) as heads:
        for row in heads:
            if named is None or row.number in named:
                yield as_line({"kind": "head", **head_of(row).document})


def _anchor_lines(
    session: Session, newest: int, named: set[int] | None
) -> Iterator[bytes]:
    anchors = session.scalars(
        select(TrailAnchor)
        .where(TrailAnchor.number <= newest)
        .order_by(TrailAnchor.number, TrailAnchor.place)
    )
    for row in anchors:
        if named is None or row.number in named:
            yield as_line(
                {
                    "kind": "anchor",
                    "number": row.number,
                    "place": row.place,
                    "receipt": row.receipt.decode(errors="replace"),
                }
            )
