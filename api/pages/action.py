"""The page of a corrective action: its plan, its steps, more time, and who checks it."""

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.corrective_actions import NewActionStep, NewExtension
from api.intake import keyring_of
from api.pages.forms import FieldWrong, Form, form_of, go_to, sent
from api.pages.rendering import language_of, page
from api.pages.stated import Beside, beside, stated
from api.routing import feature_router
from compliance import clock, limits
from compliance.corrective_actions import actions, extensions
from compliance.corrective_actions.actions import NothingProven, Words
from compliance.corrective_actions.codes import (
    ExtensionReason,
    ProofKind,
    StepReason,
)
from compliance.corrective_actions.extensions import (
    ASKED,
    ExtensionTooShort,
    NoMoreExtensions,
)
from compliance.corrective_actions.lifecycle import (
    ENDED,
    OF_SITE,
    OWED,
    REASONS,
    State,
    Step,
)
from compliance.corrective_actions.noting import involved_in
from compliance.corrective_actions.policy import FOLLOWING, must_be_at_once
from compliance.corrective_actions.queries import (
    ActionRecord,
    ExtensionRecord,
    ProofRecord,
    StepRecord,
    corrective_action,
    extensions_of,
    possible_steps,
    proofs_of,
    steps_of,
)
from compliance.corrective_actions.texts import TextRecord, texts_of
from compliance.findings.lifecycle import EvidenceKind
from compliance.findings.queries import FindingRecord, finding
from compliance.idempotency import Answer
from compliance.identity.permissions import Permission
from compliance.identity.policy import Action, Relation, Resource, reach
from compliance.identity.scope import Scope
from compliance.policies.queries import in_force
from compliance.scorecards.suspending import follow_findings
from compliance.texts import N_, translate

one_action = feature_router("/actions", "pages")

NOTES: Mapping[str, str] = {
    Step.PROPOSE: N_(
        "The action is planned. Somebody independent agrees to it, or not."
    ),
    Step.PROPOSE_AGAIN: N_("The new plan is sent."),
    Step.AGREE: N_("The action is agreed. The site can start."),
    Step.SEND_BACK: N_("The action went back to the site with your reason."),
    Step.START: N_("The action is started."),
    Step.REPORT_DONE: N_(
        "It is reported as done. Somebody who had no part in it checks it now."
    ),
    Step.VERIFY: N_("The action is verified."),
    Step.FIND_INEFFECTIVE: N_("The site is told that it did not work, and why."),
    Step.CANCEL: N_("The action is cancelled."),
    "asked": N_("You asked for more time. Until it is answered, the old day holds."),
    "grant": N_("More time is granted."),
    "refuse": N_("More time is refused; the day stays as it was."),
    "evidence": N_("The file has arrived and is kept, sealed."),
}
BESIDE: Beside = {
    NothingProven: (
        "verify_evidence_kind",
        N_(
            "At a desk nothing is verified without a file that shows it. Ask for one, "
            "or check it at the site."
        ),
    ),
}
BESIDE_EXTENSION: Beside = {
    ExtensionTooShort: (
        "extension_until",
        N_("Choose a day after {due_on}, and not in the past."),
    ),
    NoMoreExtensions: (
        "extension_until",
        N_("This action gets no more time: {limit} is the most."),
    ),
}


@dataclass(frozen=True)
class Seen:
    """All that the page of a corrective action shows, read in one transaction."""

    scope: Scope
    action: ActionRecord
    finding: FindingRecord
    history: tuple[StepRecord, ...]
    extensions: tuple[ExtensionRecord, ...]
    proofs: tuple[ProofRecord, ...]
    steps: tuple[Step, ...]
    is_involved: bool
    times_left: int
    texts: tuple[TextRecord, ...] | None

    @property
    def decides(self) -> bool:
        """Tell whether the reader is of those who agree and verify here."""
        is_own = self.action.relation is Relation.OWN
        return is_own and self.scope.may(Permission.DECIDE_FINDINGS)

    @property
    def does(self) -> bool:
        """Tell whether the reader is of those who do it."""
        reaches = reach(Resource.CORRECTIVE_ACTION, Action.ANSWER)
        may = self.scope.may(Permission.ANSWER_FINDINGS)
        return may and self.action.relation in reaches

    def may_take(self, step: Step) -> bool:
        """Tell whether a step can be taken, by this very person."""
        return step in self.steps and (step in OF_SITE or not self.is_involved)

    @property
    def is_barred(self) -> bool:
        """Tell whether a step that waits can be taken by another person only."""
        return any(not self.may_take(one) for one in self.steps)

    @property
    def asked(self) -> ExtensionRecord | None:
        return next((one for one in self.extensions if one.state == ASKED), None)

    @property
    def may_ask_for_time(self) -> bool:
        is_owed = self.action.state in OWED
        return self.does and is_owed and not self.asked and self.times_left > 0

    @property
    def takes_evidence(self) -> bool:
        return self.does and self.action.state not in ENDED

    @property
    def can_be_reported(self) -> bool:
        """Tell whether a file can be the last thing before it is reported as done."""
        return self.action.state in {State.AGREED, State.IN_PROGRESS}


@one_action.get("/{action}", include_in_schema=False)
async def show_action(request: Request, action: str) -> Response:
    """Show a corrective action, what shows that it is done, and what comes next."""
    return await action_page(request, action, Form())


async def action_page(request: Request, action: str, form: Form) -> Response:
    """Return the page of an action with a form as it was filled in."""
    keyring = keyring_of(hop.service_of(request))
    reads_words = request.query_params.get("words") == "read"

    def work(session: Session, scope: Scope) -> Seen:
        found = corrective_action(session, scope, action)
        of_finding = finding(session, scope, found.finding)
        today = clock.today()
        entry = in_force(session, scope, FOLLOWING, today, owner_id=found.owner_id)
        at_once = must_be_at_once(of_finding, found.action)
        involved = involved_in(session, scope, found.finding_id, found.finding)
        return Seen(
            scope=scope,
            action=found,
            finding=of_finding,
            history=steps_of(session, scope, found),
            extensions=extensions_of(session, scope, found),
            proofs=proofs_of(session, scope, found),
            steps=possible_steps(found, scope),
            is_involved=scope.actor in involved,
            times_left=0 if at_once else entry.extensions - found.extended,
            texts=texts_of(session, scope, keyring, action) if reads_words else None,
        )

    seen = await hop.read(request, work)
    language = language_of(request, seen.scope)
    note = NOTES.get(request.query_params.get("done", ""))
    return page(
        request,
        "action.html",
        scope=seen.scope,
        status=form.status,
        form=form,
        seen=seen,
        action=seen.action,
        rule=hop.service_of(request).book.rule_by_id.get(seen.finding.rule),
        today=clock.today(),
        done_note=note and translate(note, language),
        Step=Step,
        reasons={
            step: tuple(one for one in StepReason if one in reasons)
            for step, reasons in REASONS.items()
        },
        kinds=tuple(EvidenceKind),
        proof_kinds=tuple(ProofKind),
        longer=tuple(ExtensionReason),
        may_read_words=seen.scope.may(Permission.READ_STATEMENTS),
        most=limits.STATEMENT_CHARACTERS,
        megabytes=limits.PROOF_BYTES // limits.MEGABYTE,
    )


@one_action.post("/{action}/steps", include_in_schema=False)
async def take_step(request: Request, action: str) -> Response:
    """Do and report a corrective action, or agree to it and verify it."""
    form = await form_of(request)
    keyring = keyring_of(hop.service_of(request))

    def work(session: Session, scope: Scope) -> Answer:
        step = form.choice("step", Step)
        body = stated(NewActionStep, form, prefix=f"{step}_", step=step.value)
        words = Words(body.reason, body.evidence_kind, body.remark)
        with beside(BESIDE):
            found = actions.take_step(session, scope, keyring, action, step, words)
        follow_findings(session, scope, found.site_id)
        return go_to(f"/actions/{action}", done=step)

    async def again(form: Form) -> Response:
        return await action_page(request, action, form)

    return await sent(request, form, work, again)


@one_action.post("/{action}/extensions", include_in_schema=False)
async def ask_for_time(request: Request, action: str) -> Response:
    """Ask for more time."""
    form = await form_of(request)

    def work(session: Session, scope: Scope) -> Answer:
        body = stated(NewExtension, form, prefix="extension_")
        with beside(BESIDE_EXTENSION):
            found = extensions.ask(
                session, scope, action, reason=body.reason, until=body.until
            )
        follow_findings(session, scope, found.site_id)
        return go_to(f"/actions/{action}", done="asked")

    async def again(form: Form) -> Response:
        return await action_page(request, action, form)

    return await sent(request, form, work, again)


@one_action.post("/{action}/extensions/{extension}", include_in_schema=False)
async def decide_time(request: Request, action: str, extension: str) -> Response:
    """Grant or refuse more time."""
    form = await form_of(request)

    def work(session: Session, scope: Scope) -> Answer:
        decision = form.value("decision")
        if decision not in {"grant", "refuse"}:
            raise FieldWrong("decision", N_("Choose one of the list."))
        grant = decision == "grant"
        found = extensions.decide(session, scope, action, extension, grant=grant)
        follow_findings(session, scope, found.site_id)
        return go_to(f"/actions/{action}", done=decision)

    async def again(form: Form) -> Response:
        return await action_page(request, action, form)

    return await sent(request, form, work, again)
