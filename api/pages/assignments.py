"""Who visits which site with which checklists: what each has before them, give and take back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.pages.forms import Form, form_of, go_to, sent
from api.pages.options import Options, codes_told, names_told
from api.pages.rendering import language_of, page
from api.pages.tables import (
    Listed,
    chosen,
    csv_response,
    day_chosen,
    listed,
    pager,
    read_list,
    wants_csv,
    words_chosen,
)
from api.routing import feature_router
from audits.fieldwork import actions, queries
from audits.fieldwork.queries import AssignmentRecord, AssignmentState, Burden
from compliance import clock
from compliance.database import Page
from compliance.idempotency import Answer
from compliance.identity.auditors import auditors
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.texts import N_, translate

ROWS = 25
NOTES: Mapping[str, str] = {
    "assigned": N_("The visits are given. They are on the list of whoever makes them."),
    "assigned_rest": N_(
        "The visits are given. They had some of them already: those stay as they were."
    ),
    "withdrawn": N_("The visit is taken back. What was sent for it already stays."),
}

assignments = feature_router("/assignments", "pages")
my_visits = feature_router("/my-visits", "pages")


@dataclass(frozen=True)
class Seen:
    """The assignments, and what each auditor has before them."""

    found: Listed[AssignmentRecord]
    people: Options
    burdens: tuple[Burden, ...]


@assignments.get("", include_in_schema=False)
async def list_assignments(request: Request) -> Response:
    """Show who visits which site by when, and what became of it."""
    wanted: dict[str, str | date | None] = {
        "person": words_chosen(request, "person"),
        "state": chosen(request, "state", AssignmentState),
        "site": words_chosen(request, "site"),
        "due_by": day_chosen(request, "due_by"),
    }

    def page_of(
        session: Session, scope: Scope, rows: int, after: str | None
    ) -> Page[AssignmentRecord]:
        return queries.assignments(session, scope, rows=rows, after=after, **wanted)

    def work(session: Session, scope: Scope) -> Seen:
        return Seen(
            listed(request, session, scope, page_of, rows=ROWS),
            names_told(auditors(session, scope)),
            queries.burdens(session, scope),
        )

    seen = await hop.read(request, work)
    if wants_csv(request):
        return csv_response([_cells(row) for row in seen.found.rows], "assignments")
    scope = seen.found.scope
    language = language_of(request, scope)
    note = NOTES.get(request.query_params.get("done", ""))
    return page(
        request,
        "assignments.html",
        scope=scope,
        seen=seen,
        wanted=wanted,
        is_narrowed=any(wanted.values()),
        today=clock.today(),
        states=codes_told(AssignmentState, language),
        again=again_address,
        done_note=None if note is None else translate(note, language),
        **pager(request, seen.found.next_after),
    )


@my_visits.get("", include_in_schema=False)
async def list_mine(request: Request) -> Response:
    """Show the visits that were given to whoever looks."""
    state = chosen(request, "state", AssignmentState)
    seen = await read_list(
        request,
        lambda session, scope, rows, after: queries.own_assignments(
            session, scope, rows=rows, after=after, state=state
        ),
        rows=ROWS,
    )
    return page(
        request,
        "my_visits.html",
        scope=seen.scope,
        seen=seen,
        state=state,
        today=clock.today(),
        states=codes_told(AssignmentState, language_of(request, seen.scope)),
        **pager(request, seen.next_after),
    )


@assignments.post("/{assignment}/withdraw", include_in_schema=False)
async def withdraw(request: Request, assignment: str) -> Response:
    """Take an open visit back."""
    form = await form_of(request)

    def work(session: Session, scope: Scope) -> Answer:
        actions.withdraw(session, scope, assignment)
        return go_to(f"/assignments/{assignment}", done="withdrawn")

    return await sent(request, form, work, lambda form: show(request, assignment, form))


@assignments.get("/{assignment}", include_in_schema=False)
async def show_assignment(request: Request, assignment: str) -> Response:
    """Show one visit that was given, and what came for it."""
    return await show(request, assignment, Form())


async def show(request: Request, assignment: str, form: Form) -> Response:
    def see(session: Session, scope: Scope) -> tuple[Scope, AssignmentRecord]:
        return scope, queries.assignment(session, scope, assignment)

    scope, found = await hop.read(request, see)
    note = NOTES.get(request.query_params.get("done", ""))
    return page(
        request,
        "assignment.html",
        scope=scope,
        status=form.status,
        form=form,
        found=found,
        today=clock.today(),
        again=again_address(found),
        may_read_visits=scope.may(Permission.READ_VISITS),
        done_note=None
        if note is None
        else translate(note, language_of(request, scope)),
    )


def again_address(found: AssignmentRecord) -> str:
    """Return the form that gives the same visit once more: the way back of a withdrawal."""
    chosen = [
        ("site", found.site),
        *(("checklist", one.checklist) for one in found.checklists),
        ("due_on", found.due_on.isoformat()),
    ]
    if found.person is not None:
        chosen.append(("person", found.person))
    return f"/assignments/new?{urlencode(chosen)}"


def _cells(row: AssignmentRecord) -> dict[str, Any]:
    """Return an assignment for a spreadsheet: codes, and no note that somebody wrote."""
    return {
        "id": row.public_id,
        "site": row.site,
        "site_name": row.site_name,
        "municipality": row.municipality,
        "person": row.person,
        "device": row.device,
        "due_on": row.due_on,
        "state": row.state.value,
        "checklists": " ".join(one.checklist for one in row.checklists),
        "assigned_at": row.assigned_at,
        "withdrawn_at": row.withdrawn_at,
    }
