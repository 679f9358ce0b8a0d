"""The list of corrective actions: what sites do about causes, what is due first first."""

from dataclasses import dataclass
from enum import StrEnum

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.corrective_actions import action_document
from api.pages.rendering import page
from api.pages.tables import (
    chosen,
    csv_response,
    is_on,
    pager,
    read_list,
    wants_csv,
    words_chosen,
)
from api.routing import feature_router
from compliance import clock
from compliance.corrective_actions.codes import OwnerRole
from compliance.corrective_actions.lifecycle import State
from compliance.corrective_actions.queries import ActionRecord
from compliance.corrective_actions.urgency import Turn, pressing, turn_of
from compliance.database import Page
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope

FILTERS = ("state", "turn", "role", "overdue", "name", "site", "finding")
actions = feature_router("/actions", "pages")


class Whose(StrEnum):
    """Whose turn it is: the reader's own, the site's, or the reviewer's."""

    MINE = "mine"
    SITE = Turn.SITE.value
    REVIEW = Turn.REVIEW.value


class Shown(StrEnum):
    """What the list holds; what has not ended, unless something is chosen."""

    ANY = "any"
    PROPOSED = State.PROPOSED.value
    SENT_BACK = State.SENT_BACK.value
    AGREED = State.AGREED.value
    IN_PROGRESS = State.IN_PROGRESS.value
    REPORTED_DONE = State.REPORTED_DONE.value
    VERIFIED = State.VERIFIED.value
    NOT_EFFECTIVE = State.NOT_EFFECTIVE.value
    CANCELLED = State.CANCELLED.value


@dataclass(frozen=True)
class Wanted:
    """What the list is narrowed to."""

    shown: Shown | None
    whose: Whose | None
    role: OwnerRole | None
    is_overdue: bool
    named: str | None
    site: str | None
    finding: str | None

    def page(
        self, session: Session, scope: Scope, rows: int, after: str | None
    ) -> Page[ActionRecord]:
        scope.require(Permission.READ_FINDINGS)
        is_one = self.shown not in {None, Shown.ANY}
        return pressing(
            session,
            scope,
            rows=rows,
            after=after,
            is_open=self.shown is None,
            is_overdue=self.is_overdue,
            turn=self._turn(scope),
            named=self.named,
            site=self.site,
            finding=self.finding,
            owner_role=self.role,
            state=self.shown if is_one else None,
        )

    def _turn(self, scope: Scope) -> Turn | None:
        """Return whose turn is meant; whoever does both has every turn."""
        if self.whose is None:
            return None
        if self.whose is not Whose.MINE:
            return Turn(self.whose)
        if not scope.may(Permission.DECIDE_FINDINGS):
            return Turn.SITE
        does_both = scope.may(Permission.ANSWER_FINDINGS)
        return None if does_both else Turn.REVIEW


@actions.get("", include_in_schema=False)
async def show_actions(request: Request) -> Response:
    """Show the corrective actions, what is due first before the others."""
    wanted = Wanted(
        chosen(request, "state", Shown),
        chosen(request, "turn", Whose),
        chosen(request, "role", OwnerRole),
        is_on(request, "overdue"),
        words_chosen(request, "name"),
        words_chosen(request, "site"),
        words_chosen(request, "finding"),
    )

    seen = await read_list(request, wanted.page)
    if wants_csv(request):
        documents = [action_document(one) for one in seen.rows]
        return csv_response(documents, "corrective-actions")
    return page(
        request,
        "actions.html",
        scope=seen.scope,
        seen=seen,
        book=hop.service_of(request).book,
        today=clock.today(),
        turn_of=turn_of,
        chosen=request.query_params,
        states=tuple(State),
        roles=tuple(OwnerRole),
        is_narrowed=any(request.query_params.get(one) for one in FILTERS),
        **pager(request, seen.next_after),
    )
