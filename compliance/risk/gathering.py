"""What the register and the findings tell of the risk of many sites, in a few statements.

Everything is read of whoever keeps the record of the sites, and of every record that
leads to a site which is kept.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Row, bindparam, select
from sqlalchemy.orm import Session, aliased

from compliance.corrective_actions.lifecycle import OWED
from compliance.corrective_actions.lifecycle import State as ActionState
from compliance.corrective_actions.models import CorrectiveAction
from compliance.database import one_of
from compliance.findings.lifecycle import OPEN, State
from compliance.findings.models import Confirmation, Finding
from compliance.findings.standing import Basis
from compliance.identity.scope import Scope
from compliance.registry.brokers.licence import LicenceStanding, licence_on
from compliance.registry.folding import folded
from compliance.registry.harvest.calendar import Month, Months, harvest_on, read
from compliance.registry.models import (
    Broker,
    Engagement,
    HarvestCalendar,
    Site,
    WorkforceProfile,
)
from compliance.remedies.balance import UNSETTLED, Standing
from compliance.remedies.models import Remedy
from compliance.risk.facts import (
    NOT_KNOWN,
    Brokers,
    Flaw,
    Promises,
    Supplier,
    Told,
    Workforce,
)
from compliance.risk.supplying import suppliers_of
from rules import Severity
from rules.vocabulary import Commodity, SiteKind

Own = aliased(Site)

SITES = select(
    Site.id,
    Site.public_id,
    Site.kind,
    Site.country,
    Site.admin1,
    Site.municipality,
    Site.commodity,
).where(
    Site.owner_id == bindparam("owner_id"),
    Site.kept_id == Site.id,
    one_of(Site.id, "sites"),
)
CALENDARS = select(
    HarvestCalendar.country,
    HarvestCalendar.commodity,
    HarvestCalendar.admin1_folded,
    HarvestCalendar.municipality_folded,
    HarvestCalendar.months,
).where(HarvestCalendar.owner_id == bindparam("owner_id"))
PROFILES = (
    select(
        Own.kept_id,
        WorkforceProfile.season,
        WorkforceProfile.revision,
        WorkforceProfile.stated_at,
        WorkforceProfile.permanent,
        WorkforceProfile.temporary,
        WorkforceProfile.migrant,
        WorkforceProfile.piece_rate,
        WorkforceProfile.family_help,
    )
    .join(Own, Own.id == WorkforceProfile.site_id)
    .where(
        WorkforceProfile.owner_id == bindparam("owner_id"),
        one_of(Own.kept_id, "sites"),
    )
)
ENGAGEMENTS = (
    select(
        Own.kept_id,
        Engagement.season,
        Broker.licence_number,
        Broker.licence_valid_from,
        Broker.licence_valid_until,
    )
    .join(Own, Own.id == Engagement.site_id)
    .join(Broker, Broker.id == Engagement.broker_id)
    .where(Engagement.owner_id == bindparam("owner_id"), one_of(Own.kept_id, "sites"))
)
FINDINGS = (
    select(
        Own.kept_id,
        Finding.rule_id,
        Finding.severity,
        Finding.state,
        Finding.due_on,
        Finding.plan_due_on,
        Finding.came_back,
        Finding.closed_on,
        Finding.last_seen_on,
        select(Confirmation.id)
        .where(
            Confirmation.finding_id == Finding.id,
            Confirmation.basis == Basis.ADMITTED_BY_SITE,
        )
        .correlate(Finding)
        .exists()
        .label("is_disclosed"),
    )
    .join(Own, Own.id == Finding.site_id)
    .where(Finding.owner_id == bindparam("owner_id"), one_of(Own.kept_id, "sites"))
)
ACTIONS = (
    select(
        Own.kept_id,
        CorrectiveAction.state,
        CorrectiveAction.due_on,
        CorrectiveAction.reported_on,
    )
    .join(Own, Own.id == CorrectiveAction.site_id)
    .where(
        CorrectiveAction.owner_id == bindparam("owner_id"),
        one_of(Own.kept_id, "sites"),
    )
)
REMEDIES = (
    select(Own.kept_id, Remedy.standing, Remedy.due_on)
    .join(Own, Own.id == Remedy.site_id)
    .where(Remedy.owner_id == bindparam("owner_id"), one_of(Own.kept_id, "sites"))
)


@dataclass(frozen=True)
class Present:
    """The people of a site's newest season as they were stated; None is not known."""

    season: str
    permanent: int | None
    temporary: int | None
    family_help: int | None
    of_kinds: Workforce


@dataclass(frozen=True)
class Recorded:
    """What the record of one site tells, without the visits to it."""

    site_id: uuid.UUID
    public_id: str
    kind: SiteKind
    country: str
    commodity: Commodity
    months: Months | None = None
    present: Present | None = None
    brokers: Brokers | None = None
    flaws: tuple[Flaw, ...] = ()
    told: Mapping[str, Told] = field(default_factory=dict)
    promises: Promises = field(default_factory=Promises)
    supply: tuple[Supplier, ...] | None = None


def recorded(
    session: Session, scope: Scope, sites: Iterable[uuid.UUID], on: date
) -> tuple[Recorded, ...]:
    """Return what is known on a day of those of the sites that are kept records."""
    wanted = sorted(set(sites))
    values = {"owner_id": scope.organisation_id, "sites": wanted}
    found = session.execute(SITES, values).all()
    calendars = {
        (row.country, row.commodity, row.admin1_folded, row.municipality_folded): read(
            row.months
        )
        for row in session.execute(CALENDARS, {"owner_id": scope.organisation_id})
    }
    presents = _newest_presents(session.execute(PROFILES, values))
    engaged = _engaged(session.execute(ENGAGEMENTS, values), on)
    findings = _by_site(session.execute(FINDINGS, values))
    actions = _by_site(session.execute(ACTIONS, values))
    remedies = _by_site(session.execute(REMEDIES, values))
    mills = [row.id for row in found if row.kind == SiteKind.MILL]
    supply = suppliers_of(session, scope, mills, on)
    return tuple(
        Recorded(
            site_id=row.id,
            public_id=row.public_id,
            kind=SiteKind(row.kind),
            country=row.country,
            commodity=Commodity(row.commodity),
            months=_months(calendars, row),
            present=presents.get(row.id),
            brokers=engaged.get(row.id),
            flaws=_flaws(findings[row.id], on),
            told=_told(findings[row.id]),
            promises=_promises(actions[row.id], remedies[row.id], on),
            supply=supply.get(row.id, ()) if row.kind == SiteKind.MILL else None,
        )
        for row in found
    )


def last_harvest(months: Months | None, on: date) -> str | None:
    """Return the harvest that is on, or else the last one before a day."""
    if months is None or all(month is Month.NONE for month in months):
        return None
    year, month = on.year, on.month
    while True:
        found = harvest_on(date(year, month, 1), months)
        if found.season is not None:
            return found.season
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)


def is_harvest(months: Months | None, on: date) -> bool | None:
    """Tell whether a day lies in a harvest; None where no calendar says."""
    return None if months is None else harvest_on(on, months).month is not Month.NONE


def _by_site(
    rows: Iterable[Row[*tuple[Any, ...]]],
) -> dict[uuid.UUID, list[Row[*tuple[Any, ...]]]]:
    found: dict[uuid.UUID, list[Row[*tuple[Any, ...]]]] = defaultdict(list)
    for row in rows:
        found[row.kept_id].append(row)
    return found


def _months(
    calendars: Mapping[tuple[str, str, str, str], Months],
    site: Row[*tuple[Any, ...]],
) -> Months | None:
    """Return the months of the nearest place that has any, as `calendar_of` does."""
    what = (site.country, site.commodity)
    admin1, place = folded(site.admin1 or ""), folded(site.municipality or "")
    for where in ((admin1, place), (admin1, ""), ("", "")):
        if (*what, *where) in calendars:
            return calendars[*what, *where]
    return None


def _newest_presents(
    rows: Iterable[Row[*tuple[Any, ...]]],
) -> dict[uuid.UUID, Present]:
    """Return of each site what was stated last of its newest season."""
    newest: dict[uuid.UUID, Row[*tuple[Any, ...]]] = {}
    for row in rows:
        before = newest.get(row.kept_id)
        if before is None or _newness(row) > _newness(before):
            newest[row.kept_id] = row
    return {
        site: Present(
            row.season,
            row.permanent,
            row.temporary,
            row.family_help,
            Workforce(
                row.season,
                None
                if row.permanent is None or row.temporary is None
                else row.permanent + row.temporary,
                row.temporary,
                row.migrant,
                row.piece_rate,
            ),
        )
        for site, row in newest.items()
    }


def _newness(row: Row[*tuple[Any, ...]]) -> tuple[Any, ...]:
    return row.season[:4], row.stated_at, row.revision, row.season


def _engaged(
    rows: Iterable[Row[*tuple[Any, ...]]], on: date
) -> dict[uuid.UUID, Brokers]:
    """Return who brought workers in the newest season of each site, this year or last."""
    found: dict[uuid.UUID, dict[str, bool]] = defaultdict(dict)
    for row in rows:
        if int(row.season[:4]) < on.year - 1:
            continue
        standing = licence_on(
            on,
            number=row.licence_number,
            valid_from=row.licence_valid_from,
            valid_until=row.licence_valid_until,
        )
        lacks = standing is not LicenceStanding.IN_FORCE
        seasons = found[row.kept_id]
        seasons[row.season] = seasons.get(row.season, False) or lacks
    return {
        site: Brokers(max(seasons), seasons[max(seasons)])
        for site, seasons in found.items()
    }


def _flaws(rows: Sequence[Row[*tuple[Any, ...]]], on: date) -> tuple[Flaw, ...]:
    return tuple(
        Flaw(
            severity=Severity(row.severity),
            is_open=row.state in OPEN,
            is_past_due=row.state in OPEN and on > (row.plan_due_on or row.due_on),
            came_back=bool(row.came_back),
            closed_on=row.closed_on,
            is_disclosed=bool(row.is_disclosed),
        )
        for row in rows
        if row.state != State.WITHDRAWN
    )


def _told(rows: Iterable[Row[*tuple[Any, ...]]]) -> dict[str, Told]:
    """Return how the findings about each rule stand; an open one goes before others."""
    told: dict[str, Told] = {}
    for row in rows:
        before = told.get(row.rule_id, NOT_KNOWN)
        is_open = row.state in OPEN
        is_gone = row.state == State.WITHDRAWN
        told[row.rule_id] = Told(
            before.is_open or is_open,
            _later(before.closed_on, row.closed_on),
            _later(before.withdrawn_until, row.last_seen_on if is_gone else None),
        )
    return told


def _later(one: date | None, other: date | None) -> date | None:
    return max((day for day in (one, other) if day is not None), default=None)


def _promises(
    actions: Iterable[Row[*tuple[Any, ...]]],
    remedies: Iterable[Row[*tuple[Any, ...]]],
    on: date,
) -> Promises:
    counts = dict.fromkeys(("lapsed", "not_effective", "late", "kept"), 0)
    for row in actions:
        word = _kept_or_not(row, on)
        if word is not None:
            counts[word] += 1
    owed = list(remedies)
    return Promises(
        **counts,
        remedy_overdue=sum(
            row.standing in UNSETTLED and on > row.due_on for row in owed
        ),
        remedy_verified=sum(row.standing == Standing.VERIFIED for row in owed),
    )


def _kept_or_not(row: Row[*tuple[Any, ...]], on: date) -> str | None:
    """Return what became of an action; None of one that is in time, or was given up."""
    if row.state == ActionState.VERIFIED:
        return "late" if row.reported_on and row.reported_on > row.due_on else "kept"
    if row.state == ActionState.NOT_EFFECTIVE:
        return "not_effective"
    return "lapsed" if row.state in OWED and on > row.due_on else None
