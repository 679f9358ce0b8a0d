"""The pages of the remedy ledger: what people are owed, paid when, and proven how."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.pages.forms import CORRECTABLE, Form, form_of, go_to, sent, sent_back
from api.pages.money_written import money_in
from api.pages.rendering import language_of, page
from api.pages.stated import Beside, beside, stated
from api.pages.uploads import upload_of
from api.remedies_wire import (
    Adjustment,
    NewProof,
    Payment,
    Verification,
    money_of,
)
from api.routing import feature_router
from compliance import clock, limits
from compliance.idempotency import Answer
from compliance.identity.permissions import Permission
from compliance.identity.policy import Relation
from compliance.identity.scope import Scope
from compliance.problems import Problem
from compliance.remedies import actions, queries
from compliance.remedies.actions import (
    EvidenceMissing,
    MoneyMissing,
    PaidOnUnlikely,
)
from compliance.remedies.balance import (
    AdjustedTooFar,
    EntryKind,
    NothingAdjusted,
    Overpaid,
    PaidToTooMany,
    PeopleLeftOut,
    Standing,
)
from compliance.remedies.models import AdjustingReason, Check, Proof
from compliance.remedies.queries import RemedyRecord
from compliance.texts import N_, translate

remedies = feature_router("/remedies", "pages")
proofs_of_payment = feature_router("/proofs", "pages")

OWED = frozenset({EntryKind.OWED, EntryKind.ADJUSTED, EntryKind.PAID})
NOTES: Mapping[str, str] = {
    "entered": N_(
        "What is owed is entered. Its clock runs until it is paid and proven."
    ),
    "adjusted": N_("What is owed is adjusted."),
    "paid": N_("The payment is entered. Say next how it is proven."),
    "proven": N_("How it is proven is entered. Somebody independent verifies it."),
    "verified": N_("It is verified that people got what they were owed."),
}
PAYING: Beside = {
    Overpaid: ("pay_amount", N_("This is more than is still owed.")),
    PaidToTooMany: ("pay_people", N_("At most {left} people can have got it.")),
    PeopleLeftOut: (
        "pay_people",
        N_(
            "Nothing would be left, but {left} of {people} people would have got nothing."
        ),
    ),
    PaidOnUnlikely: ("pay_paid_on", N_("Choose a day from {first} until {today}.")),
}
ADJUSTING: Beside = {
    NothingAdjusted: ("adjust_people", N_("Write how many more, or how much more.")),
    AdjustedTooFar: (
        "adjust_people",
        N_("Less cannot be owed than was paid, nor an amount to nobody."),
    ),
}
PROVING: Beside = {
    EvidenceMissing: (
        "file",
        N_("This proof is a paper: choose its file or a photo of it."),
    )
}


@dataclass(frozen=True)
class Seen:
    """All that the page of a remedy shows."""

    scope: Scope
    remedy: RemedyRecord

    @property
    def is_kept(self) -> bool:
        is_own = self.remedy.relation is Relation.OWN
        return is_own and self.scope.may(Permission.DECIDE_FINDINGS)

    @property
    def pays(self) -> bool:
        return self.scope.may(Permission.ANSWER_FINDINGS)

    @property
    def may_pay(self) -> bool:
        return self.pays and self.remedy.standing in {
            Standing.OWED,
            Standing.PART_PAID,
        }

    @property
    def may_prove(self) -> bool:
        return self.pays and bool(self.remedy.balance.paid_people)

    @property
    def is_involved(self) -> bool:
        return any(
            one.entry in OWED and one.actor == self.scope.actor
            for one in self.remedy.entries
        )

    @property
    def waits_for_check(self) -> bool:
        return self.is_kept and self.remedy.standing is Standing.PROVEN

    @property
    def may_verify(self) -> bool:
        return self.waits_for_check and not self.is_involved


@remedies.get("/{remedy}", include_in_schema=False)
async def show_remedy(request: Request, remedy: str) -> Response:
    """Show what is owed, every line about it, and what can be entered next."""
    return await _page(request, remedy, Form())


async def _page(request: Request, remedy: str, form: Form) -> Response:
    seen = await hop.read(
        request,
        lambda session, scope: Seen(scope, queries.remedy(session, scope, remedy)),
    )
    note = NOTES.get(request.query_params.get("done", ""))
    return page(
        request,
        "remedy.html",
        scope=seen.scope,
        status=form.status,
        form=form,
        seen=seen,
        remedy=seen.remedy,
        balance=seen.remedy.balance,
        is_late=seen.remedy.is_late(clock.now()),
        today=clock.today(),
        reasons=tuple(AdjustingReason),
        proofs=tuple(Proof),
        checks=tuple(Check),
        megabytes=limits.PROOF_BYTES // limits.MEGABYTE,
        done_note=note and translate(note, language_of(request, seen.scope)),
    )


@remedies.post("/{remedy}/payments", include_in_schema=False)
async def pay(request: Request, remedy: str) -> Response:
    """Report a payment, in part or in full."""
    form = await form_of(request)

    def work(session: Session, scope: Scope) -> Answer:
        body = stated(
            Payment,
            form,
            prefix="pay_",
            people=form.number("pay_people"),
            money=money_in(form, "pay_amount", "pay_currency"),
        )
        with beside({**PAYING, MoneyMissing: ("pay_amount", N_("Fill this in."))}):
            actions.pay(
                session,
                scope,
                remedy,
                people=body.people,
                paid_on=body.paid_on,
                money=money_of(body.money),
            )
        return go_to(f"/remedies/{remedy}", done="paid")

    return await _taken(request, remedy, form, work)


@remedies.post("/{remedy}/adjustments", include_in_schema=False)
async def adjust(request: Request, remedy: str) -> Response:
    """Let more or less be owed."""
    form = await form_of(request)

    def work(session: Session, scope: Scope) -> Answer:
        body = stated(
            Adjustment,
            form,
            prefix="adjust_",
            people=form.number("adjust_people", 0),
            money=money_in(form, "adjust_amount", "adjust_currency"),
        )
        with beside(ADJUSTING):
            actions.adjust(
                session,
                scope,
                remedy,
                reason=body.reason,
                people=body.people,
                amount=body.money.amount if body.money else 0,
                currency=body.money.currency if body.money else None,
            )
        return go_to(f"/remedies/{remedy}", done="adjusted")

    return await _taken(request, remedy, form, work)


@remedies.post("/{remedy}/verifications", include_in_schema=False)
async def verify(request: Request, remedy: str) -> Response:
    """Confirm that people got what they were owed, as somebody who had no part in it."""
    form = await form_of(request)

    def work(session: Session, scope: Scope) -> Answer:
        body = stated(Verification, form, prefix="verify_")
        actions.verify(session, scope, remedy, checked_by=body.checked_by)
        return go_to(f"/remedies/{remedy}", done="verified")

    return await _taken(request, remedy, form, work)


async def _taken(
    request: Request,
    remedy: str,
    form: Form,
    work: Callable[[Session, Scope], Answer],
    *,
    body: bytes | None = None,
) -> Response:
    async def again(form: Form) -> Response:
        return await _page(request, remedy, form)

    return await sent(request, form, work, again, body=body)


@proofs_of_payment.post("/{remedy}", include_in_schema=False)
async def prove(request: Request, remedy: str) -> Response:
    """Say how it is proven; of a paper its fingerprint is kept, and not the paper."""
    await hop.read(request, lambda session, scope: _require(session, scope, remedy))
    try:
        async with upload_of(
            request, ("proof",), {"file": limits.PROOF_BYTES}
        ) as brought:
            part = brought.parts.get("file")
            sha256 = part.sha256 if part is not None and part.size else None
            return await _proven(request, remedy, brought.form, sha256)
    except Problem as problem:
        if problem.kind not in CORRECTABLE:
            raise
        broken = await sent_back(request, Form({"file": ""}), problem)
        return await _page(request, remedy, broken)


def _require(session: Session, scope: Scope, remedy: str) -> None:
    queries.remedy(session, scope, remedy)
    scope.require(Permission.ANSWER_FINDINGS)


async def _proven(
    request: Request, remedy: str, form: Form, sha256: str | None
) -> Response:
    def work(session: Session, scope: Scope) -> Answer:
        body = stated(NewProof, form, evidence_sha256=sha256)
        with beside(PROVING):
            actions.prove(
                session,
                scope,
                remedy,
                proof=body.proof,
                evidence_sha256=bytes.fromhex(sha256) if sha256 else None,
            )
        return go_to(f"/remedies/{remedy}", done="proven")

    told = f"{form.value('proof')} {sha256}".encode()
    return await _taken(request, remedy, form, work, body=told)
