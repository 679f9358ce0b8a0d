"""The table of qualifications: who may do what on an audit, and until when."""

import uuid
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from compliance.database import Base, Key, PublicId


class QualificationKind(StrEnum):
    """What somebody was found to be able to do."""

    LEAD_AUDITOR = "lead_auditor"
    IDENTIFICATION = "identification"
    REFERRAL = "referral"
    SAFEGUARDING = "safeguarding"
    INTERVIEWING_CHILDREN = "interviewing_children"


class Qualification(Base):
    """A statement by somebody outside that a member is qualified; it is never changed."""

    __tablename__ = "qualification"
    __table_args__ = (
        CheckConstraint("issued_on < expires_on", name="issued_before_it_expires"),
        Index("ix_qualification_owner_id_id", "owner_id", "id"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    issuer: Mapped[str] = mapped_column(String(200))
    reference: Mapped[str | None] = mapped_column(String(100))
    issued_on: Mapped[date]
    # The first day on which it does not hold any more.
    expires_on: Mapped[date]
    recorded_by: Mapped[str] = mapped_column(String(40))
    recorded_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[str | None] = mapped_column(String(40))
