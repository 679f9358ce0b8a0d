"""What a broker's licence is worth on a day; no number is no proof of anything."""

from datetime import date
from enum import StrEnum


class LicenceStanding(StrEnum):
    NOT_KNOWN = "not_known"  # no number, or a number without days
    NOT_YET = "not_yet"
    IN_FORCE = "in_force"
    EXPIRED = "expired"


def licence_on(
    day: date,
    *,
    number: str | None,
    valid_from: date | None,
    valid_until: date | None,
) -> LicenceStanding:
    """Return where a licence stands on a day; its last day is still in force."""
    if valid_until is not None and day > valid_until:
        return LicenceStanding.EXPIRED
    if valid_from is not None and day < valid_from:
        return LicenceStanding.NOT_YET
    if number is None or valid_until is None:
        return LicenceStanding.NOT_KNOWN
    return LicenceStanding.IN_FORCE
