"""Detection rate: the auditor finds less on like sites than chance and peers allow.

Of the other auditors with five visits and more a Beta(α, β) is fitted by moments:
    μ = Σ found / Σ visits
    s² = variance of the rates − mean of μ(1 − μ) / visits (sampling taken out)
    α + β = μ(1 − μ) / s² − 1, held between 2 and 200
    chance = P(X ≤ found), X ~ BetaBinomial(visits, α, β)
    fires where chance < detection_chance and visits ≥ detection_visits

This is a funnel whose limits are wide where visits are few (Spiegelhalter 2005,
Statistics in Medicine 24) and that knows auditors differ (empirical Bayes; Efron and
Morris 1975). Fewer than `peer_auditors` others say nothing. Measure: the chance.
"""

import math
import statistics
from collections.abc import Sequence

from audits.integrity.codes import Reading, Why, decided, unknown
from audits.integrity.peers import Peers, Tally
from audits.integrity.policy import IntegrityPolicy
from audits.integrity.profile import Profile

LEAST_VISITS_OF_A_PEER = 5
WEAKEST, STRONGEST = 2.0, 200.0


def read(visit: Profile, peers: Peers, policy: IntegrityPolicy) -> Reading:
    own = peers.own
    if visit.auditor is None or own is None:
        return unknown(Why.AUDITOR_NOT_KNOWN)
    if own.visits < policy.detection_visits:
        return unknown(Why.TOO_FEW_ANSWERS, visits=own.visits)
    known = [one for one in peers.others if one.visits >= LEAST_VISITS_OF_A_PEER]
    if len(known) < policy.peer_auditors:
        return unknown(Why.TOO_FEW_PEERS, peers=len(known))
    alpha, beta = fitted(known)
    chance = at_most(own.found, own.visits, alpha, beta)
    return decided(
        chance < policy.detection_chance,
        chance,
        found=own.found,
        visits=own.visits,
        usual_share=round(alpha / (alpha + beta), 3),
        funnel_limit=funnel_limit(own.visits, alpha, beta, policy.detection_chance),
        chance=float(f"{chance:.2g}"),
        limit_chance=policy.detection_chance,
        peers=len(known),
    )


def fitted(tallies: Sequence[Tally]) -> tuple[float, float]:
    """Return α and β of the rates of several auditors."""
    visits = sum(one.visits for one in tallies)
    mean = (sum(one.found for one in tallies) + 0.5) / (visits + 1)
    rates = [one.found / one.visits for one in tallies]
    chance = mean * (1 - mean)
    sampling = statistics.fmean(chance / one.visits for one in tallies)
    between = statistics.pvariance(rates, mean) - sampling
    weight = STRONGEST if between <= 0 else chance / between - 1
    weight = min(max(weight, WEAKEST), STRONGEST)
    return mean * weight, (1 - mean) * weight


def at_most(found: int, visits: int, alpha: float, beta: float) -> float:
    """Return P(X ≤ found) of the beta-binomial distribution."""
    return min(1.0, sum(_mass(x, visits, alpha, beta) for x in range(found + 1)))


def funnel_limit(visits: int, alpha: float, beta: float, chance: float) -> int:
    """Return the most findings that would still fire; −1 where none would."""
    total, most = 0.0, -1
    for x in range(visits + 1):
        total += _mass(x, visits, alpha, beta)
        if total >= chance:
            break
        most = x
    return most


def _mass(x: int, visits: int, alpha: float, beta: float) -> float:
    ways = math.lgamma(visits + 1) - math.lgamma(x + 1) - math.lgamma(visits - x + 1)
    return math.exp(
        ways + _ln_beta(x + alpha, visits - x + beta) - _ln_beta(alpha, beta)
    )


def _ln_beta(one: float, other: float) -> float:
    return math.lgamma(one) + math.lgamma(other) - math.lgamma(one + other)
