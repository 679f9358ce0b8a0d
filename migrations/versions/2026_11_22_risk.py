"""Risk of sites, its history, and what has to be assessed again."""

import sqlalchemy as sa
from alembic import op

from migrations.append_only import make_append_only, make_changeable
from migrations.row_level_security import (
    NOW,
    ORGANISATION,
    exists,
    lay_open,
    owned_by,
    protect,
)

revision = "risk"
down_revision = "integrity"
branch_labels = None
depends_on = None

TABLES = ("site_risk", "site_risk_change", "site_risk_due")


def upgrade() -> None:
    _create_site_risk()
    _create_site_risk_change()
    _create_site_risk_due()
    make_append_only("site_risk_change")
    for table in TABLES:
        own = owned_by("owner_id")
        protect(table, f"{own} OR {_operated(table)} OR {_shared(table)}", changes=own)


def downgrade() -> None:
    make_changeable("site_risk_change")
    for table in reversed(TABLES):
        lay_open(table)
        op.drop_table(table)


def _operated(table: str) -> str:
    return exists(
        f"site WHERE site.id = {table}.site_id AND site.operator_id = {ORGANISATION}"
    )


def _shared(table: str) -> str:
    """Return the clause of what a consent in force shows of a site's risk."""
    return exists(
        f"consent WHERE consent.site_id = {table}.site_id"
        f" AND consent.grantee_id = {ORGANISATION}"
        " AND consent.subject = 'risk' AND consent.revoked_at IS NULL"
        f" AND consent.valid_from <= {NOW} AND consent.valid_until > {NOW}"
    )


def _refers(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}")
    )


def _create_site_risk() -> None:
    op.create_table(
        "site_risk",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("level", sa.String(length=10), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("confidence", sa.Integer(), nullable=False),
        sa.Column("confidence_word", sa.String(length=10), nullable=False),
        sa.Column("inherent", sa.Integer(), nullable=True),
        sa.Column("management", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.Integer(), nullable=True),
        sa.Column("open_zero_tolerance", sa.Integer(), nullable=False),
        sa.Column("open_critical", sa.Integer(), nullable=False),
        sa.Column("open_major", sa.Integer(), nullable=False),
        sa.Column("open_minor", sa.Integer(), nullable=False),
        sa.Column("last_visit_on", sa.Date(), nullable=True),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("assessed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "level IN ('high', 'medium', 'low', 'unknown')",
            name=op.f("ck_site_risk_level_known"),
        ),
        sa.CheckConstraint(
            "confidence_word IN ('high', 'medium', 'low', 'none')",
            name=op.f("ck_site_risk_confidence_known"),
        ),
        _refers("site_risk", "site_id", "site"),
        _refers("site_risk", "owner_id", "organisation"),
        sa.PrimaryKeyConstraint("site_id", name=op.f("pk_site_risk")),
    )
    op.create_index(
        "ix_site_risk_owner_id_level", "site_risk", ["owner_id", "level", "site_id"]
    )
    op.create_index(
        "ix_site_risk_owner_id_assessed_at", "site_risk", ["owner_id", "assessed_at"]
    )


def _create_site_risk_change() -> None:
    op.create_table(
        "site_risk_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("level", sa.String(length=10), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("confidence", sa.Integer(), nullable=False),
        sa.Column("confidence_word", sa.String(length=10), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        _refers("site_risk_change", "owner_id", "organisation"),
        _refers("site_risk_change", "site_id", "site"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site_risk_change")),
    )
    op.create_index(
        "ix_site_risk_change_site_id_id", "site_risk_change", ["site_id", "id"]
    )


def _create_site_risk_due() -> None:
    op.create_table(
        "site_risk_due",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("marked_at", sa.DateTime(timezone=True), nullable=False),
        _refers("site_risk_due", "owner_id", "organisation"),
        _refers("site_risk_due", "site_id", "site"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site_risk_due")),
    )
    op.create_index("ix_site_risk_due_owner_id_id", "site_risk_due", ["owner_id", "id"])
    op.create_index(op.f("ix_site_risk_due_site_id"), "site_risk_due", ["site_id"])
