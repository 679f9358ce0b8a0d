"""The middle of page one in words and figures: scope, open red flags, what comes next."""

from collections import Counter
from datetime import date, timedelta

from compliance.scorecards.codes import GateCode, GateValue, Severity
from compliance.scorecards.content import Action, Scorecard
from compliance.scorecards.drawing import look, signs
from compliance.scorecards.drawing.header import fieldwork_of, products_of
from compliance.scorecards.drawing.performance import HEADING, totals
from compliance.scorecards.drawing.sheet import Style
from compliance.scorecards.drawing.telling import Telling
from compliance.scorecards.drawing.typefaces import Face, lines_within

HORIZON = timedelta(days=90)
CARD_GAP = 8.0
PRIORITIES = 3
GRAVEST_FIRST = list(Severity)
PRIORITY_HEIGHT = 58.0


def draw_key_figures(telling: Telling, y: float) -> float:
    sheet = telling.sheet
    figures = key_figures(telling)
    step = look.INNER_WIDTH / len(figures)
    with sheet.part("Sect"):
        for place, (figure, caption) in enumerate(figures):
            x = look.MARGIN + step * place
            if place:
                sheet.rule(x - 6, y - 12, x - 6, y + 14)
                x += 4
            with sheet.tagged("P"):
                value = Style(Face.DISPLAY, look.HEADING)
                sheet.write(x, y, figure, value, width=step - 14)
                label = Style(size=7, colour=look.SLATE)
                sheet.write(x, y + 12, caption, label, width=step - 12)
    return y + 12


def key_figures(telling: Telling) -> list[tuple[str, str]]:
    """Return the few numbers of a card, each with what it counts."""
    words, scope = telling.words, telling.card.scope
    assessed = totals(telling.card.topics).all
    traced = scope.volume_traced_share
    visited = words.count(
        "sites_visited", count=scope.sites, total=words.number(scope.sites)
    )
    return [
        _workers(telling),
        (
            ("–", words.label("interviews_missing"))
            if scope.interviews_range is None
            else (range_of(scope.interviews_range), words.label("interviews"))
        ),
        (words.number(scope.sites_visited), visited),
        (words.number(assessed), words.count("rules_assessed", count=assessed)),
        (
            ("–", words.label("volume_unknown"))
            if traced is None
            else (words.percent(traced), words.label("volume_traced"))
        ),
    ]


def _workers(telling: Telling) -> tuple[str, str]:
    words, scope = telling.words, telling.card.scope
    if scope.workers_total is not None:
        return words.number(scope.workers_total), words.label("workers")
    if scope.workers_range is not None:
        return range_of(scope.workers_range), words.label("workers")
    return "–", words.code("workers_withheld", scope.workers_withheld or "not_known")


def range_of(people: str) -> str:
    return people.replace("-", "–")


def draw_scope(telling: Telling, y: float) -> float:
    """Draw when, how and for whom the site was visited, and for which products."""
    told = f"{fieldwork_of(telling)} · {products_of(telling)}"
    style = Style(size=7, colour=look.SLATE)
    lines = lines_within(told, style.face, style.size, look.INNER_WIDTH, 2)
    with telling.sheet.tagged("P"):
        after = telling.sheet.write_lines(look.MARGIN, y, lines, style)
    return after - style.line_height


def draw_glance(telling: Telling, y: float) -> float:
    """Draw how many red flags of each severity are open, and the sentence they make."""
    sheet, words = telling.sheet, telling.words
    counts = Counter(flag.severity for flag in telling.open_flags)
    width = (look.INNER_WIDTH - 3 * CARD_GAP) / 4
    with sheet.part("Sect"):
        with sheet.tagged("H2"):
            sheet.write(look.MARGIN, y, words.label("glance"), HEADING, width=300)
        for place, severity in enumerate(Severity):
            x = look.MARGIN + place * (width + CARD_GAP)
            _severity_card(telling, x, y + 10, width, severity, counts[severity])
        with sheet.tagged("P"):
            told = " ".join(
                [*_open_sentence(telling, counts), _zero_tolerance(telling)]
            )
            style = Style(Face.MEDIUM, 7.8)
            sheet.write(look.MARGIN, y + 61, told, style, width=look.INNER_WIDTH)
    return y + 61


def _severity_card(
    telling: Telling, x: float, y: float, width: float, severity: Severity, count: int
) -> None:
    sheet, words = telling.sheet, telling.words
    colour = look.SEVERITY_COLOURS[severity]
    sheet.box(x, y, width, 38, fill=look.WHITE, stroke=look.LINE, radius=5)
    sheet.box(x, y + 7, 2.2, 24, fill=colour, radius=1)
    signs.severity_sign(sheet, x + 16, y + 14.5, severity, 9)
    with sheet.tagged("P"):
        name = Style(Face.SEMIBOLD, 8.2)
        label = words.code("severity", severity)
        sheet.write(x + 26, y + 17.4, label, name, width=width - 54)
        style = Style(size=look.SMALLEST + 0.3, colour=look.MUTE)
        urgency = words.code("urgency", severity)
        sheet.write(x + 11, y + 30, urgency, style, width=width - 40)
        number = Style(Face.DISPLAY_BOLD, 18, look.INK if count else look.MUTE, "right")
        sheet.write(x + width - 9, y + 25.5, words.number(count), number, width=26)


def _open_sentence(telling: Telling, counts: Counter[Severity]) -> list[str]:
    words = telling.words
    if not telling.card.flags:
        return [words.label("glance_none")]
    if not counts:
        return [words.label("glance_all_closed")]
    parts = [
        words.count("glance_severity", severity, count=counts[severity])
        for severity in Severity
        if counts[severity]
    ]
    return [words.label("glance_open", parts=words.listed(parts))]


def _zero_tolerance(telling: Telling) -> str:
    """Return the sentence that the gate and the flags allow, and never the other one."""
    words = telling.words
    gates = {gate.code: gate for gate in telling.card.grade.gates}
    value = gates[GateCode.ZERO_TOLERANCE].value
    if has_zero_tolerance(telling):
        return words.label("glance_zero_tolerance")
    if value is GateValue.UNDETERMINED:
        return words.label("glance_undetermined")
    return words.label("glance_no_zero_tolerance")


def has_zero_tolerance(telling: Telling) -> bool:
    gates = {gate.code: gate for gate in telling.card.grade.gates}
    flagged = any(
        flag.severity is Severity.ZERO_TOLERANCE for flag in telling.open_flags
    )
    return flagged or gates[GateCode.ZERO_TOLERANCE].value not in {
        GateValue.CLEAR,
        GateValue.UNDETERMINED,
    }


def lacks_a_plan_for_zero_tolerance(telling: Telling) -> bool:
    """Then nothing else is the first thing to do, whatever falls due."""
    gates = {gate.code: gate for gate in telling.card.grade.gates}
    return gates[GateCode.ZERO_TOLERANCE].value is GateValue.NO_PLAN


def draw_priorities(telling: Telling, y: float) -> float:
    sheet, words = telling.sheet, telling.words
    actions = priorities(telling.card, telling.issued_on)
    with sheet.part("Sect"):
        with sheet.tagged("H2"):
            heading = words.label("priorities")
            taken = sheet.write(look.MARGIN, y, heading, HEADING, width=340)
        if not actions or lacks_a_plan_for_zero_tolerance(telling):
            _no_priority(telling, y + 9)
            return y + 9 + PRIORITY_HEIGHT
        width = (look.INNER_WIDTH - (PRIORITIES - 1) * CARD_GAP) / PRIORITIES
        for place, action in enumerate(actions[:PRIORITIES]):
            x = look.MARGIN + place * (width + CARD_GAP)
            _priority(telling, action, x, y + 9, width)
        hidden = len(actions) - PRIORITIES
        if hidden > 0:
            with sheet.tagged("P"):
                told = words.count("priorities_more", count=hidden)
                style = Style(size=7, colour=look.MUTE)
                sheet.write(look.MARGIN + taken + 10, y, told, style, width=150)
    return y + 9 + PRIORITY_HEIGHT


def priorities(card: Scorecard, today: date) -> list[Action]:
    """Return the site's open actions that are late or fall due soon, the gravest first."""
    pressing = [
        action
        for action in card.actions
        if action.is_unfinished
        and not action.is_the_buyers
        and action.due_on <= today + HORIZON
    ]
    return sorted(
        pressing,
        key=lambda action: (
            GRAVEST_FIRST.index(severity_of(card, action)),
            action.due_on,
            action.ref,
        ),
    )


def severity_of(card: Scorecard, action: Action) -> Severity:
    of_ref = {flag.ref: flag.severity for flag in card.flags}
    return of_ref.get(action.flag or "", Severity.MINOR)


def _no_priority(telling: Telling, y: float) -> None:
    sheet, words, card = telling.sheet, telling.words, telling.card
    of_site = [action for action in card.actions if not action.is_the_buyers]
    if lacks_a_plan_for_zero_tolerance(telling):
        key = "priorities_zero_tolerance"
    elif any(action.is_unfinished for action in of_site):
        key = "priorities_later"
    elif not telling.open_flags:
        key = "priorities_nothing"
    else:
        key = "priorities_no_plan"
    sheet.box(look.MARGIN, y, look.INNER_WIDTH, 34, fill=look.WASH, radius=6)
    with sheet.tagged("P"):
        style = Style(Face.MEDIUM, look.TEXT)
        wide = look.INNER_WIDTH - 28
        sheet.write(look.MARGIN + 14, y + 20, words.label(key), style, width=wide)


def _priority(
    telling: Telling, action: Action, x: float, y: float, width: float
) -> None:
    sheet, words, card = telling.sheet, telling.words, telling.card
    sheet.box(x, y, width, PRIORITY_HEIGHT, fill=look.WASH, radius=6)
    severity = severity_of(card, action)
    signs.severity_sign(sheet, x + 15, y + 13.2, severity, 8)
    with sheet.tagged("P"):
        late = action.due_on < telling.issued_on
        key = "priorities_overdue" if late else "priorities_due"
        due = words.label(key, date=words.day(action.due_on))
        colour = look.WARNING if late else look.SLATE
        told = f"{action.flag or action.ref}  ·  {due}"
        sheet.write(
            x + 25, y + 16, told, Style(size=7, colour=colour), width=width - 36
        )
    with sheet.tagged("P"):
        name = Style(Face.SEMIBOLD, 7.6, leading=1.22)
        text = words.code("action", action.text_code)
        lines = lines_within(text, name.face, name.size, width - 24, 2)
        sheet.write_lines(x + 11, y + 28.5, lines, name)
    if action.share_done is None:
        with sheet.tagged("P"):
            style = Style(size=look.SMALLEST, colour=look.MUTE)
            told = words.label("priorities_share_withheld")
            sheet.write(x + 11, y + 51, told, style, width=width - 24)
        return
    track = width - 50
    sheet.box(x + 11, y + 46.5, track, 4, fill=look.LINE, radius=2)
    done = track * action.share_done / 100
    if action.share_done:
        sheet.box(x + 11, y + 46.5, max(4, done), 4, fill=look.TEAL, radius=2)
    with sheet.tagged("P"):
        style = Style(Face.SEMIBOLD, 7, align="right")
        told = words.percent(action.share_done)
        sheet.write(x + width - 10, y + 51, told, style, width=30)
