"""What is mine to do today: the first page of whoever is signed in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from api import hop
from api.pages import figures
from api.pages.figures import Glance
from api.pages.first_steps import FirstSteps, first_steps
from api.pages.rendering import page
from api.pages.tables import chosen, csv_response, wants_csv
from api.pages.today_errands import ERRANDS, TaskKind
from api.pages.today_queue import queue
from api.pages.today_tasks import Queue, Task, Urgency
from api.routing import feature_router
from compliance import limits
from compliance.findings.deadlines import RED_FLAGS
from compliance.identity.permissions import Permission
from compliance.identity.scope import NotSignedIn, Scope
from compliance.texts import N_

# Of each kind, of each section, and of one kind that was chosen.
FIRST_ROWS, SECTION_ROWS, ALL_ROWS = 5, 10, 200
URGENCIES: Mapping[Urgency, str] = {
    Urgency.LATE: N_("Late"),
    Urgency.SOON: N_("Due within three days"),
    Urgency.LATER: N_("Due later"),
    Urgency.WAITING: N_("Waiting for you, without a day"),
}

today = feature_router("", "pages")


@dataclass(frozen=True)
class Seen:
    """What one first page shows, read in one transaction.

    `queue` is what is shown of the tasks; `whole` has every kind, to choose one of.
    """

    scope: Scope
    queue: Queue
    whole: Queue
    figures: Glance
    steps: FirstSteps


@today.get("/", include_in_schema=False)
async def show_today(request: Request) -> Response:
    """Show what is the reader's to do: late first, then as it is due."""
    try:
        if wants_csv(request):
            return await _as_csv(request)
        only = chosen(request, "kind", TaskKind)
        seen = await hop.read(
            request, lambda session, scope: _see(session, scope, only)
        )
    except NotSignedIn:
        return RedirectResponse("/sign-in", 303)
    return page(
        request,
        "today.html",
        scope=seen.scope,
        seen=seen,
        now=seen.whole.now,
        book=hop.service_of(request).book,
        errands=ERRANDS,
        urgencies=URGENCIES,
        red_flags=RED_FLAGS,
        only=only,
        reads_risk=seen.scope.may(Permission.READ_RISK),
        sections=seen.queue.sections(SECTION_ROWS if only is None else ALL_ROWS),
    )


def _see(session: Session, scope: Scope, only: TaskKind | None) -> Seen:
    whole = queue(session, scope, rows=FIRST_ROWS)
    return Seen(
        scope=scope,
        queue=whole
        if only is None
        else queue(session, scope, rows=ALL_ROWS, only=only),
        whole=whole,
        figures=figures.glance(session, scope),
        steps=first_steps(session, scope),
    )


async def _as_csv(request: Request) -> Response:
    only = chosen(request, "kind", TaskKind)
    found = await hop.read(
        request,
        lambda session, scope: queue(session, scope, rows=limits.SHEET_ROWS, only=only),
    )
    rows = [_row(task, found) for task in found.tasks[: limits.SHEET_ROWS]]
    return csv_response(rows, "my-work")


def _row(task: Task, found: Queue) -> Mapping[str, Any]:
    """Return a task as codes and references; what people named things is left out."""
    return {
        "kind": task.kind,
        "urgency": task.urgency(found.now),
        "subject": task.subject,
        "path": task.path,
        "rule": task.rule,
        "action": task.action,
        "site": task.site,
        "site_name": task.site_name,
        "severity": task.severity,
        "due_on": task.due_on,
        "due_at": task.due_at,
    }
