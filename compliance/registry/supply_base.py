"""The supply base of a site: who delivers to it, tier by tier, up to the producers.

A link leads from a site or a group to its taker; a group leads to its members. Each way
stands once, however many chains it is part of, and one that would close a circle is left
out: a chain that bites its tail ends.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from sqlalchemy import Row, bindparam, select
from sqlalchemy.orm import Session, aliased

from compliance.identifiers import OrganisationId, SiteId
from compliance.identity.models import Organisation
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.listings import batches
from compliance.registry.groups.queries import MemberRecord, members_of_groups
from compliance.registry.links.queries import GiverKind
from compliance.registry.models import Site, Source, SupplyLink
from compliance.registry.queries import SiteRecord
from compliance.registry.shares import WHOLE, basis_points
from rules.vocabulary import Commodity

DEEPEST_TIER = 10

Key = SiteId | OrganisationId


@dataclass(frozen=True)
class Way:
    """Who delivers to whom, and how that is known; points are of the taker's volume."""

    giver: Key
    public_id: str
    name: str
    kind: GiverKind
    municipality: str | None
    points: int | None
    link: str
    source: Source
    source_reference: str | None


Ways = Mapping[Key, tuple[Way, ...]]  # into each taker


@dataclass(frozen=True)
class Supplier:
    """One way in, where it stands in the chain; tier 1 delivers to the site itself.

    `share_of_taker` is of the volume of the one it delivers to (`to`), `share_of_base`
    of the volume of the site at the root; None is not known, and never zero.
    """

    way: Way
    tier: int
    to: str
    share_of_taker: Fraction | None
    share_of_base: Fraction | None
    has_suppliers: bool

    @property
    def is_site(self) -> bool:
        return self.way.kind is not GiverKind.PRODUCER_GROUP


@dataclass(frozen=True)
class SupplyBase:
    """Everybody upstream of a site in a season, the nearest tier first.

    `is_cut` tells that a way was left out: it closed a circle, or went too deep.
    """

    site: SiteRecord
    season: str
    suppliers: tuple[Supplier, ...]
    is_cut: bool

    @property
    def sites(self) -> frozenset[SiteId]:
        """Every producer and mill upstream, once."""
        return frozenset(SiteId(one.way.giver) for one in self.suppliers if one.is_site)

    @property
    def known_share(self) -> Fraction:
        """The share of the volume whose direct givers and their shares are known."""
        return total_share(one for one in self.suppliers if one.tier == 1)

    @property
    def traced_share(self) -> Fraction:
        """The share of the volume that is followed up to a producer."""
        return total_share(one for one in self.ends if one.way.kind is PRODUCER)

    @property
    def ends(self) -> tuple[Supplier, ...]:
        """The suppliers beyond whom nobody is known."""
        return tuple(one for one in self.suppliers if not one.has_suppliers)


PRODUCER = GiverKind.PRODUCER


def total_share(suppliers: Iterable[Supplier]) -> Fraction:
    """Return the sum of what is known of the suppliers' shares of the base."""
    known = (one.share_of_base for one in suppliers)
    return sum((share for share in known if share is not None), Fraction(0))


def supply_base(
    session: Session, scope: Scope, root: SiteRecord, *, season: str
) -> SupplyBase:
    """Return who delivers to a site in a season, followed up to where links end."""
    scope.require(Permission.READ_REGISTER)
    ways: dict[Key, tuple[Way, ...]] = {}
    newest: set[Key] = {root.id}
    for _ in range(DEEPEST_TIER):
        found = _ways_into(session, scope, newest, season, root.commodity)
        ways |= found
        givers = {way.giver for some in found.values() for way in some}
        newest = givers - ways.keys()
        if not newest:
            break
    open_ways = without_circles(ways, root.id)
    is_cut = bool(newest) or _count(open_ways) < _count(ways)
    return SupplyBase(root, season, placed(open_ways, root), is_cut)


def without_circles(ways: Ways, root: Key) -> Ways:
    """Return the ways without those that lead back to somebody on the way up to them.

    Takers come in an order in which each stands before all who deliver to it.
    """
    kept: dict[Key, list[Way]] = defaultdict(list)
    done: list[Key] = []
    climbing: dict[Key, Iterator[Way]] = {root: iter(ways.get(root, ()))}
    seen: set[Key] = {root}
    while climbing:
        taker = next(reversed(climbing))
        way = next(climbing[taker], None)
        if way is None:
            del climbing[taker]
            done.append(taker)
        elif way.giver not in climbing:
            kept[taker].append(way)
            if way.giver not in seen:
                seen.add(way.giver)
                climbing[way.giver] = iter(ways.get(way.giver, ()))
    return {taker: tuple(kept[taker]) for taker in reversed(done)}


def placed(ways: Ways, root: SiteRecord) -> tuple[Supplier, ...]:
    """Return the ways with their tiers and shares; `ways` have no circles."""
    names: dict[Key, str] = {root.id: root.public_id}
    tiers = _tiers(ways, root.id)
    arrived: dict[Key, Fraction | None] = {root.id: Fraction(1)}
    suppliers: list[Supplier] = []
    for taker, into in ways.items():
        of_base = arrived.get(taker)
        for way in into:
            names[way.giver] = way.public_id
            part = None if way.points is None else Fraction(way.points, WHOLE)
            share = None if part is None or of_base is None else part * of_base
            before = arrived.get(way.giver)
            arrived[way.giver] = _sum(before, share)
            suppliers.append(
                Supplier(
                    way=way,
                    tier=tiers[taker] + 1,
                    to=names[taker],
                    share_of_taker=part,
                    share_of_base=share,
                    has_suppliers=bool(ways.get(way.giver)),
                )
            )
    return tuple(sorted(suppliers, key=_order))


def _sum(before: Fraction | None, share: Fraction | None) -> Fraction | None:
    """Add what is known; a giver with one known way has that much at least."""
    if before is None:
        return share
    return before if share is None else before + share


def _tiers(ways: Ways, root: Key) -> Mapping[Key, int]:
    """Return how many steps the shortest way from each to the root has."""
    tiers, newest = {root: 0}, [root]
    while newest:
        further = []
        for taker in newest:
            for way in ways.get(taker, ()):
                if way.giver not in tiers:
                    tiers[way.giver] = tiers[taker] + 1
                    further.append(way.giver)
        newest = further
    return tiers


def _order(supplier: Supplier) -> tuple[int, str, Fraction, str, str]:
    share = supplier.share_of_base or Fraction(0)
    way = supplier.way
    return supplier.tier, supplier.to, -share, way.name, way.link


def _count(ways: Ways) -> int:
    return sum(len(into) for into in ways.values())


Own, Kept, Taker = aliased(Site), aliased(Site), aliased(Site)
INTO_SITES = (
    select(
        Taker.kept_id.label("taker"),
        Kept.id.label("site_id"),
        Organisation.id.label("group_id"),
        Kept.public_id.label("site"),
        Organisation.public_id.label("group"),
        Kept.name.label("site_name"),
        Organisation.name.label("group_name"),
        Kept.kind,
        Kept.municipality,
        SupplyLink.volume_share_basis_points.label("points"),
        SupplyLink.public_id.label("link"),
        SupplyLink.source,
        SupplyLink.source_reference,
    )
    .join(Taker, Taker.id == SupplyLink.to_site_id)
    .outerjoin(Own, Own.id == SupplyLink.from_site_id)
    .outerjoin(Kept, Kept.id == Own.kept_id)
    .outerjoin(Organisation, Organisation.id == SupplyLink.from_group_id)
    .where(
        SupplyLink.owner_id == bindparam("owner_id"),
        SupplyLink.season == bindparam("season"),
        SupplyLink.commodity == bindparam("commodity"),
        Taker.kept_id.in_(bindparam("takers", expanding=True)),
    )
    .order_by(SupplyLink.id)
)


def _ways_into(
    session: Session,
    scope: Scope,
    takers: set[Key],
    season: str,
    commodity: Commodity,
) -> dict[Key, tuple[Way, ...]]:
    """Return the ways into each of the takers, be they sites or groups."""
    found: dict[Key, list[Way]] = defaultdict(list)
    values = {
        "owner_id": scope.organisation_id,
        "season": season,
        "commodity": commodity,
    }
    for some in batches(takers):
        for row in session.execute(INTO_SITES, {**values, "takers": some}):
            found[SiteId(row.taker)].append(_linked(row))
    groups = [OrganisationId(taker) for taker in takers]
    for group, members in members_of_groups(session, scope, groups, season).items():
        found[group] += [_belonging(member) for member in members]
    return {taker: tuple(found.get(taker, ())) for taker in takers}


def _linked(row: Row[*tuple[Any, ...]]) -> Way:
    is_group = row.site_id is None
    return Way(
        giver=OrganisationId(row.group_id) if is_group else SiteId(row.site_id),
        public_id=row.group if is_group else row.site,
        name=row.group_name if is_group else row.site_name,
        kind=GiverKind.PRODUCER_GROUP if is_group else GiverKind(row.kind),
        municipality=row.municipality,
        points=row.points,
        link=row.link,
        source=Source(row.source),
        source_reference=row.source_reference,
    )


def _belonging(member: MemberRecord) -> Way:
    return Way(
        giver=member.site_id,
        public_id=member.site_public_id,
        name=member.site_name,
        kind=GiverKind(member.site_kind),
        municipality=member.municipality,
        points=basis_points(member.volume_share),
        link=member.public_id,
        source=member.source,
        source_reference=member.source_reference,
    )
