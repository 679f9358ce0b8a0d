"""Assessments, verdicts, findings with their steps, and scorecards."""

import sqlalchemy as sa
from alembic import op

from migrations.append_only import make_append_only, make_changeable

revision = "verdicts"
down_revision = "visits"
branch_labels = None
depends_on = None

EVIDENCE = ("assessment", "verdict", "finding_step", "scorecard", "scorecard_status")


def upgrade() -> None:
    op.create_table(
        "assessment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("audit_id", sa.Uuid(), nullable=False),
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("edition", sa.String(length=20), nullable=False),
        sa.Column("book_sha256", sa.String(length=64), nullable=False),
        sa.Column("observed_on", sa.Date(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["organisation.id"],
            name=op.f("fk_assessment_owner_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["site.id"], name=op.f("fk_assessment_site_id_site")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment")),
        sa.UniqueConstraint(
            "submission_id",
            "book_sha256",
            name=op.f("uq_assessment_submission_id_book_sha256"),
        ),
    )
    op.create_index(
        op.f("ix_assessment_owner_id"), "assessment", ["owner_id"], unique=False
    )
    op.create_index(
        "ix_assessment_site_id_observed_on",
        "assessment",
        ["site_id", "observed_on"],
        unique=False,
    )
    op.create_table(
        "scorecard",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("pdf_en_sha256", sa.String(length=64), nullable=False),
        sa.Column("pdf_es_sha256", sa.String(length=64), nullable=False),
        sa.Column("letter", sa.String(length=1), nullable=True),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["organisation.id"],
            name=op.f("fk_scorecard_owner_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["site.id"], name=op.f("fk_scorecard_site_id_site")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scorecard")),
        sa.UniqueConstraint("code", name=op.f("uq_scorecard_code")),
        sa.UniqueConstraint("public_id", name=op.f("uq_scorecard_public_id")),
        sa.UniqueConstraint(
            "site_id", "version", name=op.f("uq_scorecard_site_id_version")
        ),
    )
    op.create_index(
        "ix_scorecard_owner_id_id", "scorecard", ["owner_id", "id"], unique=False
    )
    op.create_table(
        "scorecard_in_force",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("scorecard_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["scorecard_id"],
            ["scorecard.id"],
            name=op.f("fk_scorecard_in_force_scorecard_id_scorecard"),
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["site.id"], name=op.f("fk_scorecard_in_force_site_id_site")
        ),
        sa.PrimaryKeyConstraint("site_id", name=op.f("pk_scorecard_in_force")),
        sa.UniqueConstraint(
            "scorecard_id", name=op.f("uq_scorecard_in_force_scorecard_id")
        ),
    )
    op.create_table(
        "scorecard_status",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scorecard_id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "status IN ('issued', 'suspended', 'superseded', 'revoked')",
            name=op.f("ck_scorecard_status_status_known"),
        ),
        sa.ForeignKeyConstraint(
            ["scorecard_id"],
            ["scorecard.id"],
            name=op.f("fk_scorecard_status_scorecard_id_scorecard"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scorecard_status")),
        sa.UniqueConstraint(
            "scorecard_id",
            "ordinal",
            name=op.f("uq_scorecard_status_scorecard_id_ordinal"),
        ),
    )
    op.create_table(
        "verdict",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("assessment_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("rule_id", sa.String(length=100), nullable=False),
        sa.Column("topic", sa.String(length=40), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("severity", sa.String(length=20), nullable=False),
        sa.Column("grounds", sa.String(length=20), nullable=False),
        sa.Column("is_shadow", sa.Boolean(), nullable=False),
        sa.Column("logic_hash", sa.String(length=80), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('conformity', 'non_conformity', 'undetermined', 'not_applicable')",
            name=op.f("ck_verdict_outcome_known"),
        ),
        sa.ForeignKeyConstraint(
            ["assessment_id"],
            ["assessment.id"],
            name=op.f("fk_verdict_assessment_id_assessment"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verdict")),
        sa.UniqueConstraint(
            "assessment_id", "rule_id", name=op.f("uq_verdict_assessment_id_rule_id")
        ),
    )
    op.create_table(
        "finding",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("rule_id", sa.String(length=100), nullable=False),
        sa.Column("topic", sa.String(length=40), nullable=False),
        sa.Column("severity", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("raised_by", sa.String(length=40), nullable=False),
        sa.Column("observed_on", sa.Date(), nullable=False),
        sa.Column("observed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("acknowledge_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refer_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("plan_agreed_on", sa.Date(), nullable=True),
        sa.Column("plan_due_on", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("source_kind", sa.String(length=20), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("first_verdict_id", sa.Uuid(), nullable=False),
        sa.Column("last_verdict_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(state = 'closed') = (closed_on IS NOT NULL)",
            name=op.f("ck_finding_closed_has_a_day"),
        ),
        sa.CheckConstraint(
            "state IN ('raised', 'disputed', 'accepted', 'closed', 'withdrawn')",
            name=op.f("ck_finding_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["first_verdict_id"],
            ["verdict.id"],
            name=op.f("fk_finding_first_verdict_id_verdict"),
        ),
        sa.ForeignKeyConstraint(
            ["last_verdict_id"],
            ["verdict.id"],
            name=op.f("fk_finding_last_verdict_id_verdict"),
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["organisation.id"],
            name=op.f("fk_finding_owner_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["site.id"], name=op.f("fk_finding_site_id_site")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding")),
        sa.UniqueConstraint("public_id", name=op.f("uq_finding_public_id")),
        sa.UniqueConstraint(
            "site_id", "number", name=op.f("uq_finding_site_id_number")
        ),
    )
    op.create_index(
        "ix_finding_owner_id_id", "finding", ["owner_id", "id"], unique=False
    )
    op.create_index(
        "uq_finding_site_id_rule_id",
        "finding",
        ["site_id", "rule_id"],
        unique=True,
        sqlite_where=sa.text("state <> 'withdrawn'"),
        postgresql_where=sa.text("state <> 'withdrawn'"),
    )
    op.create_table(
        "finding_step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("finding_id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("evidence_kind", sa.String(length=10), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("source", sa.String(length=40), nullable=True),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["finding_id"],
            ["finding.id"],
            name=op.f("fk_finding_step_finding_id_finding"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding_step")),
        sa.UniqueConstraint(
            "finding_id", "ordinal", name=op.f("uq_finding_step_finding_id_ordinal")
        ),
    )
    for table in EVIDENCE:
        make_append_only(table)


def downgrade() -> None:
    for table in EVIDENCE:
        make_changeable(table)

    op.drop_table("finding_step")
    op.drop_index(
        "uq_finding_site_id_rule_id",
        table_name="finding",
        sqlite_where=sa.text("state <> 'withdrawn'"),
        postgresql_where=sa.text("state <> 'withdrawn'"),
    )
    op.drop_index("ix_finding_owner_id_id", table_name="finding")
    op.drop_table("finding")
    op.drop_table("verdict")
    op.drop_table("scorecard_status")
    op.drop_table("scorecard_in_force")
    op.drop_index("ix_scorecard_owner_id_id", table_name="scorecard")
    op.drop_table("scorecard")
    op.drop_index("ix_assessment_site_id_observed_on", table_name="assessment")
    op.drop_index(op.f("ix_assessment_owner_id"), table_name="assessment")
    op.drop_table("assessment")
