"""What is noted of the places outside, against what they hold: no note goes unmissed.

Heads are shown in order and noted together, so what is noted of a place has no gaps, and
only its newest heads can be waiting. A file keeps besides what it was shown twice: after
a note was lost on the way, all heads from there on; after a note was deleted, one alone.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from compliance import clock, limits
from compliance.proofs.models import TrailAnchor, TrailTreeHead
from compliance.proofs.remarks import Remark
from compliance.texts import N_

MISSING = N_(
    "trail_anchor: {place} was shown head {number}, as later notes show, and no note of "
    "it is left: it was deleted."
)
NOT_NOTED = N_(
    "trail_anchor: {place} holds head {number}, which is not noted here. Either the "
    "service stopped just then, and atalaya trail anchor notes it now, or the note was "
    "deleted."
)
SHOWN_AGAIN = N_(
    "trail_anchor: {place} was shown head {number} once more after head {later}: its "
    "note had been deleted."
)
NO_SUCH_HEAD = N_(
    "trail_anchor: a note says that {place} was shown head {number}, and there is no "
    "such head."
)


def told_by(anchors: Sequence[bytes]) -> list[int]:
    """Return the numbers of the heads in a file's lines; what is no head is left out."""
    numbers = []
    for line in anchors:
        try:
            numbers.append(int(json.loads(json.loads(line)["head"])["number"]))
        except (ValueError, KeyError, TypeError):
            continue
    return numbers


def anchor_remarks(
    session: Session, place: str | None, shown: Sequence[int] | None
) -> Iterator[Remark]:
    """Yield the notes that are missing; `shown` are the heads that a file holds."""
    noted: dict[str, set[int]] = {}
    for row in session.execute(select(TrailAnchor.place, TrailAnchor.number)):
        noted.setdefault(row.place, set()).add(row.number)
    sealed_at = _sealed_at(session)
    for name in sorted(noted):
        numbers = noted[name]
        for number in sorted(numbers - sealed_at.keys()):
            yield Remark(NO_SUCH_HEAD, {"place": name, "number": number})
        for number in sorted(sealed_at.keys() - numbers):
            if min(numbers) < number < max(numbers):
                yield Remark(MISSING, {"place": name, "number": number})
    if place is not None and shown is not None:
        yield from _against_file(noted.get(place, set()), sealed_at, place, shown)


def _sealed_at(session: Session) -> dict[int, datetime | None]:
    rows = session.execute(select(TrailTreeHead.number, TrailTreeHead.statement))
    return {row.number: _instant(row.statement) for row in rows}


def _instant(statement: bytes) -> datetime | None:
    try:
        return datetime.fromisoformat(json.loads(statement)["at"])
    except (ValueError, KeyError, TypeError):
        return None


def _against_file(
    noted: set[int],
    sealed_at: dict[int, datetime | None],
    place: str,
    shown: Sequence[int],
) -> Iterator[Remark]:
    newest, first = max(noted, default=0), min(noted, default=0)
    waiting = clock.now() - timedelta(minutes=2 * limits.TRAIL_SEAL_MINUTES)
    for number in sorted(set(shown) - noted):
        at = sealed_at.get(number)
        is_waiting = number > newest and at is not None and at > waiting
        if not first < number < newest and not is_waiting:
            yield Remark(NOT_NOTED, {"place": place, "number": number})
    highest = 0
    for at_line, number in enumerate(shown):
        again = range(number, highest + 1)
        if number <= highest and list(shown[at_line : at_line + len(again)]) != [
            *again
        ]:
            facts = {"place": place, "number": number, "later": highest}
            yield Remark(SHOWN_AGAIN, facts)
        highest = max(highest, number)
