"""Chains of supply: tiers, shares passed up, circles cut, and how far it is assessed."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction

import pytest

from audits.assessments.coverage import NEVER, Assessed, Coverage, covered
from compliance.identifiers import SiteId
from compliance.registry.links.queries import GiverKind
from compliance.registry.models import Source
from compliance.registry.queries import SiteRecord
from compliance.registry.supply_base import (
    SupplyBase,
    Way,
    Ways,
    placed,
    without_circles,
)
from rules.vocabulary import Commodity, SiteKind

P, M, G = GiverKind.PRODUCER, GiverKind.MILL, GiverKind.PRODUCER_GROUP
ON = date(2026, 6, 30)


def key(name: str) -> SiteId:
    return SiteId(uuid.uuid5(uuid.NAMESPACE_OID, name))


def way(giver: str, points: int | None = None, kind: GiverKind = P) -> Way:
    return Way(
        giver=key(giver),
        public_id=giver,
        name=giver,
        kind=kind,
        municipality=None,
        points=points,
        link=f"link_{giver}",
        source=Source.MANUAL,
        source_reference=None,
    )


def ways(into: Mapping[str, Sequence[Way]]) -> Ways:
    return {key(taker): tuple(some) for taker, some in into.items()}


ROOT = SiteRecord(
    id=key("mill"),
    public_id="mill",
    kind=SiteKind.MILL,
    name="Beneficio",
    country="CO",
    admin1=None,
    municipality=None,
    commodity=Commodity.COFFEE,
    latitude=None,
    longitude=None,
    area_square_metres=None,
    group_public_id=None,
    group_name=None,
)


def base(into: Mapping[str, Sequence[Way]]) -> SupplyBase:
    open_ways = without_circles(ways(into), ROOT.id)
    return SupplyBase(ROOT, "2026", placed(open_ways, ROOT), is_cut=False)


def told(found: SupplyBase) -> list[tuple[int, str, str, Fraction | None]]:
    return [
        (one.tier, one.way.public_id, one.to, one.share_of_base)
        for one in found.suppliers
    ]


CHAIN = {
    "mill": [way("group", 4_000, G), way("a", 2_500), way("wet", 1_000, M)],
    "group": [way("b", 5_000), way("c", None)],
    "wet": [way("a", 10_000)],
}


def test_shares_are_passed_up_tier_by_tier() -> None:
    assert told(base(CHAIN)) == [
        (1, "group", "mill", Fraction(4, 10)),
        (1, "a", "mill", Fraction(1, 4)),
        (1, "wet", "mill", Fraction(1, 10)),
        (2, "b", "group", Fraction(2, 10)),
        (2, "c", "group", None),
        (2, "a", "wet", Fraction(1, 10)),
    ]


def test_what_is_known_and_what_is_traced_are_two_things() -> None:
    found = base(CHAIN)

    assert found.known_share == Fraction(75, 100)
    assert found.traced_share == Fraction(25 + 20 + 10, 100)
    assert found.sites == {key(name) for name in ("a", "b", "c", "wet")}


def test_a_share_above_an_unknown_one_is_unknown() -> None:
    found = base({"mill": [way("wet", None, M)], "wet": [way("a", 10_000)]})

    assert [one.share_of_base for one in found.suppliers] == [None, None]
    assert [one.share_of_taker for one in found.suppliers] == [None, 1]


@pytest.mark.parametrize(
    "circle",
    [
        {"mill": [way("a", 1)], "a": [way("mill", 1)]},
        {"mill": [way("mill", 1), way("a", 1)], "a": []},
        {
            "mill": [way("a", 1)],
            "a": [way("b", 1)],
            "b": [way("a", 1), way("mill", 1)],
        },
    ],
)
def test_a_chain_that_bites_its_tail_ends(circle: Mapping[str, Sequence[Way]]) -> None:
    found = base(circle)

    assert "mill" not in {one.way.public_id for one in found.suppliers}
    assert len(found.suppliers) == len({one.way.public_id for one in found.suppliers})


def test_two_ways_from_one_supplier_both_stand() -> None:
    found = base(
        {
            "mill": [way("x", 5_000, M), way("y", 5_000, M)],
            "x": [way("a", 10_000)],
            "y": [way("a", 10_000)],
            "a": [way("b", 10_000)],
        }
    )

    assert [one.share_of_base for one in found.suppliers if one.to == "a"] == [1]
    assert found.traced_share == 1


def test_a_taker_comes_before_all_who_deliver_to_it() -> None:
    open_ways = without_circles(
        ways(
            {
                "mill": [way("a"), way("b")],
                "a": [way("b")],
                "b": [way("c")],
                "c": [],
            }
        ),
        key("mill"),
    )

    order = list(open_ways)
    assert order.index(key("a")) < order.index(key("b")) < order.index(key("c"))


def test_a_deep_chain_is_no_deep_recursion() -> None:
    into = {f"s{n}": [way(f"s{n + 1}", 10_000)] for n in range(5_000)}
    into["mill"] = [way("s0", 10_000)]

    found = base(into)

    assert found.suppliers[-1].tier == 5_001


def coverage_of(days: Mapping[str, Sequence[date]]) -> Coverage:
    return covered(
        base(CHAIN), {key(name): some for name, some in days.items()}, None, ON
    )


def test_coverage_counts_heads_volume_and_age() -> None:
    found = coverage_of(
        {
            "a": [date(2026, 3, 1), date(2023, 1, 1)],
            "b": [date(2025, 7, 1)],
            "c": [date(2024, 2, 29)],
        }
    )

    assert (found.suppliers, found.never_assessed) == (4, 1)
    assert (found.assessed_in_season, found.assessed_recently) == (1, 2)
    assert found.oldest_on == date(2024, 2, 29)
    assert found.share_assessed_in_season == Fraction(35, 100)
    assert found.share_assessed_recently == Fraction(55, 100)
    assert found.unknown_share == Fraction(1, 4)


def test_twelve_months_end_on_the_day_of_the_year_before() -> None:
    found = coverage_of({"a": [date(2025, 6, 30)], "b": [date(2025, 7, 1)]})

    assert not found.by_site[key("a")].recently
    assert found.by_site[key("b")].recently


def test_nobody_visited_is_told_as_never() -> None:
    found = coverage_of({})

    assert found.never_assessed == found.suppliers == 4
    assert found.oldest_on is None
    assert set(found.by_site.values()) == {NEVER}


def test_a_group_is_visited_by_nobody() -> None:
    found = base(CHAIN)
    counted = covered(found, {key("a"): [ON]}, None, ON)

    by_id = {one.way.public_id: counted.of(one) for one in found.suppliers}
    assert by_id["group"] is None
    assert by_id["a"] == Assessed(ON, in_season=True, recently=True)
