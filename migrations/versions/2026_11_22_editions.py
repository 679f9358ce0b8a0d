"""Editions of the rule book with their publications, and shards of facts."""

import sqlalchemy as sa
from alembic import op

from migrations.append_only import make_append_only, make_changeable

revision = "editions"
down_revision = "jobs"
branch_labels = None
depends_on = None

EVIDENCE = ("rule_edition", "edition_publication")


def upgrade() -> None:
    op.create_table(
        "rule_edition",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("edition", sa.String(length=20), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("archive_sha256", sa.String(length=64), nullable=False),
        sa.Column("rules", sa.Integer(), nullable=False),
        sa.Column("legal_values", sa.Integer(), nullable=False),
        sa.Column("facts", sa.Integer(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kept_by", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_edition")),
        sa.UniqueConstraint("edition", name=op.f("uq_rule_edition_edition")),
        sa.UniqueConstraint("sha256", name=op.f("uq_rule_edition_sha256")),
    )
    op.create_table(
        "edition_publication",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Uuid(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["edition_id"],
            ["rule_edition.id"],
            name=op.f("fk_edition_publication_edition_id_rule_edition"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edition_publication")),
        sa.UniqueConstraint("ordinal", name=op.f("uq_edition_publication_ordinal")),
    )
    op.create_index(
        op.f("ix_edition_publication_edition_id"),
        "edition_publication",
        ["edition_id"],
        unique=False,
    )
    op.create_table(
        "fact_shard",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("vocabulary_sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("submissions", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["organisation.id"],
            name=op.f("fk_fact_shard_owner_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fact_shard")),
    )
    op.create_index(
        op.f("ix_fact_shard_owner_id"), "fact_shard", ["owner_id"], unique=False
    )
    op.create_table(
        "sharded_submission",
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("shard_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["organisation.id"],
            name=op.f("fk_sharded_submission_owner_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["shard_id"],
            ["fact_shard.id"],
            name=op.f("fk_sharded_submission_shard_id_fact_shard"),
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submission.id"],
            name=op.f("fk_sharded_submission_submission_id_submission"),
        ),
        sa.PrimaryKeyConstraint("submission_id", name=op.f("pk_sharded_submission")),
    )
    op.create_index(
        op.f("ix_sharded_submission_owner_id"),
        "sharded_submission",
        ["owner_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_sharded_submission_shard_id"),
        "sharded_submission",
        ["shard_id"],
        unique=False,
    )
    for table in EVIDENCE:
        make_append_only(table)


def downgrade() -> None:
    for table in EVIDENCE:
        make_changeable(table)

    op.drop_table("sharded_submission")
    op.drop_table("fact_shard")
    op.drop_table("edition_publication")
    op.drop_table("rule_edition")
