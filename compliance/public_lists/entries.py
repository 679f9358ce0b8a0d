"""Rows → entries: who each is about in every edition, and whether anything changed.

What a list says does not depend on the order of its rows, so neither do the entries.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from compliance.imports.names import folded
from compliance.public_lists.legal_forms import core
from compliance.public_lists.numbers import compared
from compliance.public_lists.reading import (
    TWICE,
    Listed,
    ReadList,
    RowNote,
    RowOutcome,
    RowReport,
)
from compliance.public_lists.schemes import NumberScheme

Digest = Callable[[NumberScheme, str, str | None], bytes]


@dataclass(frozen=True)
class Entry:
    """A row as it is kept: a number has a value, or, of a person, a digest."""

    listed: Listed
    key: str
    fingerprint: str
    values: tuple[tuple[NumberScheme, str], ...]
    digests: tuple[tuple[NumberScheme, bytes], ...]


def entries_of(listed: Iterable[Listed], digest: Digest) -> tuple[Entry, ...]:
    """Return the entries of a list, in the order of their keys.

    Rows that say the same are one entry. Of several about the same that differ, such as
    two establishments of one employer, each has a key of its own.
    """
    by_key: dict[str, dict[str, Entry]] = defaultdict(dict)
    for one in sorted(listed, key=lambda row: row.row):
        entry = _entry(one, digest)
        by_key[entry.key].setdefault(entry.fingerprint, entry)
    return tuple(_numbered(by_key))


def without_twins(read: ReadList) -> ReadList:
    """Return a list whose report tells of the rows that say what one before them says."""
    first: dict[Listed, int] = {}
    twins: dict[int, int] = {}
    for one in sorted(read.listed, key=lambda row: row.row):
        said = _said(one)
        if said in first:
            twins[one.row] = first[said]
        else:
            first[said] = one.row
    report = tuple(
        RowReport(
            one.row,
            RowOutcome.LEFT_OUT,
            (RowNote(None, TWICE, facts={"row": twins[one.row]}),),
        )
        if one.row in twins
        else one
        for one in read.report
    )
    listed = tuple(one for one in read.listed if one.row not in twins)
    return ReadList(listed, report, read.noticed)


def _said(one: Listed) -> Listed:
    """Return a row without its number, its words folded."""
    return Listed(
        row=0,
        is_person=one.is_person,
        name=_folded(one.name),
        country=one.country,
        region=_folded(one.region),
        good=_folded(one.good),
        commodity=one.commodity,
        child_labour=one.child_labour,
        forced_labour=one.forced_labour,
        forced_child_labour=one.forced_child_labour,
        from_on=one.from_on,
        until_on=one.until_on,
        numbers=one.numbers,
    )


def _numbered(by_key: dict[str, dict[str, Entry]]) -> Iterator[Entry]:
    for key in sorted(by_key):
        ranked = [by_key[key][one] for one in sorted(by_key[key])]
        for place, entry in enumerate(ranked):
            own = key if place == 0 else _sha256(f"{key}\n{place + 1}")
            yield Entry(
                entry.listed, own, entry.fingerprint, entry.values, entry.digests
            )


def _entry(one: Listed, digest: Digest) -> Entry:
    numbers = sorted(one.numbers)
    digests = tuple(
        (scheme, digest(scheme, value, one.country))
        for scheme, value in numbers
        if one.is_person
    )
    values = () if one.is_person else tuple(numbers)
    told = [f"{scheme}={value.hex()}" for scheme, value in digests]
    told += ["=".join(compared(scheme, value, one.country)) for scheme, value in values]
    said = [
        _folded(one.name),
        one.country,
        _folded(one.region),
        _folded(one.good),
        one.child_labour,
        one.forced_labour,
        one.forced_child_labour,
        one.from_on and one.from_on.isoformat(),
        one.until_on and one.until_on.isoformat(),
        told,
    ]
    about = told[0] if told else f"{one.country}\n{core(one.name or '')}"
    return Entry(
        listed=one,
        key=_sha256(f"{about}\n{_folded(one.good)}"),
        fingerprint=_sha256(json.dumps(said)),
        values=values,
        digests=digests,
    )


def _folded(text: str | None) -> str | None:
    return None if text is None else folded(text)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
