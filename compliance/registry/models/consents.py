"""The tables of consent: who may see what of a site, and who asked to.

Neither row is ever deleted, and of a consent nothing changes but that it is taken back:
a trigger on either database refuses the rest.
"""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from compliance.database import Base, Key, PublicId


class Subject(StrEnum):
    """What of a site is shown."""

    RISK = "risk"
    SCORECARD = "scorecard"


class Reply(StrEnum):
    """What the supplier said to a request."""

    ACCEPTED = "accepted"
    DECLINED = "declined"


class ConsentRequest(Base):
    """A buyer asks a supplier for sight; the supplier says yes or no, once."""

    __tablename__ = "consent_request"
    __table_args__ = (
        CheckConstraint("asker_id <> supplier_id", name="two_organisations"),
        CheckConstraint("subject IN ('risk', 'scorecard')", name="subject_known"),
        CheckConstraint("reply IN ('accepted', 'declined')", name="reply_known"),
        CheckConstraint(
            "(reply IS NULL) = (replied_at IS NULL)"
            " AND (reply IS NULL) = (replied_by IS NULL)",
            name="reply_whole",
        ),
        Index("ix_consent_request_asker_id_id", "asker_id", "id"),
        Index("ix_consent_request_supplier_id_id", "supplier_id", "id"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    asker_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    supplier_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    # As the asker wrote it: whether the supplier has such a site, it does not learn.
    site: Mapped[str | None] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(10))
    asked_by: Mapped[str] = mapped_column(String(40))
    asked_at: Mapped[datetime]
    reply: Mapped[str | None] = mapped_column(String(10))
    replied_by: Mapped[str | None] = mapped_column(String(40))
    replied_at: Mapped[datetime | None]


class Consent(Base):
    """A site's owner or operator lets a buyer or exporter see something, for a time."""

    __tablename__ = "consent"
    __table_args__ = (
        CheckConstraint("giver_id <> grantee_id", name="two_organisations"),
        CheckConstraint("subject IN ('risk', 'scorecard')", name="subject_known"),
        CheckConstraint("valid_from < valid_until", name="in_order"),
        CheckConstraint(
            "(revoked_at IS NULL) = (revoked_by IS NULL)", name="revoked_whole"
        ),
        Index("ix_consent_giver_id_id", "giver_id", "id"),
        Index("ix_consent_grantee_id_site_id", "grantee_id", "site_id"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    giver_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    grantee_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    site_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("site.id"), index=True)
    subject: Mapped[str] = mapped_column(String(10))
    request_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("consent_request.id"), index=True
    )
    valid_from: Mapped[datetime]
    valid_until: Mapped[datetime]
    given_by: Mapped[str] = mapped_column(String(40))
    given_at: Mapped[datetime]
    revoked_by: Mapped[str | None] = mapped_column(String(40))
    revoked_at: Mapped[datetime | None]
