"""The tables of the remedy ledger: what is owed to how many, and every entry about it.

Neither can hold a person: numbers, codes, days and hashes, and no name and no text.
An entry is never changed; what is left is worked out from the entries (`balance.py`).
"""

import uuid
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from compliance.database import Base, Key, PublicId


class RemedyKind(StrEnum):
    """What is owed."""

    WAGES = "wages"
    OVERTIME = "overtime"
    RECRUITMENT_FEES = "recruitment_fees"
    DEDUCTIONS = "deductions"
    DOCUMENTS_RETURNED = "documents_returned"
    SCHOOL_PLACE = "school_place"
    MEDICAL_CARE = "medical_care"
    HOUSING = "housing"
    COMPENSATION = "compensation"
    SOCIAL_SECURITY = "social_security"
    OTHER_REMEDY = "other_remedy"


class AdjustingReason(StrEnum):
    """Why more or less is owed than was said before."""

    PEOPLE_RECOUNTED = "people_recounted"
    AMOUNT_RECALCULATED = "amount_recalculated"
    AUTHORITY_DECIDED = "authority_decided"
    ENTERED_BY_MISTAKE = "entered_by_mistake"


class Proof(StrEnum):
    """How it is shown that those who are owed something got it."""

    PAYROLL_EXTRACT = "payroll_extract"
    BANK_TRANSFER = "bank_transfer"
    SIGNED_RECEIPTS_SEEN = "signed_receipts_seen"
    WORKER_INTERVIEWS = "worker_interviews"
    SITE_VISIT = "site_visit"
    AUTHORITY_STATEMENT = "authority_statement"


class Check(StrEnum):
    """How somebody independent made sure of it."""

    DESK = "desk"
    SITE = "site"


class Remedy(Base):
    """One thing that some people of a site are owed; `standing` follows its entries."""

    __tablename__ = "remedy"
    __table_args__ = (
        CheckConstraint("period_from <= period_to", name="period_in_order"),
        Index("ix_remedy_owner_id_id", "owner_id", "id"),
        Index("ix_remedy_waiting", "owner_id", "standing", "due_on", "id"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    site_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("site.id"), index=True)
    finding_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("finding.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    currency: Mapped[str | None] = mapped_column(String(3))
    period_from: Mapped[date]
    period_to: Mapped[date]
    due_on: Mapped[date]
    standing: Mapped[str] = mapped_column(String(20))
    entered_by: Mapped[str] = mapped_column(String(40))
    entered_at: Mapped[datetime]


class RemedyEntry(Base):
    """One line of the ledger; amounts are in minor units, and of an adjustment signed."""

    __tablename__ = "remedy_entry"
    __table_args__ = (
        # Two at once that read the same balance cannot both be kept.
        UniqueConstraint("remedy_id", "ordinal"),
        CheckConstraint(
            "entry IN ('owed', 'adjusted', 'paid', 'proven', 'verified')",
            name="entry_known",
        ),
        CheckConstraint(
            "entry = 'adjusted' OR (coalesce(amount, 1) > 0 AND coalesce(people, 1) > 0)",
            name="only_adjusted_down",
        ),
    )

    id: Mapped[Key]
    remedy_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("remedy.id"))
    ordinal: Mapped[int]
    entry: Mapped[str] = mapped_column(String(10))
    amount: Mapped[int | None] = mapped_column(BigInteger)
    people: Mapped[int | None]
    reason: Mapped[str | None] = mapped_column(String(30))
    paid_on: Mapped[date | None]
    proof: Mapped[str | None] = mapped_column(String(30))
    evidence_sha256: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    checked_by: Mapped[str | None] = mapped_column(String(10))
    actor: Mapped[str] = mapped_column(String(40))
    made_at: Mapped[datetime]
