"""The pages of the right of reply: what a site may answer, until when, and what it said."""

from dataclasses import dataclass
from enum import StrEnum

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.intake import keyring_of
from api.pages.deadlines_told import Deadline, deadline
from api.pages.forms import Form, form_of, go_to, sent
from api.pages.options import codes_told, texts_told
from api.pages.rendering import language_of, page
from api.pages.stated import stated
from api.pages.tables import (
    chosen,
    csv_response,
    pager,
    read_list,
    wants_csv,
    words_chosen,
)
from api.pages.words_of_reviews import OWN_ANSWERS
from api.replies import NewReply, reply_document
from api.routing import feature_router
from audits.reviews import queries
from audits.reviews.queries import ReplyRecord, ReplyState
from audits.reviews.replying import answer_reply
from compliance import clock, limits
from compliance.findings.queries import FindingRecord
from compliance.findings.urgency import pressing
from compliance.idempotency import Answer
from compliance.identity.permissions import Permission
from compliance.identity.policy import Relation
from compliance.identity.scope import Scope
from compliance.texts import N_, translate

replies = feature_router("/replies", "pages")


class Shown(StrEnum):
    """Which replies a list holds; those that wait, unless something is chosen."""

    ANY = "any"
    GIVEN = "given"


@dataclass(frozen=True)
class Row:
    reply: ReplyRecord
    state: ReplyState
    until: Deadline


@dataclass(frozen=True)
class Seen:
    """All that the page of a reply shows, read in one transaction."""

    scope: Scope
    reply: ReplyRecord
    text: str | None
    findings: tuple[FindingRecord, ...]

    @property
    def may_answer(self) -> bool:
        """Tell whether the reader answers for the site, while it can be answered."""
        is_ours = self.reply.relation is not Relation.OWN or (
            self.reply.operator_id in {None, self.scope.organisation_id}
        )
        is_running = self.reply.state(clock.now()) in {ReplyState.DUE, ReplyState.OVER}
        return is_ours and is_running and self.scope.may(Permission.ANSWER_FINDINGS)


@replies.get("", include_in_schema=False)
async def show_replies(request: Request) -> Response:
    """Show the replies that sites were offered, those that wait first of all."""
    shown = chosen(request, "show", Shown)
    site = words_chosen(request, "site")
    is_open = {None: True, Shown.GIVEN: False, Shown.ANY: None}[shown]

    seen = await read_list(
        request,
        lambda session, scope, rows, after: queries.replies(
            session, scope, rows=rows, after=after, site=site, is_open=is_open
        ),
    )
    if wants_csv(request):
        return csv_response([reply_document(one) for one in seen.rows], "replies")
    language = language_of(request, seen.scope)
    return page(
        request,
        "replies.html",
        scope=seen.scope,
        rows=[_row(one, language) for one in seen.rows],
        chosen=request.query_params,
        **pager(request, seen.next_after),
    )


def _row(found: ReplyRecord, language: str) -> Row:
    state = found.state(clock.now())
    is_done = state in {ReplyState.ANSWERED, ReplyState.CLOSED}
    label = N_("Answer until")
    return Row(found, state, deadline(label, found.due_at, language, is_done=is_done))


@replies.get("/{reply}", include_in_schema=False)
async def show_reply(request: Request, reply: str) -> Response:
    """Show what can be answered, the form to do so, or the answer with its day."""
    return await _page(request, reply, Form())


async def _page(request: Request, reply: str, form: Form) -> Response:
    keyring = keyring_of(hop.service_of(request))

    def work(session: Session, scope: Scope) -> Seen:
        found = queries.reply(session, scope, reply)
        return Seen(
            scope,
            found,
            queries.reply_text(session, scope, keyring, found),
            tuple(
                pressing(
                    session,
                    scope,
                    rows=limits.PAGE_ROWS,
                    site=found.site_public_id,
                    is_open=True,
                ).rows
            ),
        )

    seen = await hop.read(request, work)
    language = language_of(request, seen.scope)
    is_done = request.query_params.get("done") == "replied"
    note = translate(N_("Your answer is kept with its day."), language)
    return page(
        request,
        "reply.html",
        scope=seen.scope,
        status=form.status,
        form=form,
        seen=seen,
        row=_row(seen.reply, language),
        reply=seen.reply,
        book=hop.service_of(request).book,
        codes=texts_told(OWN_ANSWERS, language)
        if seen.reply.relation is Relation.OPERATES
        else codes_told(OWN_ANSWERS, language),
        today=clock.today(),
        done_note=note if is_done else None,
    )


@replies.post("/{reply}", include_in_schema=False)
async def give_reply(request: Request, reply: str) -> Response:
    """Answer what was found at a site, or waive the reply."""
    form = await form_of(request)
    keyring = keyring_of(hop.service_of(request))

    def work(session: Session, scope: Scope) -> Answer:
        body = stated(NewReply, form)
        answer_reply(session, scope, keyring, reply, code=body.code, text=body.text)
        return go_to(f"/replies/{reply}", done="replied")

    async def again(form: Form) -> Response:
        return await _page(request, reply, form)

    return await sent(request, form, work, again)
