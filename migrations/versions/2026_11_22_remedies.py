"""The remedy ledger, and what buyers committed themselves to."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from migrations.append_only import make_append_only, make_changeable
from migrations.row_level_security import (
    ORGANISATION,
    exists,
    lay_open,
    owned_by,
    part_of,
    protect,
)

revision = "remedies"
down_revision = "corrective_actions"
branch_labels = None
depends_on = None

# Parts stand before what they are parts of.
TABLES = (
    "remedy_entry",
    "remedy",
    "commitment_step",
    "commitment_finding",
    "commitment",
)
HISTORY = ("remedy_entry", "commitment_step", "commitment_finding")
# What was said stays as it was said; only how far it has come changes.
SAID = {
    "remedy": (
        "id",
        "public_id",
        "owner_id",
        "site_id",
        "finding_id",
        "kind",
        "currency",
        "period_from",
        "period_to",
        "due_on",
        "entered_by",
        "entered_at",
    ),
    "commitment": (
        "id",
        "public_id",
        "maker_id",
        "maker",
        "maker_name",
        "owner_id",
        "keeper",
        "keeper_name",
        "site_id",
        "site",
        "site_name",
        "kind",
        "amount",
        "currency",
        "basis_points",
        "days",
        "due_on",
        "made_by",
        "made_at",
    ),
}
REFUSAL = "what a {table} says is never changed, and it is never deleted"


def upgrade() -> None:
    _create_remedy()
    _create_remedy_entry()
    _create_commitment()
    _create_commitment_finding()
    _create_commitment_step()
    for table in HISTORY:
        make_append_only(table)
    for table, columns in SAID.items():
        _keep_said(table, columns)
    own = owned_by("owner_id")
    protect("remedy", f"{own} OR {_operated('remedy')}", adds=own)
    protect("remedy_entry", part_of("remedy_entry", "remedy_id", "remedy"))
    # Those it binds, and who operates the site; whatever became of the consent.
    protect(
        "commitment",
        f"{owned_by('maker_id', 'owner_id')} OR {_operated('commitment')}",
        adds=owned_by("maker_id"),
    )
    for table in ("commitment_finding", "commitment_step"):
        protect(table, part_of(table, "commitment_id", "commitment"))


def downgrade() -> None:
    for table in HISTORY:
        make_changeable(table)
    for table in SAID:
        _let_change(table)
    for table in TABLES:
        lay_open(table)
    for table in TABLES:
        op.drop_table(table)


def _keep_said(table: str, columns: Sequence[str]) -> None:
    """Refuse a change of the columns, and a deletion, on either database."""
    changed = f"UPDATE OF {', '.join(columns)}"
    refusal = REFUSAL.format(table=table)
    if op.get_bind().dialect.name == "sqlite":
        abort = f"BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
        op.execute(
            f"CREATE TRIGGER {table}_no_change BEFORE {changed} ON {table} {abort}"
        )
        op.execute(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {abort}")
        return
    op.execute(
        f"CREATE FUNCTION {table}_was_said() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{refusal}'; END $$"
    )
    refuse = f"EXECUTE FUNCTION {table}_was_said()"
    op.execute(f"CREATE TRIGGER {table}_no_change BEFORE {changed} ON {table} {refuse}")
    op.execute(
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE OR TRUNCATE ON {table} {refuse}"
    )


def _let_change(table: str) -> None:
    """Take the refusal back; only a downgrade does this."""
    for trigger in ("no_change", "no_delete"):
        if op.get_bind().dialect.name == "sqlite":
            op.execute(f"DROP TRIGGER {table}_{trigger}")
        else:
            op.execute(f"DROP TRIGGER {table}_{trigger} ON {table}")
    if op.get_bind().dialect.name != "sqlite":
        op.execute(f"DROP FUNCTION {table}_was_said()")


def _operated(table: str) -> str:
    """Return the clause of what belongs to a site that the organisation operates."""
    return exists(
        f"site WHERE site.id = {table}.site_id AND site.operator_id = {ORGANISATION}"
    )


def _refers(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}")
    )


def _create_remedy() -> None:
    op.create_table(
        "remedy",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("finding_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("period_from", sa.Date(), nullable=False),
        sa.Column("period_to", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("standing", sa.String(length=20), nullable=False),
        sa.Column("entered_by", sa.String(length=40), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "period_from <= period_to", name=op.f("ck_remedy_period_in_order")
        ),
        _refers("remedy", "owner_id", "organisation"),
        _refers("remedy", "site_id", "site"),
        _refers("remedy", "finding_id", "finding"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remedy")),
        sa.UniqueConstraint("public_id", name=op.f("uq_remedy_public_id")),
    )
    op.create_index("ix_remedy_owner_id_id", "remedy", ["owner_id", "id"])
    for column in ("site_id", "finding_id"):
        op.create_index(op.f(f"ix_remedy_{column}"), "remedy", [column])


def _create_remedy_entry() -> None:
    op.create_table(
        "remedy_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("remedy_id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("entry", sa.String(length=10), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("people", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=30), nullable=True),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.Column("proof", sa.String(length=30), nullable=True),
        sa.Column("evidence_sha256", sa.LargeBinary(length=32), nullable=True),
        sa.Column("checked_by", sa.String(length=10), nullable=True),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "entry IN ('owed', 'adjusted', 'paid', 'proven', 'verified')",
            name=op.f("ck_remedy_entry_entry_known"),
        ),
        sa.CheckConstraint(
            "entry = 'adjusted' OR (coalesce(amount, 1) > 0 AND coalesce(people, 1) > 0)",
            name=op.f("ck_remedy_entry_only_adjusted_down"),
        ),
        _refers("remedy_entry", "remedy_id", "remedy"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remedy_entry")),
        sa.UniqueConstraint(
            "remedy_id", "ordinal", name=op.f("uq_remedy_entry_remedy_id_ordinal")
        ),
    )


def _create_commitment() -> None:
    op.create_table(
        "commitment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("maker_id", sa.Uuid(), nullable=False),
        sa.Column("maker", sa.String(length=40), nullable=False),
        sa.Column("maker_name", sa.String(length=200), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("keeper", sa.String(length=40), nullable=False),
        sa.Column("keeper_name", sa.String(length=200), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("site", sa.String(length=40), nullable=False),
        sa.Column("site_name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("basis_points", sa.Integer(), nullable=True),
        sa.Column("days", sa.Integer(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("made_by", sa.String(length=40), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "maker_id <> owner_id", name=op.f("ck_commitment_two_organisations")
        ),
        sa.CheckConstraint(
            "(amount IS NULL) = (currency IS NULL)"
            " AND (amount IS NULL OR (basis_points IS NULL AND days IS NULL))"
            " AND (basis_points IS NULL OR days IS NULL)",
            name=op.f("ck_commitment_one_measure"),
        ),
        _refers("commitment", "maker_id", "organisation"),
        _refers("commitment", "owner_id", "organisation"),
        _refers("commitment", "site_id", "site"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commitment")),
        sa.UniqueConstraint("public_id", name=op.f("uq_commitment_public_id")),
    )
    op.create_index("ix_commitment_maker_id_id", "commitment", ["maker_id", "id"])
    op.create_index("ix_commitment_owner_id_id", "commitment", ["owner_id", "id"])
    op.create_index(op.f("ix_commitment_site_id"), "commitment", ["site_id"])


def _create_commitment_finding() -> None:
    op.create_table(
        "commitment_finding",
        sa.Column("commitment_id", sa.Uuid(), nullable=False),
        sa.Column("finding_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        _refers("commitment_finding", "commitment_id", "commitment"),
        _refers("commitment_finding", "finding_id", "finding"),
        sa.PrimaryKeyConstraint(
            "commitment_id", "finding_id", name=op.f("pk_commitment_finding")
        ),
    )
    op.create_index(
        op.f("ix_commitment_finding_finding_id"), "commitment_finding", ["finding_id"]
    )


def _create_commitment_step() -> None:
    op.create_table(
        "commitment_step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("commitment_id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("side", sa.String(length=10), nullable=False),
        sa.Column("proof", sa.String(length=30), nullable=True),
        sa.Column("evidence_sha256", sa.LargeBinary(length=32), nullable=True),
        sa.Column("key_id", sa.Uuid(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        _refers("commitment_step", "commitment_id", "commitment"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commitment_step")),
        sa.UniqueConstraint(
            "commitment_id",
            "ordinal",
            name=op.f("uq_commitment_step_commitment_id_ordinal"),
        ),
    )
