"""The tables of alerts: what is told, to which roles, to whom it goes and how it went.

None can hold a person but as an opaque id: an alert has a word, a reference and a clock.
"""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from compliance.database import Base, Key, Owner, PublicId

IS_WAITING = text("state = 'waiting'")


class Channel(StrEnum):
    """How an alert leaves the house."""

    MAIL = "mail"
    WEBHOOK = "webhook"


class ReceiverState(StrEnum):
    """Whether a receiver is sent anything: one that said it is gone is not."""

    ACTIVE = "active"
    STOPPED = "stopped"
    REMOVED = "removed"


class DeliveryState(StrEnum):
    """Where a delivery stands; dropped: nobody is there any more to receive it."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"
    DROPPED = "dropped"


class Alert(Base):
    """Something happened that an organisation is told of, once for an occasion."""

    __tablename__ = "alert"
    __table_args__ = (
        UniqueConstraint("owner_id", "occasion"),
        Index("ix_alert_owner_id_id", "owner_id", "id"),
        Index("ix_alert_owner_id_series", "owner_id", "series", "id"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    event: Mapped[str] = mapped_column(String(30))
    subject: Mapped[str] = mapped_column(String(40))
    site_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("site.id"), index=True)
    # Kept beside the key: the site of a keeper is another organisation's to read.
    site: Mapped[str | None] = mapped_column(String(40))
    severity: Mapped[str | None] = mapped_column(String(20))
    clock: Mapped[str | None] = mapped_column(String(20))
    due_at: Mapped[datetime | None]
    because: Mapped[str | None] = mapped_column(String(20))
    at: Mapped[datetime]
    occasion: Mapped[str] = mapped_column(String(200))
    # What is told to a receiver in its order: what is of one subject, or of one site.
    series: Mapped[str | None] = mapped_column(String(40))
    # Told by consent: nothing more of it is told once no consent is in force.
    followed: Mapped[str | None] = mapped_column(String(10))
    state_before: Mapped[str | None] = mapped_column(String(20))
    state_after: Mapped[str | None] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(String(40))
    topic: Mapped[str | None] = mapped_column(String(40))
    standing: Mapped[str | None] = mapped_column(String(20))
    version: Mapped[int | None]
    letter_before: Mapped[str | None] = mapped_column(String(1))
    letter_after: Mapped[str | None] = mapped_column(String(1))
    code: Mapped[str | None] = mapped_column(String(20))


class AlertSpread(Base):
    """An alert has been sent on its way to everybody: what follows may go."""

    __tablename__ = "alert_spread"

    alert_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("alert.id"), primary_key=True
    )
    owner_id: Mapped[Owner]


class AlertAudience(Base):
    """A role of the organisation that the policy names for an alert."""

    __tablename__ = "alert_audience"

    alert_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("alert.id"), primary_key=True
    )
    role: Mapped[str] = mapped_column(String(20), primary_key=True)
    owner_id: Mapped[Owner]


class AlertReading(Base):
    """Somebody has read an alert in the product."""

    __tablename__ = "alert_reading"

    alert_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("alert.id"), primary_key=True
    )
    person_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("person.id"), primary_key=True
    )
    owner_id: Mapped[Owner]
    read_at: Mapped[datetime]


class AlertMuted(Base):
    """Somebody wants no mail of an event from an organisation."""

    __tablename__ = "alert_muted"

    person_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("person.id"), primary_key=True
    )
    owner_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("organisation.id"), primary_key=True, index=True
    )
    event: Mapped[str] = mapped_column(String(30), primary_key=True)


class AlertReceiver(Base):
    """A mail box or a program of an organisation; a webhook's secret is sealed."""

    __tablename__ = "alert_receiver"
    __table_args__ = (
        CheckConstraint("kind IN ('mail', 'webhook')", name="kind_known"),
        CheckConstraint(
            "state IN ('active', 'stopped', 'removed')", name="state_known"
        ),
        CheckConstraint(
            "(kind = 'webhook') = (secret_sealed IS NOT NULL)"
            " AND (key_id IS NULL) = (secret_sealed IS NULL)",
            name="webhook_signs",
        ),
        Index("ix_alert_receiver_owner_id_id", "owner_id", "id"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    kind: Mapped[str] = mapped_column(String(10))
    address: Mapped[str] = mapped_column(String(500))
    language: Mapped[str] = mapped_column(String(2))
    # Parted by spaces; empty: of every event, and told to any role.
    events: Mapped[str]
    roles: Mapped[str]
    key_id: Mapped[uuid.UUID | None]
    secret_sealed: Mapped[bytes | None]
    # The secret before, by which messages are signed too until then.
    former_sealed: Mapped[bytes | None]
    former_until: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(String(10))
    # How often it failed since it last did not, and until when it is left alone.
    failures: Mapped[int]
    rests_until: Mapped[datetime | None]
    created_by: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[datetime]


class AlertDelivery(Base):
    """One alert on its way to one receiver or member; its public id travels along."""

    __tablename__ = "alert_delivery"
    __table_args__ = (
        UniqueConstraint("alert_id", "receiver_id"),
        UniqueConstraint("alert_id", "person_id"),
        CheckConstraint("(receiver_id IS NULL) <> (person_id IS NULL)", name="to_one"),
        CheckConstraint(
            "state IN ('waiting', 'delivered', 'given_up', 'dropped')",
            name="state_known",
        ),
        Index(
            "ix_alert_delivery_waiting",
            "receiver_id",
            "id",
            sqlite_where=IS_WAITING,
            postgresql_where=IS_WAITING,
        ),
        Index("ix_alert_delivery_receiver_id_id", "receiver_id", "id"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    owner_id: Mapped[Owner]
    alert_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("alert.id"))
    receiver_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("alert_receiver.id")
    )
    person_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("person.id"), index=True
    )
    channel: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(10))
    attempts: Mapped[int]
    # What the receiver answered last: a status of HTTP or SMTP, or why there was none.
    last_code: Mapped[int | None]
    last_fault: Mapped[str | None] = mapped_column(String(30))
    created_at: Mapped[datetime]
    # Asked for once more; the attempts are those since.
    replayed_at: Mapped[datetime | None]
    tried_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
