"""Laws of the signals: order is of no consequence, nothing becomes clear from nothing,
and what is kept of a text tells no word of it."""

import io
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar

import numpy
from hypothesis import given, settings
from hypothesis import strategies as some
from PIL import Image

from audits.integrity.codes import FAMILIES, Family, Reading, Signal, State
from audits.integrity.peers import Peers, PictureMatch, Tally, TextMatch
from audits.integrity.picture_hashes import (
    BITS,
    PictureHashes,
    hashes_from_bytes,
    hashes_of,
    kept_bands,
    sought_bands,
)
from audits.integrity.policy import POLICY
from audits.integrity.profile import (
    Heads,
    Log,
    Pictures,
    Place,
    Profile,
    Span,
    profile_from_json,
    profile_to_json,
)
from audits.integrity.reckoning import flag_of, signals_of
from audits.integrity.text_sketches import Sketcher, bands, shingles, similarity
from tests.integrity_pictures import Scene, photo_of

NOW = POLICY.entries[-1]
Thing = TypeVar("Thing")
AT = datetime(2026, 11, 3, tzinfo=UTC)
COUNTS = some.integers(0, 60)
numbers = some.floats(0, 10_000, allow_nan=False)
choices = some.dictionaries(
    some.sampled_from([f"/d/q{number}" for number in range(16)]),
    some.sampled_from(["yes", "no", "unk"]),
    max_size=16,
)
logs = some.builds(
    Log,
    timed=some.integers(15, 60),
    too_fast=some.integers(0, 15),
    in_same_second=some.integers(0, 15),
    active_seconds=numbers,
    pace_spread=some.none() | some.floats(0, 2),
    changes_are_kept=some.booleans(),
    changes=COUNTS,
    changes_away=some.integers(0, 15),
    placed=COUNTS,
    jumps=some.integers(0, 3),
    fastest_kmh=numbers,
)
profiles = some.builds(
    Profile,
    observed_at=some.just(AT),
    place=some.builds(
        Place, distance=some.none() | numbers, accuracy=some.none() | numbers
    ),
    span=some.builds(Span, seconds=some.none() | some.floats(1, 80_000)),
    log=some.none() | logs,
    asked=some.none() | COUNTS,
    answered=COUNTS,
    reading_seconds=some.none() | some.floats(1, 500),
    choices=choices,
    heads=some.builds(Heads, *(some.none() | COUNTS for _ in range(4))),
    children_declared=some.none() | some.booleans(),
    children_listed=some.none() | some.integers(0, 5),
    text_words=COUNTS,
    pictures=some.builds(Pictures, count=some.integers(0, 3)),
    non_conformities=some.none() | some.integers(0, 4),
    auditor=some.none() | some.just("person_a"),
)
tallies = some.lists(
    some.tuples(some.integers(0, 20), some.integers(20, 40)).map(
        lambda pair: Tally(*pair)
    ),
    max_size=8,
)
matches = some.lists(
    some.builds(
        PictureMatch,
        submission=some.sampled_from(["submission_a", "submission_b"]),
        attachment=some.sampled_from(["a", "b", "c"]),
        bits=some.integers(0, BITS),
        is_same_file=some.booleans(),
        is_same_site=some.booleans(),
    ),
    max_size=5,
)
peers = some.builds(
    Peers,
    seconds_per_answer=some.lists(some.floats(1, 200), max_size=30).map(tuple),
    answers=some.dictionaries(
        some.sampled_from([f"/d/q{number}" for number in range(16)]),
        some.dictionaries(some.sampled_from(["yes", "no"]), some.integers(0, 40)),
    ),
    answered_visits=some.integers(0, 40),
    text_elsewhere=some.none()
    | some.builds(TextMatch, some.just("submission_a"), some.floats(0, 1)),
    pictures=matches.map(tuple),
    streak=some.none() | some.integers(0, 40),
    own=some.none() | some.just(Tally(3, 30)),
    others=tallies.map(tuple),
    visits_in_a_row=some.none() | some.integers(1, 9),
)
WORDS = some.lists(
    some.text(alphabet="abcdefghijklmnñopqrstuvwxyzáé", min_size=4, max_size=9),
    min_size=3,
    max_size=40,
)


@given(profiles, peers, some.randoms(use_true_random=False))
def test_the_order_in_which_peers_are_told_never_matters(
    profile: Profile, known: Peers, chance: random.Random
) -> None:
    def mixed(things: Sequence[Thing]) -> tuple[Thing, ...]:
        return tuple(chance.sample(list(things), len(things)))

    other = replace(
        known,
        seconds_per_answer=mixed(known.seconds_per_answer),
        pictures=mixed(known.pictures),
        others=mixed(known.others),
    )

    assert signals_of(profile, other, NOW) == signals_of(profile, known, NOW)


@given(profiles, peers)
def test_what_is_unknown_of_the_visit_itself_stays_unknown_however_many_peers_come(
    profile: Profile, known: Peers
) -> None:
    alone = replace(
        profile,
        place=Place(),
        span=Span(),
        log=None,
        choices={},
        text_words=0,
        pictures=Pictures(),
        auditor=None,
        asked=None,
    )

    states = {
        signal: one.state for signal, one in signals_of(alone, known, NOW).items()
    }

    about_answers = {Signal.CHILDREN_NOT_LISTED, Signal.HEAD_COUNTS}
    assert {states[one] for one in Signal if one not in about_answers} == {
        State.UNKNOWN
    }


@given(profiles, peers)
def test_a_reading_is_unknown_with_a_reason_or_known_with_a_measure(
    profile: Profile, known: Peers
) -> None:
    for reading in signals_of(profile, known, NOW).values():
        is_unknown = reading.state is State.UNKNOWN
        assert (reading.why is not None) is is_unknown
        assert (reading.measure is None) is is_unknown


@given(profiles)
def test_a_profile_comes_back_from_where_it_is_kept(profile: Profile) -> None:
    assert profile_from_json(profile_to_json(profile)) == profile


@given(some.sets(some.sampled_from(list(Signal))), some.sampled_from(list(Signal)))
def test_one_more_signal_never_takes_a_flag_away(
    fired: set[Signal], more: Signal
) -> None:
    def flagged(these: set[Signal]) -> bool:
        return flag_of(
            {one: Reading(State.FIRED, 1.0) for one in these}, NOW
        ).is_flagged

    assert flagged(fired) <= flagged(fired | {more})


@given(
    some.sets(some.sampled_from([s for s in Signal if FAMILIES[s] is Family.AUDITOR]))
)
def test_the_record_of_an_auditor_alone_flags_no_visit(fired: set[Signal]) -> None:
    readings = {one: Reading(State.FIRED, 1.0) for one in fired}

    assert not flag_of(readings, NOW).is_flagged


@given(
    WORDS, some.binary(min_size=32, max_size=32), some.binary(min_size=32, max_size=32)
)
def test_sketches_of_a_text_under_two_keys_have_nothing_in_common(
    words: list[str], one_key: bytes, other_key: bytes
) -> None:
    text = " ".join(words)
    one, other = Sketcher(one_key).signature(text), Sketcher(other_key).signature(text)

    assert one is not None
    assert other is not None
    is_same_key = one_key == other_key
    assert is_same_key or not set(bands(one)) & set(bands(other))
    assert is_same_key or similarity(one, other) < 0.05


@given(WORDS)
def test_no_word_stands_in_its_sketch(words: list[str]) -> None:
    kept = Sketcher(b"k" * 32).signature(" ".join(words)) or b""

    assert not [word for word in words if word.encode() in kept]
    assert len(kept) == 512


@settings(max_examples=30)
@given(
    some.sets(some.integers(0, 400), min_size=5, max_size=200),
    some.sets(some.integers(0, 400), min_size=5, max_size=200),
)
def test_the_estimate_is_near_the_index_it_estimates(
    ones: set[int], others: set[int]
) -> None:
    texts = [
        " ".join(f"w{one:04}" for one in sorted(these)) for these in (ones, others)
    ]
    sets = [shingles(text) for text in texts]
    sketches = [Sketcher(b"e" * 32).signature(text) or b"" for text in texts]

    true = len(sets[0] & sets[1]) / len(sets[0] | sets[1])

    # Five standard errors of 128 hashes.
    assert abs(similarity(sketches[0], sketches[1]) - true) < 5 * 0.0442


@given(WORDS, some.randoms(use_true_random=False))
def test_case_and_accents_make_no_other_text(
    words: list[str], chance: random.Random
) -> None:
    sketcher = Sketcher(b"k" * 32)
    plain = str.maketrans("áéñ", "aen")
    changed = [
        chance.choice([str.upper, str.title])(one).translate(plain) for one in words
    ]

    assert sketcher.signature(" ".join(changed)) == sketcher.signature(" ".join(words))


@settings(max_examples=15)
@given(some.integers(0, 10_000), some.integers(0, 10_000))
def test_a_picture_is_found_and_recognised_when_it_is_saved_anew(
    scene: int, shot: int
) -> None:
    content = photo_of(Scene(scene), shot)
    found = hashes_of(content)
    again = hashes_of(_saved_anew(content))

    assert (found is None) == (again is None)
    for mine, theirs in [(found, again)] if found and again else []:
        assert theirs.bits_to(mine) <= 10
        assert sought_bands(theirs) & kept_bands(mine)
        assert hashes_from_bytes(mine.to_bytes()) == mine


def _saved_anew(content: bytes) -> bytes:
    """Return the picture smaller, and with little quality."""
    written = io.BytesIO()
    with Image.open(io.BytesIO(content)) as opened:
        opened.resize((160, 120)).save(written, "JPEG", quality=60)
    return written.getvalue()


def test_unrelated_pictures_differ_in_about_half_of_the_bits() -> None:
    drawn = [hashes_of(photo_of(Scene(seed), seed)) for seed in range(40)]
    known = [one for one in drawn if one is not None]

    apart = [
        (one.values[0] ^ other.values[0]).bit_count()
        for place, one in enumerate(known)
        for other in known[:place]
    ]

    assert BITS * 0.4 < numpy.mean(apart) < BITS * 0.6
    assert min(apart) > NOW.picture_bits


def test_hashes_are_as_many_as_views() -> None:
    found = hashes_of(photo_of(Scene(1), 1))

    assert isinstance(found, PictureHashes)
    assert Counter(len(found.values) for _ in (0,)) == {32: 1}
    assert len(found.to_bytes()) == 480
