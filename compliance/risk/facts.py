"""What a risk is worked out from: facts of one site on one day, and nothing of anybody.

None is what nobody knows, and never zero or no.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from compliance.risk.codes import RiskLevel
from compliance.risk.inherent import Children, Goods
from rules import Outcome, Severity

TOPICS = 8
SHARES = 10_000  # basis points of a volume that make the whole


@dataclass(frozen=True, slots=True)
class Workforce:
    """How many are hired in a season, and how many of them are of three kinds."""

    season: str
    hired: int | None
    temporary: int | None
    migrant: int | None
    piece_rate: int | None


@dataclass(frozen=True, slots=True)
class Brokers:
    """Whether some of those who brought workers in a season had no licence that held."""

    season: str
    without_licence: bool


@dataclass(frozen=True, slots=True)
class Tally:
    """How many rules that apply are known to be kept, known to be broken, or open."""

    met: int = 0
    not_met: int = 0
    undetermined: int = 0

    @property
    def applicable(self) -> int:
        return self.met + self.not_met + self.undetermined

    @property
    def determinate(self) -> int:
        return self.met + self.not_met


@dataclass(frozen=True, slots=True)
class Flaw:
    """A finding that was not withdrawn, as far as a risk knows it."""

    severity: Severity
    is_open: bool
    is_past_due: bool = False
    came_back: bool = False
    closed_on: date | None = None
    is_disclosed: bool = False


@dataclass(frozen=True, slots=True)
class Promises:
    """What became of corrective actions, and of what is owed to people: how many each."""

    lapsed: int = 0
    not_effective: int = 0
    late: int = 0
    kept: int = 0
    remedy_overdue: int = 0
    remedy_verified: int = 0


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit by somebody from outside that was assessed and still stands."""

    visited_on: date
    season: str = "not_known"
    harvest: str | None = None  # the harvest of the calendar, such as 2026-main
    notice: str = "unknown"
    payer: str | None = None
    interviews_held: int | None = None
    interviews_planned: int | None = None
    had_off_site: bool | None = None
    spent_minutes: int | None = None
    planned_minutes: int | None = None
    files_arrived: int | None = None
    files_named: int | None = None
    team: int = 0
    qualified: int = 0
    led_before: int | None = None
    is_flagged: bool | None = None
    is_reviewed: bool = False


class Supplier(NamedTuple):
    """One way into a mill: the share of its volume, and the supplier's own risk."""

    basis_points: int | None
    level: RiskLevel


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """All that is known of a site on a day. `supply` is None of what is no mill."""

    on: date
    country: str
    commodity: str
    goods: Goods | None = None
    children: Children | None = None
    workforce: Workforce | None = None
    brokers: Brokers | None = None
    is_harvest: bool | None = None
    harvest: str | None = None  # the one that is on, or else the last
    rules: Tally = field(default_factory=Tally)
    management: Tally = field(default_factory=Tally)
    topics_determined: int = 0
    flaws: tuple[Flaw, ...] = ()
    promises: Promises = field(default_factory=Promises)
    visits: tuple[Visit, ...] = ()
    supply: tuple[Supplier, ...] | None = None


class Said(NamedTuple):
    """What one assessment said of a rule, on which day."""

    rule: str
    topic: str
    outcome: Outcome
    on: date


class Told(NamedTuple):
    """How the findings about a rule stand: open, or closed until a day, or mistaken."""

    is_open: bool
    closed_on: date | None
    withdrawn_until: date | None


class Standing(NamedTuple):
    """How the rules of a site stand: all, those of management, topics with an answer."""

    rules: Tally
    management: Tally
    topics_determined: int


NOT_KNOWN = Told(is_open=False, closed_on=None, withdrawn_until=None)
MANAGEMENT = "grievance_and_management"


def standing_of(said: Iterable[Said], told: Mapping[str, Told]) -> Standing:
    """Return how each rule stands after all visits: the last clear answer counts.

    What is found and not closed is broken, whatever a later visit said. What was closed
    by somebody independent after it was seen is kept; what was withdrawn as mistaken is
    open again. An undetermined answer takes nothing back.
    """
    last: dict[str, Said] = {}
    for one in said:
        before = last.get(one.rule)
        if before is None or _counts_more(one, before):
            last[one.rule] = one
    counted: dict[str, list[int]] = {}
    for rule, one in last.items():
        outcome = _settled(one, told.get(rule, NOT_KNOWN))
        if outcome is not Outcome.NOT_APPLICABLE:
            counts = counted.setdefault(one.topic, [0, 0, 0])
            counts[PLACES[outcome]] += 1
    all_rules = [sum(column) for column in zip(*counted.values(), strict=True)]
    return Standing(
        rules=Tally(*all_rules),
        management=Tally(*counted.get(MANAGEMENT, ())),
        topics_determined=sum(
            bool(met + broken) for met, broken, _ in counted.values()
        ),
    )


PLACES = {
    Outcome.CONFORMITY: 0,
    Outcome.NON_CONFORMITY: 1,
    Outcome.UNDETERMINED: 2,
}
# Of two answers of one day the worse one counts, so that no order matters.
BADNESS = {
    Outcome.NOT_APPLICABLE: 0,
    Outcome.CONFORMITY: 1,
    Outcome.NON_CONFORMITY: 2,
}


def _counts_more(one: Said, before: Said) -> bool:
    if one.outcome is Outcome.UNDETERMINED:
        return False
    if before.outcome is Outcome.UNDETERMINED:
        return True
    return (one.on, BADNESS[one.outcome]) > (before.on, BADNESS[before.outcome])


def _settled(one: Said, told: Told) -> Outcome:
    if told.is_open and one.outcome is not Outcome.UNDETERMINED:
        return Outcome.NON_CONFORMITY
    if one.outcome is not Outcome.NON_CONFORMITY:
        return one.outcome
    if told.closed_on is not None and one.on <= told.closed_on:
        return Outcome.CONFORMITY
    if told.withdrawn_until is not None and one.on <= told.withdrawn_until:
        return Outcome.UNDETERMINED
    return one.outcome
