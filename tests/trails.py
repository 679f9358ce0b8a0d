"""A trail with a history: two organisations, six heads, a key change, and anchors."""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from compliance import clock, trail
from compliance.database import Database
from compliance.proofs import anchoring, exporting
from compliance.proofs.anchoring import Places
from compliance.proofs.keys import finish_rotation, key_in_force, rotate
from compliance.proofs.working import Sealing, seal_trails, show_file
from tests.conftest import Tenant

START = datetime(2026, 11, 1, 8, tzinfo=UTC)
HEADS = 6
ROTATED_AFTER = 3


def note(session: Session, tenant: Tenant, subject: str, **facts: object) -> None:
    """Record an entry that waits to be chained."""
    trail.record(
        session,
        organisation_id=tenant.id,
        actor="person_of_the_test",
        action="test.noted",
        subject_id=subject,
        **facts,
    )


def note_many(database: Database, tenant: Tenant, count: int) -> None:
    """Chain `count` entries in one transaction."""
    with database.writing() as session:
        for number in range(count):
            note(session, tenant, f"thing_{number}", number=number)
        trail.seal(session)


@dataclass
class History:
    """What a trail went through, and what was exported and anchored on the way."""

    database: Database
    tenant: Tenant
    sealing: Sealing
    rotated_after: int = ROTATED_AFTER
    exports: list[list[bytes]] = field(default_factory=list)

    @property
    def anchor_file(self) -> Path:
        assert self.sealing.places.file is not None
        return self.sealing.places.file

    @property
    def anchors(self) -> list[bytes]:
        return self.anchor_file.read_bytes().splitlines()

    def seal(self) -> None:
        """Seal what is new and show the head to the file."""
        with self.database.writing() as session:
            seal_trails(session, self.sealing)
        with self.database.reading() as session:
            shown = show_file(session, self.sealing.places)
        with self.database.writing() as session:
            anchoring.keep(session, shown)

    def rotate(self) -> None:
        with self.database.writing() as session:
            rotate(session, self.sealing.key_file)
        finish_rotation(self.sealing.key_file)

    def export(self) -> list[bytes]:
        """Return the lines of the organisation's export as of now."""
        with self.database.reading() as session:
            return exported(session, self.tenant, self.sealing.key_file)


def exported(session: Session, tenant: Tenant, key_file: Path) -> list[bytes]:
    key = key_in_force(session, key_file)
    return list(exporting.signed(exporting.trail_lines(session, tenant.id), key))


def sealing_in(folder: Path) -> Sealing:
    """Return a sealing whose key and anchors lie in `folder`."""
    return Sealing(folder / "key.pem", Places(folder / "anchors" / "heads.jsonl", None))


@contextmanager
def hours_pass() -> Iterator[Callable[[int], None]]:
    """Set the clock to the history's first day; the function given lets hours pass."""
    hours = [0]

    def let_pass(count: int) -> None:
        hours[0] += count

    with clock.set_to(lambda: START + timedelta(hours=hours[0])):
        yield let_pass


def history(
    database: Database, found: Callable[[str], Tenant], folder: Path
) -> History:
    """Return a history of six heads; the key changes after the third."""
    with hours_pass() as let_pass:
        first, second = (
            found("Exportadora Puerto Sereno"),
            found("Otra Comercializadora"),
        )
        made = History(database, first, sealing_in(folder))
        for number in range(1, HEADS + 1):
            note_many(database, first, 3 + number)
            note_many(database, second, number % 3)
            let_pass(1)
            made.seal()
            made.exports.append(made.export())
            if number == ROTATED_AFTER:
                made.rotate()
            let_pass(23)
        note_many(database, first, 2)
        made.exports.append(made.export())
    return made


def told(line: bytes) -> dict[str, object]:
    """Return what a line of an export says."""
    said: dict[str, object] = json.loads(line)
    return said


def lines_of(lines: Iterable[bytes], kind: str) -> list[int]:
    """Return the places of the lines of one kind, from 0."""
    return [place for place, line in enumerate(lines) if told(line)["kind"] == kind]
