"""Corrective actions, statements on findings, and references to cases."""

import sqlalchemy as sa
from alembic import op

from migrations.append_only import make_append_only, make_changeable
from migrations.row_level_security import (
    ORGANISATION,
    exists,
    lay_open,
    owned_by,
    part_of,
    protect,
)

revision = "corrective_actions"
down_revision = "draws"
branch_labels = None
depends_on = None

TABLES = (
    "finding_statement",
    "confirmation",
    "case_mark",
    "corrective_action",
    "corrective_action_step",
    "corrective_action_text",
    "extension",
    "proof",
)
EVIDENCE = (
    "finding_statement",
    "confirmation",
    "corrective_action_step",
    "corrective_action_text",
    "proof",
)
# What both the keeper and the operator of a site see of it, by the row they hang on.
PARTS = {
    "finding_statement": ("finding_id", "finding"),
    "corrective_action_step": ("action_id", "corrective_action"),
    "corrective_action_text": ("action_id", "corrective_action"),
    "extension": ("action_id", "corrective_action"),
    "proof": ("action_id", "corrective_action"),
}
# What the operator of a site never sees.
KEEPERS = ("confirmation", "case_mark")
IS_CURRENT = sa.text("is_current")
ASKED = sa.text("state = 'asked'")


def upgrade() -> None:
    _add_to_findings()
    _create_finding_statement()
    _create_confirmation()
    _create_case_mark()
    _create_corrective_action()
    _create_corrective_action_step()
    _create_corrective_action_text()
    _create_extension()
    _create_proof()
    for table in EVIDENCE:
        make_append_only(table)
    for table, (column, parent) in PARTS.items():
        protect(table, part_of(table, column, parent))
    for table in KEEPERS:
        protect(table, owned_by("owner_id"))
    operated = exists(
        "site WHERE site.id = corrective_action.site_id"
        f" AND site.operator_id = {ORGANISATION}"
    )
    protect("corrective_action", f"{owned_by('owner_id')} OR {operated}")


def downgrade() -> None:
    for table in EVIDENCE:
        make_changeable(table)
    for table in TABLES:
        lay_open(table)
    for table in reversed(TABLES):
        op.drop_table(table)
    with op.batch_alter_table("finding", schema=None) as batch_op:
        for column in (
            "verified_actions",
            "open_actions",
            "came_back",
            "late_because",
            "is_forced_labour",
            "standing",
        ):
            batch_op.drop_column(column)


def _add_to_findings() -> None:
    for column in (
        sa.Column("standing", sa.String(length=20), nullable=True),
        sa.Column(
            "is_forced_labour",
            sa.Boolean(),
            nullable=False,
            server_default=sa.false(),
        ),
        sa.Column("late_because", sa.String(length=20), nullable=True),
        sa.Column("came_back", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("open_actions", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("verified_actions", sa.Integer(), nullable=False, server_default="0"),
    ):
        op.add_column("finding", column)
    # What was found before is as sure as a rule alone makes it.
    op.execute(
        "UPDATE finding SET standing = 'indicator'"
        " WHERE topic IN ('child_labour', 'forced_labour') AND state <> 'withdrawn'"
    )
    op.execute(
        "UPDATE finding SET is_forced_labour = true WHERE topic = 'forced_labour'"
    )


def _owner(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["owner_id"],
        ["organisation.id"],
        name=op.f(f"fk_{table}_owner_id_organisation"),
    )


def _finding(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["finding_id"], ["finding.id"], name=op.f(f"fk_{table}_finding_id_finding")
    )


def _action(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["action_id"],
        ["corrective_action.id"],
        name=op.f(f"fk_{table}_action_id_corrective_action"),
    )


def _create_finding_statement() -> None:
    op.create_table(
        "finding_statement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("finding_id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        _finding("finding_statement"),
        _owner("finding_statement"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding_statement")),
        sa.UniqueConstraint(
            "finding_id",
            "ordinal",
            name=op.f("uq_finding_statement_finding_id_ordinal"),
        ),
    )
    op.create_index(
        op.f("ix_finding_statement_owner_id"), "finding_statement", ["owner_id"]
    )


def _create_confirmation() -> None:
    op.create_table(
        "confirmation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("finding_id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("basis", sa.String(length=30), nullable=False),
        sa.Column("body", sa.String(length=40), nullable=True),
        sa.Column("stated_on", sa.Date(), nullable=True),
        sa.Column("file_sha256", sa.String(length=64), nullable=True),
        sa.Column("key_id", sa.Uuid(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(basis = 'competent_body') = (body IS NOT NULL)",
            name=op.f("ck_confirmation_body_is_named"),
        ),
        _finding("confirmation"),
        _owner("confirmation"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_confirmation")),
        sa.UniqueConstraint(
            "finding_id", "ordinal", name=op.f("uq_confirmation_finding_id_ordinal")
        ),
    )
    op.create_index(op.f("ix_confirmation_owner_id"), "confirmation", ["owner_id"])


def _create_case_mark() -> None:
    op.create_table(
        "case_mark",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("finding_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("word", sa.String(length=30), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        _finding("case_mark"),
        _owner("case_mark"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_mark")),
        sa.UniqueConstraint("reference", name=op.f("uq_case_mark_reference")),
    )
    op.create_index(op.f("ix_case_mark_owner_id"), "case_mark", ["owner_id"])
    op.create_index(
        "uq_case_mark_finding_id",
        "case_mark",
        ["finding_id"],
        unique=True,
        sqlite_where=IS_CURRENT,
        postgresql_where=IS_CURRENT,
    )


def _create_corrective_action() -> None:
    op.create_table(
        "corrective_action",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("finding_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("root_cause", sa.String(length=40), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("owner_role", sa.String(length=40), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("first_due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("agreed_on", sa.Date(), nullable=True),
        sa.Column("reported_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("extended", sa.Integer(), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "state IN ('proposed', 'agreed', 'sent_back', 'in_progress', "
            "'reported_done', 'verified', 'not_effective', 'cancelled')",
            name=op.f("ck_corrective_action_state_known"),
        ),
        sa.CheckConstraint(
            "(state IN ('verified', 'cancelled')) = (ended_on IS NOT NULL)",
            name=op.f("ck_corrective_action_ended_has_a_day"),
        ),
        _owner("corrective_action"),
        _finding("corrective_action"),
        sa.ForeignKeyConstraint(
            ["site_id"], ["site.id"], name=op.f("fk_corrective_action_site_id_site")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corrective_action")),
        sa.UniqueConstraint("public_id", name=op.f("uq_corrective_action_public_id")),
        sa.UniqueConstraint(
            "finding_id", "number", name=op.f("uq_corrective_action_finding_id_number")
        ),
    )
    for column in ("owner_id", "site_id"):
        op.create_index(
            f"ix_corrective_action_{column}_id", "corrective_action", [column, "id"]
        )


def _create_corrective_action_step() -> None:
    op.create_table(
        "corrective_action_step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("action_id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("evidence_kind", sa.String(length=10), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        _action("corrective_action_step"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corrective_action_step")),
        sa.UniqueConstraint(
            "action_id",
            "ordinal",
            name=op.f("uq_corrective_action_step_action_id_ordinal"),
        ),
    )


def _create_corrective_action_text() -> None:
    op.create_table(
        "corrective_action_text",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("action_id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        _action("corrective_action_text"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corrective_action_text")),
        sa.UniqueConstraint(
            "action_id",
            "ordinal",
            "kind",
            name=op.f("uq_corrective_action_text_action_id_ordinal_kind"),
        ),
    )


def _create_extension() -> None:
    op.create_table(
        "extension",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("action_id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("due_before", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("asked_by", sa.String(length=40), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(length=40), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('asked', 'granted', 'refused', 'lapsed')",
            name=op.f("ck_extension_state_known"),
        ),
        sa.CheckConstraint(
            "(state = 'asked') = (decided_at IS NULL)",
            name=op.f("ck_extension_decided_once"),
        ),
        _action("extension"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_extension")),
        sa.UniqueConstraint("public_id", name=op.f("uq_extension_public_id")),
        sa.UniqueConstraint(
            "action_id", "ordinal", name=op.f("uq_extension_action_id_ordinal")
        ),
    )
    op.create_index(
        "uq_extension_action_id",
        "extension",
        ["action_id"],
        unique=True,
        sqlite_where=ASKED,
        postgresql_where=ASKED,
    )


def _create_proof() -> None:
    op.create_table(
        "proof",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("action_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("added_by", sa.String(length=40), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        _owner("proof"),
        _action("proof"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proof")),
        sa.UniqueConstraint("public_id", name=op.f("uq_proof_public_id")),
        sa.UniqueConstraint(
            "action_id", "sha256", name=op.f("uq_proof_action_id_sha256")
        ),
    )
    op.create_index(op.f("ix_proof_owner_id"), "proof", ["owner_id"])
