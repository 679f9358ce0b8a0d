"""The small signs of a card: a shape beside every colour, so that neither stands alone."""

import math

from compliance.scorecards.codes import RiskLevel, Severity
from compliance.scorecards.drawing import look
from compliance.scorecards.drawing.sheet import Sheet, Style
from compliance.scorecards.drawing.typefaces import Face, width_of

CORNERS = {Severity.ZERO_TOLERANCE: 8, Severity.CRITICAL: 3, Severity.MAJOR: 4}
TURN = {Severity.ZERO_TOLERANCE: 22.5, Severity.CRITICAL: 0, Severity.MAJOR: 0}
DROP = {Severity.ZERO_TOLERANCE: 0, Severity.CRITICAL: 0.22, Severity.MAJOR: 0}


def severity_sign(
    sheet: Sheet, x: float, y: float, severity: Severity, size: float = 8
) -> None:
    """Paint octagon, triangle, diamond or circle around its middle."""
    colour = look.SEVERITY_COLOURS[severity]
    if severity is Severity.MINOR:
        sheet.disc(x, y, size * 0.42, fill=colour)
        return
    corners = CORNERS[severity]
    reach = size * (0.62 if severity is Severity.CRITICAL else 0.54)
    angles = (
        math.radians(TURN[severity] + 360 * corner / corners)
        for corner in range(corners)
    )
    middle = y + DROP[severity] * size * 0.5
    sheet.shape(
        [
            (x + reach * math.sin(angle), middle - reach * math.cos(angle))
            for angle in angles
        ],
        fill=colour,
    )


def risk_sign(sheet: Sheet, x: float, y: float, risk: RiskLevel) -> None:
    severity = look.RISK_SEVERITIES.get(risk)
    if severity is None:
        sheet.hatching(x - 3.6, y - 3.6, 7.2, 7.2, radius=1.6)
    else:
        severity_sign(sheet, x, y, severity)


def check(sheet: Sheet, x: float, y: float) -> None:
    sheet.shape(
        [(x - 2.4, y), (x - 0.8, y + 1.8), (x + 2.6, y - 2)],
        stroke=look.TEAL,
        line_width=1.2,
        closed=False,
    )


def dash(sheet: Sheet, x: float, y: float) -> None:
    sheet.rule(x - 2.4, y, x + 2.4, y, look.MUTE, width=1)


def ring(sheet: Sheet, x: float, y: float, radius: float = 2.6) -> None:
    sheet.disc(x, y, radius, fill=look.WHITE, stroke=look.INK, line_width=1.3)


def unknown(sheet: Sheet, x: float, y: float) -> None:
    sheet.hatching(x - 2.8, y - 2.8, 5.6, 5.6, radius=1.2)


def change(sheet: Sheet, x: float, y: float, *, rising: bool) -> None:
    tip = -2.2 if rising else 2.2
    colour = look.TEAL if rising else look.WARNING
    sheet.shape([(x - 2.8, y - tip), (x + 2.8, y - tip), (x, y + tip)], fill=colour)


def pill(  # the text sits in the middle of its own background
    sheet: Sheet, x: float, y: float, label: str, colours: tuple[str, str]
) -> float:
    """Paint a label with a round background from x, around y; return its width."""
    background, colour = colours
    style = Style(Face.SEMIBOLD, look.SMALLEST, colour)
    width = width_of(label, style.face, style.size) + 9
    sheet.box(x, y - 5.6, width, 11.2, fill=background, radius=5.6)
    sheet.write(x + 4.5, y + 2.3, label, style, width=width)
    return width
