"""Background work as people see it: what was asked for, how far it is, what failed."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from api import hop
from api.pages.forms import Form, form_of, go_to, sent
from api.pages.rendering import language_of, page
from api.pages.tables import (
    chosen,
    csv_response,
    pager,
    read_list,
    wants_csv,
    words_chosen,
)
from api.routing import feature_router
from compliance.database import Page
from compliance.idempotency import Answer
from compliance.identity.permissions import Permission
from compliance.identity.scope import NotSignedIn, Scope
from compliance.jobs import JobRecord, State, queries, retry
from compliance.texts import N_, translate

ROWS = 25
STATES: Mapping[State, str] = {
    State.READY: N_("Waiting"),
    State.RUNNING: N_("Under way"),
    State.DONE: N_("Done"),
    State.FAILED: N_("Failed"),
}
# What is worked on, in words; a kind that is missing here is told by its code.
KINDS: Mapping[str, str] = {
    "import.read": N_("Read a list of sites"),
    "import.apply": N_("Register the sites of a list"),
    "visits.import": N_("Read visits from another tool"),
    "checklists.validate": N_("Try a checklist as a device would"),
    "editions.try": N_("Judge old visits by another edition"),
    "alerts.tell": N_("Send mail about alerts"),
    "alerts.deliver": N_("Send alerts to a program"),
    "attachments.derive": N_("Make pictures that can be looked at"),
    "integrity.read": N_("Look for unusual signs in a visit"),
    "risk.assess": N_("Work out the risk of a site"),
    "risk.refresh": N_("Work out the risk of all sites"),
    "scorecard.print": N_("Print and sign a scorecard"),
    "scorecards.tell_expired": N_("Tell of scorecards that have expired"),
    "public_lists.match": N_("Compare the register with a public list"),
    "clocks.fire": N_("Tell what is due"),
    "shards.project": N_("Prepare answers for counting"),
    "trail.anchor": N_("Seal the trail"),
}
# What came of it, in words; what is missing here is told by its name in the interface.
OUTCOMES: Mapping[str, str] = {
    "asked_again": N_("Matches asked about again"),
    "cards": N_("Scorecards"),
    "changed": N_("Of these, changed"),
    "clocks": N_("Deadlines looked at"),
    "complaints": N_("Complaints"),
    "deleted": N_("Old entries cleared away"),
    "derivatives": N_("Pictures made"),
    "exclusions": N_("Suspensions proposed"),
    "left": N_("Matches that ended"),
    "organisations": N_("Organisations looked at"),
    "printed": N_("Files signed"),
    "proposed": N_("Matches found"),
    "rows": N_("Rows"),
    "signals": N_("Signals"),
    "sites": N_("Sites"),
    "submissions": N_("Submissions"),
    "unreadable": N_("Submissions that could not be read"),
    "withdrawn": N_("Suspensions no longer proposed"),
}
NOTES = {"retried": N_("It is tried again. You can leave this page and come back.")}

jobs = feature_router("/jobs", "pages")


@dataclass(frozen=True)
class Watched:
    """One job, and how many jobs are parts of it, by their state."""

    scope: Scope
    job: JobRecord
    parts: Mapping[State, int]


@jobs.get("", include_in_schema=False)
async def show_jobs(request: Request) -> Response:
    """Show the background work of an organisation, the newest first."""
    try:
        seen = await read_list(request, partial(_page_of, request), rows=ROWS)
    except NotSignedIn:
        return RedirectResponse("/sign-in?next=/jobs", 303)
    if wants_csv(request):
        return csv_response([_row(one) for one in seen.rows], "jobs")
    language = language_of(request, seen.scope)
    return page(
        request,
        "jobs.html",
        scope=seen.scope,
        jobs=seen.rows,
        states=_told(STATES, language),
        kinds=_told(KINDS, language),
        state=chosen(request, "state", State),
        kind=words_chosen(request, "kind"),
        is_filtered=any(request.query_params.get(one) for one in ("state", "kind")),
        **pager(request, seen.next_after),
    )


@jobs.get("/{job}", include_in_schema=False)
async def show_job(request: Request, job: str) -> Response:
    """Show how far a job is, what came of it, or why it failed."""
    return await _job_page(request, job, Form())


@jobs.post("/{job}/retry", include_in_schema=False)
async def retry_job(request: Request, job: str) -> Response:
    """Have a job that failed for good tried again."""
    form = await form_of(request)

    def work(session: Session, scope: Scope) -> Answer:
        retry(session, scope, job)
        return go_to(f"/jobs/{job}", done="retried")

    return await sent(request, form, work, lambda told: _job_page(request, job, told))


async def _job_page(request: Request, job: str, form: Form) -> Response:
    def work(session: Session, scope: Scope) -> Watched:
        found = queries.status(session, scope, job)
        return Watched(scope, found, dict(queries.parts(session, scope, job)))

    seen = await hop.read(request, work)
    language = language_of(request, seen.scope)
    done = NOTES.get(request.query_params.get("done", ""))
    return page(
        request,
        "job.html",
        scope=seen.scope,
        status=form.status,
        form=form,
        job=seen.job,
        parts=seen.parts,
        result=_plain(seen.job.result or {}),
        why=seen.job.why and seen.job.why.told(language),
        states=_told(STATES, language),
        kinds=_told(KINDS, language),
        outcomes=_told(OUTCOMES, language),
        may_retry=seen.scope.may(Permission.RETRY_JOBS),
        done_note=done and translate(done, language),
    )


def _page_of(
    request: Request, session: Session, scope: Scope, rows: int, after: str | None
) -> Page[JobRecord]:
    return queries.jobs(
        session,
        scope,
        rows=rows,
        after=after,
        state=chosen(request, "state", State),
        kind=words_chosen(request, "kind"),
        newest_first=True,
    )


def _row(job: JobRecord) -> Mapping[str, Any]:
    return {
        "job": job.public_id,
        "kind": job.kind,
        "state": job.state,
        "parent": job.parent,
        "done": job.progress and job.progress.done,
        "total": job.progress and job.progress.total,
        "attempts": job.attempts,
        "created_at": job.created_at,
        "run_at": job.run_at,
        "started_at": job.started_at,
        "finished_at": job.finished_at,
    }


def _plain(result: Mapping[str, Any]) -> dict[str, str | int]:
    """Return what came of a job as far as it is a number or a word."""
    return {
        name: value
        for name, value in result.items()
        if isinstance(value, str | int) and not isinstance(value, bool)
    }


def _told(texts: Mapping[Any, str], language: str) -> dict[Any, str]:
    return {key: translate(text, language) for key, text in texts.items()}
