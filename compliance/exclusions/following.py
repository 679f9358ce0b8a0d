"""What matches call for: a card to be suspended or a suspension to be lifted, proposed.

It is the same however often it is done. Nothing is suspended or lifted here that no
person has decided: only where a suspension stands is a card that lacks it suspended too,
such as the first that a site is issued again.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import BindParameter, Row, Uuid, bindparam, func, or_, select, update
from sqlalchemy.orm import Session

from compliance import clock, trail
from compliance.alerts.actions import raise_alert
from compliance.alerts.events import AlertEvent
from compliance.clocks import actions as clocks
from compliance.clocks.models import ClockKind
from compliance.database import insert_new
from compliance.exclusions.lifecycle import Effect, ExclusionState, wanted_effect
from compliance.exclusions.models import Exclusion
from compliance.exclusions.queries import ExclusionRecord, all_exclusions
from compliance.identifiers import SiteId, new_id, new_public_id
from compliance.identity.scope import SYSTEM, Scope
from compliance.policies.queries import in_force
from compliance.public_lists.lifecycle import MatchState
from compliance.public_lists.models import ListMatch, PublicList
from compliance.public_lists.policy import LISTS, Consequence, ListsPolicy
from compliance.registry.models import Site
from compliance.scorecards.lifecycle import Why
from compliance.scorecards.models import Scorecard
from compliance.scorecards.queries import in_force as card_in_force
from compliance.scorecards.suspending import suspend

OWNER: BindParameter[uuid.UUID] = bindparam("owner_id", type_=Uuid())
# Two at once would propose the same: the second waits and finds it proposed.
MATCHES = (
    select(
        ListMatch.id,
        ListMatch.public_id,
        ListMatch.site_id,
        ListMatch.company_id,
        ListMatch.state,
        ListMatch.version,
        ListMatch.left_on,
        ListMatch.decided_by,
        PublicList.category,
    )
    .join(PublicList, PublicList.id == ListMatch.list_id)
    .where(
        ListMatch.owner_id == OWNER,
        or_(
            ListMatch.state == MatchState.SAME,
            ListMatch.id.in_(select(Exclusion.match_id)),
        ),
    )
    .order_by(ListMatch.id)
    .with_for_update(of=ListMatch, key_share=True)
)
KEPT = select(Site.id, Site.kept_id).where(Site.owner_id == OWNER)
OPERATED = select(Site.id, Site.operator_id).where(
    Site.owner_id == OWNER, Site.kept_id == Site.id, Site.operator_id.is_not(None)
)
CARDS = select(func.count(Scorecard.id)).where(Scorecard.owner_id == OWNER)


@dataclass(frozen=True)
class Followed:
    """How many proposals were made, and how many withdrawn."""

    proposed: int = 0
    withdrawn: int = 0


def follow_matches(session: Session, scope: Scope) -> Followed:
    """Propose what the matches of an organisation call for, and withdraw what is over."""
    matches = session.execute(MATCHES, {"owner_id": scope.organisation_id}).all()
    if not matches:
        return Followed()
    policy = in_force(session, scope, LISTS, clock.today())
    sites = _sites(session, scope, matches)
    by_pair: dict[tuple[uuid.UUID, SiteId], list[ExclusionRecord]] = defaultdict(list)
    for one in all_exclusions(session, scope):
        by_pair[one.match_id, one.site_id].append(one)
    proposed = withdrawn = 0
    for match in matches:
        before = {site for of_match, site in by_pair if of_match == match.id}
        for site_id in sorted(sites[match.id] | before):
            applies = site_id in sites[match.id] and _calls_for_it(policy, match)
            done = _follow(
                session,
                scope,
                policy,
                match,
                site_id,
                applies,
                by_pair[match.id, site_id],
            )
            proposed, withdrawn = proposed + done.proposed, withdrawn + done.withdrawn
    return Followed(proposed, withdrawn)


def cards_state(session: Session, scope: Scope) -> str:
    """Return what differs as soon as another card was issued."""
    return str(session.scalar(CARDS, {"owner_id": scope.organisation_id}))


def is_in_effect(of_pair: Iterable[ExclusionRecord]) -> bool:
    """Tell whether the last of the proposals that was accepted suspends."""
    accepted = [one for one in of_pair if one.state is ExclusionState.ACCEPTED]
    return bool(accepted) and accepted[-1].effect is Effect.SUSPEND


def _calls_for_it(policy: ListsPolicy, match: Row[*tuple[Any, ...]]) -> bool:
    suspends = policy.consequences.get(match.category) is Consequence.SUSPEND
    return suspends and match.state == MatchState.SAME and match.left_on is None


def _sites(
    session: Session, scope: Scope, matches: Iterable[Row[*tuple[Any, ...]]]
) -> Mapping[uuid.UUID, set[SiteId]]:
    """Return whose cards a match concerns: the site's own, or those of who runs them.

    Of a broker none: what a broker did at one site is not known of another.
    """
    mine = {"owner_id": scope.organisation_id}
    kept = {row.id: SiteId(row.kept_id) for row in session.execute(KEPT, mine)}
    run: dict[uuid.UUID, set[SiteId]] = defaultdict(set)
    for row in session.execute(OPERATED, mine):
        run[row.operator_id].add(SiteId(row.id))
    return {
        match.id: {kept[match.site_id]}
        if match.site_id is not None
        else run.get(match.company_id, set())
        for match in matches
    }


def _follow(
    session: Session,
    scope: Scope,
    policy: ListsPolicy,
    match: Row[*tuple[Any, ...]],
    site_id: SiteId,
    applies: bool,  # noqa: FBT001 - one of the things that are known of the pair
    of_pair: list[ExclusionRecord],
) -> Followed:
    stands = is_in_effect(of_pair)
    wanted = wanted_effect(applies=applies, is_in_effect=stands)
    waiting = [one for one in of_pair if one.state is ExclusionState.PROPOSED]
    over = [one for one in waiting if one.effect is not wanted]
    for one in over:
        _withdraw(session, scope, one)
    if stands:
        hold_up(session, scope, site_id)
    is_new = (
        wanted is not None
        and len(over) == len(waiting)
        and _propose(session, scope, policy, match, site_id, wanted)
    )
    return Followed(int(is_new), len(over))


def hold_up(session: Session, scope: Scope, site_id: SiteId) -> None:
    """Suspend the card in force of a site that is excluded, unless it is already."""
    card = card_in_force(session, scope, site_id)
    if card is not None:
        suspend(session, scope, card, Why.PUBLIC_LIST)


def _propose(
    session: Session,
    scope: Scope,
    policy: ListsPolicy,
    match: Row[*tuple[Any, ...]],
    site_id: SiteId,
    effect: Effect,
) -> bool:
    card = card_in_force(session, scope, site_id)
    if card is None:
        return False  # there is nothing to suspend, or to lift
    now, public_id = clock.now(), new_public_id("exclusion")
    due_at = now + timedelta(hours=policy.suspension_hours)
    # That an entry left its list was nobody's decision.
    matched_by = SYSTEM if match.left_on is not None else match.decided_by or SYSTEM
    is_new = insert_new(
        session,
        Exclusion,
        id=new_id(),
        public_id=public_id,
        owner_id=scope.organisation_id,
        match_id=match.id,
        site_id=site_id,
        effect=effect,
        occasion=f"{effect} {match.version}",
        scorecard=card.public_id,
        state=ExclusionState.PROPOSED,
        matched_by=matched_by,
        proposed_at=now,
        due_at=due_at,
        reason=None,
        decided_by=None,
        decided_at=None,
        key_id=None,
        sealed=None,
    )
    if not is_new:
        return False
    clocks.start(
        session,
        scope,
        owner_id=scope.organisation_id,
        site_id=site_id,
        subject=public_id,
        kind=ClockKind.EXCLUSION,
        due_at=due_at,
        started_at=now,
    )
    _record(session, scope, public_id, f"{effect}_proposed", match=match.public_id)
    raise_alert(
        session,
        owner_id=scope.organisation_id,
        event=AlertEvent.EXCLUSION_PROPOSED,
        subject=public_id,
        site_id=site_id,
        at=now,
        due_at=due_at,
        occasion=f"exclusion {public_id}",
    )
    return True


def _withdraw(session: Session, scope: Scope, one: ExclusionRecord) -> None:
    session.execute(
        update(Exclusion)
        .where(Exclusion.id == one.id)
        .values(
            state=ExclusionState.WITHDRAWN,
            decided_by=scope.actor,
            decided_at=clock.now(),
        )
    )
    clocks.stop(session, one.public_id, ClockKind.EXCLUSION)
    _record(session, scope, one.public_id, f"{one.effect}_withdrawn", match=one.match)


def _record(
    session: Session, scope: Scope, public_id: str, what: str, **facts: object
) -> None:
    trail.record(
        session,
        organisation_id=scope.organisation_id,
        actor=scope.actor,
        action=f"exclusion.{what}",
        subject_id=public_id,
        **facts,
    )
