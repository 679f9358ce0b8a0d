"""deliveries."""

revision = "deliveries"
down_revision = "risk"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
