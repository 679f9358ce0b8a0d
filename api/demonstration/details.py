"""What the register knows besides sites and links: land, people, papers, groups.

Chance has a name of its own here, so that farms and links stay what they were.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from api.demonstration.chance import Chance
from api.demonstration.places import KILOMETRES_PER_DEGREE
from api.demonstration.story import Chain, Story
from api.demonstration.supply import SiteInvented, SupplyChain, mill_key
from compliance.registry.harvest.calendar import Month, read
from compliance.registry.models import BrokerKind, CertificateScheme
from compliance.registry.workforce.counts import Counts, Workforce
from rules.vocabulary import Commodity

PLOTS, PROFILES, ENGAGED = 8, 6, 3  # of each chain
CORNERS = 7
STATED_BY = "Demostración (DEMO): inventado"
MONTHS: dict[Commodity, tuple[Month, ...]] = {
    Commodity.COFFEE: read("---mmmm--sss"),
    Commodity.PALM_OIL: read("mmmmmmmmmmmm"),
}
SCHEMES = {
    Commodity.COFFEE: CertificateScheme.FOUR_C,
    Commodity.PALM_OIL: CertificateScheme.RSPO,
}


@dataclass(frozen=True)
class PlotInvented:
    site_key: str
    geometry: str
    square_metres: int


@dataclass(frozen=True)
class ProfileInvented:
    site_key: str
    workforce: Workforce


@dataclass(frozen=True)
class PaperInvented:
    """A certificate of a mill, or of a group."""

    site_key: str | None
    group: str | None
    scheme: CertificateScheme
    number: str
    valid_from: date
    valid_until: date


@dataclass(frozen=True)
class BrokerInvented:
    key: str
    kind: BrokerKind
    name: str
    country: str
    site_keys: tuple[str, ...]


@dataclass(frozen=True)
class Details:
    """All that is noted of one chain in one season."""

    season: str
    chain: Chain
    country: str
    months: tuple[Month, ...]
    plots: tuple[PlotInvented, ...]
    profiles: tuple[ProfileInvented, ...]
    papers: tuple[PaperInvented, ...]
    brokers: tuple[BrokerInvented, ...]
    members: tuple[str, ...]


def details_of(story: Story, supply: SupplyChain, year: int) -> tuple[Details, ...]:
    """Return what is noted in a year: the same story, the same details."""
    return tuple(_details(story, supply, chain, year) for chain in story.chains)


def _details(story: Story, supply: SupplyChain, chain: Chain, year: int) -> Details:
    farms = supply.farms(chain.commodity, year)
    chance = Chance(story.seed, "details", chain.commodity, str(year))
    is_first = year == story.seasons[0].year
    mill = next(one for one in supply.sites if one.key == mill_key(chain.commodity))
    return Details(
        season=str(year),
        chain=chain,
        country=mill.country,
        months=MONTHS[chain.commodity] if is_first else (),
        plots=tuple(_plot(one, chance) for one in farms[:PLOTS]) if is_first else (),
        profiles=tuple(_profile(one, chance) for one in [mill, *farms[:PROFILES]]),
        papers=_papers(chain, mill, year),
        brokers=(_broker(chain, mill.country, farms[:ENGAGED]),) if is_first else (),
        members=tuple(one.key for one in farms),
    )


def _plot(farm: SiteInvented, chance: Chance) -> PlotInvented:
    """Return land around the farm's point, of its area, give or take the terrain."""
    reach = math.sqrt(farm.area_square_metres / math.pi) / 1000  # kilometres
    corners = []
    for corner in range(CORNERS):
        bearing = 2 * math.pi * corner / CORNERS
        kilometres = reach * chance.between(92, 112) / 100
        shrink = KILOMETRES_PER_DEGREE * math.cos(math.radians(farm.latitude))
        east = farm.longitude + kilometres * math.cos(bearing) / shrink
        north = farm.latitude + kilometres * math.sin(bearing) / KILOMETRES_PER_DEGREE
        corners.append([round(east, 6), round(north, 6)])
    ring = [*corners, corners[0]]
    geometry = json.dumps({"type": "Polygon", "coordinates": [ring]})
    return PlotInvented(farm.key, geometry, farm.area_square_metres)


def _profile(site: SiteInvented, chance: Chance) -> ProfileInvented:
    permanent = Counts(women=chance.below(3), men=1 + chance.below(4))
    temporary = Counts(women=2 + chance.below(4), men=3 + chance.below(6))
    migrants = chance.below(6)
    return ProfileInvented(
        site.key,
        Workforce(
            permanent=permanent,
            temporary=temporary,
            migrant=Counts(total=min(migrants, temporary.filled().total or 0)),
            piece_rate=Counts(total=temporary.filled().total),
            family_help=Counts(women=chance.below(2), men=chance.below(2)),
        ),
    )


def _papers(chain: Chain, mill: SiteInvented, year: int) -> tuple[PaperInvented, ...]:
    days = date(year, 1, 1), date(year, 12, 31)
    scheme = SCHEMES[chain.commodity]
    return (
        PaperInvented(mill.key, None, scheme, f"DEMO-{year}-1", *days),
        PaperInvented(None, chain.group, scheme, f"DEMO-{year}-2", *days),
    )


def _broker(
    chain: Chain, country: str, farms: Sequence[SiteInvented]
) -> BrokerInvented:
    is_coffee = chain.commodity is Commodity.COFFEE
    return BrokerInvented(
        key=f"{chain.commodity}-broker",
        kind=BrokerKind.CREW_LEADER if is_coffee else BrokerKind.BROKER,
        name="Cuadrilla La Loma (DEMO)" if is_coffee else "Brazos del Río (DEMO)",
        country=country,
        site_keys=tuple(farm.key for farm in farms),
    )
