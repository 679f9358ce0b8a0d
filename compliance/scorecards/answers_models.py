"""The table of dated answers: what those at a site say of its card, as codes alone."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from compliance.database import Base, Key, PublicId


class ScorecardAnswer(Base):
    """One answer, or one that takes another back; rows are only ever added."""

    __tablename__ = "scorecard_answer"
    __table_args__ = (
        CheckConstraint("(code IS NULL) = (withdraws_id IS NOT NULL)", name="one_act"),
        CheckConstraint(
            "flag IS NULL OR withdraws_id IS NULL", name="only_answers_name_flags"
        ),
        Index("ix_scorecard_answer_scorecard_id_id", "scorecard_id", "id"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    scorecard_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("scorecard.id"))
    giver_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    side: Mapped[str] = mapped_column(String(10))
    code: Mapped[str | None] = mapped_column(String(30))
    flag: Mapped[str | None] = mapped_column(String(10))
    withdraws_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("scorecard_answer.id"), unique=True
    )
    actor: Mapped[str] = mapped_column(String(40))
    given_at: Mapped[datetime]
