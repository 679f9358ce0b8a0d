"""The database looked through: what only its owner can see of tampering."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from compliance.database import Database
from compliance.proofs.inspecting import Inspected, inspect
from compliance.proofs.working import seal_trails
from compliance.texts import translate
from tests.conftest import Tenant
from tests.trails import note_many, sealing_in


def remarks(found: list[Inspected]) -> list[str]:
    return [
        translate(remark.text, "en", **remark.facts)
        for one in found
        for remark in one.remarks
    ]


@pytest.fixture
def long_trail(
    database: Database, found_tenant: Callable[[str], Tenant], tmp_path: Path
) -> Database:
    """A trail that is long enough to have tiles."""
    tenant = found_tenant("Cooperativa del Valle")
    note_many(database, tenant, 600)
    with database.writing() as session:
        seal_trails(session, sealing_in(tmp_path))
    return database


def as_owner(session: Session, statement: str) -> None:
    """Take the tiles' refusal away and do what it refused."""
    refusals = {
        "sqlite": [
            "DROP TRIGGER trail_tile_no_update",
            "DROP TRIGGER trail_tile_no_delete",
        ],
        "postgresql": ["ALTER TABLE trail_tile DISABLE TRIGGER USER"],
    }
    for one in [*refusals[session.get_bind().dialect.name], statement]:
        session.execute(text(one))


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        (
            "UPDATE trail_tile SET sha256 = (SELECT root FROM trail_seal) WHERE place = 1",
            "trail_tile: the hash of level 1, place 1 is not that of its leaves.",
        ),
        (
            "DELETE FROM trail_tile WHERE place = 1",
            "trail_tile: level 1 has 1 whole blocks; 2 are sealed.",
        ),
    ],
)
def test_a_tile_that_is_wrong_or_gone_is_told(
    long_trail: Database, statement: str, told: str
) -> None:
    with long_trail.writing() as session:
        as_owner(session, statement)
        found = list(inspect(session, None))
        session.rollback()

    assert remarks(found) == [told]


def test_a_long_trail_that_nobody_touched_is_clean(long_trail: Database) -> None:
    with long_trail.reading() as session:
        found = list(inspect(session, None))

    assert [one.is_clean for one in found] == [True, True]
