"""How many sites of a portfolio are of each level, and in which countries they lie."""

import functools
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select, union_all
from sqlalchemy.orm import Session

from compliance.identity.permissions import Permission
from compliance.identity.policy import Relation
from compliance.identity.scope import Scope
from compliance.registry.models import Site
from compliance.risk.codes import RiskLevel
from compliance.risk.many_sites import side_by_side
from compliance.risk.models import SiteRisk
from compliance.risk.narrowing import Asked, Narrowing, asked
from rules import Severity


@dataclass(frozen=True)
class Counted:
    """A portfolio in figures; the country with the most sites stands first.

    `assessed` are the sites whose risk was ever assessed, unknown as it may be.
    """

    levels: Mapping[RiskLevel, int]
    countries: tuple[str, ...]
    assessed: int

    @property
    def sites(self) -> int:
        return sum(self.levels.values())

    @property
    def are_all_assessed(self) -> bool:
        return self.assessed == self.sites


def counted(
    session: Session,
    scope: Scope,
    *,
    seen_as: Relation | None = None,
    has_open: Severity | None = None,
    **wanted: Narrowing,
) -> Counted:
    """Count the sites of a portfolio that is narrowed as `portfolio` narrows it."""
    scope.require(Permission.READ_RISK)
    way, values = asked(session, scope, wanted, has_open, seen_as)
    levels, countries = Counter[RiskLevel](), Counter[str]()
    all_assessed = 0
    with side_by_side(session, scope, way):
        found = session.execute(_statement(way), values).all()
    for level, country, count, assessed in found:
        levels[RiskLevel(level)] += count
        countries[country] += count
        all_assessed += assessed
    return Counted(
        levels={level: levels[level] for level in RiskLevel},
        countries=tuple(country for country, _ in countries.most_common()),
        assessed=all_assessed,
    )


@functools.cache
def _statement(way: Asked) -> Select[*tuple[Any, ...]]:
    told = union_all(
        *(
            select(
                func.coalesce(SiteRisk.level, RiskLevel.UNKNOWN.value).label("level"),
                Site.country,
                SiteRisk.site_id,
            )
            .select_from(Site)
            .outerjoin(SiteRisk, SiteRisk.site_id == Site.id)
            .where(*part.clauses)
            for part in way.parts
        )
    ).subquery()
    by = told.c.level, told.c.country
    return select(*by, func.count(), func.count(told.c.site_id)).group_by(*by)
