"""Signals of the integrity of a submission."""

import sqlalchemy as sa
from alembic import op

from migrations.row_level_security import lay_open, owned_by, protect

revision = "integrity"
down_revision = "clocks"
branch_labels = None
depends_on = None

TABLES = (
    "sketch_key",
    "visit_profile",
    "text_band",
    "picture_sketch",
    "picture_band",
    "visit_signal",
    "visit_flag",
)


def upgrade() -> None:
    _create_sketch_key()
    _create_visit_profile()
    _create_text_band()
    _create_picture_sketch()
    _create_picture_band()
    _create_visit_signal()
    _create_visit_flag()
    for table in TABLES:
        protect(table, owned_by("owner_id"))


def downgrade() -> None:
    for table in TABLES:
        lay_open(table)
    for table in reversed(TABLES):
        op.drop_table(table)


def _refers(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}")
    )


def _create_sketch_key() -> None:
    op.create_table(
        "sketch_key",
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        _refers("sketch_key", "owner_id", "organisation"),
        sa.PrimaryKeyConstraint("owner_id", name=op.f("pk_sketch_key")),
    )


def _create_visit_profile() -> None:
    op.create_table(
        "visit_profile",
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("checklist_id", sa.Uuid(), nullable=False),
        sa.Column("auditor", sa.String(length=40), nullable=True),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("alike", sa.String(length=80), nullable=False),
        sa.Column("observed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("non_conformities", sa.Integer(), nullable=True),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("text_sketch", sa.LargeBinary(), nullable=True),
        sa.Column("formula", sa.Integer(), nullable=False),
        sa.Column("derived_at", sa.DateTime(timezone=True), nullable=False),
        _refers("visit_profile", "submission_id", "submission"),
        _refers("visit_profile", "owner_id", "organisation"),
        _refers("visit_profile", "site_id", "site"),
        _refers("visit_profile", "checklist_id", "checklist"),
        sa.PrimaryKeyConstraint("submission_id", name=op.f("pk_visit_profile")),
    )
    for name, columns in (
        ("owner_id_alike", ["owner_id", "alike", "observed_at"]),
        ("checklist_id", ["checklist_id", "observed_at"]),
        ("site_id", ["site_id", "observed_at"]),
        ("auditor", ["owner_id", "auditor", "observed_at"]),
    ):
        op.create_index(f"ix_visit_profile_{name}", "visit_profile", columns)


def _create_text_band() -> None:
    op.create_table(
        "text_band",
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        _refers("text_band", "submission_id", "submission"),
        _refers("text_band", "owner_id", "organisation"),
        sa.PrimaryKeyConstraint("submission_id", "value", name=op.f("pk_text_band")),
    )
    op.create_index("ix_text_band_owner_id_value", "text_band", ["owner_id", "value"])


def _create_picture_sketch() -> None:
    op.create_table(
        "picture_sketch",
        sa.Column("attachment_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=True),
        _refers("picture_sketch", "attachment_id", "attachment"),
        _refers("picture_sketch", "owner_id", "organisation"),
        _refers("picture_sketch", "submission_id", "submission"),
        sa.PrimaryKeyConstraint("attachment_id", name=op.f("pk_picture_sketch")),
    )
    op.create_index(
        "ix_picture_sketch_owner_id_sha256", "picture_sketch", ["owner_id", "sha256"]
    )
    op.create_index(
        op.f("ix_picture_sketch_submission_id"), "picture_sketch", ["submission_id"]
    )


def _create_picture_band() -> None:
    op.create_table(
        "picture_band",
        sa.Column("attachment_id", sa.Uuid(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        _refers("picture_band", "attachment_id", "attachment"),
        _refers("picture_band", "owner_id", "organisation"),
        sa.PrimaryKeyConstraint("attachment_id", "value", name=op.f("pk_picture_band")),
    )
    op.create_index(
        "ix_picture_band_owner_id_value", "picture_band", ["owner_id", "value"]
    )


def _create_visit_signal() -> None:
    op.create_table(
        "visit_signal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("signal", sa.String(length=30), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("is_doubtful", sa.Boolean(), nullable=False),
        sa.Column("measure", sa.String(length=24), nullable=True),
        sa.Column("why", sa.String(length=30), nullable=True),
        sa.Column("evidence", sa.LargeBinary(), nullable=False),
        sa.Column("formula", sa.Integer(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        _refers("visit_signal", "owner_id", "organisation"),
        _refers("visit_signal", "submission_id", "submission"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_signal")),
        sa.UniqueConstraint("public_id", name=op.f("uq_visit_signal_public_id")),
        sa.UniqueConstraint(
            "submission_id", "signal", name=op.f("uq_visit_signal_submission_id_signal")
        ),
    )
    op.create_index("ix_visit_signal_owner_id_id", "visit_signal", ["owner_id", "id"])
    op.create_index(
        "ix_visit_signal_owner_id_signal",
        "visit_signal",
        ["owner_id", "signal", "state", "id"],
    )


def _create_visit_flag() -> None:
    op.create_table(
        "visit_flag",
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("is_flagged", sa.Boolean(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("reasons", sa.String(), nullable=False),
        sa.Column("policy_from", sa.Date(), nullable=False),
        sa.Column("flagged_at", sa.DateTime(timezone=True), nullable=False),
        _refers("visit_flag", "submission_id", "submission"),
        _refers("visit_flag", "owner_id", "organisation"),
        sa.PrimaryKeyConstraint("submission_id", name=op.f("pk_visit_flag")),
    )
    op.create_index(op.f("ix_visit_flag_owner_id"), "visit_flag", ["owner_id"])
