"""The table of harvest calendars: in which months a commodity is harvested where."""

from datetime import datetime

from sqlalchemy import CheckConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from compliance.database import Base, Key, Owner, PublicId


class HarvestCalendar(Base):
    """Twelve letters from January on: main harvest, second harvest (`s`), none (`-`).

    An empty region or municipality stands for all of them.
    """

    __tablename__ = "harvest_calendar"
    __table_args__ = (
        UniqueConstraint(
            "owner_id",
            "country",
            "admin1_folded",
            "municipality_folded",
            "commodity",
            name="uq_harvest_calendar_place",
        ),
        CheckConstraint("length(months) = 12", name="whole_year"),
        CheckConstraint(
            "municipality_folded = '' OR admin1_folded <> ''", name="place_in_region"
        ),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    owner_id: Mapped[Owner]
    country: Mapped[str] = mapped_column(String(2))
    admin1: Mapped[str] = mapped_column(String(100))
    admin1_folded: Mapped[str] = mapped_column(String(400))
    municipality: Mapped[str] = mapped_column(String(100))
    municipality_folded: Mapped[str] = mapped_column(String(400))
    commodity: Mapped[str] = mapped_column(String(20))
    months: Mapped[str] = mapped_column(String(12))
    stated_by: Mapped[str] = mapped_column(String(200))  # the source of the months
    version: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[datetime]
