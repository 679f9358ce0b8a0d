"""Shares of what one taker takes in, which together are never more than the whole.

They are kept in basis points and rounded down, so that shares which make the whole,
such as three thirds, never make more than it.
"""

from decimal import Decimal

from compliance.problems import Kind, Problem
from compliance.texts import N_

WHOLE = 10_000  # basis points


class SharesOverWhole(Problem):
    kind = Kind.CONFLICT
    title = N_("The shares would be more than the whole")
    detail = N_(
        "With {share} % from {giver}, the shares of what {taker} takes in would be "
        "{total} % in season {season}: {others} % are registered already. Correct one "
        "of them, or leave this share out until it is known."
    )


def basis_points(share: float | None) -> int | None:
    """Return a share from 0 to 1 in basis points, rounded down."""
    return None if share is None else int(Decimal(str(share)) * WHOLE)


def share_of(points: int | None) -> float | None:
    """Return basis points as a share from 0 to 1."""
    return None if points is None else points / WHOLE


def refuse_over_whole(
    *, giver: str, taker: str, season: str, others: int, points: int | None
) -> None:
    """Raise SharesOverWhole where `points` beside the others exceed the whole."""
    if points is None or others + points <= WHOLE:
        return
    raise SharesOverWhole(
        giver=giver,
        taker=taker,
        season=season,
        share=_percent(points),
        others=_percent(others),
        total=_percent(others + points),
    )


def _percent(points: int) -> str:
    return f"{Decimal(points) / 100:f}"
