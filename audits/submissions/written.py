"""Answers written as JSON by a program: the same thing as a filled checklist."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from audits.submissions.arriving import JSON, Parcel, Told, utc
from audits.visits.actions import Circumstances
from audits.visits.models import Notice

ANSWERS = ("facts", "children", "workers")


@dataclass(frozen=True)
class Written:
    """A JSON document that the API has found well-formed, and what it says."""

    document: Mapping[str, Any]

    def parcel(self, content: bytes) -> Parcel:
        return Parcel(
            form_id=self.document["checklist"],
            version=self.document.get("version"),
            instance_id=self.document["instance_id"],
            deprecated_id=self.document.get("deprecated_id"),
            media_type=JSON,
            content=content,
            meaning_sha256=hashlib.sha256(_plain(self.document)).digest(),
            device_id=self.document.get("device_id"),
        )

    def told(self) -> Told:
        started_at = _instant(self.document.get("started_at"))
        notice = self.document.get("notice")
        return Told(
            site_reference=self.document["site"],
            observed_on=date.fromisoformat(self.document["observed_on"]),
            started_at=started_at,
            ended_at=_instant(self.document.get("ended_at")),
            device_id=self.document.get("device_id"),
            circumstances=Circumstances(
                notice=Notice(notice) if notice else None,
                payer=self.document.get("payer"),
                season=self.document.get("season"),
                spent_minutes=self.document.get("person_minutes"),
                observed_at=started_at,
            ),
        )

    def answers(self) -> dict[str, Any]:
        """Return the answers' part; what was left out was not asked."""
        return {name: self.document[name] for name in ANSWERS if name in self.document}


def read_written(content: bytes) -> Written:
    """Return what stored bytes say; the API refused all else before they were stored."""
    return Written(json.loads(content))


def _instant(text: str | None) -> datetime | None:
    return None if text is None else utc(datetime.fromisoformat(text))


def _plain(document: Mapping[str, Any]) -> bytes:
    """Return JSON in an order and a spacing that do not depend on who wrote it."""
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()
