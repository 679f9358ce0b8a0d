"""What a portfolio is narrowed, ordered and counted by, without the documents beside it."""

from alembic import op

revision = "portfolio_index"
down_revision = "public_lists"
branch_labels = None
depends_on = None

INDEX = "ix_site_risk_portfolio"
COLUMNS = [
    "site_id",
    "owner_id",
    "level",
    "score",
    "confidence_word",
    "last_visit_on",
    "open_zero_tolerance",
    "open_critical",
    "open_major",
    "open_minor",
]


def upgrade() -> None:
    op.create_index(INDEX, "site_risk", COLUMNS)


def downgrade() -> None:
    op.drop_index(INDEX, table_name="site_risk")
