"""Photographs as visits have them, drawn by numbers, and as a deceiver reworks them."""

import io
import random
from dataclasses import dataclass

import numpy
from numpy.typing import NDArray
from PIL import Image, ImageEnhance, ImageOps

WIDTH, HEIGHT = 208, 156
Pixels = NDArray[numpy.float64]


@dataclass(frozen=True)
class Scene:
    """A farm to be photographed; the farm of a sibling looks much alike."""

    seed: int
    sibling: int | None = None


def photo_of(scene: Scene, shot: int) -> bytes:
    """Return a picture of a farm from some side, in some weather."""
    place, moment = numpy.random.default_rng(scene.seed), numpy.random.default_rng(shot)
    if scene.sibling is not None and moment.random() < 0.3:
        place = numpy.random.default_rng(scene.sibling)
    if moment.random() < 0.04:  # fog, a wall, a thumb
        return _saved(_fog(moment), 80)
    pixels = numpy.zeros((HEIGHT, WIDTH, 3))
    horizon = int(HEIGHT * place.uniform(0.25, 0.6) + moment.normal(0, 12))
    horizon = min(max(horizon, 15), HEIGHT - 40)
    sky = numpy.linspace(moment.uniform(120, 230), moment.uniform(150, 250), horizon)
    pixels[:horizon] = sky[:, None, None] * numpy.array([0.85, 0.95, 1.0])
    _add_hills(pixels, horizon, place, moment)
    _add_rows(pixels, horizon, place, moment)
    _add_things(pixels, horizon, place, moment)
    grain = moment.normal(0, 9, (HEIGHT, WIDTH, 1))
    light = _falling(moment, 0.6, 1.3, WIDTH)[None, :, None]
    return _saved(pixels * light + grain, int(moment.integers(70, 92)))


def form_of(shot: int) -> bytes:
    """Return a picture of a page of the same printed form, written on by hand."""
    moment = numpy.random.default_rng(shot)
    page = numpy.full((HEIGHT, WIDTH), moment.uniform(190, 240))
    for line in range(18, HEIGHT - 8, 14):
        page[line : line + 1, 14:-14] = 90
        start = int(moment.integers(18, 90))
        for at in range(start, min(start + int(moment.integers(20, 110)), WIDTH - 20)):
            page[line - 1 - int(moment.integers(2, 9)), at] = 40
    page[:, 60] = page[:, 150] = 110
    shadow = _falling(moment, 0.55, 1.1, WIDTH)[None, :]
    fall = _falling(moment, 0.6, 1.1, HEIGHT)[:, None]
    picture = Image.fromarray(_whole(page * shadow * fall))
    turned = picture.rotate(
        moment.normal(0, 6), fillcolor=int(moment.integers(20, 160))
    )
    side = moment.integers(0, 30, 4)
    cut = turned.crop((side[0], side[1], WIDTH - side[2], HEIGHT - side[3]))
    return _jpeg(cut.convert("RGB"), 85)


def reworked(content: bytes, draw: random.Random) -> bytes:
    """Return a picture cut, tinted, scaled, at times mirrored or turned, saved anew."""
    with Image.open(io.BytesIO(content)) as opened:
        picture = opened.convert("RGB")
    cuts = [draw.uniform(0, 0.11) for _ in range(4)]
    width, height = picture.size
    picture = picture.crop(
        (
            round(cuts[0] * width),
            round(cuts[1] * height),
            round((1 - cuts[2]) * width),
            round((1 - cuts[3]) * height),
        )
    )
    if draw.random() < 0.25:
        picture = ImageOps.mirror(picture)
    if draw.random() < 0.25:
        picture = picture.rotate(draw.uniform(-2.5, 2.5), Image.Resampling.BILINEAR)
    picture = ImageEnhance.Brightness(picture).enhance(draw.uniform(0.75, 1.3))
    picture = ImageEnhance.Contrast(picture).enhance(draw.uniform(0.75, 1.3))
    picture = ImageEnhance.Color(picture).enhance(draw.uniform(0.4, 1.6))
    scale = draw.uniform(0.6, 1.4)
    size = (round(picture.width * scale), round(picture.height * scale))
    return _jpeg(picture.resize(size), draw.randint(45, 90))


def _falling(
    moment: numpy.random.Generator, low: float, high: float, count: int
) -> Pixels:
    """Return light that falls off from one side to the other."""
    one, other = moment.uniform(low, high), moment.uniform(low, high)
    return numpy.linspace(one, other, count)


def _fog(moment: numpy.random.Generator) -> Pixels:
    grey = numpy.full((HEIGHT, WIDTH, 3), moment.uniform(150, 230))
    noise: Pixels = moment.normal(0, 2, (HEIGHT, WIDTH, 1))
    return grey + noise


def _add_hills(
    pixels: Pixels,
    horizon: int,
    place: numpy.random.Generator,
    moment: numpy.random.Generator,
) -> None:
    across = numpy.arange(WIDTH) + moment.uniform(-60, 60)
    ridge = numpy.zeros(WIDTH)
    for _ in range(4):
        length, height = place.uniform(25, 160), place.uniform(3, 18)
        ridge += height * numpy.sin(across / length * 6.28 + place.uniform(0, 6.28))
    for column, rise in enumerate(ridge):
        top = min(max(int(horizon - 14 - rise), 0), horizon)
        pixels[top:horizon, column] = (60, 100 + 20 * (rise > 0), 75)


def _add_rows(
    pixels: Pixels,
    horizon: int,
    place: numpy.random.Generator,
    moment: numpy.random.Generator,
) -> None:
    down, across = numpy.mgrid[horizon:HEIGHT, 0:WIDTH]
    lean, width = place.uniform(-1.5, 1.5) + moment.normal(0, 0.4), place.uniform(9, 30)
    phase = moment.uniform(0, 6.28)
    stripes = numpy.sin((across + lean * down) / width * 6.28 + phase)
    ground = place.uniform(50, 110)
    pixels[horizon:, :, 0] = ground + 18 * stripes
    pixels[horizon:, :, 1] = ground + 35 + 28 * stripes
    pixels[horizon:, :, 2] = ground - 20 + 12 * stripes


def _add_things(
    pixels: Pixels,
    horizon: int,
    place: numpy.random.Generator,
    moment: numpy.random.Generator,
) -> None:
    """A house, trees, people: of the farm, but seen from another side each time."""
    for generator, count in ((place, 4), (moment, 6)):
        for _ in range(count):
            left = int(generator.integers(0, WIDTH - 20) + moment.normal(0, 25))
            top = int(horizon + generator.integers(-30, 60) + moment.normal(0, 8))
            wide, high = generator.integers(8, 60), generator.integers(8, 50)
            tone = generator.uniform(20, 240, 3)
            low, side = max(0, top), max(0, left)
            pixels[low : max(low, top + high), side : max(side, left + wide)] = tone


def _whole(pixels: Pixels) -> NDArray[numpy.uint8]:
    return numpy.clip(pixels, 0, 255).astype(numpy.uint8)


def _saved(pixels: Pixels, quality: int) -> bytes:
    return _jpeg(Image.fromarray(_whole(pixels)), quality)


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    written = io.BytesIO()
    picture.save(written, "JPEG", quality=quality)
    return written.getvalue()
