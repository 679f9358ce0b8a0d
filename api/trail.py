"""The trail over HTTP: who did what and when, proofs of it, and what witnesses need."""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import orjson
from fastapi import Query, Request
from sqlalchemy.orm import Session
from starlette.background import BackgroundTask
from starlette.responses import FileResponse, Response

from api import hop
from api.lists import Rows, page_response
from api.routing import feature_router
from api.stored import as_attachment, stored_response
from api.submissions_wire import WrittenInstant
from api.wire import ONE_PROBLEMS, PROBLEMS, ProblemDocument, Wire
from compliance import clock, limits
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.proofs import exporting, queries
from compliance.proofs.keys import key_document, keys
from compliance.proofs.queries import Entry, EntryProof, HeadRecord, Order
from compliance.proofs.statements import hexadecimal
from compliance.trail import verify_trail

trail = feature_router("/v1/trail", "trail")
public_trail = feature_router("", "trail")

NDJSON = "application/x-ndjson"
SCRIPT = Path(verify_trail.__file__)
OPEN = {"Cache-Control": "public, max-age=60", "Access-Control-Allow-Origin": "*"}
SEALED_PROBLEMS = {
    **ONE_PROBLEMS,
    409: {"model": ProblemDocument, "description": "It is not sealed yet."},
}

AfterNumber = Annotated[
    int | None,
    Query(
        ge=0,
        le=limits.LARGEST_NUMBER,
        description="The number after which the page begins; see the Link header.",
    ),
]
Number = Annotated[int, Query(ge=1, le=limits.LARGEST_NUMBER)]


class EntryWire(Wire):
    """Who did what to which thing and when; facts tell what changed."""

    entry: int
    at: str
    actor: str
    action: str
    subject: str
    facts: dict[str, Any]
    sha256: str


class EntryPage(Wire):
    items: list[EntryWire]
    next: str | None


class SignedHeadWire(Wire):
    """A signed head: the exact texts, the id of the key, the signature of `head`."""

    head: str
    snapshot: str
    key: str
    signature: str


class AnchorWire(Wire):
    """A place that was shown the head."""

    place: str
    at: str


class HeadWire(SignedHeadWire):
    number: int
    anchors: list[AnchorWire]


class HeadPage(Wire):
    items: list[HeadWire]
    next: str | None


class EntryProofWire(Wire):
    """What leads from an entry to a signed head; docs/trail.md tells how to check it.

    Hashes and signatures are hexadecimal; texts are the exact ones that are hashed.
    """

    number: int
    entry: str
    path: list[str]
    statement: str
    slot: int
    organisations: int
    statement_path: list[str]
    log_path: list[str]
    head: SignedHeadWire


class ConsistencyWire(Wire):
    """What shows that the log of one head begins that of another (RFC 6962)."""

    before: SignedHeadWire
    after: SignedHeadWire
    proof: list[str]


class PublicKeyWire(Wire):
    """A key as the one before it presents it; the first presents itself."""

    key: str
    signature: str


class PublicKeys(Wire):
    items: list[PublicKeyWire]


def entry_document(entry: Entry) -> dict[str, Any]:
    """Return an entry as lists tell it."""
    return {
        "entry": entry.sequence,
        "at": entry.at,
        "actor": entry.actor,
        "action": entry.action,
        "subject": entry.subject,
        "facts": entry.facts,
        "sha256": entry.sha256,
    }


def head_document(record: HeadRecord) -> dict[str, Any]:
    """Return a head with where it was shown."""
    return {
        **record.head.document,
        "number": record.head.number,
        "anchors": [{"place": one.place, "at": one.at} for one in record.anchors],
    }


def proof_document(proof: EntryProof) -> dict[str, Any]:
    """Return a proof in the order in which it is checked."""
    return {
        "number": proof.sequence,
        "entry": proof.entry.decode(),
        "path": hexadecimal(proof.path),
        "statement": proof.statement.decode(),
        "slot": proof.placed.slot,
        "organisations": proof.placed.slots,
        "statement_path": hexadecimal(proof.placed.path),
        "log_path": hexadecimal(proof.log_path),
        "head": proof.head.document,
    }


@trail.get("", responses={200: {"model": EntryPage}, **PROBLEMS})
async def list_trail(
    request: Request,
    after: AfterNumber = None,
    rows: Rows = limits.PAGE_ROWS_DEFAULT,
    subject: Annotated[
        str | None, Query(description="Public id of the thing it was done to.")
    ] = None,
    actor: Annotated[
        str | None, Query(description="Public id of the person or key, or `system`.")
    ] = None,
    since: Annotated[
        WrittenInstant | None, Query(description="Only what was done since then.")
    ] = None,
    order: Order = "oldest",
) -> Response:
    """List who did what in your organisation, in the order in which it was chained."""
    page = await hop.read(
        request,
        lambda session, scope: queries.entries(
            session,
            scope,
            rows=rows,
            after=after,
            subject=subject,
            actor=actor,
            since=since,
            order=order,
        ),
    )
    documents = [entry_document(entry) for entry in page.rows]
    return page_response(request, documents, page.next_after)


@trail.get("/heads", responses={200: {"model": HeadPage}, **PROBLEMS})
async def list_heads(
    request: Request,
    after: AfterNumber = None,
    rows: Rows = limits.PAGE_ROWS_DEFAULT,
    order: Order = "oldest",
) -> Response:
    """List the signed heads and the places outside that were shown them."""

    def work(session: Session, scope: Scope) -> Any:
        scope.require(Permission.READ_TRAIL)
        return queries.heads(session, rows=rows, after=after, order=order)

    page = await hop.read(request, work)
    documents = [head_document(record) for record in page.rows]
    return page_response(request, documents, page.next_after)


@trail.get("/consistency", responses={200: {"model": ConsistencyWire}, **ONE_PROBLEMS})
async def prove_consistency(
    request: Request,
    before: Annotated[Number, Query(alias="from", description="The earlier head.")],
    after: Annotated[Number, Query(alias="to", description="The later head.")],
) -> Response:
    """Prove that nothing under one head was rewritten up to another."""
    proof = await hop.read(
        request,
        lambda session, scope: queries.consistency(
            session, scope, before=before, after=after
        ),
    )
    document = {
        "before": proof.before.document,
        "after": proof.after.document,
        "proof": hexadecimal(proof.proof),
    }
    return hop.respond(hop.json_answer(200, document))


@trail.get(
    "/export",
    responses={200: {"content": {NDJSON: {}}}, **PROBLEMS, 409: SEALED_PROBLEMS[409]},
)
async def export_trail(request: Request) -> Response:
    """Fetch your whole trail with its proofs, to be checked with /verify-trail.py."""
    service = hop.service_of(request)
    key_file = service.settings.resolved_trail_key_file

    def work(session: Session, scope: Scope) -> tuple[Path, str]:
        lines = exporting.export(session, scope, key_file)
        name = f"trail-{scope.organisation_public_id}-{clock.today()}.ndjson"
        return _written(lines, service.files.incoming()), name

    path, name = await hop.read(request, work)
    return FileResponse(
        path,
        media_type=NDJSON,
        headers={"Content-Disposition": as_attachment(name)},
        background=BackgroundTask(path.unlink, missing_ok=True),
    )


def _written(lines: Iterator[bytes], folder: Path) -> Path:
    """Write an export to a file of its own: it can be longer than memory."""
    handle, name = tempfile.mkstemp(dir=folder)
    path = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.writelines(lines)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path


@trail.get(
    "/{entry}/proof", responses={200: {"model": EntryProofWire}, **SEALED_PROBLEMS}
)
async def prove_entry(request: Request, entry: int) -> Response:
    """Prove that one entry stands under the newest signed head."""
    number = min(max(entry, 0), limits.LARGEST_NUMBER)
    proof = await hop.read(
        request, lambda session, scope: queries.entry_proof(session, scope, number)
    )
    return hop.respond(hop.json_answer(200, proof_document(proof)))


@public_trail.get(
    "/.well-known/atalaya-trail-keys", responses={200: {"model": PublicKeys}}
)
async def public_keys(request: Request) -> Response:
    """Read the public keys that sign the trail's heads; anybody may."""
    known = await hop.service_of(request).read(
        lambda session: [key_document(key) for key in keys(session)]
    )
    body = orjson.dumps({"items": known})
    return Response(body, headers=OPEN, media_type="application/json")


@public_trail.get(
    "/.well-known/atalaya-trail-heads",
    responses={200: {"model": HeadPage}, 422: PROBLEMS[422]},
)
async def public_heads(
    request: Request,
    after: AfterNumber = None,
    rows: Rows = limits.PAGE_ROWS,
    order: Order = "oldest",
) -> Response:
    """Read the signed heads, so that anybody can keep them and be a witness."""
    page = await hop.service_of(request).read(
        lambda session: queries.heads(session, rows=rows, after=after, order=order)
    )
    answer = page_response(
        request, [head_document(record) for record in page.rows], page.next_after
    )
    answer.headers.update(OPEN)
    return answer


@public_trail.get(
    "/verify-trail.py", responses={200: {"content": {"text/x-python": {}}}}
)
async def verifier(request: Request) -> Response:
    """Fetch the script that checks an export; it needs Python and nothing else."""
    content, digest = _script()
    return stored_response(request, content, "text/x-python; charset=utf-8", digest)


@cache
def _script() -> tuple[bytes, str]:
    content = SCRIPT.read_bytes()
    return content, hashlib.sha256(content).hexdigest()
