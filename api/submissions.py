"""Submissions over HTTP: send answers as JSON, read what came and what became of it."""

import json
from typing import Annotated, Any

import orjson
from fastapi import Query, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.attachments import attachment_document, original_response
from api.intake import intake_of
from api.languages import accepted_language
from api.lists import After, Rows, page_response
from api.problems import problem_bytes, status_of
from api.routing import feature_router
from api.stored import CACHED, as_attachment
from api.strict_json import read_json
from api.submissions_wire import (
    AttachmentList,
    ChosenSite,
    FactsWire,
    NewSubmission,
    Reason,
    Receipt,
    RefusedPage,
    SubmissionPage,
    SubmissionWire,
)
from api.wire import ONE_PROBLEMS, PROBLEMS, ProblemDocument, Season
from audits.submissions import actions, queries
from audits.submissions.intake import receive
from audits.submissions.queries import (
    SubmissionRecord,
)
from audits.submissions.written import Written
from compliance import limits
from compliance.idempotency import Answer
from compliance.identity.scope import Scope
from compliance.problems import Problem
from compliance.texts import translate

PATH = "/v1/submissions"

submissions = feature_router(PATH, "submissions")
refused_submissions = feature_router("/v1/refused-submissions", "submissions")


WRITE_PROBLEMS = {
    **ONE_PROBLEMS,
    409: {"model": ProblemDocument, "description": "It contradicts what is there."},
}
BYTES: dict[str, Any] = {"content": {"application/octet-stream": {}}}


def submission_document(record: SubmissionRecord) -> dict[str, Any]:
    """Return a submission as the API tells it."""
    return {
        "id": record.public_id,
        "checklist": record.checklist,
        "version": record.version,
        "instance_id": record.instance_id,
        "audit": record.audit,
        "site": record.site,
        "season": record.season,
        "observed_on": record.observed_on,
        "started_at": record.started_at,
        "ended_at": record.ended_at,
        "received_at": record.received_at,
        "device_id": record.device_id,
        "received_from": record.actor,
        "supersedes": record.supersedes,
        "superseded_by": record.superseded_by,
        "sha256": record.sha256.hex(),
        "facts_sha256": record.facts_sha256.hex() if record.facts_sha256 else None,
        "state": record.state,
        "processing": record.processing,
        "attachments": record.completeness,
    }


@submissions.post(
    "", status_code=201, responses={201: {"model": Receipt}, **WRITE_PROBLEMS}
)
async def send_submission(request: Request, body: NewSubmission) -> Response:  # noqa: ARG001 - it is checked by being read
    """Send the answers of a visit as JSON."""
    content = await request.body()
    # The bytes are what is kept, so what they say is read from them, not from `body`.
    parcel = Written(read_json(content)).parcel(content)
    service = hop.service_of(request)

    def work(session: Session, scope: Scope) -> Answer:
        received = receive(session, scope, intake_of(service), parcel)
        if received.refusal is not None:
            return _refusal(request, received.refusal)
        stored = queries.submission(session, scope, received.public_id or "")
        return hop.json_answer(
            201, _receipt(stored), location=f"{PATH}/{stored.public_id}"
        )

    return await hop.write(request, work)


def _refusal(request: Request, problem: Problem) -> Answer:
    """Return a refusal as an answer, so that what was kept aside is committed."""
    language = accepted_language(request)
    return Answer(
        status_of(problem),
        problem_bytes(problem, language, request.url.path),
        (
            ("Content-Type", "application/problem+json"),
            ("Content-Language", language),
            ("Cache-Control", "no-store"),
        ),
    )


def _receipt(stored: SubmissionRecord) -> dict[str, Any]:
    return {
        "id": stored.public_id,
        "checklist": stored.checklist,
        "version": stored.version,
        "instance_id": stored.instance_id,
        "sha256": stored.sha256.hex(),
        "received_at": stored.received_at,
    }


@submissions.get("", responses={200: {"model": SubmissionPage}, **PROBLEMS})
async def list_submissions(
    request: Request,
    after: After = None,
    rows: Rows = limits.PAGE_ROWS_DEFAULT,
    site: Annotated[str | None, Query(description="Public id of a site.")] = None,
    checklist: Annotated[str | None, Query(description="Id of a checklist.")] = None,
    season: Season | None = None,
) -> Response:
    """List submissions in the order of receipt."""
    page = await hop.read(
        request,
        lambda session, scope: queries.submissions(
            session,
            scope,
            rows=rows,
            after=after,
            site=site,
            checklist=checklist,
            season=season,
        ),
    )
    documents = [submission_document(record) for record in page.rows]
    return page_response(request, documents, page.next_after)


@submissions.get(
    "/{submission}", responses={200: {"model": SubmissionWire}, **ONE_PROBLEMS}
)
async def read_submission(request: Request, submission: str) -> Response:
    """Read one submission and what became of it."""
    record = await hop.read(
        request, lambda session, scope: queries.submission(session, scope, submission)
    )
    return hop.respond(hop.json_answer(200, submission_document(record)))


@submissions.get(
    "/{submission}/facts", responses={200: {"model": FactsWire}, **ONE_PROBLEMS}
)
async def read_facts(request: Request, submission: str) -> Response:
    """Read the facts of a submission, byte for byte as their hash was taken."""
    found = await hop.read(
        request, lambda session, scope: queries.facts(session, scope, submission)
    )
    language = accepted_language(request)
    document = {
        "sha256": found.sha256.hex(),
        "answers": orjson.Fragment(found.document),
        "faults": [_told_fault(fault, language) for fault in json.loads(found.faults)],
    }
    return hop.respond(hop.json_answer(200, document))


@submissions.get("/{submission}/original", responses={200: BYTES, **ONE_PROBLEMS})
async def read_original(request: Request, submission: str) -> Response:
    """Fetch the record as it was received, without answers to questions about people."""
    found = await hop.read(
        request, lambda session, scope: queries.original(session, scope, submission)
    )
    return _original(found, submission)


@submissions.get(
    "/{submission}/attachments",
    responses={200: {"model": AttachmentList}, **ONE_PROBLEMS},
)
async def list_attachments(request: Request, submission: str) -> Response:
    """List the files of a submission, and those that have not come."""
    found = await hop.read(
        request,
        lambda session, scope: queries.attachments_of(session, scope, submission),
    )
    document = {
        "items": [attachment_document(file) for file in found.files],
        "missing": found.missing,
    }
    return hop.respond(hop.json_answer(200, document))


@submissions.get(
    "/{submission}/attachments/{attachment}", responses={200: BYTES, **ONE_PROBLEMS}
)
async def read_attachment(
    request: Request, submission: str, attachment: str
) -> Response:
    """Fetch the original of a file that came along; it is saved, never shown."""
    return await original_response(request, submission, attachment)


@submissions.post(
    "/{submission}/site",
    responses={200: {"model": SubmissionWire}, **WRITE_PROBLEMS},
)
async def place_submission(
    request: Request, submission: str, body: ChosenSite
) -> Response:
    """Say to which site a waiting submission belongs; its facts are then derived."""
    service = hop.service_of(request)

    def work(session: Session, scope: Scope) -> Answer:
        placed = actions.settle(
            session,
            scope,
            intake_of(service),
            submission_id=submission,
            site_id=body.site,
        )
        return hop.json_answer(200, submission_document(placed))

    return await hop.write(request, work)


@submissions.post(
    "/{submission}/process",
    responses={200: {"model": SubmissionWire}, **WRITE_PROBLEMS},
)
async def process_submission(request: Request, submission: str) -> Response:
    """Derive the facts of a submission once more, and assess them."""
    service = hop.service_of(request)

    def work(session: Session, scope: Scope) -> Answer:
        processed = actions.process_again(
            session, scope, intake_of(service), submission_id=submission
        )
        return hop.json_answer(200, submission_document(processed))

    return await hop.write(request, work)


@submissions.post("/{submission}/withdraw", status_code=204, responses=WRITE_PROBLEMS)
async def withdraw_submission(
    request: Request, submission: str, body: Reason
) -> Response:
    """Take a submission out; its bytes stay, and it may not be sent again."""

    def work(session: Session, scope: Scope) -> Answer:
        actions.withdraw(session, scope, submission_id=submission, reason=body.reason)
        return Answer(204, b"")

    return await hop.write(request, work)


@refused_submissions.get("", responses={200: {"model": RefusedPage}, **PROBLEMS})
async def list_refused(request: Request) -> Response:
    """List answers that were refused and kept aside, newest first."""
    found = await hop.read(request, queries.refused)
    documents = [
        {
            "id": record.public_id,
            "checklist": record.checklist,
            "instance_id": record.instance_id,
            "reason": record.reason,
            "sha256": record.sha256.hex(),
            "device_id": record.device_id,
            "received_from": record.actor,
            "received_at": record.received_at,
        }
        for record in found
    ]
    return page_response(request, documents, None)


@refused_submissions.get("/{refused}/original", responses={200: BYTES, **ONE_PROBLEMS})
async def read_refused(request: Request, refused: str) -> Response:
    """Fetch refused answers as received, without those to questions about people."""
    found = await hop.read(
        request,
        lambda session, scope: queries.refused_original(session, scope, refused),
    )
    return _original(found, refused)


def _original(found: queries.Original, name: str) -> Response:
    ending = "json" if found.media_type.endswith("json") else "xml"
    return Response(
        found.content,
        headers={
            "Content-Type": found.media_type,
            "Content-Disposition": as_attachment(f"{name}.{ending}"),
            "X-Content-Type-Options": "nosniff",
            **CACHED,
        },
    )


def _told_fault(fault: dict[str, Any], language: str) -> dict[str, str]:
    return {
        "path": fault["path"],
        "given": fault["given"],
        "message": translate(fault["message"], language, **fault["message_facts"]),
        "remedy": translate(fault["remedy"], language, **fault["remedy_facts"]),
    }
