"""The table of certificates that a site, or a producer group, holds."""

import uuid
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from compliance.database import Base, Key, PublicId
from compliance.registry.models.sources import Source


class CertificateScheme(StrEnum):
    RSPO = "rspo"
    ISCC = "iscc"
    ISPO = "ispo"
    MSPO = "mspo"
    RAINFOREST_ALLIANCE = "rainforest_alliance"
    FAIRTRADE = "fairtrade"
    FOUR_C = "4c"
    CAFE_PRACTICES = "cafe_practices"
    ORGANIC = "organic"
    SA8000 = "sa8000"
    OTHER = "other"


class CertificateStatus(StrEnum):
    """What the certifying body says; whether it has expired follows from its days."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"


class Certificate(Base):
    """A certificate with its days. A renewal is another row, so that the past stays."""

    __tablename__ = "certificate"
    __table_args__ = (
        UniqueConstraint("site_id", "scheme", "number", "valid_from"),
        UniqueConstraint("group_id", "scheme", "number", "valid_from"),
        CheckConstraint("(site_id IS NULL) <> (group_id IS NULL)", name="one_holder"),
        CheckConstraint("valid_from <= valid_until", name="valid_in_order"),
        CheckConstraint(
            "status IN ('active', 'suspended', 'withdrawn')", name="status_known"
        ),
        CheckConstraint(
            "(status = 'active') = (status_since IS NULL)", name="status_has_a_day"
        ),
        Index("ix_certificate_owner_id_id", "owner_id", "id"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    site_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("site.id"))
    group_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organisation.id"))
    scheme: Mapped[str] = mapped_column(String(30))
    number: Mapped[str] = mapped_column(String(100))
    certifying_body: Mapped[str | None] = mapped_column(String(200))
    valid_from: Mapped[date]
    valid_until: Mapped[date]
    status: Mapped[str] = mapped_column(String(12), default=CertificateStatus.ACTIVE)
    status_since: Mapped[date | None]
    source: Mapped[str] = mapped_column(String(12), default=Source.MANUAL)
    source_reference: Mapped[str | None] = mapped_column(String(100))
    version: Mapped[int] = mapped_column(default=1)
    registered_at: Mapped[datetime]
