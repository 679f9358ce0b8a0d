"""The signed papers of scorecards, the issuer's keys, and status lists."""

import sqlalchemy as sa
from alembic import op

from migrations.append_only import make_append_only, make_changeable
from migrations.row_level_security import lay_open, owned_by, part_of, protect

revision = "card_papers"
down_revision = "risk"
branch_labels = None
depends_on = None

LANGUAGES = ("en", "es")
OF_CARDS = ("scorecard_paper", "scorecard_credential", "scorecard_listing")


def upgrade() -> None:
    _create_issuer_key()
    _create_scorecard_paper()
    _create_scorecard_credential()
    _create_scorecard_listing()
    for language in LANGUAGES:
        op.execute(
            "INSERT INTO scorecard_paper (scorecard_id, language, sha256, made_at) "  # noqa: S608 - names of our own
            f"SELECT id, '{language}', pdf_{language}_sha256, issued_at FROM scorecard"
        )
        op.drop_column("scorecard", f"pdf_{language}_sha256")
    for table in OF_CARDS:
        make_append_only(table)
        seen = part_of(table, "scorecard_id", "scorecard")
        own = owned_by("owner_id")
        protect(table, seen, changes=seen.replace(" WHERE ", f" WHERE {own} AND ", 1))


def downgrade() -> None:
    make_changeable("scorecard")
    for language in LANGUAGES:
        op.add_column(
            "scorecard",
            sa.Column(
                f"pdf_{language}_sha256",
                sa.String(length=64),
                nullable=False,
                server_default="",
            ),
        )
        op.execute(
            f"UPDATE scorecard SET pdf_{language}_sha256 = (SELECT sha256 "  # noqa: S608 - names of our own
            "FROM scorecard_paper WHERE scorecard_id = scorecard.id "
            f"AND language = '{language}') WHERE id IN "
            "(SELECT scorecard_id FROM scorecard_paper)"
        )
    make_append_only("scorecard")
    for table in reversed(OF_CARDS):
        lay_open(table)
        make_changeable(table)
        op.drop_table(table)
    op.drop_table("issuer_key")


def _card(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["scorecard_id"],
        ["scorecard.id"],
        name=op.f(f"fk_{table}_scorecard_id_scorecard"),
    )


def _key(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["kid"], ["issuer_key.kid"], name=op.f(f"fk_{table}_kid_issuer_key")
    )


def _create_issuer_key() -> None:
    op.create_table(
        "issuer_key",
        sa.Column("kid", sa.String(length=64), nullable=False),
        sa.Column("public_jwk", sa.Text(), nullable=False),
        sa.Column("certificates", sa.Text(), nullable=False),
        sa.Column("is_test", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("kid", name=op.f("pk_issuer_key")),
    )


def _create_scorecard_paper() -> None:
    op.create_table(
        "scorecard_paper",
        sa.Column("scorecard_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kid", sa.String(length=64), nullable=True),
        _card("scorecard_paper"),
        _key("scorecard_paper"),
        sa.PrimaryKeyConstraint(
            "scorecard_id", "language", name=op.f("pk_scorecard_paper")
        ),
    )


def _create_scorecard_credential() -> None:
    op.create_table(
        "scorecard_credential",
        sa.Column("scorecard_id", sa.Uuid(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kid", sa.String(length=64), nullable=False),
        _card("scorecard_credential"),
        _key("scorecard_credential"),
        sa.PrimaryKeyConstraint("scorecard_id", name=op.f("pk_scorecard_credential")),
    )
    op.create_index(
        op.f("ix_scorecard_credential_kid"), "scorecard_credential", ["kid"]
    )


def _create_scorecard_listing() -> None:
    op.create_table(
        "scorecard_listing",
        sa.Column("scorecard_id", sa.Uuid(), nullable=False),
        sa.Column("list_number", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        _card("scorecard_listing"),
        sa.PrimaryKeyConstraint("scorecard_id", name=op.f("pk_scorecard_listing")),
        sa.UniqueConstraint(
            "list_number", "place", name=op.f("uq_scorecard_listing_list_number_place")
        ),
    )
