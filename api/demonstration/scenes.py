"""Scenes of a farm as plain drawings: what an auditor's photograph shows in the story.

Nobody stands in any of them, and each says DEMO, so that none is taken for a photograph
of a place. The same draws give the same picture.
"""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont

from api.demonstration.chance import Chance
from api.demonstration.story import Scene

Colour = tuple[int, int, int]
Box = tuple[int, int, int, int]

WIDTH, HEIGHT = 1280, 960  # what scenes are drawn on
SENT = (1024, 768)
QUALITY = 74
WORD = "DEMO"

SKIES: tuple[Colour, ...] = (
    (164, 203, 224),
    (203, 214, 219),
    (120, 168, 205),
    (226, 205, 170),
)
HILLS: tuple[Colour, ...] = ((96, 128, 110), (70, 104, 92), (122, 146, 118))
SOILS: tuple[Colour, ...] = ((150, 112, 78), (120, 132, 74), (176, 150, 112))
LEAVES: tuple[Colour, ...] = ((44, 92, 52), (62, 112, 58), (84, 130, 66))
WALLS: tuple[Colour, ...] = ((226, 216, 196), (188, 204, 202), (214, 190, 160))
ROOFS: tuple[Colour, ...] = ((150, 78, 58), (128, 132, 136), (108, 84, 72))
WOOD: Colour = (118, 84, 56)
DARK: Colour = (44, 48, 52)
PAPER: Colour = (246, 243, 232)
CONTAINERS: tuple[Colour, ...] = (
    (206, 92, 44),
    (236, 228, 210),
    (58, 104, 160),
    (198, 166, 52),
)
BEANS: tuple[Colour, ...] = ((196, 164, 112), (146, 104, 66), (110, 74, 48))
TANK: Colour = (38, 60, 92)


@dataclass(frozen=True)
class Sheet:
    """What is drawn on, and what the draws of this one picture come from."""

    draw: ImageDraw.ImageDraw
    chance: Chance
    label: str

    def box(self, box: Box, fill: Colour, outline: Colour | None = None) -> None:
        self.draw.rectangle(box, fill=fill, outline=outline, width=4)

    def write(self, at: tuple[int, int], text: str, size: int, fill: Colour) -> None:
        """Write a line with its middle at a point."""
        font = ImageFont.load_default(size)
        self.draw.text(at, text, fill=fill, font=font, anchor="mm")

    def width_of(self, text: str, size: int) -> float:
        return self.draw.textlength(text, font=ImageFont.load_default(size))


def draw_scene(scene: Scene, label: str, chance: Chance) -> Image.Image:
    """Return a scene as a picture; `label` is what is written on things in it."""
    image = Image.new("RGB", (WIDTH, HEIGHT))
    sheet = Sheet(ImageDraw.Draw(image), chance, label)
    DRAWN[scene](sheet)
    _stamp(sheet)
    return image.resize(SENT, Image.Resampling.BOX)


def as_jpeg(image: Image.Image, exif: Image.Exif) -> bytes:
    """Return the file that a telephone would have written."""
    written = io.BytesIO()
    image.save(written, "JPEG", quality=QUALITY, exif=exif)
    return written.getvalue()


def _stamp(sheet: Sheet) -> None:
    middle, low = WIDTH // 2, HEIGHT - 90
    sheet.box((middle - 190, low - 62, middle + 190, low + 62), DARK)
    sheet.write((middle, low), WORD, 104, PAPER)


def _shaded(colour: Colour, percent: int) -> Colour:
    red, green, blue = (max(0, min(255, part * percent // 100)) for part in colour)
    return red, green, blue


def _outdoors(sheet: Sheet) -> int:
    """Draw sky, hills, trees and ground; return where the ground begins."""
    chance = sheet.chance
    horizon = chance.between(300, 560)
    sky, soil = chance.pick(SKIES), chance.pick(SOILS)
    lit = chance.between(-14, 14)
    for step in range(16):
        left = WIDTH * step // 16
        shade = 100 + lit * (step - 8) // 8
        sheet.box((left, 0, left + WIDTH // 16, horizon), _shaded(sky, shade))
    for hill in range(2):
        _hill(sheet, horizon, chance.pick(HILLS), 240 - 110 * hill)
    for _ in range(chance.between(2, 6)):
        _tree(sheet, chance.below(WIDTH), horizon + 14, chance.between(70, 230))
    for step in range(12):
        top = horizon + (HEIGHT - horizon) * step // 12
        sheet.box((0, top, WIDTH, HEIGHT), _shaded(soil, 84 + 2 * step))
    for _ in range(26):
        left, top = chance.below(WIDTH), chance.between(horizon + 20, HEIGHT)
        long = chance.between(20, 160)
        sheet.draw.ellipse((left, top, left + long, top + long // 5), _shaded(soil, 78))
    return horizon


def _hill(sheet: Sheet, horizon: int, colour: Colour, height: int) -> None:
    chance = sheet.chance
    tops = [
        (WIDTH * step // 7, horizon - chance.between(height // 6, height))
        for step in range(8)
    ]
    sheet.draw.polygon([(0, horizon), *tops, (WIDTH, horizon)], fill=colour)


def _tree(sheet: Sheet, middle: int, foot: int, height: int) -> None:
    leaf = sheet.chance.pick(LEAVES)
    trunk = max(4, height // 18)
    sheet.box((middle - trunk, foot - height // 2, middle + trunk, foot), WOOD)
    wide = height // 3
    for lift, percent in ((0, 100), (height // 4, 116)):
        top = foot - height + lift // 2
        sheet.draw.ellipse(
            (middle - wide + lift // 3, top, middle + wide - lift // 3, foot - lift),
            fill=_shaded(leaf, percent),
        )


def _patio(sheet: Sheet) -> None:
    """A drying patio: parchment coffee in heaps and rows, a rake, sacks by the wall."""
    chance, horizon = sheet.chance, _outdoors(sheet)
    far, near = horizon + 50, HEIGHT - 20
    left, right = chance.between(60, 320), WIDTH - chance.between(60, 320)
    floor = [(left, far), (right, far), (WIDTH + 160, near), (-160, near)]
    sheet.draw.polygon(floor, fill=(198, 194, 184))
    rows = chance.between(4, 6)
    for row in range(rows):
        bean = chance.pick(BEANS)
        begins, ends = row / rows + 0.03, (row + 1) / rows - 0.03
        top = [(left + (right - left) * part, far + 16) for part in (begins, ends)]
        low = [(-160 + (WIDTH + 320) * part, near) for part in (ends, begins)]
        sheet.draw.polygon([*top, *low], fill=bean)
    for number in range(chance.between(3, 5)):
        sack = chance.between(40, WIDTH - 240) if number else left
        sheet.draw.rounded_rectangle(
            (sack, far - 120, sack + 130, far + 40), 36, fill=(206, 188, 148)
        )
        sheet.draw.line((sack + 20, far - 92, sack + 110, far - 92), WOOD, 6)
    rake = chance.between(300, 900)
    sheet.draw.line((rake, far + 30, rake + 190, near - 190), WOOD, 14)
    sheet.draw.line((rake + 120, near - 200, rake + 260, near - 180), WOOD, 22)


def _store(sheet: Sheet) -> None:
    """A store from inside: shelves of closed containers, light from the door."""
    chance = sheet.chance
    wall = chance.pick(WALLS)
    door = chance.between(60, 200) if chance.below(2) else chance.between(900, 1040)
    for step in range(16):
        left = WIDTH * step // 16
        shade = 100 - 3 * abs(left - door) // 64
        sheet.box((left, 0, left + WIDTH // 16, HEIGHT), _shaded(wall, shade))
    sheet.box((0, HEIGHT - 190, WIDTH, HEIGHT), _shaded(wall, 58))
    sheet.box((door, 150, door + 210, HEIGHT - 190), (238, 240, 222), WOOD)
    sheet.box((door + 176, 440, door + 196, 500), DARK)
    begins, ends = (door + 250, 1250) if door < WIDTH // 2 else (30, door - 40)
    begins, ends = begins + chance.between(10, 90), ends - chance.between(10, 90)
    shelves = chance.between(2, 4)
    for shelf in range(shelves):
        low = 300 + (HEIGHT - 520) * (shelf + 1) // shelves - 80
        _shelf(sheet, begins, ends, low, (HEIGHT - 520) // shelves + 30)
    sheet.box((begins - 16, 220, begins, HEIGHT - 190), WOOD)
    sheet.box((ends, 220, ends + 16, HEIGHT - 190), WOOD)
    sign = (begins + ends) // 2
    half = round(sheet.width_of(sheet.label, 56)) // 2 + 40
    sheet.box((sign - half, 70, sign + half, 170), (232, 190, 40), DARK)
    sheet.write((sign, 120), sheet.label, 56, DARK)


def _shelf(sheet: Sheet, begins: int, ends: int, low: int, room: int) -> None:
    """One board with what stands on it; some of it is empty."""
    chance = sheet.chance
    sheet.box((begins, low, ends, low + 18), WOOD)
    left = begins + 12
    while left + 110 < ends:
        wide = chance.between(64, 110)
        if chance.below(4):
            high = chance.between(room // 2, room - 40)
            colour = chance.pick(CONTAINERS)
            top = low - high
            sheet.draw.rounded_rectangle((left, top, left + wide, low), 14, colour)
            sheet.box((left + wide // 3, top - 14, left + 2 * wide // 3, top), DARK)
            sheet.box(
                (left + 10, top + high // 3, left + wide - 10, top + 2 * high // 3),
                PAPER,
            )
        left += wide + chance.between(8, 60)


def _tank(sheet: Sheet) -> None:
    """A tank for drinking water on its stand, with a pipe and a tap."""
    chance, horizon = sheet.chance, _outdoors(sheet)
    middle, wide = chance.between(330, 950), chance.between(150, 240)
    foot = chance.between(horizon + 240, HEIGHT - 170)
    stand = foot - chance.between(90, 210)
    top = stand - chance.between(280, 380)
    for leg in (-wide + 24, wide - 24):
        sheet.draw.line((middle + leg, stand, middle + leg * 11 // 10, foot), WOOD, 26)
    sheet.box((middle - wide - 30, stand, middle + wide + 30, stand + 26), WOOD)
    sheet.draw.rounded_rectangle(
        (middle - wide, top, middle + wide, stand), 40, fill=TANK
    )
    for rib in range(1, 5):
        line = top + (stand - top) * rib // 5
        sheet.draw.line((middle - wide, line, middle + wide, line), (66, 92, 130), 6)
    sheet.draw.rounded_rectangle(
        (middle - wide // 3, top - 34, middle + wide // 3, top + 8), 12, fill=DARK
    )
    sheet.write((middle, (top + stand) // 2), sheet.label, 64, PAPER)
    side = 1 if chance.below(2) else -1
    pipe = middle + side * (wide + 90)
    sheet.draw.line((middle + side * wide, stand - 40, pipe, stand - 40), PAPER, 16)
    sheet.draw.line((pipe, stand - 40, pipe, foot), PAPER, 16)
    sheet.draw.line((pipe, foot - 120, pipe + side * 60, foot - 120), DARK, 16)


def _quarters(sheet: Sheet) -> None:
    """Sleeping quarters from outside: a long house, doors shut, boots on the step."""
    chance, horizon = sheet.chance, _outdoors(sheet)
    wall, roof = chance.pick(WALLS), chance.pick(ROOFS)
    left, right = chance.between(40, 260), WIDTH - chance.between(40, 260)
    foot = chance.between(horizon + 130, HEIGHT - 220)
    eaves = foot - chance.between(250, 330)
    sheet.box((left, eaves, right, foot), wall)
    sheet.box((left, foot - 54, right, foot), _shaded(wall, 62))
    ridge = eaves - chance.between(90, 160)
    overhang = [(left - 50, eaves), (left + 60, ridge), (right - 60, ridge)]
    sheet.draw.polygon([*overhang, (right + 50, eaves)], fill=roof)
    doors = chance.between(3, 5)
    for door in range(doors):
        begins = left + 40 + (right - left - 60) * door // doors
        wide = chance.between(76, 96)
        painted = _shaded(chance.pick(ROOFS), 82)
        sheet.box((begins, foot - 210, begins + wide, foot), painted, DARK)
        sheet.box(
            (begins + wide + 24, foot - 190, begins + wide + 80, foot - 130), DARK
        )
        for boot in range(chance.below(3)):
            at = begins + boot * 40
            sheet.draw.rounded_rectangle((at, foot - 8, at + 30, foot + 26), 8, DARK)
    _washing(sheet, foot + 60, chance.between(120, 700))


def _washing(sheet: Sheet, top: int, left: int) -> None:
    """Blankets on a line before the house."""
    sheet.draw.line((left, top - 40, left + 420, top - 30), DARK, 5)
    for post in (left, left + 420):
        sheet.draw.line((post, top - 60, post, top + 150), WOOD, 14)
    for blanket in range(3):
        begins = left + 30 + blanket * 130
        colour = sheet.chance.pick(CONTAINERS)
        sheet.box((begins, top - 36, begins + 104, top + 70), colour)


def _board(sheet: Sheet) -> None:
    """A notice board: sheets of paper with lines that nobody can read, one headed."""
    chance = sheet.chance
    wall = chance.pick(WALLS)
    for step in range(12):
        top = HEIGHT * step // 12
        sheet.box((0, top, WIDTH, HEIGHT), _shaded(wall, 104 - 2 * step))
    box = (chance.between(80, 160), 110, WIDTH - chance.between(80, 160), 760)
    sheet.box(box, (176, 138, 92))
    sheet.draw.rectangle(box, outline=WOOD, width=26)
    sheet.box((box[0] + 60, 150, box[2] - 60, 232), PAPER)
    sheet.write((WIDTH // 2, 191), sheet.label, 58, DARK)
    left = box[0] + 60
    while left + 190 < box[2]:
        wide, high = chance.between(150, 230), chance.between(240, 430)
        top = chance.between(260, 300)
        tint = _shaded(chance.pick((PAPER, (250, 232, 150), (196, 220, 232))), 100)
        sheet.box((left, top, min(left + wide, box[2] - 40), top + high), tint)
        for line in range(top + 50, top + high - 30, 30):
            ends = min(left + wide, box[2] - 40) - chance.between(20, 80)
            sheet.draw.line((left + 20, line, ends, line), (120, 120, 120), 7)
        sheet.draw.ellipse(
            (left + wide // 2, top + 8, left + wide // 2 + 24, top + 32), DARK
        )
        left += wide + chance.between(16, 50)


def _plot(sheet: Sheet) -> None:
    """A plot of coffee in rows, a path between them, shade trees behind."""
    chance, horizon = sheet.chance, _outdoors(sheet)
    vanishing = chance.between(300, 980)
    path = [(vanishing - 14, horizon), (vanishing + 14, horizon)]
    low = chance.between(300, 900)
    sheet.draw.polygon(
        [*path, (low + 190, HEIGHT), (low - 190, HEIGHT)], (188, 152, 110)
    )
    for depth in range(8):
        foot = horizon + 40 + (HEIGHT - horizon) * (depth + 1) ** 2 // 72
        size = 40 + 22 * depth
        reach = (foot - horizon) / (HEIGHT - horizon)
        centre = vanishing + (low - vanishing) * reach
        for number in range(1, 7):
            for side in (-1, 1):
                gap = 40 + 200 * reach
                at = round(centre + side * (gap + (number - 1) * size * 1.3))
                _bush(sheet, at, foot, size)


def _bush(sheet: Sheet, middle: int, foot: int, size: int) -> None:
    chance = sheet.chance
    leaf = chance.pick(LEAVES)
    sheet.draw.ellipse(
        (middle - size * 3 // 5, foot - size, middle + size * 3 // 5, foot), fill=leaf
    )
    for _ in range(3):
        left = middle + chance.between(-size // 2, size // 3)
        top = foot - chance.between(size // 5, size * 4 // 5)
        cherry = max(3, size // 14)
        sheet.draw.ellipse((left, top, left + cherry, top + cherry), fill=(176, 44, 40))


DRAWN: Mapping[Scene, Callable[[Sheet], None]] = {
    Scene.PATIO: _patio,
    Scene.STORE: _store,
    Scene.TANK: _tank,
    Scene.QUARTERS: _quarters,
    Scene.BOARD: _board,
    Scene.PLOT: _plot,
}
