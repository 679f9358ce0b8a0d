"""The scale of the grade and the chart of past scores: no figure meets what is drawn."""

from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as some

from compliance.scorecards.codes import Cap, GateCode, GateValue, Letter
from compliance.scorecards.content import Gate, PastScore, Scorecard
from compliance.scorecards.drawing import grade as grade_block
from compliance.scorecards.drawing import look, performance
from compliance.scorecards.drawing.archive import describe
from compliance.scorecards.drawing.grade import draw_grade
from compliance.scorecards.drawing.performance import draw_history
from compliance.scorecards.drawing.sheet import Sheet
from compliance.scorecards.drawing.telling import Telling
from compliance.scorecards.drawing.words import Words
from tests.unit.scorecards.cards import SUSPENDING
from tests.unit.scorecards.pdf_reading import Box, Piece, ink_of, pieces, strokes
from tests.unit.scorecards.sample import card, gate, grade, titles

CAPPING: dict[Letter | None, tuple[Gate, ...]] = {
    Letter.A: (),
    Letter.B: (gate(GateCode.SEASON, GateValue.FOUND, caps_at=Cap.B),),
    Letter.C: (gate(GateCode.FORCED_LABOUR_FLAG, GateValue.OPEN, caps_at=Cap.C),),
    Letter.D: (gate(GateCode.ZERO_TOLERANCE, GateValue.PLAN_IN_TIME, caps_at=Cap.D),),
    Letter.E: (gate(GateCode.ZERO_TOLERANCE, GateValue.PLAN_LAPSED, caps_at=Cap.E),),
    None: (SUSPENDING,),
}
TOP, BOTTOM = 300.0, 396.0
HISTORIES = [
    pytest.param(scores, id="-".join(map(str, scores)))
    for scores in (
        *((score,) for score in (0, 20, 50, *range(84, 101))),
        (87, 95, 99),
        (100, 100, 100),
        (99, 100, 87, 95),
        (0, 100, 0, 100, 0, 100, 0),
        (100, 0, 100, 0, 100, 0, 100),
        (41, 49, None, 63, 74),
        (None, 97, None),
        (0, 16, 33, 50, 66, 83, 100),
    )
]


def drawn_alone(told: Scorecard, language: str) -> tuple[Telling, Sheet]:
    sheet = Sheet()
    return Telling(sheet, told, Words(language), titles), sheet


def file_of(sheet: Sheet) -> bytes:
    describe(
        sheet.document,
        title="t",
        author="a",
        subject="s",
        language="es",
        instant=card().issued_at,
        content=b"{}",
    )
    return sheet.file()


def below_the_top(top: float, bottom: float, left: float, right: float) -> Box:
    """Return a box that was measured from the top of the page."""
    return Box(left, look.PAGE_HEIGHT - bottom, right, look.PAGE_HEIGHT - top)


def in_the_way(label: Piece, drawn: list[Box]) -> list[Box]:
    """Return what is drawn through a label; what it stands on wholly is no harm."""
    ink = ink_of(label)
    return [box for box in drawn if box.meets(ink) and not box.holds(ink)]


@pytest.mark.parametrize("capped", CAPPING, ids=str)
def test_the_score_on_the_scale_meets_nothing_at_any_score(
    capped: Letter | None,
) -> None:
    own = below_the_top(
        grade_block.TOP + 26,
        grade_block.TOP + 41,
        grade_block.WHY_LEFT,
        grade_block.WHY_RIGHT,
    )
    for score in range(101):
        by_score = look.letter_of_score(score)
        told = card(grade=grade(score, by_score, *CAPPING[capped]))
        telling, sheet = drawn_alone(told, "es")
        draw_grade(telling)
        pdf = file_of(sheet)

        (label,) = [
            one for one in pieces(pdf) if one.text == str(score) and one.size < 8
        ]

        assert in_the_way(label, strokes(pdf)) == [], score
        assert own.holds(ink_of(label)), score


def history_of(scores: tuple[int | None, ...], language: str) -> bytes:
    *past, now = scores
    told = card(
        grade=grade(now, None if now is None else look.letter_of_score(now)),
        history=tuple(
            PastScore(
                year=2026 - len(past) + place,
                score=score,
                letter=None if score is None else look.letter_of_score(score),
            )
            for place, score in enumerate(past)
        ),
    )
    telling, sheet = drawn_alone(told, language)
    draw_history(telling, TOP, BOTTOM)
    return file_of(sheet)


def labels_of(pdf: bytes) -> list[Piece]:
    return [one for one in pieces(pdf) if one.text.isdigit() and len(one.text) < 4]


def chart_box(pdf: bytes) -> Box:
    """Return the chart's own box: under all that is written in words, over the years."""
    words = [one for one in pieces(pdf) if " " in one.text]
    lowest = min(one.y - 0.2 * one.size for one in words)
    years = max(ink_of(one).top for one in pieces(pdf) if len(one.text) == 4)
    return Box(performance.ASIDE_LEFT, years, look.RIGHT, lowest)


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("scores", HISTORIES)
def test_the_labels_of_past_scores_stay_in_the_chart(
    scores: tuple[int | None, ...], language: str
) -> None:
    pdf = history_of(scores, language)

    labels = labels_of(pdf)
    box = chart_box(pdf)

    shown = [str(score) for score in scores if score is not None]
    assert [label.text for label in labels] == shown
    assert [one.text for one in labels if not box.holds(ink_of(one))] == []


@given(
    some.lists(some.one_of(some.none(), some.integers(0, 100)), min_size=1, max_size=7)
)
def test_no_history_moves_a_label_out_of_the_chart_or_onto_another(
    scores: list[int | None],
) -> None:
    pdf = history_of(tuple(scores), "es")

    inks = [ink_of(label) for label in labels_of(pdf)]

    box = chart_box(pdf)
    assert all(box.holds(ink) for ink in inks)
    assert not any(one.meets(other) for one, other in combinations(inks, 2))


def crosses(line: list[tuple[float, float]], ink: Box) -> bool:
    """Tell whether a line comes into a box, by a hundred steps to each stretch."""
    return any(
        ink.left < x1 + (x2 - x1) * step / 100 < ink.right
        and ink.bottom < y1 + (y2 - y1) * step / 100 < ink.top
        for (x1, y1), (x2, y2) in pairwise(line)
        for step in range(101)
    )


@pytest.mark.parametrize(
    "scores",
    [
        (87, 95, 99),
        (20, 60, 95),
        (95, 60, 20),
        (0, 50, 100, 50, 0, 50, 100),
        (100, 30, 100, 30, 100, 30, 100),
        (90, 40, 90, 40, 90, 40, 90),
        (20, 100, 20, 100, 20, 100, 20),
    ],
)
def test_the_line_runs_through_no_label(scores: tuple[int, ...]) -> None:
    pdf = history_of(scores, "en")
    discs = [box for box in strokes(pdf) if 4 < box.right - box.left < 7]

    line = sorted(
        ((box.left + box.right) / 2, (box.bottom + box.top) / 2) for box in discs
    )
    through = [one.text for one in labels_of(pdf) if crosses(line, ink_of(one))]

    assert len(line) == len(scores)
    assert through == []
