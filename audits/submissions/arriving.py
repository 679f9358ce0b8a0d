"""What arrives from the field, by whichever door, before anything is decided about it."""

import hashlib
import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

from audits.checklists.form import FormSchema
from audits.checklists.instance import (
    Instance,
    expected_attachments,
    read_instance,
)
from audits.checklists.metadata import Metadata, metadata_of
from audits.submissions.models import DEVICE_ID_CHARACTERS
from audits.visits.actions import Circumstances
from audits.visits.models import Notice

XML = "text/xml"
JSON = "application/json"
# An envelope of an encrypted record; what is inside is read by whoever has the key.
ENCRYPTED = "application/x-odk-encrypted+xml"

# More than two years of one person's work is a slip of the pen, not a visit.
MOST_MINUTES = 2 * 366 * 24 * 60
PAYER_CHARACTERS = 40

# The choices of the packaged checklists, and the words themselves.
NOTICE_OF_CHOICE = {
    **{notice.value: notice for notice in Notice},
    "window": Notice.SEMI_ANNOUNCED,
}
HARVEST_OF_CHOICE = {"main_harvest": "-main", "second_harvest": "-mid", "between": ""}
SEASON = re.compile(r"20\d\d(-(main|mid))?")


@dataclass(frozen=True)
class Parcel:
    """A filled checklist as it came, and the ids it names itself by."""

    form_id: str
    version: str | None
    instance_id: str
    deprecated_id: str | None
    media_type: str
    content: bytes
    # Two parcels of one meaning are the same answers: of XML byte for byte.
    meaning_sha256: bytes
    device_id: str | None = None
    # The content of an XML record, as it was read.
    instance: Instance | None = None

    @property
    def sha256(self) -> bytes:
        return hashlib.sha256(self.content).digest()


@dataclass(frozen=True)
class ArrivedFile:
    """A file that came along, finished on disk in the store's incoming folder."""

    name: str
    path: Path
    sha256: str
    size: int
    beginning: bytes


@dataclass(frozen=True)
class Told:
    """What the answers say about the visit itself, and the files they name."""

    site_reference: str | None = None
    observed_on: date | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    device_id: str | None = None
    circumstances: Circumstances = field(default_factory=Circumstances)
    files: tuple[str, ...] = ()


def parcel_of_xml(content: bytes, *, device_id: str | None = None) -> Parcel:
    """Return the parcel of an OpenRosa instance, or raise InstanceRejected."""
    instance = read_instance(content)
    return Parcel(
        form_id=instance.form_id,
        version=instance.version,
        instance_id=instance.instance_id,
        deprecated_id=instance.deprecated_id,
        media_type=ENCRYPTED if instance.is_encrypted else XML,
        content=content,
        meaning_sha256=hashlib.sha256(content).digest(),
        device_id=device_id or instance.device_id,
        instance=instance,
    )


def told_by_xml(schema: FormSchema, instance: Instance) -> Told:
    """Return what an instance of this version says about the visit."""
    metadata = metadata_of(schema, instance)
    return Told(
        site_reference=metadata.site_reference,
        observed_on=metadata.observed_on,
        started_at=utc(metadata.started_at),
        ended_at=utc(metadata.ended_at),
        device_id=_device(metadata, instance),
        circumstances=_circumstances(metadata),
        files=expected_attachments(schema, instance),
    )


def _circumstances(metadata: Metadata) -> Circumstances:
    return Circumstances(
        notice=NOTICE_OF_CHOICE.get(metadata.notice or ""),
        payer=(metadata.payer or "")[:PAYER_CHARACTERS] or None,
        season=_season(metadata),
        spent_minutes=_minutes(metadata.person_hours),
        observed_at=utc(metadata.started_at),
    )


def _season(metadata: Metadata) -> str | None:
    """Return the season as the register names it, `2026-main`, if it was answered."""
    answer = metadata.season or ""
    if SEASON.fullmatch(answer):
        return answer
    day, harvest = metadata.observed_on, HARVEST_OF_CHOICE.get(answer)
    return None if day is None or harvest is None else f"{day.year}{harvest}"


def _minutes(hours: Decimal | None) -> int | None:
    if hours is None or not 0 <= hours <= MOST_MINUTES // 60:
        return None
    return round(hours * 60)


def utc(moment: datetime | None) -> datetime | None:
    """Return a device's time in UTC, None where it has no zone or is none at all."""
    if moment is None or moment.tzinfo is None:
        return None
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return None


def _device(metadata: Metadata, instance: Instance) -> str | None:
    device = metadata.device_id or instance.device_id
    return device[:DEVICE_ID_CHARACTERS] if device else None
