"""Answers kept apart, pictures made from evidence."""

revision = "evidence"
down_revision = "devices"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
