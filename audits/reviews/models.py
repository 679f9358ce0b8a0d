"""The tables of remarks on an audit, and of the replies that a site is offered.

What people write in their own words can name somebody: it is sealed, and a code from a
list stands beside it for everything else.
"""

import uuid
from datetime import date, datetime
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

OPEN = text("answered_at IS NULL AND closed_at IS NULL")


class About(StrEnum):
    """What of a visit a remark is about."""

    VISIT = "visit"
    SECTION = "section"
    QUESTION = "question"
    FACT = "fact"


class RemarkKind(StrEnum):
    """Why an audit is returned."""

    NOT_ANSWERED = "not_answered"
    UNCLEAR = "unclear"
    CONTRADICTORY = "contradictory"
    IMPLAUSIBLE = "implausible"
    EVIDENCE_MISSING = "evidence_missing"
    ANOTHER_SITE = "another_site"
    ANOTHER_DAY = "another_day"
    TOO_FEW_INTERVIEWS = "too_few_interviews"


class ReplyCode(StrEnum):
    """What a site says to what was found there; that it waives its reply is one."""

    AGREES = "agrees"
    CORRECTS_FACTS = "corrects_facts"
    DISPUTES = "disputes"
    GIVES_CONTEXT = "gives_context"
    WAIVES = "waives"


class AuditRemark(Base):
    """What a reviewer wants mended; the next answers that come in are its answer."""

    __tablename__ = "audit_remark"
    __table_args__ = (
        UniqueConstraint("audit_id", "ordinal"),
        CheckConstraint("(key_id IS NULL) = (sealed IS NULL)", name="sealed_by_a_key"),
    )

    id: Mapped[Key]
    owner_id: Mapped[Owner]
    audit_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("audit.id"))
    ordinal: Mapped[int]
    about: Mapped[str] = mapped_column(String(10))
    code: Mapped[str | None] = mapped_column(String(100))
    kind: Mapped[str] = mapped_column(String(20))
    # No foreign key: destroying the key is how what it seals is forgotten.
    key_id: Mapped[uuid.UUID | None]
    sealed: Mapped[bytes | None]
    made_by: Mapped[str] = mapped_column(String(40))
    made_at: Mapped[datetime]


class AuditReply(Base):
    """A site's right to answer what was found there, until `due_at`.

    Whoever operates the site sees it and nothing else of the audit; so what it is told
    of the visit stands here.
    """

    __tablename__ = "audit_reply"
    __table_args__ = (
        UniqueConstraint("audit_id", "ordinal"),
        CheckConstraint("(key_id IS NULL) = (sealed IS NULL)", name="sealed_by_a_key"),
        CheckConstraint(
            "(answered_at IS NULL) = (code IS NULL)", name="answered_with_a_code"
        ),
        Index("ix_audit_reply_owner_id_id", "owner_id", "id"),
        Index(
            "ix_audit_reply_waiting",
            "owner_id",
            "due_at",
            "id",
            sqlite_where=OPEN,
            postgresql_where=OPEN,
        ),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    site_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("site.id"), index=True)
    audit_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("audit.id"))
    audit: Mapped[str] = mapped_column(String(40))
    ordinal: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    fieldwork_from: Mapped[date]
    fieldwork_to: Mapped[date]
    offered_by: Mapped[str] = mapped_column(String(40))
    offered_at: Mapped[datetime]
    due_at: Mapped[datetime]
    code: Mapped[str | None] = mapped_column(String(20))
    key_id: Mapped[uuid.UUID | None]
    sealed: Mapped[bytes | None]
    answered_by: Mapped[str | None] = mapped_column(String(40))
    # How whoever answered stands to the site: its operator, or who keeps its record.
    answered_as: Mapped[str | None] = mapped_column(String(20))
    answered_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
