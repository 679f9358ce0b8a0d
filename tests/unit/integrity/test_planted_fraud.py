"""A small year with planted fraud: what is aimed at holds, on seeds used for tuning."""

from tests.integrity_archive import flagged_share, judged_year
from tests.integrity_world import Kind, World


def test_most_fraud_is_flagged_and_hardly_any_honest_visit() -> None:
    years = [judged_year(World(seed, visits=80, frauds=20)) for seed in (3, 7)]
    judged = [one for year in years for one in year]

    assert flagged_share(judged, Kind.NAIVE) >= 0.96
    assert flagged_share(judged, Kind.HIDING) >= 0.86
    assert flagged_share(judged, Kind.HONEST) <= 0.03


def test_a_year_is_a_function_of_its_seed() -> None:
    first, again, other = (
        [raw.text for raw in World(seed, visits=8, frauds=2).year()]
        for seed in (1, 1, 2)
    )

    assert first == again
    assert first != other
