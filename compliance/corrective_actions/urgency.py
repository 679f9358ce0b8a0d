"""Corrective actions in the order in which they press, and whose turn each is."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, bindparam
from sqlalchemy.orm import Session

from compliance import clock
from compliance.corrective_actions.lifecycle import (
    ENDED,
    PERMISSIONS,
    STEPS,
    State,
    Step,
)
from compliance.corrective_actions.models import CorrectiveAction
from compliance.corrective_actions.queries import IS_OWED, LISTED, ActionRecord
from compliance.database import Page
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.listings import Ordering
from compliance.registry.filters import containing
from compliance.registry.models import Site
from compliance.registry.visibility import sight_of


class Turn(StrEnum):
    """Who does the next thing: the site, or whoever agrees and verifies."""

    SITE = "site"
    REVIEW = "review"


def turn_of(state: State) -> Turn | None:
    """Return whose turn an action is; None where it has ended.

    Cancelling is possible nearly always, and nobody waits for it.
    """
    steps = STEPS[state].keys() - {Step.CANCEL}
    if not steps:
        return None
    answers = any(PERMISSIONS[one] is Permission.ANSWER_FINDINGS for one in steps)
    return Turn.SITE if answers else Turn.REVIEW


def _in(*states: State) -> ColumnElement[bool]:
    return CorrectiveAction.state.in_(sorted(states))


FILTERS: Mapping[str, ColumnElement[bool]] = {
    "open": _in(*(state for state in State if state not in ENDED)),
    Turn.SITE.value: _in(*(one for one in State if turn_of(one) is Turn.SITE)),
    Turn.REVIEW.value: _in(*(one for one in State if turn_of(one) is Turn.REVIEW)),
    "overdue": and_(IS_OWED, bindparam("today") > CorrectiveAction.due_on),
    "named": Site.name_folded.like(bindparam("named"), escape="\\"),
}
DUE: ColumnElement[date] = CorrectiveAction.due_on.expression
PRESSING = Ordering(LISTED, (DUE,), FILTERS)


def pressing(
    session: Session,
    scope: Scope,
    *,
    rows: int,
    after: str | None = None,
    is_open: bool = False,
    is_overdue: bool = False,
    turn: Turn | None = None,
    named: str | None = None,
    **wanted: str | None,
) -> Page[ActionRecord]:
    """Return a page of the corrective actions that the caller keeps or does.

    What is due first comes first. `turn` says whose they are to go on with, `named` is
    part of a site's name; `wanted` is that of `queries.corrective_actions`.
    """
    scope.require(Permission.READ_FINDINGS)
    asked: dict[str, object] = dict(wanted)
    if is_open:
        asked["open"] = True
    if turn is not None:
        asked[turn.value] = True
    if is_overdue:
        asked["overdue"] = True
    if named is not None:
        asked["named"] = containing(named)
    bound = {**sight_of(scope), "today": clock.today()}
    return PRESSING.page(session, bound, rows=rows, after=after, wanted=asked)
