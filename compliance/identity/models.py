"""The tables of who is who: organisations, people, memberships, keys, sessions."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
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


class SignIn(Base):
    """A browser's session; only the SHA-256 of its cookie is kept."""

    __tablename__ = "sign_in"

    id: Mapped[Key]
    token_sha256: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    started_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
