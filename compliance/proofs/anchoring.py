"""Anchors: each signed head is shown to places that the database's owner cannot rewrite.

A file elsewhere takes it as a line at its end; a witness over HTTP answers with a
countersignature. Either shows later whether history was told in another way since.
"""

import json
import os
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from typing_extensions import override

from compliance import clock, limits
from compliance.database import insert_new
from compliance.files import sync
from compliance.identifiers import new_id
from compliance.problems import Kind, Problem
from compliance.proofs.exporting import as_line, head_of
from compliance.proofs.models import TrailAnchor, TrailTreeHead
from compliance.proofs.sealing import newest_number
from compliance.proofs.statements import SignedHead, hexadecimal
from compliance.proofs.tiles import log_tree
from compliance.texts import N_
from compliance.trail import merkle


class HistoryContradicted(Problem):
    kind = Kind.CONFLICT
    title = N_("The anchors contradict the database")
    detail = N_(
        "{place} holds head {number} otherwise than the database does. The database "
        "was put back to an older state or rewritten; nothing more is sealed on top "
        "of it. `atalaya trail verify` tells where; docs/trail.md what to do."
    )


class WitnessRefused(Problem):
    kind = Kind.UNAVAILABLE
    title = N_("The witness did not take the head")
    detail = N_("{place} answered to head {number}: {reason}. It is sent again later.")


@dataclass(frozen=True)
class Places:
    """Where heads are shown: a file, a witness, both or neither."""

    file: Path | None
    witness: str | None

    @property
    def names(self) -> tuple[str, ...]:
        """What the places are called where others may read of them."""
        names = []
        if self.file is not None:
            names.append(file_name(self.file))
        if self.witness is not None:
            names.append(witness_name(self.witness))
        return tuple(names)


@dataclass(frozen=True)
class Shown:
    """What the places answered to one head; kept by `keep`."""

    number: int
    place: str
    receipt: bytes


def file_name(path: Path) -> str:
    return f"file {path.name}"


def witness_name(url: str) -> str:
    return f"witness {urlsplit(url).hostname}"


def waiting(session: Session, place: str) -> Sequence[SignedHead]:
    """Return the heads that a place has not been shown, the oldest first."""
    shown = select(TrailAnchor.number).where(TrailAnchor.place == place)
    rows = session.scalars(
        select(TrailTreeHead)
        .where(TrailTreeHead.number.not_in(shown))
        .order_by(TrailTreeHead.number)
        .limit(limits.TRAIL_HEADS_AT_ONCE)
    )
    return [head_of(row) for row in rows]


def keep(session: Session, shown: Sequence[Shown]) -> int:
    """Keep what the places answered; a head shown twice is kept once."""
    return sum(
        insert_new(
            session,
            TrailAnchor,
            id=new_id(),
            number=one.number,
            place=one.place,
            anchored_at=clock.now(),
            receipt=one.receipt,
        )
        for one in shown
    )


def write_to_file(path: Path, heads: Sequence[SignedHead]) -> list[Shown]:
    """Write heads at the end of the file and bring them to the disk.

    The file is only ever opened to append, so that it can stand where nothing else is
    allowed: on another machine, or with the append-only attribute.
    """
    if not heads:
        return []
    is_new = not path.exists()
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        for head in heads:
            os.write(handle, as_line(head.document))
        os.fsync(handle)
    finally:
        os.close(handle)
    if is_new:
        sync(path.parent)
    return [
        Shown(head.number, file_name(path), as_line(head.document)[:-1])
        for head in heads
    ]


class NoRedirects(urllib.request.HTTPRedirectHandler):
    """A witness answers where it was set; elsewhere it is another witness."""

    @override
    def redirect_request(self, *_args: Any, **_named: Any) -> None:
        return None


def send_to_witness(
    url: str, head: SignedHead, *, proof_from: int, proof: Sequence[bytes]
) -> Shown:
    """Post a head, and that the log goes on from `proof_from`; return the answer.

    Raises WitnessRefused where it cannot be reached or does not answer with JSON.
    """
    place = witness_name(url)
    document = {
        **head.document,
        "from": proof_from,
        "consistency": hexadecimal(proof),
    }
    request = urllib.request.Request(  # noqa: S310 - the operator set this address
        url,
        data=as_line(document),
        headers={"Content-Type": "application/json", "Accept": "application/json"},
        method="POST",
    )
    opener = urllib.request.build_opener(NoRedirects)
    try:
        with opener.open(request, timeout=limits.TRAIL_WITNESS_SECONDS) as answer:
            receipt = answer.read(limits.TRAIL_RECEIPT_BYTES)
        json.loads(receipt)  # what is cut off at the limit is no JSON any more
    except (OSError, ValueError) as error:
        raise WitnessRefused(
            place=place, number=head.number, reason=str(error)
        ) from error
    return Shown(head.number, place, receipt)


def last_shown(session: Session, place: str, before: int) -> int:
    """Return the last head before `before` that a place was shown, 0 for none."""
    shown = select(func.max(TrailAnchor.number)).where(
        TrailAnchor.place == place, TrailAnchor.number < before
    )
    return session.scalar(shown) or 0


def proof_between(session: Session, before: int, after: int) -> list[bytes]:
    """Return the proof that the log of head `before` begins that of `after`."""
    if before == 0:
        return []
    return merkle.consistency_proof(log_tree(session).hash_of, before, after)


def refuse_contradicted(session: Session, path: Path | None) -> None:
    """Raise HistoryContradicted where the file's last head is not in the database.

    Asked before each sealing, so that a database that was put back to an older state
    is not sealed into a second history.
    """
    last = last_line(path) if path is not None and path.exists() else None
    if path is None or last is None:
        return
    told = json.loads(last)["head"]
    number = int(json.loads(told)["number"])
    here = session.scalar(
        select(TrailTreeHead.statement).where(TrailTreeHead.number == number)
    )
    if here is None or here != told.encode() or number > newest_number(session):
        raise HistoryContradicted(place=file_name(path), number=number)


def last_line(path: Path) -> bytes | None:
    """Return the last whole line of a file of heads, None where it has none."""
    with path.open("rb") as file:
        file.seek(0, os.SEEK_END)
        file.seek(max(0, file.tell() - limits.TRAIL_RECEIPT_BYTES))
        whole = file.read().rpartition(b"\n")[0]
    return whole.rpartition(b"\n")[2] or None
