"""Background work over HTTP: what was asked for, how far it is, and what came of it."""

from typing import Annotated, Any

from fastapi import Query, Request
from pydantic import Field, JsonValue
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.languages import accepted_language
from api.lists import After, Rows, page_response
from api.routing import feature_router
from api.streams import EventStream, Seen
from api.wire import ONE_PROBLEMS, ProblemDocument, Wire
from compliance import limits
from compliance.idempotency import Answer
from compliance.identity.scope import Scope
from compliance.jobs import FINAL, JobRecord, State, queries, retry

jobs = feature_router("/v1/jobs", "jobs")


class ProgressWire(Wire):
    """So many things of so many; what the things are depends on the kind of job."""

    done: int
    total: int


class JobWire(Wire):
    """A piece of background work."""

    id: str
    kind: str
    state: State
    parent: Annotated[str | None, Field(description="The job this one is a part of.")]
    progress: ProgressWire | None
    attempts: int
    most_attempts: int
    result: Annotated[
        dict[str, JsonValue] | None, Field(description="What it told when it was done.")
    ]
    error: Annotated[
        str | None, Field(description="Why the last attempt failed, in your language.")
    ]
    created_at: str
    run_at: Annotated[str, Field(description="Not before; a retry is later.")]
    started_at: str | None
    finished_at: str | None


class PartsWire(Wire):
    """How many jobs are parts of this one, and where they stand."""

    total: int
    ready: int
    running: int
    done: int
    failed: int


class JobDetail(JobWire):
    """A job, and its parts where it has any."""

    parts: PartsWire | None


class JobPage(Wire):
    items: list[JobWire]
    next: str | None


def job_document(job: JobRecord, language: str) -> dict[str, Any]:
    """Return a job as the API tells it."""
    return {
        "id": job.public_id,
        "kind": job.kind,
        "state": job.state,
        "parent": job.parent,
        "progress": None
        if job.progress is None
        else {"done": job.progress.done, "total": job.progress.total},
        "attempts": job.attempts,
        "most_attempts": job.most_attempts,
        "result": job.result,
        "error": None if job.why is None else job.why.told(language),
        "created_at": job.created_at,
        "run_at": job.run_at,
        "started_at": job.started_at,
        "finished_at": job.finished_at,
    }


def detail_document(
    session: Session, scope: Scope, public_id: str, language: str
) -> dict[str, Any]:
    """Return a job with its parts."""
    job = queries.status(session, scope, public_id)
    parts = queries.parts(session, scope, public_id)
    told = {"total": parts.total(), **{state.value: parts[state] for state in State}}
    return {**job_document(job, language), "parts": told if parts else None}


@jobs.get("", responses={200: {"model": JobPage}, **ONE_PROBLEMS})
async def list_jobs(
    request: Request,
    after: After = None,
    rows: Rows = limits.PAGE_ROWS_DEFAULT,
    state: State | None = None,
    kind: Annotated[str | None, Query(description="Such as jobs.tidy.")] = None,
    parent: Annotated[str | None, Query(description="Public id of a job.")] = None,
) -> Response:
    """List the background work of your organisation in the order it was asked for."""
    language = accepted_language(request)
    page = await hop.read(
        request,
        lambda session, scope: queries.jobs(
            session,
            scope,
            rows=rows,
            after=after,
            state=state,
            kind=kind,
            parent=parent,
        ),
    )
    documents = [job_document(job, language) for job in page.rows]
    return page_response(request, documents, page.next_after)


@jobs.get("/{job}", responses={200: {"model": JobDetail}, **ONE_PROBLEMS})
async def read_job(request: Request, job: str) -> Response:
    """Read one job: how far it is, what came of it, or why it failed."""
    return hop.respond(hop.json_answer(200, await _detail(request, job)))


@jobs.post(
    "/{job}/retry",
    responses={
        200: {"model": JobDetail},
        409: {"model": ProblemDocument, "description": "The job has not failed."},
        **ONE_PROBLEMS,
    },
)
async def retry_job(request: Request, job: str) -> Response:
    """Have a job that failed for good tried again, as often as a new one."""
    language = accepted_language(request)

    def work(session: Session, scope: Scope) -> Answer:
        retry(session, scope, job)
        return hop.json_answer(200, detail_document(session, scope, job, language))

    return await hop.write(request, work)


@jobs.get(
    "/{job}/events",
    status_code=200,
    response_class=EventStream,
    responses={
        200: {
            "description": "Events named 'progress' and at last 'end', each with the "
            "job as its data. The stream ends with the job, or after a quarter of an "
            "hour; a browser asks again by itself.",
        },
        429: {"model": ProblemDocument, "description": "Too many streams are open."},
        **ONE_PROBLEMS,
    },
)
async def watch_job(request: Request, job: str) -> Response:
    """Follow a job until it is over (server-sent events)."""

    async def look() -> Seen:
        document = await _detail(request, job)
        return Seen(document, is_over=document["state"] in FINAL)

    return EventStream(request.app.state.streams, await look(), look)


async def _detail(request: Request, job: str) -> dict[str, Any]:
    language = accepted_language(request)
    return await hop.read(
        request, lambda session, scope: detail_document(session, scope, job, language)
    )
