"""The pages of commitments: what buyers promise to sites, for both sides of a promise."""

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.commitments import NewCommitment, NewCommitmentStep, commitment_document
from api.intake import keyring_of
from api.pages.forms import FieldWrong, Form, form_of, go_to, sent
from api.pages.money_written import amount_of, currency_of
from api.pages.rendering import language_of, page
from api.pages.stated import Beside, beside, stated
from api.pages.tables import (
    chosen,
    csv_response,
    pager,
    read_list,
    wants_csv,
    words_chosen,
)
from api.routing import feature_router
from compliance import clock, limits
from compliance.commitments import actions, queries
from compliance.commitments.actions import (
    DueBefore,
    FindingOffTheCard,
    MeasureUnfitting,
    ProofMissing,
)
from compliance.commitments.lifecycle import (
    CommitmentKind,
    CommitmentProof,
    Side,
    State,
    Step,
)
from compliance.commitments.queries import CommitmentRecord, StepRecord
from compliance.idempotency import Answer
from compliance.identity.permissions import Permission
from compliance.identity.policy import Relation
from compliance.identity.scope import Scope
from compliance.registry.actions import SiteUnknown
from compliance.registry.queries import SiteRecord, sites
from compliance.texts import N_, translate

SHARED = frozenset({Relation.SHARED_RISK, Relation.SHARED_SCORECARD})
commitments = feature_router("/commitments", "pages")

NOTES: Mapping[str, str] = {
    Step.OFFER: N_("The commitment is offered. The supplier accepts it or declines."),
    Step.ACCEPT: N_("The commitment is accepted: it binds, and its clock runs."),
    Step.DECLINE: N_("The commitment is declined."),
    Step.WITHDRAW: N_("The offer is withdrawn."),
    Step.BEGIN: N_("The commitment is in force."),
    Step.REPORT_KEPT: N_("It is reported as kept. The supplier says whether it was."),
    Step.CONFIRM: N_("You confirmed that it was kept."),
    Step.CONTEST: N_("You say it was not kept. Its clock runs again."),
    Step.BREAK: N_("It is noted as broken."),
}
OFFERING: Beside = {
    MeasureUnfitting: (
        "measure",
        N_("A commitment of this kind is measured in another way: choose again."),
    ),
    DueBefore: ("due_on", N_("Choose a day from today, {today}, on.")),
    FindingOffTheCard: (
        "findings",
        N_(
            "The scorecard of the site has no {finding}. Write references such as RF-01."
        ),
    ),
    SiteUnknown: ("site", N_("Choose one of the list.")),
}
STEPPING: Beside = {ProofMissing: ("report_kept_proof", N_("Choose one of the list."))}


@dataclass(frozen=True)
class Seen:
    """All that the page of a commitment shows."""

    scope: Scope
    commitment: CommitmentRecord
    history: tuple[StepRecord, ...]
    steps: tuple[Step, ...]


@commitments.get("", include_in_schema=False)
async def show_commitments(request: Request) -> Response:
    """Show what was promised, by the reader or to its sites."""
    side, state = chosen(request, "side", Side), chosen(request, "state", State)
    kind = chosen(request, "kind", CommitmentKind)
    site = words_chosen(request, "site")
    late = True if words_chosen(request, "late") else None

    seen = await read_list(
        request,
        lambda session, scope, rows, after: queries.commitments(
            session,
            scope,
            rows=rows,
            after=after,
            side=side,
            late=late,
            site=site,
            kind=kind,
            state=state,
        ),
    )
    if wants_csv(request):
        documents = [commitment_document(one) for one in seen.rows]
        return csv_response(documents, "commitments")
    return page(
        request,
        "commitments.html",
        scope=seen.scope,
        seen=seen,
        now=clock.now(),
        may_offer=seen.scope.may(Permission.COMMIT),
        chosen=request.query_params,
        sides=tuple(Side),
        states=tuple(State),
        kinds=tuple(CommitmentKind),
        **pager(request, seen.next_after),
    )


@commitments.get("/offer", include_in_schema=False)
async def show_form(request: Request) -> Response:
    """Show the form to offer a commitment to a site that its supplier shows."""
    return await _form_page(request, Form())


async def _form_page(request: Request, form: Form) -> Response:
    def work(session: Session, scope: Scope) -> tuple[Scope, tuple[SiteRecord, ...]]:
        scope.require(Permission.COMMIT)
        shown = sites(session, scope, rows=limits.PAGE_ROWS, among=SHARED)
        return scope, tuple(shown.rows)

    scope, shown = await hop.read(request, work)
    return page(
        request,
        "offer_commitment.html",
        scope=scope,
        status=form.status,
        form=form,
        sites=shown,
        chosen=request.query_params,
        kinds=tuple(CommitmentKind),
    )


@commitments.post("/offer", include_in_schema=False)
async def make(request: Request) -> Response:
    """Offer a commitment to a site that its supplier shows."""
    form = await form_of(request)

    def work(session: Session, scope: Scope) -> Answer:
        scope.require(Permission.COMMIT)
        body = stated(
            NewCommitment,
            Form({name: form.value(name) for name in ("site", "kind", "due_on")}),
            findings=form.value("findings").replace(",", " ").upper().split(),
            prefix="",
            **_measure(form),
        )
        with beside(OFFERING):
            found = actions.make(
                session,
                scope,
                site=body.site,
                promise=body.promise(),
                due_on=body.due_on,
                on_findings=body.findings,
            )
        return go_to(f"/commitments/{found.public_id}", done=Step.OFFER)

    async def again(form: Form) -> Response:
        return await _form_page(request, form)

    return await sent(request, form, work, again)


def _measure(form: Form) -> dict[str, object]:
    """Return the one measure that a form names, as the interface has it."""
    match form.value("measure"):
        case "amount":
            code = currency_of(form, "currency")
            return {"amount": amount_of(form, "quantity", code), "currency": code}
        case "basis_points":
            written = form.required("quantity").replace(",", ".")
            percent = Form({"quantity": written})
            return {"basis_points": amount_of(percent, "quantity", "USD")}
        case "days":
            return {"days": form.number("quantity")}
        case _:
            raise FieldWrong("measure", N_("Choose one of the list."))


@commitments.get("/{commitment}", include_in_schema=False)
async def show_commitment(request: Request, commitment: str) -> Response:
    """Show one commitment, its history, and what the reader's side can do next."""
    return await _page(request, commitment, Form())


async def _page(request: Request, commitment: str, form: Form) -> Response:
    keyring = keyring_of(hop.service_of(request))

    def work(session: Session, scope: Scope) -> Seen:
        found = queries.commitment(session, scope, commitment)
        return Seen(
            scope,
            found,
            queries.steps_of(session, scope, keyring, found),
            queries.possible_steps(found, scope),
        )

    seen = await hop.read(request, work)
    note = NOTES.get(request.query_params.get("done", ""))
    return page(
        request,
        "commitment.html",
        scope=seen.scope,
        status=form.status,
        form=form,
        seen=seen,
        commitment=seen.commitment,
        is_late=seen.commitment.is_late(clock.now()),
        is_made=seen.commitment.side is Side.MAKER,
        Step=Step,
        proofs=tuple(CommitmentProof),
        most=limits.NOTE_CHARACTERS,
        done_note=note and translate(note, language_of(request, seen.scope)),
    )


@commitments.post("/{commitment}/steps", include_in_schema=False)
async def take_step(request: Request, commitment: str) -> Response:
    """Answer a commitment, begin it, report it kept, or say whether it was."""
    form = await form_of(request)
    keyring = keyring_of(hop.service_of(request))

    def work(session: Session, scope: Scope) -> Answer:
        step = form.choice("step", Step)
        body = stated(NewCommitmentStep, form, prefix=f"{step}_", step=step.value)
        evidence = body.evidence_sha256
        with beside(STEPPING):
            actions.take_step(
                session,
                scope,
                keyring,
                commitment,
                step,
                proof=body.proof,
                evidence_sha256=bytes.fromhex(evidence) if evidence else None,
                note=body.note,
            )
        return go_to(f"/commitments/{commitment}", done=step)

    async def again(form: Form) -> Response:
        return await _page(request, commitment, form)

    return await sent(request, form, work, again)
