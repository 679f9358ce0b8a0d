"""Answers kept apart, pictures made from evidence, visits imported from elsewhere."""

import sqlalchemy as sa
from alembic import op

from migrations.append_only import make_append_only, make_changeable
from migrations.row_level_security import lay_open, owned_by, protect

revision = "evidence"
down_revision = "devices"
branch_labels = None
depends_on = None

TABLES = (
    "sealed_key",
    "sealed_record",
    "sealed_answer",
    "sealed_refusal",
    "sealed_file",
    "derivative",
    "decryption",
    "visit_import",
    "visit_import_row",
)
# What wraps a data key changes with the wrapping keys, and imports go on; not these.
EVIDENCE = (
    "sealed_record",
    "sealed_answer",
    "sealed_refusal",
    "sealed_file",
    "decryption",
)


def upgrade() -> None:
    _create_sealed_key()
    _create_sealed_record()
    _create_sealed_answer()
    _create_sealed_refusal()
    _create_sealed_file()
    _create_derivative()
    _create_decryption()
    _create_visit_import()
    _create_visit_import_row()
    for table in TABLES:
        protect(table, owned_by("owner_id"))
    for table in EVIDENCE:
        make_append_only(table)


def _owner(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["owner_id"],
        ["organisation.id"],
        name=op.f(f"fk_{table}_owner_id_organisation"),
    )


def _create_sealed_key() -> None:
    op.create_table(
        "sealed_key",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("wrapping_key_id", sa.String(length=40), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        _owner("sealed_key"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sealed_key")),
    )
    op.create_index(op.f("ix_sealed_key_owner_id"), "sealed_key", ["owner_id"])
    op.create_index(
        op.f("ix_sealed_key_wrapping_key_id"), "sealed_key", ["wrapping_key_id"]
    )


def _create_sealed_record() -> None:
    op.create_table(
        "sealed_record",
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submission.id"],
            name=op.f("fk_sealed_record_submission_id_submission"),
        ),
        _owner("sealed_record"),
        sa.PrimaryKeyConstraint("submission_id", name=op.f("pk_sealed_record")),
    )
    op.create_index(op.f("ix_sealed_record_owner_id"), "sealed_record", ["owner_id"])


def _create_sealed_answer() -> None:
    op.create_table(
        "sealed_answer",
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("entry", sa.String(length=40), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["sealed_record.submission_id"],
            name=op.f("fk_sealed_answer_submission_id_sealed_record"),
        ),
        _owner("sealed_answer"),
        sa.PrimaryKeyConstraint(
            "submission_id", "path", "entry", name=op.f("pk_sealed_answer")
        ),
    )
    op.create_index(op.f("ix_sealed_answer_owner_id"), "sealed_answer", ["owner_id"])


def _create_sealed_refusal() -> None:
    op.create_table(
        "sealed_refusal",
        sa.Column("refused_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["refused_id"],
            ["submission_refused.id"],
            name=op.f("fk_sealed_refusal_refused_id_submission_refused"),
        ),
        _owner("sealed_refusal"),
        sa.PrimaryKeyConstraint("refused_id", name=op.f("pk_sealed_refusal")),
    )
    op.create_index(op.f("ix_sealed_refusal_owner_id"), "sealed_refusal", ["owner_id"])


def _create_sealed_file() -> None:
    op.create_table(
        "sealed_file",
        sa.Column("attachment_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("is_sensitive", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attachment_id"],
            ["attachment.id"],
            name=op.f("fk_sealed_file_attachment_id_attachment"),
        ),
        _owner("sealed_file"),
        sa.PrimaryKeyConstraint("attachment_id", name=op.f("pk_sealed_file")),
    )
    op.create_index(op.f("ix_sealed_file_owner_id"), "sealed_file", ["owner_id"])


def _create_derivative() -> None:
    op.create_table(
        "derivative",
        sa.Column("attachment_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=30), nullable=True),
        sa.Column("media_type", sa.String(length=100), nullable=True),
        sa.Column("file_sha256", sa.String(length=64), nullable=True),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("distance_metres", sa.Integer(), nullable=True),
        sa.Column("minutes_after_start", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["attachment_id"],
            ["attachment.id"],
            name=op.f("fk_derivative_attachment_id_attachment"),
        ),
        _owner("derivative"),
        sa.PrimaryKeyConstraint("attachment_id", name=op.f("pk_derivative")),
    )
    op.create_index(op.f("ix_derivative_owner_id"), "derivative", ["owner_id"])


def _create_decryption() -> None:
    op.create_table(
        "decryption",
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("observed_on", sa.Date(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("key_sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("decrypted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submission.id"],
            name=op.f("fk_decryption_submission_id_submission"),
        ),
        _owner("decryption"),
        sa.PrimaryKeyConstraint("submission_id", name=op.f("pk_decryption")),
    )
    op.create_index(op.f("ix_decryption_owner_id"), "decryption", ["owner_id"])


def _create_visit_import() -> None:
    op.create_table(
        "visit_import",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("checklist_version_id", sa.Uuid(), nullable=False),
        sa.Column("format", sa.String(length=20), nullable=False),
        sa.Column("is_dry_run", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("sealed_sha256", sa.String(length=64), nullable=False),
        sa.Column("file_bytes", sa.Integer(), nullable=False),
        sa.Column("rows_found", sa.Integer(), nullable=True),
        sa.Column("rows_done", sa.Integer(), nullable=False),
        sa.Column("notices", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("job", sa.String(length=40), nullable=True),
        sa.Column("started_by", sa.String(length=40), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["checklist_version_id"],
            ["checklist_version.id"],
            name=op.f("fk_visit_import_checklist_version_id_checklist_version"),
        ),
        _owner("visit_import"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_import")),
        sa.UniqueConstraint("public_id", name=op.f("uq_visit_import_public_id")),
    )
    op.create_index(op.f("ix_visit_import_owner_id"), "visit_import", ["owner_id"])


def _create_visit_import_row() -> None:
    op.create_table(
        "visit_import_row",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("instance_id", sa.String(length=255), nullable=True),
        sa.Column("submission", sa.String(length=40), nullable=True),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["visit_import.id"],
            name=op.f("fk_visit_import_row_import_id_visit_import"),
        ),
        _owner("visit_import_row"),
        sa.PrimaryKeyConstraint(
            "import_id", "number", name=op.f("pk_visit_import_row")
        ),
    )
    op.create_index(
        op.f("ix_visit_import_row_owner_id"), "visit_import_row", ["owner_id"]
    )


def downgrade() -> None:
    for table in EVIDENCE:
        make_changeable(table)
    for table in TABLES:
        lay_open(table)
    for table in reversed(TABLES):
        op.drop_table(table)
