"""Which sites a row might be: by number surely, by name and place perhaps.

A name alone never makes two the same: it makes a pair that a person decides. Names are
compared only within a block, the sites of one kind, commodity and country that share
a municipality (or department, or a square on the ground) and the beginning of a word, so
that a hundred thousand rows meet a hundred thousand sites in seconds.
"""

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from itertools import chain
from operator import itemgetter
from typing import Any

from rapidfuzz import fuzz, process

from compliance.imports.names import core, folded
from compliance.texts import N_

NAMES_ALIKE = 82  # of 100, for the names without generic words
ENOUGH = 75  # of 100, names and places together
ADDRESSES_ALIKE = 85
AGAINST = 25  # what two numbers of one register take off
MOST_CANDIDATES = 5
LARGEST_BLOCK = 2_000
PREFIX = 3
SQUARE_DEGREES = 0.02
NEAR_KILOMETRES = 2.0
FAR_KILOMETRES = 20.0
KILOMETRES_IN_A_DEGREE = 111.2
# Squares are numbered from west to east, and in these strips from south to north.
STRIP = 10_000
AROUND = tuple(STRIP * x + y for x in (-1, 0, 1) for y in (-1, 0, 1))


class Reason(StrEnum):
    """Why two are thought to be the same, or what speaks against it."""

    SAME_NUMBER = "same_number"
    SAME_ROW = "same_row"
    SAME_LINE = "same_line"
    LEFT_OUT = "left_out"
    SAME_NAME = "same_name"
    NAMES_ALIKE = "names_alike"
    SAME_POINT = "same_point"
    NEAR = "near"
    SAME_MUNICIPALITY = "same_municipality"
    SAME_ADMIN1 = "same_admin1"
    ADDRESSES_ALIKE = "addresses_alike"
    PLACE_UNKNOWN = "place_unknown"
    OTHER_NUMBER = "other_number"


REASONS: Mapping[Reason, str] = {
    Reason.SAME_NUMBER: N_("the same {scheme} number"),
    Reason.SAME_ROW: N_("a row that says the same was imported before"),
    Reason.LEFT_OUT: N_("a row that says the same was left out before"),
    Reason.SAME_LINE: N_("the same line stands twice in the list"),
    Reason.SAME_NAME: N_("the same name"),
    Reason.NAMES_ALIKE: N_("names alike, {score} of 100"),
    Reason.SAME_POINT: N_("the same point"),
    Reason.NEAR: N_("{kilometres} km apart"),
    Reason.SAME_MUNICIPALITY: N_("the same municipality"),
    Reason.SAME_ADMIN1: N_("the same department, state or province"),
    Reason.ADDRESSES_ALIKE: N_("addresses alike, {score} of 100"),
    Reason.OTHER_NUMBER: N_("but another {scheme} number"),
    Reason.PLACE_UNKNOWN: N_("nothing is known to tell their places apart"),
}


Said = tuple[Reason, Mapping[str, int | float | str]]


@dataclass(frozen=True, slots=True)
class Known:
    """A site of the register, or an earlier row: what it can be compared by."""

    site: str | None
    row: int | None
    name: str
    core: str
    admin1: str
    municipality: str
    locality: str
    latitude: float | None
    longitude: float | None
    numbers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A site, or an earlier row, that a row might be; `score` is of 100."""

    site: str | None
    row: int | None
    name: str
    score: int
    reasons: tuple[Said, ...]

    def packed(self) -> list[Any]:
        return [self.site, self.row, self.name, self.score, self.reasons]


def known_of(
    values: Mapping[str, Any], *, site: str | None = None, row: int | None = None
) -> Known:
    """Return what a row, or a site, is compared by."""
    return Known(
        site=site,
        row=row,
        name=values["name"],
        core=core(values["name"]),
        admin1=folded(values.get("admin1") or ""),
        municipality=folded(values.get("municipality") or ""),
        locality=folded(values.get("locality") or ""),
        latitude=values.get("latitude"),
        longitude=values.get("longitude"),
        numbers=values.get("identifiers") or {},
    )


Realm = tuple[str, str, str]  # kind, commodity, country
Places = list[int]  # where in a realm somebody stands
Block = defaultdict[Any, Places]


def _block() -> Block:
    return defaultdict(list)


@dataclass
class _Blocks:
    """The sites of one realm, by what they share and the beginnings of their words."""

    known: list[Known] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    by_municipality: Block = field(default_factory=_block)
    by_admin1: Block = field(default_factory=_block)
    by_admin1_only: Block = field(default_factory=_block)
    placeless: Block = field(default_factory=_block)
    by_name: Block = field(default_factory=_block)
    by_square: defaultdict[int, Places] = field(default_factory=_block)

    def add(self, known: Known) -> None:
        place = len(self.known)
        self.known.append(known)
        self.names.append(known.core)
        for start in _starts(known.core):
            if known.municipality:
                self.by_municipality[known.municipality, start].append(place)
                if known.admin1:
                    self.by_admin1[known.admin1, start].append(place)
            elif known.admin1:
                self.by_admin1_only[known.admin1, start].append(place)
            else:
                self.placeless["", start].append(place)
        self.by_name[known.core].append(place)
        square = _square(known)
        if square is not None:
            self.by_square[square].append(place)

    def about(self, known: Known) -> list[Places]:
        """Return the blocks in which somebody alike would stand."""
        starts = _starts(known.core)
        found: list[Places] = []
        if known.municipality:
            found += _smallest(self.by_municipality, known.municipality, starts)
        elif known.admin1:
            found += _smallest(self.by_admin1, known.admin1, starts)
        elif (named := self.by_name.get(known.core)) is not None:
            found.append(named)
        if known.admin1 and self.by_admin1_only:
            found += _smallest(self.by_admin1_only, known.admin1, starts)
        if self.placeless:
            found += _smallest(self.placeless, "", starts)
        square = _square(known)
        if square is not None:
            get = self.by_square.get
            found += [block for step in AROUND if (block := get(square + step))]
        return [block for block in found if len(block) <= LARGEST_BLOCK]


def _smallest(blocks: Block, area: str, starts: Collection[str]) -> list[Places]:
    """Return the two smallest blocks of an area: rare words tell more than common ones."""
    found = [block for one in starts if (block := blocks.get((area, one))) is not None]
    return found if len(found) <= 2 else sorted(found, key=len)[:2]


@dataclass
class Index:
    """Sites and rows by realm and block; what is added can be found from then on."""

    realms: dict[Realm, _Blocks] = field(default_factory=dict)

    def add(self, realm: Realm, known: Known) -> None:
        blocks = self.realms.get(realm)
        if blocks is None:
            blocks = self.realms[realm] = _Blocks()
        blocks.add(known)

    def candidates(self, realm: Realm, known: Known) -> tuple[Candidate, ...]:
        """Return whom a row might be, the likeliest first."""
        blocks = self.realms.get(realm)
        if blocks is None:
            return ()
        found: dict[tuple[str | None, int | None], Candidate] = {}
        for other, score in _names_alike(known.core, blocks, blocks.about(known)):
            candidate = _judged(known, other, score)
            if candidate is not None:
                _keep_better(found, candidate)
        ranked = sorted(found.values(), key=lambda one: (-one.score, one.row or 0))
        return tuple(ranked[:MOST_CANDIDATES])


def _keep_better(
    found: dict[tuple[str | None, int | None], Candidate], candidate: Candidate
) -> None:
    key = candidate.site, candidate.row
    if key not in found or found[key].score < candidate.score:
        found[key] = candidate


def _names_alike(
    name: str, blocks: _Blocks, about: Iterable[Places]
) -> Iterator[tuple[Known, int]]:
    """Yield those of the blocks whose names are alike, each once, compared in one go."""
    places = list(dict.fromkeys(chain.from_iterable(about)))
    names = blocks.names
    alike = process.extract(
        name,
        [names[place] for place in places],
        scorer=fuzz.ratio,
        processor=None,
        score_cutoff=NAMES_ALIKE,
        limit=None,
    )
    for _, score, at in sorted(alike, key=itemgetter(2)):
        yield blocks.known[places[at]], int(score)


@lru_cache(maxsize=20_000)
def _starts(name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word[:PREFIX] for word in name.split()))


def _square(known: Known) -> int | None:
    if known.latitude is None or known.longitude is None:
        return None
    x = math.floor(known.longitude / SQUARE_DEGREES)
    return STRIP * x + math.floor(known.latitude / SQUARE_DEGREES)


def _judged(known: Known, other: Known, score: int) -> Candidate | None:
    """Weigh names (70) and places (30); None where the places tell them apart."""
    placed = _places(known, other)
    if placed is None:
        return None
    weight, reasons = placed
    against = _other_number(known, other)
    if against is not None:
        weight, reasons = weight - AGAINST, (*reasons, against)
    total = round(score * 0.7 + weight)
    if total < ENOUGH:
        return None
    if folded(known.name) == folded(other.name):
        said: Said = (Reason.SAME_NAME, {})
    else:
        said = (Reason.NAMES_ALIKE, {"score": score})
    return Candidate(other.site, other.row, other.name, total, (said, *reasons))


def _other_number(known: Known, other: Known) -> Said | None:
    """Two numbers of one register speak for two sites, though a site may get another."""
    for scheme, value in known.numbers.items():
        theirs = other.numbers.get(scheme)
        if theirs is not None and theirs != value:
            return Reason.OTHER_NUMBER, {"scheme": scheme}
    return None


_Placed = tuple[int, tuple[Said, ...]]


def _places(known: Known, other: Known) -> _Placed | None:
    kilometres = _apart(known, other)
    if kilometres is not None and kilometres <= NEAR_KILOMETRES:
        if kilometres == 0:
            return 30, ((Reason.SAME_POINT, {}),)
        return 30, ((Reason.NEAR, {"kilometres": round(kilometres, 1)}),)
    if kilometres is not None and kilometres > FAR_KILOMETRES:
        return None
    if known.municipality and other.municipality:
        if known.municipality != other.municipality:
            return None
        return _with_addresses(known, other, 28, Reason.SAME_MUNICIPALITY)
    if known.admin1 and other.admin1:
        if known.admin1 != other.admin1:
            return None
        return _with_addresses(known, other, 22, Reason.SAME_ADMIN1)
    return _with_addresses(known, other, 15, Reason.PLACE_UNKNOWN)


def _with_addresses(known: Known, other: Known, weight: int, reason: Reason) -> _Placed:
    if not known.locality or not other.locality:
        return weight, ((reason, {}),)
    score = round(fuzz.token_set_ratio(known.locality, other.locality))
    if score >= ADDRESSES_ALIKE:
        return 30, ((Reason.ADDRESSES_ALIKE, {"score": score}),)
    return max(0, weight - 10), ((reason, {}),)


def _apart(known: Known, other: Known) -> float | None:
    if known.latitude is None or other.latitude is None:
        return None
    if known.longitude is None or other.longitude is None:
        return None
    shrink = math.cos(math.radians(known.latitude))
    return KILOMETRES_IN_A_DEGREE * math.hypot(
        known.latitude - other.latitude, (known.longitude - other.longitude) * shrink
    )
