"""The parts of a card's page: what each tells, in the words of one language."""

from dataclasses import dataclass

from compliance.scorecards.codes import (
    FindingStatus,
    Letter,
    RiskLevel,
    Severity,
    Topic,
)
from compliance.scorecards.content import Scorecard
from compliance.scorecards.drawing.performance import Totals
from compliance.scorecards.drawing.words import Words


@dataclass(frozen=True)
class ToldGate:
    """One gate: what was found there, and what it did to the letter."""

    text: str
    effect: str
    sign: str
    where: str


@dataclass(frozen=True)
class ToldTopic:
    """One topic as a row: figures as texts, and the length of its bar."""

    code: Topic
    name: str
    score: int | None
    letter: Letter | None
    previous: int | None
    change: str
    changed: str
    share: str
    is_low: bool
    is_applicable: bool
    counts: tuple[tuple[str, int], ...]
    open_flags: tuple[str, ...]


@dataclass(frozen=True)
class ToldFlag:
    """One red flag: its rule, its law, whom it touches, and how it stands."""

    ref: str
    rule: str
    title: str
    severity: Severity
    severity_name: str
    laws: tuple[str, ...]
    people: str
    is_counted: bool
    sources: str
    status: FindingStatus
    status_name: str
    due: str | None
    is_late: bool
    actions: tuple[str, ...]


@dataclass(frozen=True)
class ToldAction:
    """One corrective action, one thing owed to people, or a commitment of the buyer."""

    ref: str
    flag: str | None
    text: str
    share: int | None
    share_told: str
    status: FindingStatus
    status_name: str
    agreed: str
    due: str


@dataclass(frozen=True)
class ToldPriority:
    """One action that falls due soon, and how grave its flag is."""

    severity: Severity
    action: ToldAction
    due: str
    is_late: bool


@dataclass(frozen=True)
class ToldMap:
    """The outline of a country as one path of SVG, and where the site is, if told."""

    path: str
    width: float
    height: float
    point: tuple[float, float] | None
    says: str


@dataclass(frozen=True)
class ToldTier:
    """One tier of the supply chain."""

    name: str
    count: str
    volume: str
    risk: RiskLevel
    risk_name: str
    is_own: bool


@dataclass(frozen=True)
class ToldPoint:
    """One score of the past, or of this card, and where it stands in the chart."""

    year: int
    score: int | None
    x: float
    y: float | None


@dataclass(frozen=True)
class ToldCard:
    """All that the page of a card shows of its document."""

    card: Scorecard
    words: Words
    place: str
    kind: str
    registers: tuple[tuple[str, str], ...]
    fieldwork: str
    products: str
    is_graded: bool
    heading: str
    score_line: str
    gates: tuple[ToldGate, ...]
    figures: tuple[tuple[str, str], ...]
    topics: tuple[ToldTopic, ...]
    totals: Totals
    determinable: str
    points: tuple[ToldPoint, ...]
    severities: tuple[tuple[Severity, str, str, int], ...]
    glance: str
    priorities: tuple[ToldPriority, ...]
    priorities_told: str | None
    flags: tuple[ToldFlag, ...]
    actions: tuple[ToldAction, ...]
    remedies: tuple[ToldAction, ...]
    commitments: tuple[ToldAction, ...]
    chain: tuple[ToldTier, ...]
    map: ToldMap | None
    facts: tuple[tuple[str, str], ...]

    @property
    def is_capped(self) -> bool:
        grade = self.card.grade
        return grade.letter is not None and grade.letter != grade.letter_by_score

    @property
    def open_flags(self) -> tuple[ToldFlag, ...]:
        closed = FindingStatus.VERIFIED_CLOSED
        return tuple(flag for flag in self.flags if flag.status is not closed)
