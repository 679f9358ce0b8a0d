"""The form of a corrective action: what a site will do about a cause, and by when."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.corrective_actions import NewAction
from api.intake import keyring_of
from api.pages.forms import Form, form_of, go_to, sent
from api.pages.rendering import page
from api.pages.stated import Beside, beside, stated
from api.routing import feature_router
from compliance import clock, limits
from compliance.corrective_actions import actions
from compliance.corrective_actions.actions import (
    DueAtOnce,
    DueInThePast,
    DueTooLate,
    FindingNotAccepted,
    Proposal,
    Words,
    may_propose,
)
from compliance.corrective_actions.codes import (
    ActionCode,
    ExtensionReason,
    OwnerRole,
    RootCause,
)
from compliance.corrective_actions.lifecycle import Step
from compliance.corrective_actions.policy import last_day, must_be_at_once
from compliance.corrective_actions.queries import ActionRecord, corrective_action
from compliance.findings.deadlines import DEADLINES
from compliance.findings.lifecycle import State as FindingState
from compliance.findings.queries import FindingRecord, finding
from compliance.idempotency import Answer
from compliance.identifiers import OrganisationId
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.policies.queries import in_force
from compliance.scorecards.suspending import follow_findings
from compliance.sealing import Keyring
from compliance.texts import N_

Plan = Callable[[Session, Scope, Keyring, Proposal], ActionRecord]
USUAL = timedelta(days=30)
proposals = feature_router("/findings", "pages")
proposed_again = feature_router("/actions", "pages")

BESIDE: Beside = {
    DueTooLate: (
        "due_on",
        N_(
            "At the latest it is due on {latest}. Choose an earlier day, or say below "
            "why it takes longer; somebody independent then decides on the extra time."
        ),
    ),
    DueAtOnce: (
        "due_on",
        N_("What nobody tolerates stops today, {today}. There is no more time for it."),
    ),
    DueInThePast: ("due_on", N_("Choose a day from today, {today}, on.")),
}


@dataclass(frozen=True)
class Seen:
    """What the form shows: the finding, and by when the policy lets it be done."""

    scope: Scope
    finding: FindingRecord
    action: ActionRecord | None
    latest: date
    has_to_stop_at_once: bool

    @property
    def usual(self) -> date:
        """A day to begin with: in a month, or the latest there is, never yesterday."""
        today = clock.today()
        return max(today, min(today + USUAL, self.latest))


@proposals.get("/{ref}/plan", include_in_schema=False)
async def show_form(request: Request, ref: str) -> Response:
    """Show the form to plan a corrective action."""
    return await _page(request, ref, None, Form())


@proposals.post("/{ref}/plan", include_in_schema=False)
async def propose(request: Request, ref: str) -> Response:
    """Plan a corrective action, to be agreed by somebody independent."""

    def plan(
        session: Session, scope: Scope, keyring: Keyring, proposal: Proposal
    ) -> ActionRecord:
        return actions.propose(session, scope, keyring, ref, proposal)

    return await _planned(request, ref, None, Step.PROPOSE, plan)


@proposed_again.get("/{action}/plan", include_in_schema=False)
async def show_form_again(request: Request, action: str) -> Response:
    """Show the form to plan anew what was sent back."""
    return await _page(request, None, action, Form())


@proposed_again.post("/{action}/plan", include_in_schema=False)
async def propose_again(request: Request, action: str) -> Response:
    """Plan anew what was sent back."""
    step = Step.PROPOSE_AGAIN

    def plan(
        session: Session, scope: Scope, keyring: Keyring, proposal: Proposal
    ) -> ActionRecord:
        return actions.take_step(
            session, scope, keyring, action, step, Words(), proposal=proposal
        )

    return await _planned(request, None, action, step, plan)


async def _planned(
    request: Request, ref: str | None, action: str | None, step: Step, plan: Plan
) -> Response:
    """Take the form, and show it again where it can be mended."""
    form = await form_of(request)
    keyring = keyring_of(hop.service_of(request))

    def work(session: Session, scope: Scope) -> Answer:
        body = stated(NewAction, form)
        with beside(BESIDE):
            found = plan(session, scope, keyring, body.proposal())
        follow_findings(session, scope, found.site_id)
        return go_to(f"/actions/{found.public_id}", done=step)

    async def again(form: Form) -> Response:
        return await _page(request, ref, action, form)

    return await sent(request, form, work, again)


async def _page(
    request: Request, ref: str | None, action: str | None, form: Form
) -> Response:
    seen = await hop.read(
        request, lambda session, scope: _see(session, scope, ref, action)
    )
    book = hop.service_of(request).book
    address = (
        f"/findings/{seen.finding.public_id}/plan"
        if seen.action is None
        else f"/actions/{seen.action.public_id}/plan"
    )
    return page(
        request,
        "plan_action.html",
        scope=seen.scope,
        status=form.status,
        form=form,
        seen=seen,
        rule=book.rule_by_id.get(seen.finding.rule),
        address=address,
        today=clock.today(),
        causes=tuple(RootCause),
        codes=tuple(ActionCode),
        roles=tuple(OwnerRole),
        longer=tuple(ExtensionReason),
        most=limits.STATEMENT_CHARACTERS,
    )


def _see(session: Session, scope: Scope, ref: str | None, action: str | None) -> Seen:
    before = None if action is None else corrective_action(session, scope, action)
    found = finding(session, scope, before.finding if before else ref or "")
    if not may_propose(scope, found.relation):
        scope.require(Permission.ANSWER_FINDINGS)
    if found.state is not FindingState.ACCEPTED:
        raise FindingNotAccepted(finding=found.public_id, state=found.state)
    today = clock.today()
    entry = in_force(
        session, scope, DEADLINES, today, owner_id=OrganisationId(found.owner_id)
    )
    # Any action but the one that stops the harm, which has today.
    return Seen(
        scope,
        found,
        before,
        last_day(found, ActionCode.TRAIN, entry, today),
        must_be_at_once(found, ActionCode.STOP_AND_PROTECT),
    )
