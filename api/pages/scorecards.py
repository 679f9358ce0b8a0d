"""The page of a card for those who may see it: all of it, in plain words, and answers."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.pages.rendering import facts_of_form, language_of, page
from api.pages.scorecards_plain import plain_card
from api.pages.scorecards_told import CHART_HEIGHT, CHART_WIDTH, qr, told_card
from api.pages.verification import ADVICE
from api.routing import feature_router
from compliance import limits
from compliance.editions.shelf import Shelf
from compliance.idempotency import Answer
from compliance.identity.permissions import Permission
from compliance.identity.policy import Relation
from compliance.identity.scope import Scope
from compliance.problems import Kind, Problem
from compliance.scorecards import answers, queries
from compliance.scorecards.answers import (
    ABOUT,
    ANSWERABLE,
    TEXTS,
    About,
    AnswerCode,
    AnswerRecord,
)
from compliance.scorecards.codes import GradeState, Status
from compliance.scorecards.content import Scorecard
from compliance.scorecards.queries import ScorecardRecord, Verified
from compliance.scorecards.reasons import Flag, reasons_of
from compliance.texts import N_
from rules import Book

scorecards = feature_router("/scorecards", "pages")

OF_GRADE = {
    GradeState.SUSPENDED: Status.SUSPENDED,
    GradeState.EXPIRED: Status.EXPIRED,
}
MAY_ANSWER = frozenset({Relation.OWN, Relation.OPERATES})


class AnswerUnknown(Problem):
    kind = Kind.INVALID
    title = N_("The answer cannot be understood")
    detail = N_("'{given}' is none of the answers. Open the page and choose there.")


@dataclass(frozen=True)
class Seen:
    """All that a page of a card shows, read in one transaction."""

    scope: Scope
    record: ScorecardRecord
    now: Verified
    card: Scorecard
    homes: dict[str, Book]
    answers: tuple[AnswerRecord, ...]
    reasons: tuple[Flag, ...]

    @property
    def status(self) -> Status:
        """What the card is worth now; one without a letter is never called valid."""
        if self.record.status is not Status.ISSUED:
            return self.record.status
        return OF_GRADE.get(self.card.grade.state, Status.ISSUED)

    @property
    def may_answer(self) -> bool:
        return (
            self.scope.may(Permission.ANSWER_FINDINGS)
            and self.record.relation in MAY_ANSWER
            and self.record.status in ANSWERABLE
        )

    def title(self, rule: str, language: str) -> str:
        book = self.homes.get(rule)
        return (
            rule if book is None else book.rule_by_id[rule].title.in_language(language)
        )


@scorecards.get("/{card_id}", include_in_schema=False)
async def show_card(request: Request, card_id: str) -> Response:
    """Show the whole card, from its grade down to the rule and the law of each flag."""
    seen = await _seen(request, card_id)
    return _page(request, seen, "scorecard.html")


@scorecards.get("/{card_id}/plain", include_in_schema=False)
async def show_plain_card(request: Request, card_id: str) -> Response:
    """Show a card in a few plain sentences, on one page that can be printed."""
    seen = await _seen(request, card_id)
    return _page(request, seen, "scorecard_plain.html")


@scorecards.post("/{card_id}/answers", include_in_schema=False)
async def answer_card(request: Request, card_id: str) -> Response:
    """Take an answer in from the form of the page."""
    form = facts_of_form(await request.body())
    given = form.get("code", "")
    if given not in set(AnswerCode):
        raise AnswerUnknown(given=given[:40])
    code = AnswerCode(given)
    flag = None if ABOUT[code] is About.CARD else form.get("flag") or None

    def work(session: Session, scope: Scope) -> Answer:
        answers.give(session, scope, card_id, code=code, flag=flag)
        return Answer(303, b"", (("Location", f"/scorecards/{card_id}#answers"),))

    return await hop.write(request, work)


async def _seen(request: Request, card_id: str) -> Seen:
    shelf = hop.service_of(request).shelf
    return await hop.read(
        request, lambda session, scope: _see(session, scope, shelf, card_id)
    )


def _see(session: Session, scope: Scope, shelf: Shelf, card_id: str) -> Seen:
    record = queries.scorecard(session, scope, card_id)
    content = queries.canonical_content(session, scope, card_id)
    card = Scorecard.model_validate_json(content, strict=True)
    said = answers.answers(session, scope, card_id, rows=limits.PAGE_ROWS)
    reasons: tuple[Flag, ...] = ()
    if record.status is Status.SUSPENDED:
        reasons = reasons_of(session, scope, card_id).flags
    rules = {flag.indicator for flag in card.flags} | {one.rule for one in reasons}
    return Seen(
        scope=scope,
        record=record,
        now=queries.verify(session, record.code),
        card=card,
        homes=dict(shelf.homes_of(session, rules)),
        answers=said.rows,
        reasons=reasons,
    )


def _page(request: Request, seen: Seen, template: str) -> Response:
    told = told_card(seen.card, language_of(request, seen.scope), seen.title)
    url = seen.card.integrity.verify_url
    return page(
        request,
        template,
        scope=seen.scope,
        seen=seen,
        record=seen.record,
        standing=seen.status,
        advice=ADVICE[seen.status],
        told=told,
        card=seen.card,
        words=told.words,
        plain=plain_card(told, seen.status),
        book=hop.service_of(request).book,
        on=seen.card.fieldwork.to_on,
        texts=TEXTS,
        about=ABOUT,
        chart=(CHART_WIDTH, CHART_HEIGHT),
        verify_path=f"/v/{seen.record.code}",
        verify_address=f"{urlsplit(url).netloc}{urlsplit(url).path}",
        qr=qr(url),
    )
