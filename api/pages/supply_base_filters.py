"""By what the supply base is narrowed: what the portfolio is, and by visits and suppliers."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlencode

from fastapi import Request
from sqlalchemy.orm import Session

from api.pages.portfolio_filters import STANDARD, Narrowed, narrowed_by
from api.pages.tables import FilterUnknown, chosen, words_chosen
from compliance.identity.policy import Relation
from compliance.identity.scope import Scope
from compliance.registry.choices import seasons_into
from compliance.registry.queries import SiteNotFound, site
from compliance.registry.supply_base import supply_base
from compliance.risk.narrowing import NEVER_VISITED, Narrowing
from compliance.risk.numbered import sites_numbered
from rules import SiteKind

# Beside those of the portfolio.
NAMES = ("visited", "open", "group", "mill", "season")
NOBODY: frozenset[uuid.UUID] = frozenset()


class Visited(StrEnum):
    NEVER = "never"


class Open(StrEnum):
    ANY = "any"


@dataclass(frozen=True)
class Sought:
    """What a reader chose; `given` stands in the fields of the filters."""

    by: Narrowed
    visited: Visited | None
    open: Open | None
    group: str | None
    mill: str | None
    season: str | None
    given: Mapping[str, str]

    def value(self, name: str) -> str:
        """Return what stands in the field of a filter."""
        return self.given.get(name, "")

    @property
    def is_narrowed(self) -> bool:
        return bool(self.given)

    @property
    def query(self) -> str:
        """Return what was chosen as an address has it."""
        sort = {} if self.by.order is STANDARD else {"sort": self.by.order.value}
        return urlencode({**self.given, **sort})

    def wanted(self, session: Session, scope: Scope) -> dict[str, Narrowing]:
        """Return the filters as `portfolio` takes them."""
        wanted: dict[str, Narrowing] = {**self.by.wanted}
        if self.visited is Visited.NEVER:
            wanted["visited_before"] = NEVER_VISITED
        if self.open is Open.ANY:
            wanted["least_open"] = 1
        wanted["group"] = self.group
        within = self._within(session, scope)
        name = self.by.value("name")
        numbered = sites_numbered(session, scope, name) if name else NOBODY
        if numbered:
            wanted["name"] = None
            within = numbered if within is None else within & numbered
        wanted["within"] = None if within is None else sorted(within)
        return wanted

    def _within(self, session: Session, scope: Scope) -> frozenset[uuid.UUID] | None:
        """Return who delivers to the mill that was chosen, in its newest season."""
        if self.mill is None:
            return None
        try:
            root = site(session, scope, self.mill, kind=SiteKind.MILL)
        except SiteNotFound as error:
            raise FilterUnknown(
                filter="mill", given=self.mill[:40], choices="GET /v1/mills"
            ) from error
        seasons = seasons_into(session, scope, root.public_id)
        season = self.season or (seasons[0] if seasons else None)
        if season is None:
            return NOBODY
        base = supply_base(session, scope, root, season=season)
        return frozenset(uuid.UUID(str(one)) for one in base.sites)


def sought(request: Request) -> Sought:
    """Return what the address narrows the supply base by; raise FilterUnknown."""
    by = narrowed_by(request)
    given = {name: words_chosen(request, name) for name in NAMES}
    return Sought(
        by=by,
        visited=chosen(request, "visited", Visited),
        open=chosen(request, "open", Open),
        group=given["group"],
        mill=given["mill"],
        season=given["season"],
        given={
            **by.given,
            **{name: value for name, value in given.items() if value is not None},
        },
    )


# The supply base is one's own register, not what others show.
SEEN_AS = Relation.OWN
