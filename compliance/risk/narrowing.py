"""Which sites a portfolio holds: by what it is narrowed, and how the caller comes by them.

An organisation's own sites and those that others let it see are read apart. Its own are
found by their owner, in the order of an index; the others by their operator or by a
consent, of which there are few among all sites. One clause for both, `owner or operator
or consent`, would have every site of every organisation looked at.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from sqlalchemy import (
    ColumnElement,
    bindparam,
    func,
    literal,
    or_,
    select,
    true,
    union,
)
from sqlalchemy.orm import Session, aliased

from compliance.database import one_of
from compliance.identity.policy import Action, Relation, Resource
from compliance.identity.scope import Scope
from compliance.registry.filters import containing, in_group
from compliance.registry.models import Site
from compliance.registry.models.consents import Consent
from compliance.registry.visibility import CALLER, sight_of, visible
from compliance.risk.codes import ConfidenceWord, RiskLevel
from compliance.risk.models import SiteRisk
from rules import Severity

Narrowing = str | date | int | Sequence[uuid.UUID] | None

EVERY_WAY = frozenset({Relation.OWN, Relation.OPERATES, Relation.SHARED_RISK})
BEFORE_ALL_DAYS = date(1, 1, 1)
# Whoever was visited before this day was never visited at all.
NEVER_VISITED = date(1, 1, 2)
last_visit = func.coalesce(SiteRisk.last_visit_on, BEFORE_ALL_DAYS)
OPEN_OF = {
    Severity.ZERO_TOLERANCE: SiteRisk.open_zero_tolerance,
    Severity.CRITICAL: SiteRisk.open_critical,
    Severity.MAJOR: SiteRisk.open_major,
    Severity.MINOR: SiteRisk.open_minor,
}
FILTERS: Mapping[str, ColumnElement[bool]] = {
    "level": func.coalesce(SiteRisk.level, RiskLevel.UNKNOWN.value)
    == bindparam("level"),
    "confidence": func.coalesce(SiteRisk.confidence_word, ConfidenceWord.NONE.value)
    == bindparam("confidence"),
    "kind": Site.kind == bindparam("kind"),
    "country": Site.country == bindparam("country"),
    "admin1": Site.admin1 == bindparam("admin1"),
    "municipality": Site.municipality == bindparam("municipality"),
    "commodity": Site.commodity == bindparam("commodity"),
    "state": Site.state == bindparam("state"),
    "visited_before": last_visit < bindparam("visited_before"),
    "name": Site.name_folded.like(bindparam("name"), escape="\\"),
    "group": in_group("group"),
    "within": one_of(Site.id, "within"),
    "least_open": func.coalesce(sum(OPEN_OF.values(), literal(0)), 0)
    >= bindparam("least_open"),
}
# PostgreSQL takes `kept_id = id` to hold of next to no site, and so would look up the
# risk of each on its own. Of `… IS true` it has statistics (`site_kept`).
IS_KEPT = (Site.kept_id == Site.id).is_(true())

# What may leave most of the sites: the risk of each is read for it, or has to be told.
BROAD = frozenset(
    {"level", "confidence", "visited_before", "least_open"}
    | {"kind", "country", "commodity", "state"}
)

Reached = aliased(Site)
OPERATED = select(Reached.id).where(Reached.operator_id == CALLER)
GRANTED = select(Consent.site_id).where(Consent.grantee_id == CALLER)
REACHED = union(OPERATED, GRANTED).subquery()
IS_ANY_REACHED = select(or_(OPERATED.exists(), GRANTED.exists()))


class Part(NamedTuple):
    """The caller's own sites, or those that others let it see, and what holds of them."""

    is_own: bool
    clauses: tuple[ColumnElement[bool], ...]


@dataclass(frozen=True)
class Asked:
    """A way to narrow a portfolio, without the values: one statement is built for each."""

    names: frozenset[str]
    has_open: Severity | None
    among: frozenset[Relation]

    @property
    def holds_own(self) -> bool:
        return Relation.OWN in self.among

    @property
    def is_narrowed(self) -> bool:
        return bool(self.names) or self.has_open is not None

    @property
    def reads_most(self) -> bool:
        """Tell whether most of the caller's own sites may have to be looked at."""
        return self.holds_own and self.names <= BROAD

    @property
    def filters(self) -> tuple[ColumnElement[bool], ...]:
        """Return what is asked of a site, over `Site` and `SiteRisk` beside it."""
        by_severity = () if self.has_open is None else (OPEN_OF[self.has_open] > 0,)
        return (*(FILTERS[name] for name in sorted(self.names)), *by_severity)

    @property
    def parts(self) -> tuple[Part, ...]:
        """Return the parts of the portfolio; no site is in two of them."""
        own = Part(
            is_own=True, clauses=(Site.owner_id == CALLER, IS_KEPT, *self.filters)
        )
        if self.among == {Relation.OWN}:
            return (own,)
        return (own, self._of_others) if self.holds_own else (self._of_others,)

    @property
    def _of_others(self) -> Part:
        ways = self.among - {Relation.OWN}
        return Part(
            is_own=False,
            clauses=(
                Site.id.in_(select(REACHED.c[0])),
                visible(Resource.RISK, Action.READ, ways),
                *((Site.owner_id != CALLER,) if self.holds_own else ()),
                IS_KEPT,
                *self.filters,
            ),
        )


def asked(
    session: Session,
    scope: Scope,
    wanted: Mapping[str, Narrowing],
    has_open: Severity | None,
    seen_as: Relation | None,
) -> tuple[Asked, dict[str, object]]:
    """Return in which way a portfolio is narrowed, and the values for its clauses.

    Where nobody lets the caller see any site, only its own are asked for.
    """
    values = {**_bound(wanted), **sight_of(scope)}
    among = EVERY_WAY if seen_as is None else frozenset({seen_as})
    if seen_as is None and not session.scalar(IS_ANY_REACHED, sight_of(scope)):
        among = frozenset({Relation.OWN})
    names = frozenset(name for name in wanted if name in values)
    return Asked(names, has_open, among), values


def _bound(wanted: Mapping[str, Narrowing]) -> dict[str, object]:
    values: dict[str, object] = {
        name: value for name, value in wanted.items() if value is not None
    }
    if isinstance(values.get("name"), str):
        values["name"] = containing(str(values["name"]))
    return values
