"""The tables of risk: what is known now of a site's risk, and what it was before."""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from compliance.database import Base, Key


class SiteRisk(Base):
    """What is known now: a level, how sure it is, and the document that explains it."""

    __tablename__ = "site_risk"
    __table_args__ = (
        CheckConstraint(
            "level IN ('high', 'medium', 'low', 'unknown')", name="level_known"
        ),
        CheckConstraint(
            "confidence_word IN ('high', 'medium', 'low', 'none')",
            name="confidence_known",
        ),
        Index("ix_site_risk_owner_id_level", "owner_id", "level", "site_id"),
        Index("ix_site_risk_owner_id_assessed_at", "owner_id", "assessed_at"),
        # All that a portfolio goes by: it is read without the documents.
        Index(
            "ix_site_risk_portfolio",
            "site_id",
            "owner_id",
            "level",
            "score",
            "confidence_word",
            "last_visit_on",
            "open_zero_tolerance",
            "open_critical",
            "open_major",
            "open_minor",
        ),
        # The orders that a portfolio is told in; the first with what narrows it most.
        Index(
            "ix_site_risk_by_score",
            "owner_id",
            "score",
            "site_id",
            "level",
            "confidence_word",
        ),
        Index("ix_site_risk_by_visit", "owner_id", "last_visit_on", "site_id"),
    )

    site_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("site.id"), primary_key=True)
    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    level: Mapped[str] = mapped_column(String(10))
    score: Mapped[int]  # 0 to 100, higher is worse
    confidence: Mapped[int]  # 0 to 100
    confidence_word: Mapped[str] = mapped_column(String(10))
    inherent: Mapped[int | None]
    management: Mapped[int | None]
    outcome: Mapped[int | None]
    open_zero_tolerance: Mapped[int]
    open_critical: Mapped[int]
    open_major: Mapped[int]
    open_minor: Mapped[int]
    last_visit_on: Mapped[date | None]
    document: Mapped[bytes]
    assessed_at: Mapped[datetime]


class SiteRiskChange(Base):
    """What the risk became, each time it became something else; rows are only added."""

    __tablename__ = "site_risk_change"
    __table_args__ = (Index("ix_site_risk_change_site_id_id", "site_id", "id"),)

    id: Mapped[Key]
    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    site_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("site.id"))
    level: Mapped[str] = mapped_column(String(10))
    score: Mapped[int]
    confidence: Mapped[int]
    confidence_word: Mapped[str] = mapped_column(String(10))
    document: Mapped[bytes]
    changed_at: Mapped[datetime]
