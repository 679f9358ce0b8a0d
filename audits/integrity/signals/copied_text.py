"""Copied text: the report is in the words of an earlier report of the same firm.

    similarity = estimated Jaccard index of the two sets of word stems and stem pairs
    fires where similarity to an earlier report of another site > text_similarity,
    or to one of the same site > text_similarity_same_site;
    weakly where similarity to another site's > text_similarity_doubtful

The sets are compared by MinHash (Broder 1997, On the resemblance and containment of
documents) under a secret key of the organisation; texts themselves are never kept for
this (`text_sketches`). A farm that is visited again is described alike, hence the other
limit. Measure: the higher similarity to another site's report.
"""

from audits.integrity.codes import (
    Reading,
    State,
    Why,
    clear,
    decided,
    doubtful,
    unknown,
)
from audits.integrity.peers import Peers, TextMatch
from audits.integrity.policy import IntegrityPolicy
from audits.integrity.profile import Profile


def read(visit: Profile, peers: Peers, policy: IntegrityPolicy) -> Reading:
    if visit.text_words < policy.text_words:
        return unknown(Why.NO_TEXT, words=visit.text_words)
    elsewhere = _told(visit, peers.text_elsewhere, policy.text_similarity)
    here = _told(visit, peers.text_here, policy.text_similarity_same_site)
    if here.state is State.FIRED or elsewhere.state is State.FIRED:
        return here if here.state is State.FIRED else elsewhere
    is_near = (elsewhere.measure or 0) > policy.text_similarity_doubtful
    return doubtful(elsewhere) if is_near else elsewhere


def _told(visit: Profile, match: TextMatch | None, limit: float) -> Reading:
    if match is None:
        return clear(0.0, words=visit.text_words, limit_similarity=limit)
    return decided(
        match.similarity > limit,
        match.similarity,
        words=visit.text_words,
        similarity=round(match.similarity, 2),
        limit_similarity=limit,
        submission=match.submission,
    )
