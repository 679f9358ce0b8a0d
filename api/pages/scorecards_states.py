"""The forms of a card's page: to suspend it, to lift that again, to revoke it for good."""

from collections.abc import Callable, Mapping

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api.pages.forms import FieldWrong, Form, form_of, sent
from api.pages.scorecards import card_page, seen_of
from api.pages.scorecards_steps import FIELDS, GROUNDS_OF, Step
from api.routing import feature_router
from compliance.idempotency import Answer
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.problems import Kind, Problem
from compliance.scorecards import suspending
from compliance.scorecards.codes import Status
from compliance.scorecards.lifecycle import CardStepNotAllowed, Why
from compliance.scorecards.queries import ScorecardRecord
from compliance.scorecards.suspending import AlreadySuspended, NotSuspendedFor
from compliance.texts import N_

Act = Callable[[Session, Scope, str, Why], ScorecardRecord]

scorecards_states = feature_router("/scorecards", "pages")

ACTS: Mapping[Step, Act] = {
    Step.SUSPEND: suspending.suspend_by_hand,
    Step.RESTORE: suspending.restore,
    Step.REVOKE: suspending.revoke,
}


class CardChangedMeanwhile(Problem):
    kind = Kind.CONFLICT
    title = N_("The scorecard has changed meanwhile")
    detail = N_(
        "Somebody took a step with this scorecard before you, and nothing was done now. "
        "The page shows how it stands."
    )


@scorecards_states.post("/{card_id}/suspend", include_in_schema=False)
async def suspend_card(request: Request, card_id: str) -> Response:
    """Suspend a card for what was chosen; it can be lifted again."""
    return await _taken(request, card_id, Step.SUSPEND)


@scorecards_states.post("/{card_id}/restore", include_in_schema=False)
async def restore_card(request: Request, card_id: str) -> Response:
    """Lift what a person suspended a card for; what else stands goes on standing."""
    return await _taken(request, card_id, Step.RESTORE)


@scorecards_states.post("/{card_id}/revoke", include_in_schema=False)
async def revoke_card(request: Request, card_id: str) -> Response:
    """Revoke a card for good."""
    return await _taken(request, card_id, Step.REVOKE)


async def _taken(request: Request, card_id: str, step: Step) -> Response:
    form = await form_of(request)

    def work(session: Session, scope: Scope) -> Answer:
        scope.require(Permission.ISSUE_SCORECARDS)
        reason = _reason(form, step)
        try:
            card = ACTS[step](session, scope, card_id, reason)
        except (AlreadySuspended, NotSuspendedFor, CardStepNotAllowed) as problem:
            raise CardChangedMeanwhile from problem
        # Where the note is: the browser would keep the place of the form otherwise.
        next_path = f"/scorecards/{card_id}?done={_done(step, card)}#content"
        return Answer(303, b"", (("Location", next_path),))

    async def again(form: Form) -> Response:
        return card_page(request, await seen_of(request, card_id), form=form, step=step)

    return await sent(request, form, work, again)


def _reason(form: Form, step: Step) -> Why:
    """Return what a step is taken for; raises FieldWrong for what no person takes it for."""
    reason = form.choice(FIELDS[step], Why)
    if reason not in GROUNDS_OF[step]:
        raise FieldWrong(FIELDS[step], N_("Choose one of the list."))
    return reason


def _done(step: Step, card: ScorecardRecord) -> str:
    """Return which note the page shows after a step."""
    if step is Step.RESTORE and card.status is not Status.ISSUED:
        return "still_suspended"
    return {
        Step.SUSPEND: "suspended",
        Step.RESTORE: "restored",
        Step.REVOKE: "revoked",
    }[step]
