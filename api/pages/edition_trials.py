"""A book tried before it is published: its mistakes, what differs, which verdicts turn.

What is tried is kept aside by its hash and is in force for nobody. The trial is a job of
the organisation, which is judged on its own visits alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.editions import BookUnusable, book_of, packed_from, require_publisher
from api.pages.editions import list_page, may_publish
from api.pages.editions_told import (
    ToldComparison,
    ToldEffects,
    told_comparison,
    told_effects,
)
from api.pages.forms import Form, form_of, go_to, sent, sent_back
from api.pages.rendering import language_of, page
from api.pages.uploads import upload_of
from api.routing import feature_router
from api.service import Service
from audits.assessments.changes import Turn
from audits.assessments.trying import TRY, ask_to_try
from compliance import limits
from compliance.editions import actions, queries
from compliance.editions.actions import Packed
from compliance.editions.archive import read_files, unpack
from compliance.idempotency import Answer
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.jobs import JobNotFound, JobRecord, State, status
from compliance.problems import Problem
from rules import Book
from rules.comparing import compare

FILE = "book"
BOOKS = 4
# Books that were tried, by the hash of their archive: to read one takes half a second.
_TRIED: dict[str, Book] = {}

edition_trials = feature_router("/editions", "pages")


@dataclass(frozen=True)
class SeenTrial:
    """A trial as it stands: under way, failed, or with all that it found."""

    job: JobRecord
    told: ToldComparison | None
    effects: ToldEffects | None
    is_in_force: bool
    is_name_taken: bool
    may_publish: bool
    scope: Scope


@edition_trials.post("/try", include_in_schema=False)
async def try_upload(request: Request) -> Response:
    """Read a book, tell its mistakes, and have it tried on the kept visits."""
    await hop.read(request, _require_author)
    service = hop.service_of(request)
    async with upload_of(request, (), {FILE: limits.BOOK_BYTES}) as upload:
        form = upload.form
        try:
            content = upload.file(FILE).content()
            packed = await service.read(lambda _session: packed_from(content))
        except BookUnusable as unusable:
            found = unusable.facts["errors"]
            told = Form(status=422)
            mistakes = found if isinstance(found, list) else []
            return await list_page(request, told, mistakes=mistakes)
        except Problem as problem:
            told = await sent_back(request, form, problem)
            return await list_page(request, told)
    archive = service.files.keep(packed.archive)

    def work(session: Session, scope: Scope) -> Answer:
        job = ask_to_try(session, scope, before=service.book, archive_sha256=archive)
        return go_to(f"/editions/trials/{job}")

    return await hop.write(
        request, work, body=archive.encode(), key=form.value("once") or None
    )


@edition_trials.post("/{edition}/try", include_in_schema=False)
async def try_kept(request: Request, edition: str) -> Response:
    """Have an edition that is kept tried against the one in force."""
    form = await form_of(request)
    service = hop.service_of(request)

    def work(session: Session, scope: Scope) -> Answer:
        scope.require(Permission.PUBLISH_RULES)
        found = queries.edition(session, edition)
        archive = found.archive_sha256
        job = ask_to_try(session, scope, before=service.book, archive_sha256=archive)
        return go_to(f"/editions/trials/{job}")

    return await hop.write(request, work, key=form.value("once") or None)


@edition_trials.get("/trials/{job}", include_in_schema=False)
async def show_trial(request: Request, job: str) -> Response:
    """Show how far a trial is, then what differs and which verdicts would turn."""
    return await _trial_page(request, job, Form())


@edition_trials.post("/trials/{job}/publish", include_in_schema=False)
async def publish_tried(request: Request, job: str) -> Response:
    """Publish the book that was tried; it is in force at once, for everybody here."""
    service = hop.service_of(request)

    def read(session: Session, scope: Scope) -> Packed:
        require_publisher(service, scope)
        result = _result(_trial(session, scope, job))
        archive = service.files.read(str(result["archive"]))
        return Packed(read_files(unpack(archive)), archive)

    packed = await hop.read(request, read)

    def work(session: Session, scope: Scope) -> Answer:
        require_publisher(service, scope)
        published = actions.publish(session, scope, service.files, packed)
        name = published.edition.edition
        done = "published" if published.has_changed else "in_force"
        return go_to(f"/editions/{name}", done=done)

    response = await sent(
        request,
        await form_of(request),
        work,
        lambda form: _trial_page(request, job, form),
    )
    await service.read(service.shelf.follow)
    return response


async def _trial_page(request: Request, job: str, form: Form) -> Response:
    service = hop.service_of(request)

    def work(session: Session, scope: Scope) -> SeenTrial:
        return _see(session, scope, service, job, language_of(request, scope))

    seen = await hop.read(request, work)
    why = seen.job.why
    return page(
        request,
        "edition_trial.html",
        scope=seen.scope,
        status=form.status,
        seen=seen,
        job=seen.job,
        form=form,
        turns=tuple(Turn),
        has_failed=seen.job.state is State.FAILED,
        why=None if why is None else why.told(language_of(request, seen.scope)),
        done_note=None,
    )


def _require_author(_session: Session, scope: Scope) -> None:
    scope.require(Permission.PUBLISH_RULES)


def _trial(session: Session, scope: Scope, public_id: str) -> JobRecord:
    """Return a trial of the caller's organisation, or raise JobNotFound."""
    scope.require(Permission.PUBLISH_RULES)
    found = status(session, scope, public_id)
    if found.kind != TRY:
        raise JobNotFound(job=public_id, days=limits.JOB_DAYS_KEPT)
    return found


def _result(job: JobRecord) -> Mapping[str, object]:
    if job.result is None:
        raise JobNotFound(job=job.public_id, days=limits.JOB_DAYS_KEPT)
    return job.result


def _see(
    session: Session, scope: Scope, service: Service, public_id: str, language: str
) -> SeenTrial:
    job = _trial(session, scope, public_id)
    allowed = may_publish(service, scope)
    if job.result is None:
        return SeenTrial(job, None, None, False, False, allowed, scope)  # noqa: FBT003
    before = book_of(
        session, service, queries.edition(session, str(job.result["before"]))
    )
    after = _tried(service, str(job.result["archive"]))
    name_taken = after.edition in queries.names(session) and (
        queries.edition(session, after.edition).sha256 != after.sha256
    )
    return SeenTrial(
        job=job,
        told=told_comparison(before, after, compare(before, after), language),
        effects=told_effects(job.result, before, after, language),
        is_in_force=service.book.sha256 == after.sha256,
        is_name_taken=name_taken,
        may_publish=allowed,
        scope=scope,
    )


def _tried(service: Service, archive: str) -> Book:
    """Return the book of an archive that is kept aside, read once in a process."""
    if archive not in _TRIED:
        while len(_TRIED) >= BOOKS:
            _TRIED.pop(next(iter(_TRIED)))
        _TRIED[archive] = read_files(unpack(service.files.read(archive)))
    return _TRIED[archive]
