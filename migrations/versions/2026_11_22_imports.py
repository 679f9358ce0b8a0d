"""Imports: lists that are uploaded, read, decided and applied; columns remembered."""

import sqlalchemy as sa
from alembic import op

revision = "imports"
down_revision = "register"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_site_import()
    _create_site_import_row()
    _create_site_origin()
    _create_import_columns()


def _create_site_import() -> None:
    op.create_table(
        "site_import",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("file_bytes", sa.Integer(), nullable=False),
        sa.Column("format", sa.String(length=10), nullable=True),
        sa.Column("encoding", sa.String(length=20), nullable=True),
        sa.Column("sheet", sa.String(length=100), nullable=True),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("commodity", sa.String(length=20), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("headings", sa.Text(), nullable=False),
        sa.Column("layout_sha256", sa.String(length=64), nullable=True),
        sa.Column("columns", sa.Text(), nullable=False),
        sa.Column("columns_source", sa.String(length=12), nullable=True),
        sa.Column("noticed", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("job", sa.String(length=40), nullable=True),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.Column("manifest_sha256", sa.String(length=64), nullable=True),
        sa.Column("started_by", sa.String(length=40), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_by", sa.String(length=40), nullable=True),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["organisation.id"],
            name=op.f("fk_site_import_owner_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site_import")),
        sa.UniqueConstraint("public_id", name=op.f("uq_site_import_public_id")),
    )
    op.create_index(op.f("ix_site_import_owner_id"), "site_import", ["owner_id"])


def _create_site_import_row() -> None:
    op.create_table(
        "site_import_row",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("is_warned", sa.Boolean(), nullable=False),
        sa.Column("best_score", sa.Integer(), nullable=True),
        sa.Column("cells", sa.Text(), nullable=False),
        sa.Column("found", sa.Text(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("candidates", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(length=32), nullable=False),
        sa.Column("occurrence", sa.Integer(), nullable=False),
        sa.Column("choice", sa.String(length=10), nullable=True),
        sa.Column("chosen_site", sa.String(length=40), nullable=True),
        sa.Column("chosen_row", sa.Integer(), nullable=True),
        sa.Column("decided_by", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["site_import.id"],
            name=op.f("fk_site_import_row_import_id_site_import"),
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["organisation.id"],
            name=op.f("fk_site_import_row_owner_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("import_id", "number", name=op.f("pk_site_import_row")),
    )
    op.create_index(
        "ix_site_import_row_import_id_state_number",
        "site_import_row",
        ["import_id", "state", "number"],
    )


def _create_site_origin() -> None:
    op.create_table(
        "site_origin",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(length=32), nullable=False),
        sa.Column("occurrence", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["site_import.id"],
            name=op.f("fk_site_origin_import_id_site_import"),
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["organisation.id"],
            name=op.f("fk_site_origin_owner_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["site.id"], name=op.f("fk_site_origin_site_id_site")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site_origin")),
        sa.UniqueConstraint(
            "import_id", "number", name=op.f("uq_site_origin_import_id_number")
        ),
    )
    op.create_index(
        "ix_site_origin_owner_id_fingerprint",
        "site_origin",
        ["owner_id", "fingerprint"],
    )
    op.create_index(op.f("ix_site_origin_site_id"), "site_origin", ["site_id"])


def _create_import_columns() -> None:
    op.create_table(
        "import_columns",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("layout_sha256", sa.String(length=64), nullable=False),
        sa.Column("columns", sa.Text(), nullable=False),
        sa.Column("remembered_by", sa.String(length=40), nullable=False),
        sa.Column("remembered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["organisation.id"],
            name=op.f("fk_import_columns_owner_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_columns")),
        sa.UniqueConstraint(
            "owner_id",
            "layout_sha256",
            name=op.f("uq_import_columns_owner_id_layout_sha256"),
        ),
    )


def downgrade() -> None:
    op.drop_table("import_columns")
    op.drop_table("site_origin")
    op.drop_table("site_import_row")
    op.drop_table("site_import")
