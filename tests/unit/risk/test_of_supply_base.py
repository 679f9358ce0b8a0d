"""A supply base by volume: each share counts once, and what nobody knows is unknown."""

from fractions import Fraction
from typing import cast
from uuid import UUID

from compliance.identifiers import SiteId, new_id
from compliance.registry.links.queries import GiverKind
from compliance.registry.models import Source
from compliance.registry.queries import SiteRecord
from compliance.registry.supply_base import Supplier, SupplyBase, Way
from compliance.risk.codes import RiskLevel
from compliance.risk.of_supply_base import shares_of, volume_of
from compliance.risk.queries import RiskRecord

ROOT = cast(SiteRecord, None)  # nothing of the mill itself plays a part
TENTH = Fraction(1, 10)


def supplier(
    site: SiteId, share: Fraction | None, *, has_suppliers: bool = False
) -> Supplier:
    way = Way(
        giver=site,
        public_id=str(site),
        name="Finca",
        kind=GiverKind.MILL if has_suppliers else GiverKind.PRODUCER,
        municipality=None,
        points=None,
        link="link",
        source=Source.MANUAL,
        source_reference=None,
    )
    return Supplier(
        way=way,
        tier=1,
        to="mill",
        share_of_taker=share,
        share_of_base=share,
        has_suppliers=has_suppliers,
    )


def test_only_the_ends_of_the_chains_are_counted_and_the_rest_is_unknown() -> None:
    between, high, low, unsaid, unseen = (SiteId(new_id()) for _ in range(5))
    base = SupplyBase(
        ROOT,
        "2026",
        (
            supplier(between, 5 * TENTH, has_suppliers=True),
            supplier(high, 2 * TENTH),
            supplier(high, TENTH),  # by two ways
            supplier(low, 4 * TENTH),
            supplier(unsaid, None),
            supplier(unseen, TENTH),
        ),
        is_cut=False,
    )
    levels = {between: RiskLevel.LOW, high: RiskLevel.HIGH, low: RiskLevel.LOW}
    records: dict[UUID, RiskRecord] = {
        site: cast(RiskRecord, Known(level))
        for site, level in {**levels, unsaid: RiskLevel.HIGH}.items()
    }

    volume = volume_of(base, records)

    assert volume == {
        RiskLevel.HIGH: 3 * TENTH,
        RiskLevel.MEDIUM: 0,
        RiskLevel.LOW: 4 * TENTH,
        RiskLevel.UNKNOWN: 3 * TENTH,
    }
    assert shares_of(base)[high] == 3 * TENTH
    assert unsaid not in shares_of(base)


class Known:
    """What a volume needs of a record."""

    def __init__(self, level: RiskLevel) -> None:
        self.level = level
