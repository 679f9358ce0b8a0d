"""Clocks that run on findings and audits, and alerts on their way out."""

import sqlalchemy as sa
from alembic import op

from migrations.append_only import make_append_only, make_changeable
from migrations.row_level_security import lay_open, owned_by, protect

revision = "clocks"
down_revision = "remedies"
branch_labels = None
depends_on = None

# The last made first, as they are taken away.
TABLES = (
    "alert_delivery",
    "alert_receiver",
    "alert_muted",
    "alert_reading",
    "alert_audience",
    "alert",
    "clock_event",
    "clock",
)
KEPT = ("clock_event", "alert", "alert_audience")


def upgrade() -> None:
    _make_clock()
    _make_clock_event()
    _make_alert()
    _make_alert_audience()
    _make_alert_reading()
    _make_alert_muted()
    _make_alert_receiver()
    _make_alert_delivery()
    for table in KEPT:
        make_append_only(table)
    for table in TABLES:
        protect(table, owned_by("owner_id"))


def downgrade() -> None:
    for table in TABLES:
        lay_open(table)
    for table in KEPT:
        make_changeable(table)
    for table in TABLES:
        op.drop_table(table)


def _owner(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["owner_id"],
        ["organisation.id"],
        name=op.f(f"fk_{table}_owner_id_organisation"),
    )


def _part_of(table: str, parent: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [f"{parent}_id"],
        [f"{parent}.id"],
        name=op.f(f"fk_{table}_{parent}_id_{parent}"),
    )


def _make_clock() -> None:
    op.create_table(
        "clock",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("severity", sa.String(length=20), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("known_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("soon_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("escalate_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "stopped_at IS NULL OR next_at IS NULL",
            name=op.f("ck_clock_stopped_is_still"),
        ),
        sa.CheckConstraint("round >= 1", name=op.f("ck_clock_round_counts")),
        _owner("clock"),
        _part_of("clock", "site"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock")),
        sa.UniqueConstraint("subject", "kind", name=op.f("uq_clock_subject_kind")),
    )
    runs = sa.text("next_at IS NOT NULL")
    op.create_index(
        "ix_clock_next_at",
        "clock",
        ["next_at"],
        sqlite_where=runs,
        postgresql_where=runs,
    )
    for column in ("owner_id", "site_id"):
        op.create_index(op.f(f"ix_clock_{column}"), "clock", [column])


def _make_clock_event() -> None:
    op.create_table(
        "clock_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("clock_id", sa.Uuid(), nullable=False),
        sa.Column("event", sa.String(length=10), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("because", sa.String(length=20), nullable=True),
        sa.Column("fired_at", sa.DateTime(timezone=True), nullable=False),
        _owner("clock_event"),
        _part_of("clock_event", "clock"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock_event")),
        sa.UniqueConstraint(
            "clock_id",
            "due_at",
            "event",
            name=op.f("uq_clock_event_clock_id_due_at_event"),
        ),
    )
    op.create_index(op.f("ix_clock_event_owner_id"), "clock_event", ["owner_id"])


def _make_alert() -> None:
    op.create_table(
        "alert",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("event", sa.String(length=30), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("site", sa.String(length=40), nullable=True),
        sa.Column("severity", sa.String(length=20), nullable=True),
        sa.Column("clock", sa.String(length=20), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("because", sa.String(length=20), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("occasion", sa.String(length=200), nullable=False),
        _owner("alert"),
        _part_of("alert", "site"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert")),
        sa.UniqueConstraint("public_id", name=op.f("uq_alert_public_id")),
        sa.UniqueConstraint(
            "owner_id", "occasion", name=op.f("uq_alert_owner_id_occasion")
        ),
    )
    op.create_index("ix_alert_owner_id_id", "alert", ["owner_id", "id"])
    op.create_index(op.f("ix_alert_site_id"), "alert", ["site_id"])


def _make_alert_audience() -> None:
    op.create_table(
        "alert_audience",
        sa.Column("alert_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        _part_of("alert_audience", "alert"),
        _owner("alert_audience"),
        sa.PrimaryKeyConstraint("alert_id", "role", name=op.f("pk_alert_audience")),
    )
    op.create_index(op.f("ix_alert_audience_owner_id"), "alert_audience", ["owner_id"])


def _make_alert_reading() -> None:
    op.create_table(
        "alert_reading",
        sa.Column("alert_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        _part_of("alert_reading", "alert"),
        _part_of("alert_reading", "person"),
        _owner("alert_reading"),
        sa.PrimaryKeyConstraint("alert_id", "person_id", name=op.f("pk_alert_reading")),
    )
    op.create_index(op.f("ix_alert_reading_owner_id"), "alert_reading", ["owner_id"])


def _make_alert_muted() -> None:
    op.create_table(
        "alert_muted",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("event", sa.String(length=30), nullable=False),
        _part_of("alert_muted", "person"),
        _owner("alert_muted"),
        sa.PrimaryKeyConstraint(
            "person_id", "owner_id", "event", name=op.f("pk_alert_muted")
        ),
    )
    op.create_index(op.f("ix_alert_muted_owner_id"), "alert_muted", ["owner_id"])


def _make_alert_receiver() -> None:
    op.create_table(
        "alert_receiver",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("address", sa.String(length=500), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("events", sa.String(), nullable=False),
        sa.Column("roles", sa.String(), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=True),
        sa.Column("secret_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("rests_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('mail', 'webhook')", name=op.f("ck_alert_receiver_kind_known")
        ),
        sa.CheckConstraint(
            "state IN ('active', 'stopped', 'removed')",
            name=op.f("ck_alert_receiver_state_known"),
        ),
        sa.CheckConstraint(
            "(kind = 'webhook') = (secret_sealed IS NOT NULL)"
            " AND (key_id IS NULL) = (secret_sealed IS NULL)",
            name=op.f("ck_alert_receiver_webhook_signs"),
        ),
        _owner("alert_receiver"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_receiver")),
        sa.UniqueConstraint("public_id", name=op.f("uq_alert_receiver_public_id")),
    )
    op.create_index(
        "ix_alert_receiver_owner_id_id", "alert_receiver", ["owner_id", "id"]
    )


def _make_alert_delivery() -> None:
    op.create_table(
        "alert_delivery",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("alert_id", sa.Uuid(), nullable=False),
        sa.Column("receiver_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_code", sa.Integer(), nullable=True),
        sa.Column("last_fault", sa.String(length=30), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(receiver_id IS NULL) <> (person_id IS NULL)",
            name=op.f("ck_alert_delivery_to_one"),
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'delivered', 'given_up', 'dropped')",
            name=op.f("ck_alert_delivery_state_known"),
        ),
        _owner("alert_delivery"),
        _part_of("alert_delivery", "alert"),
        sa.ForeignKeyConstraint(
            ["receiver_id"],
            ["alert_receiver.id"],
            name=op.f("fk_alert_delivery_receiver_id_alert_receiver"),
        ),
        _part_of("alert_delivery", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_delivery")),
        sa.UniqueConstraint("public_id", name=op.f("uq_alert_delivery_public_id")),
        sa.UniqueConstraint(
            "alert_id",
            "receiver_id",
            name=op.f("uq_alert_delivery_alert_id_receiver_id"),
        ),
        sa.UniqueConstraint(
            "alert_id", "person_id", name=op.f("uq_alert_delivery_alert_id_person_id")
        ),
    )
    waiting = sa.text("state = 'waiting'")
    op.create_index(
        "ix_alert_delivery_waiting",
        "alert_delivery",
        ["receiver_id", "id"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    op.create_index(
        "ix_alert_delivery_receiver_id_id", "alert_delivery", ["receiver_id", "id"]
    )
    for column in ("owner_id", "person_id"):
        op.create_index(op.f(f"ix_alert_delivery_{column}"), "alert_delivery", [column])
