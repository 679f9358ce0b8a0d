"""What is known of a country and a commodity before anybody visits, by edition."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, Self, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from rules.vocabulary import Commodity

FILE = Path(__file__).parent / "inherent.yaml"
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Source(_Part):
    title: str
    publisher: str
    url: str
    licence: str


class Edition(_Part):
    """A publication, by the year it names itself, and the day from which it was known."""

    edition: int
    known_from: date
    source: str
    confidence: Literal["verified", "partly_verified"]


class Listed(_Part):
    child_labour: tuple[Country, ...]
    forced_labour: tuple[Country, ...]


class GoodsList(Edition):
    listed: Mapping[Commodity, Listed]


class WorkingChildren(_Part):
    """How many children of an age work, of a thousand."""

    per_mille: Annotated[int, Field(ge=0, le=1000)]
    ages: Annotated[str, Field(pattern=r"^\d{1,2}-\d{1,2}$")]


class Prevalence(Edition):
    working_children: Mapping[Country, WorkingChildren]


class Facts(_Part):
    """The whole file, checked: every entry names a source, the oldest stands first."""

    sources: Mapping[str, Source]
    goods: Annotated[tuple[GoodsList, ...], Field(min_length=1)]
    prevalence: Annotated[tuple[Prevalence, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def is_whole(self) -> Self:
        """Refuse an entry without its source, or out of order."""
        for entries in (self.goods, self.prevalence):
            days = [one.known_from for one in entries]
            if days != sorted(set(days)):
                raise ValueError("Editions stand in the order of their days.")
            for one in entries:
                if one.source not in self.sources:
                    raise ValueError(f"Nothing is told of the source {one.source}.")
        return self


@dataclass(frozen=True)
class Goods:
    """What the goods list says of a country and a commodity, and which edition of it."""

    edition: int
    child_labour: bool
    forced_labour: bool


@dataclass(frozen=True)
class Children:
    """How many children work in a country: tenths of a per cent, of which ages."""

    percent_tenths: int
    ages: str
    year: int


Dated = TypeVar("Dated", bound=Edition)


def read_facts(file: Path = FILE) -> Facts:
    """Return the facts of a file, or raise ValueError saying what is wrong with it."""
    with file.open("rb") as stream:
        return Facts.model_validate(yaml.safe_load(stream))


FACTS = read_facts()


def goods_of(
    country: str, commodity: Commodity, day: date, facts: Facts = FACTS
) -> Goods | None:
    """Return what the list known on a day says; None where none speaks of the good."""
    edition = _known_on(facts.goods, day)
    listed = edition.listed.get(commodity) if edition else None
    if edition is None or listed is None:
        return None
    return Goods(
        edition.edition, country in listed.child_labour, country in listed.forced_labour
    )


def said_too(known: Goods | None, others: Iterable[Goods]) -> Goods | None:
    """Return what is known with what other lists say: they can add, and take nothing."""
    for one in others:
        before = known or Goods(one.edition, child_labour=False, forced_labour=False)
        known = Goods(
            edition=max(before.edition, one.edition),
            child_labour=before.child_labour or one.child_labour,
            forced_labour=before.forced_labour or one.forced_labour,
        )
    return known


def children_of(country: str, day: date, facts: Facts = FACTS) -> Children | None:
    """Return how many children work in a country, as far as it was known on a day."""
    edition = _known_on(facts.prevalence, day)
    found = edition.working_children.get(country) if edition else None
    if edition is None or found is None:
        return None
    return Children(found.per_mille, found.ages, edition.edition)


def _known_on(editions: Sequence[Dated], day: date) -> Dated | None:
    return next((one for one in reversed(editions) if one.known_from <= day), None)
