#!/usr/bin/env python3
"""Run a published draw again, with nothing but Python 3.9 and this file.

    python3 verify_draw.py inputs.json

The file is what GET /v1/draws/{id}/inputs answers. This script shares no code with the
product that made the draw; it follows docs/sampling.md.

The exit code is 0 when the draw is what its inputs come to, 1 when it is not, 2 when
the file cannot be read. `--language es` speaks Spanish.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
from collections.abc import Iterator, Sequence
from math import isqrt
from pathlib import Path
from typing import Any

ALGORITHM = "atalaya-draw-1"
SEED_DIGITS = 32
HEX = frozenset("0123456789abcdef")
UNREADABLE = (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError)

TEXTS: dict[str, dict[str, str]] = {
    "right": {
        "en": "The draw is right: {drawn} of {sites} sites drawn, {reserves} in reserve, {swaps} swapped.",
        "es": "El sorteo es correcto: {drawn} de {sites} sitios sorteados, {reserves} de reserva, {swaps} cambiados.",
    },
    "wrong": {"en": "WRONG: {fault}", "es": "MAL: {fault}"},
    "algorithm": {
        "en": "the draw was made by {told}; this script knows {known}",
        "es": "el sorteo se hizo con {told}; este programa conoce {known}",
    },
    "seed": {
        "en": "the seed is not 32 hexadecimal digits",
        "es": "la semilla no son 32 dígitos hexadecimales",
    },
    "hash": {
        "en": "the hash of the frame is {found}, and it says {told}",
        "es": "el hash del marco es {found}, y dice {told}",
    },
    "order": {
        "en": "the sites of the frame are not in order, or one stands twice",
        "es": "los sitios del marco no están en orden, o uno está dos veces",
    },
    "sizes": {
        "en": "{drawn} drawn and {reserves} in reserve are not what the factor comes to: {right_drawn} and {right_reserves}",
        "es": "{drawn} sorteados y {reserves} de reserva no son lo que da el factor: {right_drawn} y {right_reserves}",
    },
    "drawn": {
        "en": "drawn should be {right}; it says {told}",
        "es": "los sorteados deberían ser {right}; dice {told}",
    },
    "reserves": {
        "en": "in reserve should be {right}; it says {told}",
        "es": "las reservas deberían ser {right}; dice {told}",
    },
    "swap_of_none": {
        "en": "{out} was swapped and was not in the sample",
        "es": "{out} se cambió y no estaba en la muestra",
    },
    "swap_turn": {
        "en": "{out} was replaced by {into}; it was the turn of {right}",
        "es": "{out} se reemplazó por {into}; era el turno de {right}",
    },
    "unreadable": {
        "en": "{file} cannot be read as a draw: {reason}",
        "es": "{file} no se puede leer como un sorteo: {reason}",
    },
}

Fault = tuple[str, dict[str, Any]]
Stratum = tuple[str, ...]


def canonical(value: object) -> bytes:
    """Return JSON as RFC 8785 has it; a frame holds texts and whole numbers only."""
    written = json.dumps(
        value, ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )
    return written.encode("utf-8")


def number(seed: str, frame_hash: str, purpose: str, text: str = "") -> int:
    """Return the lot drawn for a purpose: a number of 256 bits."""
    said = "\n".join((ALGORITHM, seed, frame_hash, purpose, text))
    return int(hashlib.sha256(said.encode("utf-8")).hexdigest(), 16)


def sizes(frame: dict[str, Any]) -> tuple[int, int]:
    """Return how many sites are drawn and how many are in reserve."""
    count = len(frame["sites"])
    square = frame["factor_percent"] ** 2 * count
    root = isqrt(square)
    if root * root < square:
        root += 1
    size = min(count, max(frame["least"], (root + 99) // 100))
    reserves = min(count - size, (size * frame["reserve_percent"] + 99) // 100)
    return size, reserves


def share(
    counts: dict[Stratum, int], seats: int, seed: str, frame_hash: str, purpose: str
) -> dict[Stratum, int]:
    """Return how many of the seats each stratum gets."""
    total = sum(counts.values())
    given = dict.fromkeys(counts, 0)
    if total == 0:
        return given
    line = []
    for stratum in counts:
        text = canonical(list(stratum)).decode("utf-8")
        lot = number(seed, frame_hash, purpose + " stratum", text)
        line.append((lot, stratum))
    mark = number(seed, frame_hash, purpose + " start") % total
    end = 0
    for _, stratum in sorted(line):
        given[stratum] = seats * counts[stratum] // total
        end += seats * counts[stratum] % total
        if mark < end:
            given[stratum] += 1
            mark += total
    return given


def run(
    frame: dict[str, Any], seed: str, frame_hash: str
) -> tuple[list[str], list[str]]:
    """Return the sites drawn and the reserves, in the order of the draw."""
    size, reserve_size = sizes(frame)
    turns: dict[str, tuple[int, str]] = {}
    strata: dict[Stratum, list[str]] = {}
    for one in frame["sites"]:
        site = one["site"]
        turns[site] = (number(seed, frame_hash, "site", site), site)
        strata.setdefault(tuple(one["stratum"]), []).append(site)
    counts = {stratum: len(sites) for stratum, sites in strata.items()}
    taken = share(counts, size, seed, frame_hash, "drawn")
    left = {stratum: counts[stratum] - taken[stratum] for stratum in counts}
    kept = share(left, reserve_size, seed, frame_hash, "reserves")
    drawn: list[str] = []
    reserves: list[str] = []
    for stratum, sites in strata.items():
        in_turn = sorted(sites, key=turns.__getitem__)
        first, last = taken[stratum], taken[stratum] + kept[stratum]
        drawn += in_turn[:first]
        reserves += in_turn[first:last]
    return (
        sorted(drawn, key=turns.__getitem__),
        sorted(reserves, key=turns.__getitem__),
    )


def check_swaps(
    swaps: list[dict[str, Any]],
    frame: dict[str, Any],
    drawn: list[str],
    reserves: list[str],
) -> Iterator[Fault]:
    """Yield what is wrong with the swaps: each takes the reserve whose turn it is."""
    strata = {one["site"]: tuple(one["stratum"]) for one in frame["sites"]}
    sample, free = set(drawn), list(reserves)
    for swap in swaps:
        out, into = swap["out"], swap["in"]
        if out not in sample:
            yield "swap_of_none", {"out": out}
            continue
        right = nearest(strata, out, free)
        if into != right:
            yield "swap_turn", {"out": out, "into": into, "right": right}
        sample.discard(out)
        if into is not None:
            sample.add(into)
            free = [site for site in free if site != into]


def nearest(strata: dict[str, Stratum], out: str, free: list[str]) -> str | None:
    """Return the free reserve that is nearest to a site; None where none is left."""
    found = []
    for place, site in enumerate(free):
        pairs = zip(strata[out], strata[site])  # noqa: B905 - Python 3.9 has no strict
        differs = [one != other for one, other in pairs]
        found.append((sum(differs), differs, place))
    return free[min(found)[2]] if found else None


def check(said: dict[str, Any]) -> list[Fault]:
    """Return every way in which a published draw is not what its inputs come to."""
    frame, seed, frame_hash = said["frame"], said["seed"], said["frame_sha256"]
    if frame["algorithm"] != ALGORITHM:
        return [("algorithm", {"told": frame["algorithm"], "known": ALGORITHM})]
    faults: list[Fault] = []
    if len(seed) != SEED_DIGITS or not set(seed) <= HEX:
        faults.append(("seed", {}))
    found = hashlib.sha256(canonical(frame)).hexdigest()
    if found != frame_hash:
        faults.append(("hash", {"found": found, "told": frame_hash}))
    sites = [one["site"] for one in frame["sites"]]
    if sites != sorted(set(sites)):
        faults.append(("order", {}))
    right_drawn, right_reserves = sizes(frame)
    if (frame["size"], frame["reserves"]) != (right_drawn, right_reserves):
        facts = {"drawn": frame["size"], "reserves": frame["reserves"]}
        right = {"right_drawn": right_drawn, "right_reserves": right_reserves}
        faults.append(("sizes", {**facts, **right}))
    if faults:
        return faults
    drawn, reserves = run(frame, seed, frame_hash)
    for code, told, expected in (
        ("drawn", said["drawn"], drawn),
        ("reserves", said["reserves"], reserves),
    ):
        if told != expected:
            facts = {"right": ", ".join(expected) or "-", "told": ", ".join(told)}
            faults.append((code, facts))
    return faults or list(check_swaps(said["swaps"], frame, drawn, reserves))


def report(said: dict[str, Any], language: str) -> tuple[list[str], bool]:
    """Return what is to be said of a draw, line by line, and whether it is right."""
    faults = check(said)
    if faults:
        lines = [TEXTS[code][language].format(**facts) for code, facts in faults]
        return [TEXTS["wrong"][language].format(fault=one) for one in lines], False
    facts = {name: len(said[name]) for name in ("drawn", "reserves", "swaps")}
    sites = len(said["frame"]["sites"])
    return [TEXTS["right"][language].format(sites=sites, **facts)], True


def main(arguments: Sequence[str] | None = None) -> int:
    """Check the file named on the command line and tell of it."""
    spoken = (os.environ.get("LC_ALL") or os.environ.get("LANG") or "en")[:2]
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("inputs", type=Path)
    parser.add_argument(
        "--language", choices=("en", "es"), default="es" if spoken == "es" else "en"
    )
    given = parser.parse_args(arguments)
    try:
        said = json.loads(given.inputs.read_text(encoding="utf-8"))
        lines, is_right = report(said, given.language)
    except UNREADABLE as error:
        reason = getattr(error, "strerror", None) or repr(error)
        facts = {"file": given.inputs, "reason": reason}
        sys.stderr.write(TEXTS["unreadable"][given.language].format(**facts) + "\n")
        return 2
    sys.stdout.write("\n".join(lines) + "\n")
    return 0 if is_right else 1


if __name__ == "__main__":
    sys.exit(main())
