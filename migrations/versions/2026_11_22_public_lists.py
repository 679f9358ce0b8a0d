"""Public lists, their matches, and what was decided on them."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from migrations.append_only import make_append_only, make_changeable
from migrations.row_level_security import lay_open, owned_by, protect

revision = "public_lists"
down_revision = "followers"
branch_labels = None
depends_on = None

# What is referred to stands before what refers to it.
TABLES = (
    "public_list",
    "public_list_edition",
    "public_list_entry",
    "public_list_number",
    "public_list_key",
    "public_list_look",
    "list_match",
    "list_match_step",
    "exclusion",
)
EVIDENCE = (
    "public_list_edition",
    "public_list_entry",
    "public_list_number",
    "list_match_step",
)


def upgrade() -> None:
    _create_list()
    _create_edition()
    _create_entry()
    _create_number()
    _create_key()
    _create_look()
    _create_match()
    _create_step()
    _create_exclusion()
    for table in EVIDENCE:
        make_append_only(table)
    for table in TABLES:
        protect(table, owned_by("owner_id"))


def downgrade() -> None:
    for table in EVIDENCE:
        make_changeable(table)
    for table in TABLES:
        lay_open(table)
    for table in reversed(TABLES):
        op.drop_table(table)


def _refers(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}")
    )


def _one(table: str, *columns: str) -> sa.UniqueConstraint:
    name = op.f(f"uq_{table}_{'_'.join(columns)}")
    return sa.UniqueConstraint(*columns, name=name)


def _index(table: str, columns: Sequence[str]) -> None:
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns))


def _create_list() -> None:
    op.create_table(
        "public_list",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("category", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("publisher", sa.String(length=200), nullable=False),
        sa.Column("added_by", sa.String(length=40), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "category IN ('goods', 'import_ban', 'employer_register',"
            " 'authority_decision', 'own_list')",
            name=op.f("ck_public_list_category_known"),
        ),
        _refers("public_list", "owner_id", "organisation"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_public_list")),
        _one("public_list", "public_id"),
        _one("public_list", "owner_id", "code"),
    )
    _index("public_list", ["owner_id", "id"])


def _create_edition() -> None:
    op.create_table(
        "public_list_edition",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("list_id", sa.Uuid(), nullable=False),
        sa.Column("edition_on", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=500), nullable=False),
        sa.Column("licence", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("file_bytes", sa.Integer(), nullable=False),
        sa.Column("is_file_kept", sa.Boolean(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("received_by", sa.String(length=40), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        _refers("public_list_edition", "owner_id", "organisation"),
        _refers("public_list_edition", "list_id", "public_list"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_public_list_edition")),
        _one("public_list_edition", "public_id"),
        _one("public_list_edition", "list_id", "edition_on"),
    )
    _index("public_list_edition", ["owner_id", "id"])


def _create_entry() -> None:
    op.create_table(
        "public_list_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("edition_id", sa.Uuid(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("entry_key", sa.String(length=64), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("is_person", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("region", sa.String(length=200), nullable=True),
        sa.Column("good", sa.String(length=200), nullable=True),
        sa.Column("commodity", sa.String(length=20), nullable=True),
        sa.Column("child_labour", sa.Boolean(), nullable=False),
        sa.Column("forced_labour", sa.Boolean(), nullable=False),
        sa.Column("forced_child_labour", sa.Boolean(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=True),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "NOT is_person OR name IS NULL",
            name=op.f("ck_public_list_entry_people_are_unnamed"),
        ),
        _refers("public_list_entry", "owner_id", "organisation"),
        _refers("public_list_entry", "edition_id", "public_list_edition"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_public_list_entry")),
        _one("public_list_entry", "public_id"),
        _one("public_list_entry", "edition_id", "entry_key"),
    )
    _index("public_list_entry", ["edition_id", "id"])
    _index("public_list_entry", ["owner_id", "country", "commodity"])


def _create_number() -> None:
    op.create_table(
        "public_list_number",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("scheme", sa.String(length=30), nullable=False),
        sa.Column("value", sa.String(length=100), nullable=True),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=True),
        sa.CheckConstraint(
            "(value IS NULL) <> (digest IS NULL)",
            name=op.f("ck_public_list_number_one_way"),
        ),
        _refers("public_list_number", "owner_id", "organisation"),
        _refers("public_list_number", "entry_id", "public_list_entry"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_public_list_number")),
        _one("public_list_number", "entry_id", "scheme"),
    )
    _index("public_list_number", ["owner_id"])


def _create_key() -> None:
    op.create_table(
        "public_list_key",
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        _refers("public_list_key", "owner_id", "organisation"),
        sa.PrimaryKeyConstraint("owner_id", name=op.f("pk_public_list_key")),
    )


def _create_look() -> None:
    op.create_table(
        "public_list_look",
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("seen", sa.String(length=64), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        _refers("public_list_look", "owner_id", "organisation"),
        sa.PrimaryKeyConstraint("owner_id", name=op.f("pk_public_list_look")),
    )


def _create_match() -> None:
    op.create_table(
        "list_match",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("list_id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("entry_key", sa.String(length=64), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("subject_kind", sa.String(length=12), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("company_id", sa.Uuid(), nullable=True),
        sa.Column("broker_id", sa.Uuid(), nullable=True),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(length=40), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(site_id IS NOT NULL AND company_id IS NULL AND broker_id IS NULL)"
            " OR (site_id IS NULL AND company_id IS NOT NULL"
            " AND broker_id IS NULL) OR (site_id IS NULL AND company_id IS NULL"
            " AND broker_id IS NOT NULL)",
            name=op.f("ck_list_match_one_subject"),
        ),
        sa.CheckConstraint(
            "state IN ('proposed', 'same', 'not_same', 'watch', 'gone')",
            name=op.f("ck_list_match_state_known"),
        ),
        _refers("list_match", "owner_id", "organisation"),
        _refers("list_match", "list_id", "public_list"),
        _refers("list_match", "entry_id", "public_list_entry"),
        _refers("list_match", "site_id", "site"),
        _refers("list_match", "company_id", "organisation"),
        _refers("list_match", "broker_id", "broker"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_match")),
        _one("list_match", "public_id"),
        _one("list_match", "list_id", "entry_key", "subject"),
    )
    _index("list_match", ["owner_id", "id"])
    for column in ("site_id", "company_id", "broker_id"):
        _index("list_match", [column])


def _create_step() -> None:
    op.create_table(
        "list_match_step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("match_id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=30), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(key_id IS NULL) = (sealed IS NULL)",
            name=op.f("ck_list_match_step_sealed_whole"),
        ),
        _refers("list_match_step", "owner_id", "organisation"),
        _refers("list_match_step", "match_id", "list_match"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_match_step")),
        _one("list_match_step", "match_id", "ordinal"),
    )
    _index("list_match_step", ["owner_id"])


def _create_exclusion() -> None:
    op.create_table(
        "exclusion",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("match_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("effect", sa.String(length=10), nullable=False),
        sa.Column("occasion", sa.String(length=100), nullable=False),
        sa.Column("scorecard", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("matched_by", sa.String(length=40), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=30), nullable=True),
        sa.Column("decided_by", sa.String(length=40), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("key_id", sa.Uuid(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "effect IN ('suspend', 'lift')", name=op.f("ck_exclusion_effect_known")
        ),
        sa.CheckConstraint(
            "state IN ('proposed', 'accepted', 'declined', 'withdrawn')",
            name=op.f("ck_exclusion_state_known"),
        ),
        sa.CheckConstraint(
            "(state = 'proposed') = (decided_at IS NULL)"
            " AND (decided_by IS NULL) = (decided_at IS NULL)",
            name=op.f("ck_exclusion_decided_whole"),
        ),
        sa.CheckConstraint(
            "(key_id IS NULL) = (sealed IS NULL)",
            name=op.f("ck_exclusion_sealed_whole"),
        ),
        _refers("exclusion", "owner_id", "organisation"),
        _refers("exclusion", "match_id", "list_match"),
        _refers("exclusion", "site_id", "site"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exclusion")),
        _one("exclusion", "public_id"),
        _one("exclusion", "match_id", "site_id", "occasion"),
    )
    _index("exclusion", ["owner_id", "id"])
    _index("exclusion", ["site_id"])
