"""The corrective-action plan on a line of time, the site's part and the buyer's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from compliance.scorecards.codes import (
    ChildCases,
    FindingStatus,
    Letter,
    Severity,
    Topic,
)
from compliance.scorecards.content import Action
from compliance.scorecards.drawing import look
from compliance.scorecards.drawing.flow import BETWEEN, Flow
from compliance.scorecards.drawing.performance import HEADING
from compliance.scorecards.drawing.sheet import Style
from compliance.scorecards.drawing.structure import (
    COLUMN_HEAD,
    ROW_HEAD,
    row_head_over,
)
from compliance.scorecards.drawing.telling import Telling
from compliance.scorecards.drawing.typefaces import Face, wrapped

TEXT_LEFT, TEXT_WIDTH = 73.0, 160.0
TIME_LEFT, TIME_RIGHT = 236.0, 436.0
DONE_RIGHT = 482.0
ROW_HEIGHT = 13.6
COLUMNS = 5
HEAD_HEIGHT = 28.0
NOTE = Style(size=look.SMALLEST, colour=look.MUTE, leading=1.3)
MONTH_LABEL = 25.0
RED_FLAGS = frozenset({Severity.ZERO_TOLERANCE, Severity.CRITICAL})
DONE_COLOUR = {
    FindingStatus.IN_PROGRESS: (look.GRADE_COLOURS[Letter.C], "#FCE8C3"),
    FindingStatus.ACCEPTED: (look.GRADE_COLOURS[Letter.C], "#FCE8C3"),
    FindingStatus.VERIFIED_CLOSED: (look.TEAL, look.MINT),
    FindingStatus.OVERDUE: (look.SEVERITY_COLOURS[Severity.ZERO_TOLERANCE], "#F2D3DD"),
    FindingStatus.PLANNED: (look.HATCH, look.GREY_WASH),
    FindingStatus.RAISED: (look.HATCH, look.GREY_WASH),
    FindingStatus.DISPUTED: (look.HATCH, look.GREY_WASH),
    FindingStatus.BROKEN: (look.SEVERITY_COLOURS[Severity.ZERO_TOLERANCE], "#F2D3DD"),
}


@dataclass(frozen=True)
class Axis:
    first: date
    last: date

    def at(self, day: date) -> float:
        whole = max(1, (self.last - self.first).days)
        share = (day - self.first).days / whole
        return TIME_LEFT + (TIME_RIGHT - TIME_LEFT) * min(1.0, max(0.0, share))

    def months(self) -> list[date]:
        """Return the first days to label: of every month, or of as many as fit."""
        firsts = []
        day = self.first
        while day <= self.last:
            firsts.append(day)
            day = (day + timedelta(days=32)).replace(day=1)
        room = int((TIME_RIGHT - TIME_LEFT) // MONTH_LABEL)
        return firsts[:: 1 + (len(firsts) - 1) // room]


def axis_of(actions: Sequence[Action], issued_on: date) -> Axis:
    first = min([issued_on, *(action.agreed_on for action in actions)])
    last = max([issued_on, *(action.due_on for action in actions)])
    # A long past is cut off at a year, so that what lies ahead stays readable.
    first = max(first, issued_on - timedelta(days=365))
    return Axis(first.replace(day=1), (last + timedelta(days=31)).replace(day=1))


def draw_plan(flow: Flow) -> None:
    telling = flow.telling
    sheet, words, actions = telling.sheet, telling.words, telling.card.actions
    flow.make_room(HEAD_HEIGHT + 3 * ROW_HEIGHT)
    with sheet.part("Sect"):
        with sheet.tagged("H2"):
            sheet.write(look.MARGIN, flow.y, words.label("plan"), HEADING, width=190)
        if telling.card.scope.child_cases is not None:
            _child_cases(telling, flow.y)
        if actions:
            _plan(flow, actions)
        else:
            _no_plan(flow)
    flow.y += BETWEEN


def _child_cases(telling: Telling, y: float) -> None:
    """Say the one word that came back from the protected case, and no more."""
    sheet, words = telling.sheet, telling.words
    word = telling.card.scope.child_cases or ChildCases.NONE
    told = words.code("child_cases", word)
    if word is ChildCases.NONE and has_red_flag_of_a_child(telling):
        told = words.label("child_cases_not_needed")
    with sheet.tagged("P"):
        style = Style(Face.MEDIUM, 7.2, look.SLATE, "right")
        sheet.write(look.RIGHT, y, told, style, width=165)


def has_red_flag_of_a_child(telling: Telling) -> bool:
    """Tell whether "no case is known" would stand beside a red flag about a child."""
    return any(
        flag.topic is Topic.CHILD_LABOUR and flag.severity in RED_FLAGS
        for flag in telling.open_flags
    )


def _no_plan(flow: Flow) -> None:
    telling = flow.telling
    key = "plan_none_open" if telling.open_flags else "plan_none_needed"
    with telling.sheet.tagged("P"):
        style = Style(Face.MEDIUM if telling.open_flags else Face.REGULAR)
        told = telling.words.label(key)
        telling.sheet.write(look.MARGIN, flow.y + 16, told, style, width=500)
    flow.y += 16


def _plan(flow: Flow, actions: tuple[Action, ...]) -> None:
    axis = axis_of(actions, flow.telling.issued_on)
    site, remedies, buyer = _parts(actions)
    flow.y += HEAD_HEIGHT
    with flow.telling.sheet.part("Table"):
        _heads(flow.telling, flow.y)
        top = flow.y
        for action in site:
            top = _row(flow, axis, action, top)
        for key, rows in (("plan_remedy", remedies), ("plan_buyer", buyer)):
            if rows:
                top = _part_head(flow, axis, top, key)
                for action in rows:
                    top = _row(flow, axis, action, top)
    _lines_of_time(flow, axis, top)
    notes = [flow.telling.words.label("plan_done_told")]
    if not site and flow.telling.open_flags:
        notes.insert(0, flow.telling.words.label("plan_none_open"))
    if not buyer:
        notes.append(flow.telling.words.label("buyer_none"))
    _notes(flow, " ".join(notes))


def _parts(
    actions: Sequence[Action],
) -> tuple[list[Action], list[Action], list[Action]]:
    """Return what the site does, what people are owed, and what buyers promised."""
    remedies = [action for action in actions if action.is_a_remedy]
    buyer = [action for action in actions if action.is_the_buyers]
    site = [action for action in actions if action not in (*remedies, *buyer)]
    return site, remedies, buyer


def _notes(flow: Flow, told: str) -> None:
    lines = wrapped(told, NOTE.face, NOTE.size, look.INNER_WIDTH)
    flow.make_room(12 + len(lines) * NOTE.line_height)
    with flow.telling.sheet.tagged("P"):
        after = flow.telling.sheet.write_lines(look.MARGIN, flow.y + 15, lines, NOTE)
    flow.y = after - NOTE.line_height


def _heads(telling: Telling, y: float) -> None:
    sheet, words = telling.sheet, telling.words
    left = Style(size=look.SMALLEST, colour=look.MUTE)
    right = Style(size=look.SMALLEST, colour=look.MUTE, align="right")
    with sheet.part("TR"):
        for key, x, width, style in (
            ("column_ref", look.MARGIN, 28, left),
            ("column_action", TEXT_LEFT, 100, left),
            ("column_done", DONE_RIGHT, 36, right),
            ("column_status", look.RIGHT, 60, right),
        ):
            if key == "column_done":
                with sheet.tagged("TH", attributes=COLUMN_HEAD):
                    told = words.label("column_time")
                    sheet.write(TIME_LEFT, y - 20, told, left, width=140)
            with sheet.tagged("TH", attributes=COLUMN_HEAD):
                sheet.write(x, y - 9, words.label(key), style, width=width)


def _lines_of_time(flow: Flow, axis: Axis, top: float) -> None:
    """Draw months and the day of issue over the rows of this page."""
    sheet, words = flow.telling.sheet, flow.telling.words
    bottom = flow.y
    issued = axis.at(flow.telling.issued_on)
    caption = words.label("plan_issue")
    for month in axis.months():
        x = axis.at(month)
        if x > TIME_RIGHT - 6:
            continue
        sheet.rule(x, top - 14, x, top - 7, look.LINE)
        style = Style(size=look.SMALLEST, colour=look.MUTE)
        told = words.month(month)
        if month.month == 1 or month == axis.first:
            told = f"{told} {month.year % 100:02d}"
        sheet.write(x + 2.5, top - 9, told, style, width=MONTH_LABEL)
    sheet.rule(issued, top - 5, issued, bottom, look.INK, dash="1.8 1.6", width=0.8)
    style = Style(Face.SEMIBOLD, 5.6 + 0.7, look.INK, "centre")
    sheet.write(issued, bottom + 7, caption, style, width=60)


def _part_head(flow: Flow, axis: Axis, top: float, key: str) -> float:
    telling = flow.telling
    top = _turned(flow, axis, top)
    with (
        telling.sheet.part("TR"),
        telling.sheet.tagged("TH", attributes=row_head_over(COLUMNS)),
    ):
        style = Style(Face.SEMIBOLD, 7, look.SLATE)
        told = telling.words.label(key)
        telling.sheet.write(look.MARGIN, flow.y + 10.4, told, style, width=190)
    flow.y += ROW_HEIGHT - 1
    return top


def _turned(flow: Flow, axis: Axis, top: float) -> float:
    """Go on where a row fits: here, or on a new page under a repeated, unspoken head."""
    if flow.has_room(ROW_HEIGHT + 10):
        return top
    _lines_of_time(flow, axis, top)
    flow.turn()
    words = flow.telling.words
    heading = words.label("continued", heading=words.label("plan"))
    flow.telling.sheet.write(look.MARGIN, flow.y, heading, HEADING, width=300)
    flow.y += HEAD_HEIGHT
    return flow.y


def _row(flow: Flow, axis: Axis, action: Action, top: float) -> float:
    telling = flow.telling
    top = _turned(flow, axis, top)
    sheet, words = telling.sheet, telling.words
    y = flow.y + 9.6
    with sheet.part("TR"):
        with sheet.tagged("TH", attributes=ROW_HEAD):
            style = Style(Face.FIGURES, 7, look.SLATE)
            sheet.write(look.MARGIN, y, action.ref, style, width=30)
        with sheet.tagged("TD"):
            told = words.code("action", action.text_code)
            name = Style(Face.MEDIUM, 7.4)
            sheet.write(TEXT_LEFT, y, told, name, width=TEXT_WIDTH)
        with sheet.part("TD"):
            _bar(telling, axis, action, flow.y + 3)
        with sheet.tagged("TD"):
            _done(telling, action, y)
        with sheet.tagged("TD"):
            colour = look.STATUS_COLOURS[action.status][1]
            style = Style(Face.SEMIBOLD, 7, colour, "right")
            told = words.code("finding_status", action.status)
            sheet.write(look.RIGHT, y, told, style, width=66)
    flow.y += ROW_HEIGHT
    return top


def _done(telling: Telling, action: Action, y: float) -> None:
    sheet, words = telling.sheet, telling.words
    if action.share_done is None:
        style = Style(size=look.SMALLEST, colour=look.MUTE, align="right")
        told = words.label("plan_share_withheld")
    else:
        style = Style(Face.FIGURES, 7.2, align="right")
        told = words.percent(action.share_done)
    sheet.write(DONE_RIGHT, y, told, style, width=42)


def _bar(telling: Telling, axis: Axis, action: Action, y: float) -> None:
    sheet, words = telling.sheet, telling.words
    start = axis.at(action.agreed_on)
    end = max(axis.at(action.due_on), start + 8)
    done, rest = DONE_COLOUR[action.status]
    alt = words.period(action.agreed_on, action.due_on)
    with sheet.figure(alt, start, y, end - start, 8):
        sheet.box(start, y, end - start, 8, fill=rest, radius=4)
        if action.share_done:
            part = max(8.0, (end - start) * action.share_done / 100)
            sheet.box(start, y, part, 8, fill=done, radius=4)
