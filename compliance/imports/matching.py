"""Which sites a row might be: by number surely, by name and place perhaps.

A name alone never makes two the same: it makes a pair that a person decides. Names are
compared only within a block, the sites of one kind, commodity and country that share
a municipality (or department, or a square on the ground) and the beginning of a word, so
that a hundred thousand rows meet a hundred thousand sites in seconds.
"""

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy
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


@dataclass
class _Block:
    names: list[str] = field(default_factory=list)
    known: list[Known] = field(default_factory=list)

    def add(self, known: Known) -> None:
        self.names.append(known.core)
        self.known.append(known)


Realm = tuple[str, str, str]  # kind, commodity, country


@dataclass
class _Blocks:
    """The sites of one realm, by what they share and the beginnings of their words."""

    by_municipality: dict[tuple[str, str], _Block] = field(default_factory=dict)
    by_admin1: dict[tuple[str, str], _Block] = field(default_factory=dict)
    by_admin1_only: dict[tuple[str, str], _Block] = field(default_factory=dict)
    placeless: dict[tuple[str, str], _Block] = field(default_factory=dict)
    by_name: dict[tuple[str, str], _Block] = field(default_factory=dict)
    by_square: dict[tuple[int, int], _Block] = field(default_factory=dict)

    def add(self, known: Known) -> None:
        starts = _starts(known.core)
        for start in starts:
            if known.municipality:
                _put(self.by_municipality, (known.municipality, start), known)
                if known.admin1:
                    _put(self.by_admin1, (known.admin1, start), known)
            elif known.admin1:
                _put(self.by_admin1_only, (known.admin1, start), known)
            else:
                _put(self.placeless, ("", start), known)
        _put(self.by_name, ("", known.core), known)
        square = _square(known)
        if square is not None:
            _put(self.by_square, square, known)

    def about(self, known: Known) -> Iterator[_Block]:
        """Yield the blocks in which somebody alike would stand."""
        starts = _starts(known.core)
        if known.municipality:
            yield from _smallest(self.by_municipality, known.municipality, starts)
        elif known.admin1:
            yield from _smallest(self.by_admin1, known.admin1, starts)
        elif (named := self.by_name.get(("", known.core))) is not None:
            yield named
        if known.admin1:
            yield from _smallest(self.by_admin1_only, known.admin1, starts)
        yield from _smallest(self.placeless, "", starts)
        square = _square(known)
        if square is not None:
            yield from self._around(*square)

    def _around(self, x: int, y: int) -> Iterator[_Block]:
        for near_x in (x - 1, x, x + 1):
            for near_y in (y - 1, y, y + 1):
                if (block := self.by_square.get((near_x, near_y))) is not None:
                    yield block


def _put(blocks: dict[Any, _Block], key: Any, known: Known) -> None:
    block = blocks.get(key)
    if block is None:
        block = blocks[key] = _Block()
    block.add(known)


def _smallest(
    blocks: Mapping[tuple[str, str], _Block], area: str, starts: Collection[str]
) -> list[_Block]:
    """Return the two smallest blocks of an area: rare words tell more than common ones."""
    if not blocks:
        return []
    found = [block for one in starts if (block := blocks.get((area, one))) is not None]
    return sorted(found, key=lambda one: len(one.names))[:2]


@dataclass
class Index:
    """Sites and rows by realm and block; what is added can be found from then on."""

    realms: dict[Realm, _Blocks] = field(default_factory=dict)

    def add(self, realm: Realm, known: Known) -> None:
        self.realms.setdefault(realm, _Blocks()).add(known)

    def candidates(self, realm: Realm, known: Known) -> tuple[Candidate, ...]:
        """Return whom a row might be, the likeliest first."""
        blocks = self.realms.get(realm)
        if blocks is None:
            return ()
        judged: set[int] = set()
        found: dict[tuple[str | None, int | None], Candidate] = {}
        for block in blocks.about(known):
            if len(block.names) > LARGEST_BLOCK:
                continue
            for other, score in _names_alike(known.core, block):
                if id(other) in judged:
                    continue
                judged.add(id(other))
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


def _names_alike(name: str, block: _Block) -> Iterator[tuple[Known, int]]:
    if len(block.names) < 8:
        for other in block.known:
            score = fuzz.ratio(name, other.core, score_cutoff=NAMES_ALIKE)
            if score:
                yield other, int(score)
        return
    scores = process.cdist(
        [name],
        block.names,
        scorer=fuzz.ratio,
        score_cutoff=NAMES_ALIKE,
        dtype=numpy.uint8,
    )[0]
    for place in numpy.flatnonzero(scores).tolist():
        yield block.known[place], int(scores[place])


def _starts(name: str) -> set[str]:
    return {word[:PREFIX] for word in name.split()}


def _square(known: Known) -> tuple[int, int] | None:
    if known.latitude is None or known.longitude is None:
        return None
    return (
        math.floor(known.longitude / SQUARE_DEGREES),
        math.floor(known.latitude / SQUARE_DEGREES),
    )


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
