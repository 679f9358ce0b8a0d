"""What a checklist is for; devices that are let in, and who visits what by when."""

import sqlalchemy as sa
from alembic import op

from migrations.ended_once import let_change, let_only_end
from migrations.row_level_security import lay_open, owned_by, protect

revision = "devices"
down_revision = "row_level_security"
branch_labels = None
depends_on = None

TABLES = ("assignment_checklist", "assignment", "device_sighting", "device")
KEPT_OF_DEVICE = (
    "id",
    "public_id",
    "owner_id",
    "person_id",
    "label",
    "token_sha256",
    "ha1",
    "enrolled_by",
    "enrolled_at",
    "unused_until",
    "expires_at",
)
KEPT_OF_ASSIGNMENT = (
    "id",
    "public_id",
    "owner_id",
    "site_id",
    "person_id",
    "device_id",
    "due_on",
    "note",
    "assigned_by",
    "assigned_at",
)


def upgrade() -> None:
    with op.batch_alter_table("checklist_version") as batch_op:
        batch_op.add_column(
            sa.Column(
                "purpose",
                sa.String(length=20),
                server_default="visit",
                nullable=False,
            )
        )
    _make_device()
    _make_device_sighting()
    _make_assignment()
    _make_assignment_checklist()
    let_only_end("device", ending=("revoked_at", "revoked_by"), kept=KEPT_OF_DEVICE)
    let_only_end(
        "assignment", ending=("withdrawn_at", "withdrawn_by"), kept=KEPT_OF_ASSIGNMENT
    )
    for table in TABLES:
        protect(table, owned_by("owner_id"))


def downgrade() -> None:
    for table in TABLES:
        lay_open(table)
    for table in ("assignment", "device"):
        let_change(table)
    for table in TABLES:
        op.drop_table(table)
    with op.batch_alter_table("checklist_version") as batch_op:
        batch_op.drop_column("purpose")


def _make_device() -> None:
    op.create_table(
        "device",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("label", sa.String(length=100), nullable=False),
        sa.Column("token_sha256", sa.LargeBinary(length=32), nullable=True),
        sa.Column("ha1", sa.LargeBinary(length=16), nullable=True),
        sa.Column("enrolled_by", sa.String(length=40), nullable=False),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("unused_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by", sa.String(length=40), nullable=True),
        sa.CheckConstraint(
            "(token_sha256 IS NULL) <> (ha1 IS NULL)",
            name=op.f("ck_device_one_secret"),
        ),
        sa.CheckConstraint(
            "(revoked_at IS NULL) = (revoked_by IS NULL)",
            name=op.f("ck_device_revoked_whole"),
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["organisation.id"],
            name=op.f("fk_device_owner_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_device_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device")),
        sa.UniqueConstraint("public_id", name=op.f("uq_device_public_id")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_device_token_sha256")),
    )
    op.create_index("ix_device_owner_id_id", "device", ["owner_id", "id"])
    op.create_index(op.f("ix_device_person_id"), "device", ["person_id"])


def _make_device_sighting() -> None:
    op.create_table(
        "device_sighting",
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("user_agent", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["device_id"],
            ["device.id"],
            name=op.f("fk_device_sighting_device_id_device"),
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["organisation.id"],
            name=op.f("fk_device_sighting_owner_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("device_id", name=op.f("pk_device_sighting")),
    )
    op.create_index(
        op.f("ix_device_sighting_owner_id"), "device_sighting", ["owner_id"]
    )


def _make_assignment() -> None:
    op.create_table(
        "assignment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("device_id", sa.Uuid(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=True),
        sa.Column("assigned_by", sa.String(length=40), nullable=False),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by", sa.String(length=40), nullable=True),
        sa.CheckConstraint(
            "(person_id IS NULL) <> (device_id IS NULL)",
            name=op.f("ck_assignment_to_one"),
        ),
        sa.CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_by IS NULL)",
            name=op.f("ck_assignment_withdrawn_whole"),
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["organisation.id"],
            name=op.f("fk_assignment_owner_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["site.id"], name=op.f("fk_assignment_site_id_site")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_assignment_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["device_id"], ["device.id"], name=op.f("fk_assignment_device_id_device")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
        sa.UniqueConstraint("public_id", name=op.f("uq_assignment_public_id")),
    )
    op.create_index("ix_assignment_owner_id_id", "assignment", ["owner_id", "id"])
    for column in ("site_id", "person_id", "device_id"):
        op.create_index(op.f(f"ix_assignment_{column}"), "assignment", [column])


def _make_assignment_checklist() -> None:
    op.create_table(
        "assignment_checklist",
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("checklist_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignment_id"],
            ["assignment.id"],
            name=op.f("fk_assignment_checklist_assignment_id_assignment"),
        ),
        sa.ForeignKeyConstraint(
            ["checklist_id"],
            ["checklist.id"],
            name=op.f("fk_assignment_checklist_checklist_id_checklist"),
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["organisation.id"],
            name=op.f("fk_assignment_checklist_owner_id_organisation"),
        ),
        sa.PrimaryKeyConstraint(
            "assignment_id", "checklist_id", name=op.f("pk_assignment_checklist")
        ),
    )
    for column in ("checklist_id", "owner_id"):
        op.create_index(
            op.f(f"ix_assignment_checklist_{column}"), "assignment_checklist", [column]
        )
