"""The web form: its shell and bundle, what it takes along, and the door for sealed records.

The shell holds no answer and no name, so that a service worker may keep it. What the
browser runs there needs one thing more than our other pages: WebAssembly, in which the
engine reads XPath.
"""

import gzip
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.field_keys import public_point, unseal
from api.intake import intake_of
from api.languages import accepted_language
from api.middleware import CONTENT_POLICY
from api.multipart import BEGINNING_BYTES, Part, received_parts
from api.openrosa import INCOMPLETE_PART, RecordUnreadable, sorted_parts
from api.pages.field_package import package, taken
from api.problems import AddressNotFound
from api.routing import feature_router
from audits.checklists.instance import InstanceRejected
from audits.fieldwork.carried import forms_to_fill
from audits.submissions.arriving import parcel_of_xml
from audits.submissions.intake import Received, receive
from compliance import limits
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope, scope_of
from compliance.problems import Kind, Problem
from compliance.texts import N_

BUNDLE = Path(__file__).parent / "static" / "form"
SHELL = "index.html"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
}
YEAR = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"
POLICY = (
    CONTENT_POLICY.replace("script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'")
    .replace("img-src 'self' data:", "img-src 'self' data: blob:")
    .replace("connect-src 'self'", "connect-src 'self'; worker-src 'self'")
    + "; media-src 'self' blob:"
)
NOT_KEPT = {"Cache-Control": "no-store"}

field = feature_router("/field", "pages")
bundle = feature_router("/static/form", "pages")


class SealedPartTooLarge(Problem):
    kind = Kind.TOO_LARGE
    title = N_("A sealed file is too large")
    detail = N_("One sealed file may have at most {limit} bytes; {name} has {size}.")


class DeviceOfSomebodyElse(Problem):
    """What one person finished is never sent in the name of another."""

    kind = Kind.CONFLICT
    title = N_("This record was finished by somebody else")
    detail = N_(
        "It was finished by {finished_by}, and you are {actor}. Let that person sign in "
        "on this device and send it."
    )


@field.get("", include_in_schema=False)
async def shell(request: Request) -> Response:
    """Open the web form for whoever may send visits; offline the device has it."""
    await hop.read(request, _require_submitting)
    response = _file(request, SHELL)
    response.headers["Cache-Control"] = ASK_AGAIN
    return response


@field.get("/worker.js", include_in_schema=False)
async def worker(request: Request) -> Response:
    """Serve the service worker, which may look after /field and what is below it."""
    response = _file(request, "worker.js")
    response.headers["Cache-Control"] = ASK_AGAIN
    response.headers["Service-Worker-Allowed"] = "/field"
    return response


@bundle.get("/{name}", include_in_schema=False)
async def bundled(request: Request, name: str) -> Response:
    """Serve a file of the bundle; it is asked for by its hash, so it is kept for good."""
    response = _file(request, name)
    is_by_hash = request.query_params.get("v") == _hash(name)
    response.headers["Cache-Control"] = YEAR if is_by_hash else ASK_AGAIN
    return response


@field.get("/start", include_in_schema=False)
async def start(request: Request) -> Response:
    """Tell who is here, what can be taken along, and the key that records are sealed to."""
    settings = hop.service_of(request).settings

    def work(session: Session, scope: Scope) -> dict[str, Any]:
        scope.require(Permission.SUBMIT_VISITS)
        return {
            "actor": scope.actor,
            "person": scope.person_name or scope.actor,
            "organisation": scope.organisation_name,
            "contact": settings.field_contact,
            "key": public_point(settings.resolved_field_key_file).hex(),
            "checklists": [
                {
                    "id": one.public_id,
                    "form_id": one.form_id,
                    "version": one.version,
                    "title": one.title or one.form_id,
                }
                for one in (form.version for form in forms_to_fill(session, scope))
            ],
        }

    return _json(await hop.read(request, work))


@field.get("/checklists/{version}", include_in_schema=False)
async def take_along(request: Request, version: str) -> Response:
    """Tell all that a device needs to fill one checklist offline."""
    book = hop.service_of(request).book
    found = await hop.read(
        request, lambda session, scope: taken(session, scope, version)
    )
    return _json(package(book, found))


@field.post("/submission", include_in_schema=False)
async def submit_sealed(request: Request) -> Response:
    """Take in a finished record as the phones' door does, once it is unsealed.

    The parts are those of an OpenRosa upload, each but the flag sealed under its name.
    """
    await hop.read(request, _require_submitting)
    service, credential = hop.service_of(request), hop.credential_of(request)
    language = accepted_language(request)
    finished_by = request.headers.get("x-finished-by")
    async with received_parts(request, service.files.incoming(), {}) as sealed:
        key, folder = (
            service.settings.resolved_field_key_file,
            service.files.incoming(),
        )

        def work(session: Session) -> tuple[Received, bool]:
            scope = scope_of(session, credential)
            if finished_by is not None and finished_by != scope.actor:
                raise DeviceOfSomebodyElse(finished_by=finished_by, actor=scope.actor)
            with _unsealed(key, folder, sealed) as parts:
                record, files, is_incomplete = sorted_parts(parts)
                try:
                    parcel = parcel_of_xml(record.content())
                except InstanceRejected as rejected:
                    raise RecordUnreadable(
                        reason=rejected.message.in_language(language),
                        remedy=rejected.remedy.in_language(language),
                    ) from rejected
                received = receive(session, scope, intake_of(service), parcel, files)
                return received, is_incomplete

        received, is_incomplete = await service.write(work)
    if received.refusal is not None:
        raise received.refusal
    return _json(
        {
            "id": received.public_id,
            "is_placed": received.is_placed,
            "expected": list(received.expected),
            "missing": list(received.missing),
        },
        202 if is_incomplete or not received.is_placed else 201,
    )


@contextmanager
def _unsealed(
    key: Path, folder: Path, sealed: Sequence[Part]
) -> Iterator[tuple[Part, ...]]:
    """Open each part beside its sealed file; what nobody takes over is removed after."""
    opened: list[Part] = []
    try:
        for part in sealed:
            if part.name == INCOMPLETE_PART:
                opened.append(part)
                continue
            if part.size > limits.FIELD_PART_BYTES:
                raise SealedPartTooLarge(
                    name=part.name, size=part.size, limit=limits.FIELD_PART_BYTES
                )
            text = unseal(key, part.name, part.content())
            with NamedTemporaryFile(dir=folder, delete=False) as file:
                file.write(text)
            opened.append(
                Part(
                    part.name,
                    Path(file.name),
                    sha256(text).hexdigest(),
                    len(text),
                    text[:BEGINNING_BYTES],
                )
            )
        yield tuple(opened)
    finally:
        for one in opened:
            one.path.unlink(missing_ok=True)


def _require_submitting(_session: Session, scope: Scope) -> None:
    scope.require(Permission.SUBMIT_VISITS)


def _json(document: object, status: int = 200) -> Response:
    answer = hop.json_answer(status, document)
    return Response(
        answer.body, status, headers={**NOT_KEPT, "Content-Type": "application/json"}
    )


def _file(request: Request, name: str) -> Response:
    path = BUNDLE / name
    if path.parent != BUNDLE or path.suffix not in TYPES or not path.is_file():
        raise AddressNotFound(path=request.url.path)
    headers = {
        "Content-Type": TYPES[path.suffix],
        "Content-Security-Policy": POLICY,
        "Vary": "Accept-Encoding",
    }
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(path.read_bytes(), headers=headers)
    packed = _packed(path, path.stat().st_mtime_ns)
    return Response(packed, headers={**headers, "Content-Encoding": "gzip"})


@cache
def _packed(path: Path, _changed: int) -> bytes:
    """Return a file as it travels: a third, which over a field's link is a minute."""
    return gzip.compress(path.read_bytes(), mtime=0)


def _hash(name: str) -> str:
    path = BUNDLE / name
    return _digest(path, path.stat().st_mtime_ns) if path.is_file() else ""


@cache
def _digest(path: Path, _changed: int) -> str:
    return sha256(path.read_bytes()).hexdigest()[:16]
