"""risk."""

revision = "risk"
down_revision = "audit_work"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
