"""Reviews, replies, teams and the competence of auditors."""

import sqlalchemy as sa
from alembic import op

from migrations.row_level_security import (
    ORGANISATION,
    exists,
    lay_open,
    owned_by,
    protect,
)

revision = "audit_review"
down_revision = "policies"
branch_labels = None
depends_on = None

TABLES = ("audit_member", "audit_remark", "qualification")
OPERATED = exists(
    f"site WHERE site.id = audit_reply.site_id AND site.operator_id = {ORGANISATION}"
)


def upgrade() -> None:
    with op.batch_alter_table("audit") as batch_op:
        batch_op.add_column(
            sa.Column(
                "purpose",
                sa.String(length=20),
                server_default="unstated",
                nullable=False,
            )
        )
        batch_op.add_column(sa.Column("programme", sa.String(length=40)))
        batch_op.add_column(sa.Column("women", sa.Integer()))
        batch_op.add_column(sa.Column("men", sa.Integer()))
        batch_op.add_column(sa.Column("reviewer", sa.String(length=40)))
        batch_op.add_column(
            sa.Column("review_began_at", sa.DateTime(timezone=True), nullable=True)
        )
        batch_op.add_column(
            sa.Column("finalised_at", sa.DateTime(timezone=True), nullable=True)
        )
        batch_op.add_column(sa.Column("void_reason", sa.String(length=20)))
        batch_op.create_check_constraint(
            op.f("ck_audit_team_mix"), "women >= 0 AND men >= 0"
        )
        batch_op.create_index(op.f("ix_audit_reviewer"), ["reviewer"])
    _create_member()
    _create_remark()
    _create_reply()
    _create_qualification()
    for table in TABLES:
        protect(table, owned_by("owner_id"))
    own = owned_by("owner_id")
    protect("audit_reply", f"{own} OR {OPERATED}", changes=own)


def _owner(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["owner_id"],
        ["organisation.id"],
        name=op.f(f"fk_{table}_owner_id_organisation"),
    )


def _audit(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["audit_id"], ["audit.id"], name=op.f(f"fk_{table}_audit_id_audit")
    )


def _create_member() -> None:
    op.create_table(
        "audit_member",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("audit_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("device_id", sa.Uuid(), nullable=True),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("languages", sa.String(length=60), nullable=False),
        sa.Column("attended", sa.Boolean(), nullable=True),
        sa.CheckConstraint(
            "(person_id IS NULL) <> (device_id IS NULL)",
            name=op.f("ck_audit_member_person_or_device"),
        ),
        _owner("audit_member"),
        _audit("audit_member"),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_audit_member_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["device_id"], ["device.id"], name=op.f("fk_audit_member_device_id_device")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_member")),
        sa.UniqueConstraint(
            "audit_id", "person_id", name=op.f("uq_audit_member_audit_id_person_id")
        ),
        sa.UniqueConstraint(
            "audit_id", "device_id", name=op.f("uq_audit_member_audit_id_device_id")
        ),
    )
    for column in ("owner_id", "person_id", "device_id"):
        op.create_index(op.f(f"ix_audit_member_{column}"), "audit_member", [column])


def _create_remark() -> None:
    op.create_table(
        "audit_remark",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("audit_id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("about", sa.String(length=10), nullable=False),
        sa.Column("code", sa.String(length=100), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("made_by", sa.String(length=40), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(key_id IS NULL) = (sealed IS NULL)",
            name=op.f("ck_audit_remark_sealed_by_a_key"),
        ),
        _owner("audit_remark"),
        _audit("audit_remark"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_remark")),
        sa.UniqueConstraint(
            "audit_id", "ordinal", name=op.f("uq_audit_remark_audit_id_ordinal")
        ),
    )
    op.create_index(op.f("ix_audit_remark_owner_id"), "audit_remark", ["owner_id"])


def _create_reply() -> None:
    op.create_table(
        "audit_reply",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("audit_id", sa.Uuid(), nullable=False),
        sa.Column("audit", sa.String(length=40), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("fieldwork_from", sa.Date(), nullable=False),
        sa.Column("fieldwork_to", sa.Date(), nullable=False),
        sa.Column("offered_by", sa.String(length=40), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=True),
        sa.Column("key_id", sa.Uuid(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("answered_by", sa.String(length=40), nullable=True),
        sa.Column("answered_as", sa.String(length=20), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(key_id IS NULL) = (sealed IS NULL)",
            name=op.f("ck_audit_reply_sealed_by_a_key"),
        ),
        sa.CheckConstraint(
            "(answered_at IS NULL) = (code IS NULL)",
            name=op.f("ck_audit_reply_answered_with_a_code"),
        ),
        _owner("audit_reply"),
        _audit("audit_reply"),
        sa.ForeignKeyConstraint(
            ["site_id"], ["site.id"], name=op.f("fk_audit_reply_site_id_site")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_reply")),
        sa.UniqueConstraint("public_id", name=op.f("uq_audit_reply_public_id")),
        sa.UniqueConstraint(
            "audit_id", "ordinal", name=op.f("uq_audit_reply_audit_id_ordinal")
        ),
    )
    op.create_index(op.f("ix_audit_reply_site_id"), "audit_reply", ["site_id"])
    op.create_index("ix_audit_reply_owner_id_id", "audit_reply", ["owner_id", "id"])


def _create_qualification() -> None:
    op.create_table(
        "qualification",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("issuer", sa.String(length=200), nullable=False),
        sa.Column("reference", sa.String(length=100), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("recorded_by", sa.String(length=40), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by", sa.String(length=40), nullable=True),
        sa.CheckConstraint(
            "issued_on < expires_on",
            name=op.f("ck_qualification_issued_before_it_expires"),
        ),
        _owner("qualification"),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_qualification_person_id_person"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qualification")),
        sa.UniqueConstraint("public_id", name=op.f("uq_qualification_public_id")),
    )
    op.create_index(op.f("ix_qualification_person_id"), "qualification", ["person_id"])
    op.create_index("ix_qualification_owner_id_id", "qualification", ["owner_id", "id"])


def downgrade() -> None:
    for table in (*TABLES, "audit_reply"):
        lay_open(table)
    for table in ("audit_reply", *TABLES):
        op.drop_table(table)
    with op.batch_alter_table("audit") as batch_op:
        batch_op.drop_index(op.f("ix_audit_reviewer"))
        batch_op.drop_constraint(op.f("ck_audit_team_mix"), type_="check")
        for column in (
            "void_reason",
            "finalised_at",
            "review_began_at",
            "reviewer",
            "men",
            "women",
            "programme",
            "purpose",
        ):
            batch_op.drop_column(column)
