"""The plan of a site over HTTP: what everybody owes it, in one list, what is late first.

Corrective actions and remedies are the site's own to do; a commitment is a buyer's. They
stand side by side, so that nobody's part is less visible than another's.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated, Any

from fastapi import Query, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.lists import page_response
from api.routing import feature_router
from api.wire import ONE_PROBLEMS, Day, Wire
from compliance import clock, limits
from compliance.commitments import lifecycle as commitments
from compliance.commitments.queries import CommitmentRecord, commitments_to_site
from compliance.corrective_actions import lifecycle as corrective_actions
from compliance.corrective_actions import queries as actions
from compliance.corrective_actions.queries import ActionRecord
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.money import exponent_of
from compliance.registry.queries import RUN, SiteRecord
from compliance.registry.queries import site as site_named
from compliance.remedies.balance import UNSETTLED, Standing
from compliance.remedies.queries import RemedyRecord, remedies_of_site

plans = feature_router("/v1/sites", "plans")


class Part(StrEnum):
    """What an item of a plan is."""

    CORRECTIVE_ACTION = "corrective_action"
    REMEDY = "remedy"
    COMMITMENT = "commitment"


class Whose(StrEnum):
    """Who owes it: who operates the site, who keeps its record if nobody else operates
    it, or a buyer or exporter that made a commitment."""

    OPERATOR = "operator"
    KEEPER = "keeper"
    BUYER = "buyer"


@dataclass(frozen=True)
class PlanItem:
    """One thing that somebody owes a site or its people."""

    part: Part
    id: str
    findings: tuple[str, ...]
    kind: str
    state: str
    whose: Whose
    organisation: str
    organisation_name: str
    due_on: date
    is_late: bool
    is_done: bool
    people: int | None = None
    amount: int | None = None
    amount_left: int | None = None
    currency: str | None = None
    basis_points: int | None = None
    days: int | None = None


class PlanItemWire(Wire):
    """One thing that somebody owes a site or its people, and by when."""

    part: Part
    id: str
    findings: list[str]
    kind: str
    state: str
    whose: Whose
    organisation: str
    organisation_name: str
    due_on: Day
    is_late: bool
    is_done: bool
    people: int | None
    amount: int | None
    amount_left: int | None
    currency: str | None
    currency_exponent: int | None
    basis_points: int | None
    days: int | None


class Plan(Wire):
    """All of it; there is no further page."""

    items: list[PlanItemWire]
    next: None


GONE = frozenset({commitments.State.DECLINED, commitments.State.WITHDRAWN})


def plan_of(session: Session, scope: Scope, site: str) -> list[PlanItem]:
    """Return the plan of a site that the caller keeps or operates, late things first.

    What is done stands last. What was given up or never agreed to is left out.
    """
    scope.require(Permission.READ_FINDINGS)
    found = site_named(session, scope, site, among=RUN)
    items = [
        *_of_actions(session, scope, found),
        *_of_remedies(session, scope, found),
        *(
            item_of_commitment(one)
            for one in commitments_to_site(session, scope, found.id)
            if one.state not in GONE
        ),
    ]
    return sorted(items, key=lambda one: (not one.is_late, one.is_done, one.due_on))


def _of_actions(session: Session, scope: Scope, site: SiteRecord) -> Iterator[PlanItem]:
    today, whose = clock.today(), _operator_of(scope, site)
    for one in _all_actions(session, scope, site):
        if one.state is not corrective_actions.State.CANCELLED:
            yield PlanItem(
                part=Part.CORRECTIVE_ACTION,
                id=one.public_id,
                findings=(one.finding,),
                kind=one.action,
                state=one.state,
                due_on=one.due_on,
                is_late=one.is_late(today),
                is_done=one.state in corrective_actions.ENDED,
                **whose,
            )


def _all_actions(
    session: Session, scope: Scope, site: SiteRecord
) -> Iterator[ActionRecord]:
    after = None
    while True:
        page = actions.corrective_actions(
            session,
            scope,
            rows=limits.PAGE_ROWS,
            after=after,
            seen_as=site.relation,
            site=site.public_id,
        )
        yield from page.rows
        if page.next_after is None:
            return
        after = page.next_after


def _of_remedies(
    session: Session, scope: Scope, site: SiteRecord
) -> Iterator[PlanItem]:
    now, whose = clock.now(), _operator_of(scope, site)
    for one in remedies_of_site(session, scope, site.id):
        if one.standing is not Standing.CANCELLED:
            yield _of_remedy(one, whose, is_late=one.is_late(now))


def _of_remedy(one: RemedyRecord, whose: dict[str, Any], *, is_late: bool) -> PlanItem:
    is_money = one.currency is not None
    return PlanItem(
        part=Part.REMEDY,
        id=one.public_id,
        findings=(one.finding,),
        kind=one.kind,
        state=one.standing,
        due_on=one.due_on,
        is_late=is_late,
        is_done=one.standing not in UNSETTLED,
        people=one.balance.people,
        amount=one.balance.owed if is_money else None,
        amount_left=one.balance.left if is_money else None,
        currency=one.currency,
        **whose,
    )


def _operator_of(scope: Scope, site: SiteRecord) -> dict[str, Any]:
    """Return who does what a site has to do; a caller that keeps it knows itself."""
    if site.operator_public_id is not None:
        return {
            "whose": Whose.OPERATOR,
            "organisation": site.operator_public_id,
            "organisation_name": site.operator_name or "",
        }
    return {
        "whose": Whose.KEEPER,
        "organisation": scope.organisation_public_id,
        "organisation_name": scope.organisation_name,
    }


def item_of_commitment(one: CommitmentRecord) -> PlanItem:
    """Return what a buyer promised as an item of the plan of its site."""
    return PlanItem(
        part=Part.COMMITMENT,
        id=one.public_id,
        findings=one.finding_refs,
        kind=one.kind,
        state=one.state,
        whose=Whose.BUYER,
        organisation=one.maker,
        organisation_name=one.maker_name,
        due_on=one.due_on,
        is_late=one.is_late(clock.now()),
        is_done=not commitments.STEPS[one.state],
        amount=one.amount,
        currency=one.currency,
        basis_points=one.basis_points,
        days=one.days,
    )


def item_document(item: PlanItem) -> dict[str, Any]:
    """Return an item of a plan as the API tells it."""
    return {
        "part": item.part,
        "id": item.id,
        "findings": list(item.findings),
        "kind": item.kind,
        "state": item.state,
        "whose": item.whose,
        "organisation": item.organisation,
        "organisation_name": item.organisation_name,
        "due_on": item.due_on,
        "is_late": item.is_late,
        "is_done": item.is_done,
        "people": item.people,
        "amount": item.amount,
        "amount_left": item.amount_left,
        "currency": item.currency,
        "currency_exponent": exponent_of(item.currency),
        "basis_points": item.basis_points,
        "days": item.days,
    }


@plans.get("/{site}/plan", responses={200: {"model": Plan}, **ONE_PROBLEMS})
async def read_plan(
    request: Request,
    site: str,
    finding: Annotated[
        str | None, Query(description="Only what answers this finding.")
    ] = None,
    part: Part | None = None,
    late: Annotated[
        bool | None, Query(description="Only what is late, or only what is not.")
    ] = None,
) -> Response:
    """Read what everybody owes a site: actions, remedies, commitments; late ones first.

    What a buyer promised stands beside what the site has to do, and tells whose it is.
    """
    items = await hop.read(
        request, lambda session, scope: plan_of(session, scope, site)
    )
    documents = [
        item_document(one)
        for one in items
        if finding in {None, *one.findings}
        and part in {None, one.part}
        and late in {None, one.is_late}
    ]
    return page_response(request, documents, None)
