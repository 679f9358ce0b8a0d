"""The draw, with its lots worked out by hand, and the chances over ten thousand draws."""

import hashlib
import json
import subprocess
import sys
from collections import Counter
from math import sqrt
from pathlib import Path

import pytest

from audits.sampling import verify_draw
from audits.sampling.drawing import (
    Candidate,
    Draw,
    Frame,
    Lot,
    Stratum,
    allocate,
    by_stratum,
    draw,
    hash_of,
    replacement,
    strata_told,
)
from audits.sampling.framing import hires_labour, size_class
from audits.sampling.quotas import Present
from audits.sampling.verify_draw import main

SEED = "00112233445566778899aabbccddeeff"
A: Stratum = ("Planadas", "under_2_ha", "yes")
B: Stratum = ("Planadas", "under_2_ha", "no")
C: Stratum = ("Planadas", "2_to_5_ha", "no")
D: Stratum = ("Rioblanco", "under_2_ha", "no")
E: Stratum = ("unknown", "unknown", "unknown")
# The supply base of the first errand: 67 farms, of which 9 are drawn and 1 is kept.
SITES_OF = {A: 30, B: 20, C: 11, D: 4, E: 2}


def frame(sites_of: dict[Stratum, int], size: int, reserves: int) -> Frame:
    return Frame(
        mill="site_mill",
        season="2026-main",
        commodity="coffee",
        programme=None,
        level="high",
        factor_percent=100,
        least=3,
        reserve_percent=10,
        size=size,
        reserves=reserves,
        candidates=tuple(
            Candidate(f"site_{place}{number:02d}", stratum)
            for place, (stratum, count) in enumerate(sites_of.items())
            for number in range(count)
        ),
    )


PLANADAS = frame(SITES_OF, 9, 1)


def test_a_lot_is_the_hash_of_five_lines() -> None:
    said = f"atalaya-draw-1\n{SEED}\nff00\nsite\nsite_a".encode()

    found = Lot(SEED, "ff00").number("site", "site_a")

    assert found == int(hashlib.sha256(said).hexdigest(), 16)


def test_the_frame_is_hashed_as_canonical_json() -> None:
    small = frame({("Ñ", "b", "c"): 1}, 1, 0)
    text = (
        '{"algorithm":"atalaya-draw-1","attributes":["village","size","hires_labour"],'
        '"commodity":"coffee","factor_percent":100,"least":3,"level":"high",'
        '"mill":"site_mill","programme":null,"reserve_percent":10,"reserves":0,'
        '"season":"2026-main","sites":[{"site":"site_000","stratum":["Ñ","b","c"]}],'
        '"size":1}'
    )

    assert small.written() == text.encode()


def test_fractions_end_to_end_are_marked_in_steps_of_the_whole() -> None:
    counts: dict[Stratum, int] = {("a",): 1, ("b",): 1, ("c",): 1, ("d",): 1}
    lot = Lot(SEED, "00")
    start = lot.number("drawn start") % 4
    line = sorted(counts, key=lambda one: lot.number("drawn stratum", f'["{one[0]}"]'))

    found = allocate(counts, 2, lot, "drawn")

    # Four fractions of 2/4 on a line of length 8: marks at `start` and `start` + 4.
    expected = {line[start // 2], line[(start + 4) // 2]}
    assert {key for key, seats in found.items() if seats == 1} == expected


def test_nine_of_sixty_seven_and_one_in_reserve() -> None:
    found = draw(PLANADAS, SEED)

    assert (len(found.drawn), len(found.reserves)) == (9, 1)
    told = strata_told(
        PLANADAS.candidates,
        {one.site for one in found.drawn},
        {one.site for one in found.reserves},
    )
    # Whole shares: 9·30/67 = 4.03, 9·20/67 = 2.69, 9·11/67 = 1.48, 0.54, 0.27.
    least = {A: 4, B: 2, C: 1, D: 0, E: 0}
    assert all(least[key] <= drawn <= least[key] + 1 for key, _, drawn, _ in told)
    assert {key: sites for key, sites, _, _ in told} == SITES_OF


def test_another_seed_draws_others() -> None:
    assert draw(PLANADAS, SEED) != draw(PLANADAS, SEED[::-1])


CANDIDATES = {
    name: Candidate(name, stratum)
    for name, stratum in {
        "a": A,
        "b": B,
        "c": C,
        "d": D,
        "e": E,
        "a2": A,
        "over_there": ("Rioblanco", "under_2_ha", "yes"),
    }.items()
}


@pytest.mark.parametrize(
    ("out", "reserves", "used", "expected"),
    [
        ("a", ["e", "b", "a2"], [], "a2"),  # its own stratum first
        ("a", ["e", "b", "a2"], ["a2"], "b"),  # then one that differs in one
        ("b", ["d", "c"], [], "c"),  # the village is the last to differ
        ("b", ["d", "c"], ["c"], "d"),
        ("a", ["c", "over_there"], [], "over_there"),  # one difference before two
        ("a", ["e"], ["e"], None),
        ("a", [], [], None),
    ],
)
def test_the_nearest_reserve_takes_the_place(
    out: str, reserves: list[str], used: list[str], expected: str | None
) -> None:
    found = replacement(CANDIDATES[out], [CANDIDATES[one] for one in reserves], used)

    assert (found and found.site) == expected


@pytest.mark.parametrize(
    ("area", "expected"),
    [
        (None, "unknown"),
        (0, "under_2_ha"),
        (19_999, "under_2_ha"),
        (20_000, "2_to_5_ha"),
        (49_999, "2_to_5_ha"),
        (50_000, "5_ha_and_over"),
    ],
)
def test_a_bound_opens_a_class_of_size(area: int | None, expected: str) -> None:
    assert size_class(area, (2, 5)) == expected


@pytest.mark.parametrize(
    ("present", "expected"),
    [
        (None, "unknown"),
        (Present(None, None, 4), "unknown"),
        (Present(0, None, 4), "unknown"),
        (Present(0, 0, 4), "no"),
        (Present(None, 1, None), "yes"),
        (Present(1, 0, None), "yes"),
    ],
)
def test_who_is_known_to_hire_hires(present: Present | None, expected: str) -> None:
    assert hires_labour(present) == expected


# Over 10,000 draws with seeds that are the hashes of 0 to 9999, so that the outcome is
# always the same. Each bound is the 99.9 % point of its chi-square distribution, so a
# right draw with other seeds would fail one of the ten tests once in a hundred times.
DRAWS = 10_000
POINT_OF = {1: 10.828, 3: 16.266, 10: 29.588, 19: 43.820, 29: 58.301}


def seed_of(number: int) -> str:
    return hashlib.sha256(str(number).encode()).hexdigest()[:32]


@pytest.fixture(scope="module")
def ten_thousand() -> list[Draw]:
    """Draws from the 67 farms; the hash of their frame is worked out once."""
    fixed = hash_of(PLANADAS)
    found = []
    for number in range(DRAWS):
        lot = Lot(seed_of(number), fixed)
        strata = by_stratum(PLANADAS.candidates, lot)
        seats = allocate(SITES_OF, PLANADAS.size, lot, "drawn")
        drawn = [one for key in strata for one in strata[key][: seats[key]]]
        found.append(Draw(tuple(drawn), ()))
    return found


def test_the_draws_that_are_counted_are_the_products_own(
    ten_thousand: list[Draw],
) -> None:
    same = [set(draw(PLANADAS, seed_of(number)).drawn) for number in range(20)]

    assert [set(one.drawn) for one in ten_thousand[:20]] == same


@pytest.mark.parametrize("stratum", SITES_OF)
def test_every_site_of_a_stratum_has_the_same_chance(
    ten_thousand: list[Draw], stratum: Stratum
) -> None:
    sites = SITES_OF[stratum]
    times: Counter[str] = Counter(
        one.site
        for drawn in ten_thousand
        for one in drawn.drawn
        if one.stratum == stratum
    )
    seats = [
        sum(one.stratum == stratum for one in drawn.drawn) for drawn in ten_thousand
    ]

    # Sites of a stratum are exchangeable, so their counts scatter about their own mean
    # with the variance of drawing k of n without putting back, summed over the draws.
    mean = sum(times.values()) / sites
    scatter = sum((times[one.site] - mean) ** 2 for one in sites_in(stratum))
    variance = sum(k * (sites - k) for k in seats) / (sites * (sites - 1))
    assert scatter / variance < POINT_OF[sites - 1]


@pytest.mark.parametrize("stratum", SITES_OF)
def test_every_stratum_has_the_chance_of_its_sites(
    ten_thousand: list[Draw], stratum: Stratum
) -> None:
    whole, rest = divmod(PLANADAS.size * SITES_OF[stratum], 67)
    extra = sum(
        sum(one.stratum == stratum for one in drawn.drawn) - whole
        for drawn in ten_thousand
    )

    chance = rest / 67
    deviation = (extra - DRAWS * chance) / sqrt(DRAWS * chance * (1 - chance))
    assert deviation**2 < POINT_OF[1]


def sites_in(stratum: Stratum) -> list[Candidate]:
    return [one for one in PLANADAS.candidates if one.stratum == stratum]


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    """What is published of the draw of the first errand, in a file."""
    drawn = draw(PLANADAS, SEED)
    leaving = drawn.drawn[0]
    coming = replacement(leaving, drawn.reserves, ())
    said = {
        "frame": json.loads(PLANADAS.written()),
        "frame_sha256": hash_of(PLANADAS),
        "seed": SEED,
        "drawn": [one.site for one in drawn.drawn],
        "reserves": [one.site for one in drawn.reserves],
        "swaps": [{"out": leaving.site, "in": coming and coming.site}],
    }
    file = tmp_path / "inputs.json"
    file.write_text(json.dumps(said), encoding="utf-8")
    return file


def test_the_script_needs_python_and_nothing_else(inputs: Path, tmp_path: Path) -> None:
    alone = tmp_path / "alone" / "verify_draw.py"
    alone.parent.mkdir()
    alone.write_bytes(Path(verify_draw.__file__).read_bytes())

    ran = subprocess.run(
        [sys.executable, "-I", "-S", str(alone), str(inputs), "--language", "en"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.stderr == ""
    assert ran.stdout == (
        "The draw is right: 9 of 67 sites drawn, 1 in reserve, 1 swapped.\n"
    )
    assert ran.returncode == 0


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"season": "2026-main"', '"season": "2026-mid"', "the hash of the frame"),
        ('"size": 9', '"size": 8', "are not what the factor comes to"),
        (SEED, SEED[::-1], "drawn should be"),
        (SEED, SEED[:-1], "the seed is not 32"),
        ("atalaya-draw-1", "atalaya-draw-9", "was made by atalaya-draw-9"),
        ('"in": "site', '"in": "farm', "it was the turn of"),
        ('"out": "site', '"out": "farm', "was not in the sample"),
    ],
)
def test_the_script_says_what_is_wrong(
    inputs: Path,
    capsys: pytest.CaptureFixture[str],
    old: str,
    new: str,
    told: str,
) -> None:
    text = inputs.read_text(encoding="utf-8")
    assert old in text
    inputs.write_text(text.replace(old, new), encoding="utf-8")

    status = main([str(inputs), "--language", "en"])

    assert status == 1
    assert told in capsys.readouterr().out


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"frame": {}}', "\udcff"])
def test_what_is_no_draw_is_told_as_that(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    file = tmp_path / "no.json"
    file.write_bytes(text.encode("utf-8", "surrogateescape"))

    assert main([str(file), "--language", "es"]) == 2
    assert "no se puede leer como un sorteo" in capsys.readouterr().err


def test_every_text_of_the_script_is_in_both_languages() -> None:
    assert all(set(texts) == {"en", "es"} for texts in verify_draw.TEXTS.values())
