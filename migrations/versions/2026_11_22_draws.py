"""Draws of a sample from a supply base, and what was swapped."""

import sqlalchemy as sa
from alembic import op

from migrations.append_only import make_append_only, make_changeable
from migrations.row_level_security import lay_open, owned_by, protect

revision = "draws"
down_revision = "audit_review"
branch_labels = None
depends_on = None

TABLES = ("draw_visit", "draw_swap", "draw_site", "draw")


def upgrade() -> None:
    _make_draw()
    _make_draw_site()
    _make_draw_swap()
    _make_draw_visit()
    for table in TABLES:
        make_append_only(table)
        protect(table, owned_by("owner_id"))


def downgrade() -> None:
    for table in TABLES:
        lay_open(table)
        make_changeable(table)
    for table in TABLES:
        op.drop_table(table)


def _make_draw() -> None:
    op.create_table(
        "draw",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("mill_id", sa.Uuid(), nullable=False),
        sa.Column("season", sa.String(length=20), nullable=False),
        sa.Column("commodity", sa.String(length=20), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("stated_level", sa.String(length=10), nullable=False),
        sa.Column("level", sa.String(length=10), nullable=False),
        sa.Column("sites", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("reserves", sa.Integer(), nullable=False),
        sa.Column("base_is_cut", sa.Boolean(), nullable=False),
        sa.Column("frame", sa.String(), nullable=False),
        sa.Column("frame_sha256", sa.String(length=64), nullable=False),
        sa.Column("seed", sa.String(length=32), nullable=False),
        sa.Column("drawn_by", sa.String(length=40), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "size + reserves <= sites AND size >= 1", name=op.f("ck_draw_sizes")
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["organisation.id"],
            name=op.f("fk_draw_owner_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["mill_id"], ["site.id"], name=op.f("fk_draw_mill_id_site")
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"],
            ["programme.id"],
            name=op.f("fk_draw_programme_id_programme"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draw")),
        sa.UniqueConstraint("public_id", name=op.f("uq_draw_public_id")),
        sa.UniqueConstraint(
            "owner_id", "frame_sha256", name=op.f("uq_draw_owner_id_frame_sha256")
        ),
        sa.UniqueConstraint(
            "mill_id", "season", "number", name=op.f("uq_draw_mill_id_season_number")
        ),
    )
    op.create_index("ix_draw_owner_id_id", "draw", ["owner_id", "id"])
    op.create_index(op.f("ix_draw_programme_id"), "draw", ["programme_id"])


def _make_draw_site() -> None:
    op.create_table(
        "draw_site",
        sa.Column("draw_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("workers", sa.Integer(), nullable=True),
        sa.Column("auditor_days", sa.Integer(), nullable=True),
        sa.Column("individual", sa.Integer(), nullable=True),
        sa.Column("group_count", sa.Integer(), nullable=True),
        sa.Column("group_size", sa.Integer(), nullable=True),
        sa.Column("files", sa.Integer(), nullable=True),
        sa.Column("quota_unknown", sa.String(length=20), nullable=True),
        sa.CheckConstraint(
            "(quota_unknown IS NULL) = (workers IS NOT NULL)"
            " AND (workers IS NULL) = (auditor_days IS NULL)"
            " AND (workers IS NULL) = (individual IS NULL)"
            " AND (workers IS NULL) = (group_count IS NULL)"
            " AND (workers IS NULL) = (group_size IS NULL)"
            " AND (workers IS NULL) = (files IS NULL)",
            name=op.f("ck_draw_site_quota_whole"),
        ),
        sa.ForeignKeyConstraint(
            ["draw_id"], ["draw.id"], name=op.f("fk_draw_site_draw_id_draw")
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["site.id"], name=op.f("fk_draw_site_site_id_site")
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["organisation.id"],
            name=op.f("fk_draw_site_owner_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("draw_id", "site_id", name=op.f("pk_draw_site")),
        sa.UniqueConstraint(
            "draw_id",
            "role",
            "ordinal",
            name=op.f("uq_draw_site_draw_id_role_ordinal"),
        ),
    )
    for column in ("site_id", "owner_id"):
        op.create_index(op.f(f"ix_draw_site_{column}"), "draw_site", [column])


def _make_draw_swap() -> None:
    op.create_table(
        "draw_swap",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("draw_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("out_site_id", sa.Uuid(), nullable=False),
        sa.Column("in_site_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("swapped_by", sa.String(length=40), nullable=False),
        sa.Column("swapped_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "reason IN ('access_refused', 'unsafe', 'unreachable', 'closed',"
            " 'no_harvest', 'out_of_base', 'duplicate')",
            name=op.f("ck_draw_swap_reason_known"),
        ),
        sa.CheckConstraint(
            "out_site_id <> in_site_id", name=op.f("ck_draw_swap_two_sites")
        ),
        sa.ForeignKeyConstraint(
            ["draw_id"], ["draw.id"], name=op.f("fk_draw_swap_draw_id_draw")
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["organisation.id"],
            name=op.f("fk_draw_swap_owner_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["out_site_id"], ["site.id"], name=op.f("fk_draw_swap_out_site_id_site")
        ),
        sa.ForeignKeyConstraint(
            ["in_site_id"], ["site.id"], name=op.f("fk_draw_swap_in_site_id_site")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draw_swap")),
        sa.UniqueConstraint(
            "draw_id", "ordinal", name=op.f("uq_draw_swap_draw_id_ordinal")
        ),
        sa.UniqueConstraint(
            "draw_id", "out_site_id", name=op.f("uq_draw_swap_draw_id_out_site_id")
        ),
        sa.UniqueConstraint(
            "draw_id", "in_site_id", name=op.f("uq_draw_swap_draw_id_in_site_id")
        ),
    )
    for column in ("owner_id", "out_site_id", "in_site_id"):
        op.create_index(op.f(f"ix_draw_swap_{column}"), "draw_swap", [column])


def _make_draw_visit() -> None:
    op.create_table(
        "draw_visit",
        sa.Column("draw_id", sa.Uuid(), nullable=False),
        sa.Column("audit_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("planned_by", sa.String(length=40), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["draw_id"], ["draw.id"], name=op.f("fk_draw_visit_draw_id_draw")
        ),
        sa.ForeignKeyConstraint(
            ["audit_id"], ["audit.id"], name=op.f("fk_draw_visit_audit_id_audit")
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["site.id"], name=op.f("fk_draw_visit_site_id_site")
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["organisation.id"],
            name=op.f("fk_draw_visit_owner_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("draw_id", "audit_id", name=op.f("pk_draw_visit")),
    )
    for column in ("audit_id", "site_id", "owner_id"):
        op.create_index(op.f(f"ix_draw_visit_{column}"), "draw_visit", [column])
