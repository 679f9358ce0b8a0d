"""Dated answers to scorecards over HTTP: what a site says of its card, as codes alone."""

from typing import Annotated, Any

from fastapi import Query, Request
from pydantic import Field, StringConstraints
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.lists import After, Rows, page_response
from api.routing import feature_router
from api.wire import ONE_PROBLEMS, ProblemDocument, Wire
from compliance import limits
from compliance.idempotency import Answer
from compliance.identity.scope import Scope
from compliance.scorecards import answers
from compliance.scorecards.answers import AnswerCode, AnswerRecord, Side

card_answers = feature_router("/v1/scorecards", "scorecards")

ANSWER_PROBLEMS = {
    **ONE_PROBLEMS,
    409: {"model": ProblemDocument, "description": "Said, or withdrawn, already."},
}


class CardAnswerWire(Wire):
    """One answer: what is said, of which flag, and whether it still stands."""

    id: str
    scorecard: str
    code: AnswerCode
    flag: str | None
    given_by: Side
    given_at: str
    withdrawn_at: str | None


class CardAnswerPage(Wire):
    items: list[CardAnswerWire]
    next: str | None


class NewCardAnswer(Wire):
    """An answer of the site: one of the catalogue, and the flag it is about."""

    code: AnswerCode
    flag: Annotated[
        str | None,
        StringConstraints(pattern=r"^[A-Z]{2}-[0-9]{1,6}$", strict=True),
        Field(description="A red flag, as the scorecard has it.", examples=["RF-01"]),
    ] = None


def answer_document(scorecard: str, found: AnswerRecord) -> dict[str, Any]:
    """Return an answer as the API tells it."""
    return {
        "id": found.public_id,
        "scorecard": scorecard,
        "code": found.code,
        "flag": found.flag,
        "given_by": found.side,
        "given_at": found.given_at,
        "withdrawn_at": found.withdrawn_at,
    }


@card_answers.get(
    "/{scorecard}/answers",
    responses={200: {"model": CardAnswerPage}, **ONE_PROBLEMS},
)
async def list_card_answers(
    request: Request,
    scorecard: str,
    after: After = None,
    rows: Rows = limits.PAGE_ROWS_DEFAULT,
    *,
    standing: Annotated[
        bool | None, Query(description="Only those not withdrawn, or the others.")
    ] = None,
) -> Response:
    """List what the site says of its card, the oldest first; who sees one sees both."""
    page = await hop.read(
        request,
        lambda session, scope: answers.answers(
            session, scope, scorecard, rows=rows, after=after, standing=standing
        ),
    )
    documents = [answer_document(scorecard, found) for found in page.rows]
    return page_response(request, documents, page.next_after)


@card_answers.post(
    "/{scorecard}/answers",
    status_code=201,
    responses={201: {"model": CardAnswerWire}, **ANSWER_PROBLEMS},
)
async def give_card_answer(
    request: Request, scorecard: str, body: NewCardAnswer
) -> Response:
    """Answer a card as who runs the site, or as its keeper for a farmer."""

    def work(session: Session, scope: Scope) -> Answer:
        found = answers.give(session, scope, scorecard, code=body.code, flag=body.flag)
        return _told(201, scorecard, found)

    return await hop.write(request, work)


@card_answers.get(
    "/{scorecard}/answers/{answer}",
    responses={200: {"model": CardAnswerWire}, **ONE_PROBLEMS},
)
async def read_card_answer(request: Request, scorecard: str, answer: str) -> Response:
    """Read one answer to a card."""
    found = await hop.read(
        request,
        lambda session, scope: answers.answer(session, scope, scorecard, answer),
    )
    return hop.respond(hop.json_answer(200, answer_document(scorecard, found)))


@card_answers.post(
    "/{scorecard}/answers/{answer}/withdraw",
    responses={200: {"model": CardAnswerWire}, **ANSWER_PROBLEMS},
)
async def withdraw_card_answer(
    request: Request, scorecard: str, answer: str
) -> Response:
    """Take an answer back; it stays to be read, as withdrawn."""

    def work(session: Session, scope: Scope) -> Answer:
        found = answers.withdraw(session, scope, scorecard, answer)
        return _told(200, scorecard, found)

    return await hop.write(request, work)


def _told(status: int, scorecard: str, found: AnswerRecord) -> Answer:
    location = f"/v1/scorecards/{scorecard}/answers/{found.public_id}"
    document = answer_document(scorecard, found)
    return hop.json_answer(
        status, document, **({"location": location} if status == 201 else {})
    )
