"""How somebody else's list names sites: our ids, or numbers of other registers.

A number is looked for as it would be kept, however it was written. Where a list does not
say whose number it is, it is looked for under every register that could have given it;
nothing is guessed, and what fits several sites is told as ambiguous.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from compliance.problems import Kind, Problem
from compliance.registry.models import IdentifierScheme
from compliance.registry.numbers import (
    TAX_READERS,
    NumberMalformed,
    nit_digit,
    read_number,
)
from compliance.texts import N_, translate

SITE_ID = re.compile(r"site_[0-9a-z]{16}", re.ASCII)
NIT = re.compile(r"(\d{5,10})(?:-(\d))?", re.ASCII)
SIGNS = re.compile(r"[ ./-]")
# Without signs, with the check digit and without.
TAX_LENGTHS: Mapping[str, range] = {
    "BR": range(14, 15),
    "CO": range(5, 12),
    "EC": range(13, 14),
    "PE": range(11, 12),
}
ANY_LENGTH = range(1, 101)
# GLN, OS Hub ids and LEI are kept without the signs that people put between.
PARTED = re.compile(r"[ .-]")
WITHOUT_SIGNS = frozenset({13, 15, 20})
TOLD_AT_MOST = 20


class NamedTwice(Problem):
    kind = Kind.INVALID
    title = N_("The list names something twice")
    detail = N_(
        "Each identifier may stand once. {count} stand again; the first few are in "
        "'errors', with the place where each stood before."
    )


class NumbersMalformed(Problem):
    kind = Kind.INVALID
    title = N_("Some numbers of the list cannot be right")
    detail = N_(
        "Nothing was looked up. {count} numbers cannot be of the scheme they are given "
        "under; the first few are in 'errors'. Correct them, or leave 'scheme' out."
    )


STOOD_BEFORE = N_("It stands at place {place} already; leave one of them out.")


@dataclass(frozen=True)
class Name:
    """What a list calls a site: a value, and whose number it is where that was said."""

    value: str
    scheme: IdentifierScheme | None = None

    @property
    def is_site_id(self) -> bool:
        return self.scheme is None and SITE_ID.fullmatch(self.value) is not None


@dataclass(frozen=True)
class Wanted:
    """What is looked for: ids of sites, and numbers as registers keep them.

    Each leads to the places of the list it was read from; `schemes` are the registers
    that are asked.
    """

    ids: Mapping[str, int] = field(default_factory=dict)
    numbers: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    schemes: frozenset[IdentifierScheme] = frozenset()


def wanted_of(names: Sequence[Name], language: str) -> Wanted:
    """Return what a list asks for.

    Raise NamedTwice where something stands in it twice, NumbersMalformed where a number
    could never have been given by the register it is said to be of.
    """
    _refuse_repeated(names, language)
    ids: dict[str, int] = {}
    numbers: dict[str, list[int]] = {}
    said: set[IdentifierScheme | None] = set()
    mistakes: list[dict[str, object]] = []
    for place, name in enumerate(names):
        if name.is_site_id:
            ids[name.value] = place
            continue
        try:
            values = _as_kept(name)
        except NumberMalformed as wrong:
            mistakes.append(_mistake(place, name, wrong.told(language)))
            continue
        said.add(name.scheme)
        for value in values:
            numbers.setdefault(value, []).append(place)
    if mistakes:
        raise NumbersMalformed(count=len(mistakes), errors=mistakes[:TOLD_AT_MOST])
    found = {value: tuple(places) for value, places in numbers.items()}
    asked = IdentifierScheme if None in said else said
    return Wanted(ids, found, frozenset(one for one in asked if one is not None))


def _refuse_repeated(names: Sequence[Name], language: str) -> None:
    first: dict[tuple[IdentifierScheme | None, str], int] = {}
    mistakes: list[dict[str, object]] = []
    for place, name in enumerate(names):
        key = name.scheme, " ".join(name.value.split())
        before = first.setdefault(key, place)
        if before != place:
            remedy = translate(STOOD_BEFORE, language, place=before)
            mistakes.append(_mistake(place, name, remedy))
    if mistakes:
        raise NamedTwice(count=len(mistakes), errors=mistakes[:TOLD_AT_MOST])


def _mistake(place: int, name: Name, remedy: str) -> dict[str, object]:
    where = f"body.identifiers.{place}"
    return {"field": where, "given": name.value, "remedy": remedy}


def _as_kept(name: Name) -> Iterable[str]:
    """Return a number as it may be kept; NumberMalformed where its scheme allows none."""
    plain = " ".join(name.value.split())
    if name.scheme is IdentifierScheme.TAX_NUMBER:
        return _tax_numbers(plain)
    if name.scheme is not None:
        return [read_number(name.scheme, plain, "").value]
    found = _tax_numbers(plain)
    compact = PARTED.sub("", plain).upper()
    if len(compact) in WITHOUT_SIGNS:
        found[compact] = None
    return found


def _tax_numbers(plain: str) -> dict[str, None]:
    """Return a tax number as any country would keep it; a NIT with its digit and without.

    Whose law it is under is known of the site alone; a number that one country's law
    refuses may be another's.
    """
    found = {plain: None}
    length = len(SIGNS.sub("", plain))
    for country in TAX_READERS:
        if length not in TAX_LENGTHS.get(country, ANY_LENGTH):
            continue
        try:
            found[read_number(IdentifierScheme.TAX_NUMBER, plain, country).value] = None
        except NumberMalformed:
            continue
    for value in tuple(found):
        nit = NIT.fullmatch(value)
        if nit is not None:
            digits, check = nit.groups()
            found[digits if check else f"{digits}-{nit_digit(digits)}"] = None
    return found
