"""The page of a finding: why it stands, by when, and the steps its reader can take."""

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.finding_explanations import Explanation, explanation
from api.findings import NewStep
from api.intake import keyring_of
from api.pages.deadlines_told import Deadline, deadlines_of
from api.pages.forms import Form, form_of, go_to, sent
from api.pages.rendering import language_of, page
from api.pages.stated import Beside, beside, stated
from api.routing import feature_router
from api.service import Service
from compliance import clock, limits
from compliance.corrective_actions import closing
from compliance.corrective_actions.actions import may_propose
from compliance.corrective_actions.queries import (
    ActionRecord,
    actions_of_finding,
    worked_on_by,
)
from compliance.findings import actions
from compliance.findings.actions import (
    DECIDED_APART,
    ActionsNotVerified,
    NothingVerified,
    involved,
)
from compliance.findings.cases import CaseNoted, case_of
from compliance.findings.lifecycle import EvidenceKind, Reason, State, Step
from compliance.findings.queries import (
    FindingRecord,
    StepRecord,
    finding,
    possible_steps,
    steps_of,
)
from compliance.findings.standing import (
    Basis,
    Body,
    CompetentBodyNeeded,
    NotLower,
    Standing,
)
from compliance.findings.statements import (
    ConfirmationRecord,
    StatementRecord,
    confirmations_of,
    statements_of,
)
from compliance.idempotency import Answer
from compliance.identity.permissions import Permission
from compliance.identity.policy import Relation
from compliance.identity.scope import Scope
from compliance.remedies.queries import RemedyRecord, remedies
from compliance.scorecards.suspending import follow_findings
from compliance.texts import N_, translate
from rules import Severity

one_finding = feature_router("/findings", "pages")

MEANINGS: Mapping[Severity, str] = {
    Severity.ZERO_TOLERANCE: N_(
        "Nobody tolerates this. The harm stops today and whoever was harmed is "
        "protected; until that is shown, the site has no good grade."
    ),
    Severity.CRITICAL: N_(
        "This is grave: people can be harmed. It comes before everything that is not "
        "zero tolerance, and it weighs heavily on the grade."
    ),
    Severity.MAJOR: N_(
        "A requirement is clearly not met. It lowers the grade until its cause is gone."
    ),
    Severity.MINOR: N_(
        "A requirement is not fully met. It is set right in the ordinary course of work."
    ),
}
NOTES: Mapping[str, str] = {
    Step.ACCEPT: N_("The finding is accepted. Now plan what will be done about it."),
    Step.DISPUTE: N_("The finding is disputed. Somebody independent decides on it."),
    Step.UPHOLD: N_("The finding is upheld."),
    Step.WITHDRAW: N_("The finding is withdrawn. It counts in no grade any more."),
    Step.CONFIRM: N_("The finding is confirmed."),
    Step.CLOSE: N_("The finding is closed. It comes back if a visit finds it again."),
    "remedy": N_("What is owed is entered. Its clock runs."),
}
BESIDE: Beside = {
    CompetentBodyNeeded: (
        "confirm_basis",
        N_("Forced labour is confirmed only with the statement of a competent body."),
    ),
    NotLower: (
        "uphold_standing",
        N_("A dispute leaves it as sure as it was, or less; never surer."),
    ),
    ActionsNotVerified: (
        "close_evidence_kind",
        N_(
            "Corrective actions that are neither verified nor cancelled yet: {open}. "
            "Verify them first."
        ),
    ),
    NothingVerified: (
        "close_evidence_kind",
        N_(
            "No corrective action was verified. What is no red flag can be closed "
            "without one where somebody went there and found it corrected before."
        ),
    ),
}


@dataclass(frozen=True)
class Seen:
    """All that the page of a finding shows, read in one transaction."""

    scope: Scope
    finding: FindingRecord
    explained: Explanation
    deadlines: tuple[Deadline, ...]
    history: tuple[StepRecord, ...]
    steps: tuple[Step, ...]
    is_involved: bool
    has_worked_on_it: bool
    actions: tuple[ActionRecord, ...]
    remedies: tuple[RemedyRecord, ...]
    case: CaseNoted | None
    statements: tuple[StatementRecord, ...] | None
    confirmations: tuple[ConfirmationRecord, ...]
    may_plan: bool

    @property
    def decides(self) -> bool:
        """Tell whether the reader is of those who decide on this finding."""
        is_own = self.finding.relation is Relation.OWN
        return is_own and self.scope.may(Permission.DECIDE_FINDINGS)

    def may_take(self, step: Step) -> bool:
        """Tell whether a step can be taken, by this very person."""
        if step not in self.steps:
            return False
        is_barred = self.is_involved or (step is Step.CLOSE and self.has_worked_on_it)
        return step not in DECIDED_APART or not is_barred

    @property
    def is_barred(self) -> bool:
        """Tell whether only another person can take a step that is possible now."""
        return any(
            step in DECIDED_APART and not self.may_take(step) for step in self.steps
        )


@one_finding.get("/{ref}", include_in_schema=False)
async def show_finding(request: Request, ref: str) -> Response:
    """Show a finding in plain words, and what its reader can do next."""
    return await _page(request, ref, Form())


async def _page(request: Request, ref: str, form: Form) -> Response:
    service = hop.service_of(request)
    reads_words = request.query_params.get("words") == "read"
    seen = await hop.read(
        request,
        lambda session, scope: see(
            session,
            scope,
            service,
            ref,
            language_of(request, scope),
            reads_words=reads_words,
        ),
    )
    rule = service.book.rule_by_id.get(seen.finding.rule)
    language = language_of(request, seen.scope)
    note = NOTES.get(request.query_params.get("done", ""))
    return page(
        request,
        "finding.html",
        scope=seen.scope,
        status=form.status,
        form=form,
        seen=seen,
        finding=seen.finding,
        rule=rule,
        meaning=translate(MEANINGS[seen.finding.severity], language),
        today=clock.today(),
        now=clock.now(),
        done_note=note and translate(note, language),
        Step=Step,
        reasons=tuple(Reason),
        standings=tuple(Standing),
        kinds=tuple(EvidenceKind),
        bases=tuple(Basis),
        bodies=tuple(Body),
        may_read_words=seen.scope.may(Permission.READ_STATEMENTS),
        most=limits.STATEMENT_CHARACTERS,
    )


def see(
    session: Session,
    scope: Scope,
    service: Service,
    ref: str,
    language: str,
    *,
    reads_words: bool,
) -> Seen:
    found = finding(session, scope, ref)
    taken = steps_of(session, scope, ref)
    keyring = keyring_of(service)
    return Seen(
        scope=scope,
        finding=found,
        explained=explanation(session, scope, service, found, taken, language),
        deadlines=deadlines_of(
            found, language, tells_referral=scope.may(Permission.READ_CASE_WORDS)
        ),
        history=taken,
        steps=possible_steps(found, scope),
        is_involved=scope.actor in involved(taken),
        has_worked_on_it=scope.actor in worked_on_by(session, found.id),
        actions=actions_of_finding(session, scope, found.id),
        remedies=tuple(
            remedies(
                session,
                scope,
                rows=limits.PAGE_ROWS,
                seen_as=found.relation,
                finding=ref,
            ).rows
        ),
        case=case_of(session, scope, found.id, found.owner_id),
        statements=statements_of(session, scope, keyring, ref) if reads_words else None,
        confirmations=confirmations_of(session, scope, keyring, ref)
        if reads_words
        else (),
        may_plan=found.state is State.ACCEPTED and may_propose(scope, found.relation),
    )


@one_finding.post("/{ref}/steps", include_in_schema=False)
async def take_step(request: Request, ref: str) -> Response:
    """Answer a finding, decide on it, confirm it, or close it."""
    form = await form_of(request)
    service = hop.service_of(request)

    def work(session: Session, scope: Scope) -> Answer:
        step = form.choice("step", Step)
        body = stated(NewStep, form, prefix=f"{step}_", step=step.value)
        words = body.words(service)
        with beside(BESIDE):
            found = (
                closing.close(session, scope, ref, words)
                if step is Step.CLOSE
                else actions.take_step(session, scope, ref, step, words)
            )
        follow_findings(session, scope, found.site_id)
        return go_to(f"/findings/{ref}", done=step)

    async def again(form: Form) -> Response:
        return await _page(request, ref, form)

    return await sent(request, form, work, again)
