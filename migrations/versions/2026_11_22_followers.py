"""Alerts of those who follow a site by consent, their order, replays, a second secret."""

import sqlalchemy as sa
from alembic import op

from migrations.row_level_security import lay_open, owned_by, protect

revision = "followers"
down_revision = "card_answers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _widen_alert()
    _make_alert_spread()
    for column in (
        sa.Column("former_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("former_until", sa.DateTime(timezone=True), nullable=True),
    ):
        op.add_column("alert_receiver", column)
    op.add_column(
        "alert_delivery",
        sa.Column("replayed_at", sa.DateTime(timezone=True), nullable=True),
    )


def downgrade() -> None:
    op.drop_column("alert_delivery", "replayed_at")
    op.drop_column("alert_receiver", "former_until")
    op.drop_column("alert_receiver", "former_sealed")
    lay_open("alert_spread")
    op.drop_table("alert_spread")
    op.drop_index("ix_alert_owner_id_series", "alert")
    for name in (
        *("series", "followed", "state_before", "state_after", "reason", "topic"),
        *("standing", "version", "letter_before", "letter_after", "code"),
    ):
        op.drop_column("alert", name)


def _widen_alert() -> None:
    """Add columns one by one: a table made anew on SQLite would lose its triggers."""
    for name, length in (
        ("series", 40),
        ("followed", 10),
        ("state_before", 20),
        ("state_after", 20),
        ("reason", 40),
        ("topic", 40),
        ("standing", 20),
        ("letter_before", 1),
        ("letter_after", 1),
        ("code", 20),
    ):
        op.add_column("alert", sa.Column(name, sa.String(length=length), nullable=True))
    op.add_column("alert", sa.Column("version", sa.Integer(), nullable=True))
    op.create_index("ix_alert_owner_id_series", "alert", ["owner_id", "series", "id"])


def _make_alert_spread() -> None:
    op.create_table(
        "alert_spread",
        sa.Column("alert_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["alert.id"], name=op.f("fk_alert_spread_alert_id_alert")
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["organisation.id"],
            name=op.f("fk_alert_spread_owner_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("alert_id", name=op.f("pk_alert_spread")),
    )
    op.create_index(op.f("ix_alert_spread_owner_id"), "alert_spread", ["owner_id"])
    # What was told before nobody waits for.
    op.execute(
        "INSERT INTO alert_spread (alert_id, owner_id) SELECT id, owner_id FROM alert"
    )
    protect("alert_spread", owned_by("owner_id"))
