"""What can be done about draws: make one, swap a site that cannot be visited, plan visits.

The frame is frozen and hashed before the seed is drawn, and one frame is drawn from
once: nobody can draw again until the outcome pleases.
"""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session, aliased

from audits.sampling import drawing
from audits.sampling.drawing import Candidate, Frame, hash_of, replacement
from audits.sampling.framing import (
    Farm,
    bounds_for,
    candidate,
    farms_among,
    has_open_red_flag,
)
from audits.sampling.models import (
    Draw,
    DrawnAs,
    DrawSite,
    DrawSwap,
    DrawVisit,
    SwapReason,
)
from audits.sampling.policy import (
    INTERVIEWS,
    SAMPLING,
    InterviewPolicy,
    RiskLevel,
    SamplingPolicy,
)
from audits.sampling.queries import OpenDraw, SiteOfDraw, draw
from audits.sampling.quotas import Unknown, quota_for
from audits.visits.actions import KIND_OF_AUDIT
from audits.visits.actions import plan as plan_visit
from audits.visits.lifecycle import State
from audits.visits.models import Audit, AuditKind, Notice
from audits.visits.queries import AuditRecord, audit_on
from compliance import clock, trail
from compliance.database import insert_new
from compliance.identifiers import new_id, new_public_id
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.policies.queries import in_force, programme_named
from compliance.problems import Kind, Problem
from compliance.registry.actions import SiteUnknown
from compliance.registry.days import refuse_disorder
from compliance.registry.models import Site
from compliance.registry.queries import SiteNotFound, SiteRecord, site
from compliance.registry.supply_base import SupplyBase, supply_base
from compliance.texts import N_
from rules.vocabulary import SiteKind

SEED_BYTES = 16
LEVELS = tuple(RiskLevel)
NOT_VISITED = frozenset({State.PLANNED, State.VOIDED})


class NothingToDraw(Problem):
    kind = Kind.CONFLICT
    title = N_("Nobody is known who could be drawn")
    detail = N_(
        "No active producer is known upstream of {mill} in season {season}. Register "
        "the supply links of the season first."
    )


class DrawnAlready(Problem):
    """Drawing again from what has not changed would be choosing among outcomes."""

    kind = Kind.CONFLICT
    title = N_("This was drawn already")
    detail = N_(
        "{draw} was drawn from the very same sites, strata and policy. Use it; a site "
        "that cannot be visited is swapped for a reserve there."
    )


class NotInTheSample(Problem):
    kind = Kind.CONFLICT
    title = N_("This site is not in the sample")
    detail = N_(
        "{site} is not among the sites that are to be visited by {draw}. Only such a "
        "site can be swapped, and only once."
    )


class VisitedAlready(Problem):
    """What a visit found cannot be got rid of by visiting somebody else."""

    kind = Kind.CONFLICT
    title = N_("The site was visited already")
    detail = N_("The audit {audit} of {site} has answers, so the site stays.")


@dataclass(frozen=True)
class Framed:
    """What a draw would be made from as things are now; no seed is drawn for it.

    `drawn_as` is the draw that was made from the very same frame already.
    """

    mill: SiteRecord
    programme_id: uuid.UUID | None
    frame: Frame
    farms: tuple[Farm, ...]
    base_is_cut: bool
    drawn_as: str | None


def framed(
    session: Session,
    scope: Scope,
    *,
    mill: str,
    season: str,
    level: RiskLevel,
    programme: str | None = None,
) -> Framed:
    """Return the frame of a draw from the producers upstream of a mill in a season."""
    scope.require(Permission.MANAGE_FIELDWORK)
    root = _mill(session, scope, mill)
    named = (
        None
        if programme is None
        else programme_named(session, scope.organisation_id, programme)
    )
    policy = in_force(session, scope, SAMPLING, clock.today(), programme=programme)
    base = supply_base(session, scope, root, season=season)
    farms = farms_among(session, scope, base.sites, season=season)
    if not farms:
        raise NothingToDraw(mill=root.public_id, season=season)
    held = _level(session, scope, base, level)
    frame = frozen(root, season, programme, held, policy, farms)
    return Framed(
        mill=root,
        programme_id=None if named is None else named.id,
        frame=frame,
        farms=farms,
        base_is_cut=base.is_cut,
        drawn_as=_drawn_as(session, scope, frame),
    )


def make(
    session: Session,
    scope: Scope,
    *,
    mill: str,
    season: str,
    level: RiskLevel,
    programme: str | None = None,
) -> OpenDraw:
    """Draw from the producers upstream of a mill (public id) in a season.

    The level is the one that is stated, or the higher one that an open red flag implies.
    """
    found = framed(
        session, scope, mill=mill, season=season, level=level, programme=programme
    )
    root, frame, farms = found.mill, found.frame, found.farms
    if found.drawn_as is not None:
        raise DrawnAlready(draw=found.drawn_as)
    heard = in_force(session, scope, INTERVIEWS, clock.today(), programme=programme)

    seed = clock.random_bytes(SEED_BYTES).hex()  # only now, the frame being fixed
    identifier, public_id = new_id(), new_public_id("draw")
    is_new = insert_new(
        session,
        Draw,
        id=identifier,
        public_id=public_id,
        owner_id=scope.organisation_id,
        mill_id=root.id,
        season=season,
        commodity=root.commodity,
        programme_id=found.programme_id,
        number=_next_number(session, root, season),
        stated_level=level,
        level=frame.level,
        sites=len(farms),
        size=frame.size,
        reserves=frame.reserves,
        base_is_cut=found.base_is_cut,
        frame=frame.written().decode(),
        frame_sha256=hash_of(frame),
        seed=seed,
        drawn_by=scope.actor,
        drawn_at=clock.now(),
    )
    if not is_new:  # somebody else drew meanwhile
        return make(
            session,
            scope,
            mill=mill,
            season=season,
            level=level,
            programme=programme,
        )
    drawn = drawing.draw(frame, seed)
    known = {farm.public_id: farm for farm in farms}
    chosen = {DrawnAs.DRAWN: drawn.drawn, DrawnAs.RESERVE: drawn.reserves}
    _keep(session, scope, identifier, chosen, known, heard)
    trail.record(
        session,
        organisation_id=scope.organisation_id,
        actor=scope.actor,
        action="draw.made",
        subject_id=public_id,
        mill=root.public_id,
        season=season,
        programme=programme,
        level=frame.level,
        frame_sha256=hash_of(frame),
        seed=seed,
        drawn=[one.site for one in drawn.drawn],
        reserves=[one.site for one in drawn.reserves],
    )
    return draw(session, scope, public_id)


def frozen(
    root: SiteRecord,
    season: str,
    programme: str | None,
    level: RiskLevel,
    policy: SamplingPolicy,
    farms: Iterable[Farm],
) -> Frame:
    """Return the frame of a draw: all that it depends on but the seed."""
    bounds = bounds_for(policy, root.commodity)
    candidates = tuple(candidate(farm, bounds) for farm in farms)
    size = policy.size(level, len(candidates))
    return Frame(
        mill=root.public_id,
        season=season,
        commodity=root.commodity,
        programme=programme,
        level=level,
        factor_percent=policy.factor_percent[level],
        least=policy.least,
        reserve_percent=policy.reserve_percent,
        size=size,
        reserves=policy.reserves(size, len(candidates)),
        candidates=candidates,
    )


def swap(
    session: Session, scope: Scope, public_id: str, *, out: str, reason: SwapReason
) -> OpenDraw:
    """Put the reserve whose turn it is in the place of a site that cannot be visited.

    `out` is the site's public id as the draw tells it. Without a reserve the place
    stays empty, and the draw tells how many do.
    """
    scope.require(Permission.MANAGE_FIELDWORK)
    found = _locked(session, scope, public_id)
    leaving = next((one for one in found.sample if one.frame_id == out), None)
    if leaving is None:
        raise NotInTheSample(site=out, draw=public_id)
    _refuse_visited(session, scope, found, leaving)
    coming = _next_reserve(found, leaving)
    session.execute(
        insert(DrawSwap).values(
            id=new_id(),
            draw_id=found.record.id,
            owner_id=scope.organisation_id,
            ordinal=len(found.swaps) + 1,
            out_site_id=leaving.site_id,
            in_site_id=None if coming is None else coming.site_id,
            reason=reason,
            swapped_by=scope.actor,
            swapped_at=clock.now(),
        )
    )
    trail.record(
        session,
        organisation_id=scope.organisation_id,
        actor=scope.actor,
        action="draw.swapped",
        subject_id=public_id,
        out=out,
        into=None if coming is None else coming.frame_id,
        reason=reason,
    )
    return draw(session, scope, public_id)


def plan(
    session: Session,
    scope: Scope,
    public_id: str,
    *,
    fieldwork_from: date,
    fieldwork_to: date,
    notice: Notice = Notice.UNANNOUNCED,
) -> OpenDraw:
    """Plan an audit, over a window of days, of every site of the sample without one.

    A site that is already to be visited on the first day keeps that audit.
    """
    scope.require(Permission.MANAGE_FIELDWORK)
    refuse_disorder(fieldwork_from=fieldwork_from, fieldwork_to=fieldwork_to)
    found = _locked(session, scope, public_id)
    for one in found.sample:
        if found.audit_of(one) is not None:
            continue
        place = site(session, scope, one.frame_id)
        planned = _planned_on(session, scope, place, fieldwork_from) or plan_visit(
            session,
            scope,
            site=place,
            fieldwork_from=fieldwork_from,
            fieldwork_to=fieldwork_to,
            notice=notice,
            season=found.record.season,
            programme=found.record.programme,
        )
        _note_visit(session, scope, found, one, planned)
    return draw(session, scope, public_id)


def _mill(session: Session, scope: Scope, public_id: str) -> SiteRecord:
    try:
        return site(session, scope, public_id, kind=SiteKind.MILL)
    except SiteNotFound as error:
        raise SiteUnknown(field="mill", site=public_id) from error


def _level(
    session: Session, scope: Scope, base: SupplyBase, stated: RiskLevel
) -> RiskLevel:
    """Return the stated level, or the one of an open red flag: never a lower one."""
    sites = base.sites | {base.site.id}
    if has_open_red_flag(session, scope, sites):
        return max(stated, RiskLevel.RED_FLAG, key=LEVELS.index)
    return stated


def _drawn_as(session: Session, scope: Scope, frame: Frame) -> str | None:
    """Return the draw that was made from the very same frame."""
    return session.scalar(
        select(Draw.public_id).where(
            Draw.owner_id == scope.organisation_id, Draw.frame_sha256 == hash_of(frame)
        )
    )


def _next_number(session: Session, mill: SiteRecord, season: str) -> int:
    last = session.scalar(
        select(func.max(Draw.number)).where(
            Draw.mill_id == mill.id, Draw.season == season
        )
    )
    return (last or 0) + 1


def _keep(
    session: Session,
    scope: Scope,
    draw_id: uuid.UUID,
    chosen: Mapping[DrawnAs, tuple[Candidate, ...]],
    known: Mapping[str, Farm],
    heard: InterviewPolicy,
) -> None:
    session.execute(
        insert(DrawSite),
        [
            {
                "draw_id": draw_id,
                "site_id": known[one.site].id,
                "owner_id": scope.organisation_id,
                "role": role,
                "ordinal": ordinal,
                **_quota_values(heard, known[one.site]),
            }
            for role, candidates in chosen.items()
            for ordinal, one in enumerate(candidates, 1)
        ],
    )


def _quota_values(heard: InterviewPolicy, farm: Farm) -> Mapping[str, object]:
    found = quota_for(heard, farm.present)
    if isinstance(found, Unknown) or farm.present is None:
        names = ("workers", "auditor_days", "individual", "group_count", "group_size")
        return {**dict.fromkeys((*names, "files")), "quota_unknown": found}
    return {
        "workers": farm.present.workers,
        "auditor_days": found.auditor_days,
        "individual": found.individual,
        "group_count": found.groups,
        "group_size": found.group_size,
        "files": found.files,
        "quota_unknown": None,
    }


def _locked(session: Session, scope: Scope, public_id: str) -> OpenDraw:
    """Return a draw that nobody else swaps in or plans for meanwhile."""
    session.execute(
        select(Draw.id)
        .where(Draw.owner_id == scope.organisation_id, Draw.public_id == public_id)
        .with_for_update()
    )
    return draw(session, scope, public_id)


def _next_reserve(found: OpenDraw, leaving: SiteOfDraw) -> SiteOfDraw | None:
    reserves = found.chosen(DrawnAs.RESERVE)
    coming = replacement(
        Candidate(leaving.frame_id, found.strata[leaving.frame_id]),
        [Candidate(one.frame_id, found.strata[one.frame_id]) for one in reserves],
        {swap.into for swap in found.swaps if swap.into is not None},
    )
    if coming is None:
        return None
    return next(one for one in reserves if one.frame_id == coming.site)


Leaving, Visited = aliased(Site), aliased(Site)


def _refuse_visited(
    session: Session, scope: Scope, found: OpenDraw, leaving: SiteOfDraw
) -> None:
    audit = session.scalar(
        select(Audit.public_id)
        .join(Visited, Visited.id == Audit.site_id)
        .join(Leaving, Leaving.kept_id == Visited.kept_id)
        .where(
            Leaving.id == leaving.site_id,
            Audit.owner_id == scope.organisation_id,
            Audit.kind != AuditKind.SELF_ASSESSMENT,
            Audit.status.not_in(sorted(NOT_VISITED)),
            Audit.fieldwork_to >= found.record.drawn_at.date(),
        )
        .limit(1)
    )
    if audit is not None:
        raise VisitedAlready(audit=audit, site=leaving.frame_id)


def _planned_on(
    session: Session, scope: Scope, place: SiteRecord, day: date
) -> AuditRecord | None:
    kind = KIND_OF_AUDIT[place.kind]
    return audit_on(session, scope, site_id=place.id, kind=kind, day=day)


def _note_visit(
    session: Session,
    scope: Scope,
    found: OpenDraw,
    one: SiteOfDraw,
    planned: AuditRecord,
) -> None:
    session.execute(
        insert(DrawVisit).values(
            draw_id=found.record.id,
            audit_id=planned.id,
            site_id=one.site_id,
            owner_id=scope.organisation_id,
            planned_by=scope.actor,
            planned_at=clock.now(),
        )
    )
    trail.record(
        session,
        organisation_id=scope.organisation_id,
        actor=scope.actor,
        action="draw.visit_planned",
        subject_id=found.record.public_id,
        site=one.frame_id,
        audit=planned.public_id,
    )
