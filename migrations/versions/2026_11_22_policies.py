"""Policies that a programme decided for itself, and the programmes."""

import sqlalchemy as sa
from alembic import op

from migrations.append_only import make_append_only, make_changeable
from migrations.row_level_security import lay_open, owned_by, protect

revision = "policies"
down_revision = "validations"
branch_labels = None
depends_on = None

TABLES = ("policy_entry", "programme")


def upgrade() -> None:
    op.create_table(
        "programme",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("named_by", sa.String(length=40), nullable=False),
        sa.Column("named_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["organisation.id"],
            name=op.f("fk_programme_owner_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme")),
        sa.UniqueConstraint("public_id", name=op.f("uq_programme_public_id")),
        sa.UniqueConstraint(
            "owner_id", "name", name=op.f("uq_programme_owner_id_name")
        ),
    )
    op.create_index("ix_programme_owner_id_id", "programme", ["owner_id", "id"])
    op.create_table(
        "policy_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=True),
        sa.Column("policy", sa.String(length=40), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=500), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("decided_by", sa.String(length=40), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["organisation.id"],
            name=op.f("fk_policy_entry_owner_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"],
            ["programme.id"],
            name=op.f("fk_policy_entry_programme_id_programme"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_entry")),
        sa.UniqueConstraint("public_id", name=op.f("uq_policy_entry_public_id")),
    )
    op.create_index(
        "ix_policy_entry_owner_id_policy", "policy_entry", ["owner_id", "policy"]
    )
    op.create_index(
        op.f("ix_policy_entry_programme_id"), "policy_entry", ["programme_id"]
    )
    for table in TABLES:
        make_append_only(table)
        protect(table, owned_by("owner_id"))


def downgrade() -> None:
    for table in TABLES:
        lay_open(table)
        make_changeable(table)
    for table in TABLES:
        op.drop_table(table)
