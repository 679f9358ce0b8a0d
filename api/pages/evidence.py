"""What shows that a corrective action was done: files from a phone, kept sealed.

A picture is shown smaller and without what its camera wrote into it, made anew each time:
nothing but the sealed original is ever on disk.
"""

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.intake import keyring_of
from api.multipart import Part
from api.pages.action import action_page
from api.pages.forms import CORRECTABLE, Form, go_to, sent_back
from api.pages.stated import FieldTold
from api.pages.uploads import Upload, upload_of
from api.routing import feature_router
from audits.submissions.pictures import KINDS, PictureRefused, read_picture
from audits.submissions.sniffing import sniffed_type
from compliance import limits
from compliance.corrective_actions import actions, proofs
from compliance.corrective_actions.actions import Words
from compliance.corrective_actions.codes import ProofKind
from compliance.corrective_actions.lifecycle import State, Step
from compliance.corrective_actions.proofs import (
    ActionEnded,
    ArrivedProof,
    ProofEmptyOrTooLarge,
    ProofNotTaken,
    TooManyProofs,
    add_proof,
)
from compliance.corrective_actions.queries import corrective_action
from compliance.idempotency import Answer
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.problems import Kind, Problem
from compliance.scorecards.suspending import follow_findings
from compliance.texts import N_

FIELDS, FILES = ("kind", "report", "remark"), ("photo", "file")
WRONG_FILE = (ProofNotTaken, ProofEmptyOrTooLarge, TooManyProofs, ActionEnded)
MENDABLE = CORRECTABLE | {Kind.WRONG_TYPE}
evidence = feature_router("/evidence", "pages")


def _require(session: Session, scope: Scope, action: str) -> None:
    """Refuse whoever may not send a file before it comes in."""
    corrective_action(session, scope, action)
    scope.require(Permission.ANSWER_FINDINGS)


@evidence.post("/{action}", include_in_schema=False)
async def upload(request: Request, action: str) -> Response:
    """Take in a file that shows what was done; on wish it is reported as done with it."""
    await hop.read(request, lambda session, scope: _require(session, scope, action))
    try:
        async with upload_of(
            request, FIELDS, dict.fromkeys(FILES, limits.PROOF_BYTES)
        ) as brought:
            return await _sent(request, action, brought)
    except Problem as problem:
        # Broken off on its way: nothing was stored, and the same may be sent again.
        if problem.kind not in MENDABLE:
            raise
        broken = await sent_back(request, Form({"file": ""}), problem)
        return await action_page(request, action, broken)


async def _sent(request: Request, action: str, brought: Upload) -> Response:
    form, service = brought.form, hop.service_of(request)
    keyring = keyring_of(service)
    given = [name for name in FILES if (part := brought.parts.get(name)) and part.size]

    def keep(session: Session, scope: Scope, kind: ProofKind, name: str) -> None:
        try:
            add_proof(
                session,
                scope,
                keyring,
                service.files,
                action,
                kind=kind,
                arrived=_arrived(brought.file(name)),
            )
        except WRONG_FILE as problem:
            raise FieldTold(name, problem.detail, problem.facts) from problem

    def work(session: Session, scope: Scope) -> Answer:
        kind = form.choice("kind", ProofKind)
        for name in given or ("file",):
            keep(session, scope, kind, name)
        if not form.value("report"):
            return go_to(f"/actions/{action}", done="evidence")
        report(session, scope, action)
        return go_to(f"/actions/{action}", done=Step.REPORT_DONE)

    def report(session: Session, scope: Scope, action: str) -> None:
        found = corrective_action(session, scope, action)
        if found.state is State.AGREED:
            actions.take_step(session, scope, keyring, action, Step.START)
        words = Words(remark=form.value("remark").strip() or None)
        found = actions.take_step(
            session, scope, keyring, action, Step.REPORT_DONE, words
        )
        follow_findings(session, scope, found.site_id)

    try:
        hashes = [brought.parts[name].sha256 for name in given]
        told = " ".join((*hashes, *(form.value(name) for name in FIELDS)))
        return await hop.write(
            request, work, body=told.encode(), key=form.value("once") or None
        )
    except Problem as problem:
        if problem.kind not in CORRECTABLE:
            raise
        wrong = await sent_back(request, form, problem)
        return await action_page(request, action, wrong)


def _arrived(file: Part) -> ArrivedProof:
    return ArrivedProof(file.path, file.sha256, file.size, sniffed_type(file.beginning))


class NoPicture(Problem):
    kind = Kind.NOT_FOUND
    title = N_("This file is not shown as a picture")
    detail = N_("{proof} is {media_type}; save a copy of it to look at it.")


@evidence.get("/{action}/{proof}", include_in_schema=False)
async def show_picture(request: Request, action: str, proof: str) -> Response:
    """Show a picture of a corrective action, smaller and without its camera's data."""
    service = hop.service_of(request)

    def work(session: Session, scope: Scope) -> bytes:
        found, pieces = proofs.proof_pieces(
            session, scope, keyring_of(service), service.files, action, proof
        )
        if found.media_type not in KINDS:
            raise NoPicture(proof=proof, media_type=found.media_type)
        try:
            return read_picture(b"".join(pieces), found.media_type).smaller.content
        except PictureRefused as refusal:
            raise NoPicture(proof=proof, media_type=found.media_type) from refusal

    return Response(
        await hop.read(request, work),
        media_type="image/jpeg",
        headers={
            "Cache-Control": "private, no-store",
            "Content-Disposition": "inline",
            "X-Content-Type-Options": "nosniff",
        },
    )
