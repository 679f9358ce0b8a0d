"""What a second person decides: whether a card is suspended, and whether that ends."""

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from compliance import clock, trail
from compliance.clocks import actions as clocks
from compliance.clocks.models import ClockKind
from compliance.exclusions.following import hold_up, is_in_effect
from compliance.exclusions.lifecycle import (
    Effect,
    ExclusionReason,
    ExclusionState,
    Verdict,
    decided,
    require_fitting,
)
from compliance.exclusions.models import Exclusion
from compliance.exclusions.queries import (
    ExclusionNotFound,
    ExclusionRecord,
    all_exclusions,
    exclusion,
    note_place,
)
from compliance.identifiers import SiteId
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.problems import Kind, Problem
from compliance.public_lists.deciding import Note, sealed_note
from compliance.scorecards.lifecycle import Why
from compliance.scorecards.queries import in_force
from compliance.scorecards.suspending import lift
from compliance.texts import N_

HOLD = (
    select(Exclusion.id)
    .where(
        Exclusion.owner_id == bindparam("owner_id"),
        Exclusion.public_id == bindparam("public_id"),
    )
    .with_for_update()
)


class NotASecondPerson(Problem):
    kind = Kind.FORBIDDEN
    title = N_("Somebody else must decide this")
    detail = N_(
        "Whoever decided on the match does not decide what follows from it. Ask another "
        "reviewer or administrator of your organisation."
    )


def decide(
    session: Session,
    scope: Scope,
    public_id: str,
    *,
    verdict: Verdict,
    reason: ExclusionReason,
    note: Note | None = None,
) -> ExclusionRecord:
    """Accept or decline a proposal, once, as somebody who did not decide on the match.

    An accepted suspension holds for every card of the site until its end is accepted.
    Raise ExclusionNotFound, ExclusionReasonUnfitting, ExclusionDecided, NotASecondPerson.
    """
    scope.require(Permission.DECIDE_MATCHES)
    scope.require(Permission.ISSUE_SCORECARDS)
    wanted = {"owner_id": scope.organisation_id, "public_id": public_id}
    if session.scalar(HOLD, wanted) is None:
        raise ExclusionNotFound(exclusion=public_id)
    before = exclusion(session, scope, public_id)
    require_fitting(before.effect, verdict, reason)
    state = decided(before.state, verdict)
    if before.matched_by == scope.actor:
        raise NotASecondPerson
    key_id, sealed = sealed_note(session, scope, note_place(before.id), note)
    session.execute(
        update(Exclusion)
        .where(Exclusion.id == before.id)
        .values(
            state=state,
            reason=reason,
            decided_by=scope.actor,
            decided_at=clock.now(),
            key_id=key_id,
            sealed=sealed,
        )
    )
    clocks.stop(session, public_id, ClockKind.EXCLUSION)
    trail.record(
        session,
        organisation_id=scope.organisation_id,
        actor=scope.actor,
        action=f"exclusion.{before.effect}_{state}",
        subject_id=public_id,
        match=before.match,
        reason=reason,
    )
    if state is ExclusionState.ACCEPTED:
        _apply(session, scope, before)
    return exclusion(session, scope, public_id)


def _apply(session: Session, scope: Scope, accepted: ExclusionRecord) -> None:
    if accepted.effect is Effect.SUSPEND:
        hold_up(session, scope, accepted.site_id)
    elif not is_excluded(session, scope, accepted.site_id):
        card = in_force(session, scope, accepted.site_id)
        if card is not None:
            lift(session, scope, card, Why.PUBLIC_LIST)


def is_excluded(session: Session, scope: Scope, site_id: SiteId) -> bool:
    """Tell whether some accepted suspension of a site stands, by whichever match."""
    by_match: dict[str, list[ExclusionRecord]] = {}
    for one in all_exclusions(session, scope):
        if one.site_id == site_id:
            by_match.setdefault(one.match, []).append(one)
    return any(is_in_effect(of_match) for of_match in by_match.values())
