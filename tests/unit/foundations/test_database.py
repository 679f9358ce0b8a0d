"""Transactions, the trail and identifiers, on both databases."""

import hashlib
import json
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from api.migrating import migrate, newest_step
from compliance import clock, trail
from compliance.database import Base, Database, NotSealed, open_database
from compliance.identifiers import new_id, new_public_id
from compliance.identity.models import Organisation
from compliance.trail import START, TrailEntry, TrailHead
from tests import postgres
from tests.conftest import Tenant


def note(database: Database, tenant: Tenant, subject: str) -> None:
    with database.writing() as session:
        trail.record(
            session,
            organisation_id=tenant.id,
            actor="test",
            action="noted",
            subject_id=subject,
        )
        trail.seal(session)


def test_the_schema_is_what_the_models_say(database: Database) -> None:
    from_models = set(Base.metadata.tables) | {"alembic_version"}

    with database.reading() as session:
        inspected = text(
            "SELECT name FROM sqlite_master WHERE type = 'table'"
            if database.is_sqlite
            else "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        )
        live = set(session.scalars(inspected))

    assert live == from_models


def test_migrating_twice_changes_nothing(database: Database) -> None:
    before, after = migrate(database)

    assert before == after == newest_step()


@pytest.mark.usefixtures("tenant")
def test_a_failed_transaction_leaves_no_trace(database: Database) -> None:
    def fail() -> None:
        with database.writing() as session:
            session.execute(update(Organisation).values(name="changed"))
            raise RuntimeError("the middle of the work")

    with pytest.raises(RuntimeError):
        fail()

    with database.reading() as session:
        names = set(session.scalars(select(Organisation.name)))
    assert "changed" not in names


def refer_to_nothing_until_the_commit(database: Database) -> None:
    with database.writing() as session:
        session.execute(text("PRAGMA defer_foreign_keys = ON"))
        session.execute(
            insert(Organisation).values(
                id=new_id(),
                public_id=new_public_id("org"),
                kind="exporter",
                name="Nobody's",
                country="CO",
                registered_by_id=new_id(),
                created_at=clock.now(),
            )
        )


def test_after_a_commit_that_failed_the_next_transaction_is_a_new_one(
    sqlite_template: Path, tmp_path: Path
) -> None:
    path = shutil.copyfile(sqlite_template, tmp_path / "atalaya.sqlite")
    database = open_database(f"sqlite:///{path}", is_system=True)

    with pytest.raises(DBAPIError, match="FOREIGN KEY"):
        refer_to_nothing_until_the_commit(database)
    with database.writing() as session:
        kept = session.scalars(select(Organisation.id)).all()

    database.close()
    assert kept == []


def test_a_change_without_its_sealed_trail_is_not_committed(
    database: Database, tenant: Tenant
) -> None:
    def forget_to_seal() -> None:
        with database.writing() as session:
            session.execute(update(Organisation).values(name="changed"))
            trail.record(
                session,
                organisation_id=tenant.id,
                actor="test",
                action="changed",
                subject_id=tenant.public_id,
            )

    with pytest.raises(NotSealed):
        forget_to_seal()

    with database.reading() as session:
        assert "changed" not in set(session.scalars(select(Organisation.name)))


def test_concurrent_changes_are_none_of_them_lost(
    database: Database, tenant: Tenant
) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: note(database, tenant, f"s{n}"), range(40)))

    with database.reading() as session:
        head = session.execute(
            select(TrailHead).where(TrailHead.organisation_id == tenant.id)
        ).scalar_one()
        noted = set(
            session.scalars(
                select(TrailEntry.subject_id).where(
                    TrailEntry.organisation_id == tenant.id
                )
            )
        )
    assert {f"s{n}" for n in range(40)} <= noted
    assert head.sequence == len(noted)


def test_the_trail_is_a_chain_from_the_first_entry_to_the_head(
    database: Database, tenant: Tenant
) -> None:
    for number in range(3):
        note(database, tenant, f"s{number}")

    with database.reading() as session:
        entries = session.scalars(
            select(TrailEntry)
            .where(TrailEntry.organisation_id == tenant.id)
            .order_by(TrailEntry.sequence)
        ).all()
        head = session.execute(
            select(TrailHead.sha256).where(TrailHead.organisation_id == tenant.id)
        ).scalar_one()

    previous = START
    for entry in entries:
        assert json.loads(entry.leaf)["previous"] == previous.hex()
        assert entry.sha256 == hashlib.sha256(entry.leaf).digest()
        previous = entry.sha256
    assert previous == head


@pytest.mark.parametrize(
    "change",
    [
        lambda: update(TrailEntry).values(subject_id="other"),
        lambda: delete(TrailEntry),
    ],
)
def test_the_trail_refuses_to_be_rewritten(
    database: Database, tenant: Tenant, change: Callable[[], object]
) -> None:
    note(database, tenant, "kept")

    def rewrite() -> None:
        with database.writing() as session:
            session.execute(change())  # type: ignore[call-overload]  # either statement

    with pytest.raises(DBAPIError, match="never changed or deleted"):
        rewrite()


def test_a_reference_to_nothing_is_refused(database: Database) -> None:
    def point_at_nothing() -> None:
        with database.writing() as session:
            session.execute(
                insert(TrailHead).values(
                    organisation_id=new_id(), sequence=0, sha256=START
                )
            )

    with pytest.raises(DBAPIError):
        point_at_nothing()


@pytest.mark.usefixtures("tenant")
def test_instants_come_back_in_utc_and_to_the_microsecond(database: Database) -> None:
    instant = datetime(2026, 11, 3, 9, 30, 15, 123456, tzinfo=UTC)

    with database.writing() as session:
        session.execute(update(Organisation).values(created_at=instant))
    with database.reading() as session:
        read = session.scalars(select(Organisation.created_at)).first()

    assert read == instant
    assert read is not None
    assert read.tzinfo is UTC or read.utcoffset() == timedelta(0)


@pytest.mark.usefixtures("tenant")
def test_an_instant_without_a_zone_is_refused(database: Database) -> None:
    def write() -> None:
        with database.writing() as session:
            session.execute(
                update(Organisation).values(created_at=datetime(2026, 11, 3))  # noqa: DTZ001 - the mistake under test
            )

    with pytest.raises(Exception, match="has no time zone"):
        write()


def test_postgresql_compiles_none_of_our_small_statements(
    postgresql: postgres.Cluster,
) -> None:
    database = open_database(
        postgresql.database("template").replace("://", "+psycopg://")
    )

    with database.reading() as session:
        compiles = session.scalar(text("SHOW jit"))

    database.close()
    assert compiles == "off"


def test_keys_sort_by_the_time_they_were_made() -> None:
    moments = iter(
        datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=n) for n in range(50)
    )

    with clock.set_to(lambda: next(moments)):
        made = [new_id() for _ in range(50)]

    assert made == sorted(made)
    assert {key.version for key in made} == {7}
    assert {key.variant for key in made} == {"specified in RFC 4122"}


def test_public_ids_tell_their_kind_and_differ() -> None:
    made = {new_public_id("site") for _ in range(1000)}

    assert len(made) == 1000
    assert all(len(one) == len("site_") + 16 for one in made)
