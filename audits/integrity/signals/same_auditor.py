"""Same auditor: the same person came again and again, and nobody else between.

    fires where visits in a row by one auditor at one site ≥ same_auditor_visits

Familiarity grows with each visit, which is why auditors of accounts rotate (IESBA Code
of Ethics, section 540). By itself it is no sign of anything done wrong and carries no
points; it is told beside the others. Measure: visits in a row.
"""

from audits.integrity.codes import Reading, Why, decided, unknown
from audits.integrity.peers import Peers
from audits.integrity.policy import IntegrityPolicy
from audits.integrity.profile import Profile


def read(visit: Profile, peers: Peers, policy: IntegrityPolicy) -> Reading:
    if visit.auditor is None or peers.visits_in_a_row is None:
        return unknown(Why.AUDITOR_NOT_KNOWN)
    return decided(
        peers.visits_in_a_row >= policy.same_auditor_visits,
        peers.visits_in_a_row,
        visits=peers.visits_in_a_row,
        limit_visits=policy.same_auditor_visits,
    )
