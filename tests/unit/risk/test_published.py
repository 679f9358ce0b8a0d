"""The published formula is the one that works: its example, and the numbers it names."""

from dataclasses import replace
from datetime import date
from pathlib import Path

from compliance.risk.codes import PartCode, RiskLevel
from compliance.risk.facts import Flaw, Promises, Tally
from compliance.risk.formula import assess
from rules import Severity
from tests.risk_facts import CLEAN, GOOD, POLICY

PAGE = (Path(__file__).parents[3] / "docs" / "risk.md").read_text("utf-8")
EL_MIRADOR = replace(
    CLEAN,
    rules=Tally(met=57, not_met=1, undetermined=2),
    management=Tally(met=8, undetermined=2),
    flaws=(Flaw(Severity.MAJOR, is_open=True),),
    promises=Promises(kept=1),
    visits=(replace(GOOD, had_off_site=None),),
)


def test_the_published_example_comes_out_as_it_says() -> None:
    found = assess(EL_MIRADOR, POLICY)

    points = {code: part.score for code, part in found.parts.items()}
    assert points == {
        PartCode.INHERENT: 41,
        PartCode.MANAGEMENT: 17,
        PartCode.OUTCOME: 16,
    }
    assert (found.score, found.confidence) == (23, 99)
    assert found.level is RiskLevel.LOW
    for told in ("= 22.5, rounded **23**", "= **99**", "| 41 |", "| 17 |", "| 16 |"):
        assert told in PAGE


def test_the_example_fades_as_it_says() -> None:
    """Its season is left as it was, so that age alone is seen."""
    later = {
        day: assess(replace(EL_MIRADOR, on=day), POLICY)
        for day in (date(2027, 11, 3), date(2028, 5, 3), date(2028, 11, 3))
    }

    assert [one.level for one in later.values()] == [
        RiskLevel.LOW,
        RiskLevel.MEDIUM,
        RiskLevel.UNKNOWN,
    ]
    assert [one.confidence for one in later.values()] == [74, 49, 19]


def test_the_page_names_the_numbers_of_the_policy() -> None:
    outcome, inherent = POLICY.outcome.open, POLICY.inherent
    weights = POLICY.confidence.weights
    said = (
        "score = (25 × inherent + 25 × management + 50 × outcome) / 100",
        " / ".join(str(outcome[one]) for one in Severity),
        f"{inherent.broker} / {inherent.broker_without_licence} |",
        f"**high** from {POLICY.levels.high}, **medium** from {POLICY.levels.medium}",
        f"zero tolerance {POLICY.floors.zero_tolerance};",
        f"critical {POLICY.floors.critical_past_due} past due,",
        f"{POLICY.floors.critical} before;",
        f"major {POLICY.floors.major_past_due} past due",
        f"have {POLICY.supply.share} %",
        f"the score is at least {POLICY.supply.floor}",
        *(f"| {code} | {weight} |" for code, weight in weights.items()),
    )

    flowing = " ".join(PAGE.split())
    assert [one for one in said if " ".join(one.split()) not in flowing] == []
