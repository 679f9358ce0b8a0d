"""Assignments over HTTP: who visits which site by when, and one's own."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import Query, Request
from pydantic import Field, StringConstraints
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.lists import After, Rows, page_response
from api.routing import feature_router
from api.wire import ONE_PROBLEMS, PROBLEMS, Day, Instant, ProblemDocument, Wire
from audits.checklists.models import FORM_WORD_CHARACTERS
from audits.fieldwork import actions, queries
from audits.fieldwork.models import NOTE_CHARACTERS
from audits.fieldwork.queries import AssignmentRecord, AssignmentState
from compliance import limits
from compliance.idempotency import Answer
from compliance.identity.scope import Scope

PublicId = Annotated[
    str, StringConstraints(pattern=r"^[a-z]+_[0-9a-z]+$", max_length=40, strict=True)
]
FormId = Annotated[
    str,
    StringConstraints(min_length=1, max_length=FORM_WORD_CHARACTERS, strict=True),
]
CONFLICT: dict[int | str, dict[str, Any]] = {
    409: {"model": ProblemDocument, "description": "It contradicts what is there."}
}


class NewAssignment(Wire):
    """A visit for one person, or for one device."""

    site: PublicId
    checklists: Annotated[
        list[FormId],
        Field(
            min_length=1,
            max_length=limits.ASSIGNED_CHECKLISTS,
            description="Form ids of the checklists to be filled in there.",
        ),
    ]
    person: PublicId | None = None
    device: Annotated[
        PublicId | None, Field(description="For a device that is nobody's own.")
    ] = None
    due_on: Day
    note: Annotated[
        Annotated[
            str,
            StringConstraints(min_length=1, max_length=NOTE_CHARACTERS, strict=True),
        ]
        | None,
        Field(description="How to get there, whom to ask for; no worker's name."),
    ] = None


class AskedWire(Wire):
    """A checklist that is asked for, and the submission that came for it."""

    checklist: str
    title: Annotated[str, Field(description="As its newest version is called.")]
    submission: str | None


class AssignmentWire(Wire):
    """A visit that somebody shall make, or has made."""

    id: str
    site: str
    site_name: str
    municipality: str | None
    person: str | None
    person_name: str | None
    device: str | None
    device_label: str | None
    due_on: Day
    note: str | None
    state: AssignmentState
    checklists: list[AskedWire]
    assigned_by: str
    assigned_at: Instant
    withdrawn_at: Instant | None


class AssignmentPage(Wire):
    items: list[AssignmentWire]
    next: str | None


assignments = feature_router("/v1/assignments", "assignments")
own_assignments = feature_router("/v1/me/assignments", "me")


@assignments.get("", responses={200: {"model": AssignmentPage}, **PROBLEMS})
async def list_assignments(
    request: Request,
    after: After = None,
    rows: Rows = limits.PAGE_ROWS_DEFAULT,
    site: Annotated[str | None, Query(description="Public id of a site.")] = None,
    person: Annotated[str | None, Query(description="Public id of whose.")] = None,
    device: Annotated[str | None, Query(description="Public id of whose.")] = None,
    checklist: Annotated[str | None, Query(description="A form id.")] = None,
    state: AssignmentState | None = None,
    due_by: Annotated[Day | None, Query(description="Due up to this day.")] = None,
) -> Response:
    """List who visits which site by when, and what became of it."""
    page = await hop.read(
        request,
        lambda session, scope: queries.assignments(
            session,
            scope,
            rows=rows,
            after=after,
            site=site,
            person=person,
            device=device,
            checklist=checklist,
            state=state,
            due_by=due_by,
        ),
    )
    documents = [assignment_document(one) for one in page.rows]
    return page_response(request, documents, page.next_after)


@assignments.post(
    "",
    status_code=201,
    responses={201: {"model": AssignmentWire}, **PROBLEMS, **CONFLICT},
)
async def assign_visit(request: Request, body: NewAssignment) -> Response:
    """Give a visit to somebody: the site is then in the list on their device."""

    def work(session: Session, scope: Scope) -> Answer:
        found = actions.assign(
            session,
            scope,
            site_id=body.site,
            checklist_ids=body.checklists,
            due_on=body.due_on,
            person=body.person,
            device_id=body.device,
            note=body.note,
        )
        return hop.json_answer(
            201,
            assignment_document(found),
            location=f"/v1/assignments/{found.public_id}",
        )

    return await hop.write(request, work)


@assignments.get(
    "/{assignment}", responses={200: {"model": AssignmentWire}, **ONE_PROBLEMS}
)
async def read_assignment(request: Request, assignment: str) -> Response:
    """Read one assignment, and what came for it."""
    found = await hop.read(
        request, lambda session, scope: queries.assignment(session, scope, assignment)
    )
    return hop.respond(hop.json_answer(200, assignment_document(found)))


@assignments.post(
    "/{assignment}/withdraw",
    responses={200: {"model": AssignmentWire}, **ONE_PROBLEMS, **CONFLICT},
)
async def withdraw_assignment(request: Request, assignment: str) -> Response:
    """Take an open assignment back; a visit that was made for it is taken all the same."""

    def work(session: Session, scope: Scope) -> Answer:
        found = actions.withdraw(session, scope, assignment)
        return hop.json_answer(200, assignment_document(found))

    return await hop.write(request, work)


@own_assignments.get("", responses={200: {"model": AssignmentPage}, **PROBLEMS})
async def list_own_assignments(
    request: Request,
    after: After = None,
    rows: Rows = limits.PAGE_ROWS_DEFAULT,
    state: AssignmentState | None = None,
) -> Response:
    """List the visits that were given to you."""
    page = await hop.read(
        request,
        lambda session, scope: queries.own_assignments(
            session, scope, rows=rows, after=after, state=state
        ),
    )
    documents = [assignment_document(one) for one in page.rows]
    return page_response(request, documents, page.next_after)


def assignment_document(found: AssignmentRecord) -> dict[str, Any]:
    """Return an assignment as the API tells it."""
    known = asdict(found)
    del known["id"]
    return {"id": known.pop("public_id"), **known}
