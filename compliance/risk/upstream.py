"""The supply base of a mill by volume: what nobody knows is unknown, and never low."""

from collections.abc import Iterable
from dataclasses import dataclass

from compliance.risk.codes import RiskLevel
from compliance.risk.facts import SHARES, Supplier
from compliance.risk.policy import SupplyPoints

# Whoever tells in whole per cent gives the rest to the worst of these that there is.
WORST_FIRST = (RiskLevel.HIGH, RiskLevel.MEDIUM, RiskLevel.LOW)


@dataclass(frozen=True, slots=True)
class Upstream:
    """Basis points of the volume by the risk of who delivers it; `whole` is all of it."""

    points: dict[RiskLevel, int]
    untraced: int  # part of the unknown: nobody says where it is from
    whole: int

    @property
    def unknown(self) -> int:
        """The share of unknown risk, in whole per cent."""
        return self.percent(self.points[RiskLevel.UNKNOWN])

    @property
    def known(self) -> int:
        return 100 - self.unknown

    @property
    def high(self) -> int:
        return self.percent(self.points[RiskLevel.HIGH])

    def percent(self, points: int) -> int:
        return (100 * points + self.whole // 2) // self.whole

    def reaches(self, points: int, share: int) -> bool:
        """Tell whether some of the volume is at least so many per cent of it."""
        return 100 * points >= share * self.whole

    @property
    def by_level(self) -> dict[RiskLevel, int]:
        """The shares in whole per cent, which make 100."""
        told = {level: 100 * self.points[level] // self.whole for level in WORST_FIRST}
        told[RiskLevel.UNKNOWN] = self.unknown
        worst = next((one for one in WORST_FIRST if self.points[one]), None)
        if worst is None:
            return {**told, RiskLevel.UNKNOWN: 100}
        return {**told, worst: told[worst] + 100 - sum(told.values())}

    def weighed(self, worth: SupplyPoints) -> int:
        """Return the points of the whole volume, of 100 and in basis points of them."""
        worths = {
            RiskLevel.HIGH: worth.points.high,
            RiskLevel.MEDIUM: worth.points.medium,
            RiskLevel.LOW: worth.points.low,
            RiskLevel.UNKNOWN: 100,
        }
        total = sum(worths[level] * self.points[level] for level in RiskLevel)
        return SHARES * total // self.whole


def upstream_of(suppliers: Iterable[Supplier]) -> Upstream:
    """Return what the suppliers of a mill come to."""
    points = dict.fromkeys(RiskLevel, 0)
    for supplier in suppliers:
        points[supplier.level] += supplier.basis_points or 0
    traced = sum(points.values())
    whole = max(traced, SHARES)
    points[RiskLevel.UNKNOWN] += whole - traced
    return Upstream(points, whole - traced, whole)
