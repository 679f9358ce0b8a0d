"""audit work."""

revision = "audit_work"
down_revision = "devices"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
