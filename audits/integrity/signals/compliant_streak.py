"""Compliant streak: the auditor found nothing, again and again, where others find much.

    p = (visits of others to like sites without a non-conformity + 1) / (their visits + 2)
    chance = p ^ streak
    fires where chance < streak_chance and streak ≥ streak_visits

Like sites are of one kind, commodity and country. With fewer than `peer_visits` visits
of others nothing is said. Measure: visits of the streak.
"""

from audits.integrity.codes import Reading, Why, clear, decided, unknown
from audits.integrity.peers import Peers
from audits.integrity.policy import IntegrityPolicy
from audits.integrity.profile import Profile


def read(visit: Profile, peers: Peers, policy: IntegrityPolicy) -> Reading:
    if visit.auditor is None or peers.streak is None:
        return unknown(Why.AUDITOR_NOT_KNOWN)
    if visit.non_conformities is None:
        return unknown(Why.NOT_ASSESSED)
    visits = sum(one.visits for one in peers.others)
    if visits < policy.peer_visits:
        return unknown(Why.TOO_FEW_PEERS, peers=visits)
    if peers.streak < policy.streak_visits:
        return clear(peers.streak, streak=peers.streak)
    clean = visits - sum(one.found for one in peers.others)
    chance = ((clean + 1) / (visits + 2)) ** peers.streak
    return decided(
        chance < policy.streak_chance,
        peers.streak,
        streak=peers.streak,
        chance=float(f"{chance:.2g}"),
        limit_chance=policy.streak_chance,
        peers=visits,
    )
