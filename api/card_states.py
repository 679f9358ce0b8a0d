"""What becomes of an issued scorecard over HTTP: suspended, lifted, revoked for good."""

from typing import Annotated, Any, Literal

from fastapi import Request
from pydantic import Field
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.routing import feature_router
from api.scorecards_wire import ScorecardWire, scorecard_document
from api.wire import ONE_PROBLEMS, ProblemDocument, Wire
from compliance.idempotency import Answer
from compliance.identity.scope import Scope
from compliance.scorecards import suspending
from compliance.scorecards.lifecycle import Why
from compliance.scorecards.queries import ScorecardRecord

card_states = feature_router("/v1/scorecards", "scorecards")

STEP_PROBLEMS: dict[int | str, dict[str, Any]] = {
    **ONE_PROBLEMS,
    409: {"model": ProblemDocument, "description": "Not possible from here."},
}


class Suspension(Wire):
    """Why a card is suspended, as the class of reason that anybody is told."""

    reason: Annotated[
        Literal["under_review", "evidence_doubted"],
        Field(
            description="under_review: who issued it looks at it again. "
            "evidence_doubted: what it rests on is in doubt."
        ),
    ]


class Revocation(Wire):
    """Why a card is revoked for good, as the class of reason that anybody is told."""

    reason: Literal["issued_in_error", "evidence_false", "site_closed"]


class CardStateWire(ScorecardWire):
    """A card after a step, and all that it stands suspended for, the gravest first."""

    suspended_for: list[Why]


@card_states.post(
    "/{scorecard}/suspend",
    responses={200: {"model": CardStateWire}, **STEP_PROBLEMS},
)
async def suspend_scorecard(
    request: Request, scorecard: str, body: Suspension
) -> Response:
    """Suspend a card that you issued; whoever verifies or follows it is told at once."""

    def work(session: Session, scope: Scope) -> Answer:
        ground = Why(body.reason)
        card = suspending.suspend_by_hand(session, scope, scorecard, ground)
        return _answer(session, card)

    return await hop.write(request, work)


@card_states.post(
    "/{scorecard}/restore",
    responses={200: {"model": CardStateWire}, **STEP_PROBLEMS},
)
async def restore_scorecard(
    request: Request, scorecard: str, body: Suspension
) -> Response:
    """Lift what a person suspended a card for; what else it is suspended for stands."""

    def work(session: Session, scope: Scope) -> Answer:
        card = suspending.restore(session, scope, scorecard, Why(body.reason))
        return _answer(session, card)

    return await hop.write(request, work)


@card_states.post(
    "/{scorecard}/revoke",
    responses={200: {"model": CardStateWire}, **STEP_PROBLEMS},
)
async def revoke_scorecard(
    request: Request, scorecard: str, body: Revocation
) -> Response:
    """Revoke a card that you issued, for good; nothing makes it valid again."""

    def work(session: Session, scope: Scope) -> Answer:
        card = suspending.revoke(session, scope, scorecard, Why(body.reason))
        return _answer(session, card)

    return await hop.write(request, work)


def _answer(session: Session, card: ScorecardRecord) -> Answer:
    grounds = suspending.grounds(session, card)
    return hop.json_answer(200, {**scorecard_document(card), "suspended_for": grounds})
