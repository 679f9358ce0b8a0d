"""Reused picture: a photograph of this visit is one of an earlier visit, or nearly.

    same file: equal SHA-256
    near: Hamming distance of two perceptual hashes of 120 bits ≤ picture_bits,
    or ≤ picture_bits_same_site where both are of one site;
    weakly where ≤ picture_bits_doubtful and the sites are two

The hash is the sign of the low frequencies of a discrete cosine transform (pHash; Zauner
2010, Implementation and benchmarking of perceptual image hash functions), taken of the
whole, of its mirror image and of fifteen crops (`picture_hashes`). Two unrelated pictures
differ in 60 ± 5 bits; the same house photographed again comes nearer. Pictures too even
to be compared are compared as files only. Measure: bits that differ; 120 where nothing
is near.
"""

from collections.abc import Sequence

from audits.integrity.codes import Reading, Why, clear, doubtful, fired, unknown
from audits.integrity.peers import Peers, PictureMatch
from audits.integrity.policy import IntegrityPolicy
from audits.integrity.profile import Profile

NOTHING_NEAR = 120


def read(visit: Profile, peers: Peers, policy: IntegrityPolicy) -> Reading:
    count = visit.pictures.count
    if count == 0:
        return unknown(Why.NO_PICTURE)
    near = [
        one
        for one in peers.pictures
        if one.is_same_file or one.bits <= _limit(one, policy)
    ]
    if near:
        best = min(near, key=lambda one: (one.bits, one.submission, one.attachment))
        return _told(count, near, best, policy)
    doubted = [
        one
        for one in peers.pictures
        if not one.is_same_site and one.bits <= policy.picture_bits_doubtful
    ]
    if doubted:
        best = min(doubted, key=lambda one: (one.bits, one.submission, one.attachment))
        return doubtful(_told(count, doubted, best, policy))
    if visit.pictures.plain == count:
        return unknown(Why.PICTURES_TELL_NOTHING, pictures=count)
    closest = min((one.bits for one in peers.pictures), default=NOTHING_NEAR)
    return clear(closest, pictures=count, limit_bits=policy.picture_bits)


def _limit(match: PictureMatch, policy: IntegrityPolicy) -> int:
    return policy.picture_bits_same_site if match.is_same_site else policy.picture_bits


def _told(
    count: int,
    found: Sequence[PictureMatch],
    best: PictureMatch,
    policy: IntegrityPolicy,
) -> Reading:
    return fired(
        best.bits,
        pictures=count,
        matches=len(found),
        same_file=any(one.is_same_file for one in found),
        bits=best.bits,
        limit_bits=_limit(best, policy),
        submission=best.submission,
        attachment=best.attachment,
    )
