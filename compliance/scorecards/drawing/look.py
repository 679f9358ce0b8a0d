"""Colours, measures and type sizes of the scorecard, in one place for PDF and page."""

from compliance.scorecards.codes import (
    FindingStatus,
    Letter,
    RiskLevel,
    Severity,
)

PAGE_WIDTH, PAGE_HEIGHT = 595.28, 841.89
MARGIN = 38.0
GUTTER = 24.0
RADIUS = 8.0
HAIRLINE = 0.6
RIGHT = PAGE_WIDTH - MARGIN
INNER_WIDTH = RIGHT - MARGIN
FOOTER_TOP = 808.0
BOTTOM = FOOTER_TOP - 10

NAME, LETTER, HEADING, SUBHEADING, TEXT, NOTE, SMALLEST = 22, 80, 16, 11.2, 8, 7, 6.3

INK = "#16242B"
SLATE = "#51606B"
MUTE = "#64727D"
LINE = "#DCE3E6"
WASH = "#F3F6F5"
PINE = "#0B3B3C"
TEAL = "#0F766E"
MINT = "#BFE3DA"
WARNING = "#A8430C"
WHITE = "#FFFFFF"
TRACK = "#E8EEED"
HATCH = "#B9C3C7"
PINE_TEXT = "#CFE4DF"

GRADE_COLOURS = {
    Letter.A: "#0B6E69",
    Letter.B: "#2E7BB4",
    Letter.C: "#D99A1C",
    Letter.D: "#BD5016",
    Letter.E: "#8C1D40",
}
GRADE_TEXT = dict.fromkeys(Letter, WHITE) | {Letter.C: INK}
GRADE_TINTS = {
    Letter.A: "#E1EFEE",
    Letter.B: "#E6F0F8",
    Letter.C: "#FBF2DB",
    Letter.D: "#FAEBE1",
    Letter.E: "#F3E4EA",
}
# Where each letter begins on the scale of 0 to 100.
BANDS = {Letter.E: 0, Letter.D: 40, Letter.C: 55, Letter.B: 70, Letter.A: 85}

SEVERITY_COLOURS = {
    Severity.ZERO_TOLERANCE: "#8C1D40",
    Severity.CRITICAL: "#BD5016",
    Severity.MAJOR: "#D99A1C",
    Severity.MINOR: "#6B8793",
}
RISK_SEVERITIES = {
    RiskLevel.HIGH: Severity.CRITICAL,
    RiskLevel.MEDIUM: Severity.MAJOR,
    RiskLevel.LOW: Severity.MINOR,
}

AMBER_WASH, AMBER_TEXT = "#FCE8C3", "#734A00"
MINT_WASH, MINT_TEXT = "#CDEBE3", "#0B4F4A"
GREY_WASH, GREY_TEXT = "#E6EBED", "#44525B"
WINE_WASH, WINE_TEXT = "#F6DAE3", "#8C1D40"

STATUS_COLOURS = {
    FindingStatus.RAISED: (WINE_WASH, WINE_TEXT),
    FindingStatus.ACCEPTED: (AMBER_WASH, AMBER_TEXT),
    FindingStatus.DISPUTED: (GREY_WASH, GREY_TEXT),
    FindingStatus.PLANNED: (GREY_WASH, GREY_TEXT),
    FindingStatus.IN_PROGRESS: (AMBER_WASH, AMBER_TEXT),
    FindingStatus.OVERDUE: (WINE_WASH, WINE_TEXT),
    FindingStatus.VERIFIED_CLOSED: (MINT_WASH, MINT_TEXT),
    FindingStatus.BROKEN: (WINE_WASH, WINE_TEXT),
}


def letter_of_score(score: int) -> Letter:
    """Return the band of a score; the card's own letter also asks the gates."""
    return max(
        (letter for letter, floor in BANDS.items() if score >= floor),
        key=lambda letter: BANDS[letter],
    )
