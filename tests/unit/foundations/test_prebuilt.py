"""Statements run again by the short way do what SQLAlchemy did with them at first."""

import uuid
from collections.abc import Sequence
from typing import Any, cast

import pytest
from sqlalchemy import (
    CursorResult,
    Row,
    Table,
    bindparam,
    event,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError, StatementError

from compliance import clock
from compliance.database import Database, one_of
from compliance.identifiers import new_id
from compliance.identity.keys import revoke_one_key
from compliance.identity.models import ApiKey, Organisation, Role
from compliance.identity.scope import KeyGiven, NotSignedIn, scope_of, scope_of_system
from compliance.trail import TrailEntry, seal
from tests.conftest import Tenant

KEY = (
    select(ApiKey.id, ApiKey.secret_sha256, ApiKey.created_at, ApiKey.role)
    .where(ApiKey.public_id == bindparam("public_id"))
    .order_by(ApiKey.id)
)
NAMED = select(Organisation.name).where(one_of(Organisation.id, "ids"))
ORGANISATION = cast(Table, Organisation.__table__)
RENAME = (
    update(ORGANISATION)
    .where(ORGANISATION.c.id == bindparam("which"))
    .values(name=bindparam("wanted"))
)
NOTE = insert(cast(Table, TrailEntry.__table__))
TIMES = 3  # the first is SQLAlchemy's own, the second makes the plan


def rows_each_time(
    database: Database, statement: Any, values: dict[str, Any]
) -> list[Sequence[Row[Any]]]:
    with database.reading(system=True) as session:
        return [session.execute(statement, values).all() for _ in range(TIMES)]


def public_id_of(tenant: Tenant) -> str:
    return "_".join(tenant.keys[Role.ADMINISTRATOR].split("_")[:2])


def test_a_statement_run_again_tells_the_same_in_the_same_types(
    database: Database, tenant: Tenant
) -> None:
    first, *again = rows_each_time(database, KEY, {"public_id": public_id_of(tenant)})

    assert [list(map(tuple, rows)) for rows in again] == [list(map(tuple, first))] * 2
    for (row,) in again:
        assert isinstance(row.id, uuid.UUID)
        assert isinstance(row.secret_sha256, bytes)
        assert row.created_at.tzinfo is not None


def test_one_statement_takes_however_many_keys(
    database: Database, tenant: Tenant
) -> None:
    with database.reading(system=True) as session:
        found = [
            session.scalars(NAMED, {"ids": ids}).all()
            for ids in ([], [tenant.id], [tenant.id, new_id()], [new_id()])
        ]

    assert [len(names) for names in found] == [0, 1, 1, 0]


def test_a_value_that_is_missing_is_told_every_time(database: Database) -> None:
    with database.reading(system=True) as session:
        for _ in range(TIMES):
            with pytest.raises(StatementError, match="public_id"):
                session.execute(KEY, {})


def test_a_change_run_again_tells_how_many_rows_it_found(
    database: Database, tenant: Tenant
) -> None:
    counts = []
    with database.writing(system=True) as session:
        for which in (tenant.id, tenant.id, tenant.id, new_id()):
            ran = session.execute(RENAME, {"which": which, "wanted": "Otra"})
            counts.append(cast(CursorResult[Any], ran).rowcount)

    assert counts == [1, 1, 1, 0]


def test_a_fault_is_told_as_before_and_without_the_values(
    database: Database, tenant: Tenant
) -> None:
    entry = {
        "id": new_id(),
        "organisation_id": tenant.id,
        "sequence": 99,
        "actor": "a secret that must not be told",
        "subject_id": "one",
        "recorded_at": clock.now(),
        "leaf": b"{}",
        "sha256": bytes(32),
    }
    with database.writing(system=True) as session:
        for sequence in range(TIMES):
            session.execute(NOTE, {**entry, "id": new_id(), "sequence": 100 + sequence})
        session.execute(NOTE, entry)
        with pytest.raises(IntegrityError) as told, session.begin_nested():
            session.execute(NOTE, entry)
        session.rollback()

    assert "INSERT INTO trail" in str(told.value)
    assert "a secret" not in str(told.value)


def test_who_listens_to_statements_hears_those_that_are_run_again(
    database: Database, tenant: Tenant
) -> None:
    heard: list[str] = []
    rows_each_time(database, KEY, {"public_id": public_id_of(tenant)})

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        heard.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    rows_each_time(database, KEY, {"public_id": public_id_of(tenant)})

    assert sum("api_key" in statement for statement in heard) == TIMES


def test_a_key_that_was_let_in_often_is_out_as_soon_as_it_is_revoked(
    database: Database, tenant: Tenant
) -> None:
    given = KeyGiven(tenant.keys[Role.ADMINISTRATOR])
    for _ in range(TIMES):
        with database.reading() as session:
            scope_of(session, given)

    with database.writing() as session:
        scope = scope_of_system(session, tenant.id)
        revoke_one_key(session, scope, public_id_of(tenant))
        seal(session)

    with database.reading() as session, pytest.raises(NotSignedIn):
        scope_of(session, given)
