"""A policy: what was decided, from which day on, and whose decision it was.

A policy is data. Its entries ship as a file beside the feature that reads them; a
programme may decide otherwise for itself, from a day on (`queries.in_force`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any, ClassVar, Generic, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field

SOURCE_CHARACTERS = 500


def _itself(value: Any) -> Any:
    return value


@dataclass(frozen=True)
class Bound:
    """How far a programme may go at one place of an entry: never laxer than what ships.

    `rank` puts the values in order; `is_ceiling` tells that a greater one is laxer.
    """

    path: tuple[str, ...]
    is_ceiling: bool
    rank: Callable[[Any], Any] = _itself

    @property
    def field(self) -> str:
        return ".".join(self.path)

    def value(self, entry: BaseModel) -> Any:
        """Return what stands at the place; None where an entry leaves it out."""
        found: Any = entry
        for name in self.path:
            is_mapping = isinstance(found, Mapping)
            found = found.get(name) if is_mapping else getattr(found, name, None)
        return found

    def is_kept(self, entry: BaseModel, shipped: BaseModel) -> bool:
        """Tell whether the entry is at least as strict here as the one that ships."""
        if self.value(entry) is None:
            return self.value(shipped) is None
        given, limit = (self.rank(self.value(one)) for one in (entry, shipped))
        return bool(given <= limit if self.is_ceiling else given >= limit)


def at_most(*path: str, rank: Callable[[Any], Any] = _itself) -> Bound:
    """Return the bound of what may be made less and never more, such as a deadline."""
    return Bound(path, is_ceiling=True, rank=rank)


def at_least(*path: str, rank: Callable[[Any], Any] = _itself) -> Bound:
    """Return the bound of what may be made more and never less, such as a sample."""
    return Bound(path, is_ceiling=False, rank=rank)


class Entry(BaseModel):
    """What holds from a day on, and who says so."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    bounds: ClassVar[tuple[Bound, ...]] = ()

    valid_from: Annotated[date, Field(description="The first day on which it holds.")]
    source: Annotated[
        str,
        Field(
            min_length=10,
            max_length=SOURCE_CHARACTERS,
            description="Who decided so, and where that can be read.",
        ),
    ]

    def breaches(self, shipped: "Entry") -> tuple[Bound, ...]:
        """Return the bounds that this entry does not keep against what ships."""
        return tuple(one for one in self.bounds if not one.is_kept(self, shipped))


Decided = TypeVar("Decided", bound=Entry)


@dataclass(frozen=True, eq=False)
class Policy(Generic[Decided]):
    """A policy under its name, with the entries that ship, the oldest first."""

    name: str
    title: str  # a text of the catalogue
    model: type[Decided]
    entries: tuple[Decided, ...]

    def on(self, day: date) -> Decided:
        """Return what ships for `day`; a day before the first entry takes the first."""
        return latest(self.entries, day) or self.entries[0]


def latest(entries: Sequence[Decided], day: date) -> Decided | None:
    """Return the last of the entries, the oldest first, that holds on `day`."""
    return next((one for one in reversed(entries) if one.valid_from <= day), None)


def read_policy(
    name: str, title: str, model: type[Decided], file: Path
) -> Policy[Decided]:
    """Return the policy of a file, or raise ValueError saying what is wrong with it."""
    with file.open("rb") as stream:
        written = yaml.safe_load(stream)
    entries = tuple(model.model_validate(entry) for entry in written or ())
    days = [entry.valid_from for entry in entries]
    if not days or days != sorted(set(days)):
        raise ValueError(f"{file.name}: entries stand in the order of their first day.")
    return Policy(name, title, model, entries)
