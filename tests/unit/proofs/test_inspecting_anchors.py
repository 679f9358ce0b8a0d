"""The notes of what was shown outside, held against the places: none goes unmissed."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from compliance.database import Database
from compliance.proofs import anchoring, working
from compliance.proofs.inspecting import inspect
from compliance.texts import translate
from tests.conftest import Tenant
from tests.trails import History, history, hours_pass, note_many

REFUSAL = {
    "sqlite": "DROP TRIGGER trail_anchor_no_delete",
    "postgresql": "ALTER TABLE trail_anchor DISABLE TRIGGER USER",
}
LAST = 6


@pytest.fixture
def past(
    database: Database, found_tenant: Callable[[str], Tenant], tmp_path: Path
) -> History:
    return history(database, found_tenant, tmp_path)


def delete_notes(past: History, condition: str) -> None:
    """Do what only the owner of the database can."""
    with past.database.writing(system=True) as session:
        session.execute(text(REFUSAL[session.get_bind().dialect.name]))
        session.execute(text(f"DELETE FROM trail_anchor WHERE {condition}"))  # noqa: S608


def remarks(past: History, *, with_file: bool = True) -> list[str]:
    place = anchoring.file_name(past.anchor_file)
    anchors = past.anchors if with_file else None
    with past.database.reading() as session:
        return [
            translate(remark.text, "en", **remark.facts)
            for one in inspect(session, anchors, place)
            for remark in one.remarks
        ]


def test_notes_that_nobody_touched_are_right(past: History) -> None:
    assert remarks(past) == remarks(past, with_file=False) == []


@pytest.mark.parametrize("with_file", [True, False])
def test_a_note_deleted_from_the_middle_is_missed_with_the_file_and_without(
    past: History, *, with_file: bool
) -> None:
    delete_notes(past, "number = 3")

    told = remarks(past, with_file=with_file)

    (only,) = told
    assert "heads.jsonl was shown head 3" in only
    assert "it was deleted" in only


@pytest.mark.parametrize(
    ("condition", "missed"),
    [
        (f"number = {LAST}", [LAST]),
        ("number = 1", [1]),
        ("number > 0", [*range(1, LAST + 1)]),
    ],
)
def test_a_note_deleted_at_an_end_is_missed_by_the_file(
    past: History, condition: str, missed: list[int]
) -> None:
    delete_notes(past, condition)

    told = remarks(past)

    assert [
        f"holds head {one}," in line for one, line in zip(missed, told, strict=True)
    ]
    assert all("which is not noted here" in line for line in told)


def test_a_deleted_note_that_was_made_anew_shows_in_the_file(past: History) -> None:
    delete_notes(past, "number = 3")
    past.seal()

    told = remarks(past)

    (only,) = told
    assert "heads.jsonl was shown head 3 once more after head 6" in only


def test_heads_that_were_written_and_then_noted_late_are_no_fault(
    past: History,
) -> None:
    """The power can fail between the file and the database."""
    with hours_pass() as let_pass:
        let_pass(24 * LAST)
        for _ in range(2):
            note_many(past.database, past.tenant, 1)
            with past.database.writing() as session:
                working.seal_trails(session, past.sealing)
        with past.database.reading() as session:
            working.show_file(session, past.sealing.places)

        just_then = remarks(past)
        past.seal()

        assert (just_then, remarks(past)) == ([], [])
        assert len(past.anchors) == LAST + 4
