"""Straight-lining: one choice, or one pattern, on and on, where others did not give it.

    bits(run) = Σ over the run of −log₂ p(question, choice)
    p(question, choice) = (times others gave it + 1) / (others who answered + 2)
    fires where the greatest bits of any run > straight_bits

A run goes on while a choice is that of the question before, of the second before, or of
the third before: "yes yes yes", "yes no yes no". A long row of "yes" is nothing where
everybody says yes: it is the choices of the peers that make a run surprising (a scan
statistic; Kulldorff 1997). Only questions that are not about a person, with one choice
among several, in the order asked. Measure: bits.
"""

import math
from collections.abc import Sequence

from audits.integrity.codes import Reading, Why, decided, unknown
from audits.integrity.peers import Peers
from audits.integrity.policy import IntegrityPolicy
from audits.integrity.profile import Profile

LEAST_ANSWERS = 12
PERIODS = (1, 2, 3)


def read(visit: Profile, peers: Peers, policy: IntegrityPolicy) -> Reading:
    if len(visit.choices) < LEAST_ANSWERS:
        return unknown(Why.TOO_FEW_ANSWERS, answers=len(visit.choices))
    if peers.answered_visits < policy.peer_visits:
        return unknown(Why.TOO_FEW_PEERS, peers=peers.answered_visits)
    choices = tuple(visit.choices.values())
    surprises = [
        _surprise(peers, path, choice) for path, choice in visit.choices.items()
    ]
    runs = [_run(choices, surprises, period) for period in PERIODS]
    most, longest, period = max(runs)
    return decided(
        most > policy.straight_bits,
        most,
        bits=round(most, 1),
        limit_bits=policy.straight_bits,
        longest_run=longest,
        period=period,
        answers=len(choices),
        entropy_bits=round(_entropy(choices), 2),
        peers=peers.answered_visits,
    )


def _run(
    choices: Sequence[str], surprises: Sequence[float], period: int
) -> tuple[float, int, int]:
    """Return the most surprising run of a period: its bits, its length, the period."""
    bits, length, most = sum(surprises[:period]), period, (0.0, 0, period)
    for place in range(period, len(choices)):
        if choices[place] == choices[place - period]:
            bits, length = bits + surprises[place], length + 1
        else:
            began = place - period + 1
            bits, length = sum(surprises[began : place + 1]), period
        most = max(most, (bits, length, period))
    return most


def _surprise(peers: Peers, path: str, choice: str) -> float:
    given = peers.answers.get(path, {})
    return -math.log2((given.get(choice, 0) + 1) / (sum(given.values()) + 2))


def _entropy(choices: tuple[str, ...]) -> float:
    shares = [choices.count(one) / len(choices) for one in set(choices)]
    return -sum(share * math.log2(share) for share in shares)
