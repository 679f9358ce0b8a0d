"""Whatever is tampered with, in an export or in the database, is seen and located.

Each kind of tampering is done many times at random places. One that changes nothing is
not counted; one that is seen only thanks to the anchors says so in its name.
"""

import copy
import hashlib
import json
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import Table, delete, func, insert, select, text, update
from sqlalchemy.orm import Session

from compliance import clock
from compliance.database import Base, Database
from compliance.identifiers import OrganisationId, new_id
from compliance.proofs.exporting import as_line
from compliance.proofs.inspecting import Inspected, inspect
from compliance.proofs.models import (
    TrailAnchor,
    TrailKey,
    TrailSeal,
    TrailSlot,
    TrailTile,
    TrailTreeHead,
)
from compliance.proofs.remarks import Remark
from compliance.proofs.sealing import seal_trees
from compliance.trail import TrailEntry, TrailHead
from compliance.trail.recording import START, Waiting, leaf_of
from compliance.trail.verify_trail import Fault, verify
from tests.conftest import Tenant
from tests.trails import HEADS, History, exported, history, lines_of, told

TIMES = 36
IN_DATABASE = 16

Lines = list[bytes]


@dataclass(frozen=True)
class Place:
    """Where something was tampered with: any of these that is known."""

    lines: range = range(0)
    entries: range = range(0)
    head: int | None = None
    kind: str | None = None
    table: str | None = None

    def is_noted(self, remark: Remark) -> bool:
        """Tell whether a remark on a table points here."""
        entry, number = remark.facts.get("entry"), remark.facts.get("number")
        return (
            (entry is not None and entry in self.entries)
            or (self.head is not None and number == self.head)
            or (self.table is not None and remark.text.startswith(self.table))
        )

    def is_told(self, fault: Fault) -> bool:
        """Tell whether a fault points here."""
        numbers = (fault.facts.get("number"), fault.facts.get("newest"))
        span = fault.entries
        return (
            (fault.line is not None and fault.line in self.lines)
            or (self.head is not None and self.head in numbers)
            or (span is not None and overlaps(span, self.entries))
            or (fault.code in {"key", "head_key"} and self.kind == "key")
            or (fault.code == "end_section" and fault.facts["kind"] == self.kind)
        )


def overlaps(span: tuple[int, int], entries: range) -> bool:
    return bool(entries) and span[0] <= entries[-1] and entries[0] <= span[1]


def near(place: int) -> range:
    """The line at a place counted from 0, and its neighbours, counted from 1."""
    return range(place, place + 3)


def seeded(name: str) -> random.Random:
    """Return chance that is the same in every run."""
    return random.Random(name)  # noqa: S311 - nothing here is a secret


@pytest.fixture
def past(
    database: Database, found_tenant: Callable[[str], Tenant], tmp_path: Path
) -> History:
    return history(database, found_tenant, tmp_path)


# Tampering with an export. Each function changes the lines and says where.


def edit_a_line(lines: Lines, chance: random.Random) -> Place:
    """Change one value, at whatever depth, of one line."""
    place = chance.randrange(len(lines))
    where, said = of_line(lines, place), json.loads(lines[place])
    parent, name = chance.choice(list(values_in(said)))
    parent[name] = changed(parent[name], chance)
    lines[place] = as_line(said)
    return where


def edit_an_entry(lines: Lines, chance: random.Random) -> Place:
    """Change what an entry says, and leave the rest."""
    place = chance.choice(lines_of(lines, "entry"))
    said = told(lines[place])
    entry = json.loads(str(said["entry"]))
    name = chance.choice(["actor", "action", "at", "subject", "facts"])
    entry[name] = "another"
    lines[place] = with_entry(entry)
    return of_line(lines, place)


def edit_an_entry_and_mend_the_chain(lines: Lines, chance: random.Random) -> Place:
    """Change an entry that was sealed and write every later one anew."""
    places = lines_of(lines, "entry")
    first = chance.randrange(sealed_size(lines))
    entries = [json.loads(str(told(lines[place])["entry"])) for place in places]
    entries[first]["subject"] = "another"
    for place, entry in zip(places, chained(entries), strict=True):
        lines[place] = with_entry(entry)
    return Place(entries=range(first + 1, first + 2))


def delete_lines(lines: Lines, chance: random.Random) -> Place:
    place = chance.randrange(len(lines))
    gone = of_line(lines, place)
    del lines[place : place + chance.randint(1, 3)]
    return gone


def insert_a_line(lines: Lines, chance: random.Random) -> Place:
    """Put one line of the file in a second place."""
    line, place = chance.choice(lines), chance.randrange(len(lines) + 1)
    lines.insert(place, line)
    return of_line(lines, place)


def insert_an_entry_and_mend_the_chain(lines: Lines, chance: random.Random) -> Place:
    """Forge an entry between sealed ones, and number and chain the rest anew."""
    places = lines_of(lines, "entry")
    first = chance.randrange(sealed_size(lines))
    entries = [json.loads(str(told(lines[place])["entry"])) for place in places]
    entries.insert(first, {**entries[first], "action": "test.forged"})
    lines[places[0] : places[-1] + 1] = [with_entry(one) for one in chained(entries)]
    header = {**told(lines[0]), "entries": len(entries)}
    lines[0] = as_line(header)
    return Place(entries=range(first + 1, first + 2))


def swap_two_lines(lines: Lines, chance: random.Random) -> Place:
    one, other = chance.sample(range(len(lines)), 2)
    lines[one], lines[other] = lines[other], lines[one]
    first, second = of_line(lines, one), of_line(lines, other)
    kind = first.kind if first.kind == second.kind else None
    return Place(lines=range(min(one, other), max(one, other) + 3), kind=kind)


def cut_the_tail(lines: Lines, chance: random.Random) -> Place:
    """Let the file end sooner."""
    place = chance.randrange(len(lines))
    del lines[place:]
    return Place(lines=near(place - 1), head=HEADS)


def cut_sealed_entries(lines: Lines, chance: random.Random) -> Place:
    """Leave the last entries out, sealed ones among them, and mend the header."""
    places = lines_of(lines, "entry")
    left = chance.randrange(1, sealed_size(lines))
    del lines[places[left] : places[-1] + 1]
    lines[0] = as_line({**told(lines[0]), "entries": left})
    return Place(entries=range(left + 1, len(places) + 1))


EXPORT_TAMPERINGS = [
    edit_a_line,
    edit_an_entry,
    edit_an_entry_and_mend_the_chain,
    delete_lines,
    insert_a_line,
    insert_an_entry_and_mend_the_chain,
    swap_two_lines,
    cut_the_tail,
    cut_sealed_entries,
]


def values_in(parent: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every member of a document, with what holds it."""
    members = parent.items() if isinstance(parent, dict) else enumerate(parent)
    for name, value in list(members):
        yield parent, name
        if isinstance(value, dict | list):
            yield from values_in(value)


def changed(value: Any, chance: random.Random) -> Any:
    """Return another value of the same kind."""
    match value:
        case int():
            return value + chance.choice([-1, 1])
        case str() if value:
            place = chance.randrange(len(value))
            other = chance.choice("0123456789abcdefz")
            return value[:place] + other + value[place + 1 :]
        case list() if value:
            return value[:-1]
        case _:
            return "x"


def with_entry(entry: dict[str, Any]) -> bytes:
    text_of_it = as_line(entry)[:-1].decode()
    return as_line({"kind": "entry", "entry": text_of_it})


def chained(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Number the entries and chain them, as one would who knows how."""
    digest, made = START, []
    for sequence, entry in enumerate(entries, 1):
        waiting = Waiting(
            organisation_id=OrganisationId(entry["organisation"]),
            actor=entry["actor"],
            action=entry["action"],
            subject_id=entry["subject"],
            facts=entry["facts"],
            at=datetime.fromisoformat(entry["at"]),
        )
        leaf = leaf_of(waiting, sequence, digest)
        digest = hashlib.sha256(leaf).digest()
        made.append(json.loads(leaf))
    return made


def sealed_size(lines: Lines) -> int:
    size = told(lines[lines_of(lines, "seal")[-1]])["size"]
    assert isinstance(size, int)
    return size


def of_line(lines: Lines, place: int) -> Place:
    """Return where a line stands and what it speaks of."""
    try:
        said = told(lines[place])
    except IndexError:
        return Place(lines=near(place))
    entry = json.loads(str(said["entry"])) if said["kind"] == "entry" else {}
    sequence = entry.get("sequence", 0)
    number = said.get("number")
    return Place(
        lines=near(place),
        entries=range(sequence, sequence + 2) if sequence else range(0),
        head=number if isinstance(number, int) else None,
        kind=None if entry else str(said["kind"]),
    )


@pytest.mark.parametrize(
    "tamper", EXPORT_TAMPERINGS, ids=[one.__name__ for one in EXPORT_TAMPERINGS]
)
def test_tampering_with_an_export_is_seen_and_located(
    past: History, tamper: Callable[[Lines, random.Random], Place]
) -> None:
    chance, count = seeded(tamper.__name__), 0
    whole, anchors = past.exports[-1], past.anchors

    while count < TIMES:
        lines = copy.copy(whole)
        place = tamper(lines, chance)
        if lines == whole:
            continue
        report = verify(lines, anchors=anchors)
        assert any(place.is_told(one) for one in report.faults), (
            place,
            report.told("en"),
        )
        count += 1

    assert count == TIMES


def test_an_older_copy_of_an_export_is_seen_by_the_anchors_alone(past: History) -> None:
    for number, lines in enumerate(past.exports[: HEADS - 1], 1):
        alone = verify(lines)
        beside_anchors = verify(lines, anchors=past.anchors)

        assert alone.faults == []
        assert "cannot know without an anchor" in alone.told("en")
        assert [one.code for one in beside_anchors.faults] == ["anchor_beyond"]
        assert beside_anchors.faults[0].facts["number"] == number
        assert beside_anchors.faults[0].facts["newest"] == HEADS


# Tampering with the database, as its owner can. Each says where.


def edit_a_row(session: Session, past: History, chance: random.Random) -> Place:
    """Change one column of one row of any table of the trail."""
    table, columns = chance.choice(EDITED)
    row, place = a_row(session, past, table, chance)
    column = chance.choice(columns)
    value = other_value(row[column], chance)
    session.execute(update(table).where(*is_row(table, row)).values({column: value}))
    return place


def delete_a_row(session: Session, past: History, chance: random.Random) -> Place:
    table = chance.choice(DELETED)
    row, place = a_row(session, past, table, chance)
    session.execute(delete(table).where(*is_row(table, row)))
    return place


def insert_an_entry(session: Session, past: History, chance: random.Random) -> Place:
    """Forge an entry between sealed ones, and number and chain the rest anew."""
    entries = entries_of(session, past)
    first = chance.randrange(sealed_by_head(session, past, HEADS))
    entries.insert(first, {**entries[first], "action": "test.forged"})
    write_anew(session, past, entries)
    return Place(entries=range(first + 1, first + 2))


def swap_two_entries(session: Session, past: History, chance: random.Random) -> Place:
    """Exchange two sealed entries, with or without mending the chain."""
    size = sealed_by_head(session, past, HEADS)
    one, other = sorted(chance.sample(range(size), 2))
    if chance.random() < 0.5:
        entries = entries_of(session, past)
        entries[one], entries[other] = entries[other], entries[one]
        write_anew(session, past, entries)
    else:
        for before, after in ((one, -1), (other, one), (-2, other)):
            session.execute(
                update(TrailEntry)
                .where(
                    TrailEntry.organisation_id == past.tenant.id,
                    TrailEntry.sequence == before + 1,
                )
                .values(sequence=after + 1 if after >= 0 else -1)
            )
    return Place(entries=range(one + 1, other + 2))


def cut_the_end(session: Session, past: History, chance: random.Random) -> Place:
    """Delete the last entries, sealed ones among them, and set the head back."""
    left = chance.randrange(1, sealed_by_head(session, past, HEADS))
    entries = entries_of(session, past)
    write_anew(session, past, entries[:left])
    return Place(entries=range(left + 1, len(entries) + 1))


def sign_anew(session: Session, past: History, chance: random.Random) -> Place:
    """Change an entry and write all that follows anew, heads and signatures too."""
    entries = entries_of(session, past)
    first = chance.randrange(sealed_by_head(session, past, HEADS))
    entries[first]["subject"] = "another"
    write_anew(session, past, entries)
    folder = past.sealing.key_file.parent
    stolen = chance.random() < 0.5
    seal_anew(session, past.sealing.key_file if stolen else folder / "forged.pem")
    number = next(
        number
        for number in range(1, HEADS + 1)
        if sealed_by_head(session, past, number) > first
    )
    return Place(entries=range(first + 1, first + 2), head=number)


DATABASE_TAMPERINGS = [
    edit_a_row,
    delete_a_row,
    insert_an_entry,
    swap_two_entries,
    cut_the_end,
    sign_anew,
]


def table_of(model: type[Base]) -> Table:
    return cast(Table, model.__table__)


EDITED: list[tuple[Table, list[str]]] = [
    (
        table_of(TrailEntry),
        ["sequence", "subject_id", "actor", "recorded_at", "leaf", "sha256"],
    ),
    (table_of(TrailHead), ["sequence", "sha256"]),
    (table_of(TrailKey), ["ordinal", "statement", "signature"]),
    (table_of(TrailSlot), ["slot"]),
    (
        table_of(TrailTreeHead),
        ["snapshot", "leaf_sha256", "statement", "signature"],
    ),
    (table_of(TrailSeal), ["size", "root", "path"]),
    (table_of(TrailAnchor), ["receipt"]),
]
# A receipt that is lost is not missed: the place that gave it keeps the head.
DELETED = [table for table, _ in EDITED if table.name != "trail_anchor"]


def a_row(
    session: Session, past: History, table: Table, chance: random.Random
) -> tuple[dict[str, Any], Place]:
    """Return a row of the tenant, or of the log, and where it is."""
    statement = select(table).order_by(*table.primary_key.columns)
    if "organisation_id" in table.c:
        statement = statement.where(table.c.organisation_id == past.tenant.id)
    row = dict(chance.choice(session.execute(statement).mappings().all()))
    sequence, size = row.get("sequence", 0), row.get("size", 0)
    if table.name == "trail_head":
        sequence = 0
    return row, Place(
        entries=range(sequence, sequence + 2) if sequence else range(size, size + 1),
        head=row.get("number"),
        kind="key" if table.name == "trail_key" else None,
        table=table.name,
    )


def is_row(table: Table, row: dict[str, Any]) -> list[Any]:
    return [column == row[column.name] for column in table.primary_key.columns]


def other_value(value: Any, chance: random.Random) -> Any:
    match value:
        case bytes():
            place = chance.randrange(len(value)) if value else 0
            other = bytes([(value[place] + 1) % 256]) if value else b"x"
            return value[:place] + other + value[place + 1 :]
        case int():
            return value + 1000
        case datetime():
            return value + timedelta(seconds=1)
        case _:
            return f"{value}x"


def entries_of(session: Session, past: History) -> list[dict[str, Any]]:
    leaves = session.scalars(
        select(TrailEntry.leaf)
        .where(TrailEntry.organisation_id == past.tenant.id)
        .order_by(TrailEntry.sequence)
    )
    return [json.loads(leaf) for leaf in leaves]


def sealed_by_head(session: Session, past: History, number: int) -> int:
    size = session.scalar(
        select(func.max(TrailSeal.size)).where(
            TrailSeal.organisation_id == past.tenant.id, TrailSeal.number <= number
        )
    )
    return size or 0


def write_anew(
    session: Session, past: History, entries: Sequence[dict[str, Any]]
) -> None:
    """Replace the tenant's chain by these entries, rightly numbered and chained."""
    owner = TrailEntry.organisation_id == past.tenant.id
    session.execute(delete(TrailEntry).where(owner))
    digest = START
    for entry in chained(list(entries)):
        leaf = as_line(entry)[:-1]
        digest = hashlib.sha256(leaf).digest()
        session.execute(
            insert(TrailEntry).values(
                id=new_id(),
                organisation_id=past.tenant.id,
                sequence=entry["sequence"],
                actor=entry["actor"],
                subject_id=entry["subject"],
                recorded_at=datetime.fromisoformat(entry["at"]),
                leaf=leaf,
                sha256=digest,
            )
        )
    session.execute(
        update(TrailHead)
        .where(TrailHead.organisation_id == past.tenant.id)
        .values(sequence=len(entries), sha256=digest)
    )


def seal_anew(session: Session, key_file: Path) -> None:
    """Forge all heads again at the times and sizes that they had."""
    sizes = session.execute(
        select(TrailSeal.organisation_id, TrailSeal.number, TrailSeal.size)
    ).all()
    times = {
        row.number: datetime.fromisoformat(json.loads(row.statement)["at"])
        for row in session.execute(
            select(TrailTreeHead.number, TrailTreeHead.statement)
        )
    }
    ends = session.execute(
        select(TrailHead.organisation_id, TrailHead.sequence, TrailHead.sha256)
    ).all()
    for model in (
        TrailAnchor,
        TrailSeal,
        TrailTreeHead,
        TrailSlot,
        TrailTile,
        TrailKey,
    ):
        session.execute(delete(model))
    for number in range(1, HEADS + 1):
        for row in sizes:
            if row.number == number:
                session.execute(
                    update(TrailHead)
                    .where(TrailHead.organisation_id == row.organisation_id)
                    .values(sequence=row.size)
                )
        with clock.set_to(lambda number=number: times[number]):  # type: ignore[misc]
            seal_trees(session, key_file)
    for end in ends:
        session.execute(
            update(TrailHead)
            .where(TrailHead.organisation_id == end.organisation_id)
            .values(sequence=end.sequence, sha256=end.sha256)
        )


def put_back(session: Session, past: History, number: int) -> None:
    """Put every table back to what it was just after head `number`."""
    sizes = session.execute(
        select(TrailSeal.organisation_id, func.max(TrailSeal.size).label("size"))
        .where(TrailSeal.number <= number)
        .group_by(TrailSeal.organisation_id)
    ).all()
    for row in sizes:
        owner = TrailEntry.organisation_id == row.organisation_id
        session.execute(delete(TrailEntry).where(owner, TrailEntry.sequence > row.size))
        digest = session.scalar(
            select(TrailEntry.sha256).where(owner, TrailEntry.sequence == row.size)
        )
        session.execute(
            update(TrailHead)
            .where(TrailHead.organisation_id == row.organisation_id)
            .values(sequence=row.size, sha256=digest)
        )
    for model in (TrailAnchor, TrailSeal, TrailTreeHead):
        session.execute(delete(model).where(table_of(model).c.number > number))
    keys_then = 1 if number <= past.rotated_after else 2
    session.execute(delete(TrailKey).where(TrailKey.ordinal > keys_then))


@contextmanager
def owning(database: Database) -> Iterator[Session]:
    """Work on the database as its owner, and leave no trace of it."""
    with database.writing() as session:
        if database.is_sqlite:
            session.execute(text("PRAGMA defer_foreign_keys=ON"))
            rows = session.execute(
                text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            )
            statements = [f"DROP TRIGGER {row.name}" for row in rows]
        else:
            rows = session.execute(
                text(
                    "SELECT conrelid::regclass AS owner, conname FROM pg_constraint "
                    "WHERE contype = 'f' AND conrelid::regclass::text LIKE 'trail%'"
                )
            )
            statements = [
                f"ALTER TABLE {row.owner} DROP CONSTRAINT {row.conname}" for row in rows
            ]
            statements += [
                f"ALTER TABLE {name} DISABLE TRIGGER USER"
                for name in ("trail_tile", *(table.name for table, _ in EDITED))
            ]
        for statement in statements:
            session.execute(text(statement))
        yield session
        session.rollback()


def looked_through(
    session: Session, past: History, anchors: list[bytes] | None
) -> list[Inspected]:
    """Return what is found of the tenant and of the log."""
    session.expire_all()
    return [
        one
        for one in inspect(session, anchors)
        if one.organisation in {None, past.tenant.id}
    ]


def is_located(found: Sequence[Inspected], place: Place) -> bool:
    return any(
        any(place.is_told(fault) for fault in one.report.faults)
        or any(place.is_noted(remark) for remark in one.remarks)
        for one in found
    )


def test_a_history_that_nobody_tampered_with_is_clean(past: History) -> None:
    with owning(past.database) as session:
        found = looked_through(session, past, past.anchors)

    assert len(found) == 2
    assert all(one.is_clean for one in found)


@pytest.mark.parametrize(
    "tamper", DATABASE_TAMPERINGS, ids=[one.__name__ for one in DATABASE_TAMPERINGS]
)
def test_tampering_with_the_database_is_seen_and_located(
    past: History, tamper: Callable[[Session, History, random.Random], Place]
) -> None:
    chance, anchors = seeded(tamper.__name__), past.anchors

    for _ in range(IN_DATABASE):
        with owning(past.database) as session:
            place = tamper(session, past, chance)
            found = looked_through(session, past, anchors)

        assert is_located(found, place), (place, found)


def test_history_signed_anew_is_seen_by_the_anchors_alone(past: History) -> None:
    chance = seeded("again")
    with owning(past.database) as session:
        sign_anew(session, past, chance)
        alone = looked_through(session, past, None)
        beside_anchors = looked_through(session, past, past.anchors)

    assert all(one.is_clean for one in alone)
    assert all(
        "cannot know without an anchor" in one.report.told("en") for one in alone
    )
    assert not any(one.is_clean for one in beside_anchors)


def test_an_export_signed_with_another_key_is_seen_by_the_anchors_and_by_its_key(
    past: History,
) -> None:
    forged = past.sealing.key_file.parent / "forged.pem"
    rightful = str(
        told(past.exports[-1][lines_of(past.exports[-1], "head")[-1]])["key"]
    )
    with owning(past.database) as session:
        seal_anew(session, forged)
        session.expire_all()
        lines = exported(session, past.tenant, forged)

    alone = verify(lines)
    beside_anchors = verify(lines, anchors=past.anchors)
    with_key = verify(lines, pinned=[rightful])
    assert alone.faults == []
    assert {one.facts["number"] for one in beside_anchors.faults} == set(
        range(1, HEADS + 1)
    )
    assert [one.code for one in with_key.faults] == ["key_untrusted"]


@pytest.mark.parametrize("number", range(1, HEADS))
def test_yesterdays_copy_of_the_database_is_seen_by_the_anchors_alone(
    past: History, number: int
) -> None:
    with owning(past.database) as session:
        put_back(session, past, number)
        alone = looked_through(session, past, None)
        beside_anchors = looked_through(session, past, past.anchors)

    assert all(one.is_clean for one in alone)
    assert all(
        "cannot know without an anchor" in one.report.told("en") for one in alone
    )
    for one in beside_anchors:
        codes = {fault.code for fault in one.report.faults}
        assert "anchor_beyond" in codes
        assert is_located([one], Place(head=number))


def test_there_are_five_hundred_of_them_and_every_kind_is_there() -> None:
    of_exports = TIMES * len(EXPORT_TAMPERINGS)
    of_databases = IN_DATABASE * len(DATABASE_TAMPERINGS) * 2

    assert of_exports + of_databases >= 500
