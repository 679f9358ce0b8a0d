"""The tables that say which facts are in which shard; derived, and derivable again."""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from compliance.database import Base, Key, Owner


class FactShard(Base):
    """A Parquet file of facts: of one organisation, one country, and one vocabulary."""

    __tablename__ = "fact_shard"

    id: Mapped[Key]
    owner_id: Mapped[Owner]
    country: Mapped[str] = mapped_column(String(2))
    vocabulary_sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
    sha256: Mapped[str] = mapped_column(String(64))
    submissions: Mapped[int]
    made_at: Mapped[datetime]


class ShardedSubmission(Base):
    """In which shard a submission's facts are; in one, however often it is projected."""

    __tablename__ = "sharded_submission"

    submission_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("submission.id"), primary_key=True
    )
    owner_id: Mapped[Owner]
    shard_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("fact_shard.id"), index=True)
