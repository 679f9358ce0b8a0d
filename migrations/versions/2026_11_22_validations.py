"""What ODK Validate said of each published version of a checklist."""

import sqlalchemy as sa
from alembic import op

from migrations.row_level_security import lay_open, owned_by, protect

revision = "validations"
down_revision = "merged_sites"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "checklist_validation",
        sa.Column("checklist_version_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("complaints", sa.String(), nullable=False),
        sa.Column("validated_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["checklist_version_id"],
            ["checklist_version.id"],
            name=op.f("fk_checklist_validation_checklist_version_id_checklist_version"),
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["organisation.id"],
            name=op.f("fk_checklist_validation_owner_id_organisation"),
        ),
        sa.PrimaryKeyConstraint(
            "checklist_version_id", name=op.f("pk_checklist_validation")
        ),
    )
    op.create_index(
        op.f("ix_checklist_validation_owner_id"), "checklist_validation", ["owner_id"]
    )
    protect("checklist_validation", owned_by("owner_id"))


def downgrade() -> None:
    lay_open("checklist_validation")
    op.drop_table("checklist_validation")
