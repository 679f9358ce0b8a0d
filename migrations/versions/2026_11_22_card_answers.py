"""Dated answers of farmers and mills that travel with a scorecard."""

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

revision = "card_answers"
down_revision = "card_papers"
branch_labels = None
depends_on = None

TABLE = "scorecard_answer"
# Whoever is shown the card reads its answers; only the site and its keeper give any.
ANSWERS = exists(
    "scorecard JOIN site ON site.id = scorecard.site_id"
    " JOIN site AS kept ON kept.id = site.kept_id"
    f" WHERE scorecard.id = {TABLE}.scorecard_id"
    f" AND (kept.owner_id = {ORGANISATION} OR kept.operator_id = {ORGANISATION})"
)


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("scorecard_id", sa.Uuid(), nullable=False),
        sa.Column("giver_id", sa.Uuid(), nullable=False),
        sa.Column("side", sa.String(length=10), nullable=False),
        sa.Column("code", sa.String(length=30), nullable=True),
        sa.Column("flag", sa.String(length=10), nullable=True),
        sa.Column("withdraws_id", sa.Uuid(), nullable=True),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(code IS NULL) = (withdraws_id IS NOT NULL)",
            name=op.f("ck_scorecard_answer_one_act"),
        ),
        sa.CheckConstraint(
            "flag IS NULL OR withdraws_id IS NULL",
            name=op.f("ck_scorecard_answer_only_answers_name_flags"),
        ),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{other}.id"], name=op.f(f"fk_{TABLE}_{column}_{other}")
            )
            for column, other in (
                ("scorecard_id", "scorecard"),
                ("giver_id", "organisation"),
                ("withdraws_id", TABLE),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scorecard_answer")),
        sa.UniqueConstraint("public_id", name=op.f("uq_scorecard_answer_public_id")),
        sa.UniqueConstraint(
            "withdraws_id", name=op.f("uq_scorecard_answer_withdraws_id")
        ),
    )
    op.create_index(
        "ix_scorecard_answer_scorecard_id_id", TABLE, ["scorecard_id", "id"]
    )
    make_append_only(TABLE)
    protect(
        TABLE,
        part_of(TABLE, "scorecard_id", "scorecard"),
        changes=f"({owned_by('giver_id')}) AND {ANSWERS}",
    )


def downgrade() -> None:
    make_changeable(TABLE)
    lay_open(TABLE)
    op.drop_table(TABLE)
