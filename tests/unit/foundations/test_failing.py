"""What makes statements fail catches an action that is half done, however it is so."""

from typing import cast

import pytest
from sqlalchemy import Table, bindparam, func, select, text, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from compliance import trail
from compliance.database import Database
from compliance.identity.models import Organisation
from tests.conftest import Tenant
from tests.failing import (
    HalfDone,
    fail_each_statement,
    in_one_transaction,
    snapshot,
    statement_failing,
)
from tests.trails import note

ORGANISATION = cast(Table, Organisation.__table__)
NAMES = select(ORGANISATION.c.name).where(ORGANISATION.c.id == bindparam("which"))
RENAME = (
    update(ORGANISATION)
    .where(ORGANISATION.c.id == bindparam("which"))
    .values(name=bindparam("wanted"))
)
TIMES = 3  # the first is SQLAlchemy's own, the second makes the plan of the short way


def rename(session: Session, tenant: Tenant, wanted: str) -> None:
    session.execute(RENAME, {"which": tenant.id, "wanted": wanted})


def test_an_action_in_one_transaction_passes_with_each_statement_failed_once(
    database: Database, tenant: Tenant
) -> None:
    def work(session: Session) -> None:
        note(session, tenant, "thing")
        rename(session, tenant, "Otra")

    tried = fail_each_statement(database, in_one_transaction(database, work))

    # The change, the trail's head, its entry, its head again, and the commit.
    assert tried == 5


def test_a_statement_that_went_through_the_driver_alone_is_caught_too(
    database: Database, tenant: Tenant
) -> None:
    with database.writing() as session:
        for number in range(TIMES):
            rename(session, tenant, f"Otra {number}")

    def work(session: Session) -> None:
        for _ in range(TIMES):
            rename(session, tenant, "Otra")
            session.execute(NAMES, {"which": tenant.id}).all()

    tried = fail_each_statement(database, in_one_transaction(database, work))

    assert tried == 2 * TIMES + 1


def test_an_action_that_commits_halfway_is_caught(
    database: Database, tenant: Tenant
) -> None:
    def work(session: Session) -> None:
        rename(session, tenant, "Otra")
        session.commit()
        note(session, tenant, "thing")

    with pytest.raises(HalfDone, match=r"^organisation changed, although SELECT"):
        fail_each_statement(database, in_one_transaction(database, work))


def test_an_action_in_two_transactions_is_caught(
    database: Database, tenant: Tenant
) -> None:
    def act() -> None:
        for wanted in ("Otra", "Una más"):
            with database.writing() as session:
                rename(session, tenant, wanted)

    with pytest.raises(HalfDone, match=r"^organisation changed"):
        fail_each_statement(database, act)


def test_an_action_that_is_acknowledged_all_the_same_is_caught(
    database: Database, tenant: Tenant
) -> None:
    def act() -> str:
        try:
            with database.writing() as session:
                rename(session, tenant, "Otra")
        except OperationalError:
            return "done"
        return "done"

    with pytest.raises(HalfDone, match="acknowledged although this failed: UPDATE"):
        fail_each_statement(database, act)


def test_a_commit_that_fails_leaves_nothing(database: Database, tenant: Tenant) -> None:
    before = snapshot(database)

    with (
        statement_failing(database, 2) as failing,
        pytest.raises(OperationalError),
        database.writing() as session,
    ):
        rename(session, tenant, "Otra")

    assert failing.failed == "COMMIT"
    assert snapshot(database) == before


def test_what_is_undone_in_a_savepoint_must_have_been_noted(
    database: Database, tenant: Tenant
) -> None:
    """A visit is never lost: what fails in its savepoint is noted beside it."""

    def work(session: Session) -> None:
        try:
            with session.begin_nested():
                session.execute(select(func.count()).select_from(ORGANISATION))
        except OperationalError:
            rename(session, tenant, "Otra")

    def is_noted(session: Session) -> bool:
        return session.scalar(NAMES, {"which": tenant.id}) == "Otra"

    act = in_one_transaction(database, work)

    with pytest.raises(HalfDone, match="acknowledged although this failed: S"):
        fail_each_statement(database, act)
    # The savepoint, what is in it, its release, and the commit.
    assert fail_each_statement(database, act, is_noted=is_noted) == 4


def test_a_fault_of_the_action_itself_is_not_taken_for_ours(
    database: Database, tenant: Tenant
) -> None:
    def work(session: Session) -> None:
        rename(session, tenant, "Otra")
        if session.scalar(text("SELECT 1")):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_each_statement(database, in_one_transaction(database, work))


def test_a_snapshot_sees_every_value(database: Database, tenant: Tenant) -> None:
    before = snapshot(database)

    with database.writing() as session:
        note(session, tenant, "thing")
        trail.seal(session)

    after = snapshot(database)
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"trail", "trail_head"}
