"""Faster than reading: answers were given before their questions could be read.

With the log of the interview:
    t₀(question) = 0.3 s + words / 10 s⁻¹
    fires where the share of questions left in less than t₀ > too_fast_share
Without it, from beginning and end alone:
    fires where seconds from beginning to end < Σ t₀ of the questions answered

Adults read silently 238 words a minute (Brysbaert 2019, Journal of Memory and Language
109); ten words a second is two and a half times that, and a tap takes 0.3 s (Card,
Moran and Newell 1983). Measure: the share, or without a log Σ t₀ / seconds.
"""

from audits.integrity.codes import Reading, Why, decided, unknown
from audits.integrity.policy import IntegrityPolicy
from audits.integrity.profile import Profile

TAP_SECONDS = 0.3
WORDS_A_SECOND = 10.0


def seconds_to_read(words: int) -> float:
    """Return the least time in which a question of so many words can be answered."""
    return TAP_SECONDS + words / WORDS_A_SECOND


def read(visit: Profile, policy: IntegrityPolicy) -> Reading:
    log = visit.log
    if log is not None and log.timed >= policy.timed_questions:
        share = log.too_fast / log.timed
        return decided(
            share > policy.too_fast_share,
            share,
            questions=log.timed,
            too_fast=log.too_fast,
            share=round(share, 3),
            limit_share=policy.too_fast_share,
        )
    if visit.span.seconds is None:
        return unknown(visit.span.why or Why.NO_TIMES)
    if visit.reading_seconds is None or visit.answered < policy.timed_questions:
        return unknown(Why.TOO_FEW_ANSWERS, answers=visit.answered)
    needed = visit.reading_seconds / max(visit.span.seconds, 1.0)
    return decided(
        needed > 1,
        needed,
        seconds=round(visit.span.seconds),
        least_seconds=round(visit.reading_seconds),
    )
