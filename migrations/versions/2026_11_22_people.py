"""Invitations, password links, clients, signing keys, throttling, memberships' state."""

import sqlalchemy as sa
from alembic import op

revision = "people"
down_revision = "editions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _widen()
    op.execute(
        "UPDATE membership SET status = 'active', joined_at = (SELECT created_at "
        "FROM person WHERE person.id = membership.person_id)"
    )
    op.execute("UPDATE sign_in SET last_seen_at = started_at")
    _narrow()
    _create_invitation()
    _create_password_link()
    _create_oauth_client()
    _create_signing_key()
    _create_sign_in_throttle()


def _widen() -> None:
    with op.batch_alter_table("membership") as batch_op:
        batch_op.add_column(sa.Column("status", sa.String(length=10)))
        batch_op.add_column(sa.Column("joined_at", sa.DateTime(timezone=True)))
    with op.batch_alter_table("api_key") as batch_op:
        batch_op.add_column(sa.Column("last_used_on", sa.Date()))
    with op.batch_alter_table("sign_in") as batch_op:
        batch_op.add_column(sa.Column("last_seen_at", sa.DateTime(timezone=True)))
        batch_op.add_column(sa.Column("address_sha256", sa.LargeBinary(length=32)))
        batch_op.create_index(
            batch_op.f("ix_sign_in_person_id"), ["person_id"], unique=False
        )


def _narrow() -> None:
    instant = sa.DateTime(timezone=True)
    with op.batch_alter_table("membership") as batch_op:
        batch_op.alter_column(
            "status", existing_type=sa.String(length=10), nullable=False
        )
        batch_op.alter_column("joined_at", existing_type=instant, nullable=False)
    with op.batch_alter_table("sign_in") as batch_op:
        batch_op.alter_column("last_seen_at", existing_type=instant, nullable=False)


def _create_invitation() -> None:
    op.create_table(
        "invitation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=True),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("token_sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_invitation_organisation_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("public_id", name=op.f("uq_invitation_public_id")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_invitation_token_sha256")),
    )
    for column in ("email", "organisation_id"):
        op.create_index(
            op.f(f"ix_invitation_{column}"), "invitation", [column], unique=False
        )


def _create_password_link() -> None:
    op.create_table(
        "password_link",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("token_sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_password_link_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password_link")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_password_link_token_sha256")),
    )
    op.create_index(
        op.f("ix_password_link_person_id"), "password_link", ["person_id"], unique=False
    )


def _create_oauth_client() -> None:
    op.create_table(
        "oauth_client",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("scopes", sa.String(), nullable=False),
        sa.Column("secret_sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_oauth_client_organisation_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oauth_client")),
        sa.UniqueConstraint("public_id", name=op.f("uq_oauth_client_public_id")),
    )
    op.create_index(
        op.f("ix_oauth_client_organisation_id"),
        "oauth_client",
        ["organisation_id"],
        unique=False,
    )


def _create_signing_key() -> None:
    op.create_table(
        "signing_key",
        sa.Column("kid", sa.String(length=43), nullable=False),
        sa.Column("public_jwk", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("honoured_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("kid", name=op.f("pk_signing_key")),
    )


def _create_sign_in_throttle() -> None:
    op.create_table(
        "sign_in_throttle",
        sa.Column("key_sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("free_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key_sha256", name=op.f("pk_sign_in_throttle")),
    )
    op.create_index(
        op.f("ix_sign_in_throttle_began_at"),
        "sign_in_throttle",
        ["began_at"],
        unique=False,
    )


def downgrade() -> None:
    for table in (
        "sign_in_throttle",
        "signing_key",
        "oauth_client",
        "password_link",
        "invitation",
    ):
        op.drop_table(table)
    with op.batch_alter_table("sign_in") as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_in_person_id"))
        batch_op.drop_column("address_sha256")
        batch_op.drop_column("last_seen_at")
    with op.batch_alter_table("api_key") as batch_op:
        batch_op.drop_column("last_used_on")
    with op.batch_alter_table("membership") as batch_op:
        batch_op.drop_column("joined_at")
        batch_op.drop_column("status")
