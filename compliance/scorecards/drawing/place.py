"""Where the site is, no finer than it may be told, and what stands before and after it."""

import functools
import json
import math
from dataclasses import replace
from pathlib import Path

from compliance.scorecards.codes import RiskLevel, SiteKind, Tier
from compliance.scorecards.content import ChainTier, Point
from compliance.scorecards.drawing import look, signs
from compliance.scorecards.drawing.flow import Flow
from compliance.scorecards.drawing.header import place_of
from compliance.scorecards.drawing.performance import HEADING
from compliance.scorecards.drawing.sheet import Style
from compliance.scorecards.drawing.telling import Telling
from compliance.scorecards.drawing.typefaces import Face, lines_within, width_of

OUTLINES = Path(__file__).parent.parent / "boundaries" / "outlines.json"
Outline = list[list[tuple[float, float]]]

HEIGHT = 132.0
CHAIN_WIDTH = 352.0
TILES_A_ROW = 4
TILE_HEIGHT, WIDEST_TILE = 56.0, 108.0
MAP_LEFT, MAP_HEIGHT = 424.0, 100.0
MOST_EXTRA, SHARE_OF_SPARE = 90.0, 0.6
# What the map gives up where the end of the card would else stand alone on a page.
MOST_LESS = 32.0
OWN_TIERS = {
    SiteKind.MILL: (Tier.MILLS,),
    SiteKind.PRODUCER: (Tier.FARMS, Tier.PLOTS),
}


def draw_chain_and_place(flow: Flow, closing_height: float) -> None:
    """Draw both side by side; the map is as large as the page has room for.

    They go over to the next page together with the end of the card, which never stands
    there alone.
    """
    rows = max(1, -(-len(flow.telling.card.chain) // TILES_A_ROW))
    height = max(HEIGHT, 60 + rows * (TILE_HEIGHT + 10))
    if look.BOTTOM - flow.y - height - closing_height < -MOST_LESS:
        flow.turn()
    spare = look.BOTTOM - flow.y - height - closing_height
    if -MOST_LESS <= spare < 0:
        height += spare
    height += min(MOST_EXTRA, max(0.0, spare * SHARE_OF_SPARE))
    _chain(flow.telling, flow.y)
    _place(flow.telling, flow.y, height - HEIGHT + MAP_HEIGHT)
    flow.y += height


@functools.cache
def outlines() -> dict[str, Outline]:
    read: dict[str, Outline] = json.loads(OUTLINES.read_text("utf-8"))
    return read


def _chain(telling: Telling, y: float) -> None:
    sheet, words, chain = telling.sheet, telling.words, telling.card.chain
    with sheet.part("Sect"):
        with sheet.tagged("H2"):
            sheet.write(
                look.MARGIN, y, words.label("chain"), HEADING, width=CHAIN_WIDTH
            )
        if not chain:
            with sheet.tagged("P"):
                told = words.label("chain_none")
                sheet.write(look.MARGIN, y + 18, told, Style(), width=CHAIN_WIDTH)
            return
        a_row = min(len(chain), TILES_A_ROW)
        gap = 16.0
        width = min(WIDEST_TILE, (CHAIN_WIDTH - gap * (a_row - 1)) / a_row)
        own = own_tier(telling)
        for place, tier in enumerate(chain):
            x = look.MARGIN + (place % TILES_A_ROW) * (width + gap)
            top = y + 12 + (place // TILES_A_ROW) * (TILE_HEIGHT + 10)
            _tile(telling, tier, x, top, width, is_own=tier.tier is own)
            if place + 1 < len(chain) and (place + 1) % TILES_A_ROW:
                _arrow(telling, x + width + 2, top + TILE_HEIGHT / 2, gap - 4)
        rows = -(-len(chain) // TILES_A_ROW)
        _chain_legend(telling, y + 12 + rows * (TILE_HEIGHT + 10) + 6)


def own_tier(telling: Telling) -> Tier | None:
    wanted = OWN_TIERS[telling.card.producer.kind]
    present = {tier.tier for tier in telling.card.chain}
    return next((tier for tier in wanted if tier in present), None)


def _tile(
    telling: Telling, tier: ChainTier, x: float, y: float, width: float, *, is_own: bool
) -> None:
    sheet, words = telling.sheet, telling.words
    fill = look.PINE if is_own else look.WASH
    ink = look.WHITE if is_own else look.INK
    soft = look.PINE_TEXT if is_own else look.SLATE
    form = "one" if tier.count == 1 else "other"
    name = words.code("tier", tier.tier, form)
    count = words.number(tier.count)
    volume = _volume(telling, tier)
    risk = words.code("risk", tier.risk)
    alt = words.label("chain_alt", tier=name, count=count, volume=volume, risk=risk)
    with sheet.figure(alt, x, y, width, TILE_HEIGHT):
        sheet.box(x, y, width, TILE_HEIGHT, fill=fill, radius=6)
        if is_own:
            sheet.disc(x + width - 12, y + 13, 6.4, fill=look.WHITE)
        signs.risk_sign(sheet, x + width - 12, y + 13, tier.risk)
        wide = width - 14
        number = Style(Face.DISPLAY, 14, ink)
        sheet.write(x + 8, y + 22, count, number, width=width - 30)
        sheet.write(x + 8, y + 34, name, Style(Face.MEDIUM, 7.4, ink), width=wide)
        style = Style(size=look.SMALLEST, colour=soft)
        sheet.write(x + 8, y + 46, volume, style, width=wide)


def _volume(telling: Telling, tier: ChainTier) -> str:
    """Return the share of the volume, and on a farm's card of whose volume it is."""
    words = telling.words
    if tier.volume_share is None:
        return words.label("chain_volume_unknown")
    share = (
        words.percent(tier.volume_share)
        if tier.volume_share
        else words.label("chain_under_one", share=words.percent(1))
    )
    is_farms_own = telling.card.producer.kind is SiteKind.PRODUCER
    of_mill = is_farms_own and tier.tier in OWN_TIERS[SiteKind.PRODUCER]
    key = "chain_volume_of_mill" if of_mill else "chain_volume"
    return words.label(key, share=share)


def _arrow(telling: Telling, x: float, y: float, length: float) -> None:
    sheet = telling.sheet
    end = x + length
    sheet.rule(x, y, end - 3, y, look.HATCH, width=1.1)
    sheet.shape([(end - 4, y - 2.8), (end - 4, y + 2.8), (end, y)], fill=look.HATCH)


def _chain_legend(telling: Telling, y: float) -> None:
    """Explain the signs in use, and that no data is no comfort."""
    sheet, words = telling.sheet, telling.words
    used = {tier.risk for tier in telling.card.chain}
    with sheet.tagged("P"):
        caption = Style(Face.MEDIUM, 7, look.SLATE)
        x = look.MARGIN
        x += sheet.write(x, y, words.label("chain_risk"), caption, width=80) + 10
    for risk in RiskLevel:
        if risk not in used:
            continue
        with sheet.tagged("P"):
            signs.risk_sign(sheet, x + 4, y - 2.5, risk)
            style = Style(size=7, colour=look.SLATE)
            label = words.code("risk", risk)
            x += sheet.write(x + 11, y, label, style, width=60) + 24
    if RiskLevel.UNKNOWN in used:
        with sheet.tagged("P"):
            style = Style(size=7, colour=look.SLATE)
            told = words.label("chain_unknown")
            sheet.write(look.MARGIN, y + 12, told, style, width=CHAIN_WIDTH)


def _place(telling: Telling, y: float, map_height: float) -> None:
    sheet, words, card = telling.sheet, telling.words, telling.card
    width = look.RIGHT - MAP_LEFT
    outline = outlines().get(card.producer.country)
    with sheet.part("Sect"):
        with sheet.tagged("H2"):
            sheet.write(MAP_LEFT, y, words.label("place"), HEADING, width=width)
        with sheet.tagged("P"):
            key = "place_point" if card.scope.point else "place_municipality"
            style = Style(size=look.SMALLEST, colour=look.MUTE, leading=1.25)
            sheet.write(MAP_LEFT, y + 10.6, words.label(key), style, width=width)
        if outline is None:
            _place_in_words(telling, y + 20, width)
        else:
            _map(telling, outline, y + 18, width, map_height)


def _place_in_words(telling: Telling, y: float, width: float) -> None:
    sheet, words = telling.sheet, telling.words
    sheet.box(MAP_LEFT, y, width, 56, fill=look.WASH, radius=6)
    with sheet.tagged("P"):
        name = Style(Face.SEMIBOLD, look.TEXT)
        after = sheet.write_paragraph(
            MAP_LEFT + 10, y + 16, place_of(telling), name, width=width - 20, most=2
        )
    with sheet.tagged("P"):
        style = Style(size=look.SMALLEST, colour=look.MUTE)
        told = words.label("place_no_outline")
        sheet.write_paragraph(
            MAP_LEFT + 10, after + 2, told, style, width=width - 20, most=2
        )


def _map(
    telling: Telling, outline: Outline, y: float, width: float, height: float
) -> None:
    sheet, words, card = telling.sheet, telling.words, telling.card
    projected = _Projection(outline, MAP_LEFT, y, width, height)
    point = card.scope.point
    shown = point is not None and projected.holds(point)
    place = card.scope.municipality or card.producer.admin1
    key = "place_alt" if shown else "place_alt_unmarked"
    country = words.country(card.producer.country)
    alt = words.label(key, country=country, place=place)
    with sheet.figure(alt, MAP_LEFT, y, width, height):
        for ring in outline:
            points = [projected.at(lon, lat) for lon, lat in ring]
            sheet.shape(points, fill=look.TRACK, stroke=look.HATCH)
        if point is not None and shown:
            x, at = projected.at(
                point.longitude_tenths / 10, point.latitude_tenths / 10
            )
            sheet.disc(x, at, 7.6, fill=look.MINT)
            sheet.disc(x, at, 3.2, fill=look.PINE)
            _beside(telling, x, at, place)
    if not shown:
        with sheet.tagged("P"):
            style = Style(Face.SEMIBOLD, 7.4, align="centre")
            middle = MAP_LEFT + width / 2
            sheet.write(
                middle, projected.bottom + 10, place_of(telling), style, width=width
            )


def _beside(telling: Telling, x: float, y: float, place: str) -> None:
    """Write the name on the side of the mark that has more room."""
    to_right = look.RIGHT - x - 11
    to_left = x - MAP_LEFT - 11
    style = Style(Face.SEMIBOLD, 7.2, leading=1.2)
    on_right = width_of(place, style.face, style.size) <= to_right
    on_right = on_right or to_right >= to_left
    room = to_right if on_right else to_left
    lines = lines_within(place, style.face, style.size, room, 4)
    top = y + 2.6 - (len(lines) - 1) * style.line_height / 2
    if on_right:
        telling.sheet.write_lines(x + 11, top, lines, style)
    else:
        telling.sheet.write_lines(x - 11, top, lines, replace(style, align="right"))


class _Projection:
    """Degrees onto paper, with the narrowing of a degree at the middle of the country."""

    def __init__(
        self, outline: Outline, x: float, y: float, width: float, height: float
    ) -> None:
        points = [point for ring in outline for point in ring]
        self.west, self.east = min(p[0] for p in points), max(p[0] for p in points)
        self.south, self.north = min(p[1] for p in points), max(p[1] for p in points)
        self.narrowing = math.cos(math.radians((self.south + self.north) / 2))
        across = (self.east - self.west) * self.narrowing
        self.scale = min(width / across, height / (self.north - self.south))
        self.x = x + (width - across * self.scale) / 2
        self.y = y
        self.bottom = y + (self.north - self.south) * self.scale

    def at(self, lon: float, lat: float) -> tuple[float, float]:
        right = (lon - self.west) * self.narrowing * self.scale
        return self.x + right, self.y + (self.north - lat) * self.scale

    def holds(self, point: Point) -> bool:
        lon, lat = point.longitude_tenths / 10, point.latitude_tenths / 10
        return self.west <= lon <= self.east and self.south <= lat <= self.north
