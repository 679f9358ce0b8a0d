"""What a book is made of: rules with their citations and examples, and the edition."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property

from rules.expressions import Condition
from rules.mistakes import Place
from rules.parameters import ParameterDefinition
from rules.texts import Text
from rules.vocabulary import Commodity, Roster, SiteKind, Vocabulary


class Topic(StrEnum):
    CHILD_LABOUR = "child_labour"
    FORCED_LABOUR = "forced_labour"
    WAGES_AND_HOURS = "wages_and_hours"
    RECRUITMENT_AND_CONTRACTS = "recruitment_and_contracts"
    HEALTH_AND_SAFETY = "health_and_safety"
    FREEDOM_OF_ASSOCIATION = "freedom_of_association"
    EQUAL_TREATMENT = "equal_treatment"
    GRIEVANCE_AND_MANAGEMENT = "grievance_and_management"


class Severity(StrEnum):
    """How much a non-conformity weighs, the heaviest first."""

    ZERO_TOLERANCE = "zero_tolerance"
    CRITICAL = "critical"
    MAJOR = "major"
    MINOR = "minor"


class Status(StrEnum):
    """Whether a rule counts, or is only watched while it is tried out."""

    ACTIVE = "active"
    SHADOW = "shadow"


class Step(StrEnum):
    """How far a forced-labour rule goes; only a competent body confirms."""

    INDICATOR = "indicator"
    SUSPECTED = "suspected"


class Outcome(StrEnum):
    CONFORMITY = "conformity"
    NON_CONFORMITY = "non_conformity"
    UNDETERMINED = "undetermined"
    NOT_APPLICABLE = "not_applicable"


class Grounds(StrEnum):
    """On how sure a reading of the law a verdict stands."""

    SETTLED = "settled"
    UNVERIFIED_LAW = "unverified_law"
    DISPUTED_LAW = "disputed_law"


class InstrumentKind(StrEnum):
    CONVENTION = "convention"
    LAW = "law"
    STANDARD = "standard"
    GUIDANCE = "guidance"


@dataclass(frozen=True, slots=True)
class Instrument:
    """What a rule may cite; a national instrument names its country."""

    id: str
    title: Text
    kind: InstrumentKind
    country: str | None = None


@dataclass(frozen=True, slots=True)
class Source:
    id: str
    title: str
    publisher: str
    year: int | None
    url: str | None
    read: str


@dataclass(frozen=True, slots=True)
class Indicator:
    """An ILO indicator of forced labour."""

    id: str
    title: Text
    dimensions: tuple[str, ...] = ()
    description: Text | None = None


@dataclass(frozen=True, slots=True)
class Citation:
    instrument: str
    article: str


@dataclass(frozen=True, slots=True)
class Period:
    """The days on which a rule is in force: `[start, end)`."""

    start: date
    end: date | None = None

    def holds_on(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day < self.end)


@dataclass(frozen=True, slots=True)
class Scopes:
    """Where a rule applies; an empty scope applies everywhere."""

    countries: frozenset[str] = frozenset()
    commodities: frozenset[Commodity] = frozenset()
    site_kinds: frozenset[SiteKind] = frozenset()

    def admit(self, country: str, commodity: Commodity, site_kind: SiteKind) -> bool:
        return (
            (not self.countries or country in self.countries)
            and (not self.commodities or commodity in self.commodities)
            and (not self.site_kinds or site_kind in self.site_kinds)
        )


@dataclass(frozen=True)
class Example:
    """A case that shows one outcome: an answers document, and the verdict it must get."""

    id: str
    why: str
    document: Mapping[str, object]
    verdict: Outcome
    severity: Severity | None
    grounds: Grounds | None
    place: Place


@dataclass(frozen=True)
class DerivedDefinition:
    """A condition with a name, of the audit or of each member of a roster."""

    name: str
    roster: Roster | None
    title: Text
    when: Condition

    @property
    def id(self) -> str:
        return f"{self.roster}.{self.name}" if self.roster else self.name


@dataclass(frozen=True)
class Rule:
    id: str
    topic: Topic
    title: Text
    severity: Severity
    status: Status
    idea: str | None
    step: Step | None
    indicator: str | None
    cites: tuple[Citation, ...]
    in_force: Period
    scopes: Scopes
    applies_when: Condition | None
    flag_when: Condition
    remedy: Text
    examples: tuple[Example, ...]
    place: Place
    logic_hash: str = ""
    text_hash: str = ""
    note: Text | None = None
    """Why the rule is as it is: what its idea left open, whom it does not reach."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a rule says of one audit; `severity` is what it weighs on these grounds."""

    rule: str
    outcome: Outcome
    severity: Severity
    grounds: Grounds
    logic_hash: str


@dataclass(frozen=True, eq=False)
class Book:
    """One edition, checked as a whole; two books are the same only if they are one."""

    edition: str
    title: Text
    in_force: Period
    valid_until: date | None
    sha256: str
    countries: frozenset[str]
    vocabulary: Vocabulary
    parameters: Mapping[str, ParameterDefinition]
    derived: Mapping[str, DerivedDefinition]
    rules: tuple[Rule, ...]
    instruments: Mapping[str, Instrument]
    indicators: Mapping[str, Indicator] = field(default_factory=dict)
    sources: Mapping[str, Source] = field(default_factory=dict)

    @cached_property
    def rule_by_id(self) -> Mapping[str, Rule]:
        return {rule.id: rule for rule in self.rules}
