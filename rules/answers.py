"""The answers of one audit: typed by the vocabulary, all of them or none.

An absence keeps its cause (not asked, not answered, cannot tell, does not apply); for
the logic all four are one: unknown.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeVar

from rules.mistakes import suggestion
from rules.vocabulary import (
    AnswerValue,
    Commodity,
    FactDefinition,
    Kind,
    Roster,
    SiteKind,
    Vocabulary,
)

Word = TypeVar("Word", bound=StrEnum)
_COUNTRY = re.compile(r"[A-Z]{2}")
_KEY = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_PARTS = ("country", "commodity", "site_kind", "observed_on", "facts", *Roster)


class Cause(StrEnum):
    """Why an answer is not known."""

    NOT_ASKED = "not_asked"
    NOT_ANSWERED = "not_answered"
    CANNOT_TELL = "cannot_tell"
    DOES_NOT_APPLY = "does_not_apply"


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


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    path: str
    message: str
    remedy: str


class AnswersRejected(Exception):
    """The answers cannot be used; `faults` says everything that is wrong with them."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        told = (f"{one.path}: {one.message} {one.remedy}" for one in self.faults)
        super().__init__("\n".join(told))


class _Refused(Exception):
    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


def read_answers(vocabulary: Vocabulary, document: Mapping[str, object]) -> Answers:
    """Return the answers of a JSON document; raise AnswersRejected with every fault."""
    faults = [
        Fault(f"$.{key}", "is no part of answers.", suggestion(str(key), _PARTS))
        for key in document
        if key not in _PARTS
    ]
    facts, causes = _read_facts(
        vocabulary.by_roster[None], document.get("facts", {}), "$.facts", faults
    )
    rosters: dict[Roster, tuple[RosterMember, ...] | None] = {}
    roster_causes: dict[Roster, Cause] = {}
    for roster in Roster:
        found = _read_roster(vocabulary, roster, document, faults)
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
    known: Mapping[str, FactDefinition],
    document: object,
    path: str,
    faults: list[Fault],
) -> tuple[dict[str, AnswerValue], dict[str, Cause]]:
    facts: dict[str, AnswerValue] = {}
    causes: dict[str, Cause] = {}
    if not isinstance(document, dict):
        faults.append(Fault(path, "must be an object.", "Send {} if nothing is known."))
        return facts, causes
    for name, value in document.items():
        definition = known.get(name)
        if definition is None:
            remedy = suggestion(str(name), known)
            faults.append(Fault(f"{path}.{name}", "no such fact.", remedy))
            continue
        try:
            if value is None:
                causes[name] = Cause.NOT_ANSWERED
            elif isinstance(value, dict):
                causes[name] = _read_cause(value)
            else:
                facts[name] = _READERS[definition.kind](definition, value)
        except _Refused as refused:
            faults.append(Fault(f"{path}.{name}", refused.message, refused.remedy))
    return facts, causes


def _read_yes_no(_definition: FactDefinition, value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise _unfit(Kind.YES_NO, value)


def _unfit(kind: Kind, value: object) -> _Refused:
    return _Refused(f"cannot be {_told(value)}.", _WHAT_TO_SEND[kind])


def _read_cause(value: Mapping[str, object]) -> Cause:
    cause = value.get("unknown")
    if len(value) == 1 and isinstance(cause, str) and cause in list(Cause):
        return Cause(cause)
    raise _Refused(
        "is an object that is no answer.", 'Send {"unknown": "cannot_tell"} or a value.'
    )


def _read_integer(definition: FactDefinition, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise _unfit(Kind.INTEGER, value)
    if definition.lowest <= value <= definition.highest:
        return value
    unit = definition.unit.name if definition.unit else "number"
    raise _Refused(
        f"{value} is out of range.",
        f"Send {definition.lowest} to {definition.highest}, in {unit}.",
    )


def _read_option(definition: FactDefinition, value: object) -> str:
    if not isinstance(value, str):
        raise _unfit(Kind.CHOICE, value)
    if value in definition.options:
        return value
    raise _Refused(
        f"'{value}' is not an option.", suggestion(value, definition.options)
    )


def _read_options(definition: FactDefinition, value: object) -> frozenset[str]:
    if not isinstance(value, list):
        raise _unfit(Kind.CHOICES, value)
    for option in value:
        if not isinstance(option, str):
            what = _told(option)
            raise _Refused(f"cannot hold {what}.", _WHAT_TO_SEND[Kind.CHOICES])
    chosen = frozenset(_read_option(definition, option) for option in value)
    if len(chosen) != len(value):
        raise _Refused("holds an option twice.", "Send each once.")
    return chosen


def _read_day(_definition: FactDefinition | None, value: object) -> date:
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise _Refused(f"there is no day {value}.") from None
    raise _unfit(Kind.DAY, value)


_READERS: dict[Kind, Callable[[FactDefinition, object], AnswerValue]] = {
    Kind.YES_NO: _read_yes_no,
    Kind.INTEGER: _read_integer,
    Kind.CHOICE: _read_option,
    Kind.CHOICES: _read_options,
    Kind.DAY: _read_day,
}


def _read_roster(
    vocabulary: Vocabulary,
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
        except _Refused as refused:
            faults.append(Fault(path, refused.message, refused.remedy))
            return Cause.NOT_ANSWERED
    if not isinstance(value, list):
        faults.append(Fault(path, "must be a list.", "Send [] if there is nobody."))
        return Cause.NOT_ANSWERED
    known = vocabulary.by_roster[roster]
    members = tuple(
        _read_member(known, item, f"{path}[{position}]", faults)
        for position, item in enumerate(value)
    )
    _refuse_twins(members, path, faults)
    return members


def _read_member(
    known: Mapping[str, FactDefinition], item: object, path: str, faults: list[Fault]
) -> RosterMember:
    key, told = None, item
    if isinstance(item, dict):
        told = dict(item)
        key = told.pop("key", None)
    facts, causes = _read_facts(known, told, path, faults)
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        faults.append(
            Fault(
                f"{path}.key",
                "must be a short key that does not tell who it is.",
                'Send "key": "c1".',
            )
        )
        key = ""
    return RosterMember(key, facts, causes)


def _refuse_twins(
    members: tuple[RosterMember, ...], path: str, faults: list[Fault]
) -> None:
    seen: set[str] = set()
    for position, member in enumerate(members):
        if member.key and member.key in seen:
            faults.append(
                Fault(
                    f"{path}[{position}].key",
                    f"'{member.key}' stands twice.",
                    "Give every member a key of their own.",
                )
            )
        seen.add(member.key)


def _read_country(value: object, faults: list[Fault]) -> str:
    if isinstance(value, str) and _COUNTRY.fullmatch(value):
        return value
    faults.append(
        Fault(
            "$.country", f"cannot be {_told(value)}.", "Send two capital letters: CO."
        )
    )
    return ""


def _read_word(
    document: Mapping[str, object], key: str, words: type[Word], faults: list[Fault]
) -> Word | None:
    value = document.get(key)
    known = [word.value for word in words]
    if isinstance(value, str) and value in known:
        return words(value)
    faults.append(
        Fault(f"$.{key}", f"cannot be {_told(value)}.", f"Send {' or '.join(known)}.")
    )
    return None


def _read_observed_on(value: object, faults: list[Fault]) -> date | None:
    try:
        return _read_day(None, value)
    except _Refused as refused:
        faults.append(Fault("$.observed_on", refused.message, refused.remedy))
        return None


_WHAT_TO_SEND = {
    Kind.YES_NO: "Send true or false.",
    Kind.INTEGER: "Send a whole number.",
    Kind.CHOICE: "Send one option, as a text.",
    Kind.CHOICES: "Send a list of options, [] for none of them.",
    Kind.DAY: "Send a day as 2026-11-03.",
}


def _told(value: object) -> str:
    match value:
        case None:
            return "left out"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return f"the number {value}"
        case str():
            return f"the text '{value[:40]}'"
        case list():
            return "a list"
        case _:
            return "an object"
