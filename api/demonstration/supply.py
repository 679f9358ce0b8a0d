"""The invented supply chain: farms, mills, and who supplied whom in which season."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from api.demonstration.chance import Chance
from api.demonstration.places import Place, places, point_near
from api.demonstration.story import Chain, Story
from rules.vocabulary import Commodity, SiteKind

WHOLE = 10_000  # basis points
SQUARE_METRES_PER_HECTARE = 10_000


@dataclass(frozen=True)
class SiteInvented:
    """A farm or mill that does not exist; `key` is what the story calls it."""

    key: str
    kind: SiteKind
    name: str
    commodity: Commodity
    country: str
    admin1: str
    municipality: str
    latitude: float
    longitude: float
    area_square_metres: int
    group: str | None
    tax_number: str
    first_year: int


@dataclass(frozen=True)
class LinkInvented:
    from_key: str
    to_key: str
    commodity: Commodity
    year: int
    basis_points: int


@dataclass(frozen=True)
class SupplyChain:
    sites: tuple[SiteInvented, ...]
    links: tuple[LinkInvented, ...]

    def farms(self, commodity: Commodity, year: int) -> tuple[SiteInvented, ...]:
        """Return the farms that supplied in a year."""
        return tuple(
            site
            for site in self.sites
            if site.kind is SiteKind.PRODUCER
            and site.commodity is commodity
            and site.first_year <= year
        )


def mill_key(commodity: Commodity) -> str:
    """Return what the story calls the mill of a chain."""
    return f"{commodity}-mill"


def invent(story: Story) -> SupplyChain:
    """Return the supply chain of a story: the same story, the same chain."""
    years = [season.year for season in story.seasons]
    sites: list[SiteInvented] = []
    links: list[LinkInvented] = []
    for chain in story.chains:
        chance = Chance(story.seed, "farms", chain.commodity)
        farms = _farms(chain, chance, years)
        sites += [_mill(chain, Chance(story.seed, "mill", chain.commodity), years[0])]
        sites += farms
        for year in years:
            links += _links(chain, farms, year, chance)
    return SupplyChain(tuple(sites), tuple(links))


def _mill(chain: Chain, chance: Chance, year: int) -> SiteInvented:
    place = places()[chain.mill.place]
    latitude, longitude = point_near(place, chance)
    return SiteInvented(
        key=mill_key(chain.commodity),
        kind=SiteKind.MILL,
        name=chain.mill.name,
        commodity=chain.commodity,
        country=place.country,
        admin1=chain.admin1,
        municipality=place.municipality,
        latitude=latitude,
        longitude=longitude,
        area_square_metres=chain.mill.area_hectares * SQUARE_METRES_PER_HECTARE,
        group=None,
        tax_number=f"DEMO-{place.country}-{chain.commodity.value[0].upper()}000",
        first_year=year,
    )


def _farms(chain: Chain, chance: Chance, years: Sequence[int]) -> list[SiteInvented]:
    names = chance.some(
        [
            f"{chain.prefix} {noun} {of}"
            for noun, of in product(chain.nouns, chain.qualifiers)
        ],
        chain.farms,
    )
    return [
        _farm(chain, chance, years, number, name)
        for number, name in enumerate(names, start=1)
    ]


def _farm(
    chain: Chain, chance: Chance, years: Sequence[int], number: int, name: str
) -> SiteInvented:
    place: Place = places()[chance.pick(chain.places)]
    latitude, longitude = point_near(place, chance)
    smallest, largest = (
        hectares * SQUARE_METRES_PER_HECTARE // 100 for hectares in chain.hectares
    )
    joins_later = chance.below(100) < chain.joins_later_percent
    return SiteInvented(
        key=f"{chain.commodity}-{number:03}",
        kind=SiteKind.PRODUCER,
        name=name,
        commodity=chain.commodity,
        country=place.country,
        admin1=chain.admin1,
        municipality=place.municipality,
        latitude=latitude,
        longitude=longitude,
        area_square_metres=chance.between(smallest, largest) * 100,
        group=chain.group,
        tax_number=f"DEMO-{place.country}-{chain.commodity.value[0].upper()}{number:03}",
        first_year=chance.pick(years) if joins_later else years[0],
    )


def _links(
    chain: Chain, farms: Sequence[SiteInvented], year: int, chance: Chance
) -> list[LinkInvented]:
    """Share what the mill took in by area, give or take a third; never over the whole."""
    supplying = [farm for farm in farms if farm.first_year <= year]
    weights = [farm.area_square_metres * chance.between(67, 133) for farm in supplying]
    covered = WHOLE * chain.covered_percent // 100
    return [
        LinkInvented(
            from_key=farm.key,
            to_key=mill_key(chain.commodity),
            commodity=chain.commodity,
            year=year,
            basis_points=covered * weight // sum(weights),
        )
        for farm, weight in zip(supplying, weights, strict=True)
    ]
