"""The table of red flags: what, how grave, by which law, how many, and how it stands."""

from compliance.scorecards.codes import FindingStatus, Topic
from compliance.scorecards.content import Citation, Flag
from compliance.scorecards.drawing import look, signs
from compliance.scorecards.drawing.attention import range_of
from compliance.scorecards.drawing.flow import BETWEEN, Flow
from compliance.scorecards.drawing.performance import HEADING
from compliance.scorecards.drawing.sheet import Style
from compliance.scorecards.drawing.structure import COLUMN_HEAD, ROW_HEAD
from compliance.scorecards.drawing.telling import Telling
from compliance.scorecards.drawing.typefaces import Face, lines_within
from compliance.scorecards.drawing.words import Words

COLUMNS = {
    "column_ref": (43.0, 30.0),
    "column_indicator": (76.0, 146.0),
    "column_severity": (228.0, 66.0),
    "column_law": (301.0, 111.0),
    "column_people": (415.0, 35.0),
    "column_evidence": (453.0, 37.0),
    "column_status": (496.5, 60.0),
}
NAME = Style(Face.MEDIUM, 7.6, leading=1.28)
LAW = Style(size=7, leading=1.36)
PADDING = 6.6
MOST_LINES = 4


def draw_findings(flow: Flow) -> None:
    telling = flow.telling
    sheet, words, flags = telling.sheet, telling.words, telling.card.flags
    with sheet.part("Sect"):
        with sheet.tagged("H2"):
            sheet.write(look.MARGIN, flow.y, words.label("flags"), HEADING, width=400)
        if not flags:
            with sheet.tagged("P"):
                told = words.label("flags_none")
                sheet.write(look.MARGIN, flow.y + 16, told, Style(), width=500)
            flow.y += 16 + BETWEEN
            return
        flow.y += 11
        with sheet.part("Table"):
            with sheet.part("TR"):
                _heads(flow)
            for flag in flags:
                _row(flow, flag)
    flow.y += BETWEEN


def law_lines(telling: Telling, citations: tuple[Citation, ...]) -> list[str]:
    width = COLUMNS["column_law"][1]
    told = [cited(citation, telling.words) for citation in citations]
    return [
        line
        for citation in told
        for line in lines_within(citation, LAW.face, LAW.size, width, MOST_LINES)
    ]


def cited(citation: Citation, words: Words) -> str:
    begins_with_number = citation.article[0].isdigit()
    article = f"{words.label('article')}\u00a0" if begins_with_number else ""
    return f"{citation.instrument} {article}{citation.article}"


def _heads(flow: Flow) -> None:
    """Draw the column heads as the head row, once; later pages repeat them unspoken."""
    telling = flow.telling
    sheet, words = telling.sheet, telling.words
    sheet.box(look.MARGIN, flow.y, look.INNER_WIDTH, 16, fill=look.WASH, radius=4)
    style = Style(Face.SEMIBOLD, look.SMALLEST + 0.3, look.SLATE)
    for key, (x, width) in COLUMNS.items():
        with sheet.tagged("TH", attributes=COLUMN_HEAD):
            sheet.write(x, flow.y + 10.5, words.label(key), style, width=width)
    flow.y += 16


def _continued(flow: Flow) -> None:
    sheet, words = flow.telling.sheet, flow.telling.words
    heading = words.label("continued", heading=words.label("flags"))
    sheet.write(look.MARGIN, flow.y, heading, HEADING, width=400)
    flow.y += 11
    sheet.box(look.MARGIN, flow.y, look.INNER_WIDTH, 16, fill=look.WASH, radius=4)
    style = Style(Face.SEMIBOLD, look.SMALLEST + 0.3, look.SLATE)
    for key, (x, width) in COLUMNS.items():
        sheet.write(x, flow.y + 10.5, words.label(key), style, width=width)
    flow.y += 16


def _row(flow: Flow, flag: Flag) -> None:
    telling = flow.telling
    sheet, words = telling.sheet, telling.words
    title = telling.title(flag)
    width = COLUMNS["column_indicator"][1]
    names = lines_within(title, NAME.face, NAME.size, width, MOST_LINES)
    laws = law_lines(telling, flag.citations)
    status_height = 22 if flag.due_on and flag.is_open else 12
    height = PADDING + max(
        len(names) * NAME.line_height, len(laws) * LAW.line_height, status_height
    )
    if flow.make_room(height):
        _continued(flow)
    y = flow.y + 11.2
    with sheet.part("TR"):
        with sheet.tagged("TH", attributes=ROW_HEAD):
            style = Style(Face.FIGURES, 7, look.SLATE)
            sheet.write(COLUMNS["column_ref"][0], y, flag.ref, style, width=32)
        with sheet.tagged("TD"):
            sheet.write_lines(COLUMNS["column_indicator"][0], y, names, NAME)
        with sheet.tagged("TD"):
            x, wide = COLUMNS["column_severity"]
            signs.severity_sign(sheet, x + 4, y - 2.6, flag.severity)
            label = words.code("severity", flag.severity)
            sheet.write(x + 13, y, label, Style(Face.SEMIBOLD, 7.4), width=wide - 13)
        with sheet.tagged("TD"):
            sheet.write_lines(COLUMNS["column_law"][0], y, laws, LAW)
        _people(telling, flag, y)
        with sheet.tagged("TD"):
            x, wide = COLUMNS["column_evidence"]
            told = words.count("sources", count=flag.sources)
            sheet.write(x, y, told, Style(size=7, colour=look.SLATE), width=wide)
        _status(telling, flag, y)
    flow.y += height
    sheet.rule(look.MARGIN, flow.y, look.RIGHT, flow.y)


def _people(telling: Telling, flag: Flag, y: float) -> None:
    sheet, words = telling.sheet, telling.words
    x, width = COLUMNS["column_people"]
    with sheet.tagged("TD"):
        if flag.people_range is not None:
            told = range_of(flag.people_range)
            sheet.write(x, y, told, Style(Face.FIGURES, 7.2), width=width)
            return
        never = flag.topic is Topic.CHILD_LABOUR
        key = "people_never" if never else "people_withheld"
        style = Style(size=look.SMALLEST, colour=look.MUTE, leading=1.25)
        sheet.write_paragraph(x, y, words.label(key), style, width=width, most=2)


def _status(telling: Telling, flag: Flag, y: float) -> None:
    sheet, words = telling.sheet, telling.words
    x, width = COLUMNS["column_status"]
    with sheet.tagged("TD"):
        label = words.code("finding_status", flag.status)
        signs.pill(sheet, x - 2, y - 2.6, label, look.STATUS_COLOURS[flag.status])
        if flag.due_on and flag.is_open:
            late = flag.status is FindingStatus.OVERDUE
            colour = look.WARNING if late else look.SLATE
            due = words.label("due", date=words.day(flag.due_on))
            style = Style(size=look.SMALLEST, colour=colour)
            sheet.write(x, y + 10, due, style, width=width)
