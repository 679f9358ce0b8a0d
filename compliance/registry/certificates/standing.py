"""What a certificate is worth on a day: what its body says, and its first and last day."""

from datetime import date
from enum import StrEnum

from compliance.registry.models import CertificateStatus


class Standing(StrEnum):
    NOT_YET = "not_yet"
    IN_FORCE = "in_force"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


def standing_on(
    day: date,
    *,
    valid_from: date,
    valid_until: date,
    status: CertificateStatus,
    status_since: date | None,
) -> Standing:
    """Return where a certificate stands on a day; its last day is still in force."""
    if day < valid_from:
        return Standing.NOT_YET
    if status is not CertificateStatus.ACTIVE and (
        status_since is None or day >= status_since
    ):
        is_suspended = status is CertificateStatus.SUSPENDED
        return Standing.SUSPENDED if is_suspended else Standing.WITHDRAWN
    return Standing.EXPIRED if day > valid_until else Standing.IN_FORCE
