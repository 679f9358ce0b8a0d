"""A draw is a function of its inputs, and the script of outsiders comes to the same."""

import hashlib
import json
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from audits.sampling.drawing import (
    Candidate,
    Frame,
    Lot,
    allocate,
    draw,
    hash_of,
    replacement,
)
from audits.sampling.policy import SAMPLING, RiskLevel
from audits.sampling.verify_draw import check

POLICY = SAMPLING.entries[0]
SEEDS = st.binary(min_size=16, max_size=16).map(bytes.hex)
# Names of places as people write them, and worse.
VILLAGES = st.sampled_from(
    ["Planadas", "Rioblanco", 'San "José"', "Ñ\n\t\\", "\U0001f33f"]
)
SIZES = st.sampled_from(["under_2_ha", "2_to_5_ha", "5_ha_and_over", "unknown"])
HIRES = st.sampled_from(["yes", "no", "unknown"])
STRATA = st.tuples(VILLAGES, SIZES, HIRES)


@st.composite
def frames(asking: st.DrawFn) -> Frame:
    strata = asking(st.lists(STRATA, min_size=1, max_size=90))
    level = asking(st.sampled_from(RiskLevel))
    candidates = tuple(
        Candidate(f"site_{number:04d}", stratum)
        for number, stratum in enumerate(strata)
    )
    size = POLICY.size(level, len(candidates))
    return Frame(
        mill="site_mill",
        season="2026-main",
        commodity="coffee",
        programme=asking(st.none() | st.just("programme_a")),
        level=level,
        factor_percent=POLICY.factor_percent[level],
        least=POLICY.least,
        reserve_percent=POLICY.reserve_percent,
        size=size,
        reserves=POLICY.reserves(size, len(candidates)),
        candidates=candidates,
    )


def published(frame: Frame, seed: str, swaps: int = 0) -> dict[str, Any]:
    """Return what is published of a draw in which some sites were swapped."""
    drawn = draw(frame, seed)
    used: set[str] = set()
    said = []
    for leaving in drawn.drawn[:swaps]:
        coming = replacement(leaving, drawn.reserves, used)
        used |= {coming.site} if coming else set()
        said.append({"out": leaving.site, "in": coming and coming.site})
    return {
        "frame": json.loads(frame.written()),
        "frame_sha256": hash_of(frame),
        "seed": seed,
        "drawn": [one.site for one in drawn.drawn],
        "reserves": [one.site for one in drawn.reserves],
        "swaps": said,
    }


@given(frame=frames(), seed=SEEDS, data=st.data())
def test_permuting_the_frame_changes_nothing(
    frame: Frame, seed: str, data: st.DataObject
) -> None:
    shuffled = tuple(data.draw(st.permutations(frame.candidates)))
    other = Frame(**{**vars(frame), "candidates": shuffled})

    assert (hash_of(other), draw(other, seed)) == (hash_of(frame), draw(frame, seed))


@given(frame=frames(), seed=SEEDS)
def test_a_draw_has_its_sizes_and_nobody_twice(frame: Frame, seed: str) -> None:
    drawn = draw(frame, seed)
    sites = [one.site for one in (*drawn.drawn, *drawn.reserves)]

    assert (len(drawn.drawn), len(drawn.reserves)) == (frame.size, frame.reserves)
    assert len(set(sites)) == len(sites)
    assert set(sites) <= {one.site for one in frame.candidates}


@given(
    counts=st.dictionaries(STRATA, st.integers(1, 40), min_size=1, max_size=12),
    seed=SEEDS,
    data=st.data(),
)
def test_seats_are_shared_out_whole_and_in_proportion(
    counts: dict[tuple[str, ...], int], seed: str, data: st.DataObject
) -> None:
    total = sum(counts.values())
    seats = data.draw(st.integers(0, total))

    given_out = allocate(counts, seats, Lot(seed, "00"), "drawn")

    assert sum(given_out.values()) == seats
    for stratum, count in counts.items():
        whole, rest = divmod(seats * count, total)
        assert whole <= given_out[stratum] <= whole + (rest > 0)
        assert given_out[stratum] <= count


@given(frame=frames(), seed=SEEDS, swaps=st.integers(0, 4))
def test_the_script_comes_to_what_the_product_drew(
    frame: Frame, seed: str, swaps: int
) -> None:
    assert check(published(frame, seed, swaps)) == []


@given(frame=frames(), seed=SEEDS, data=st.data())
def test_the_script_finds_any_other_choice(
    frame: Frame, seed: str, data: st.DataObject
) -> None:
    said = published(frame, seed)
    undrawn = sorted(
        {one.site for one in frame.candidates} - {*said["drawn"], *said["reserves"]}
    )
    assume(undrawn)
    place = data.draw(st.integers(0, len(said["drawn"]) - 1))
    said["drawn"][place] = data.draw(st.sampled_from(undrawn))

    assert [code for code, _ in check(said)] == ["drawn"]


@given(frame=frames(), seed=SEEDS, data=st.data())
def test_the_script_finds_a_frame_that_was_changed_afterwards(
    frame: Frame, seed: str, data: st.DataObject
) -> None:
    said = published(frame, seed)
    one = data.draw(st.sampled_from(said["frame"]["sites"]))
    one["stratum"][0] += "!"

    assert "hash" in [code for code, _ in check(said)]


@given(frame=frames(), seed=SEEDS)
def test_a_frame_holds_ids_and_strata_and_nothing_else(frame: Frame, seed: str) -> None:
    said = published(frame, seed)

    keys = {key for one in said["frame"]["sites"] for key in one}
    assert keys == {"site", "stratum"}
    assert said["frame_sha256"] == hashlib.sha256(frame.written()).hexdigest()
