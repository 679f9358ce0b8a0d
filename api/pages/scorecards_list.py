"""The scorecards that the reader issued, or is shown: found, taken along, and checked."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.pages.portfolio import quoted
from api.pages.rendering import page
from api.pages.tables import (
    chosen,
    csv_response,
    pager,
    read_list,
    wants_csv,
    words_chosen,
)
from api.routing import feature_router
from api.scorecards_wire import SEEN_AS, scorecard_document
from compliance import clock
from compliance.database import Page
from compliance.identity.policy import Relation
from compliance.identity.scope import Scope
from compliance.scorecards.codes import Letter, Status
from compliance.scorecards.queries import ScorecardRecord, scorecards
from compliance.texts import N_

scorecards_list = feature_router("/scorecards", "pages")

ROWS = 30
EXPIRING_DAYS = 60


class Whose(StrEnum):
    """How a reader comes to a card."""

    OWN = "own"
    OPERATES = "operates"
    SHARED = "shared"


class State(StrEnum):
    """What a card is worth now, as a reader asks for it."""

    IN_FORCE = "in_force"
    EXPIRING = "expiring"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"


WHOSE = {
    Whose.OWN: N_("Issued by you"),
    Whose.OPERATES: N_("Of sites you operate"),
    Whose.SHARED: N_("Shown to you"),
}
STATES = {
    State.IN_FORCE: N_("Valid"),
    State.EXPIRING: N_("Valid, and ends within 60 days"),
    State.SUSPENDED: N_("Suspended"),
    State.REVOKED: N_("Revoked"),
    State.EXPIRED: N_("Expired"),
    State.SUPERSEDED: N_("Superseded"),
}


@dataclass(frozen=True)
class Wish:
    """What a reader chose."""

    whose: Whose | None
    state: State | None
    letter: Letter | None
    site: str | None

    @property
    def is_narrowed(self) -> bool:
        return any((self.whose, self.state, self.letter, self.site))

    @property
    def seen_as(self) -> Relation | None:
        return None if self.whose is None else SEEN_AS[self.whose.value]

    def page(
        self, session: Session, scope: Scope, rows: int, after: str | None
    ) -> Page[ScorecardRecord]:
        return scorecards(
            session,
            scope,
            rows=rows,
            after=after,
            seen_as=self.seen_as,
            newest_first=True,
            **self.wanted(clock.today()),
        )

    def wanted(self, today: date) -> dict[str, Any]:
        """Return the filters as `scorecards` takes them.

        A card that ran out is expired from that day on, noted or not.
        """
        wanted: dict[str, Any] = {"letter": self.letter, "site": self.site}
        if self.state is None:
            return wanted
        if self.state is State.EXPIRED:
            yesterday = today - timedelta(days=1)
            return {**wanted, "in_force": True, "until_to": yesterday}
        if self.state in {State.REVOKED, State.SUPERSEDED}:
            return {**wanted, "status": self.state.value}
        if self.state is State.SUSPENDED:
            suspended = Status.SUSPENDED.value
            return {**wanted, "status": suspended, "until_from": today}
        wanted |= {"status": Status.ISSUED.value, "until_from": today}
        if self.state is State.EXPIRING:
            wanted["until_to"] = today + timedelta(days=EXPIRING_DAYS)
        return wanted


@scorecards_list.get("", include_in_schema=False)
async def show_scorecards(request: Request) -> Response:
    """List the cards that the reader issued, or may see, the newest first."""
    wish = Wish(
        whose=chosen(request, "relation", Whose),
        state=chosen(request, "state", State),
        letter=chosen(request, "letter", Letter),
        site=words_chosen(request, "site"),
    )
    seen = await read_list(request, wish.page, rows=ROWS)
    if wants_csv(request):
        return csv_response(
            [scorecard_document(one) for one in seen.rows], "scorecards"
        )
    return page(
        request,
        "scorecards.html",
        scope=seen.scope,
        seen=seen,
        wish=wish,
        whose=WHOSE,
        states=STATES,
        letters=tuple(Letter),
        today=clock.today(),
        curl=_curl(request, wish),
        **pager(request, seen.next_after),
    )


def _curl(request: Request, wish: Wish) -> str:
    """Return the command that asks the interface for such cards."""
    asked = {"relation": (wish.whose or Whose.OWN).value}
    if wish.letter is not None:
        asked["letter"] = wish.letter.value
    if wish.site is not None:
        asked["site"] = wish.site
    if wish.state in {State.IN_FORCE, State.EXPIRING}:
        asked["in_force"] = "true"
    pairs = " ".join(
        f"--data-urlencode '{name}={quoted(value)}'" for name, value in asked.items()
    )
    url = hop.service_of(request).settings.resolved_public_url
    return f"curl -G -H 'Authorization: Bearer KEY' '{url}/v1/scorecards' {pairs}"
