"""How the site does by topic, how much of it could be determined, and how it changed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from compliance.scorecards.codes import Letter, Severity
from compliance.scorecards.content import TopicResult
from compliance.scorecards.drawing import look, signs
from compliance.scorecards.drawing.sheet import Style
from compliance.scorecards.drawing.structure import COLUMN_HEAD, ROW_HEAD
from compliance.scorecards.drawing.telling import Telling
from compliance.scorecards.drawing.typefaces import Face, width_of

BAR_LEFT, BAR_RIGHT = 158.0, 254.0
SCORE_RIGHT, CHANGE_MIDDLE, SHARE_RIGHT = 280.0, 298.0, 356.0
ASIDE_LEFT = 378.0
ROW_HEIGHT = 19.6
ENOUGH_DETERMINED = 80
PAST_SCORES = 6
# Over the bands there is room for the label of a score of 100.
LABEL_ROOM, LABEL_GAP, DIGIT_HEIGHT = 12.0, 5.4, 0.73
# How far left of its point a label begins, in its own widths; the middle is tried first.
LABEL_SIDES = (-0.5, -0.9, -0.1, -1.2, 0.2)
HEADING = Style(Face.DISPLAY, look.SUBHEADING)
CAPTION = Style(size=look.SMALLEST, colour=look.MUTE)


@dataclass(frozen=True)
class Totals:
    met: int
    not_met: int
    undetermined: int
    not_applicable: int

    @property
    def determinate(self) -> int:
        return self.met + self.not_met

    @property
    def applicable(self) -> int:
        return self.determinate + self.undetermined

    @property
    def all(self) -> int:
        return self.applicable + self.not_applicable


def totals(topics: tuple[TopicResult, ...]) -> Totals:
    return Totals(
        met=sum(topic.met for topic in topics),
        not_met=sum(topic.not_met for topic in topics),
        undetermined=sum(topic.undetermined for topic in topics),
        not_applicable=sum(topic.not_applicable for topic in topics),
    )


def draw_topics(telling: Telling, y: float) -> float:
    sheet, words = telling.sheet, telling.words
    with sheet.part("Sect"):
        with sheet.tagged("H2"):
            sheet.write(look.MARGIN, y, words.label("topics"), HEADING, width=310)
        with sheet.tagged("P"):
            caption = words.label("topics_caption")
            sheet.write(look.MARGIN, y + 10.6, caption, CAPTION, width=322)
        top = y + 25
        bottom = top + 5 + ROW_HEIGHT * len(telling.card.topics)
        _grid(telling, top, bottom)
        with sheet.part("Table"):
            _heads(telling, top)
            for place, topic in enumerate(telling.card.topics):
                _row(telling, topic, top + 17 + place * ROW_HEIGHT)
    return bottom


def _grid(telling: Telling, top: float, bottom: float) -> None:
    sheet, width = telling.sheet, BAR_RIGHT - BAR_LEFT
    floors = [*look.BANDS.values(), 100]
    for letter, floor in look.BANDS.items():
        x = BAR_LEFT + width * floor / 100
        sheet.rule(
            x, top + 3.5, x, bottom, look.LINE, dash="" if floor == 0 else "1.2 1.8"
        )
        ceiling = floors[floors.index(floor) + 1]
        middle = BAR_LEFT + width * (floor + ceiling) / 200
        style = Style(Face.MEDIUM, look.SMALLEST, look.MUTE, "centre")
        sheet.write(middle, top, letter, style, width=14)


def _heads(telling: Telling, y: float) -> None:
    sheet, words = telling.sheet, telling.words
    left = Style(size=look.SMALLEST, colour=look.MUTE)
    right = Style(size=look.SMALLEST, colour=look.MUTE, align="right")
    with sheet.part("TR"):
        with sheet.tagged("TH", attributes=COLUMN_HEAD):
            sheet.write(look.MARGIN, y, words.label("column_topic"), left, width=100)
        for key, x, width in (
            ("column_score", SCORE_RIGHT, 25),
            ("column_change", CHANGE_MIDDLE + 13, 28),
            ("column_determined", SHARE_RIGHT, 42),
        ):
            with sheet.tagged("TH", attributes=COLUMN_HEAD):
                sheet.write(x, y, words.label(key), right, width=width)


def _row(telling: Telling, topic: TopicResult, y: float) -> None:
    sheet, words = telling.sheet, telling.words
    _bar(telling, topic, y - 2.8)
    with sheet.part("TR"):
        with sheet.tagged("TH", attributes=ROW_HEAD):
            name = words.code("topic", topic.code)
            sheet.write(look.MARGIN, y, name, Style(Face.MEDIUM, 7.8), width=114)
        with sheet.tagged("TD"):
            _score(telling, topic, y)
        with sheet.tagged("TD"):
            _change(telling, topic, y)
        with sheet.tagged("TD"):
            _share(telling, topic, y)


def _bar(telling: Telling, topic: TopicResult, middle: float) -> None:
    sheet, width = telling.sheet, BAR_RIGHT - BAR_LEFT
    if topic.score is None:
        if topic.determinate_share is None:
            sheet.box(BAR_LEFT, middle - 4, width, 8, stroke=look.LINE, radius=2)
        else:
            sheet.hatching(BAR_LEFT, middle - 4, width, 8, radius=2)
    else:
        sheet.box(BAR_LEFT, middle - 4, width, 8, fill=look.TRACK, radius=2)
        colour = look.GRADE_COLOURS[look.letter_of_score(topic.score)]
        long = max(2.0, width * topic.score / 100)
        sheet.box(BAR_LEFT, middle - 4, long, 8, fill=colour, radius=2)
    if topic.previous is not None:
        x = BAR_LEFT + width * topic.previous / 100
        sheet.box(x - 1.7, middle - 6.4, 3.4, 12.8, fill=look.WHITE)
        sheet.box(x - 0.8, middle - 6.4, 1.6, 12.8, fill=look.INK)


def _score(telling: Telling, topic: TopicResult, y: float) -> None:
    told = "–" if topic.score is None else str(topic.score)
    style = Style(Face.FIGURES_BOLD, 9.6, look.INK, "right")
    telling.sheet.write(SCORE_RIGHT, y + 0.4, told, style, width=24)


def _change(telling: Telling, topic: TopicResult, y: float) -> None:
    sheet = telling.sheet
    style = Style(Face.FIGURES, 7, look.MUTE)
    if topic.score is None or topic.previous is None or topic.score == topic.previous:
        same = topic.score is not None and topic.score == topic.previous
        sheet.write(CHANGE_MIDDLE - 1, y, "±0" if same else "–", style, width=16)
        return
    difference = topic.score - topic.previous
    signs.change(sheet, CHANGE_MIDDLE - 5, y - 2.6, rising=difference > 0)
    colour = look.TEAL if difference > 0 else look.WARNING
    style = Style(Face.FIGURES, 7, colour)
    sign = "+" if difference > 0 else "−"
    told = f"{sign}{abs(difference)}"
    sheet.write(CHANGE_MIDDLE - 1, y, told, style, width=16)


def _share(telling: Telling, topic: TopicResult, y: float) -> None:
    sheet, words = telling.sheet, telling.words
    if topic.determinate_share is None:
        style = Style(size=look.SMALLEST, colour=look.MUTE, align="right")
        told = words.label("topic_not_applicable")
        sheet.write(SHARE_RIGHT, y, told, style, width=46)
        return
    low = topic.determinate_share < ENOUGH_DETERMINED
    face, colour = (
        (Face.FIGURES_BOLD, look.WARNING) if low else (Face.FIGURES, look.SLATE)
    )
    told = words.percent(topic.determinate_share)
    style = Style(face, 7.4, colour, "right")
    sheet.write(SHARE_RIGHT, y, told, style, width=40)


def draw_determinable(telling: Telling, y: float) -> float:
    """Draw the share of rules that gave a clear answer; the rest is hatched, not hidden."""
    sheet, words = telling.sheet, telling.words
    whole = totals(telling.card.topics)
    width = look.RIGHT - ASIDE_LEFT
    with sheet.part("Sect"):
        with sheet.tagged("H2"):
            sheet.write(
                ASIDE_LEFT, y, words.label("determinable"), HEADING, width=width
            )
        if not whole.applicable:
            with sheet.tagged("P"):
                told = words.label("determinable_nothing")
                sheet.write(ASIDE_LEFT, y + 20, told, Style(), width=width)
            return y + 30
        with sheet.tagged("P"):
            _share_told(telling, whole, y + 29)
        _stacked_bar(telling, whole, y + 37)
        return _legend(telling, whole, y + 60)


def _share_told(telling: Telling, whole: Totals, y: float) -> None:
    sheet, words = telling.sheet, telling.words
    share = 100 * whole.determinate // whole.applicable
    taken = sheet.write(
        ASIDE_LEFT, y, words.percent(share), Style(Face.DISPLAY, 22), width=62
    )
    told = words.count(
        "determinable_told",
        count=whole.applicable,
        determinate=words.number(whole.determinate),
        applicable=words.number(whole.applicable),
    )
    x = ASIDE_LEFT + taken + 10
    style = Style(size=7, colour=look.SLATE)
    sheet.write_paragraph(x, y - 9, told, style, width=look.RIGHT - x, most=2)


def _stacked_bar(telling: Telling, whole: Totals, y: float) -> None:
    sheet, width = telling.sheet, look.RIGHT - ASIDE_LEFT
    alt = telling.words.label(
        "determinable_alt",
        met=whole.met,
        not_met=whole.not_met,
        undetermined=whole.undetermined,
        not_applicable=whole.not_applicable,
    )
    with sheet.figure(alt, ASIDE_LEFT, y, width, 11):
        x = ASIDE_LEFT
        for count, colour in (
            (whole.met, look.TEAL),
            (whole.not_met, look.SEVERITY_COLOURS[Severity.CRITICAL]),
            (whole.undetermined, None),
            (whole.not_applicable, look.TRACK),
        ):
            part = width * count / whole.all
            if part > 1.2 and colour:
                sheet.box(x, y, part - 1.2, 11, fill=colour, radius=1.8)
            elif part > 1.2:
                sheet.hatching(x, y, part - 1.2, 11, radius=1.8)
            x += part


def _legend(telling: Telling, whole: Totals, y: float) -> float:
    sheet, words = telling.sheet, telling.words
    half = (look.RIGHT - ASIDE_LEFT) / 2
    rows = (
        ("met", whole.met, look.TEAL),
        ("not_met", whole.not_met, look.SEVERITY_COLOURS[Severity.CRITICAL]),
        ("undetermined", whole.undetermined, None),
        ("not_applicable", whole.not_applicable, look.TRACK),
    )
    for place, (key, count, colour) in enumerate(rows):
        x, at = ASIDE_LEFT + half * (place % 2), y + 12 * (place // 2)
        if colour:
            sheet.box(x, at - 5.4, 6, 6, fill=colour, radius=1.4)
        else:
            sheet.hatching(x, at - 5.4, 6, 6, radius=1.4)
        with sheet.tagged("P"):
            style = Style(size=7, colour=look.SLATE)
            taken = sheet.write(x + 10, at, words.label(key), style, width=half - 34)
            style = Style(Face.SEMIBOLD, 7.2)
            sheet.write(x + 13 + taken, at, words.number(count), style, width=24)
    return y + 12


def draw_history(telling: Telling, y: float, bottom: float) -> None:
    """Draw the scores so far; one score alone is no trend and says so."""
    sheet, words, card = telling.sheet, telling.words, telling.card
    points = [(past.year, past.score) for past in card.history[-PAST_SCORES:]]
    points.append((telling.issued_on.year, card.grade.score))
    width = look.RIGHT - ASIDE_LEFT
    with sheet.part("Sect"):
        with sheet.tagged("H2"):
            sheet.write(ASIDE_LEFT, y, words.label("history"), HEADING, width=width)
        if len(points) == 1:
            with sheet.tagged("P"):
                known = card.grade.score is not None
                key = "history_first" if known else "history_empty"
                style = Style(size=7, colour=look.SLATE)
                sheet.write_paragraph(
                    ASIDE_LEFT, y + 12, words.label(key), style, width=width, most=2
                )
            y += 14
        _chart(telling, points, y + 4, bottom)


def _chart(
    telling: Telling, points: list[tuple[int, int | None]], top: float, bottom: float
) -> None:
    sheet, words = telling.sheet, telling.words
    width = look.RIGHT - ASIDE_LEFT - 12
    floor, ceiling = bottom - 10, top + LABEL_ROOM

    def height_of(score: float) -> float:
        return floor - (floor - ceiling) * score / 100

    told = ", ".join(
        f"{year} {words.label('history_none') if score is None else score}"
        for year, score in points
    )
    alt = words.label("history_alt", points=told)
    with sheet.figure(alt, ASIDE_LEFT, top, width + 12, bottom - top):
        _bands(telling, width, height_of)
        step = (width - 24) / max(1, len(points) - 1)
        start = ASIDE_LEFT + (12 if len(points) > 1 else width / 2)
        at = [start + step * place for place in range(len(points))]
        known = [
            (x, height_of(score))
            for x, (_, score) in zip(at, points, strict=True)
            if score is not None
        ]
        if len(known) > 1:
            sheet.shape(known, stroke=look.PINE, line_width=1.5, closed=False)
        for place, (x, (year, score)) in enumerate(zip(at, points, strict=True)):
            last = place == len(points) - 1
            _year(telling, x, bottom, year, last=last)
            if score is not None:
                at_point = (x, height_of(score))
                _point(telling, at_point, score, known, floor, last=last)


def _bands(telling: Telling, width: float, height_of: Callable[[float], float]) -> None:
    sheet = telling.sheet
    floors = [*look.BANDS.values(), 100]
    for letter in Letter:
        low = look.BANDS[letter]
        high = floors[floors.index(low) + 1]
        top = height_of(high)
        sheet.box(
            ASIDE_LEFT,
            top,
            width,
            height_of(low) - top,
            fill=look.GRADE_TINTS[letter],
        )
        style = Style(Face.MEDIUM, look.SMALLEST, look.MUTE, "right")
        sheet.write(
            look.RIGHT, (top + height_of(low)) / 2 + 2.2, letter, style, width=9
        )


def _year(telling: Telling, x: float, y: float, year: int, *, last: bool) -> None:
    style = (
        Style(Face.SEMIBOLD, look.SMALLEST, look.INK, "centre")
        if last
        else Style(size=look.SMALLEST, colour=look.MUTE, align="centre")
    )
    telling.sheet.write(x, y, str(year), style, width=24)


def _point(
    telling: Telling,
    at: tuple[float, float],
    score: int,
    line: Sequence[tuple[float, float]],
    floor: float,
    *,
    last: bool,
) -> None:
    """Draw a score over its point, or aside or under where the line runs through it."""
    sheet, (x, y) = telling.sheet, at
    if last:
        sheet.disc(x, y, 3.4, fill=look.PINE)
        style = Style(Face.BOLD, 8, look.INK)
    else:
        sheet.disc(x, y, 2.2, fill=look.WHITE, stroke=look.PINE, line_width=1.3)
        style = Style(size=7)
    wide = width_of(str(score), style.face, style.size)
    tall = DIGIT_HEIGHT * style.size
    over, under = y - LABEL_GAP, y + LABEL_GAP + tall
    bases = [over, under] if under <= floor else [over]
    places = [(x + aside * wide, base) for base in bases for aside in LABEL_SIDES]
    left, base = next(
        (
            (left, base)
            for left, base in places
            if not _crosses(line, left - 1, base - tall - 1, left + wide + 1, base + 1)
        ),
        places[0],
    )
    sheet.write(left, base, str(score), style, width=20)


def _crosses(
    line: Sequence[tuple[float, float]],
    left: float,
    top: float,
    right: float,
    bottom: float,
) -> bool:
    """Tell whether a line of ever greater x runs through a box."""
    for (x1, y1), (x2, y2) in pairwise(line):
        start, end = max(x1, left), min(x2, right)
        if start >= end:
            continue
        heights = [y1 + (y2 - y1) * (x - x1) / (x2 - x1) for x in (start, end)]
        if max(heights) > top and min(heights) < bottom:
            return True
    return False
