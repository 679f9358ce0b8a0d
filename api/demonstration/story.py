"""The story as it is written in `data/`, read and checked before anything is loaded."""

from datetime import date
from decimal import Decimal
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Annotated, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field

from audits.visits.models import Notice
from compliance.findings.lifecycle import EvidenceKind, Reason, Step
from compliance.identity.models import Role
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


class CourseStep(_Written):
    """One step about every finding of a visit, some days after it."""

    after: int
    by: Role
    step: Step
    due_after: int | None = None
    evidence: EvidenceKind | None = None
    reason: Reason | None = None


class VisitWritten(_Written):
    chain: Commodity
    id: str = ""
    again: str | None = None
    departs: list[str] = []
    notice: Notice = Notice.UNANNOUNCED
    course: str | None = None
    # Whether the visit found earlier findings gone and closes them.
    verifies: bool = False


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


class Story(_Written):
    """Who, where, and which visit found what."""

    name: str
    exporter: Exporter
    founded_on: date
    people: list[PersonWritten]
    chains: list[Chain]
    shown: Shown
    money: dict[str, dict[int, Money]]
    courses: dict[str, list[CourseStep]]
    seasons: list[Season]


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
