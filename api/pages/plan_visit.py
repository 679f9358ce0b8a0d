"""Planning one visit of a chosen site by hand: when, what for, and who goes along."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.pages.forms import FieldWrong, Form, form_of, go_to, sent
from api.pages.options import Options, codes_told, names_told, same_told
from api.pages.rendering import language_of, page
from api.pages.teams import Candidate, candidates_for
from api.pages.words import STATED
from api.routing import feature_router
from audits.competence.policy import COMPETENCE, Need
from audits.visits import actions
from audits.visits.actions import KIND_OF_AUDIT, NewMember
from audits.visits.models import AuditKind, Notice, Purpose, TeamRole
from compliance import clock, limits
from compliance.idempotency import Answer
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.policies.queries import in_force, programmes
from compliance.registry.choices import seasons_of_links
from compliance.registry.queries import SiteRecord, site
from compliance.texts import N_, translate

MINUTES = 60
MOST_HOURS = 1_000
PAYERS = ("buyer", "site", "scheme", "programme", "public", "shared")
ROLE = "role."
SEASON = re.compile(r"20\d\d(-(main|mid))?", re.ASCII)

plan_visit = feature_router("/supply-base/{site_id}/plan-visit", "pages")


@dataclass(frozen=True)
class Choosing:
    """What the form offers of one site."""

    scope: Scope
    site: SiteRecord
    kind: AuditKind
    people: tuple[Candidate, ...]
    needs: tuple[Need, ...]
    programmes: Options
    seasons: Options


@plan_visit.get("", include_in_schema=False)
async def show_form(request: Request, site_id: str) -> Response:
    """Show the form to plan a visit of a site."""
    return await _form_page(request, site_id, Form())


@plan_visit.post("", include_in_schema=False)
async def plan(request: Request, site_id: str) -> Response:
    """Plan the visit, and name its team where somebody was chosen."""
    form = await form_of(request)

    def work(session: Session, scope: Scope) -> Answer:
        known = site(session, scope, site_id)
        first, last = form.day("fieldwork_from"), form.day("fieldwork_to")
        if first is None or last is None:
            raise LookupError("a day that is required was not read")
        planned = actions.plan(
            session,
            scope,
            site=known,
            fieldwork_from=first,
            fieldwork_to=last,
            notice=form.choice("notice", Notice),
            planned_minutes=_minutes(form),
            purpose=form.chosen("purpose", Purpose) or Purpose.UNSTATED,
            programme=form.value("programme") or None,
            season=_season(form),
            payer=_payer(form),
        )
        members = _members(form)
        if members:
            actions.set_team(session, scope, planned.public_id, members=members)
        return go_to(f"/sites/{known.public_id}", done="planned")

    return await sent(
        request, form, work, lambda form: _form_page(request, site_id, form)
    )


def _minutes(form: Form) -> int | None:
    """Return the hours planned, in minutes; None where nothing was said."""
    if not form.value("hours").strip():
        return None
    hours = form.number("hours")
    if not 0 <= hours <= MOST_HOURS:
        raise FieldWrong("hours", N_("Write the hours as a number from 0 to 1000."))
    return hours * MINUTES


def _season(form: Form) -> str | None:
    season = form.value("season")
    if season and SEASON.fullmatch(season) is None:
        raise FieldWrong("season", N_("Choose one of the list."))
    return season or None


def _payer(form: Form) -> str | None:
    payer = form.value("payer")
    if payer and payer not in PAYERS:
        raise FieldWrong("payer", N_("Choose one of the list."))
    return payer or None


def _members(form: Form) -> Sequence[NewMember]:
    """Return who was given a role; the fields are named for the people."""
    chosen = [name for name in form.values if name.startswith(ROLE)]
    found = []
    for name in chosen:
        role = form.chosen(name, TeamRole)
        if role is not None:
            found.append(NewMember(role=role, person=name.removeprefix(ROLE)))
    return found


async def _form_page(request: Request, site_id: str, form: Form) -> Response:
    seen = await hop.read(
        request, lambda session, scope: _offer(session, scope, site_id)
    )
    language = language_of(request, seen.scope)
    return page(
        request,
        "plan_visit.html",
        scope=seen.scope,
        status=form.status,
        seen=seen,
        form=form,
        notices=codes_told(Notice, language),
        purposes=codes_told(
            (one for one in Purpose if one is not Purpose.UNSTATED), language
        ),
        payers=tuple((one, translate(STATED[one], language)) for one in PAYERS),
        roles=codes_told(TeamRole, language),
    )


def _offer(session: Session, scope: Scope, site_id: str) -> Choosing:
    scope.require(Permission.SUBMIT_VISITS)
    known = site(session, scope, site_id)
    kind = KIND_OF_AUDIT[known.kind]
    policy = in_force(session, scope, COMPETENCE, clock.today())
    may_name = scope.may(Permission.SUPERVISE_VISITS)
    named = programmes(session, scope, rows=limits.PAGE_ROWS).rows
    return Choosing(
        scope=scope,
        site=known,
        kind=kind,
        people=candidates_for(session, scope, kind) if may_name else (),
        needs=tuple(need for need in policy.needs if kind in need.audits),
        programmes=names_told(named),
        seasons=same_told(seasons_of_links(session, scope)),
    )
