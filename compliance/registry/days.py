"""Two days of which one comes first."""

from datetime import date

from compliance.problems import Kind, Problem
from compliance.texts import N_


class DaysOutOfOrder(Problem):
    kind = Kind.INVALID
    title = N_("The days are in the wrong order")
    detail = N_("'{first}' is {begins} and '{last}' is {ends}; the first comes first.")


def refuse_disorder(**days: date | None) -> None:
    """Raise DaysOutOfOrder where the second of two named days lies before the first."""
    (first, begins), (last, ends) = days.items()
    if begins is not None and ends is not None and ends < begins:
        raise DaysOutOfOrder(
            first=first, begins=begins.isoformat(), last=last, ends=ends.isoformat()
        )
