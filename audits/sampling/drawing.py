"""The draw itself: a pure function of a frozen frame and a seed.

`docs/sampling.md` tells the same in words, and `verify_draw.py` does it a second time
from those words; a test has them agree.
"""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import rfc8785

ALGORITHM = "atalaya-draw-1"
ATTRIBUTES = ("village", "size", "hires_labour")

Stratum = tuple[str, ...]  # a value for each of the attributes


@dataclass(frozen=True)
class Candidate:
    """A site that can be drawn: its public id and its stratum, and nothing else."""

    site: str
    stratum: Stratum


@dataclass(frozen=True)
class Frame:
    """All that a draw depends on but the seed. Its hash is fixed before the seed is."""

    mill: str
    season: str
    commodity: str
    programme: str | None
    level: str
    factor_percent: int
    least: int
    reserve_percent: int
    size: int
    reserves: int
    candidates: tuple[Candidate, ...]

    def document(self) -> dict[str, Any]:
        """Return the frame as it is published, its sites in the order of their ids."""
        return {
            "algorithm": ALGORITHM,
            "mill": self.mill,
            "season": self.season,
            "commodity": self.commodity,
            "programme": self.programme,
            "level": self.level,
            "factor_percent": self.factor_percent,
            "least": self.least,
            "reserve_percent": self.reserve_percent,
            "size": self.size,
            "reserves": self.reserves,
            "attributes": list(ATTRIBUTES),
            "sites": [
                {"site": one.site, "stratum": list(one.stratum)}
                for one in sorted(self.candidates, key=lambda one: one.site)
            ],
        }

    def written(self) -> bytes:
        """Return the frame as canonical JSON (RFC 8785)."""
        return rfc8785.dumps(self.document())


@dataclass(frozen=True)
class Draw:
    """The sites drawn and the reserves, each in the order of the draw."""

    drawn: tuple[Candidate, ...]
    reserves: tuple[Candidate, ...]


@dataclass(frozen=True)
class Lot:
    """Chance that anybody can repeat: a hash of the seed, the frame and what it is for."""

    seed: str
    frame_sha256: str

    def number(self, purpose: str, text: str = "") -> int:
        """Return a number of 256 bits."""
        parts = (ALGORITHM, self.seed, self.frame_sha256, purpose, text)
        return int.from_bytes(hashlib.sha256("\n".join(parts).encode()).digest(), "big")

    def of_site(self, candidate: Candidate) -> tuple[int, str]:
        """Return what a site is ordered by."""
        return self.number("site", candidate.site), candidate.site


def hash_of(frame: Frame) -> str:
    """Return the SHA-256 of a frame in hexadecimal digits."""
    return hashlib.sha256(frame.written()).hexdigest()


def draw(frame: Frame, seed: str) -> Draw:
    """Return what a frame and a seed come to; permuting the frame changes nothing."""
    lot = Lot(seed, hash_of(frame))
    strata = by_stratum(frame.candidates, lot)
    counts = {stratum: len(sites) for stratum, sites in strata.items()}
    drawn = allocate(counts, frame.size, lot, "drawn")
    left = {stratum: count - drawn[stratum] for stratum, count in counts.items()}
    reserves = allocate(left, frame.reserves, lot, "reserves")
    return Draw(
        _ordered((sites[: drawn[key]] for key, sites in strata.items()), lot),
        _ordered(
            (
                sites[drawn[key] : drawn[key] + reserves[key]]
                for key, sites in strata.items()
            ),
            lot,
        ),
    )


def by_stratum(
    candidates: Iterable[Candidate], lot: Lot
) -> dict[Stratum, list[Candidate]]:
    """Return the sites of each stratum in the order in which they are drawn."""
    strata: dict[Stratum, list[Candidate]] = {}
    for candidate in candidates:
        strata.setdefault(candidate.stratum, []).append(candidate)
    return {key: sorted(strata[key], key=lot.of_site) for key in sorted(strata)}


def allocate(
    counts: Mapping[Stratum, int], seats: int, lot: Lot, purpose: str
) -> dict[Stratum, int]:
    """Share seats among strata in proportion to their sites.

    Each gets the whole part of its share. The seats that are left go by lot, and the
    chance of a stratum is the fraction that is left of its share: so every site of the
    base has the same chance, also where a stratum has less than one seat. No stratum
    gets more seats than it has sites.
    """
    total = sum(counts.values())
    if total == 0:
        return dict.fromkeys(counts, 0)
    shares = {key: divmod(seats * count, total) for key, count in counts.items()}
    given = {key: whole for key, (whole, _) in shares.items()}

    # The fractions stand end to end on a line; one mark in each `total` of it, the
    # first by lot, falls into a stratum that gets a seat.
    mark = lot.number(f"{purpose} start") % total
    position = 0
    for key in sorted(counts, key=lambda one: _place(lot, purpose, one)):
        position += shares[key][1]
        if mark < position:
            given[key] += 1
            mark += total
    return given


def _place(lot: Lot, purpose: str, stratum: Stratum) -> tuple[int, Stratum]:
    text = rfc8785.dumps(list(stratum)).decode()
    return lot.number(f"{purpose} stratum", text), stratum


def _ordered(parts: Iterable[Sequence[Candidate]], lot: Lot) -> tuple[Candidate, ...]:
    chosen = [candidate for part in parts for candidate in part]
    return tuple(sorted(chosen, key=lot.of_site))


def replacement(
    out: Candidate, reserves: Sequence[Candidate], used: Collection[str]
) -> Candidate | None:
    """Return the reserve that takes the place of a site; None where none is left.

    The next of its own stratum, else of the nearest: the one that differs in the fewest
    attributes, and of several the one whose first difference comes last.
    """
    free = [
        (_distance(out.stratum, one.stratum), place, one)
        for place, one in enumerate(reserves)
        if one.site not in used
    ]
    return min(free, key=lambda one: one[:2])[2] if free else None


def _distance(one: Stratum, other: Stratum) -> tuple[int, tuple[bool, ...]]:
    differs = tuple(a != b for a, b in zip(one, other, strict=True))
    return sum(differs), differs


def strata_told(
    candidates: Iterable[Candidate], drawn: Collection[str], reserves: Collection[str]
) -> list[tuple[Stratum, int, int, int]]:
    """Return each stratum with its sites, those drawn of them, and its reserves."""
    sites: Counter[Stratum] = Counter()
    chosen: Counter[Stratum] = Counter()
    kept: Counter[Stratum] = Counter()
    for one in candidates:
        sites[one.stratum] += 1
        chosen[one.stratum] += one.site in drawn
        kept[one.stratum] += one.site in reserves
    return [(key, sites[key], chosen[key], kept[key]) for key in sorted(sites)]
