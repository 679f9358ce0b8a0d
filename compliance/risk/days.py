"""Whole months between two days."""

from datetime import date


def months_between(first: date, last: date) -> int:
    """Return the whole months from one day to another; none before the first."""
    months = 12 * (last.year - first.year) + last.month - first.month
    return max(0, months - (last.day < first.day))
