"""The facts a rule may read: their type, unit, options, range and roster."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property

from rules.texts import Text
from rules.units import Unit

AnswerValue = bool | int | str | frozenset[str] | date


class Roster(StrEnum):
    CHILDREN = "children"
    WORKERS = "workers"


class Kind(StrEnum):
    YES_NO = "yes_no"
    INTEGER = "integer"
    CHOICE = "choice"
    CHOICES = "choices"
    DAY = "day"


class Sensitive(StrEnum):
    """Whom an answer could hurt if it were read by the wrong person."""

    CHILD = "child"
    WORKER = "worker"
    THIRD_PARTY = "third_party"


class Worse(StrEnum):
    """Which answer can only weigh against a site, never for it."""

    TRUE = "true"
    FALSE = "false"
    HIGHER = "higher"
    LOWER = "lower"
    MORE = "more"
    FEWER = "fewer"

    @property
    def rises(self) -> bool:
        return self in (Worse.TRUE, Worse.HIGHER, Worse.MORE)


class Commodity(StrEnum):
    COFFEE = "coffee"
    PALM_OIL = "palm_oil"


class SiteKind(StrEnum):
    PRODUCER = "producer"
    MILL = "mill"


@dataclass(frozen=True, slots=True)
class FactDefinition:
    name: str
    roster: Roster | None
    title: Text
    kind: Kind
    unit: Unit | None = None
    lowest: int = 0
    highest: int = 0
    options: Mapping[str, Text] = field(default_factory=dict, hash=False)
    sensitive: Sensitive | None = None
    worse: Worse | None = None
    """None where both answers can weigh against a site, or neither."""
    is_about_migrants: bool = False
    """It tells who came from elsewhere, or how those who did are treated."""

    @property
    def id(self) -> str:
        return f"{self.roster}.{self.name}" if self.roster else self.name


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """Every fact by its id, in the order of the book; the same only if it is one."""

    facts: Mapping[str, FactDefinition]

    @cached_property
    def by_roster(self) -> Mapping[Roster | None, Mapping[str, FactDefinition]]:
        """The facts of the audit (under None) and of each roster, by bare name."""
        grouped: dict[Roster | None, dict[str, FactDefinition]] = {
            None: {},
            **{roster: {} for roster in Roster},
        }
        for fact in self.facts.values():
            grouped[fact.roster][fact.name] = fact
        return grouped
