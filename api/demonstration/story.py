"""The story as it is written in `data/`, read and checked before anything is loaded."""

from collections.abc import Iterator
from datetime import date, time
from decimal import Decimal
from enum import StrEnum
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Annotated, Literal, Self, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from audits.sampling.policy import RiskLevel as SampledAs
from audits.visits.models import Notice
from compliance.commitments.lifecycle import CommitmentKind
from compliance.findings.lifecycle import EvidenceKind, Reason, Step
from compliance.identity.models import Role
from compliance.remedies.models import Proof, RemedyKind
from rules.vocabulary import Commodity

DATA = files("api.demonstration") / "data"

Plain = bool | int | Decimal | str | list[str]


class _Written(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Exporter(_Written):
    name: str
    country: str


class PersonWritten(_Written):
    role: Role
    name: str
    email: str
    language: str
    password: Annotated[str, Field(min_length=15)]


class MillWritten(_Written):
    name: str
    place: int
    area_hectares: int


class Chain(_Written):
    """A mill, the producer group that supplies it, and how its farms are invented."""

    commodity: Commodity
    group: str
    mill: MillWritten
    places: list[int]
    admin1: str
    farms: int
    hectares: tuple[int, int]
    covered_percent: Annotated[int, Field(gt=0, le=100)]
    joins_later_percent: Annotated[int, Field(ge=0, lt=100)]
    prefix: str
    nouns: list[str]
    qualifiers: list[str]


class Money(_Written):
    """What the law and the employer pay in a year, in whole units of the currency."""

    minimum_day: int
    pay_day: tuple[int, int]


class Planning(StrEnum):
    """What is done about the corrective actions of a visit's findings."""

    PROPOSE = "propose"
    AGREE = "agree"
    STOP = "stop"
    REPORT = "report"


class CourseStep(_Written):
    """One step about every finding of a visit, or about their plans, days after it."""

    after: int
    by: Role
    step: Step | None = None
    plan: Planning | None = None
    due_after: int | None = None
    evidence: EvidenceKind | None = None
    reason: Reason | None = None
    statement: str | None = None

    @property
    def called(self) -> str:
        return str(self.step or self.plan)


class Scene(StrEnum):
    """What a photograph shows; nobody stands in any of them."""

    PATIO = "patio"
    STORE = "store"
    TANK = "tank"
    QUARTERS = "quarters"
    BOARD = "board"
    PLOT = "plot"


class PhotographWritten(_Written):
    """A photograph that came with a visit: taken there, or that of an earlier visit."""

    scene: Scene | None = None
    label: str = ""
    of: str | None = None
    # Whether the telephone wrote down where it was.
    is_located: bool = True

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.scene is None) == (self.of is None):
            raise ValueError("a photograph has a scene, or is one of another visit")
        return self


class VisitWritten(_Written):
    chain: Commodity
    id: str = ""
    again: str | None = None
    departs: list[str] = []
    notice: Notice = Notice.UNANNOUNCED
    course: str | None = None
    # Whether the visit found earlier findings gone and closes them.
    verifies: bool = False
    photograph: PhotographWritten | None = None


class Season(_Written):
    year: int
    begins: date
    issued_on: date
    mills: list[VisitWritten]
    farms: list[VisitWritten]


class Shown(_Written):
    """What the report points at: a visit and a rule of it, and a scorecard."""

    visit: str
    rule: str
    year: int
    card: str


class LineWritten(_Written):
    """One line of the remedy ledger, some days after the visit."""

    after: int
    by: Role
    do: Literal["enter", "pay", "prove", "verify"]
    people: int | None = None
    amount: int | None = None
    proof: Proof = Proof.SITE_VISIT


class OwedWritten(_Written):
    """What people are owed because of a rule that a visit found broken."""

    visit: str
    rule: str
    kind: RemedyKind
    currency: str | None = None
    days: int
    lines: list[LineWritten]


class Buyer(_Written):
    """An organisation that is shown a site, with somebody who can sign in."""

    name: str
    country: str
    person: PersonWritten


class Promised(StrEnum):
    """What is done about a promise; that it was kept is not among it."""

    SHOWN = "shown"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    BEGUN = "begun"


class PromiseWritten(_Written):
    """What the buyer promises to a site, in minor units, and when."""

    site: str
    kind: CommitmentKind
    amount: int
    currency: str
    due_on: date
    shown_on: date
    offered_on: date
    accepted_on: date
    begun_on: date

    def days(self) -> Iterator[tuple[Promised, date]]:
        """Yield what is done on which day, in its order."""
        yield Promised.SHOWN, self.shown_on
        yield Promised.OFFERED, self.offered_on
        yield Promised.ACCEPTED, self.accepted_on
        yield Promised.BEGUN, self.begun_on


class Drawn(_Written):
    """A visit of the sample that was sent, and how far its review is."""

    number: int
    day: date
    at: time = time(7, 40)
    departs: list[str] = []
    review: Literal["hear", "return"] | None = None
    remark: str | None = None
    photograph: PhotographWritten | None = None


class UnderWay(_Written):
    """What is not finished when somebody looks."""

    chain: Commodity
    mill: str
    season: str
    level: SampledAs
    drawn_on: date
    fieldwork_from: date
    fieldwork_to: date
    assigned: int
    visits: list[Drawn]
    shown: list[str]
    asked_for: str


class Story(_Written):
    """Who, where, and which visit found what."""

    name: str
    # What is drawn by lot comes from this: more can be told, and nothing told moves.
    seed: str
    exporter: Exporter
    founded_on: date
    people: list[PersonWritten]
    chains: list[Chain]
    shown: Shown
    money: dict[str, dict[int, Money]]
    courses: dict[str, list[CourseStep]]
    seasons: list[Season]
    owed: list[OwedWritten] = []
    buyer: Buyer
    promise: PromiseWritten
    under_way: UnderWay | None = None


class Answering(_Written):
    """How a checklist is answered where all is well, and how a visit can depart."""

    good: dict[str, Plain]
    worker: dict[str, Plain]
    child: dict[str, Plain]
    workers: tuple[int, int]
    minutes: tuple[int, int]
    auditors: int
    varies: list[list[dict[str, object]]]
    departures: dict[str, dict[str, object]]


Model = TypeVar("Model", bound=BaseModel)


def read_story(file: Traversable = DATA / "story.yaml") -> Story:
    """Return the story, or raise ValueError saying what is wrong with it."""
    return _read(Story, file)


def read_answering(checklist: str) -> Answering:
    """Return how a packaged checklist is answered."""
    return _read(Answering, DATA / f"{checklist}.yaml")


def _read(model: type[Model], file: Traversable) -> Model:
    return model.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
