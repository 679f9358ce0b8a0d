#!/usr/bin/env python3
"""Check a trail that Atalaya exported, with nothing but Python 3.9 and this file.

    python3 verify_trail.py trail.ndjson --anchors heads.jsonl

An export holds every entry of one organisation's trail, what was sealed of it, the heads
that were signed, and the public keys. Alone it can be checked for agreeing with itself.
Whether it is the history that was shown to others, only an anchor can tell: heads kept
outside (--anchors), the id of a signing key you noted down (--key), or the public key
of a witness whose countersignatures the export holds (--witness).

The exit code is 0 when nothing is wrong, 1 when something is, 2 when it was misused.
`--language es` speaks Spanish. The formats stand in docs/trail.md.
"""

from __future__ import annotations

import argparse
import functools
import hashlib
import json
import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

TEXTS: dict[str, dict[str, str]] = {
    "line": {
        "en": "this line cannot be read as part of an export: {reason}",
        "es": "esta línea no se puede leer como parte de una exportación: {reason}",
    },
    "header": {
        "en": "the first line says {name} = {told}; the file shows {found}",
        "es": "la primera línea dice {name} = {told}; el archivo muestra {found}",
    },
    "key": {
        "en": "the key {key} is not rightly presented: {reason}",
        "es": "la clave {key} no está bien presentada: {reason}",
    },
    "key_untrusted": {
        "en": "head {number} is signed by the key {key}, which none of the keys you gave leads to",
        "es": "la cabeza {number} está firmada por la clave {key}, a la que no lleva ninguna de las claves que usted dio",
    },
    "entry_gap": {
        "en": "entries {first} to {last} are missing here",
        "es": "aquí faltan los asientos {first} a {last}",
    },
    "entry_order": {
        "en": "entry {sequence} stands where entry {expected} belongs",
        "es": "el asiento {sequence} está donde corresponde el asiento {expected}",
    },
    "entry_link": {
        "en": "entry {sequence} does not follow from entry {previous}: one of the two was changed",
        "es": "el asiento {sequence} no se sigue del asiento {previous}: uno de los dos fue cambiado",
    },
    "entry_foreign": {
        "en": "entry {sequence} belongs to another organisation, {organisation}",
        "es": "el asiento {sequence} pertenece a otra organización, {organisation}",
    },
    "seal_cut": {
        "en": "head {number} sealed {size} entries and the file ends before: entries {first} to {last} are missing",
        "es": "la cabeza {number} selló {size} asientos y el archivo termina antes: faltan los asientos {first} a {last}",
    },
    "seal_root": {
        "en": "entries {first} to {last} are not those that head {number} sealed",
        "es": "los asientos {first} a {last} no son los que selló la cabeza {number}",
    },
    "seal_order": {
        "en": "the seal of head {number} does not stand in order: {reason}",
        "es": "el sello de la cabeza {number} no está en orden: {reason}",
    },
    "seal_path": {
        "en": "the seal of {size} entries does not stand in the snapshot of head {number} (entries {first} to {last})",
        "es": "el sello de {size} asientos no está en la instantánea de la cabeza {number} (asientos {first} a {last})",
    },
    "seal_headless": {
        "en": "head {number}, which the seal of entries {first} to {last} names, is not in the file",
        "es": "la cabeza {number}, que el sello de los asientos {first} a {last} nombra, no está en el archivo",
    },
    "seal_missing": {
        "en": "the file does not say how many entries the newest head {number} sealed",
        "es": "el archivo no dice cuántos asientos selló la cabeza más nueva, la {number}",
    },
    "head_log": {
        "en": "head {number} does not agree with the log: {reason}",
        "es": "la cabeza {number} no concuerda con el registro: {reason}",
    },
    "head_signature": {
        "en": "the signature of head {number} is not that of the key {key}",
        "es": "la firma de la cabeza {number} no es de la clave {key}",
    },
    "head_key": {
        "en": "head {number} names the key {key}; the key in force then was {expected}",
        "es": "la cabeza {number} nombra la clave {key}; la vigente entonces era {expected}",
    },
    "anchor_line": {
        "en": "line {line} of the anchors cannot be used: {reason}",
        "es": "la línea {line} de las anclas no se puede usar: {reason}",
    },
    "anchor_fork": {
        "en": "the anchors hold two different heads {number}: history was told in two ways",
        "es": "las anclas tienen dos cabezas {number} distintas: la historia se contó de dos maneras",
    },
    "anchor_differs": {
        "en": "head {number} is not the one that was anchored at {at}: what was sealed between heads {after} and {number} was rewritten (entries {first} to {last})",
        "es": "la cabeza {number} no es la que se ancló el {at}: lo sellado entre las cabezas {after} y {number} fue reescrito (asientos {first} a {last})",
    },
    "anchor_key": {
        "en": "head {number} was anchored with a signature of the key {key}, which this file does not know",
        "es": "la cabeza {number} se ancló con una firma de la clave {key}, que este archivo no conoce",
    },
    "anchor_beyond": {
        "en": "the anchors know heads up to {newest}, of {at}; this file ends at head {number}, after entry {last}. It is an older copy, or history was cut",
        "es": "las anclas conocen cabezas hasta la {newest}, del {at}; este archivo termina en la cabeza {number}, tras el asiento {last}. Es una copia más vieja, o se cortó la historia",
    },
    "receipt": {
        "en": "what {place} answered to head {number} does not vouch for it: {reason}",
        "es": "lo que {place} respondió a la cabeza {number} no la respalda: {reason}",
    },
    "end_missing": {
        "en": "the file ends without its last line: it was cut after line {line}",
        "es": "el archivo termina sin su última línea: fue cortado tras la línea {line}",
    },
    "end_section": {
        "en": "the lines of kind {kind} ({first} to {last}) are not those that were exported",
        "es": "las líneas de tipo {kind} ({first} a {last}) no son las que se exportaron",
    },
    "end_signature": {
        "en": "the signature at the end of the file is not that of the key {key}",
        "es": "la firma al final del archivo no es de la clave {key}",
    },
    "counted": {
        "en": "{entries} entries, {seals} seals, newest head {number} of {at}",
        "es": "{entries} asientos, {seals} sellos, cabeza más nueva {number} del {at}",
    },
    "unsealed": {
        "en": "entries {first} to {last} are not sealed yet: only the chain and the export's signature hold them",
        "es": "los asientos {first} a {last} aún no están sellados: solo los sostienen la cadena y la firma de la exportación",
    },
    "anchored": {
        "en": "anchored up to head {number} of {at}: entries 1 to {last} are those that were shown outside",
        "es": "anclado hasta la cabeza {number} del {at}: los asientos 1 a {last} son los que se mostraron afuera",
    },
    "unanchored": {
        "en": "heads {first} to {last} are not in the anchors: cannot know without an anchor whether they were shown outside",
        "es": "las cabezas {first} a {last} no están en las anclas: sin un ancla no se puede saber si se mostraron afuera",
    },
    "no_anchor": {
        "en": "cannot know without an anchor: whoever holds the database and the key {key} could have written all of this anew, or put back an older copy. Compare with heads kept elsewhere: --anchors",
        "es": "no se puede saber sin un ancla: quien tenga la base de datos y la clave {key} pudo escribir todo esto de nuevo, o reponer una copia más vieja. Compare con cabezas guardadas en otra parte: --anchors",
    },
    "clean": {"en": "Nothing is wrong.", "es": "No hay nada mal."},
    "wrong": {
        "en": "{count} things are wrong.",
        "es": "Hay {count} cosas mal.",
    },
    "at_line": {"en": "line {line}: {told}", "es": "línea {line}: {told}"},
}

# Ed25519 (RFC 8032, section 5.1), verification only; nothing here is secret.

PRIME = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
CURVE_D = -121665 * pow(121666, PRIME - 2, PRIME) % PRIME
ROOT_OF_MINUS_ONE = pow(2, (PRIME - 1) // 4, PRIME)
Point = tuple[int, int, int, int]
NEUTRAL: Point = (0, 1, 1, 0)


def _add(one: Point, other: Point) -> Point:
    a = (one[1] - one[0]) * (other[1] - other[0]) % PRIME
    b = (one[1] + one[0]) * (other[1] + other[0]) % PRIME
    c = 2 * one[3] * other[3] * CURVE_D % PRIME
    d = 2 * one[2] * other[2] % PRIME
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % PRIME, g * h % PRIME, f * g % PRIME, e * h % PRIME)


def _point(encoded: bytes) -> Point | None:
    """Return the point that 32 bytes stand for, None where they stand for none."""
    number = int.from_bytes(encoded, "little")
    sign, y = number >> 255, number & (1 << 255) - 1
    if y >= PRIME:
        return None
    square = (y * y - 1) * pow(CURVE_D * y * y + 1, PRIME - 2, PRIME) % PRIME
    x = pow(square, (PRIME + 3) // 8, PRIME)
    if (x * x - square) % PRIME:
        x = x * ROOT_OF_MINUS_ONE % PRIME
    if (x * x - square) % PRIME or (x == 0 and sign):
        return None
    x = PRIME - x if x & 1 != sign else x
    return (x, y, 1, x * y % PRIME)


def _encoded(point: Point) -> bytes:
    inverse = pow(point[2], PRIME - 2, PRIME)
    x, y = point[0] * inverse % PRIME, point[1] * inverse % PRIME
    return (y | (x & 1) << 255).to_bytes(32, "little")


BASE_Y = 4 * pow(5, PRIME - 2, PRIME) % PRIME
BASE = _point(BASE_Y.to_bytes(32, "little")) or NEUTRAL


@functools.lru_cache(maxsize=20_000)
def is_signature(public_key: bytes, statement: bytes, signature: bytes) -> bool:
    """Tell whether this is the key's Ed25519 signature of the statement."""
    if len(public_key) != 32 or len(signature) != 64:
        return False
    key, scalar = _point(public_key), int.from_bytes(signature[32:], "little")
    if key is None or scalar >= ORDER:
        return False
    hashed = hashlib.sha512(signature[:32] + public_key + statement).digest()
    challenge = int.from_bytes(hashed, "little") % ORDER
    minus: Point = (PRIME - key[0], key[1], 1, PRIME - key[3])
    sums = (NEUTRAL, BASE, minus, _add(BASE, minus))
    found = NEUTRAL
    for bit in range(252, -1, -1):
        found = _add(found, found)
        which = (scalar >> bit & 1) | (challenge >> bit & 1) << 1
        if which:
            found = _add(found, sums[which])
    return _encoded(found) == signature[:32]


# Merkle trees (RFC 6962, section 2.1).


def leaf_hash(content: bytes) -> bytes:
    return hashlib.sha256(b"\0" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


@dataclass
class Growing:
    """A tree that leaves are added to; it knows its root at every size."""

    size: int = 0
    peaks: list[bytes] = field(default_factory=list)

    def add(self, leaf: bytes) -> None:
        self.size += 1
        rest, found = self.size, leaf
        while rest % 2 == 0:
            found, rest = node_hash(self.peaks.pop(), found), rest // 2
        self.peaks.append(found)

    def root(self) -> bytes:
        if not self.peaks:
            return hashlib.sha256(b"").digest()
        found = self.peaks[-1]
        for peak in self.peaks[-2::-1]:
            found = node_hash(peak, found)
        return found


def root_by_path(leaf: bytes, place: int, size: int, path: list[bytes]) -> bytes | None:
    """Return the root that an inclusion proof leads to, None where it fits no tree."""
    if not 0 <= place < size:
        return None
    found, last, used = leaf, size - 1, 0
    while last > 0:
        if place % 2 == 1 or place < last:
            if used == len(path):
                return None
            pair = (path[used], found) if place % 2 else (found, path[used])
            found, used = node_hash(*pair), used + 1
        place, last = place >> 1, last >> 1
    return found if used == len(path) else None


# What is found.


@dataclass(frozen=True)
class Fault:
    """Something wrong: what (a name of TEXTS), in which line, and which entries."""

    code: str
    line: int | None
    facts: dict[str, Any]

    @property
    def entries(self) -> tuple[int, int] | None:
        """The first and last entry it may lie in, where it lies in entries."""
        if "first" in self.facts and self.code != "end_section":
            return self.facts["first"], self.facts["last"]
        if "sequence" in self.facts:
            return self.facts.get("previous", self.facts["sequence"]), self.facts[
                "sequence"
            ]
        return None

    def told(self, language: str) -> str:
        told = TEXTS[self.code][language].format(**{"line": self.line, **self.facts})
        if self.line is None or self.code == "anchor_line":
            return told
        return TEXTS["at_line"][language].format(line=self.line, told=told)


@dataclass
class Report:
    """What a check found: faults make it fail, notes tell what was and was not seen."""

    faults: list[Fault] = field(default_factory=list)
    notes: list[Fault] = field(default_factory=list)

    def fault(self, code: str, line: int | None, **facts: Any) -> None:
        self.faults.append(Fault(code, line, facts))

    def note(self, code: str, **facts: Any) -> None:
        self.notes.append(Fault(code, None, facts))

    def told(self, language: str) -> str:
        """Return the report as lines of text."""
        lines = [one.told(language) for one in (*self.faults, *self.notes)]
        last = "wrong" if self.faults else "clean"
        return "\n".join([*lines, TEXTS[last][language].format(count=len(self.faults))])


def canonical(document: Any) -> bytes:
    """Return the one way to write a line (RFC 8785; no line holds a fraction)."""
    return json.dumps(
        document, sort_keys=True, separators=(",", ":"), ensure_ascii=False
    ).encode()


@dataclass
class Head:
    """A signed head: a line of an export, or of a file of anchors."""

    line: int
    number: int
    at: str
    root: str
    key: str
    log: str
    statement: bytes
    snapshot: bytes
    signature: bytes

    @classmethod
    def read(cls, line: int, told: dict[str, Any]) -> Head:
        """Return the head in a line; ValueError, TypeError or KeyError if it is none."""
        said = json.loads(told["head"])
        if said["kind"] != "trail_head" or said["key"] != told["key"]:
            raise ValueError("not a head, or of another key")
        return cls(
            line=line,
            number=_whole(said["number"]),
            at=str(datetime.fromisoformat(said["at"]).isoformat()),
            root=bytes.fromhex(said["root"]).hex(),
            key=str(said["key"]),
            log=str(said["log"]),
            statement=told["head"].encode(),
            snapshot=told["snapshot"].encode(),
            signature=bytes.fromhex(told["signature"]),
        )

    def document(self) -> dict[str, str]:
        """Return the head as it was read."""
        return {
            "head": self.statement.decode(),
            "snapshot": self.snapshot.decode(),
            "key": self.key,
            "signature": self.signature.hex(),
        }


@dataclass
class Key:
    """A public key as the one before it presents it."""

    line: int
    key_id: str
    public_key: bytes
    from_head: int


@dataclass
class Seal:
    """An organisation's tree as one head fixed it."""

    line: int
    number: int
    size: int
    root: str
    slot: int
    path: list[bytes]


@dataclass
class Section:
    """The lines of one kind: where they stand and what they hash to together."""

    first: int
    last: int
    digest: Any = field(default_factory=hashlib.sha256)


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(f"{value!r} is no count")
    return value


KINDS = ("trail", "key", "entry", "seal", "log", "head", "anchor", "end")
UNREADABLE = (ValueError, TypeError, KeyError, AttributeError, RecursionError)


@dataclass
class Reader:
    """Reads an export line by line and keeps of it what the later checks need."""

    report: Report
    header: dict[str, Any] = field(default_factory=dict)
    keys: dict[str, Key] = field(default_factory=dict)
    organisation: str | None = None
    count: int = 0
    sequence: int = 0
    digest: bytes = bytes(32)
    broken_from: int | None = None
    leaves: list[bytes] = field(default_factory=list)
    seals: list[Seal] = field(default_factory=list)
    log: list[bytes] = field(default_factory=list)
    heads: dict[int, Head] = field(default_factory=dict)
    receipts: list[tuple[tuple[int, str], int, str]] = field(default_factory=list)
    sections: dict[str, Section] = field(default_factory=dict)
    end: dict[str, Any] | None = None
    line: int = 0
    stage: int = 0

    def read(self, lines: Iterable[bytes]) -> None:
        for raw in lines:
            self.line += 1
            content = raw.rstrip(b"\n")
            try:
                told = json.loads(content)
                if canonical(told) != content or self.end is not None:
                    raise ValueError("not as an export writes it")
                kind = told["kind"]
                self._take(kind, told)
            except UNREADABLE as error:
                self.report.fault("line", self.line, reason=str(error)[:100])
                kind = "?"
            if kind != "end":
                section = self.sections.setdefault(kind, Section(self.line, self.line))
                section.last = self.line
                section.digest.update(content + b"\n")

    def _take(self, kind: str, told: dict[str, Any]) -> None:
        takers = {
            "trail": self._trail,
            "key": self._key,
            "entry": self._entry,
            "seal": self._seal,
            "log": self._log,
            "head": self._head,
            "anchor": self._anchor,
            "end": self._end,
        }
        if kind not in takers:
            raise ValueError(f"no line is of the kind {kind!r}")
        if (kind == "trail") != (self.line == 1) or KINDS.index(kind) < self.stage:
            raise ValueError(f"a line of the kind {kind!r} does not belong here")
        self.stage = KINDS.index(kind)
        takers[kind](told)

    def _trail(self, told: dict[str, Any]) -> None:
        if told["format"] != 1:
            raise ValueError(f"format {told['format']!r} is not known here")
        self.header, self.organisation = told, told["organisation"]

    def _key(self, told: dict[str, Any]) -> None:
        said, signature = json.loads(told["key"]), bytes.fromhex(told["signature"])
        public_key = bytes.fromhex(said["public_key"])
        key = Key(
            self.line,
            hashlib.sha256(public_key).hexdigest()[:32],
            public_key,
            _whole(said["from_head"]),
        )
        last = list(self.keys.values())[-1] if self.keys else None
        signer = last or key
        reasons = {
            "kind": said["kind"] == "trail_key",
            "ordinal": said["ordinal"] == len(self.keys) + 1,
            "from_head": key.from_head >= (last.from_head if last else 1),
            "log": said["log"] == next(iter(self.keys), key.key_id),
            "signed_by": said["signed_by"] == signer.key_id,
            "signature": is_signature(
                signer.public_key, told["key"].encode(), signature
            ),
        }
        for reason in [name for name, is_right in reasons.items() if not is_right]:
            self.report.fault("key", self.line, key=key.key_id, reason=reason)
        self.keys[key.key_id] = key

    def _entry(self, told: dict[str, Any]) -> None:
        content = told["entry"].encode()
        said = json.loads(content)
        sequence, previous = _whole(said["sequence"]), said["previous"]
        expected, self.count = self.sequence + 1, self.count + 1
        if sequence > expected:
            self._broken(expected)
            self.report.fault("entry_gap", self.line, first=expected, last=sequence - 1)
        elif sequence < expected:
            self._broken(sequence)
            self.report.fault(
                "entry_order", self.line, sequence=sequence, expected=expected
            )
        elif previous != self.digest.hex():
            self._broken(max(sequence - 1, 1))
            self.report.fault(
                "entry_link", self.line, sequence=sequence, previous=sequence - 1
            )
        if said["organisation"] != self.organisation:
            self._broken(sequence)
            self.report.fault(
                "entry_foreign",
                self.line,
                sequence=sequence,
                organisation=said["organisation"],
            )
        self.sequence, self.digest = sequence, hashlib.sha256(content).digest()
        self.leaves.append(leaf_hash(self.digest))

    def _broken(self, sequence: int) -> None:
        self.broken_from = min(sequence, self.broken_from or sequence)

    def _seal(self, told: dict[str, Any]) -> None:
        self.seals.append(
            Seal(
                self.line,
                _whole(told["number"]),
                _whole(told["size"]),
                bytes.fromhex(told["root"]).hex(),
                _whole(told["slot"]),
                [bytes.fromhex(one) for one in told["path"]],
            )
        )

    def _log(self, told: dict[str, Any]) -> None:
        if told["from"] != len(self.log) + 1:
            raise ValueError(f"the log goes on at {len(self.log) + 1}")
        self.log.extend(bytes.fromhex(one) for one in told["leaves"])

    def _head(self, told: dict[str, Any]) -> None:
        head = Head.read(self.line, told)
        if head.number <= max(self.heads, default=0):
            raise ValueError(f"head {head.number} is out of order")
        self.heads[head.number] = head

    def _anchor(self, told: dict[str, Any]) -> None:
        place = _whole(told["number"]), str(told["place"])
        if self.receipts and place <= self.receipts[-1][0]:
            raise ValueError("an anchor is out of order")
        self.receipts.append((place, self.line, str(told["receipt"])))

    def _end(self, told: dict[str, Any]) -> None:
        json.loads(told["end"])["sections"].items()
        bytes.fromhex(told["signature"])
        self.end = told


# The checks, one for each kind of promise.


def check_seals(found: Reader) -> None:
    """Every seal holds the entries it names, and stands in its head's snapshot."""
    tree, done, number = Growing(), 0, 0
    for seal in found.seals:
        first, last = min(done + 1, seal.size), seal.size
        place = {"number": seal.number, "first": first, "last": last}
        if seal.number <= number or seal.size < done:
            found.report.fault(
                "seal_order", seal.line, number=seal.number, reason=f"{seal.size}"
            )
            continue
        if seal.slot != found.seals[0].slot:
            found.report.fault(
                "seal_order", seal.line, number=seal.number, reason=f"slot {seal.slot}"
            )
        while tree.size < min(seal.size, len(found.leaves)):
            tree.add(found.leaves[tree.size])
        is_whole = found.broken_from is None or seal.size < found.broken_from
        if is_whole and seal.size > len(found.leaves):
            place["first"] = len(found.leaves) + 1
            found.report.fault("seal_cut", seal.line, size=seal.size, **place)
            found.broken_from = len(found.leaves) + 1
        elif is_whole and tree.root().hex() != seal.root:
            found.report.fault("seal_root", seal.line, **place)
            found.broken_from = first
        _check_snapshot(found, seal, place)
        done, number = seal.size, seal.number


def _check_snapshot(found: Reader, seal: Seal, place: dict[str, int]) -> None:
    head = found.heads.get(seal.number)
    if head is None:
        found.report.fault("seal_headless", seal.line, **place)
        return
    statement = canonical(
        {
            "kind": "trail_seal",
            "number": seal.number,
            "organisation": found.organisation,
            "root": seal.root,
            "size": seal.size,
        }
    )
    try:
        said = json.loads(head.snapshot)
        size, root = _whole(said["organisations"]), said["root"]
    except UNREADABLE:
        size, root = 0, ""
    reached = root_by_path(leaf_hash(statement), seal.slot, size, seal.path)
    if reached is None or reached.hex() != root:
        found.report.fault("seal_path", seal.line, size=seal.size, **place)


def check_heads(found: Reader, *, is_log: bool) -> list[str]:
    """Every head is signed and of one log; return the log's root at every size."""
    tree, roots = Growing(), [Growing().root().hex()]
    for leaf in found.log:
        tree.add(leaf)
        roots.append(tree.root().hex())
    first_key = next(iter(found.keys), "")
    for head in found.heads.values():
        said = {"number": head.number}
        try:
            snapshot = json.loads(head.snapshot)
            is_of_number = snapshot["number"] == head.number
        except UNREADABLE:
            is_of_number = False
        reasons = {
            "number": 0 < head.number < len(roots) and is_of_number,
            "log": head.log == first_key,
            "root": roots[head.number : head.number + 1] == [head.root],
            "snapshot": found.log[head.number - 1 : head.number]
            == [leaf_hash(head.snapshot)],
        }
        for reason in [name for name, is_right in reasons.items() if not is_right]:
            found.report.fault("head_log", head.line, reason=reason, **said)
        _check_signature(found, head)
    newest = len(roots) - 1
    if newest and newest not in found.heads:
        found.report.fault("head_log", None, number=newest, reason="missing")
    if newest and not is_log and newest not in {seal.number for seal in found.seals}:
        found.report.fault("seal_missing", None, number=newest)
    return roots


def _check_signature(found: Reader, head: Head) -> None:
    in_force = [key for key in found.keys.values() if key.from_head <= head.number]
    expected = in_force[-1].key_id if in_force else "-"
    if head.key != expected:
        found.report.fault(
            "head_key", head.line, number=head.number, key=head.key, expected=expected
        )
    key = found.keys.get(head.key)
    if key and not is_signature(key.public_key, head.statement, head.signature):
        found.report.fault(
            "head_signature", head.line, number=head.number, key=head.key
        )


def read_anchors(lines: Iterable[bytes], report: Report) -> list[Head]:
    """Return the heads in a file of anchors; what cannot be read is a fault."""
    heads: dict[int, Head] = {}
    for line, raw in enumerate(lines, 1):
        try:
            head = Head.read(line, json.loads(raw))
        except UNREADABLE as error:
            report.fault("anchor_line", line, reason=str(error)[:100])
            continue
        known = heads.setdefault(head.number, head)
        if known.statement != head.statement:
            report.fault("anchor_fork", None, number=head.number)
    return [heads[number] for number in sorted(heads)]


def check_anchors(found: Reader, roots: list[str], anchors: Sequence[Head]) -> None:
    """What was shown outside is what stands here, and nothing outside is newer."""
    after, newest = 0, len(roots) - 1
    for head in anchors:
        if head.number > newest:
            continue
        key = found.keys.get(head.key)
        if key is None:
            found.report.fault("anchor_key", None, number=head.number, key=head.key)
        elif not is_signature(key.public_key, head.statement, head.signature):
            found.report.fault("anchor_line", head.line, reason="signature")
        here = found.heads.get(head.number)
        if roots[head.number] != head.root or (
            here is not None and here.statement != head.statement
        ):
            first = sealed_by(found, after) + 1
            found.report.fault(
                "anchor_differs",
                here.line if here else None,
                number=head.number,
                at=head.at,
                after=after,
                first=first,
                last=max(first, sealed_by(found, head.number)),
            )
        after = head.number
    if anchors and anchors[-1].number > newest:
        found.report.fault(
            "anchor_beyond",
            None,
            newest=anchors[-1].number,
            at=anchors[-1].at,
            number=newest,
            last=sealed_by(found, newest),
        )


def sealed_by(found: Reader, number: int) -> int:
    """Return how many entries were sealed by head `number`."""
    return max((one.size for one in found.seals if one.number <= number), default=0)


def check_receipts(found: Reader, witnesses: Iterable[str]) -> list[Head]:
    """Every receipt speaks of its head; return the heads that a known witness saw."""
    seen = []
    for (number, place), line, receipt in found.receipts:
        head = found.heads.get(number)
        reason, witness = _receipt(head, receipt)
        if reason:
            found.report.fault(
                "receipt", line, number=number, place=place, reason=reason
            )
        elif head and witness in set(witnesses):
            seen.append(head)
    return seen


def _receipt(head: Head | None, receipt: str) -> tuple[str, str]:
    """Return what is wrong with a receipt ("" for nothing), and which witness signed."""
    if head is None:
        return "no such head", ""
    try:
        said = json.loads(receipt)
        if "witness" not in said:
            return ("" if said == head.document() else "another head"), ""
        statement = canonical(
            {
                "kind": "trail_witness",
                "head_sha256": hashlib.sha256(head.statement).hexdigest(),
                "at": said["at"],
            }
        )
        key, signature = (
            bytes.fromhex(said["witness"]),
            bytes.fromhex(said["signature"]),
        )
    except UNREADABLE as error:
        return str(error)[:100] or "unreadable", ""
    return ("" if is_signature(key, statement, signature) else "signature"), key.hex()


def check_end(found: Reader) -> None:
    """The file is whole, and as it was when it was exported."""
    if found.end is None:
        found.report.fault("end_missing", found.line)
        return
    said = json.loads(found.end["end"])
    told = dict(said["sections"])
    for kind, section in found.sections.items():
        if told.pop(kind, None) != section.digest.hexdigest():
            found.report.fault(
                "end_section", None, kind=kind, first=section.first, last=section.last
            )
    for kind in told:
        found.report.fault("end_section", None, kind=kind, first=0, last=0)
    key = list(found.keys.values())[-1] if found.keys else None
    signature = bytes.fromhex(found.end["signature"])
    if (
        key is None
        or said.get("kind") != "trail_export"
        or said.get("key") != key.key_id
        or not is_signature(key.public_key, found.end["end"].encode(), signature)
    ):
        found.report.fault("end_signature", found.line, key=str(said.get("key")))


def check_header(found: Reader, newest: int) -> None:
    """The first line says what the rest of the file shows."""
    shown = {
        "entries": found.count,
        "head": newest,
        "log": next(iter(found.keys), None),
    }
    for name, value in shown.items():
        if found.header.get(name) != value:
            told = found.header.get(name)
            found.report.fault("header", 1, name=name, told=told, found=value)


def trusted_from(found: Reader, pinned: Iterable[str]) -> set[str]:
    """Return the keys that are pinned or presented, one by one, from a pinned key on."""
    wanted, known = {one.lower() for one in pinned}, list(found.keys)
    starts = [place for place, key in enumerate(known) if key in wanted]
    return set(known[min(starts) :]) if starts else set()


def verify(
    lines: Iterable[bytes],
    *,
    anchors: Iterable[bytes] | None = None,
    pinned: Sequence[str] = (),
    witnesses: Sequence[str] = (),
    until: datetime | None = None,
    is_file: bool = True,
) -> Report:
    """Check an export and return all that is wrong with it, and what is not known.

    `until` leaves anchors of later heads aside, for an export known to be older. A
    stream straight from the database (`is_file` false) carries no signature at its end.
    """
    found = Reader(Report())
    found.read(lines)
    check_seals(found)
    roots = check_heads(found, is_log=found.organisation is None)
    newest = len(roots) - 1
    check_header(found, newest)
    if is_file:
        check_end(found)
    seen = check_receipts(found, [one.lower() for one in witnesses])
    known = read_anchors(anchors, found.report) if anchors is not None else []
    if until is not None:
        known = [one for one in known if datetime.fromisoformat(one.at) <= until]
    known = sorted([*known, *seen], key=lambda head: head.number)
    check_anchors(found, roots, known)
    if pinned and newest in found.heads:
        key = found.heads[newest].key
        if key not in trusted_from(found, pinned):
            found.report.fault(
                "key_untrusted", found.heads[newest].line, number=newest, key=key
            )
    _tell(found, newest, known, is_pinned=bool(pinned))
    return found.report


def _tell(
    found: Reader, newest: int, known: Sequence[Head], *, is_pinned: bool
) -> None:
    report, head = found.report, found.heads.get(newest)
    at = head.at if head else "-"
    report.note(
        "counted",
        entries=found.count,
        seals=len(found.seals),
        number=newest,
        at=at,
    )
    sealed = sealed_by(found, newest)
    if found.sequence > sealed:
        report.note("unsealed", first=sealed + 1, last=found.sequence)
    if not known and not is_pinned:
        report.note("no_anchor", key=head.key if head else "-")
        return
    up_to = max((one.number for one in known if one.number <= newest), default=0)
    if up_to and not report.faults:
        at = next(one.at for one in known if one.number == up_to)
        report.note("anchored", number=up_to, at=at, last=sealed_by(found, up_to))
    if up_to < newest:
        report.note("unanchored", first=up_to + 1, last=newest)


def main(arguments: Sequence[str] | None = None) -> int:
    """Check the export named on the command line and tell of it."""
    spoken = (os.environ.get("LC_ALL") or os.environ.get("LANG") or "en")[:2]
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("export", type=Path)
    parser.add_argument("--anchors", type=Path)
    parser.add_argument("--key", action="append", default=[], metavar="ID")
    parser.add_argument("--witness", action="append", default=[], metavar="HEX")
    parser.add_argument("--until", type=datetime.fromisoformat, metavar="INSTANT")
    parser.add_argument(
        "--language", choices=("en", "es"), default="es" if spoken == "es" else "en"
    )
    given = parser.parse_args(arguments)
    if given.until is not None and given.until.tzinfo is None:
        parser.error("--until needs a zone: 2026-11-03T09:30:00-05:00")
    try:
        anchors = given.anchors.read_bytes().splitlines() if given.anchors else None
        with given.export.open("rb") as lines:
            report = verify(
                lines,
                anchors=anchors,
                pinned=given.key,
                witnesses=given.witness,
                until=given.until,
            )
    except OSError as error:
        parser.error(str(error))
    sys.stdout.write(report.told(given.language) + "\n")
    return 1 if report.faults else 0


if __name__ == "__main__":
    sys.exit(main())
