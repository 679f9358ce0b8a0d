"""The page of a card for those who may see it: all of it, in plain words, and answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.pages.forms import FieldWrong, Form, form_of, sent
from api.pages.rendering import language_of, page
from api.pages.scorecards_plain import plain_card
from api.pages.scorecards_steps import NOTES, Step, offered
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
from compliance.scorecards import answers, queries, suspending
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
from compliance.scorecards.lifecycle import BY_HAND, Why
from compliance.scorecards.queries import ScorecardRecord, Verified
from compliance.scorecards.reasons import Flag, reasons_of
from compliance.texts import N_, translate
from rules import Book

scorecards = feature_router("/scorecards", "pages")

OF_GRADE = {
    GradeState.SUSPENDED: Status.SUSPENDED,
    GradeState.EXPIRED: Status.EXPIRED,
}
CHOOSE_A_FLAG = N_("These words are about one red flag. Choose which.")
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
    # What it stands suspended for, the gravest first.
    grounds: tuple[Why, ...]

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

    @property
    def offered(self) -> Mapping[Step, tuple[Why, ...]]:
        """What the reader can do with the card now, and for what."""
        return offered(self.scope, self.record, self.grounds)

    def title(self, rule: str, language: str) -> str:
        book = self.homes.get(rule)
        return (
            rule if book is None else book.rule_by_id[rule].title.in_language(language)
        )


@scorecards.get("/{card_id}", include_in_schema=False)
async def show_card(request: Request, card_id: str, done: str = "") -> Response:
    """Show the whole card, from its grade down to the rule and the law of each flag."""
    seen = await seen_of(request, card_id)
    return card_page(request, seen, done=done)


@scorecards.get("/{card_id}/plain", include_in_schema=False)
async def show_plain_card(request: Request, card_id: str) -> Response:
    """Show a card in a few plain sentences, on one page that can be printed."""
    seen = await seen_of(request, card_id)
    return card_page(request, seen, "scorecard_plain.html")


@scorecards.post("/{card_id}/answers", include_in_schema=False)
async def answer_card(request: Request, card_id: str) -> Response:
    """Take an answer in from the form of the page."""
    form = await form_of(request)
    given = form.value("code")
    if given not in set(AnswerCode):
        raise AnswerUnknown(given=given[:40])
    code = AnswerCode(given)
    flag = None if ABOUT[code] is About.CARD else form.value("flag") or None

    def work(session: Session, scope: Scope) -> Answer:
        if flag is None and ABOUT[code] is About.FLAG:
            raise FieldWrong("flag", CHOOSE_A_FLAG)
        answers.give(session, scope, card_id, code=code, flag=flag)
        return Answer(303, b"", (("Location", f"/scorecards/{card_id}#answers"),))

    async def again(form: Form) -> Response:
        return card_page(request, await seen_of(request, card_id), form=form)

    return await sent(request, form, work, again)


async def seen_of(request: Request, card_id: str) -> Seen:
    """Return all that a page of a card shows, for those who may see the card."""
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
    grounds: tuple[Why, ...] = ()
    if record.status is Status.SUSPENDED:
        reasons = reasons_of(session, scope, card_id).flags
        grounds = suspending.grounds(session, record)
    rules = {flag.indicator for flag in card.flags} | {one.rule for one in reasons}
    return Seen(
        scope=scope,
        record=record,
        now=queries.verify(session, record.code),
        card=card,
        homes=dict(shelf.homes_of(session, rules)),
        answers=said.rows,
        reasons=reasons,
        grounds=grounds,
    )


def card_page(
    request: Request,
    seen: Seen,
    template: str = "scorecard.html",
    *,
    form: Form | None = None,
    step: Step | None = None,
    done: str = "",
) -> Response:
    """Return a page of a card; `form` is shown again, that of a `step` or of an answer.

    `done` names what was done just before.
    """
    language = language_of(request, seen.scope)
    told = told_card(seen.card, language, seen.title)
    url = seen.card.integrity.verify_url
    return page(
        request,
        template,
        scope=seen.scope,
        status=200 if form is None else form.status,
        form=form or Form(),
        blank=Form(),
        step=step,
        by_hand=BY_HAND,
        done_note=translate(NOTES[done], language) if done in NOTES else None,
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
