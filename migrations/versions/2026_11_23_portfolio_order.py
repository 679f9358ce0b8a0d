"""A page of a portfolio in the order of an index, and how many sites are kept records."""

from alembic import op

revision = "portfolio_order"
down_revision = "waiting_indexes"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_site_portfolio": (
        "site",
        ["owner_id", "id", "kept_id", "operator_id", "country"],
    ),
    "ix_site_risk_by_score": (
        "site_risk",
        ["owner_id", "score", "site_id", "level", "confidence_word"],
    ),
    "ix_site_risk_by_visit": ("site_risk", ["owner_id", "last_visit_on", "site_id"]),
}
# PostgreSQL knows nothing of two columns being the same but from this.
STATISTICS = "CREATE STATISTICS site_kept ON (kept_id = id) FROM site"


def upgrade() -> None:
    for name, (table, columns) in INDEXES.items():
        op.create_index(name, table, columns)
    if op.get_bind().dialect.name == "postgresql":
        op.execute(STATISTICS)
        op.execute("ANALYZE site")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP STATISTICS site_kept")
    for name, (table, _) in INDEXES.items():
        op.drop_index(name, table_name=table)
