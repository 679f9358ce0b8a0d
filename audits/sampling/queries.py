"""What can be read of draws: a page of them, and one with its sites, swaps and visits."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any

from sqlalchemy import Row, Select, bindparam, func, select
from sqlalchemy.orm import Session, aliased

from audits.sampling.drawing import Candidate, Stratum
from audits.sampling.models import (
    Draw,
    DrawnAs,
    DrawSite,
    DrawSwap,
    DrawVisit,
    SwapReason,
)
from audits.sampling.policy import RiskLevel
from audits.sampling.quotas import Quota, Unknown
from audits.visits.lifecycle import State
from audits.visits.models import Audit
from compliance.database import Page
from compliance.identifiers import SiteId
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.listings import Listing, equal_to
from compliance.policies.models import Programme
from compliance.problems import Kind, Problem
from compliance.registry.filters import kept_id_of
from compliance.registry.models import Site
from compliance.texts import N_
from rules.vocabulary import Commodity


class DrawNotFound(Problem):
    kind = Kind.NOT_FOUND
    title = N_("No such draw")
    detail = N_(
        "Your organisation has no draw {draw}. GET /v1/draws lists those it has."
    )


@dataclass(frozen=True)
class DrawRecord:
    """A draw in brief; `swaps` and `missing` are counted as of now."""

    id: uuid.UUID
    public_id: str
    mill: str
    mill_name: str
    season: str
    commodity: Commodity
    programme: str | None
    number: int
    stated_level: RiskLevel
    level: RiskLevel
    sites: int
    size: int
    reserves: int
    base_is_cut: bool
    frame_sha256: str
    seed: str
    drawn_by: str
    drawn_at: datetime
    swaps: int
    missing: int

    @property
    def share_swapped(self) -> float:
        """Return the part of the sample whose first choice could not be visited."""
        return self.swaps / self.size


class Standing(StrEnum):
    """Where a site of a draw stands now."""

    DRAWN = "drawn"
    SWAPPED_IN = "swapped_in"
    SWAPPED_OUT = "swapped_out"
    RESERVE = "reserve"


IN_THE_SAMPLE = frozenset({Standing.DRAWN, Standing.SWAPPED_IN})


@dataclass(frozen=True)
class SiteOfDraw:
    """A site drawn or in reserve; `frame_id` is what the frame calls it."""

    site_id: SiteId
    frame_id: str
    name: str
    municipality: str | None
    role: DrawnAs
    ordinal: int
    workers: int | None
    quota: Quota | Unknown


@dataclass(frozen=True)
class SwapRecord:
    ordinal: int
    out: str
    into: str | None
    reason: SwapReason
    swapped_by: str
    swapped_at: datetime


@dataclass(frozen=True)
class VisitOfDraw:
    site_id: SiteId
    audit: str
    status: State


@dataclass(frozen=True)
class OpenDraw:
    """A draw with everything that is told of it."""

    record: DrawRecord
    frame: Mapping[str, Any]
    sites: tuple[SiteOfDraw, ...]
    swaps: tuple[SwapRecord, ...]
    visits: tuple[VisitOfDraw, ...]

    @cached_property
    def strata(self) -> Mapping[str, Stratum]:
        """The stratum of every site of the frame."""
        return {one["site"]: tuple(one["stratum"]) for one in self.frame["sites"]}

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        return tuple(Candidate(site, key) for site, key in self.strata.items())

    def chosen(self, role: DrawnAs) -> tuple[SiteOfDraw, ...]:
        """Return the sites drawn, or the reserves, in the order of the draw."""
        return tuple(one for one in self.sites if one.role is role)

    def standing(self, site: SiteOfDraw) -> Standing:
        """Return where a site stands after the swaps."""
        if any(swap.out == site.frame_id for swap in self.swaps):
            return Standing.SWAPPED_OUT
        if any(swap.into == site.frame_id for swap in self.swaps):
            return Standing.SWAPPED_IN
        return Standing.DRAWN if site.role is DrawnAs.DRAWN else Standing.RESERVE

    def replacement_of(self, site: SiteOfDraw) -> SiteOfDraw | None:
        """Return the reserve that came in for a site, if it went out and one was left."""
        came = {swap.out: swap.into for swap in self.swaps}.get(site.frame_id)
        return next((one for one in self.sites if one.frame_id == came), None)

    @property
    def sample(self) -> tuple[SiteOfDraw, ...]:
        """The sites that are to be visited as of now."""
        return tuple(one for one in self.sites if self.standing(one) in IN_THE_SAMPLE)

    def audit_of(self, site: SiteOfDraw) -> VisitOfDraw | None:
        """Return the audit that was planned last for a site, and was not called off."""
        found = [
            one
            for one in self.visits
            if one.site_id == site.site_id and one.status is not State.VOIDED
        ]
        return found[-1] if found else None


def _swaps_counted(*conditions: Any) -> Any:
    return (
        select(func.count())
        .select_from(DrawSwap)
        .where(DrawSwap.draw_id == Draw.id, *conditions)
        .correlate(Draw)
        .scalar_subquery()
    )


Own = aliased(Site)
DRAWS: Select[*tuple[Any, ...]] = (
    select(
        Draw.id,
        Draw.public_id,
        Site.public_id.label("mill"),
        Site.name.label("mill_name"),
        Draw.season,
        Draw.commodity,
        Programme.public_id.label("programme"),
        Draw.number,
        Draw.stated_level,
        Draw.level,
        Draw.sites,
        Draw.size,
        Draw.reserves,
        Draw.base_is_cut,
        Draw.frame_sha256,
        Draw.seed,
        Draw.drawn_by,
        Draw.drawn_at,
        _swaps_counted().label("swaps"),
        _swaps_counted(DrawSwap.in_site_id.is_(None)).label("missing"),
    )
    .join(Own, Own.id == Draw.mill_id)
    .join(Site, Site.id == Own.kept_id)
    .outerjoin(Programme, Programme.id == Draw.programme_id)
    .where(Draw.owner_id == bindparam("owner_id"))
)
FRAME_OF = select(Draw.frame).where(Draw.id == bindparam("draw_id"))
Drawn, Out, In = aliased(Site), aliased(Site), aliased(Site)
# A record that was merged since is told by the name of the one that is kept.
SITES_OF = (
    select(
        *DrawSite.__table__.columns,
        Drawn.public_id.label("frame_id"),
        Site.name,
        Site.municipality,
    )
    .join(Drawn, Drawn.id == DrawSite.site_id)
    .join(Site, Site.id == Drawn.kept_id)
    .where(DrawSite.draw_id == bindparam("draw_id"))
    .order_by(DrawSite.role, DrawSite.ordinal)
)
SWAPS_OF = (
    select(
        DrawSwap.ordinal,
        Out.public_id.label("out"),
        In.public_id.label("into"),
        DrawSwap.reason,
        DrawSwap.swapped_by,
        DrawSwap.swapped_at,
    )
    .join(Out, Out.id == DrawSwap.out_site_id)
    .outerjoin(In, In.id == DrawSwap.in_site_id)
    .where(DrawSwap.draw_id == bindparam("draw_id"))
    .order_by(DrawSwap.ordinal)
)
VISITS_OF = (
    select(DrawVisit.site_id, Audit.public_id.label("audit"), Audit.status)
    .join(Audit, Audit.id == DrawVisit.audit_id)
    .where(DrawVisit.draw_id == bindparam("draw_id"))
    .order_by(DrawVisit.planned_at, Audit.id)
)


def draws(
    session: Session,
    scope: Scope,
    *,
    rows: int,
    after: str | None = None,
    **wanted: str | None,
) -> Page[DrawRecord]:
    """Return a page of the organisation's draws in the order in which they were made.

    `wanted` filters by mill or programme (public ids), season or level.
    """
    scope.require(Permission.MANAGE_FIELDWORK)
    return LISTED.page(
        session,
        {"owner_id": scope.organisation_id},
        rows=rows,
        after=after,
        wanted=wanted,
    )


def draw(session: Session, scope: Scope, public_id: str) -> OpenDraw:
    """Return one draw of the organisation, or raise DrawNotFound."""
    scope.require(Permission.MANAGE_FIELDWORK)
    missing = DrawNotFound(draw=public_id)
    found = LISTED.one(session, {"owner_id": scope.organisation_id}, public_id, missing)
    of_it = {"draw_id": found.id}
    return OpenDraw(
        record=found,
        frame=json.loads(session.execute(FRAME_OF, of_it).scalar_one()),
        sites=tuple(_site(row) for row in session.execute(SITES_OF, of_it)),
        swaps=tuple(_swap(row) for row in session.execute(SWAPS_OF, of_it)),
        visits=tuple(_visit(row) for row in session.execute(VISITS_OF, of_it)),
    )


def _record(row: Row[*tuple[Any, ...]]) -> DrawRecord:
    return DrawRecord(
        **{
            **row._asdict(),
            "commodity": Commodity(row.commodity),
            "stated_level": RiskLevel(row.stated_level),
            "level": RiskLevel(row.level),
        }
    )


def _site(row: Row[*tuple[Any, ...]]) -> SiteOfDraw:
    return SiteOfDraw(
        site_id=SiteId(row.site_id),
        frame_id=row.frame_id,
        name=row.name,
        municipality=row.municipality,
        role=DrawnAs(row.role),
        ordinal=row.ordinal,
        workers=row.workers,
        quota=Unknown(row.quota_unknown)
        if row.workers is None
        else Quota(
            row.auditor_days,
            row.individual,
            row.group_count,
            row.group_size,
            row.files,
        ),
    )


def _swap(row: Row[*tuple[Any, ...]]) -> SwapRecord:
    return SwapRecord(
        ordinal=row.ordinal,
        out=row.out,
        into=row.into,
        reason=SwapReason(row.reason),
        swapped_by=row.swapped_by,
        swapped_at=row.swapped_at,
    )


def _visit(row: Row[*tuple[Any, ...]]) -> VisitOfDraw:
    return VisitOfDraw(SiteId(row.site_id), row.audit, State(row.status))


LISTED = Listing(
    DRAWS,
    Draw.id,
    Draw.public_id,
    _record,
    {
        **equal_to(season=Draw.season, level=Draw.level, programme=Programme.public_id),
        "mill": Site.id == kept_id_of("mill"),
    },
)
