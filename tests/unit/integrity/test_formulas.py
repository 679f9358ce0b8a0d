"""Each signal's formula by examples reckoned by hand, on both sides of its limit."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from audits.integrity.codes import Reading, Signal, State, Why
from audits.integrity.peers import Peers, PictureMatch, Tally, TextMatch
from audits.integrity.policy import POLICY, IntegrityPolicy
from audits.integrity.profile import Heads, Log, Pictures, Place, Profile, Span
from audits.integrity.reckoning import flag_of, signals_of
from audits.integrity.sentences import TITLES, TOLD, WHY, sentence_of
from audits.integrity.signals.detection_rate import at_most, fitted, funnel_limit
from compliance.texts import LANGUAGES

AT = datetime(2026, 11, 3, 13, tzinfo=UTC)
POLICY_NOW = POLICY.entries[-1]
EMPTY = Profile(observed_at=AT)
LOG = Log(
    timed=40,
    too_fast=2,
    in_same_second=0,
    active_seconds=2_000,
    pace_spread=1.0,
    changes_are_kept=True,
    changes=4,
    changes_away=0,
    placed=40,
    jumps=0,
    fastest_kmh=0,
)
TWENTY = {f"/d/q{number}": "yes" for number in range(20)}
OFTEN_NO = {path: {"yes": 2, "no": 28} for path in TWENTY}
OFTEN_YES = {path: {"yes": 28, "no": 2} for path in TWENTY}


def read(signal: Signal, profile: Profile, peers: Peers | None = None) -> Reading:
    return signals_of(profile, peers or Peers(), POLICY_NOW)[signal]


def visit(**known: Any) -> Profile:
    return replace(EMPTY, **known)


def logged(**known: Any) -> Profile:
    return visit(log=replace(LOG, **known), answered=40, span=Span(5_400))


FIRED: dict[str, tuple[Signal, Profile, Peers]] = {
    # 5,000 m − 2 · 10 m − 100 m is far beyond 1,000 m.
    "far": (Signal.DISTANCE, visit(place=Place(5_000, 10, 100)), Peers()),
    "jumped": (Signal.LOCATION_JUMPS, logged(jumps=1, fastest_kmh=900), Peers()),
    "taken in town": (
        Signal.PICTURE_ELSEWHERE,
        visit(pictures=Pictures(count=1, placed=1, farthest=9_000)),
        Peers(),
    ),
    "taken days before": (
        Signal.PICTURE_ELSEWHERE,
        visit(pictures=Pictures(count=1, dated=1, worst_minutes=3_000)),
        Peers(),
    ),
    # 120 s for 40 answers are 3 s each.
    "no time": (Signal.TIME_ON_SITE, visit(answered=40, span=Span(120)), Peers()),
    # 15 s each beside a median of 60 s.
    "a quarter of the usual": (
        Signal.TIME_ON_SITE,
        visit(answered=40, span=Span(600)),
        Peers(seconds_per_answer=(60.0,) * 30),
    ),
    "44 minutes": (Signal.SHORT_INTERVIEW, visit(span=Span(44 * 60)), Peers()),
    "half too fast": (Signal.FASTER_THAN_READING, logged(too_fast=20), Peers()),
    "no time to read": (
        Signal.FASTER_THAN_READING,
        visit(answered=40, reading_seconds=90.0, span=Span(60)),
        Peers(),
    ),
    "together": (Signal.SAME_SECOND, logged(in_same_second=10), Peers()),
    "like a clock": (Signal.EVEN_PACE, logged(pace_spread=0.1), Peers()),
    "changed in town": (Signal.EDITED_AWAY, logged(changes_away=10), Peers()),
    # 20 · −log₂(3 / 32) = 68 bits.
    "yes to all": (
        Signal.STRAIGHT_LINING,
        visit(choices=TWENTY),
        Peers(answers=OFTEN_NO, answered_visits=30),
    ),
    "yes, no, yes, no": (
        Signal.STRAIGHT_LINING,
        visit(
            choices={
                path: "no" if place % 2 else "yes" for place, path in enumerate(TWENTY)
            }
        ),
        Peers(
            answers={
                path: {"no": 28, "yes": 2} if place % 2 == 0 else {"yes": 28, "no": 2}
                for place, path in enumerate(TWENTY)
            },
            answered_visits=30,
        ),
    ),
    "half open": (Signal.FEW_QUESTIONS, visit(asked=40, answered=20), Peers()),
    "none listed": (
        Signal.CHILDREN_NOT_LISTED,
        visit(children_declared=True, children_listed=0),
        Peers(),
    ),
    "20 paid, 40 asleep": (Signal.HEAD_COUNTS, visit(heads=Heads(20, 40, 20)), Peers()),
    "facts against facts": (
        Signal.HEAD_COUNTS,
        visit(heads=Heads(contradictions=1)),
        Peers(),
    ),
    "copied": (
        Signal.COPIED_TEXT,
        visit(text_words=60),
        Peers(text_elsewhere=TextMatch("submission_a", 0.9)),
    ),
    "copied here": (
        Signal.COPIED_TEXT,
        visit(text_words=60),
        Peers(text_here=TextMatch("submission_a", 0.95)),
    ),
    "the same file": (
        Signal.REUSED_PICTURE,
        visit(pictures=Pictures(count=1)),
        Peers(
            pictures=(
                PictureMatch(
                    "submission_a", "b", 0, is_same_file=True, is_same_site=True
                ),
            )
        ),
    ),
    # (21 / 102) ^ 8 is about 3 in a million.
    "nothing in eight": (
        Signal.COMPLIANT_STREAK,
        visit(auditor="person_a", non_conformities=0),
        Peers(streak=8, others=(Tally(80, 100),)),
    ),
    "finds nothing": (
        Signal.DETECTION_RATE,
        visit(auditor="person_a", non_conformities=0),
        Peers(own=Tally(0, 40), others=(Tally(25, 50),) * 5),
    ),
    "the fourth time": (
        Signal.SAME_AUDITOR,
        visit(auditor="person_a"),
        Peers(visits_in_a_row=4),
    ),
}
CLEAR: dict[str, tuple[Signal, Profile, Peers]] = {
    # 1,900 m − 2 · 400 m − 150 m may well be nothing.
    "near enough": (Signal.DISTANCE, visit(place=Place(1_900, 400, 150)), Peers()),
    "walked": (Signal.LOCATION_JUMPS, logged(), Peers()),
    "taken there": (
        Signal.PICTURE_ELSEWHERE,
        visit(pictures=Pictures(count=1, placed=1, farthest=80)),
        Peers(),
    ),
    "took time": (
        Signal.TIME_ON_SITE,
        visit(answered=40, span=Span(2_400)),
        Peers(seconds_per_answer=(60.0,) * 30),
    ),
    "45 minutes": (Signal.SHORT_INTERVIEW, visit(span=Span(45 * 60)), Peers()),
    "read": (Signal.FASTER_THAN_READING, logged(), Peers()),
    "one by one": (Signal.SAME_SECOND, logged(), Peers()),
    "talked": (Signal.EVEN_PACE, logged(), Peers()),
    "corrected there": (Signal.EDITED_AWAY, logged(), Peers()),
    "yes to all as all": (
        Signal.STRAIGHT_LINING,
        visit(choices=TWENTY),
        Peers(answers=OFTEN_YES, answered_visits=30),
    ),
    "most of it": (Signal.FEW_QUESTIONS, visit(asked=40, answered=24), Peers()),
    "two listed": (
        Signal.CHILDREN_NOT_LISTED,
        visit(children_declared=True, children_listed=2),
        Peers(),
    ),
    "a few more": (Signal.HEAD_COUNTS, visit(heads=Heads(20, 25, 24)), Peers()),
    "own words": (
        Signal.COPIED_TEXT,
        visit(text_words=60),
        Peers(text_elsewhere=TextMatch("submission_a", 0.3)),
    ),
    "the farm as it was": (
        Signal.COPIED_TEXT,
        visit(text_words=60),
        Peers(text_here=TextMatch("submission_a", 0.7)),
    ),
    "another picture": (
        Signal.REUSED_PICTURE,
        visit(pictures=Pictures(count=1)),
        Peers(
            pictures=(
                PictureMatch(
                    "submission_a", "b", 40, is_same_file=False, is_same_site=False
                ),
            )
        ),
    ),
    "the same house again": (
        Signal.REUSED_PICTURE,
        visit(pictures=Pictures(count=1)),
        Peers(
            pictures=(
                PictureMatch(
                    "submission_a", "b", 20, is_same_file=False, is_same_site=True
                ),
            )
        ),
    ),
    "seven in a row": (
        Signal.COMPLIANT_STREAK,
        visit(auditor="person_a", non_conformities=0),
        Peers(streak=7, others=(Tally(80, 100),)),
    ),
    # (91 / 102) ^ 20 is one in ten.
    "where little is found": (
        Signal.COMPLIANT_STREAK,
        visit(auditor="person_a", non_conformities=0),
        Peers(streak=20, others=(Tally(10, 100),)),
    ),
    "finds as others": (
        Signal.DETECTION_RATE,
        visit(auditor="person_a", non_conformities=0),
        Peers(own=Tally(18, 40), others=(Tally(25, 50),) * 5),
    ),
    "the third time": (
        Signal.SAME_AUDITOR,
        visit(auditor="person_a"),
        Peers(visits_in_a_row=3),
    ),
}
UNKNOWN: dict[Why, tuple[Signal, Profile, Peers]] = {
    Why.NO_POINT: (Signal.DISTANCE, visit(place=Place(why=Why.NO_POINT)), Peers()),
    Why.SITE_HAS_NO_POINT: (
        Signal.DISTANCE,
        visit(place=Place(why=Why.SITE_HAS_NO_POINT)),
        Peers(),
    ),
    Why.POINT_TOO_COARSE: (
        Signal.DISTANCE,
        visit(place=Place(50_000, 3_000)),
        Peers(),
    ),
    Why.NO_TIMES: (Signal.SHORT_INTERVIEW, EMPTY, Peers()),
    Why.TIMES_IMPOSSIBLE: (
        Signal.SHORT_INTERVIEW,
        visit(span=Span(why=Why.TIMES_IMPOSSIBLE)),
        Peers(),
    ),
    Why.MORE_THAN_A_DAY: (
        Signal.TIME_ON_SITE,
        visit(span=Span(why=Why.MORE_THAN_A_DAY)),
        Peers(),
    ),
    Why.NO_LOG: (Signal.SAME_SECOND, EMPTY, Peers()),
    Why.LOG_TOO_SHORT: (Signal.EVEN_PACE, logged(timed=14), Peers()),
    Why.LOG_WITHOUT_PLACES: (Signal.LOCATION_JUMPS, logged(placed=0), Peers()),
    Why.LOG_WITHOUT_CHANGES: (
        Signal.EDITED_AWAY,
        logged(changes_are_kept=False),
        Peers(),
    ),
    Why.TOO_FEW_ANSWERS: (Signal.TIME_ON_SITE, visit(span=Span(60)), Peers()),
    Why.TOO_FEW_PEERS: (
        Signal.STRAIGHT_LINING,
        visit(choices=TWENTY),
        Peers(answers=OFTEN_NO, answered_visits=19),
    ),
    Why.NOT_ASKED: (Signal.HEAD_COUNTS, EMPTY, Peers()),
    Why.NO_TEXT: (Signal.COPIED_TEXT, visit(text_words=24), Peers()),
    Why.NO_PICTURE: (Signal.REUSED_PICTURE, EMPTY, Peers()),
    Why.PICTURES_TELL_NOTHING: (
        Signal.REUSED_PICTURE,
        visit(pictures=Pictures(count=1, plain=1)),
        Peers(),
    ),
    Why.AUDITOR_NOT_KNOWN: (Signal.DETECTION_RATE, EMPTY, Peers()),
    Why.NOT_ASSESSED: (
        Signal.COMPLIANT_STREAK,
        visit(auditor="person_a"),
        Peers(streak=0),
    ),
}


@pytest.mark.parametrize("case", FIRED.values(), ids=FIRED)
def test_a_signal_fires_beyond_its_limit(case: tuple[Signal, Profile, Peers]) -> None:
    signal, profile, peers = case

    assert read(signal, profile, peers).state is State.FIRED


@pytest.mark.parametrize("case", CLEAR.values(), ids=CLEAR)
def test_a_signal_is_clear_within_its_limit(
    case: tuple[Signal, Profile, Peers],
) -> None:
    signal, profile, peers = case

    assert read(signal, profile, peers).state is State.CLEAR


@pytest.mark.parametrize("why", UNKNOWN, ids=str)
def test_a_signal_is_unknown_and_says_why(why: Why) -> None:
    signal, profile, peers = UNKNOWN[why]

    found = read(signal, profile, peers)

    assert (found.state, found.why, found.measure) == (State.UNKNOWN, why, None)


def test_every_signal_and_every_reason_has_its_example() -> None:
    assert {case[0] for case in FIRED.values()} == set(Signal)
    assert {case[0] for case in CLEAR.values()} == set(Signal)
    assert set(UNKNOWN) == set(Why)


def test_of_an_empty_visit_nothing_is_known_and_nothing_is_flagged() -> None:
    readings = signals_of(EMPTY, Peers(), POLICY_NOW)

    assert {one.state for one in readings.values()} == {State.UNKNOWN}
    assert not flag_of(readings, POLICY_NOW).is_flagged


def test_minutes_are_told_as_days_where_they_are_many() -> None:
    many, few = (
        sentence_of(
            Signal.PICTURE_ELSEWHERE,
            read(
                Signal.PICTURE_ELSEWHERE,
                visit(pictures=Pictures(count=1, dated=1, worst_minutes=minutes)),
                Peers(),
            ),
            "en",
        )
        for minutes in (2 * 24 * 60, 2 * 24 * 60 - 1)
    )

    assert "and 2 days outside of it (limit 720 minutes)" in many
    assert "and 2879 minutes outside of it (limit 720)" in few


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reading_has_a_sentence_with_its_numbers(language: str) -> None:
    cases = [*FIRED.values(), *CLEAR.values(), *UNKNOWN.values()]

    told = [
        sentence_of(signal, read(signal, profile, peers), language)
        for signal, profile, peers in cases
    ]

    assert not [one for one in told if "{" in one or not one]
    assert not set(told) & set(TITLES.values())
    assert set(TITLES) == set(TOLD) == set(Signal)
    assert set(WHY) == set(Why)


FLAGS: dict[str, tuple[tuple[Signal, ...], bool]] = {
    "one strong": ((Signal.DISTANCE,), True),
    "one weak": ((Signal.HEAD_COUNTS,), False),
    "two weak of one family": (
        (Signal.SHORT_INTERVIEW, Signal.SAME_SECOND, Signal.EDITED_AWAY),
        False,
    ),
    "two weak of two families": ((Signal.SHORT_INTERVIEW, Signal.HEAD_COUNTS), True),
    "the auditor's record alone": (
        (Signal.COMPLIANT_STREAK, Signal.DETECTION_RATE, Signal.SAME_AUDITOR),
        False,
    ),
    "the same auditor and one weak": (
        (Signal.SAME_AUDITOR, Signal.HEAD_COUNTS),
        False,
    ),
}


@pytest.mark.parametrize("case", FLAGS.values(), ids=FLAGS)
def test_one_strong_signal_flags_or_two_weak_of_different_families(
    case: tuple[tuple[Signal, ...], bool],
) -> None:
    fired, is_flagged = case
    readings = {one: Reading(State.FIRED, 1.0) for one in fired}

    assert flag_of(readings, POLICY_NOW).is_flagged is is_flagged


@pytest.mark.parametrize(
    ("similarity", "points"), [(0.4, 0), (0.42, 1), (0.48, 1), (0.5, 2)]
)
def test_what_is_near_its_limit_counts_as_weak(similarity: float, points: int) -> None:
    peers = Peers(text_elsewhere=TextMatch("submission_a", similarity))

    readings = signals_of(visit(text_words=60), peers, POLICY_NOW)

    assert flag_of(readings, POLICY_NOW).points == points


def test_the_funnel_is_wide_where_visits_are_few() -> None:
    alpha, beta = fitted([Tally(25, 50)] * 6)

    limits = [funnel_limit(visits, alpha, beta, 0.005) for visits in (3, 15, 60)]

    assert (alpha, beta) == pytest.approx((100, 100), abs=0.5)
    assert limits[0] == -1
    assert limits[1] / 15 < limits[2] / 60 < 0.5


def test_the_chances_of_the_beta_binomial_are_those_of_a_fair_die_with_flat_prior() -> (
    None
):
    # With α = β = 1 each number of findings in 9 visits is equally likely.
    assert at_most(2, 9, 1, 1) == pytest.approx(0.3)
    assert at_most(9, 9, 1, 1) == pytest.approx(1.0)


def test_auditors_who_differ_widen_the_funnel() -> None:
    alike = fitted([Tally(10, 20)] * 8)
    differing = fitted([Tally(2, 20), Tally(18, 20)] * 4)

    assert sum(differing) < sum(alike)
    assert at_most(3, 20, *differing) > at_most(3, 20, *alike)


def test_a_policy_that_forgets_a_signal_is_refused() -> None:
    written = POLICY_NOW.model_dump()
    written["points"].pop(Signal.DISTANCE)

    with pytest.raises(ValueError, match="every signal"):
        IntegrityPolicy.model_validate(written)


def test_the_time_on_site_is_that_of_the_log_where_there_is_one() -> None:
    idle = logged(active_seconds=100.0)

    found = read(Signal.TIME_ON_SITE, idle)

    assert (found.state, found.measure) == (State.FIRED, 2.5)


def _later(profile: Profile) -> Profile:
    return replace(profile, observed_at=AT + timedelta(days=99))


@pytest.mark.parametrize("changed", [_later])
def test_when_a_visit_was_changes_none_of_its_own_numbers(
    changed: Callable[[Profile], Profile],
) -> None:
    known = logged(too_fast=20)

    assert signals_of(known, Peers(), POLICY_NOW) == signals_of(
        changed(known), Peers(), POLICY_NOW
    )
