"""The dated answers of a site to its card: catalogue codes that travel with the card.

Whoever runs the site answers for itself; the keeper of its record enters what a farmer
without an account says. Nothing is written in words, so nobody can be named.
"""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, bindparam, insert, select
from sqlalchemy.orm import Session, aliased

from compliance import clock, trail
from compliance.database import Page, as_system
from compliance.identifiers import OrganisationId, new_id, new_public_id
from compliance.identity.permissions import Permission
from compliance.identity.policy import Action, Relation, Resource
from compliance.identity.scope import Scope
from compliance.listings import Listing
from compliance.problems import Kind, Problem
from compliance.registry.models import Site
from compliance.registry.visibility import sight_of, visible
from compliance.scorecards.answers_models import ScorecardAnswer
from compliance.scorecards.codes import Status
from compliance.scorecards.models import Scorecard
from compliance.scorecards.queries import (
    ScorecardNotFound,
    ScorecardRecord,
    canonical_content,
    scorecard,
)
from compliance.texts import N_


class AnswerCode(StrEnum):
    """What can be answered; each has one text, and nobody writes another."""

    DISAGREE_WITH_FINDING = "disagree_with_finding"
    ALREADY_CORRECTED = "already_corrected"
    WAITING_FOR_SUPPORT = "waiting_for_support"
    PRICE_DOES_NOT_COVER = "price_does_not_cover"
    VISIT_UNLIKE_USUAL = "visit_unlike_usual"
    AGREE_AND_WORK_ON_IT = "agree_and_work_on_it"


class About(StrEnum):
    """Whether an answer names a flag of the card."""

    FLAG = "flag"
    EITHER = "either"
    CARD = "card"


class Side(StrEnum):
    """Who gave an answer: the site itself, or the keeper of its record for it."""

    SITE = "site"
    KEEPER = "keeper"


ABOUT: Mapping[AnswerCode, About] = {
    AnswerCode.DISAGREE_WITH_FINDING: About.FLAG,
    AnswerCode.ALREADY_CORRECTED: About.FLAG,
    AnswerCode.WAITING_FOR_SUPPORT: About.EITHER,
    AnswerCode.PRICE_DOES_NOT_COVER: About.EITHER,
    AnswerCode.VISIT_UNLIKE_USUAL: About.CARD,
    AnswerCode.AGREE_AND_WORK_ON_IT: About.EITHER,
}
TEXTS: Mapping[AnswerCode, str] = {
    AnswerCode.DISAGREE_WITH_FINDING: N_("We do not agree with this finding."),
    AnswerCode.ALREADY_CORRECTED: N_("We have already corrected this."),
    AnswerCode.WAITING_FOR_SUPPORT: N_("We are waiting for support to correct it."),
    AnswerCode.PRICE_DOES_NOT_COVER: N_(
        "The price we are paid does not cover what is asked."
    ),
    AnswerCode.VISIT_UNLIKE_USUAL: N_("The day of the visit was not a usual day here."),
    AnswerCode.AGREE_AND_WORK_ON_IT: N_("We agree, and we are working on it."),
}
# What a card is worth for good cannot be answered any more; a newer version can.
ANSWERABLE = frozenset({Status.ISSUED, Status.SUSPENDED, Status.EXPIRED})


class AnswerNotFound(Problem):
    kind = Kind.NOT_FOUND
    title = N_("No such answer")
    detail = N_("The scorecard {scorecard} has no answer with the id {answer}.")


class FlagOffTheCard(Problem):
    kind = Kind.INVALID
    title = N_("No such red flag on the scorecard")
    detail = N_("'flag' is {flag}. The scorecard {scorecard} has: {flags}.")


class FlagMissing(Problem):
    kind = Kind.INVALID
    title = N_("Say which red flag is meant")
    detail = N_("{code} is about one red flag; give its reference as 'flag'.")


class FlagUncalledFor(Problem):
    kind = Kind.INVALID
    title = N_("The answer is about the whole visit")
    detail = N_("{code} is about no red flag alone; leave 'flag' out.")


class CardNotAnswerable(Problem):
    kind = Kind.CONFLICT
    title = N_("The scorecard cannot be answered any more")
    detail = N_("{scorecard} is {status}. Answer the version that came after it.")


class AnswerStands(Problem):
    kind = Kind.CONFLICT
    title = N_("The answer was given already")
    detail = N_("{answer} says so already, and was not withdrawn.")


class AnswerWithdrawn(Problem):
    kind = Kind.CONFLICT
    title = N_("The answer was withdrawn already")
    detail = N_("{answer} was withdrawn at {at}.")


class AnswerOfTheSite(Problem):
    kind = Kind.FORBIDDEN
    title = N_("Only the site can withdraw its own answer")
    detail = N_("Who runs the site gave {answer}; nobody withdraws it for them.")


@dataclass(frozen=True)
class AnswerRecord:
    """One answer on a card, and whether it still stands."""

    id: uuid.UUID
    public_id: str
    code: AnswerCode
    flag: str | None
    side: Side
    given_at: datetime
    withdrawn_at: datetime | None


Back = aliased(ScorecardAnswer)
Own = aliased(Site)
OF_CARD = (
    select(
        ScorecardAnswer.id,
        ScorecardAnswer.public_id,
        ScorecardAnswer.code,
        ScorecardAnswer.flag,
        ScorecardAnswer.side,
        ScorecardAnswer.given_at,
        Back.given_at.label("withdrawn_at"),
    )
    .outerjoin(Back, Back.withdraws_id == ScorecardAnswer.id)
    .where(
        ScorecardAnswer.scorecard_id == bindparam("scorecard_id"),
        ScorecardAnswer.code.is_not(None),
    )
)
ANSWERS_FOR = (
    select(Scorecard.owner_id, Site.owner_id.label("keeper_id"), Site.operator_id)
    .join(Own, Own.id == Scorecard.site_id)
    .join(Site, Site.id == Own.kept_id)
    .where(
        Scorecard.id == bindparam("scorecard_id"),
        visible(Resource.CARD_ANSWER, Action.ANSWER),
    )
)
# Two who answer at once are told apart: the second sees what the first said.
LOCK = (
    select(Scorecard.id)
    .where(Scorecard.id == bindparam("scorecard_id"))
    .with_for_update(key_share=True)
)


def answers(
    session: Session,
    scope: Scope,
    card: str,
    *,
    rows: int,
    after: str | None = None,
    standing: bool | None = None,
) -> Page[AnswerRecord]:
    """Return a page of the answers to a card that the caller sees, the oldest first.

    `standing` leaves out those that were withdrawn, or the others.
    """
    found = scorecard(session, scope, card)
    wanted = {} if standing is None else {"standing" if standing else "withdrawn": True}
    return LISTED.page(
        session,
        {"scorecard_id": found.id},
        rows=rows,
        after=after,
        wanted=wanted,
    )


def answer(session: Session, scope: Scope, card: str, public_id: str) -> AnswerRecord:
    """Return one answer to a card that the caller sees, or raise AnswerNotFound."""
    found = scorecard(session, scope, card)
    missing = AnswerNotFound(scorecard=card, answer=public_id)
    return LISTED.one(session, {"scorecard_id": found.id}, public_id, missing)


def give(
    session: Session, scope: Scope, card: str, *, code: AnswerCode, flag: str | None
) -> AnswerRecord:
    """Answer a card as the site, or as the keeper of its record for it.

    Raise ScorecardNotFound for a card the caller is only shown.
    """
    found, parties = _answering(session, scope, card)
    if found.status not in ANSWERABLE:
        raise CardNotAnswerable(scorecard=card, status=found.status)
    _require_fitting(session, scope, card, code, flag)
    _lock(session, found)
    for one in _all(session, found):
        if (one.code, one.flag, one.withdrawn_at) == (code, flag, None):
            raise AnswerStands(answer=one.public_id)
    public_id = _keep(session, scope, found, code=code, flag=flag)
    _record(session, scope, parties, "given", public_id, found, code=code, flag=flag)
    return answer(session, scope, card, public_id)


def withdraw(session: Session, scope: Scope, card: str, public_id: str) -> AnswerRecord:
    """Take an answer back by a further row; it stays to be read as withdrawn."""
    found, parties = _answering(session, scope, card)
    _lock(session, found)
    given = answer(session, scope, card, public_id)
    if given.withdrawn_at is not None:
        raise AnswerWithdrawn(answer=public_id, at=given.withdrawn_at.isoformat())
    if given.side is Side.SITE and _side(found) is Side.KEEPER:
        raise AnswerOfTheSite(answer=public_id)
    _keep(session, scope, found, withdraws_id=given.id)
    _record(session, scope, parties, "withdrawn", public_id, found)
    return answer(session, scope, card, public_id)


def _answering(
    session: Session, scope: Scope, card: str
) -> tuple[ScorecardRecord, frozenset[uuid.UUID]]:
    """Return the card, and whose trails tell what is answered to it."""
    scope.require(Permission.READ_SCORECARDS)
    scope.require(Permission.ANSWER_FINDINGS)
    found = scorecard(session, scope, card)
    row = session.execute(
        ANSWERS_FOR, {**sight_of(scope), "scorecard_id": found.id}
    ).one_or_none()
    if row is None:
        raise ScorecardNotFound(scorecard=card)
    known = {row.owner_id, row.keeper_id, row.operator_id, scope.organisation_id}
    return found, frozenset(known - {None})


def _require_fitting(
    session: Session, scope: Scope, card: str, code: AnswerCode, flag: str | None
) -> None:
    about = ABOUT[code]
    if flag is None:
        if about is About.FLAG:
            raise FlagMissing(code=code)
        return
    if about is About.CARD:
        raise FlagUncalledFor(code=code)
    told = json.loads(canonical_content(session, scope, card))["flags"]
    known = [one["ref"] for one in told]
    if flag not in known:
        raise FlagOffTheCard(flag=flag, scorecard=card, flags=", ".join(known) or "-")


def _lock(session: Session, found: ScorecardRecord) -> None:
    """Let one at a time answer the card; who operates its site may not change it."""
    with as_system(session):
        session.execute(LOCK, {"scorecard_id": found.id}).one()


def _all(session: Session, found: ScorecardRecord) -> list[AnswerRecord]:
    return [
        _record_of(row) for row in session.execute(OF_CARD, {"scorecard_id": found.id})
    ]


def _side(found: ScorecardRecord) -> Side:
    return Side.KEEPER if found.relation is Relation.OWN else Side.SITE


def _keep(
    session: Session, scope: Scope, found: ScorecardRecord, **said: object
) -> str:
    public_id = new_public_id("answer")
    session.execute(
        insert(ScorecardAnswer).values(
            id=new_id(),
            public_id=public_id,
            scorecard_id=found.id,
            giver_id=scope.organisation_id,
            side=_side(found),
            actor=scope.actor,
            given_at=clock.now(),
            **said,
        )
    )
    return public_id


def _record(
    session: Session,
    scope: Scope,
    parties: frozenset[uuid.UUID],
    act: str,
    public_id: str,
    found: ScorecardRecord,
    **facts: object,
) -> None:
    for organisation_id in sorted(parties):
        trail.record(
            session,
            organisation_id=OrganisationId(organisation_id),
            actor=scope.actor,
            action=f"scorecard_answer.{act}",
            subject_id=public_id,
            scorecard=found.public_id,
            side=_side(found),
            **{name: str(fact) for name, fact in facts.items() if fact is not None},
        )


def _record_of(row: Row[*tuple[Any, ...]]) -> AnswerRecord:
    return AnswerRecord(
        id=row.id,
        public_id=row.public_id,
        code=AnswerCode(row.code),
        flag=row.flag,
        side=Side(row.side),
        given_at=row.given_at,
        withdrawn_at=row.withdrawn_at,
    )


LISTED = Listing(
    OF_CARD,
    ScorecardAnswer.id,
    ScorecardAnswer.public_id,
    _record_of,
    {"standing": Back.id.is_(None), "withdrawn": Back.id.is_not(None)},
)
