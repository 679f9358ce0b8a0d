"""The page of a card and its plain words: every text is chosen by what is so."""

import pytest

from api.pages.scorecards_parts import ToldCard
from api.pages.scorecards_plain import OF_LETTER, OF_STATE, OF_STATUS, plain_card
from api.pages.scorecards_told import qr, told_card
from compliance.scorecards.answers import ABOUT, TEXTS, AnswerCode
from compliance.scorecards.codes import GateCode, GradeState, Letter, Status
from compliance.scorecards.drawing.grade import qr_path
from tests.unit.scorecards.cards import CARDS, SUSPENDING
from tests.unit.scorecards.sample import card, grade

URL = "https://scorecards.example.org/v/7Q4M-K2XH"


def told(name: str, language: str = "en") -> ToldCard:
    return told_card(CARDS[name], language, lambda rule, _language: rule)


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("name", CARDS)
def test_every_part_of_every_card_is_told(name: str, language: str) -> None:
    issued, page = CARDS[name], told(name, language)

    assert len(page.gates) == len(GateCode)
    assert [one.ref for one in page.flags] == [one.ref for one in issued.flags]
    parts = (*page.actions, *page.remedies, *page.commitments)
    assert {one.ref for one in parts} == {one.ref for one in issued.actions}
    assert [one.code for one in page.topics] == [one.code for one in issued.topics]
    assert len(page.chain) == len(issued.chain)
    assert page.points[-1].score == issued.grade.score
    assert all(one.laws for one in page.flags)


def test_a_gate_tells_what_it_did_and_leads_to_what_it_looked_at() -> None:
    (biting,) = [gate for gate in told("C").gates if gate.sign == "bites"]

    assert biting.text == "Critical forced-labour flag open"
    assert biting.effect == "caps at C"
    assert biting.where == "topic-forced_labour"


def test_a_card_that_is_not_graded_is_never_told_as_good_or_bad() -> None:
    page = told("not_graded")
    plain = plain_card(page, Status.ISSUED)

    assert plain.result == OF_STATE[GradeState.NOT_GRADED]
    assert plain.good == ()
    assert plain.good_told == "Too little could be seen to say what goes well."
    assert plain.change_told is not None
    assert "not all good" in plain.change_told
    assert page.glance.endswith(
        "Whether there is a zero-tolerance matter could not be determined."
    )


def test_plain_words_say_late_what_is_late_and_leave_out_what_is_closed() -> None:
    page = told("C")
    plain = plain_card(page, Status.ISSUED)

    late = [flag.ref for flag in plain.change if flag.is_late]
    assert late == ["RF-11"]
    assert "RF-09" not in {flag.ref for flag in plain.change}
    assert len(plain.change) + plain.more_change == len(page.open_flags)
    assert plain.change[0].severity == "critical"
    assert plain.change_told is None


@pytest.mark.parametrize("status", OF_STATUS)
def test_a_card_that_does_not_hold_warns_in_plain_words(status: Status) -> None:
    assert plain_card(told("B"), status).warning == OF_STATUS[status]
    assert plain_card(told("B"), Status.ISSUED).warning is None


def test_every_letter_and_every_answer_has_its_sentence() -> None:
    assert set(OF_LETTER) == set(Letter)
    assert set(OF_STATE) == set(GradeState) - {GradeState.GRADED}
    assert set(TEXTS) == set(ABOUT) == set(AnswerCode)
    assert len(set(TEXTS.values())) == len(AnswerCode)


def test_the_code_on_the_page_is_the_one_on_the_paper() -> None:
    path, cells = qr(URL)
    runs, side = qr_path(URL)

    assert cells == side
    assert path.count("M") == runs.count("re")
    first = runs.split(" re")[0].split()
    assert path.startswith(f"M{first[0]} {first[1]}h{first[2]}v{first[3]}h-")


def test_nothing_comes_before_zero_tolerance_without_a_plan() -> None:
    without_plan = card(grade=grade(74, Letter.B, SUSPENDING))
    suspended = told_card(without_plan, "en", lambda rule, _language: rule)
    graded, farm = told("C"), told("farm")

    assert suspended.priorities == ()
    assert suspended.priorities_told is not None
    assert suspended.priorities_told.startswith("Zero tolerance without an agreed plan")
    assert graded.priorities_told is None
    assert [one.is_late for one in graded.priorities if one.action.ref == "CA-21"] == [
        True
    ]
    assert farm.priorities_told == "No corrective action is open."


def test_a_farm_is_not_marked_on_the_map_and_a_mill_only_within_its_country() -> None:
    farm, mill = told("farm").map, told("C").map

    assert farm is not None
    assert farm.point is None
    assert "not marked" in farm.says
    assert mill is not None
    assert mill.point is not None
    assert 0 <= mill.point[0] <= mill.width
    assert 0 <= mill.point[1] <= mill.height
