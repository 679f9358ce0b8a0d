"""The band at the head of each page, and the line at its foot."""

from compliance.scorecards.codes import GradeState, Limit, Status
from compliance.scorecards.drawing import look
from compliance.scorecards.drawing.sheet import Sheet, Style
from compliance.scorecards.drawing.telling import Telling
from compliance.scorecards.drawing.typefaces import Face, width_of, wrapped

BAND = 104.0
RUNNING_BAND = 34.0
EDGE = 2.6
RIGHT_COLUMN = 132.0
NAME_WIDTH = look.INNER_WIDTH - RIGHT_COLUMN - 12
RELIED_UPON = (look.MINT, "#08302F")
NOT_RELIED_UPON = ("#FBD9A0", "#5A3500")
COMMODITIES = {
    "coffee_cherry": "coffee",
    "parchment_coffee": "coffee",
    "green_coffee": "coffee",
    "palm_fruit": "palm_oil",
    "crude_palm_oil": "palm_oil",
    "palm_kernel": "palm_oil",
}


def draw_header(telling: Telling) -> None:
    """Draw who is told of, and until when it may be relied upon."""
    sheet, card = telling.sheet, telling.card
    sheet.box(0, 0, look.PAGE_WIDTH, BAND, fill=look.PINE)
    sheet.box(0, BAND, look.PAGE_WIDTH, EDGE, fill=look.TEAL)
    _mark(sheet, look.MARGIN + 10, 34, 10)
    _kicker(telling)
    _name(sheet, card.producer.name)
    _subtitle(telling)
    _validity(telling)


def _subtitle(telling: Telling) -> None:
    """Draw kind, place and register in one line, or small in two."""
    sheet = telling.sheet
    told = "  ·  ".join([_kind(telling), place_of(telling), *_registers(telling)])
    with sheet.tagged("P"):
        style = Style(size=8.4, colour=look.PINE_TEXT)
        if width_of(told, style.face, 7.4) <= NAME_WIDTH:
            sheet.write(look.MARGIN, 87, told, style, width=NAME_WIDTH)
            return
        small = Style(size=7, colour=look.PINE_TEXT)
        what = "  ·  ".join([_kind(telling), *_registers(telling)])
        sheet.write(look.MARGIN, 88, what, small, width=NAME_WIDTH)
        sheet.write(look.MARGIN, 97, place_of(telling), small, width=NAME_WIDTH)


def draw_running_header(telling: Telling) -> None:
    sheet, card = telling.sheet, telling.card
    sheet.box(0, 0, look.PAGE_WIDTH, RUNNING_BAND, fill=look.PINE)
    sheet.box(0, RUNNING_BAND, look.PAGE_WIDTH, EDGE - 0.6, fill=look.TEAL)
    _mark(sheet, look.MARGIN + 7, 17, 7)
    name, wide = Style(Face.SEMIBOLD, 9.6, look.WHITE), 262.0
    if width_of(card.producer.name, name.face, 7.6) <= wide:
        sheet.write(look.MARGIN + 22, 20.4, card.producer.name, name, width=wide)
    else:
        small = Style(Face.SEMIBOLD, 7.4, look.WHITE, leading=1.2)
        at = look.MARGIN + 22
        sheet.write_paragraph(at, 15.2, card.producer.name, small, width=wide, most=2)
    style = Style(size=7.4, colour=look.PINE_TEXT, align="right")
    told = telling.words.label("running_title", id=card.id, version=card.version)
    sheet.write(look.RIGHT, 20.2, told, style, width=224)


def draw_footers(telling: Telling, pages: int) -> None:
    for page in range(1, pages):
        with telling.sheet.returning_to(page):
            _footer(telling, page, pages)
    _footer(telling, pages, pages)


def place_of(telling: Telling) -> str:
    card = telling.card
    parts = [card.scope.municipality, card.producer.admin1]
    country = telling.words.country(card.producer.country)
    return ", ".join([*(part for part in parts if part), country])


def _kind(telling: Telling) -> str:
    commodity = COMMODITIES[telling.card.scope.products[0]]
    return telling.words.code("site_kind", telling.card.producer.kind, commodity)


def _registers(telling: Telling) -> list[str]:
    return [register.value for register in telling.card.producer.register_ids[:1]]


def _mark(sheet: Sheet, x: float, y: float, radius: float) -> None:
    """Paint the watchtower's eye: a disc, half lit."""
    sheet.disc(x, y, radius, fill=look.WHITE)
    sheet.box(
        x - radius,
        y - radius,
        radius,
        2 * radius,
        fill=look.MINT,
        radius=radius,
        square="right",
    )
    sheet.rule(x, y - radius, x, y + radius, look.PINE, width=radius / 5)


def _kicker(telling: Telling) -> None:
    sheet, words = telling.sheet, telling.words
    style = Style(Face.SEMIBOLD, 7.2, look.MINT, spacing=1.25)
    with sheet.tagged("P"):
        told = words.label("kicker").upper()
        taken = sheet.write(look.MARGIN + 28, 36.8, told, style, width=230)
        if Limit.DEMONSTRATION in telling.card.limits:
            told = "·  " + words.label("demonstration").upper()
            at = look.MARGIN + 28 + taken + 6
            sheet.write(at, 36.8, told, style, width=110)


def _name(sheet: Sheet, name: str) -> None:
    """Draw the one H1: in one line if it stays large, in two if it must."""
    with sheet.tagged("H1"):
        taken = width_of(name, Face.DISPLAY, look.NAME)
        if taken * 16 / look.NAME <= NAME_WIDTH:
            style = Style(Face.DISPLAY, look.NAME, look.WHITE)
            sheet.write(look.MARGIN, 67, name, style, width=NAME_WIDTH)
            return
        size = 15.0
        while len(wrapped(name, Face.DISPLAY, size, NAME_WIDTH)) > 2:
            size -= 0.5
        style = Style(Face.DISPLAY, size, look.WHITE, leading=1.12)
        lines = wrapped(name, Face.DISPLAY, size, NAME_WIDTH)
        sheet.write_lines(look.MARGIN, 60, lines, style)


def _validity(telling: Telling) -> None:
    sheet, card, words = telling.sheet, telling.card, telling.words
    status = standing(telling)
    colours = RELIED_UPON if status is Status.ISSUED else NOT_RELIED_UPON
    with sheet.tagged("P"):
        _pill(sheet, words.code("status", status).upper(), colours)
    with sheet.tagged("P"):
        until = _reliance(telling, status)
        style = Style(Face.SEMIBOLD, 9.4, look.WHITE, "right")
        sheet.write(look.RIGHT, 61.4, until, style, width=RIGHT_COLUMN)
    small = Style(size=7.4, colour=look.PINE_TEXT, align="right")
    with sheet.tagged("P"):
        key = "made" if card.status is Status.DRAFT else "issued"
        told = words.label(key, date=words.day(telling.issued_on))
        sheet.write(look.RIGHT, 74.6, told, small, width=RIGHT_COLUMN)
    with sheet.tagged("P"):
        sheet.write(look.RIGHT, 86, _version(telling), small, width=RIGHT_COLUMN)


def _reliance(telling: Telling, status: Status) -> str:
    card, words = telling.card, telling.words
    if status is Status.EXPIRED and card.status is not Status.EXPIRED:
        return words.label("too_old")
    return words.code("validity", status, date=words.day(card.valid_until))


def standing(telling: Telling) -> Status:
    """Return what the head of the card says; a card without a letter is not "valid"."""
    card = telling.card
    if card.status is not Status.ISSUED:
        return card.status
    of_grade = {
        GradeState.SUSPENDED: Status.SUSPENDED,
        GradeState.EXPIRED: Status.EXPIRED,
    }
    return of_grade.get(card.grade.state, Status.ISSUED)


def _version(telling: Telling) -> str:
    card, words = telling.card, telling.words
    if card.supersedes is None:
        return words.label("version", version=card.version)
    return words.label("version_after", version=card.version, previous=card.supersedes)


def _pill(sheet: Sheet, label: str, colours: tuple[str, str]) -> None:
    background, colour = colours
    style = Style(Face.BOLD, 7.6, colour, spacing=0.5)
    text_width = width_of(label, style.face, style.size, style.spacing)
    width = text_width + 26
    x = look.RIGHT - width
    sheet.box(x, 25, width, 18, fill=background, radius=9)
    sheet.disc(x + 10.5, 34, 2.9, fill=colour)
    sheet.write(x + 18, 36.7, label, style, width=text_width)


def _footer(telling: Telling, page: int, pages: int) -> None:
    sheet, card, words = telling.sheet, telling.card, telling.words
    sheet.rule(look.MARGIN, look.FOOTER_TOP, look.RIGHT, look.FOOTER_TOP)
    told = words.label(
        "footer",
        id=card.id,
        version=card.version,
        edition=card.rulebook.edition,
        hash=card.integrity.sha256[:20],
    )
    style = Style(size=look.SMALLEST, colour=look.MUTE)
    sheet.write(look.MARGIN, look.FOOTER_TOP + 10.6, told, style, width=420)
    sheet.write(
        look.RIGHT,
        look.FOOTER_TOP + 10.6,
        words.label("page", page=page, pages=pages),
        Style(Face.SEMIBOLD, look.SMALLEST, look.SLATE, "right"),
        width=80,
    )
    if page > 1:
        told = fieldwork_of(telling)
        sheet.write(look.MARGIN, look.FOOTER_TOP + 19.4, told, style, width=420)


def fieldwork_of(telling: Telling) -> str:
    """Return when, how and for whom the site was visited."""
    card, words = telling.card, telling.words
    work = card.fieldwork
    parts = [
        f"{words.label('fieldwork')} {words.period(work.from_on, work.to_on)}",
        words.code("notice", work.notice),
        words.code("season", work.season),
        words.code("payer_kind", work.payer_kind),
    ]
    if work.integrity is not None:
        parts.append(words.code("visit_integrity", work.integrity))
    return " · ".join(parts)


def products_of(telling: Telling) -> str:
    words = telling.words
    return words.listed(
        [words.code("product", product) for product in telling.card.scope.products]
    )
