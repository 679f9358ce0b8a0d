"""One sample: its seed, its sites, how anybody draws it again, its swaps and its visits."""

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.pages.draws_told import StratumTold, stratum_told
from api.pages.forms import Form, form_of, go_to, sent
from api.pages.options import Options, codes_told
from api.pages.rendering import language_of, page
from api.pages.teams import Candidate, candidates_for, lead_alone
from api.routing import feature_router
from audits.sampling import actions, queries
from audits.sampling.drawing import strata_told
from audits.sampling.models import DrawnAs, SwapReason
from audits.sampling.queries import (
    OpenDraw,
    SiteOfDraw,
    Standing,
    SwapRecord,
    VisitOfDraw,
)
from audits.sampling.quotas import Quota, Unknown
from audits.visits.lifecycle import State
from audits.visits.models import AuditKind, Notice
from compliance import clock
from compliance.idempotency import Answer
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.texts import N_, translate

drawn = feature_router("/draws", "pages")

NOTES: Mapping[str, str] = {
    "drawn": N_("The sample is drawn. Now plan its visits."),
    "swapped": N_(
        "The swap is kept. Below stands which reserve came in, if one was left; plan its "
        "visit too."
    ),
    "planned": N_("The visits are planned. Now give them to somebody."),
    "kept": N_(
        "The visits are planned. A site that is visited on the first day already keeps "
        "that visit; its state stands below. Now give the others to somebody."
    ),
}
WAYS_TO_PLAN = frozenset({Permission.MANAGE_FIELDWORK, Permission.SUBMIT_VISITS})


@dataclass(frozen=True)
class SiteTold:
    """A site of the draw with all that stands beside it."""

    site: SiteOfDraw
    standing: Standing
    stratum: StratumTold
    quota: Quota | None
    unknown: Unknown | None
    visit: VisitOfDraw | None
    replaced_by: SiteOfDraw | None
    """Who came in for a site that was swapped out; nobody where no reserve was left."""


@dataclass(frozen=True)
class Counted:
    """A stratum in figures."""

    stratum: StratumTold
    sites: int
    drawn: int
    reserves: int


@dataclass(frozen=True)
class Seen:
    """All that the page of a draw shows."""

    scope: Scope
    found: OpenDraw
    sample: tuple[SiteTold, ...]
    reserves: tuple[SiteTold, ...]
    strata: tuple[Counted, ...]
    swaps: tuple[SwapRecord, ...]
    names: Mapping[str, str]
    candidates: tuple[Candidate, ...]

    @property
    def unplanned(self) -> int:
        """How many sites of the sample have no visit planned yet."""
        return sum(
            one.visit is None and one.standing is not Standing.SWAPPED_OUT
            for one in self.sample
        )

    @property
    def can_leave(self) -> Options:
        """The sites that can still be swapped."""
        return tuple(
            (one.site.frame_id, one.site.name)
            for one in self.sample
            if one.standing is not Standing.SWAPPED_OUT
        )


@drawn.get("/{draw}", include_in_schema=False)
async def show_draw(request: Request, draw: str) -> Response:
    """Show a draw: its strata, its sites, and what became of them."""
    return await _page_of(request, draw, Form())


@drawn.post("/{draw}/swaps", include_in_schema=False)
async def swap_site(request: Request, draw: str) -> Response:
    """Put a reserve in the place of a site that cannot be visited."""
    form = await form_of(request)

    def work(session: Session, scope: Scope) -> Answer:
        actions.swap(
            session,
            scope,
            draw,
            out=form.required("site"),
            reason=form.choice("reason", SwapReason),
        )
        return go_to(f"/draws/{draw}", done="swapped")

    return await sent(request, form, work, lambda form: _page_of(request, draw, form))


@drawn.post("/{draw}/plan", include_in_schema=False)
async def plan_visits(request: Request, draw: str) -> Response:
    """Plan an audit of every site of the sample, and say who leads where that is known."""
    form = await form_of(request)

    def work(session: Session, scope: Scope) -> Answer:
        first, last = form.day("fieldwork_from"), form.day("fieldwork_to")
        notice = form.choice("notice", Notice)
        lead = form.value("lead") or None
        if first is None or last is None:
            raise LookupError("a day that is required was not read")
        before = {one.audit for one in queries.draw(session, scope, draw).visits}
        found = actions.plan(
            session, scope, draw, fieldwork_from=first, fieldwork_to=last, notice=notice
        )
        new = [one for one in found.visits if one.audit not in before]
        if lead is not None:
            lead_alone(session, scope, [one.audit for one in new], lead)
        kept = any(one.status is not State.PLANNED for one in new)
        return go_to(f"/draws/{draw}", done="kept" if kept else "planned")

    return await sent(request, form, work, lambda form: _page_of(request, draw, form))


async def _page_of(request: Request, draw: str, form: Form) -> Response:
    seen = await hop.read(
        request, lambda session, scope: _see(request, session, scope, draw)
    )
    language = language_of(request, seen.scope)
    note = NOTES.get(request.query_params.get("done", ""))
    return page(
        request,
        "draw.html",
        scope=seen.scope,
        status=form.status,
        seen=seen,
        draw=seen.found.record,
        form=form,
        today=clock.today(),
        reasons=codes_told(SwapReason, language),
        notices=codes_told(
            (one for one in Notice if one is not Notice.UNKNOWN), language
        ),
        may_plan=all(seen.scope.may(one) for one in WAYS_TO_PLAN),
        public_url=hop.service_of(request).settings.resolved_public_url,
        done_note=None if note is None else translate(note, language),
    )


def _see(request: Request, session: Session, scope: Scope, draw: str) -> Seen:
    found = queries.draw(session, scope, draw)
    language = language_of(request, scope)
    told = [_told(found, one, language) for one in found.sites]
    sample = {Standing.DRAWN, Standing.SWAPPED_IN, Standing.SWAPPED_OUT}
    return Seen(
        scope=scope,
        found=found,
        sample=tuple(one for one in told if one.standing in sample),
        reserves=tuple(one for one in told if one.standing is Standing.RESERVE),
        strata=tuple(_counted(found, language)),
        swaps=found.swaps,
        names={one.frame_id: one.name for one in found.sites},
        candidates=candidates_for(session, scope, AuditKind.FARM_VISIT),
    )


def _told(found: OpenDraw, one: SiteOfDraw, language: str) -> SiteTold:
    return SiteTold(
        site=one,
        standing=found.standing(one),
        stratum=stratum_told(found.strata[one.frame_id], language),
        quota=one.quota if isinstance(one.quota, Quota) else None,
        unknown=one.quota if isinstance(one.quota, Unknown) else None,
        visit=found.audit_of(one),
        replaced_by=found.replacement_of(one),
    )


def _counted(found: OpenDraw, language: str) -> list[Counted]:
    chosen = {role: {one.frame_id for one in found.chosen(role)} for role in DrawnAs}
    counted = strata_told(
        found.candidates, chosen[DrawnAs.DRAWN], chosen[DrawnAs.RESERVE]
    )
    return [Counted(stratum_told(key, language), *rest) for key, *rest in counted]
