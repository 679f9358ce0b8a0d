"""The grade, and every gate that it passed or did not pass."""

import functools
from itertools import pairwise

import segno

from compliance.scorecards.codes import (
    Cap,
    GateCode,
    GateValue,
    GradeState,
    Letter,
    Severity,
    Topic,
)
from compliance.scorecards.content import Gate
from compliance.scorecards.drawing import look, signs
from compliance.scorecards.drawing.sheet import Style
from compliance.scorecards.drawing.structure import PLAIN_LIST
from compliance.scorecards.drawing.telling import Telling
from compliance.scorecards.drawing.typefaces import Face, size_that_fits, width_of

TOP = 122.0
LINE_HEIGHT = 10.2
LINES_TOP = 72.0
PANEL_WIDTH = 118.0
WHY_LEFT, WHY_RIGHT = 172.0, 430.0
# The scale leaves room for the label of a score of 100, which stands right of its mark:
# to the left runs the arrow.
SCALE_WIDTH = WHY_RIGHT - WHY_LEFT - 20
ASIDE_LEFT = 442.0
EFFECT_WIDTH = 54.0
SHARES = {
    GateCode.DETERMINATE_SHARE,
    GateCode.CHILD_LABOUR_SHARE,
    GateCode.FORCED_LABOUR_SHARE,
}
TOPICS_OF_FLAGS = {
    GateCode.CHILD_LABOUR_FLAG: Topic.CHILD_LABOUR,
    GateCode.FORCED_LABOUR_FLAG: Topic.FORCED_LABOUR,
}
HEADINGS = {
    GradeState.GRADED: "why",
    GradeState.SUSPENDED: "why_suspended",
    GradeState.NOT_GRADED: "why_not_graded",
    GradeState.EXPIRED: "why_expired",
}
SUSPENDED_COLOUR = "#3A2230"
# The verify address fits this symbol at this strength; one mask makes it repeatable.
QR_MASK = 2


def draw_grade(telling: Telling) -> float:
    """Draw the grade block and return where it ends."""
    height = LINES_TOP + (1 + len(GateCode)) * LINE_HEIGHT + 6
    sheet = telling.sheet
    sheet.box(
        look.MARGIN, TOP, look.INNER_WIDTH, height, fill=look.WASH, radius=look.RADIUS
    )
    with sheet.part("Sect"):
        _panel(telling, height)
        _why(telling)
        _aside(telling, height)
    return TOP + height


def gate_text(telling: Telling, gate: Gate) -> str:
    """Return what was found at a gate, in the text that belongs to that state."""
    words = telling.words
    topic = told_by_zero_tolerance(telling, gate)
    if topic is not None:
        return words.label("gate_told_by_zero_tolerance", topic)
    if isinstance(gate.value, GateValue):
        return words.code("gate", gate.code, gate.value)
    if gate.value is None or gate.limit is None:
        return words.code("gate", gate.code, "missing")
    told = words.percent if gate.code in SHARES else words.number
    state = "beyond" if gate.applied else "within"
    return words.code(
        "gate", gate.code, state, value=told(gate.value), limit=told(gate.limit)
    )


def told_by_zero_tolerance(telling: Telling, gate: Gate) -> Topic | None:
    """Return the topic of which a clear gate must not say that nothing is open.

    Its flag is graver than the gate is about, and stands at the gate of zero tolerance.
    """
    topic = TOPICS_OF_FLAGS.get(gate.code)
    is_open = any(
        flag.topic is topic and flag.severity is Severity.ZERO_TOLERANCE
        for flag in telling.open_flags
    )
    return topic if is_open and gate.value is GateValue.CLEAR else None


def gates_in_order_of_effect(gates: tuple[Gate, ...]) -> list[Gate]:
    hardness = list(Cap)
    biting = [gate for gate in gates if gate.caps_at is not None]
    biting.sort(key=lambda gate: -hardness.index(gate.caps_at or Cap.B))
    return biting + [gate for gate in gates if gate.caps_at is None]


def _panel(telling: Telling, height: float) -> None:
    sheet, grade = telling.sheet, telling.card.grade
    x = look.MARGIN
    if grade.letter is None:
        _panel_without_letter(telling, height)
        return
    ink = look.GRADE_TEXT[grade.letter]
    fill = look.GRADE_COLOURS[grade.letter]
    sheet.box(x, TOP, PANEL_WIDTH, height, fill=fill, radius=look.RADIUS)
    middle = x + PANEL_WIDTH / 2
    with sheet.tagged("P"):
        caption = telling.words.label("grade").upper()
        style = Style(Face.SEMIBOLD, 7.2, ink, "centre", spacing=1.2)
        sheet.write(middle, TOP + 48, caption, style, width=100)
        letter = Style(Face.DISPLAY_BOLD, look.LETTER, ink, "centre")
        sheet.write(middle, TOP + 126, grade.letter, letter, width=110)
    with sheet.tagged("P"):
        _score(telling, middle, TOP + 157, ink)
    if grade.letter != grade.letter_by_score:
        told = telling.words.label("capped_from", letter=grade.letter_by_score)
        with sheet.tagged("P"):
            style = Style(Face.MEDIUM, 7.4, ink, "centre")
            sheet.write(middle, TOP + 172, told, style, width=106)


def _score(telling: Telling, middle: float, y: float, ink: str) -> None:
    sheet, score = telling.sheet, telling.card.grade.score
    number = str(score)
    of_100 = telling.words.label("of_100")
    wide = width_of(number, Face.DISPLAY, 14)
    narrow = width_of(of_100, Face.REGULAR, 7.6)
    x = middle - (wide + 4 + narrow) / 2
    sheet.write(x, y, number, Style(Face.DISPLAY, 14, ink), width=40)
    sheet.write(x + wide + 4, y, of_100, Style(size=7.6, colour=ink), width=50)


def _panel_without_letter(telling: Telling, height: float) -> None:
    """Draw why there is no letter, in words and never as one."""
    sheet, words, grade = telling.sheet, telling.words, telling.card.grade
    x, middle = look.MARGIN, look.MARGIN + PANEL_WIDTH / 2
    ink = look.INK
    if grade.state is GradeState.SUSPENDED:
        ink = look.WHITE
        sheet.box(
            x, TOP, PANEL_WIDTH, height, fill=SUSPENDED_COLOUR, radius=look.RADIUS
        )
        for offset in (-11.0, 3.0):
            sheet.box(middle + offset, TOP + 44, 8, 30, fill=look.WHITE, radius=2)
    else:
        sheet.hatching(x, TOP, PANEL_WIDTH, height, radius=look.RADIUS)
        sheet.box(x + 9, TOP + 34, PANEL_WIDTH - 18, 148, fill=look.WHITE, radius=6)
        sheet.rule(middle - 14, TOP + 60, middle + 14, TOP + 60, look.SLATE, width=4)
    state = ("grade_state", grade.state)
    with sheet.tagged("P"):
        label = words.code(*state, "label")
        size = size_that_fits(label, Face.DISPLAY, look.HEADING, 94, 9)
        style = Style(Face.DISPLAY, size, ink, "centre")
        sheet.write(middle, TOP + 100, label, style, width=98)
    with sheet.tagged("P"):
        why = Style(Face.MEDIUM, 7.4, ink, "centre")
        sheet.write_paragraph(
            middle, TOP + 116, words.code(*state, "why"), why, width=90, most=5
        )
    with sheet.tagged("P"):
        told = (
            words.label("no_score")
            if grade.score is None
            else words.label("score_kept", score=grade.score)
        )
        style = Style(size=7, colour=ink, align="centre")
        sheet.write(middle, TOP + 174, told, style, width=94)


def _why(telling: Telling) -> None:
    sheet, words, grade = telling.sheet, telling.words, telling.card.grade
    with sheet.tagged("H2"):
        heading = words.label(HEADINGS[grade.state])
        style = Style(Face.DISPLAY, look.SUBHEADING)
        sheet.write(WHY_LEFT, TOP + 22, heading, style, width=WHY_RIGHT - WHY_LEFT)
    _scale(telling)
    y = TOP + LINES_TOP
    with sheet.part("L", attributes=PLAIN_LIST):
        _score_line(telling, y)
        for gate in gates_in_order_of_effect(grade.gates):
            y += LINE_HEIGHT
            _gate_line(telling, gate, y)


def _score_line(telling: Telling, y: float) -> None:
    sheet, words, grade = telling.sheet, telling.words, telling.card.grade
    signs.ring(sheet, WHY_LEFT + 3, y - 2.5)
    with sheet.part("LI"), sheet.tagged("LBody"):
        if grade.score is None:
            told = words.label("score_missing")
        else:
            letter = grade.letter_by_score
            told = words.label("score_alone", score=grade.score, letter=letter)
        width = WHY_RIGHT - WHY_LEFT - 12
        sheet.write(WHY_LEFT + 12, y, told, Style(size=7.3), width=width)


def _gate_line(telling: Telling, gate: Gate, y: float) -> None:
    sheet, words = telling.sheet, telling.words
    _gate_sign(telling, gate, y - 2.5)
    with sheet.part("LI"), sheet.tagged("LBody"):
        face = Face.SEMIBOLD if gate.applied else Face.REGULAR
        width = WHY_RIGHT - WHY_LEFT - 12 - EFFECT_WIDTH
        told = gate_text(telling, gate)
        sheet.write(WHY_LEFT + 12, y, told, Style(face, 7.3), width=width)
        colour = look.WARNING if gate.applied else look.MUTE
        effect = words.code("effect", gate.caps_at or "none")
        style = Style(face, 7.3, colour, "right")
        sheet.write(WHY_RIGHT, y, effect, style, width=EFFECT_WIDTH)


def _gate_sign(telling: Telling, gate: Gate, y: float) -> None:
    sheet, x = telling.sheet, WHY_LEFT + 3
    if gate.applied:
        sheet.shape(
            [(x - 3.6, y + 2.9), (x + 3.6, y + 2.9), (x, y - 3.3)], fill=look.WARNING
        )
    elif gate.value is GateValue.UNDETERMINED:
        signs.unknown(sheet, x, y)
    elif gate.value is None or told_by_zero_tolerance(telling, gate):
        signs.dash(sheet, x, y)
    else:
        signs.check(sheet, x, y)


def _scale(telling: Telling) -> None:
    """Draw the bands, where the score stands, and how far a gate pulls the letter."""
    sheet, words, grade = telling.sheet, telling.words, telling.card.grade
    top, width = TOP + 43, SCALE_WIDTH
    told = "–" if grade.score is None else grade.score
    alt = words.label("scale_alt", score=told)
    with sheet.figure(alt, WHY_LEFT, TOP + 28, WHY_RIGHT - WHY_LEFT, 32):
        edges = [
            *((look.BANDS[letter], letter) for letter in reversed(Letter)),
            (100, None),
        ]
        for (start, letter), (end, _) in pairwise(edges):
            assert letter is not None  # noqa: S101 - only the last edge has none
            chosen = letter is grade.letter
            x1 = WHY_LEFT + width * start / 100
            x2 = WHY_LEFT + width * end / 100 - 1.6
            grown = 1.4 if chosen else 0.0
            colour = look.GRADE_COLOURS[letter] if grade.letter else look.HATCH
            sheet.box(x1, top - grown, x2 - x1, 6 + 2 * grown, fill=colour, radius=2.2)
            style = (
                Style(Face.BOLD, 7, look.INK, "centre")
                if chosen
                else Style(size=look.SMALLEST, colour=look.MUTE, align="centre")
            )
            sheet.write((x1 + x2) / 2, top + 15.4, letter, style, width=20)
        if grade.score is not None:
            _score_mark(telling, grade.score, top - 7, width)


def _score_mark(telling: Telling, score: int, y: float, width: float) -> None:
    sheet, grade = telling.sheet, telling.card.grade
    x = WHY_LEFT + width * score / 100
    if grade.letter is not None and grade.letter != grade.letter_by_score:
        end = WHY_LEFT + width * _middle_of(grade.letter) / 100
        sheet.rule(x, y, end + 4, y, look.INK, width=1.1)
        sheet.shape([(end + 5, y - 2.4), (end + 5, y + 2.4), (end, y)], fill=look.INK)
    signs.ring(sheet, x, y, 3)
    sheet.write(x + 6, y + 2.6, str(score), Style(Face.SEMIBOLD, 7.3), width=14)


def _middle_of(letter: Letter) -> float:
    floors = [*sorted(look.BANDS.values()), 100]
    floor = look.BANDS[letter]
    return (floor + floors[floors.index(floor) + 1]) / 2


def _aside(telling: Telling, height: float) -> None:
    """Draw how to check the card, and who answers for it."""
    sheet, card, words = telling.sheet, telling.card, telling.words
    url = card.integrity.verify_url
    sheet.rule(ASIDE_LEFT, TOP + 14, ASIDE_LEFT, TOP + height - 14)
    x, side = ASIDE_LEFT + 15, 84.0
    tile = TOP + 13
    sheet.box(
        x, tile, side, side, fill=look.WHITE, stroke=look.LINE, radius=look.RADIUS / 2
    )
    with sheet.figure(words.label("verify_alt", url=url), x, tile, side, side):
        path, cells = qr_path(url)
        # Four quiet modules around the symbol, as the standard asks.
        scale = side / (cells + 8)
        sheet.cells(path, x + 4 * scale, tile + 4 * scale, scale)
    y = tile + side + 13
    wide = look.RIGHT - x - 6
    with sheet.tagged("P"):
        style = Style(Face.SEMIBOLD, 7.4)
        sheet.write(x, y, words.label("verify"), style, width=wide)
    address = url.partition("://")[2]
    host, _, code = address.partition("/")
    with sheet.part("P"), sheet.tagged("Link"):
        sheet.write(
            x, y + 10.5, f"{host}/", Style(size=6.6, colour=look.TEAL), width=wide
        )
        style = Style(Face.SEMIBOLD, 7.2, look.TEAL)
        sheet.write(x, y + 20, code, style, width=wide)
        says = words.label("verify_link", url=url)
        sheet.link(x, y + 3, wide, 20, url=url, says=says)
    _issuer(telling, x, y + 39, wide)


def _issuer(telling: Telling, x: float, y: float, width: float) -> None:
    sheet, issuer, words = telling.sheet, telling.card.issuer, telling.words
    caption = Style(size=look.SMALLEST, colour=look.MUTE)
    with sheet.tagged("P"):
        sheet.write(x, y, words.label("issuer"), caption, width=width)
        name = Style(Face.MEDIUM, 7, leading=1.25)
        y = sheet.write_paragraph(x, y + 9, issuer.name, name, width=width, most=3)
    told = (
        words.label("audited_by", firm=issuer.audit_firm)
        if issuer.audit_firm
        else words.label("no_audit_firm")
    )
    with sheet.tagged("P"):
        style = Style(size=look.SMALLEST, colour=look.MUTE)
        sheet.write_paragraph(x, y + 1.5, told, style, width=width, most=4)


@functools.lru_cache(maxsize=64)
def qr_path(url: str) -> tuple[str, int]:
    """Return the dark cells as one path of runs, and how many cells a side has."""
    code = segno.make(url, error="m", mask=QR_MASK, micro=False, boost_error=False)
    runs = []
    for row, line in enumerate(code.matrix):
        start = None
        for column, dark in enumerate([*line, 0]):
            if dark and start is None:
                start = column
            elif not dark and start is not None:
                runs.append(f"{start} {row} {column - start} 1 re")
                start = None
    return " ".join(runs), len(code.matrix)
