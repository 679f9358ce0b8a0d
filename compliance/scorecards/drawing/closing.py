"""The end of a card: how far it goes, and how to prove that nobody changed it."""

from compliance.scorecards.codes import KeyKind
from compliance.scorecards.drawing import look
from compliance.scorecards.drawing.flow import Flow
from compliance.scorecards.drawing.performance import HEADING
from compliance.scorecards.drawing.sheet import Style
from compliance.scorecards.drawing.telling import Telling
from compliance.scorecards.drawing.typefaces import Face, width_of, wrapped

PAD = 14.0
LEFT_WIDTH = 268.0
RIGHT_LEFT = look.MARGIN + PAD + LEFT_WIDTH + 24
RIGHT_WIDTH = look.RIGHT - PAD - RIGHT_LEFT
LIMIT = Style(size=6.8, leading=1.32)
PARAGRAPH_GAP = 3.4
CAPTION = Style(size=7, colour=look.SLATE)
VALUE = Style(Face.MEDIUM, 7, align="right")
ROW_HEIGHT = 10.2


def draw_closing(flow: Flow) -> None:
    telling = flow.telling
    limits = _limits(telling)
    facts = _fact_lines(telling)
    told = _integrity_told(telling)
    height = closing_height(telling)
    alone = flow.make_room(height)
    # The last thing on a page stands at its foot, unless it is the only thing there.
    top = flow.y - 12 if alone else max(flow.y, look.BOTTOM - height)
    sheet = telling.sheet
    sheet.box(
        look.MARGIN, top, look.INNER_WIDTH, height, fill=look.WASH, radius=look.RADIUS
    )
    sheet.rule(RIGHT_LEFT - 12, top + 12, RIGHT_LEFT - 12, top + height - 12)
    _reading(telling, top, limits)
    _integrity(telling, top, facts, told)
    flow.y = top + height


def closing_height(telling: Telling) -> float:
    left = sum(
        len(lines) * LIMIT.line_height + PARAGRAPH_GAP for lines in _limits(telling)
    )
    told = len(_integrity_told(telling)) * LIMIT.line_height
    right = len(_fact_lines(telling)) * ROW_HEIGHT + 5 + told
    return 33 + max(left, right)


def _integrity_told(telling: Telling) -> list[str]:
    told = telling.words.label("integrity_told")
    if telling.card.issuer.key_kind is KeyKind.NONE:
        told += " " + telling.words.code("key_kind", KeyKind.NONE)
    return wrapped(told, LIMIT.face, LIMIT.size, RIGHT_WIDTH)


def _limits(telling: Telling) -> list[list[str]]:
    return [
        wrapped(telling.words.code("limit", limit), LIMIT.face, LIMIT.size, LEFT_WIDTH)
        for limit in telling.card.limits
    ]


def _reading(telling: Telling, top: float, limits: list[list[str]]) -> None:
    sheet, x = telling.sheet, look.MARGIN + PAD
    with sheet.part("Sect"):
        with sheet.tagged("H2"):
            heading = telling.words.label("reading")
            sheet.write(x, top + 19, heading, HEADING, width=LEFT_WIDTH)
        y = top + 32
        for lines in limits:
            with sheet.tagged("P"):
                y = sheet.write_lines(x, y, lines, LIMIT) + PARAGRAPH_GAP


def _facts(telling: Telling) -> list[tuple[str, str]]:
    card, words = telling.card, telling.words
    book = card.rulebook
    digest = card.integrity.sha256
    facts = [
        (words.label("content_hash"), digest[:32]),
        ("", digest[32:]),
        (words.label("rulebook"), f"{book.id} {book.edition} ({book.sha256[:12]}…)"),
        (words.label("engine"), card.engine),
    ]
    if card.issuer.did is not None:
        facts += [
            (words.label("signer"), card.issuer.did),
            (words.label("key"), words.code("key_kind", card.issuer.key_kind)),
        ]
    for place, register in enumerate(card.producer.register_ids):
        caption = words.label("registers") if place == 0 else ""
        scheme = words.code("register", register.scheme)
        facts.append((caption, f"{scheme} {register.value}"))
    return facts


def _fact_lines(telling: Telling) -> list[tuple[str, str]]:
    """Return a caption and a value to each line; a long value takes several."""
    lines = []
    for caption, value in _facts(telling):
        room = RIGHT_WIDTH - width_of(caption, CAPTION.face, CAPTION.size) - 8
        first, *rest = wrapped(value, VALUE.face, VALUE.size, room)
        lines += [(caption, first), *(("", line) for line in rest)]
    return lines


def _integrity(
    telling: Telling, top: float, facts: list[tuple[str, str]], told: list[str]
) -> None:
    sheet = telling.sheet
    right = look.RIGHT - PAD
    with sheet.part("Sect"):
        with sheet.tagged("H2"):
            heading = telling.words.label("integrity")
            sheet.write(RIGHT_LEFT, top + 19, heading, HEADING, width=RIGHT_WIDTH)
        y = top + 32
        for caption, value in facts:
            with sheet.tagged("P"):
                taken = 0.0
                if caption:
                    taken = sheet.write(RIGHT_LEFT, y, caption, CAPTION, width=90)
                room = RIGHT_WIDTH - taken - (8 if caption else 0)
                sheet.write(right, y, value, VALUE, width=room)
            y += ROW_HEIGHT
        with sheet.tagged("P"):
            sheet.write_lines(RIGHT_LEFT, y + 4, told, LIMIT)
