"""The OpenRosa door: ODK Collect and KoboCollect fetch checklists and send them filled."""

import hashlib
from collections.abc import Sequence
from typing import Any

import structlog
from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop, phone_guesses
from api.envelope import (
    HEADERS,
    PARTIAL,
    SUCCESS,
    XML_TYPE,
    openrosa_response,
)
from api.intake import intake_of
from api.languages import accepted_language
from api.multipart import Part, received_parts
from api.openrosa_documents import form_list_document, manifest_document
from api.phones import base_of
from api.routing import feature_router
from api.stored import stored_response
from audits.checklists import queries as checklists
from audits.checklists.instance import InstanceRejected
from audits.fieldwork import carried
from audits.submissions.arriving import ArrivedFile, Parcel, parcel_of_xml
from audits.submissions.intake import Received, receive
from compliance import limits
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope, scope_of
from compliance.problems import Kind, Problem
from compliance.texts import N_, translate

log = structlog.get_logger()
openrosa = feature_router("/openrosa", "openrosa")

XML_PART = "xml_submission_file"
INCOMPLETE_PART = "*isIncomplete*"
CSV_TYPE = "text/csv; charset=utf-8"
SMALLER = {XML_PART: limits.XML_BYTES, INCOMPLETE_PART: 100}

RECEIVED = N_("Received.")
RECEIVED_FILES = N_("Received: {received} of {expected} files.")
GOES_ON = N_("Received so far: {received} of {expected} files. Sending goes on.")
FILES_MISSING = N_(
    "Received: {received} of {expected} files. Still missing: {names}. Send the record "
    "again from the device that holds them."
)
AWAITS_SUPERVISOR = N_(
    "Received and kept. A supervisor will say to which site it belongs; you have "
    "nothing more to do."
)

ANSWERS: dict[int | str, dict[str, Any]] = {
    401: {
        "description": "OpenRosaResponse: no credential, or none that is good.",
        "content": {"text/xml": {}},
    },
    "4XX": {
        "description": "OpenRosaResponse that says what a person can do.",
        "content": {"text/xml": {}},
    },
}
XML_ANSWER: dict[str, Any] = {"content": {"text/xml": {}}}
UPLOAD_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": [XML_PART],
                    "properties": {
                        XML_PART: {"type": "string", "format": "binary"},
                        INCOMPLETE_PART: {"type": "string", "enum": ["yes"]},
                    },
                    "additionalProperties": {"type": "string", "format": "binary"},
                }
            }
        },
    }
}


class NotOpenRosa(Problem):
    kind = Kind.INVALID
    title = N_("The request does not say that it is OpenRosa")
    detail = N_(
        "Send the header 'X-OpenRosa-Version: 1.0'. This address is for ODK Collect and "
        "KoboCollect; programs use /v1/submissions."
    )


class RecordMissing(Problem):
    kind = Kind.INVALID
    title = N_("The upload holds no filled checklist")
    detail = N_(
        "An upload holds exactly one part named xml_submission_file; this one holds "
        "{count}. Send the record again from the app."
    )


class RecordUnreadable(Problem):
    kind = Kind.INVALID
    title = N_("The filled checklist cannot be read")
    detail = N_("{reason} {remedy}")


@openrosa.get("/formList", responses={200: XML_ANSWER, **ANSWERS})
async def form_list(request: Request, formID: str | None = None) -> Response:  # noqa: N803 - OpenRosa's word
    """List the checklists that a device is to fill in, each at its newest version."""
    _require_openrosa(request)
    forms = await phone_guesses.read(
        request, lambda session, scope: carried.forms_to_fill(session, scope, formID)
    )
    return _xml(request, form_list_document(forms, base_of(request)))


@openrosa.get("/forms/{form}.xml", responses={200: XML_ANSWER, **ANSWERS})
async def form_download(request: Request, form: str) -> Response:
    """Download the form of a checklist version, byte for byte as published."""
    found = await phone_guesses.read(
        request, lambda session, scope: checklists.xform_by_id(session, scope, form)
    )
    return _xml(request, found.content, found.etag)


@openrosa.get("/forms/{form}/manifest", responses={200: XML_ANSWER, **ANSWERS})
async def manifest(request: Request, form: str) -> Response:
    """List the files beside a checklist version: the sites one may choose from."""
    _require_openrosa(request)
    lists = await phone_guesses.read(
        request, lambda session, scope: carried.carried_lists(session, scope, form)
    )
    return _xml(request, manifest_document(form, lists, base_of(request)))


@openrosa.get(
    "/forms/{form}/media/{name}",
    responses={200: {"content": {"text/csv": {}}}, **ANSWERS},
)
async def media_download(request: Request, form: str, name: str) -> Response:
    """Download a list of sites, as this very auditor is to see it."""
    found = await phone_guesses.read(
        request,
        lambda session, scope: carried.carried_list(session, scope, form, name),
    )
    response = stored_response(request, found.content, CSV_TYPE, found.md5)
    response.headers.update(HEADERS)
    return response


@openrosa.get("/submission", status_code=204, responses=ANSWERS)
async def may_submit(request: Request) -> Response:
    """Tell a device, before it uploads, that it may and how much at once."""
    _require_openrosa(request)
    await phone_guesses.read(request, _require_submitting)
    return Response(status_code=204, headers=HEADERS)


@openrosa.post(
    "/submission",
    status_code=201,
    responses={201: XML_ANSWER, 202: XML_ANSWER, **ANSWERS},
    openapi_extra=UPLOAD_BODY,
)
async def submit(request: Request) -> Response:
    """Take in a filled checklist, whole or in several uploads; sent again, it is one."""
    _require_openrosa(request)
    await phone_guesses.read(request, _require_submitting)
    service, credential = hop.service_of(request), hop.credential_of(request)
    language = accepted_language(request)
    async with received_parts(request, service.files.incoming(), SMALLER) as parts:
        record, files, is_incomplete = sorted_parts(parts)

        def work(session: Session) -> Received:
            scope = scope_of(session, credential)
            parcel = _parcel(request, record, language)
            _log(request, scope, parcel, parts)
            return receive(session, scope, intake_of(service), parcel, files)

        received = await service.write(work)
    if received.refusal is not None:
        raise received.refusal
    return _answer(received, language, is_incomplete=is_incomplete)


def _parcel(request: Request, record: Part, language: str) -> Parcel:
    try:
        return parcel_of_xml(
            record.content(), device_id=request.query_params.get("deviceID")
        )
    except InstanceRejected as rejected:
        raise RecordUnreadable(
            reason=rejected.message.in_language(language),
            remedy=rejected.remedy.in_language(language),
        ) from rejected


def _log(request: Request, scope: Scope, parcel: Parcel, parts: Sequence[Part]) -> None:
    """Note what came from whom; never an answer. The request's line has the rest."""
    log.info(
        "intake",
        request_id=request.scope.get("request_id"),
        form=parcel.form_id,
        version=parcel.version,
        instance_id=parcel.instance_id,
        actor=scope.actor,
        device_id=parcel.device_id,
        user_agent=request.headers.get("user-agent"),
        parts=len(parts),
        bytes=sum(part.size for part in parts),
    )


def sorted_parts(
    parts: Sequence[Part],
) -> tuple[Part, tuple[ArrivedFile, ...], bool]:
    """Return the record, the files that came along, and whether more will come."""
    records = [part for part in parts if part.name == XML_PART]
    if len(records) != 1:
        raise RecordMissing(count=len(records))
    files = tuple(
        ArrivedFile(part.name, part.path, part.sha256, part.size, part.beginning)
        for part in parts
        if part.name not in {XML_PART, INCOMPLETE_PART}
    )
    return records[0], files, any(part.name == INCOMPLETE_PART for part in parts)


def _require_openrosa(request: Request) -> None:
    if request.headers.get("x-openrosa-version") != "1.0":
        raise NotOpenRosa


def _require_submitting(_session: Session, scope: Scope) -> None:
    scope.require(Permission.SUBMIT_VISITS)


def _xml(request: Request, content: bytes, etag: str | None = None) -> Response:
    known = etag or hashlib.sha256(content).hexdigest()
    response = stored_response(request, content, XML_TYPE, known)
    response.headers.update(HEADERS)
    return response


def _answer(received: Received, language: str, *, is_incomplete: bool) -> Response:
    message, status, nature = _told(received, is_incomplete=is_incomplete)
    text = translate(
        message,
        language,
        received=len(received.expected) - len(received.missing),
        expected=len(received.expected),
        names=", ".join(received.missing),
    )
    return openrosa_response(status, text, nature, language)


def _told(received: Received, *, is_incomplete: bool) -> tuple[str, int, str]:
    """Return the message, the status and the nature of an answer."""
    if is_incomplete:
        return GOES_ON, 202, PARTIAL
    if not received.is_placed:
        return AWAITS_SUPERVISOR, 202, SUCCESS
    if received.missing:
        return FILES_MISSING, 201, SUCCESS
    return (RECEIVED_FILES if received.expected else RECEIVED), 201, SUCCESS
