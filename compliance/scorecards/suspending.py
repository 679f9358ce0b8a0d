"""Suspending a card and lifting it again, ground by ground; and revoking it for good.

A ground is a class of reason, and stands from the step that names it to the one that
names its end. While any stands the card is suspended: the end of a finding does not end a
doubt, and no person lifts what follows from a finding, a list or a merge.
"""

import uuid

from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import Session

from compliance import clock
from compliance.findings.queries import FindingRecord, findings_of_site
from compliance.identifiers import SiteId
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.problems import Kind, Problem
from compliance.scorecards.codes import Status
from compliance.scorecards.composing import plan_of
from compliance.scorecards.grading import Plan
from compliance.scorecards.lifecycle import (
    GROUNDS,
    OF_THE_SITE,
    Why,
    grounds_of,
    step,
)
from compliance.scorecards.models import ScorecardInForce
from compliance.scorecards.noting import (
    ABOUT_NOTHING,
    About,
    history_of,
    note,
)
from compliance.scorecards.queries import (
    ScorecardRecord,
    in_force,
    own_scorecard,
    scorecard,
)
from compliance.texts import N_
from rules import Severity

HELD_SITE = (
    select(ScorecardInForce.site_id)
    .where(ScorecardInForce.site_id == bindparam("site_id"))
    .with_for_update()
)
HELD_CARD = (
    select(ScorecardInForce.site_id)
    .where(ScorecardInForce.scorecard_id == bindparam("card_id"))
    .with_for_update()
)


class AlreadySuspended(Problem):
    kind = Kind.CONFLICT
    title = N_("The scorecard is suspended for this already")
    detail = N_("{scorecard} stands suspended for {reason}; nothing has changed.")


class NotSuspendedFor(Problem):
    kind = Kind.CONFLICT
    title = N_("The scorecard is not suspended for this")
    detail = N_(
        "{scorecard} is not suspended for {reason}. What it is suspended for: {grounds}."
    )


def suspend(
    session: Session,
    scope: Scope,
    card: ScorecardRecord,
    ground: Why,
    about: About = ABOUT_NOTHING,
) -> bool:
    """Suspend a card on a ground of `lifecycle.GROUNDS`; False: it stands already.

    A card has a ground once, however many findings or lists it follows from: who lifts it
    sees to it that none is left. Raises CardStepNotAllowed for a card that is superseded
    or revoked. Who may do this is for the caller to ask.
    """
    if ground not in GROUNDS:
        raise ValueError(f"{ground} is nothing that a card is suspended for.")
    _hold(session, card.id)
    history = history_of(session, card.id)
    step(history[-1][0], Status.SUSPENDED)
    standing = grounds_of(history)
    if ground in standing:
        return False
    note(session, scope, card.id, card.public_id, Status.SUSPENDED, ground, about)
    gravest = next(one for one in GROUNDS if one in {ground, *standing})
    if gravest is not ground:
        # What was told stays told; the card goes on saying what is gravest.
        again = (card.id, card.public_id, Status.SUSPENDED, gravest)
        note(session, scope, *again, is_told=False)
    return True


def lift(session: Session, scope: Scope, card: ScorecardRecord, ground: Why) -> bool:
    """End a ground of a card; False: it did not stand, or the card says so itself.

    Where another ground stands the card stays suspended, and says for what. A card that
    was issued as suspended stays so: a newer one is issued. Raises CardStepNotAllowed for
    a card that is superseded or revoked.
    """
    _hold(session, card.id)
    history = history_of(session, card.id)
    step(history[-1][0], Status.SUSPENDED)
    grounds = grounds_of(history)
    was_issued = any(status is Status.ISSUED for status, _ in history)
    is_its_own = ground is Why.ZERO_TOLERANCE and not was_issued
    if ground not in grounds or is_its_own:
        return False
    left = [one for one in grounds if one is not ground]
    after = Status.SUSPENDED if left else Status.ISSUED
    note(session, scope, card.id, card.public_id, after, GROUNDS[ground])
    if left:
        note(session, scope, card.id, card.public_id, Status.SUSPENDED, left[0])
    return True


def grounds(session: Session, card: ScorecardRecord) -> tuple[Why, ...]:
    """Return what a card stands suspended for, the gravest first."""
    return grounds_of(history_of(session, card.id))


def suspend_by_hand(
    session: Session, scope: Scope, public_id: str, ground: Why
) -> ScorecardRecord:
    """Suspend a card that the caller issued; raises AlreadySuspended."""
    scope.require(Permission.ISSUE_SCORECARDS)
    card = own_scorecard(session, scope, public_id)
    if not suspend(session, scope, card, ground):
        raise AlreadySuspended(scorecard=public_id, reason=ground)
    return scorecard(session, scope, public_id)


def restore(
    session: Session, scope: Scope, public_id: str, ground: Why
) -> ScorecardRecord:
    """Lift what a person suspended a card for; it may stay suspended for something else.

    Raises NotSuspendedFor, and CardStepNotAllowed where the card is gone for good.
    """
    scope.require(Permission.ISSUE_SCORECARDS)
    card = own_scorecard(session, scope, public_id)
    if not lift(session, scope, card, ground):
        standing = ", ".join(grounds(session, card)) or "-"
        raise NotSuspendedFor(scorecard=public_id, reason=ground, grounds=standing)
    return scorecard(session, scope, public_id)


def revoke(
    session: Session,
    scope: Scope,
    public_id: str,
    reason: Why = Why.ISSUED_IN_ERROR,
) -> ScorecardRecord:
    """Take a card back for good; nothing speaks for the site until a newer one does."""
    scope.require(Permission.ISSUE_SCORECARDS)
    card = own_scorecard(session, scope, public_id)
    _hold(session, card.id)
    note(session, scope, card.id, card.public_id, Status.REVOKED, reason)
    session.execute(
        delete(ScorecardInForce).where(ScorecardInForce.scorecard_id == card.id)
    )
    return scorecard(session, scope, public_id)


def follow_findings(session: Session, scope: Scope, site_id: SiteId) -> None:
    """Suspend the card in force while zero tolerance has no plan; lift it when it ends.

    An agreed plan does not lift it: the letter on the card is from before, and at most
    D would be right. A new card says so.
    """
    if session.scalar(HELD_SITE, {"site_id": site_id}) is None:
        return
    card = in_force(session, scope, site_id)
    if card is None:
        return
    today = clock.today()
    open_ones = [
        finding
        for finding in findings_of_site(session, scope, site_id)
        if finding.is_open and finding.severity is Severity.ZERO_TOLERANCE
    ]
    unplanned = [one for one in open_ones if plan_of(one, today) is Plan.NONE]
    if unplanned:
        suspend(session, scope, card, Why.ZERO_TOLERANCE, _about(unplanned))
    elif not open_ones:
        lift(session, scope, card, Why.ZERO_TOLERANCE)


def carry_over(
    session: Session, scope: Scope, before: uuid.UUID, card: ScorecardRecord
) -> None:
    """Suspend a newer card for what was about the site and not about the card before."""
    for ground in grounds_of(history_of(session, before)):
        if ground in OF_THE_SITE:
            suspend(session, scope, card, ground)


def _about(findings: list[FindingRecord]) -> About:
    """Return what kind of thing was seen last, and how sure it is."""
    last = max(findings, key=lambda one: one.raised_at)
    return About(last.topic, last.standing)


def _hold(session: Session, card_id: uuid.UUID) -> None:
    """Let one step of a card be taken at a time, as long as it speaks for a site."""
    session.execute(HELD_CARD, {"card_id": card_id}).all()
