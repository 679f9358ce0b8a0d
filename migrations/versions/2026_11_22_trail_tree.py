"""The trail's trees, signed heads, keys and anchors; entries found by their actor."""

import sqlalchemy as sa
from alembic import op

from migrations.append_only import make_append_only, make_changeable

revision = "trail_tree"
down_revision = "imports"
branch_labels = None
depends_on = None

EVIDENCE = (
    "trail_key",
    "trail_slot",
    "trail_tree_head",
    "trail_seal",
    "trail_tile",
    "trail_anchor",
)
ACTOR_OF = {
    "sqlite": "json_extract(CAST(leaf AS TEXT), '$.actor')",
    "postgresql": "convert_from(leaf, 'UTF8')::json ->> 'actor'",
}


def upgrade() -> None:
    _add_actor()
    op.create_table(
        "trail_key",
        sa.Column("key_id", sa.String(length=32), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("statement", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(length=64), nullable=False),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_trail_key")),
        sa.UniqueConstraint("ordinal", name=op.f("uq_trail_key_ordinal")),
    )
    op.create_table(
        "trail_slot",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_trail_slot_organisation_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("organisation_id", name=op.f("pk_trail_slot")),
        sa.UniqueConstraint("slot", name=op.f("uq_trail_slot_slot")),
    )
    op.create_table(
        "trail_tree_head",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("snapshot", sa.LargeBinary(), nullable=False),
        sa.Column("leaf_sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("statement", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.String(length=32), nullable=False),
        sa.Column("signature", sa.LargeBinary(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["key_id"],
            ["trail_key.key_id"],
            name=op.f("fk_trail_tree_head_key_id_trail_key"),
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_trail_tree_head")),
    )
    op.create_table(
        "trail_seal",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("path", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["number"],
            ["trail_tree_head.number"],
            name=op.f("fk_trail_seal_number_trail_tree_head"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_trail_seal_organisation_id_organisation"),
        ),
        sa.PrimaryKeyConstraint(
            "organisation_id", "number", name=op.f("pk_trail_seal")
        ),
    )
    op.create_table(
        "trail_tile",
        sa.Column("tree_id", sa.Uuid(), nullable=False),
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint(
            "tree_id", "level", "place", name=op.f("pk_trail_tile")
        ),
    )
    op.create_table(
        "trail_anchor",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(length=500), nullable=False),
        sa.Column("anchored_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("receipt", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["number"],
            ["trail_tree_head.number"],
            name=op.f("fk_trail_anchor_number_trail_tree_head"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trail_anchor")),
        sa.UniqueConstraint(
            "number", "place", name=op.f("uq_trail_anchor_number_place")
        ),
    )
    for table in EVIDENCE:
        make_append_only(table)


def downgrade() -> None:
    for table in EVIDENCE:
        make_changeable(table)
    for table in reversed(EVIDENCE):
        op.drop_table(table)
    make_changeable("trail")
    with op.batch_alter_table("trail", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_trail_organisation_id_actor"))
        batch_op.drop_column("actor")
    make_append_only("trail")


def _add_actor() -> None:
    """Copy each entry's actor from its bytes into a column of its own.

    SQLite rebuilds the table for it, so the refusal is taken back first on both.
    """
    make_changeable("trail")
    with op.batch_alter_table("trail", schema=None) as batch_op:
        batch_op.add_column(sa.Column("actor", sa.String(length=60), nullable=True))
    expression = ACTOR_OF[op.get_bind().dialect.name]
    op.execute(f"UPDATE trail SET actor = {expression}")  # noqa: S608 - from the table above
    with op.batch_alter_table("trail", schema=None) as batch_op:
        batch_op.alter_column(
            "actor", existing_type=sa.String(length=60), nullable=False
        )
        batch_op.create_index(
            batch_op.f("ix_trail_organisation_id_actor"),
            ["organisation_id", "actor"],
            unique=False,
        )
    make_append_only("trail")
