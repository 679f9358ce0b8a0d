"""The tables of checklists: a form by its id, and every version ever published."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from compliance.database import Base, Key, Owner, PublicId

# What a device accepts at most in a form's id or version.
FORM_WORD_CHARACTERS = 249


class ValidationState(StrEnum):
    """What ODK Validate made of a version, as a device's own reading of it.

    A row never says `shipped`: the product's own checklists are validated before a
    release, and are told by their bytes.
    """

    WAITING = "waiting"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    NOT_RUN = "not_run"
    SHIPPED = "shipped"


class Checklist(Base):
    """A form by the id that its versions share; closed when no new work is wanted."""

    __tablename__ = "checklist"
    __table_args__ = (UniqueConstraint("owner_id", "form_id"),)

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    owner_id: Mapped[Owner]
    form_id: Mapped[str] = mapped_column(String(FORM_WORD_CHARACTERS))
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class ChecklistVersion(Base):
    """One published version: the workbook, the form devices get, and its schema."""

    __tablename__ = "checklist_version"
    __table_args__ = (UniqueConstraint("checklist_id", "version"),)

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    owner_id: Mapped[Owner]
    checklist_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("checklist.id"))
    version: Mapped[str] = mapped_column(String(FORM_WORD_CHARACTERS))
    title: Mapped[str]
    xlsform: Mapped[bytes]
    xlsform_sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
    xform: Mapped[bytes]
    # MD5 only because OpenRosa asks for it.
    xform_md5: Mapped[str] = mapped_column(String(32))
    schema: Mapped[bytes]
    purpose: Mapped[str] = mapped_column(String(20), server_default="visit")
    published_by: Mapped[str] = mapped_column(String(40))
    published_at: Mapped[datetime]


class ChecklistValidation(Base):
    """What ODK Validate said of a version; without a row it was never asked."""

    __tablename__ = "checklist_validation"

    checklist_version_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("checklist_version.id"), primary_key=True
    )
    owner_id: Mapped[Owner]
    state: Mapped[str] = mapped_column(String(20))
    # A list of texts as JSON, in ODK Validate's own words, which are English.
    complaints: Mapped[str]
    validated_at: Mapped[datetime | None]
