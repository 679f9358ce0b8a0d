"""How many people are heard at a site, and files read: from the workers present."""

from dataclasses import dataclass
from enum import StrEnum

from audits.sampling.policy import InterviewPolicy, Row


class Unknown(StrEnum):
    """Why a quota cannot be told before somebody has counted on the site."""

    NO_PROFILE = "no_profile"
    """Nobody stated who works there in the season."""
    HIRED_UNKNOWN = "hired_unknown"
    """It is not known of the permanent, or of the temporary, how many they are."""


@dataclass(frozen=True)
class Quota:
    """Auditor-days, people heard alone, groups of so many, and files to be read."""

    auditor_days: int
    individual: int
    groups: int
    group_size: int
    files: int


@dataclass(frozen=True)
class Present:
    """The workers of a site in a season; family help that nobody counted counts 0."""

    permanent: int | None
    temporary: int | None
    family_help: int | None

    @property
    def hired(self) -> int | None:
        if self.permanent is None or self.temporary is None:
            return None
        return self.permanent + self.temporary

    @property
    def workers(self) -> int | None:
        return None if self.hired is None else self.hired + (self.family_help or 0)


def quota_for(policy: InterviewPolicy, present: Present | None) -> Quota | Unknown:
    """Return the quota of a site, or why there is none."""
    if present is None:
        return Unknown.NO_PROFILE
    if present.workers is None:
        return Unknown.HIRED_UNKNOWN
    return quota(policy, present.workers)


def quota(policy: InterviewPolicy, workers: int) -> Quota:
    """Return the quota for a number of workers: never more people than there are."""
    row = _row(policy, workers)
    if workers < policy.everybody_below:
        return Quota(row.auditor_days, workers, 0, 0, min(row.files, workers))
    individual = min(row.individual, workers)
    groups, size = _groups(row, workers - individual)
    files = min(row.files, workers)
    return Quota(row.auditor_days, individual, groups, size, files)


def _row(policy: InterviewPolicy, workers: int) -> Row:
    for row in policy.rows:
        if workers <= row.up_to:
            return row
    last, beyond = policy.rows[-1], policy.beyond
    steps = -(-(workers - last.up_to) // beyond.every)
    return last.model_copy(
        update={
            "up_to": last.up_to + steps * beyond.every,
            "auditor_days": last.auditor_days + steps * beyond.auditor_days,
            "individual": last.individual + steps * beyond.individual,
            "groups": last.groups + steps * beyond.groups,
            "files": last.files + steps * beyond.files,
        }
    )


def _groups(row: Row, left: int) -> tuple[int, int]:
    """Return how many groups of how many can be made of those who are left."""
    if left < 2:
        return 0, 0
    if left < row.group_size:
        return 1, left
    return min(row.groups, left // row.group_size), row.group_size
