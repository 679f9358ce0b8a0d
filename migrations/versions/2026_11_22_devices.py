"""What a checklist is for."""

import sqlalchemy as sa
from alembic import op

revision = "devices"
down_revision = "row_level_security"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("checklist_version") as batch_op:
        batch_op.add_column(
            sa.Column(
                "purpose",
                sa.String(length=20),
                server_default="visit",
                nullable=False,
            )
        )


def downgrade() -> None:
    with op.batch_alter_table("checklist_version") as batch_op:
        batch_op.drop_column("purpose")
