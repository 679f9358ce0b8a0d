"""Checklists, audits, and the submissions that came back from the field."""

import sqlalchemy as sa
from alembic import op

from migrations.append_only import make_append_only, make_changeable

revision = "visits"
down_revision = "foundations"
branch_labels = None
depends_on = None

EVIDENCE = (
    "checklist_version",
    "submission",
    "expected_attachment",
    "attachment",
    "submission_refused",
    "placement",
    "withdrawal",
    "fact_set",
)
NOT_VOIDED = sa.text("status <> 'voided'")


def upgrade() -> None:
    op.create_table(
        "checklist",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("form_id", sa.String(length=249), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["organisation.id"],
            name=op.f("fk_checklist_owner_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checklist")),
        sa.UniqueConstraint(
            "owner_id", "form_id", name=op.f("uq_checklist_owner_id_form_id")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_checklist_public_id")),
    )
    op.create_index(
        op.f("ix_checklist_owner_id"), "checklist", ["owner_id"], unique=False
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("notice", sa.String(length=20), nullable=False),
        sa.Column("payer", sa.String(length=40), nullable=True),
        sa.Column("season", sa.String(length=20), nullable=True),
        sa.Column("fieldwork_from", sa.Date(), nullable=False),
        sa.Column("fieldwork_to", sa.Date(), nullable=False),
        sa.Column("planned_minutes", sa.Integer(), nullable=True),
        sa.Column("spent_minutes", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("observed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "fieldwork_from <= fieldwork_to", name=op.f("ck_audit_fieldwork_in_order")
        ),
        sa.CheckConstraint(
            "planned_minutes >= 0", name=op.f("ck_audit_planned_minutes")
        ),
        sa.CheckConstraint("spent_minutes >= 0", name=op.f("ck_audit_spent_minutes")),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["organisation.id"],
            name=op.f("fk_audit_owner_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["site.id"], name=op.f("fk_audit_site_id_site")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
        sa.UniqueConstraint("public_id", name=op.f("uq_audit_public_id")),
    )
    op.create_index(
        "ix_audit_owner_id_season_id",
        "audit",
        ["owner_id", "season", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_audit_site_id"), "audit", ["site_id"], unique=False)
    op.create_index(
        "uq_audit_site_id_kind_fieldwork_from",
        "audit",
        ["site_id", "kind", "fieldwork_from"],
        unique=True,
        sqlite_where=NOT_VOIDED,
        postgresql_where=NOT_VOIDED,
    )
    op.create_table(
        "checklist_version",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("checklist_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.String(length=249), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("xlsform", sa.LargeBinary(), nullable=False),
        sa.Column("xlsform_sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("xform", sa.LargeBinary(), nullable=False),
        sa.Column("xform_md5", sa.String(length=32), nullable=False),
        sa.Column("schema", sa.LargeBinary(), nullable=False),
        sa.Column("published_by", sa.String(length=40), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["checklist_id"],
            ["checklist.id"],
            name=op.f("fk_checklist_version_checklist_id_checklist"),
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["organisation.id"],
            name=op.f("fk_checklist_version_owner_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checklist_version")),
        sa.UniqueConstraint(
            "checklist_id",
            "version",
            name=op.f("uq_checklist_version_checklist_id_version"),
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_checklist_version_public_id")),
    )
    op.create_index(
        op.f("ix_checklist_version_owner_id"),
        "checklist_version",
        ["owner_id"],
        unique=False,
    )
    op.create_table(
        "submission_refused",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("checklist_id", sa.Uuid(), nullable=False),
        sa.Column("instance_id", sa.String(length=255), nullable=False),
        sa.Column("reason", sa.String(length=30), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("device_id", sa.String(length=200), nullable=True),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["checklist_id"],
            ["checklist.id"],
            name=op.f("fk_submission_refused_checklist_id_checklist"),
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["organisation.id"],
            name=op.f("fk_submission_refused_owner_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission_refused")),
        sa.UniqueConstraint(
            "checklist_id",
            "instance_id",
            "sha256",
            name=op.f("uq_submission_refused_checklist_id_instance_id_sha256"),
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_submission_refused_public_id")),
    )
    op.create_index(
        op.f("ix_submission_refused_owner_id"),
        "submission_refused",
        ["owner_id"],
        unique=False,
    )
    op.create_table(
        "submission",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("checklist_id", sa.Uuid(), nullable=False),
        sa.Column("checklist_version_id", sa.Uuid(), nullable=False),
        sa.Column("instance_id", sa.String(length=255), nullable=False),
        sa.Column("supersedes_id", sa.Uuid(), nullable=True),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("meaning_sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("observed_on", sa.Date(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("device_id", sa.String(length=200), nullable=True),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["checklist_id"],
            ["checklist.id"],
            name=op.f("fk_submission_checklist_id_checklist"),
        ),
        sa.ForeignKeyConstraint(
            ["checklist_version_id"],
            ["checklist_version.id"],
            name=op.f("fk_submission_checklist_version_id_checklist_version"),
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["organisation.id"],
            name=op.f("fk_submission_owner_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["supersedes_id"],
            ["submission.id"],
            name=op.f("fk_submission_supersedes_id_submission"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission")),
        sa.UniqueConstraint(
            "checklist_id",
            "instance_id",
            name=op.f("uq_submission_checklist_id_instance_id"),
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_submission_public_id")),
        sa.UniqueConstraint("supersedes_id", name=op.f("uq_submission_supersedes_id")),
    )
    op.create_index(
        op.f("ix_submission_checklist_version_id"),
        "submission",
        ["checklist_version_id"],
        unique=False,
    )
    op.create_index(
        "ix_submission_owner_id_id", "submission", ["owner_id", "id"], unique=False
    )
    op.create_table(
        "attachment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["organisation.id"],
            name=op.f("fk_attachment_owner_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submission.id"],
            name=op.f("fk_attachment_submission_id_submission"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
        sa.UniqueConstraint("public_id", name=op.f("uq_attachment_public_id")),
        sa.UniqueConstraint(
            "submission_id",
            "name",
            "ordinal",
            name=op.f("uq_attachment_submission_id_name_ordinal"),
        ),
    )
    op.create_index(
        op.f("ix_attachment_owner_id"), "attachment", ["owner_id"], unique=False
    )
    op.create_table(
        "expected_attachment",
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submission.id"],
            name=op.f("fk_expected_attachment_submission_id_submission"),
        ),
        sa.PrimaryKeyConstraint(
            "submission_id", "name", name=op.f("pk_expected_attachment")
        ),
    )
    op.create_table(
        "fact_set",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("vocabulary_sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("faults", sa.LargeBinary(), nullable=False),
        sa.Column("derived_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["organisation.id"],
            name=op.f("fk_fact_set_owner_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submission.id"],
            name=op.f("fk_fact_set_submission_id_submission"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fact_set")),
        sa.UniqueConstraint(
            "submission_id",
            "vocabulary_sha256",
            name=op.f("uq_fact_set_submission_id_vocabulary_sha256"),
        ),
    )
    op.create_index(
        op.f("ix_fact_set_owner_id"), "fact_set", ["owner_id"], unique=False
    )
    op.create_table(
        "intake_fault",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("stage", sa.String(length=20), nullable=False),
        sa.Column("fault", sa.String(length=100), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["organisation.id"],
            name=op.f("fk_intake_fault_owner_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submission.id"],
            name=op.f("fk_intake_fault_submission_id_submission"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake_fault")),
    )
    op.create_index(
        op.f("ix_intake_fault_owner_id"), "intake_fault", ["owner_id"], unique=False
    )
    op.create_index(
        op.f("ix_intake_fault_submission_id"),
        "intake_fault",
        ["submission_id"],
        unique=False,
    )
    op.create_table(
        "placement",
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("audit_id", sa.Uuid(), nullable=False),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["audit_id"], ["audit.id"], name=op.f("fk_placement_audit_id_audit")
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submission.id"],
            name=op.f("fk_placement_submission_id_submission"),
        ),
        sa.PrimaryKeyConstraint("submission_id", name=op.f("pk_placement")),
    )
    op.create_index(
        op.f("ix_placement_audit_id"), "placement", ["audit_id"], unique=False
    )
    op.create_table(
        "withdrawal",
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submission.id"],
            name=op.f("fk_withdrawal_submission_id_submission"),
        ),
        sa.PrimaryKeyConstraint("submission_id", name=op.f("pk_withdrawal")),
    )
    for table in EVIDENCE:
        make_append_only(table)


def downgrade() -> None:
    for table in EVIDENCE:
        make_changeable(table)
    op.drop_table("withdrawal")
    op.drop_index(op.f("ix_placement_audit_id"), table_name="placement")
    op.drop_table("placement")
    op.drop_index(op.f("ix_intake_fault_submission_id"), table_name="intake_fault")
    op.drop_index(op.f("ix_intake_fault_owner_id"), table_name="intake_fault")
    op.drop_table("intake_fault")
    op.drop_index(op.f("ix_fact_set_owner_id"), table_name="fact_set")
    op.drop_table("fact_set")
    op.drop_table("expected_attachment")
    op.drop_index(op.f("ix_attachment_owner_id"), table_name="attachment")
    op.drop_table("attachment")
    op.drop_index("ix_submission_owner_id_id", table_name="submission")
    op.drop_index(op.f("ix_submission_checklist_version_id"), table_name="submission")
    op.drop_table("submission")
    op.drop_index(
        op.f("ix_submission_refused_owner_id"), table_name="submission_refused"
    )
    op.drop_table("submission_refused")
    op.drop_index(op.f("ix_checklist_version_owner_id"), table_name="checklist_version")
    op.drop_table("checklist_version")
    op.drop_index("uq_audit_site_id_kind_fieldwork_from", table_name="audit")
    op.drop_index(op.f("ix_audit_site_id"), table_name="audit")
    op.drop_index("ix_audit_owner_id_season_id", table_name="audit")
    op.drop_table("audit")
    op.drop_index(op.f("ix_checklist_owner_id"), table_name="checklist")
    op.drop_table("checklist")
