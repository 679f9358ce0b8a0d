"""The answers of one audit: typed by the vocabulary, all of them or none.

An absence keeps its cause (not asked, not answered, cannot tell, does not apply); for
the logic all four are one: unknown.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeVar

from rules.answer_readers import (
    CANNOT_BE,
    Reader,
    ValueRefused,
    read_day,
    readers_of,
    told_value,
)
from rules.mistakes import suggested
from rules.texts import Text
from rules.vocabulary import AnswerValue, Commodity, Roster, SiteKind, Vocabulary

Word = TypeVar("Word", bound=StrEnum)
_COUNTRY = re.compile(r"[A-Z]{2}")
_KEY = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_PARTS = ("country", "commodity", "site_kind", "observed_on", "facts", *Roster)

_NO_PART = Text("is no part of answers.", "no es parte de las respuestas.")
_NO_FACT = Text("no such fact.", "no existe ese hecho.")
_NO_ANSWER = Text(
    "is an object that is no answer.", "es un objeto que no es una respuesta."
)
_SEND_CAUSE = Text(
    'Send {"unknown": "cannot_tell"} or a value.',
    'Envíe {"unknown": "cannot_tell"} o un valor.',
)
_NO_OBJECT = Text("must be an object.", "debe ser un objeto.")
_SEND_OBJECT = Text("Send {} if nothing is known.", "Envíe {} si no se sabe nada.")
_NO_LIST = Text("must be a list.", "debe ser una lista.")
_SEND_LIST = Text("Send [] if there is nobody.", "Envíe [] si no hay nadie.")
_NO_KEY = Text(
    "must be a short key that does not tell who it is.",
    "debe ser una clave corta que no diga quién es.",
)
_SEND_KEY = Text('Send "key": "c1".', 'Envíe "key": "c1".')
_TWIN = Text("'{key}' stands twice.", "'{key}' aparece dos veces.")
_OWN_KEY = Text(
    "Give every member a key of their own.", "Dé a cada persona una clave propia."
)
_SEND_COUNTRY = Text(
    "Send two capital letters: CO.", "Envíe dos letras mayúsculas: CO."
)
_SEND_WORD = Text("Send {either}.", "Envíe {either}.")


class Cause(StrEnum):
    """Why an answer is not known."""

    NOT_ASKED = "not_asked"
    NOT_ANSWERED = "not_answered"
    CANNOT_TELL = "cannot_tell"
    DOES_NOT_APPLY = "does_not_apply"


_CAUSES = {cause.value: cause for cause in Cause}


@dataclass(frozen=True, slots=True)
class RosterMember:
    """A child or worker, by an opaque key that is stable and tells nothing."""

    key: str
    facts: Mapping[str, AnswerValue]
    causes: Mapping[str, Cause]


@dataclass(frozen=True, slots=True)
class Answers:
    """What one audit found; a roster that is None was not answered."""

    country: str
    commodity: Commodity
    site_kind: SiteKind
    observed_on: date
    facts: Mapping[str, AnswerValue]
    causes: Mapping[str, Cause]
    rosters: Mapping[Roster, tuple[RosterMember, ...] | None]
    roster_causes: Mapping[Roster, Cause]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong at a path of the document, for whoever sent it."""

    path: str
    message: Text
    remedy: Text


class AnswersRejected(Exception):
    """The answers cannot be used; `faults` says everything that is wrong with them."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        told = (f"{one.path}: {one.message.en} {one.remedy.en}" for one in self.faults)
        super().__init__("\n".join(told))


def read_answers(vocabulary: Vocabulary, document: Mapping[str, object]) -> Answers:
    """Return the answers of a JSON document; raise AnswersRejected with every fault."""
    readers = readers_of(vocabulary)
    faults = [
        Fault(f"$.{key}", _NO_PART, suggested(str(key), _PARTS))
        for key in document
        if key not in _PARTS
    ]
    facts, causes = _read_facts(
        readers[None], document.get("facts", {}), "$.facts", faults
    )
    rosters: dict[Roster, tuple[RosterMember, ...] | None] = {}
    roster_causes: dict[Roster, Cause] = {}
    for roster in Roster:
        found = _read_roster(readers[roster], roster, document, faults)
        if isinstance(found, Cause):
            rosters[roster], roster_causes[roster] = None, found
        else:
            rosters[roster] = found
    country = _read_country(document.get("country"), faults)
    commodity = _read_word(document, "commodity", Commodity, faults)
    site_kind = _read_word(document, "site_kind", SiteKind, faults)
    observed_on = _read_observed_on(document.get("observed_on"), faults)
    if faults or commodity is None or site_kind is None or observed_on is None:
        raise AnswersRejected(faults)
    return Answers(
        country,
        commodity,
        site_kind,
        observed_on,
        facts,
        causes,
        rosters,
        roster_causes,
    )


def _read_facts(
    readers: Mapping[str, Reader], document: object, path: str, faults: list[Fault]
) -> tuple[dict[str, AnswerValue], dict[str, Cause]]:
    facts: dict[str, AnswerValue] = {}
    causes: dict[str, Cause] = {}
    if not isinstance(document, dict):
        faults.append(Fault(path, _NO_OBJECT, _SEND_OBJECT))
        return facts, causes
    for name, value in document.items():
        read = readers.get(name)
        try:
            if read is None:
                remedy = suggested(str(name), readers)
                faults.append(Fault(f"{path}.{name}", _NO_FACT, remedy))
            elif value is None:
                causes[name] = Cause.NOT_ANSWERED
            elif isinstance(value, dict):
                causes[name] = _read_cause(value)
            else:
                facts[name] = read(value)
        except ValueRefused as refused:
            faults.append(Fault(f"{path}.{name}", refused.message, refused.remedy))
    return facts, causes


def _read_cause(value: Mapping[str, object]) -> Cause:
    cause = value.get("unknown")
    if len(value) == 1 and isinstance(cause, str) and cause in _CAUSES:
        return _CAUSES[cause]
    raise ValueRefused(_NO_ANSWER, _SEND_CAUSE)


def _read_roster(
    readers: Mapping[str, Reader],
    roster: Roster,
    document: Mapping[str, object],
    faults: list[Fault],
) -> tuple[RosterMember, ...] | Cause:
    if roster not in document:
        return Cause.NOT_ASKED
    value = document[roster]
    if value is None:
        return Cause.NOT_ANSWERED
    path = f"$.{roster}"
    if isinstance(value, dict):
        try:
            return _read_cause(value)
        except ValueRefused as refused:
            faults.append(Fault(path, refused.message, refused.remedy))
            return Cause.NOT_ANSWERED
    if not isinstance(value, list):
        faults.append(Fault(path, _NO_LIST, _SEND_LIST))
        return Cause.NOT_ANSWERED
    members = tuple(
        _read_member(readers, item, f"{path}[{position}]", faults)
        for position, item in enumerate(value)
    )
    _refuse_twins(members, path, faults)
    return members


def _read_member(
    readers: Mapping[str, Reader], item: object, path: str, faults: list[Fault]
) -> RosterMember:
    key, told = None, item
    if isinstance(item, dict):
        told = dict(item)
        key = told.pop("key", None)
    facts, causes = _read_facts(readers, told, path, faults)
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        faults.append(Fault(f"{path}.key", _NO_KEY, _SEND_KEY))
        key = ""
    return RosterMember(key, facts, causes)


def _refuse_twins(
    members: tuple[RosterMember, ...], path: str, faults: list[Fault]
) -> None:
    seen: set[str] = set()
    for position, member in enumerate(members):
        if member.key and member.key in seen:
            twin = _TWIN.filled(key=member.key)
            faults.append(Fault(f"{path}[{position}].key", twin, _OWN_KEY))
        seen.add(member.key)


def _read_country(value: object, faults: list[Fault]) -> str:
    if isinstance(value, str) and _COUNTRY.fullmatch(value):
        return value
    cannot_be = CANNOT_BE.filled(value=told_value(value))
    faults.append(Fault("$.country", cannot_be, _SEND_COUNTRY))
    return ""


def _read_word(
    document: Mapping[str, object], key: str, words: type[Word], faults: list[Fault]
) -> Word | None:
    value = document.get(key)
    known = [word.value for word in words]
    if isinstance(value, str) and value in known:
        return words(value)
    either = Text(" or ".join(known), " o ".join(known))
    cannot_be = CANNOT_BE.filled(value=told_value(value))
    faults.append(Fault(f"$.{key}", cannot_be, _SEND_WORD.filled(either=either)))
    return None


def _read_observed_on(value: object, faults: list[Fault]) -> date | None:
    try:
        return read_day(value)
    except ValueRefused as refused:
        faults.append(Fault("$.observed_on", refused.message, refused.remedy))
        return None
