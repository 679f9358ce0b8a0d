"""The second wall: PostgreSQL alone keeps organisations apart, whatever a query forgets."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import pytest
from sqlalchemy import (
    CursorResult,
    Delete,
    Table,
    Update,
    delete,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from compliance.database import (
    Base,
    Database,
    limit_to,
)
from migrations.tables import KNOWN
from tests.conftest import Tenant
from tests.isolation.world import LATER, World

assert KNOWN
TABLES: Mapping[str, Table] = Base.metadata.tables
# What belongs to no organisation, and why everybody may read it.
OPEN = {
    "rule_edition": "the rule book is for everybody",
    "edition_publication": "the rule book is for everybody",
    "trail_key": "public keys, for whoever checks a trail",
    "issuer_key": "public keys, for whoever checks a card",
    "trail_tree_head": "signed heads, for whoever checks a trail",
    "trail_anchor": "where heads were shown, for whoever checks a trail",
}
CALLERS = ("exporter", "mill", "buyer", "stranger", "other_buyer")
# Whoever is invited is added before anybody knows them; see the migration.
FREELY_ADDED = {"person"}
# What no organisation sees, not even its own.
HIDDEN = {"password_link", "signing_key", "sign_in_throttle"}
PROTECTED = sorted(set(TABLES) - set(OPEN))
# Columns that make a row one's own.
OWN_COLUMNS = (
    "owner_id",
    "organisation_id",
    "giver_id",
    "grantee_id",
    "asker_id",
    "supplier_id",
    "maker_id",
    "registered_by_id",
    "tree_id",
)
# Tables of an operated site's owner that its operator reads too.
OF_OPERATORS = {
    "site_identifier",
    "plot",
    "workforce_profile",
    "finding",
    "scorecard",
    "audit_reply",
    "remedy",
    "commitment",
    "corrective_action",
}
# Which row's sight decides on a row that names no organisation itself.
PARENTS = {
    "person": ("id", "membership", "person_id"),
    "expected_attachment": ("submission_id", "submission", "id"),
    "placement": ("submission_id", "submission", "id"),
    "withdrawal": ("submission_id", "submission", "id"),
    "verdict": ("assessment_id", "assessment", "id"),
    "finding_step": ("finding_id", "finding", "id"),
    "finding_statement": ("finding_id", "finding", "id"),
    "corrective_action_step": ("action_id", "corrective_action", "id"),
    "corrective_action_text": ("action_id", "corrective_action", "id"),
    "extension": ("action_id", "corrective_action", "id"),
    "proof": ("action_id", "corrective_action", "id"),
    "remedy_entry": ("remedy_id", "remedy", "id"),
    "commitment_step": ("commitment_id", "commitment", "id"),
    "commitment_finding": ("commitment_id", "commitment", "id"),
    "scorecard_status": ("scorecard_id", "scorecard", "id"),
    "scorecard_in_force": ("scorecard_id", "scorecard", "id"),
    "scorecard_paper": ("scorecard_id", "scorecard", "id"),
    "scorecard_credential": ("scorecard_id", "scorecard", "id"),
    "scorecard_listing": ("scorecard_id", "scorecard", "id"),
    "scorecard_answer": ("scorecard_id", "scorecard", "id"),
}
THE_LOG = "00000000-0000-0000-0000-000000000000"

Row = Mapping[str, Any]
Rows = Mapping[str, list[Row]]


@pytest.fixture(scope="module")
def rows(postgresql_world: World) -> Rows:
    """Every row of every table, seen as system work sees them."""
    with postgresql_world.database.reading(system=True) as session:
        return {name: every_row(session, table) for name, table in TABLES.items()}


def every_row(session: Session, table: Table) -> list[Row]:
    return [dict(row) for row in session.execute(select(table)).mappings()]


def keys(table: str, found: list[Row]) -> set[tuple[Any, ...]]:
    names = [column.name for column in TABLES[table].primary_key]
    return {tuple(row[name] for name in names) for row in found}


def test_every_table_of_organisations_has_forced_policies(walled: Database) -> None:
    with walled.reading() as session:
        guarded = set(
            session.scalars(
                text(
                    "SELECT relname FROM pg_class JOIN pg_policy ON polrelid = pg_class.oid"
                    " WHERE relrowsecurity AND relforcerowsecurity"
                )
            )
        )

    assert guarded == set(PROTECTED)


def test_what_is_open_names_no_organisation() -> None:
    naming = [
        name
        for name in OPEN
        for key in TABLES[name].foreign_keys
        if key.column.table.name not in OPEN
    ]

    assert naming == []


@pytest.mark.parametrize("table", PROTECTED)
def test_without_an_organisation_no_row_is_seen(walled: Database, table: str) -> None:
    with walled.reading() as session:
        seen = every_row(session, TABLES[table])

    assert seen == []


def test_the_world_has_rows_to_be_kept_apart(rows: Rows) -> None:
    assert {name for name in PROTECTED if not rows[name]} <= EMPTY


@pytest.mark.parametrize("caller", CALLERS)
def test_a_query_without_any_predicate_returns_what_is_ones_own_or_shared(
    walled: Database, postgresql_world: World, rows: Rows, caller: str
) -> None:
    tenant = postgresql_world.tenants[caller]
    with walled.reading() as session:
        limit_to(session, tenant.id)
        seen = {
            name: keys(name, every_row(session, TABLES[name])) for name in PROTECTED
        }

    expected = Expected(rows, tenant)
    assert seen == {name: keys(name, expected.rows(name)) for name in PROTECTED}


@dataclass(frozen=True)
class Expected:
    """Which rows an organisation may see, worked out from the rows themselves."""

    all_rows: Rows
    tenant: Tenant

    def rows(self, table: str) -> list[Row]:
        if table in HIDDEN:
            return []
        return [row for row in self.all_rows[table] if self.is_seen(table, row)]

    def is_seen(self, table: str, row: Row) -> bool:
        if table in PARENTS:
            column, parent, key = PARENTS[table]
            return row[column] in {one[key] for one in self.rows(parent)}
        if any(row.get(column) == self.tenant.id for column in OWN_COLUMNS):
            return True
        match table:
            case "organisation":
                return row["id"] in self.known_organisations()
            case "site":
                return row["id"] in self.operated() | self.shown("risk", "scorecard")
            case "trail_tile":
                return str(row["tree_id"]) == THE_LOG
            case "scorecard":
                return row["site_id"] in self.operated() | self.shown("scorecard")
            case "site_risk" | "site_risk_change" | "site_risk_due":
                return row["site_id"] in self.operated() | self.shown("risk")
            case _:
                return table in OF_OPERATORS and row["site_id"] in self.operated()

    def operated(self) -> set[object]:
        return {
            row["id"]
            for row in self.all_rows["site"]
            if row["operator_id"] == self.tenant.id
        }

    def shown(self, *subjects: str) -> set[object]:
        return {
            row["site_id"]
            for row in self.all_rows["consent"]
            if row["grantee_id"] == self.tenant.id
            and row["subject"] in subjects
            and row["revoked_at"] is None
            and row["valid_from"] <= LATER < row["valid_until"]
        }

    def known_organisations(self) -> set[object]:
        """Return itself, its partners in consents, and those of a site it sees."""
        sites = [
            row
            for row in self.all_rows["site"]
            if row["id"] in self.shown("risk", "scorecard")
        ]
        pairs = [
            (row[one], row[other])
            for table, one, other in PARTNERS
            for row in self.all_rows[table]
        ]
        return {
            self.tenant.id,
            *(row[column] for row in sites for column in ("owner_id", "operator_id")),
            *(b for a, b in pairs if a == self.tenant.id),
            *(a for a, b in pairs if b == self.tenant.id),
        }


PARTNERS = (
    ("consent", "giver_id", "grantee_id"),
    ("consent_request", "asker_id", "supplier_id"),
    ("site", "owner_id", "operator_id"),
)
# Tables that the world leaves empty.
EMPTY = {
    "picture_band",
    "text_band",
    "confirmation",
    "commitment_finding",
    "checklist_validation",
    "idempotency",
    "schedule",
    "fact_shard",
    "sharded_submission",
    "intake_fault",
    "withdrawal",
    "import_columns",
    "site_origin",
    "site_import_row",
    "trail_seal",
    "trail_slot",
    "trail_tile",
    "sign_in_throttle",
    "password_link",
    "signing_key",
}


@pytest.mark.parametrize("table", sorted(set(PROTECTED) - FREELY_ADDED))
def test_a_row_of_another_organisation_is_not_added(
    walled: Database, postgresql_world: World, rows: Rows, table: str
) -> None:
    owner, stranger = (
        postgresql_world.tenants[one] for one in ("exporter", "stranger")
    )
    own = [
        row
        for row in rows[table]
        if Expected(rows, owner).is_seen(table, row)
        and not Expected(rows, stranger).is_seen(table, row)
    ]

    def add(row: Row) -> None:
        with walled.writing() as session:
            limit_to(session, stranger.id)
            session.execute(insert(TABLES[table]).values(**row))

    for row in own[:1]:
        with pytest.raises(DBAPIError, match="row-level security policy"):
            add(row)


@pytest.mark.parametrize("table", PROTECTED)
def test_rows_of_others_are_neither_changed_nor_deleted(
    walled: Database, postgresql_world: World, rows: Rows, table: str
) -> None:
    stranger = postgresql_world.tenants["stranger"]
    own = len(Expected(rows, stranger).rows(table))
    column = next(iter(TABLES[table].columns))

    with walled.writing() as session:
        limit_to(session, stranger.id)
        touched = [
            rows_touched(session, statement)
            for statement in (
                update(TABLES[table]).values({column: column}),
                delete(TABLES[table]),
            )
        ]
        session.rollback()

    assert all(count is None or count <= own for count in touched)


def rows_touched(session: Session, statement: Update | Delete) -> int | None:
    """Return how many rows a statement would touch, None where it is refused."""
    try:
        with session.begin_nested() as savepoint:
            result = cast(CursorResult[Any], session.execute(statement))
            savepoint.rollback()
    except DBAPIError:
        return None
    return result.rowcount
