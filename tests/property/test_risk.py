"""The laws of a risk, on random sites: looking away never makes one look better."""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TypeVar

from hypothesis import given
from hypothesis import strategies as some

from compliance.risk.codes import RiskLevel
from compliance.risk.document import document_of
from compliance.risk.facts import (
    SHARES,
    Brokers,
    Flaw,
    Promises,
    Said,
    SiteFacts,
    Supplier,
    Tally,
    Told,
    Visit,
    Workforce,
    standing_of,
)
from compliance.risk.formula import Assessment, assess
from compliance.risk.inherent import children_of, goods_of
from rules import Outcome, Severity
from rules.vocabulary import Commodity
from tests.risk_facts import GOOD, POLICY
from tests.risk_facts import ON as TODAY

Anything = TypeVar("Anything")
ORDER = (RiskLevel.LOW, RiskLevel.MEDIUM, RiskLevel.HIGH)

COUNTRIES = ("CO", "BR", "EC", "XX")
PERHAPS = (None, False, True)


@dataclass
class Chance:
    """Random facts from one seed: cheaper by far than a strategy for each of them."""

    drawn: random.Random

    def some(self, most: int) -> int:
        return self.drawn.randint(0, most)

    def number(self, most: int) -> int | None:
        return self.drawn.choice((None, self.some(most), self.some(most)))

    def is_so(self) -> bool:
        return self.drawn.random() < 0.5

    def day(self) -> date:
        return TODAY - timedelta(days=self.some(900))

    def visit(self) -> Visit:
        pick = self.drawn.choice
        if self.is_so():
            return GOOD  # now and then, so that every level is reached
        return Visit(
            visited_on=self.day(),
            season=pick(("main_harvest", "outside_harvest", "not_known")),
            harvest=pick((None, "2026-main", "2025-main")),
            notice=pick(("unannounced", "announced", "unknown")),
            payer=pick((None, "site", "programme")),
            interviews_held=self.number(12),
            interviews_planned=self.number(10),
            had_off_site=pick(PERHAPS),
            spent_minutes=self.number(500),
            planned_minutes=self.number(480),
            files_arrived=self.number(4),
            files_named=self.number(4),
            team=2,
            qualified=self.some(2),
            led_before=self.number(4),
            is_flagged=pick(PERHAPS),
            is_reviewed=self.is_so(),
        )

    def flaw(self) -> Flaw:
        return Flaw(
            severity=self.drawn.choice(tuple(Severity)),
            is_open=True,
            is_past_due=self.is_so(),
            came_back=self.is_so(),
            is_disclosed=self.is_so(),
        )

    def closed(self) -> Flaw:
        found = self.flaw()
        return replace(found, is_open=False, is_past_due=False, closed_on=self.day())

    def supplier(self) -> Supplier:
        share = self.drawn.choice((None, self.some(500), self.some(SHARES)))
        return Supplier(share, self.drawn.choice(tuple(RiskLevel)))

    def several(self, make: Callable[[], Anything], most: int = 3) -> list[Anything]:
        return [make() for _ in range(self.some(most))]

    def tallies(self) -> tuple[Tally, Tally]:
        """Return how rules stand, and those of management among them."""
        whole = [self.some(40), self.some(6), self.some(30) if self.is_so() else 0]
        part = [min(one, self.some(9)) for one in whole]
        return Tally(*whole), Tally(*part)

    def promises(self) -> Promises:
        return Promises(*(self.some(4) for _ in range(6)))

    def workforce(self) -> Workforce | None:
        if self.is_so():
            return None
        return Workforce("2026-main", *(self.number(60) for _ in range(4)))

    def site(self) -> SiteFacts:
        rules, management = self.tallies()
        country = self.drawn.choice(COUNTRIES)
        is_mill, is_clean = self.is_so(), self.is_so()
        return SiteFacts(
            on=TODAY,
            country=country,
            commodity=Commodity.COFFEE,
            goods=goods_of(country, Commodity.COFFEE, TODAY),
            children=children_of(country, TODAY),
            workforce=self.workforce(),
            brokers=Brokers("2026", self.is_so()) if self.is_so() else None,
            is_harvest=self.drawn.choice(PERHAPS),
            harvest=self.drawn.choice((None, "2026-main")),
            rules=rules,
            management=management,
            topics_determined=self.some(8) if rules.determinate else 0,
            flaws=tuple(
                self.several(self.closed)
                if is_clean
                else [*self.several(self.flaw), *self.several(self.closed)]
            ),
            promises=Promises() if is_clean else self.promises(),
            visits=tuple(self.several(self.visit)),
            supply=tuple(self.several(self.supplier, 4)) if is_mill else None,
        )


chances = some.integers(0, 2**40).map(
    lambda seed: Chance(random.Random(seed))  # noqa: S311 - chance, and no secret
)


def assessed(facts: SiteFacts) -> Assessment:
    return assess(facts, POLICY)


def is_no_better(now: RiskLevel, before: RiskLevel) -> bool:
    """Tell whether a level is as bad as another at least; unknown is better than none."""
    if now is RiskLevel.UNKNOWN:
        return True
    if before is RiskLevel.UNKNOWN:
        return now is RiskLevel.HIGH
    return ORDER.index(now) >= ORDER.index(before)


def require_no_better(now: Assessment, before: Assessment) -> None:
    assert is_no_better(now.level, before.level), (before.level, now.level)
    assert now.score >= before.score


@given(chances)
def test_a_finding_more_never_makes_a_site_better(chance: Chance) -> None:
    facts = chance.site()
    before = assessed(facts)

    now = assessed(replace(facts, flaws=(*facts.flaws, chance.flaw())))

    require_no_better(now, before)


@given(chances)
def test_a_worse_finding_never_makes_a_site_better(chance: Chance) -> None:
    facts, one, other = chance.site(), chance.flaw(), chance.flaw()
    order = list(Severity)
    worse = replace(
        one,
        severity=min(one.severity, other.severity, key=order.index),
        is_past_due=one.is_past_due or other.is_past_due,
        came_back=one.came_back or other.came_back,
    )
    before = assessed(replace(facts, flaws=(*facts.flaws, one)))

    now = assessed(replace(facts, flaws=(*facts.flaws, worse)))

    require_no_better(now, before)


@given(chances)
def test_closing_a_verified_finding_never_raises_the_score(chance: Chance) -> None:
    facts, flaw = chance.site(), chance.flaw()
    before = assessed(replace(facts, flaws=(*facts.flaws, flaw)))
    done = replace(flaw, is_open=False, is_past_due=False, closed_on=chance.day())

    now = assessed(replace(facts, flaws=(*facts.flaws, done)))

    assert now.score <= before.score


@given(chances)
def test_a_visit_less_never_makes_a_risk_surer_or_better(chance: Chance) -> None:
    less = chance.site()
    before = assessed(replace(less, visits=(chance.visit(), *less.visits)))

    now = assessed(less)

    require_no_better(now, before)
    assert now.confidence <= before.confidence


MISSING: dict[str, object] = {
    "season": "not_known",
    "notice": "unknown",
    "payer": None,
    "interviews_held": None,
    "interviews_planned": None,
    "spent_minutes": None,
    "files_arrived": None,
    "qualified": 0,
    "led_before": None,
    "is_flagged": None,
    "is_reviewed": False,
}


@given(chances, some.sampled_from(sorted(MISSING)))
def test_a_visit_that_tells_less_never_makes_a_risk_surer_or_better(
    chance: Chance, name: str
) -> None:
    facts, visit = chance.site(), chance.visit()
    less = replace(visit, **{name: MISSING[name]})  # type: ignore[arg-type]
    before = assessed(replace(facts, visits=(*facts.visits, visit)))

    now = assessed(replace(facts, visits=(*facts.visits, less)))

    require_no_better(now, before)
    assert now.confidence <= before.confidence


@given(chances, some.integers(1, 700))
def test_an_older_visit_never_makes_a_risk_surer_or_better(
    chance: Chance, older: int
) -> None:
    facts, visit = chance.site(), chance.visit()
    aged = replace(visit, visited_on=visit.visited_on - timedelta(days=older))
    before = assessed(replace(facts, visits=(*facts.visits, visit)))

    now = assessed(replace(facts, visits=(*facts.visits, aged)))

    require_no_better(now, before)
    assert now.confidence <= before.confidence


@given(chances, some.sampled_from(("workforce", "goods", "children", "is_harvest")))
def test_a_fact_less_about_the_site_never_makes_it_better(
    chance: Chance, name: str
) -> None:
    facts = chance.site()
    before = assessed(facts)

    now = assessed(replace(facts, **{name: None}))  # type: ignore[arg-type]

    require_no_better(now, before)


@given(chances, some.sampled_from(("met", "not_met")))
def test_a_rule_without_an_answer_never_makes_a_site_surer_or_better(
    chance: Chance, said: str
) -> None:
    facts = chance.site()
    rules = facts.rules
    known = replace(rules, **{said: getattr(rules, said) + 1})
    dropped = replace(rules, undetermined=rules.undetermined + 1)
    before = assessed(replace(facts, rules=known))

    now = assessed(replace(facts, rules=dropped))

    require_no_better(now, before)
    assert now.confidence <= before.confidence


@given(chances)
def test_a_supplier_of_whom_less_is_known_never_makes_a_mill_better(
    chance: Chance,
) -> None:
    facts, supplier = chance.site(), chance.supplier()
    others = facts.supply or ()
    unknown = supplier._replace(level=RiskLevel.UNKNOWN)
    before = assessed(replace(facts, supply=(*others, supplier)))

    less = assessed(replace(facts, supply=(*others, unknown)))
    nothing = assessed(replace(facts, supply=others))

    require_no_better(less, before)
    assert less.confidence <= before.confidence
    is_within = sum(one.basis_points or 0 for one in (*others, supplier)) <= SHARES
    assert not is_within or is_no_better(nothing.level, before.level)
    assert not is_within or nothing.score >= before.score


@given(chances)
def test_low_is_shown_by_visits_and_by_answers(chance: Chance) -> None:
    facts = chance.site()

    found = assessed(facts)

    grave = {Severity.ZERO_TOLERANCE, Severity.CRITICAL}
    assert found.level is not RiskLevel.LOW or (
        facts.visits
        and 100 * facts.rules.determinate >= 60 * facts.rules.applicable
        and found.confidence >= 50
        and not any(one.is_open and one.severity in grave for one in facts.flaws)
        and (found.upstream is None or found.upstream.unknown <= 10)
    )


@given(chances)
def test_no_data_is_never_low(chance: Chance) -> None:
    facts = chance.site()
    nothing = SiteFacts(on=facts.on, country=facts.country, commodity=facts.commodity)
    unseen = replace(facts, visits=(), rules=Tally(), management=Tally(), flaws=())

    found = assessed(unseen)

    assert assessed(nothing).level is RiskLevel.UNKNOWN
    assert found.level in {RiskLevel.UNKNOWN, RiskLevel.HIGH}
    assert found.confidence == 0


@given(chances)
def test_the_order_of_what_is_known_never_matters(chance: Chance) -> None:
    facts = chance.site()
    shuffled = {
        name: tuple(chance.drawn.sample(given, len(given)))
        for name in ("flaws", "visits", "supply")
        if (given := getattr(facts, name)) is not None
    }

    again = assessed(replace(facts, **shuffled))  # type: ignore[arg-type]

    assert document_of(again) == document_of(assessed(facts))


TOPIC_OF = {
    "wages": "wages_and_hours",
    "policy": "grievance_and_management",
    "hours": "wages_and_hours",
}
CLEAR = (Outcome.CONFORMITY, Outcome.NON_CONFORMITY, Outcome.UNDETERMINED)


@given(chances, some.sampled_from(sorted(TOPIC_OF)))
def test_an_open_finding_never_counts_as_a_rule_kept(chance: Chance, rule: str) -> None:
    pick = chance.drawn.choice
    said = [
        Said(one, TOPIC_OF[one], pick(CLEAR), chance.day())
        for one in (pick(sorted(TOPIC_OF)) for _ in range(1 + chance.some(7)))
    ]
    without = standing_of(said, {})
    mixed = chance.drawn.sample(said, len(said))

    with_it = standing_of(mixed, {rule: Told(True, None, None)})

    assert with_it.rules.met <= without.rules.met
    assert with_it.rules.applicable == without.rules.applicable
    assert with_it.rules.determinate == without.rules.determinate
    assert standing_of(mixed, {}) == without
