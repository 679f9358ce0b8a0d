"""Findings in the order in which they press: the gravest, and of these what is due first."""

from collections.abc import Collection, Mapping
from datetime import date

from sqlalchemy import ColumnElement, and_, bindparam, case, func
from sqlalchemy.orm import Session

from compliance import clock
from compliance.database import Page, one_of
from compliance.findings.lifecycle import OPEN
from compliance.findings.models import Finding
from compliance.findings.queries import LISTED, FindingRecord
from compliance.identifiers import SiteId
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.listings import Ordering
from compliance.registry.filters import containing
from compliance.registry.models import Site
from compliance.registry.visibility import sight_of
from rules import Severity

WEIGHT: ColumnElement[int] = case(
    {severity.value: place for place, severity in enumerate(Severity)},
    value=Finding.severity,
    else_=len(Severity),
)
DUE: ColumnElement[date] = func.coalesce(Finding.plan_due_on, Finding.due_on)
IS_OPEN = Finding.state.in_(sorted(OPEN))
FILTERS: Mapping[str, ColumnElement[bool]] = {
    "open": IS_OPEN,
    "overdue": and_(IS_OPEN, bindparam("today") > DUE),
    "named": Site.name_folded.like(bindparam("named"), escape="\\"),
    "sites": one_of(Site.id, "sites"),
}
PRESSING = Ordering(LISTED, (WEIGHT, DUE), FILTERS)


def pressing(
    session: Session,
    scope: Scope,
    *,
    rows: int,
    after: str | None = None,
    is_open: bool = False,
    is_overdue: bool = False,
    named: str | None = None,
    sites: Collection[SiteId] | None = None,
    **wanted: str | None,
) -> Page[FindingRecord]:
    """Return a page of the findings that the caller keeps or answers, what presses first.

    `named` is part of a site's name; `sites` are the only ones meant. `wanted` is that
    of `queries.findings`.
    """
    scope.require(Permission.READ_FINDINGS)
    return PRESSING.page(
        session,
        {**sight_of(scope), "today": clock.today()},
        rows=rows,
        after=after,
        wanted={
            **wanted,
            "open": is_open or None,
            "overdue": is_overdue or None,
            "named": None if named is None else containing(named),
            "sites": None if sites is None else list(sites),
        },
    )
