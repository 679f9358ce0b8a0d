"""What can be read of the trail: entries, heads, and proofs of either."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from compliance.database import Page
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.problems import Kind, Problem
from compliance.proofs.exporting import head_of
from compliance.proofs.models import TrailAnchor, TrailTreeHead
from compliance.proofs.placing import Placed, seal_at
from compliance.proofs.sealing import newest_number
from compliance.proofs.statements import SignedHead, seal_statement
from compliance.proofs.tiles import log_tree, organisation_tree
from compliance.texts import N_
from compliance.trail import TrailEntry, merkle

Order = Literal["oldest", "newest"]


class EntryNotFound(Problem):
    kind = Kind.NOT_FOUND
    title = N_("No such entry in the trail")
    detail = N_(
        "Your trail has no entry {entry}. GET /v1/trail lists its entries by number."
    )


class EntryNotSealed(Problem):
    kind = Kind.CONFLICT
    title = N_("This entry is not sealed yet")
    detail = N_(
        "Entry {entry} has its place in the chain; a proof exists once it is sealed "
        "under a signed head, a few minutes after it was written. Ask again then."
    )


class HeadNotFound(Problem):
    kind = Kind.NOT_FOUND
    title = N_("No such head")
    detail = N_("There is no signed head {head}. GET /v1/trail/heads lists them.")


class HeadsReversed(Problem):
    kind = Kind.INVALID
    title = N_("A later head cannot begin an earlier one")
    detail = N_("'from' is {before} and 'to' is {after}; give the earlier one first.")


@dataclass(frozen=True)
class Entry:
    """Who did what to which thing and when; facts tell what changed."""

    sequence: int
    at: datetime
    actor: str
    action: str
    subject: str
    facts: Mapping[str, Any]
    sha256: str


@dataclass(frozen=True)
class Shown:
    """A place that was shown a head."""

    place: str
    at: datetime


@dataclass(frozen=True)
class HeadRecord:
    """A signed head and where it was shown."""

    head: SignedHead
    anchors: tuple[Shown, ...]


@dataclass(frozen=True)
class EntryProof:
    """What leads from an entry's bytes to a signed head, step by step."""

    sequence: int
    entry: bytes
    path: list[bytes]
    statement: bytes
    placed: Placed
    log_path: list[bytes]
    head: SignedHead


@dataclass(frozen=True)
class Consistency:
    """What shows that the log of one head begins that of another."""

    before: SignedHead
    after: SignedHead
    proof: list[bytes]


def entries(
    session: Session,
    scope: Scope,
    *,
    rows: int,
    after: int | None = None,
    subject: str | None = None,
    actor: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    kind: str | None = None,
    order: Order = "oldest",
) -> Page[Entry]:
    """Return a page of the caller's trail, by number; `after` is the last one seen.

    `kind` is what the ids of a kind of thing begin with, such as `site_`; `until` is
    the first instant that is of no interest any more.
    """
    scope.require(Permission.READ_TRAIL)
    wanted: list[ColumnElement[bool]] = [
        TrailEntry.organisation_id == scope.organisation_id
    ]
    if subject is not None:
        wanted.append(TrailEntry.subject_id == subject)
    if actor is not None:
        wanted.append(TrailEntry.actor == actor)
    if since is not None:
        wanted.append(TrailEntry.recorded_at >= since)
    if until is not None:
        wanted.append(TrailEntry.recorded_at < until)
    if kind is not None:
        wanted.append(TrailEntry.subject_id.startswith(kind, autoescape=True))
    number = TrailEntry.sequence
    if after is not None:
        wanted.append(number > after if order == "oldest" else number < after)
    found = session.execute(
        select(number, TrailEntry.recorded_at, TrailEntry.leaf, TrailEntry.sha256)
        .where(*wanted)
        .order_by(number if order == "oldest" else number.desc())
        .limit(rows + 1)
    ).all()
    told = tuple(
        _entry(row.sequence, row.recorded_at, row.leaf, row.sha256)
        for row in found[:rows]
    )
    return Page(told, str(told[-1].sequence) if len(found) > rows else None)


def entry(session: Session, scope: Scope, sequence: int) -> Entry:
    """Return one entry of the caller's trail, or raise EntryNotFound."""
    scope.require(Permission.READ_TRAIL)
    row = session.execute(
        select(TrailEntry.recorded_at, TrailEntry.leaf, TrailEntry.sha256).where(
            TrailEntry.organisation_id == scope.organisation_id,
            TrailEntry.sequence == sequence,
        )
    ).one_or_none()
    if row is None:
        raise EntryNotFound(entry=sequence)
    return _entry(sequence, row.recorded_at, row.leaf, row.sha256)


def entry_proof(session: Session, scope: Scope, sequence: int) -> EntryProof:
    """Return the proof of one of the caller's entries to the newest head."""
    scope.require(Permission.READ_TRAIL)
    leaf = session.scalar(
        select(TrailEntry.leaf).where(
            TrailEntry.organisation_id == scope.organisation_id,
            TrailEntry.sequence == sequence,
        )
    )
    if leaf is None:
        raise EntryNotFound(entry=sequence)
    number = newest_number(session)
    placed = seal_at(session, scope.organisation_id, number) if number else None
    if placed is None or placed.extent.size < sequence:
        raise EntryNotSealed(entry=sequence)
    tree = organisation_tree(session, scope.organisation_id)
    extent = placed.extent
    return EntryProof(
        sequence=sequence,
        entry=leaf,
        path=merkle.inclusion_proof(tree.hash_of, sequence - 1, extent.size),
        statement=seal_statement(
            scope.organisation_id, number, extent.size, extent.root
        ),
        placed=placed,
        log_path=merkle.inclusion_proof(log_tree(session).hash_of, number - 1, number),
        head=head(session, number),
    )


def heads(
    session: Session, *, rows: int, after: int | None = None, order: Order = "oldest"
) -> Page[HeadRecord]:
    """Return a page of signed heads; anybody may see them, they name nobody."""
    number = TrailTreeHead.number
    statement = select(TrailTreeHead).order_by(
        number if order == "oldest" else number.desc()
    )
    if after is not None:
        statement = statement.where(
            number > after if order == "oldest" else number < after
        )
    found = session.scalars(statement.limit(rows + 1)).all()
    shown: dict[int, list[Shown]] = {row.number: [] for row in found[:rows]}
    for anchor in session.scalars(
        select(TrailAnchor)
        .where(TrailAnchor.number.in_(shown))
        .order_by(TrailAnchor.anchored_at)
    ):
        shown[anchor.number].append(Shown(anchor.place, anchor.anchored_at))
    told = tuple(
        HeadRecord(head_of(row), tuple(shown[row.number])) for row in found[:rows]
    )
    return Page(told, str(told[-1].head.number) if len(found) > rows else None)


def head(session: Session, number: int) -> SignedHead:
    """Return one signed head, or raise HeadNotFound."""
    row = session.scalars(
        select(TrailTreeHead).where(TrailTreeHead.number == number)
    ).one_or_none()
    if row is None:
        raise HeadNotFound(head=number)
    return head_of(row)


def consistency(
    session: Session, scope: Scope, *, before: int, after: int
) -> Consistency:
    """Return the proof that nothing of head `before` was rewritten up to `after`."""
    scope.require(Permission.READ_TRAIL)
    if before > after:
        raise HeadsReversed(before=before, after=after)
    first, last = head(session, before), head(session, after)
    proof = merkle.consistency_proof(log_tree(session).hash_of, before, after)
    return Consistency(first, last, proof)


def _entry(sequence: int, at: datetime, leaf: bytes, sha256: bytes) -> Entry:
    told = json.loads(leaf)
    return Entry(
        sequence=sequence,
        at=at,
        actor=told["actor"],
        action=told["action"],
        subject=told["subject"],
        facts=told["facts"],
        sha256=sha256.hex(),
    )
