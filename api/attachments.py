"""Attachments over HTTP: what may be looked at of each, and originals to be saved."""

from collections.abc import Iterator
from typing import Any

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import FileResponse, Response, StreamingResponse

from api import hop
from api.intake import keyring_of
from api.routing import feature_router
from api.service import Service
from api.stored import CACHED, as_attachment
from api.submissions_wire import AttachmentWire
from api.wire import ONE_PROBLEMS
from audits.submissions import queries
from audits.submissions.attachments import AttachmentRecord
from audits.submissions.sealed import file_pieces
from compliance.identity.scope import Scope

PATH = "/v1/attachments"
NO_STORE = {"Cache-Control": "no-store"}
PICTURE_TYPE = "image/jpeg"

attachments = feature_router(PATH, "submissions")


def attachment_document(file: AttachmentRecord) -> dict[str, Any]:
    """Return a file as the API tells it."""
    is_there = file.derived_sha256 is not None
    return {
        "id": file.public_id,
        "name": file.name,
        "sha256": file.sha256.hex(),
        "size": file.size,
        "media_type": file.media_type,
        "received_at": file.received_at,
        "is_sealed": file.is_sensitive,
        "distance_metres": file.distance_metres,
        "minutes_after_start": file.minutes_after_start,
        "derivative": {
            "state": queries.derivative_state(file),
            "reason": file.reason,
            "url": f"{PATH}/{file.public_id}/derivative" if is_there else None,
            "media_type": file.derived_type,
            "size": file.derived_size,
            "width": file.width,
            "height": file.height,
        },
    }


@attachments.get(
    "/{attachment}", responses={200: {"model": AttachmentWire}, **ONE_PROBLEMS}
)
async def read_attachment_record(request: Request, attachment: str) -> Response:
    """Read what is known of a file, and what there is to look at of it."""
    found = await hop.read(
        request,
        lambda session, scope: queries.attachment_by_id(session, scope, attachment),
    )
    return hop.respond(hop.json_answer(200, attachment_document(found)))


@attachments.get(
    "/{attachment}/derivative",
    responses={
        200: {"content": {PICTURE_TYPE: {}, "application/pdf": {}}},
        **ONE_PROBLEMS,
    },
)
async def read_derivative(request: Request, attachment: str) -> Response:
    """Look at a picture, made smaller and without the camera's data; save a PDF."""
    found = await hop.read(
        request, lambda session, scope: queries.derivative(session, scope, attachment)
    )
    is_picture = found.derived_type == PICTURE_TYPE
    ending = "jpg" if is_picture else "pdf"
    saved = as_attachment(f"{found.public_id}.{ending}")
    return FileResponse(
        hop.service_of(request).files.path(found.derived_sha256 or ""),
        media_type=found.derived_type,
        headers={
            "Content-Disposition": "inline" if is_picture else saved,
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "X-Content-Type-Options": "nosniff",
            **CACHED,
        },
    )


async def original_response(
    request: Request, submission: str, attachment: str
) -> Response:
    """Answer with the original of a file, to be saved and never shown."""
    service = hop.service_of(request)

    def work(
        session: Session, scope: Scope
    ) -> tuple[AttachmentRecord, Iterator[bytes]]:
        found = queries.original_file(session, scope, submission, attachment)
        return found, _pieces(session, service, found)

    found, pieces = await hop.read(request, work)
    return StreamingResponse(
        pieces,
        media_type=found.media_type,
        headers={
            "Content-Disposition": as_attachment(found.name),
            "Content-Length": str(found.size),
            "X-Content-Type-Options": "nosniff",
            **NO_STORE,
        },
    )


def _pieces(
    session: Session, service: Service, found: AttachmentRecord
) -> Iterator[bytes]:
    return file_pieces(session, keyring_of(service), service.files, found.id)
