"""Consents and the requests for them."""

import sqlalchemy as sa
from alembic import op

from migrations.ended_once import let_change, let_only_end

revision = "sharing"
down_revision = "people"
branch_labels = None
depends_on = None

KEPT_OF_REQUEST = (
    "id",
    "public_id",
    "asker_id",
    "supplier_id",
    "site",
    "subject",
    "asked_by",
    "asked_at",
)
KEPT_OF_CONSENT = (
    "id",
    "public_id",
    "giver_id",
    "grantee_id",
    "site_id",
    "subject",
    "request_id",
    "valid_from",
    "valid_until",
    "given_by",
    "given_at",
)


def upgrade() -> None:
    op.create_table(
        "consent_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("asker_id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("site", sa.String(length=40), nullable=True),
        sa.Column("subject", sa.String(length=10), nullable=False),
        sa.Column("asked_by", sa.String(length=40), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reply", sa.String(length=10), nullable=True),
        sa.Column("replied_by", sa.String(length=40), nullable=True),
        sa.Column("replied_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "asker_id <> supplier_id",
            name=op.f("ck_consent_request_two_organisations"),
        ),
        sa.CheckConstraint(
            "subject IN ('risk', 'scorecard')",
            name=op.f("ck_consent_request_subject_known"),
        ),
        sa.CheckConstraint(
            "reply IN ('accepted', 'declined')",
            name=op.f("ck_consent_request_reply_known"),
        ),
        sa.CheckConstraint(
            "(reply IS NULL) = (replied_at IS NULL)"
            " AND (reply IS NULL) = (replied_by IS NULL)",
            name=op.f("ck_consent_request_reply_whole"),
        ),
        sa.ForeignKeyConstraint(
            ["asker_id"],
            ["organisation.id"],
            name=op.f("fk_consent_request_asker_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"],
            ["organisation.id"],
            name=op.f("fk_consent_request_supplier_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_request")),
        sa.UniqueConstraint("public_id", name=op.f("uq_consent_request_public_id")),
    )
    op.create_index(
        "ix_consent_request_asker_id_id", "consent_request", ["asker_id", "id"]
    )
    op.create_index(
        "ix_consent_request_supplier_id_id", "consent_request", ["supplier_id", "id"]
    )
    op.create_table(
        "consent",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("giver_id", sa.Uuid(), nullable=False),
        sa.Column("grantee_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.String(length=10), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=True),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("given_by", sa.String(length=40), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_by", sa.String(length=40), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "giver_id <> grantee_id", name=op.f("ck_consent_two_organisations")
        ),
        sa.CheckConstraint(
            "subject IN ('risk', 'scorecard')", name=op.f("ck_consent_subject_known")
        ),
        sa.CheckConstraint(
            "valid_from < valid_until", name=op.f("ck_consent_in_order")
        ),
        sa.CheckConstraint(
            "(revoked_at IS NULL) = (revoked_by IS NULL)",
            name=op.f("ck_consent_revoked_whole"),
        ),
        sa.ForeignKeyConstraint(
            ["giver_id"],
            ["organisation.id"],
            name=op.f("fk_consent_giver_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["grantee_id"],
            ["organisation.id"],
            name=op.f("fk_consent_grantee_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["site.id"], name=op.f("fk_consent_site_id_site")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["consent_request.id"],
            name=op.f("fk_consent_request_id_consent_request"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
        sa.UniqueConstraint("public_id", name=op.f("uq_consent_public_id")),
    )
    op.create_index("ix_consent_giver_id_id", "consent", ["giver_id", "id"])
    op.create_index(
        "ix_consent_grantee_id_site_id", "consent", ["grantee_id", "site_id"]
    )
    op.create_index(op.f("ix_consent_site_id"), "consent", ["site_id"])
    op.create_index(op.f("ix_consent_request_id"), "consent", ["request_id"])
    let_only_end(
        "consent_request",
        ending=("replied_at", "replied_by", "reply"),
        kept=KEPT_OF_REQUEST,
    )
    let_only_end("consent", ending=("revoked_at", "revoked_by"), kept=KEPT_OF_CONSENT)


def downgrade() -> None:
    for table in ("consent", "consent_request"):
        let_change(table)
        op.drop_table(table)
