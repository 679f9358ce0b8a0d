"""Giving visits: to whom, of which sites, with which checklists, until when."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.pages.forms import FieldWrong, Form, form_of, go_to, sent
from api.pages.options import Options
from api.pages.rendering import page
from api.pages.tables import words_chosen
from api.pages.teams import Candidate, candidates_for
from api.routing import feature_router
from audits.checklists.queries import open_versions
from audits.fieldwork import actions
from audits.fieldwork.actions import AlreadyAssigned
from audits.fieldwork.models import NOTE_CHARACTERS
from audits.fieldwork.queries import assignment
from audits.sampling import queries as draws
from audits.visits.lifecycle import State
from audits.visits.models import AuditKind
from audits.visits.queries import audits
from compliance import clock, limits
from compliance.idempotency import Answer
from compliance.identity.devices import DeviceState, devices
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.registry.queries import SiteNotFound, SiteRecord, site, sites
from compliance.texts import N_

ROWS = 50
OFFERED = frozenset({DeviceState.WAITING, DeviceState.IN_USE})

new_assignments = feature_router("/assignments", "pages")


@dataclass(frozen=True)
class Choosing:
    """What the form offers: sites, people, devices and checklists."""

    scope: Scope
    form: Form
    sites: tuple[SiteRecord, ...]
    found_by: str
    people: tuple[Candidate, ...]
    devices: Options
    checklists: Options


@new_assignments.get("/new", include_in_schema=False)
async def show_new(request: Request) -> Response:
    """Show the form to give visits: of a sample, of sites that are named, or looked for."""
    values = {name: request.query_params.get(name, "") for name in ("due_on",)}
    people = request.query_params.get("person", "")
    lists = {
        "site": tuple(request.query_params.getlist("site")),
        "checklist": tuple(request.query_params.getlist("checklist")),
    }
    return await _form_page(request, Form({**values, "whom": people}, lists))


@new_assignments.post("", include_in_schema=False)
async def assign(request: Request) -> Response:
    """Give the visits of all the sites that were ticked: all of them, or none.

    A visit that they have already, with all that is asked now, stays as it was given.
    """
    form = await form_of(request)

    def work(session: Session, scope: Scope) -> Answer:
        chosen = form.all("site")
        asked = form.all("checklist")
        whom = form.required("whom")
        due_on = form.day("due_on")
        _require(chosen, "site", N_("Tick at least one site."))
        _require(asked, "checklist", N_("Tick at least one checklist."))
        if len(chosen) > limits.PAGE_ROWS or len(asked) > limits.ASSIGNED_CHECKLISTS:
            raise FieldWrong("site", N_("That is too much at once. Give fewer."))
        if due_on is None:
            raise LookupError("a day that is required was not read")
        note = form.value("note").strip()
        if len(note) > NOTE_CHARACTERS:
            raise FieldWrong("note", N_("Write at most 500 characters."))
        is_device = whom.startswith("device_")
        standing: list[AlreadyAssigned] = []
        wanted = tuple(dict.fromkeys(chosen))
        for one in wanted:
            try:
                actions.assign(
                    session,
                    scope,
                    site_id=one,
                    checklist_ids=asked,
                    due_on=due_on,
                    person=None if is_device else whom,
                    device_id=whom if is_device else None,
                    note=note or None,
                )
            except AlreadyAssigned as known:
                if not _asks_all(session, scope, known, asked):
                    raise
                standing.append(known)
        if len(standing) == len(wanted):
            raise standing[0]
        return go_to("/assignments", done="assigned_rest" if standing else "assigned")

    return await sent(request, form, work, lambda form: _form_page(request, form))


def _asks_all(
    session: Session, scope: Scope, known: AlreadyAssigned, asked: Iterable[str]
) -> bool:
    """Tell whether an assignment that stands asks for all that is asked now."""
    found = assignment(session, scope, str(known.facts["assignment"]))
    return set(asked) <= {one.checklist for one in found.checklists}


def _require(chosen: Iterable[str], field: str, why: str) -> None:
    if not list(chosen):
        raise FieldWrong(field, why)


async def _form_page(request: Request, form: Form) -> Response:
    seen = await hop.read(
        request, lambda session, scope: _offer(request, session, scope, form)
    )
    return page(
        request,
        "assignment_new.html",
        scope=seen.scope,
        status=form.status,
        seen=seen,
        form=seen.form,
        today=clock.today(),
        draw=words_chosen(request, "draw") or form.value("draw"),
        find=words_chosen(request, "find") or form.value("find"),
    )


def _offer(request: Request, session: Session, scope: Scope, form: Form) -> Choosing:
    scope.require(Permission.MANAGE_FIELDWORK)
    draw = words_chosen(request, "draw") or form.value("draw")
    find = words_chosen(request, "find") or form.value("find")
    offered, found_by = _sites(session, scope, draw, find, form.all("site"))
    if draw and not form.values.get("once") and not form.all("site"):
        form = replace(
            form, lists={**form.lists, "site": tuple(one.public_id for one in offered)}
        )
    found = devices(session, scope, rows=limits.PAGE_ROWS).rows
    return Choosing(
        scope=scope,
        form=form,
        sites=offered,
        found_by=found_by,
        people=candidates_for(session, scope, AuditKind.FARM_VISIT),
        devices=tuple(
            (one.public_id, one.label) for one in found if one.state in OFFERED
        ),
        checklists=tuple(
            (one.form_id, one.title) for one in open_versions(session, scope)
        ),
    )


def _sites(
    session: Session, scope: Scope, draw: str, find: str, chosen: tuple[str, ...]
) -> tuple[tuple[SiteRecord, ...], str]:
    """Return the sites to tick, and where they come from."""
    if draw:
        sample = draws.draw(session, scope, draw).sample
        return _named(session, scope, [one.frame_id for one in sample]), "draw"
    ticked = _named(session, scope, chosen)
    if find:
        found = sites(session, scope, rows=ROWS, name=find).rows
        return tuple(dict.fromkeys((*ticked, *found))), "find"
    if ticked:
        return ticked, "named"
    planned = audits(
        session,
        scope,
        rows=ROWS,
        status=State.PLANNED,
        from_day=clock.today(),
    ).rows
    return _named(session, scope, [one.site_public_id for one in planned]), "planned"


def _named(
    session: Session, scope: Scope, ids: Iterable[str]
) -> tuple[SiteRecord, ...]:
    found: dict[str, SiteRecord] = {}
    for one in list(dict.fromkeys(ids))[: limits.PAGE_ROWS]:
        try:
            known = site(session, scope, one)
        except SiteNotFound:
            continue
        found[known.public_id] = known
    return tuple(found.values())
