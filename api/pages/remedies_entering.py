"""The form of a remedy: what people are owed because of a finding, and by when."""

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.pages.forms import Form, form_of, go_to, sent
from api.pages.money_written import money_in
from api.pages.rendering import page
from api.pages.stated import Beside, beside, stated
from api.remedies_wire import NewRemedy, money_of
from api.routing import feature_router
from compliance import clock
from compliance.findings.queries import FindingRecord, finding
from compliance.idempotency import Answer
from compliance.identity.permissions import Permission
from compliance.identity.policy import Action, Resource, reach
from compliance.identity.scope import Scope
from compliance.remedies import actions
from compliance.remedies.actions import (
    NEVER_MONEY,
    DueTooLate,
    MoneyMissing,
    NotMoney,
    OnlyTheKeeper,
    PeriodUnlikely,
)
from compliance.remedies.models import RemedyKind
from compliance.texts import N_

remedies_of_findings = feature_router("/findings", "pages")

ENTERING: Beside = {
    MoneyMissing: ("amount", N_("This is owed in money: write how much.")),
    NotMoney: ("amount", N_("This is not owed in money: leave the amount empty.")),
    PeriodUnlikely: (
        "period_to",
        N_("Let it end no earlier than it begins, and no later than today, {today}."),
    ),
    DueTooLate: ("due_on", N_("It is due from {today} until {latest}.")),
}


@remedies_of_findings.get("/{ref}/remedies", include_in_schema=False)
async def show_form(request: Request, ref: str) -> Response:
    """Show the form to enter what people are owed because of a finding."""
    return await _form_page(request, ref, Form())


async def _form_page(request: Request, ref: str, form: Form) -> Response:
    def work(session: Session, scope: Scope) -> tuple[Scope, FindingRecord]:
        found = finding(session, scope, ref)
        scope.require(Permission.DECIDE_FINDINGS)
        if found.relation not in reach(Resource.REMEDY, Action.DECIDE):
            raise OnlyTheKeeper
        return scope, found

    scope, found = await hop.read(request, work)
    return page(
        request,
        "enter_remedy.html",
        scope=scope,
        status=form.status,
        form=form,
        finding=found,
        rule=hop.service_of(request).book.rule_by_id.get(found.rule),
        kinds=tuple(RemedyKind),
        today=clock.today(),
    )


@remedies_of_findings.post("/{ref}/remedies", include_in_schema=False)
async def enter(request: Request, ref: str) -> Response:
    """Enter what people are owed because of a finding."""
    form = await form_of(request)

    def work(session: Session, scope: Scope) -> Answer:
        kind = form.choice("kind", RemedyKind)
        body = stated(
            NewRemedy,
            form,
            finding=ref,
            people=form.number("people"),
            money=None if kind in NEVER_MONEY else money_in(form, "amount", "currency"),
        )
        with beside(ENTERING):
            found = actions.enter(
                session,
                scope,
                finding_ref=ref,
                kind=body.kind,
                people=body.people,
                money=money_of(body.money),
                period_from=body.period_from,
                period_to=body.period_to,
                due_on=body.due_on,
            )
        return go_to(f"/remedies/{found.public_id}", done="entered")

    async def again(form: Form) -> Response:
        return await _form_page(request, ref, form)

    return await sent(request, form, work, again)
