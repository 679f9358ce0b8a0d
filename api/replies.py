"""The right of reply over HTTP: what a site was offered to answer, and what it says."""

from typing import Annotated, Any, Literal

from fastapi import Query, Request
from pydantic import Field, StringConstraints
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.intake import keyring_of
from api.lists import After, Rows, page_response
from api.routing import feature_router
from api.wire import ONE_PROBLEMS, PROBLEMS, Day, Instant, ProblemDocument, Wire
from audits.reviews import queries
from audits.reviews.models import ReplyCode
from audits.reviews.queries import ReplyRecord, ReplyState
from audits.reviews.replying import answer_reply
from audits.visits.models import AuditKind
from compliance import clock, limits
from compliance.idempotency import Answer
from compliance.identity.policy import Relation
from compliance.identity.scope import Scope

replies = feature_router("/v1/replies", "audits")


class ReplyWire(Wire):
    """What a site was offered to answer; nothing of who visited, or what was said."""

    id: str
    site: str
    site_name: str
    audit: str
    kind: AuditKind
    fieldwork_from: Day
    fieldwork_to: Day
    state: ReplyState
    offered_at: Instant
    due_at: Instant
    code: ReplyCode | None
    answered_as: Annotated[
        Relation | None,
        Field(description="Whether its operator answered, or who keeps its record."),
    ]
    answered_at: Instant | None
    relation: Relation


class ReplyPage(Wire):
    items: list[ReplyWire]
    next: str | None


class ReplyDetail(ReplyWire):
    """A reply with its words, for those who gave it and those who review it."""

    text: str | None


class NewReply(Wire):
    """What the site says; `waives` says nothing and hands the audit back at once."""

    code: ReplyCode
    text: Annotated[
        str | None,
        StringConstraints(min_length=1, max_length=4000, strict=True),
        Field(
            description="In words. It is sealed and shown to who gives it and who "
            "reviews; never name a worker or a child."
        ),
    ] = None


def reply_document(found: ReplyRecord) -> dict[str, Any]:
    """Return a reply as lists tell it: without its words."""
    return {
        "id": found.public_id,
        "site": found.site_public_id,
        "site_name": found.site_name,
        "audit": found.audit,
        "kind": found.kind,
        "fieldwork_from": found.fieldwork_from,
        "fieldwork_to": found.fieldwork_to,
        "state": found.state(clock.now()),
        "offered_at": found.offered_at,
        "due_at": found.due_at,
        "code": found.code,
        "answered_as": found.answered_as,
        "answered_at": found.answered_at,
        "relation": found.relation,
    }


@replies.get("", responses={200: {"model": ReplyPage}, **PROBLEMS})
async def list_replies(
    request: Request,
    after: After = None,
    rows: Rows = limits.PAGE_ROWS_DEFAULT,
    site: Annotated[str | None, Query(description="Public id of a site.")] = None,
    is_open: Annotated[
        bool | None, Query(alias="open", description="Whether it can still be given.")
    ] = None,
    relation: Annotated[
        Literal["own", "operates"] | None,
        Query(description="Of the sites in your register, or of those you operate."),
    ] = None,
) -> Response:
    """List the replies that sites you operate, or keep the record of, were offered."""
    page = await hop.read(
        request,
        lambda session, scope: queries.replies(
            session,
            scope,
            rows=rows,
            after=after,
            seen_as=None if relation is None else Relation(relation),
            site=site,
            is_open=is_open,
        ),
    )
    documents = [reply_document(found) for found in page.rows]
    return page_response(request, documents, page.next_after)


@replies.get("/{reply}", responses={200: {"model": ReplyDetail}, **ONE_PROBLEMS})
async def read_reply(request: Request, reply: str) -> Response:
    """Read one reply, with its words where you may."""
    keyring = keyring_of(hop.service_of(request))

    def work(session: Session, scope: Scope) -> dict[str, Any]:
        found = queries.reply(session, scope, reply)
        text = queries.reply_text(session, scope, keyring, found)
        return {**reply_document(found), "text": text}

    return hop.respond(hop.json_answer(200, await hop.read(request, work)))


@replies.post(
    "/{reply}/answer",
    responses={
        200: {"model": ReplyDetail},
        **ONE_PROBLEMS,
        409: {"model": ProblemDocument, "description": "It can be given no more."},
    },
)
async def give_reply(request: Request, reply: str, body: NewReply) -> Response:
    """Answer what was found at a site, or waive the reply."""
    keyring = keyring_of(hop.service_of(request))

    def work(session: Session, scope: Scope) -> Answer:
        given = answer_reply(
            session, scope, keyring, reply, code=body.code, text=body.text
        )
        text = queries.reply_text(session, scope, keyring, given)
        return hop.json_answer(200, {**reply_document(given), "text": text})

    return await hop.write(request, work)
