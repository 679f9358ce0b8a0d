"""The risk of a whole supply base: every producer and mill upstream, and by volume."""

import uuid
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from sqlalchemy.orm import Session

from compliance import limits
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.problems import Kind, Problem
from compliance.registry.queries import site
from compliance.registry.supply_base import SupplyBase, supply_base
from compliance.risk.codes import RiskLevel
from compliance.risk.naming import Name
from compliance.risk.queries import Answered, Outcome, RiskRecord, risks_of_sites
from compliance.texts import N_
from rules.vocabulary import SiteKind


class SupplyBaseTooLarge(Problem):
    kind = Kind.INVALID
    title = N_("The supply base is too large for one answer")
    detail = N_(
        "{count} sites deliver to {mill} in {season}; one answer tells of {limit} at "
        "most. GET /v1/risk tells of all your sites by the page."
    )


@dataclass(frozen=True)
class BaseRisks:
    """The risk of everybody upstream of a mill, and what share of its volume is where.

    A share that nobody knows is left out of `shares` and stands under `unknown` in
    `volume`, whose shares make 1.
    """

    answers: tuple[Answered, ...]
    shares: Mapping[uuid.UUID, Fraction]
    volume: Mapping[RiskLevel, Fraction]


def risks_of_supply_base(
    session: Session, scope: Scope, mill: str, *, season: str
) -> BaseRisks:
    """Return the risk of every producer and mill that delivers to a mill in a season.

    Raise SiteNotFound where it is no mill of the caller's own register,
    SupplyBaseTooLarge where too many deliver to it.
    """
    scope.require(Permission.READ_RISK)
    root = site(session, scope, mill, kind=SiteKind.MILL)
    base = supply_base(session, scope, root, season=season)
    if len(base.sites) > limits.RISK_NAMES:
        raise SupplyBaseTooLarge(
            count=len(base.sites), mill=mill, season=season, limit=limits.RISK_NAMES
        )
    records = risks_of_sites(session, scope, base.sites)
    in_order = dict.fromkeys(way.way.giver for way in base.suppliers if way.is_site)
    answers = tuple(
        Answered(Name(records[one].public_id), Outcome.FOUND, risk=records[one])
        for one in in_order
        if one in records
    )
    return BaseRisks(answers, shares_of(base), volume_of(base, records))


def shares_of(base: SupplyBase) -> Mapping[uuid.UUID, Fraction]:
    """Return the known share of the mill's volume that comes by way of each site."""
    shares: dict[uuid.UUID, Fraction] = defaultdict(Fraction)
    for supplier in base.suppliers:
        if supplier.share_of_base is not None:
            shares[supplier.way.giver] += supplier.share_of_base
    return shares


def volume_of(
    base: SupplyBase, records: Mapping[uuid.UUID, RiskRecord]
) -> Mapping[RiskLevel, Fraction]:
    """Return what share of the volume comes from sites of each level.

    Only where the chain ends is counted, so that nothing counts twice; what is not
    followed up to a site with a known share is of unknown risk.
    """
    volume = dict.fromkeys(RiskLevel, Fraction(0))
    for supplier in base.ends:
        record = records.get(supplier.way.giver)
        if record is not None and supplier.share_of_base is not None:
            volume[record.level] += supplier.share_of_base
    known = (volume[one] for one in RiskLevel if one is not RiskLevel.UNKNOWN)
    told = sum(known, Fraction(0))
    volume[RiskLevel.UNKNOWN] = max(Fraction(0), 1 - told)
    return volume
