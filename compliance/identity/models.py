"""The tables of who is who: organisations, people, memberships, keys, sessions."""

import uuid
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from compliance.database import Base, Key, Owner, PublicId


class OrganisationKind(StrEnum):
    PROGRAMME = "programme"
    AUDIT_FIRM = "audit_firm"
    MILL = "mill"
    EXPORTER = "exporter"
    BUYER = "buyer"
    PRODUCER_GROUP = "producer_group"
    AUTHORITY = "authority"
    NGO = "ngo"


class Role(StrEnum):
    """What a person or a key does for an organisation."""

    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"
    REVIEWER = "reviewer"
    MANAGER = "manager"
    ANALYST = "analyst"


class MembershipStatus(StrEnum):
    """How somebody stands to an organisation: a membership is never deleted."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    REMOVED = "removed"


class Organisation(Base):
    __tablename__ = "organisation"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(200))
    country: Mapped[str] = mapped_column(String(2))
    # The organisation that keeps the record of this one; empty for one with members.
    registered_by_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("organisation.id"), index=True
    )
    created_at: Mapped[datetime]


class Person(Base):
    """Somebody who signs in. Workers and children are never people here."""

    __tablename__ = "person"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    language: Mapped[str] = mapped_column(String(2))
    password_hash: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]


class Membership(Base):
    __tablename__ = "membership"
    __table_args__ = (UniqueConstraint("person_id", "organisation_id"),)

    id: Mapped[Key]
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    organisation_id: Mapped[Owner]
    role: Mapped[str] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(10))
    joined_at: Mapped[datetime]


class Invitation(Base):
    """A place kept for somebody; only the SHA-256 of the link's token is kept."""

    __tablename__ = "invitation"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    organisation_id: Mapped[Owner]
    email: Mapped[str] = mapped_column(String(254), index=True)
    name: Mapped[str | None] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(20))
    language: Mapped[str] = mapped_column(String(2))
    token_sha256: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    invited_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]


class PasswordLink(Base):
    """Leave to set a new password once; only the SHA-256 of the token is kept."""

    __tablename__ = "password_link"

    id: Mapped[Key]
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), index=True)
    token_sha256: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class ApiKey(Base):
    """A machine's key; only the SHA-256 of its secret is kept."""

    __tablename__ = "api_key"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    organisation_id: Mapped[Owner]
    role: Mapped[str] = mapped_column(String(20))
    label: Mapped[str] = mapped_column(String(100))
    secret_sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    last_used_on: Mapped[date | None]


class OauthClient(Base):
    """A program that fetches access tokens; only its secret's SHA-256 is kept."""

    __tablename__ = "oauth_client"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    organisation_id: Mapped[Owner]
    name: Mapped[str] = mapped_column(String(100))
    role: Mapped[str] = mapped_column(String(20))
    scopes: Mapped[str]  # as RFC 6749, 3.3 writes them: parted by spaces
    secret_sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    last_used_on: Mapped[date | None]


class Device(Base):
    """A phone or tablet that was let in; of an address only the SHA-256 is kept.

    `ha1` is what HTTP Digest needs to know of a password (RFC 2617, 3.2.2.2). It opens
    the same door as the password, so there is one only for the devices that cannot do
    with an address, and it belongs to random characters that the product drew.
    """

    __tablename__ = "device"
    __table_args__ = (
        CheckConstraint("(token_sha256 IS NULL) <> (ha1 IS NULL)", name="one_secret"),
        CheckConstraint(
            "(revoked_at IS NULL) = (revoked_by IS NULL)", name="revoked_whole"
        ),
        Index("ix_device_owner_id_id", "owner_id", "id"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    person_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("person.id"), index=True
    )
    label: Mapped[str] = mapped_column(String(100))
    token_sha256: Mapped[bytes | None] = mapped_column(LargeBinary(32), unique=True)
    ha1: Mapped[bytes | None] = mapped_column(LargeBinary(16))
    enrolled_by: Mapped[str] = mapped_column(String(40))
    enrolled_at: Mapped[datetime]
    # Who does not come by then never does; who did may come until it expires.
    unused_until: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[str | None] = mapped_column(String(40))


class DeviceSighting(Base):
    """When a device first came and last, and what program it said it was."""

    __tablename__ = "device_sighting"

    device_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("device.id"), primary_key=True
    )
    owner_id: Mapped[Owner]
    first_seen_at: Mapped[datetime | None]
    last_seen_at: Mapped[datetime | None]
    user_agent: Mapped[str | None] = mapped_column(String(200))


class SigningKey(Base):
    """A public key that access tokens are checked with; the private one is a file."""

    __tablename__ = "signing_key"

    kid: Mapped[str] = mapped_column(String(43), primary_key=True)
    public_jwk: Mapped[str]
    created_at: Mapped[datetime]
    # Set when another key takes over: until then its tokens are still good.
    honoured_until: Mapped[datetime | None]


class SignIn(Base):
    """A browser's session; only the SHA-256 of its cookie is kept."""

    __tablename__ = "sign_in"

    id: Mapped[Key]
    token_sha256: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), index=True)
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    started_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    # Where from, as a digest: who signed in there before is not kept out by a stranger.
    address_sha256: Mapped[bytes | None] = mapped_column(LargeBinary(32))


class SignInThrottle(Base):
    """Failed sign-ins of an account, an address, or of both together."""

    __tablename__ = "sign_in_throttle"

    key_sha256: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    failures: Mapped[int]
    began_at: Mapped[datetime] = mapped_column(index=True)
    free_at: Mapped[datetime]
