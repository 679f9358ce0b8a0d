"""Counts of people by how they are engaged, and the sums that must hold among them."""

from dataclasses import dataclass
from enum import StrEnum

from compliance.problems import Kind, Problem
from compliance.texts import N_


class Category(StrEnum):
    """How people are engaged. Migrant: from elsewhere, for the season."""

    PERMANENT = "permanent"
    TEMPORARY = "temporary"
    MIGRANT = "migrant"
    PIECE_RATE = "piece_rate"
    FAMILY_HELP = "family_help"


# Permanent and temporary make the hired; these are some of them.
AMONG_HIRED = (Category.MIGRANT, Category.PIECE_RATE)
SEXES = ("women", "men")


class PartsOverTotal(Problem):
    kind = Kind.INVALID
    title = N_("Women and men are more than all")
    detail = N_("'{category}': {women} women and {men} men are more than {total}.")


class MoreThanHired(Problem):
    kind = Kind.INVALID
    title = N_("More people than are hired")
    detail = N_(
        "'{category}' ({of}): {count} are more than the {hired} who are permanent or "
        "temporary. Migrant and piece-rate workers are some of these, not others."
    )


@dataclass(frozen=True)
class Counts:
    """How many in all, how many women and men; None is not known, and never zero."""

    total: int | None = None
    women: int | None = None
    men: int | None = None

    def filled(self) -> "Counts":
        """Return the counts with the total that follows from both sexes, if none is."""
        if self.total is None and self.women is not None and self.men is not None:
            return Counts(self.women + self.men, self.women, self.men)
        return self


NOT_KNOWN = Counts()


@dataclass(frozen=True)
class Workforce:
    """The people of a site in a season by category."""

    permanent: Counts = NOT_KNOWN
    temporary: Counts = NOT_KNOWN
    migrant: Counts = NOT_KNOWN
    piece_rate: Counts = NOT_KNOWN
    family_help: Counts = NOT_KNOWN

    def of(self, category: Category) -> Counts:
        """Return the counts of one category."""
        return {
            Category.PERMANENT: self.permanent,
            Category.TEMPORARY: self.temporary,
            Category.MIGRANT: self.migrant,
            Category.PIECE_RATE: self.piece_rate,
            Category.FAMILY_HELP: self.family_help,
        }[category]


def whole(workforce: Workforce) -> Workforce:
    """Return the counts with the totals that follow from both sexes.

    Sums that cannot be are refused: PartsOverTotal, MoreThanHired.
    """
    filled = Workforce(**{one.value: workforce.of(one).filled() for one in Category})
    for category in Category:
        _refuse_parts(category, filled.of(category))
    for category in AMONG_HIRED:
        for of in ("total", *SEXES):
            _refuse_more_than_hired(filled, category, of)
    return filled


def _refuse_parts(category: Category, counts: Counts) -> None:
    women, men = counts.women or 0, counts.men or 0
    if counts.total is not None and women + men > counts.total:
        raise PartsOverTotal(
            category=category, women=women, men=men, total=counts.total
        )


def _refuse_more_than_hired(workforce: Workforce, category: Category, of: str) -> None:
    count, hired = getattr(workforce.of(category), of), _hired(workforce, of)
    if count is not None and hired is not None and count > hired:
        raise MoreThanHired(category=category, of=of, count=count, hired=hired)


def _hired(workforce: Workforce, of: str) -> int | None:
    """Return how many are hired; None where it is not known of both kinds."""
    parts = [getattr(one, of) for one in (workforce.permanent, workforce.temporary)]
    return None if None in parts else sum(parts)
