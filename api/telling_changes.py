"""What differs between two editions as a person reads it, in the terminal."""

import difflib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from audits.assessments.changes import Effects, Turn
from compliance.texts import N_, translate
from rules import Book, LegalValue
from rules.comparing import (
    ChangeKind,
    Comparison,
    FieldChange,
    ItemChange,
    RuleChange,
)
from rules.comparing_law import LegalChange
from rules.plain_values import Plain, plain
from rules.quantities import YES_NO, tell_amount, tell_day

HEADING = N_("From edition {before} ({before_hash}) to edition {after} ({after_hash})")
NOTHING_DIFFERS = N_("They say the same.")
SECTIONS: Mapping[str, str] = {
    "edition": N_("The edition itself"),
    "rules": N_("Rules"),
    "values": N_("Legal values"),
    "parameters": N_("Legal parameters"),
    "facts": N_("Facts"),
    "derived": N_("Named conditions"),
    "indicators": N_("Indicators of forced labour"),
    "instruments": N_("Instruments"),
    "sources": N_("Sources"),
}
MARKS = {ChangeKind.ADDED: "+", ChangeKind.GONE: "-", ChangeKind.CHANGED: "~"}
ADDED_RULE = N_("added, asked of facts from {day} on")
GONE_RULE = N_("gone, no longer asked of facts from {day} on")
DECIDES = N_("decides otherwise of facts from {day} on")
DECIDES_ALIKE = N_("decides as before")
BECAUSE = N_("because of {names}")
ADDED, GONE, CHANGED = N_("added"), N_("gone"), N_("changed")
KINDS = {
    ChangeKind.ADDED: ADDED,
    ChangeKind.GONE: GONE,
    ChangeKind.CHANGED: CHANGED,
}
FROM_DAY_ON = N_("counts from {day} on")
ALWAYS = N_("counts for every day")
TOLD_OTHERWISE = N_("the value stays; told otherwise: {fields}")
AGES = N_("age {age_from} to below {age_below}")
PERIOD = N_("from {start}, before {end}")
OPEN = "…"
JUDGED = N_("Kept audits: {count} submissions judged by both editions.")
NO_TURN = N_("No verdict turns.")
UNREADABLE = N_("{count} cannot be read under {edition}: its facts have other types.")
TURNS: Mapping[Turn, str] = {
    Turn.NEW: N_("newly not in conformity"),
    Turn.GONE: N_("no longer not in conformity"),
    Turn.NEWLY_UNDETERMINED: N_("newly undetermined"),
    Turn.NO_LONGER_UNDETERMINED: N_("no longer undetermined"),
    Turn.SEVERITY_CHANGED: N_("severity changed"),
    Turn.OTHERWISE: N_("otherwise changed"),
}
HASH_CHARACTERS = 12
# What of a legal value is not told beside its amount and its days.
SPELLED_OUT = frozenset({"confidence", "cites", "sources", "note"})
STEP = "  "


def told_comparison(
    before: Book, after: Book, comparison: Comparison, language: str
) -> Iterator[str]:
    """Yield the lines that tell what differs."""
    yield translate(
        HEADING,
        language,
        before=before.edition,
        before_hash=before.sha256[:HASH_CHARACTERS],
        after=after.edition,
        after_hash=after.sha256[:HASH_CHARACTERS],
    )
    if comparison.is_empty:
        yield translate(NOTHING_DIFFERS, language)
    lines = {
        "edition": told_fields(comparison.edition),
        "rules": _each(_rule(one, language) for one in comparison.rules),
        "values": _each(
            told_value(one, before, after, language) for one in comparison.values
        ),
        **{
            name: _each(_item(one, language) for one in getattr(comparison, name))
            for name in SECTIONS
            if name not in {"edition", "rules", "values"}
        },
    }
    for name, heading in SECTIONS.items():
        found = list(lines[name])
        if found:
            number = len(getattr(comparison, name))
            yield ""
            yield f"{translate(heading, language)} ({number})"
            yield from (STEP + line for line in found)


def told_effects(
    before: Book | None, after: Book, found: Effects, language: str, *, lists: bool
) -> Iterator[str]:
    """Yield the lines that tell which verdicts of kept audits turn.

    Without `before` it is the editions that judged, each audit by its own.
    """
    yield translate(JUDGED, language, count=found.audits)
    sides = ((after, found.unreadable), (before, found.unreadable_before))
    for book, unreadable in sides:
        if unreadable and book is not None:
            facts = {"count": len(unreadable), "edition": book.edition}
            yield STEP + translate(UNREADABLE, language, **facts)
            yield from _ids(unreadable, lists=lists)
    if not found.turned:
        yield STEP + translate(NO_TURN, language)
    for rule, kinds in found.turned.items():
        told = [
            f"{len(kinds[turn])} {translate(words, language)}"
            for turn, words in TURNS.items()
            if turn in kinds
        ]
        yield f"{STEP}{rule}: {', '.join(told)}"
        for turn in (one for one in TURNS if lists and one in kinds):
            yield f"{STEP * 2}{translate(TURNS[turn], language)}:"
            yield from (STEP + line for line in _ids(kinds[turn], lists=lists))


def _ids(submissions: Sequence[str], *, lists: bool) -> Iterator[str]:
    if lists:
        yield from (STEP * 2 + one for one in submissions)


def _each(told: Iterable[Iterable[str]]) -> Iterator[str]:
    for lines in told:
        yield from lines


def _rule(change: RuleChange, language: str) -> Iterator[str]:
    messages = {ChangeKind.ADDED: ADDED_RULE, ChangeKind.GONE: GONE_RULE}
    message = messages.get(change.kind, DECIDES if change.decides else DECIDES_ALIKE)
    facts = {"day": tell_day(change.since, language)} if change.since else {}
    yield f"{MARKS[change.kind]} {change.id}: {translate(message, language, **facts)}"
    if change.because:
        because = translate(BECAUSE, language, names=", ".join(change.because))
        yield f"{STEP * 2}{because}"
    yield from (STEP * 2 + line for line in told_fields(change.fields))


def _item(change: ItemChange, language: str) -> Iterator[str]:
    told = translate(KINDS[change.kind], language)
    yield f"{MARKS[change.kind]} {change.id}: {told}"
    yield from (STEP * 2 + line for line in told_fields(change.fields))


def told_fields(changes: Iterable[FieldChange]) -> Iterator[str]:
    for change in changes:
        yield from _field(change.field, change.before, change.after)


def _field(name: str, before: Plain, after: Plain) -> Iterator[str]:
    """Yield a field by what differs in it: members of an object, lines of a text."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in {**before, **after}:
            if before.get(key) != after.get(key):
                yield from _field(f"{name}.{key}", before.get(key), after.get(key))
        return
    sides = [_written(one) for one in (before, after)]
    if not any("\n" in side for side in sides):
        yield f"{name}: {sides[0]} → {sides[1]}"
        return
    yield f"{name}:"
    for line in difflib.ndiff(sides[0].splitlines(), sides[1].splitlines()):
        if not line.startswith("?"):
            yield STEP + line.rstrip()


def _written(value: Plain) -> str:
    match value:
        case None:
            return "-"
        case str():
            return value
        case list() if any(isinstance(one, dict) for one in value):
            return "\n".join(json.dumps(one, ensure_ascii=False) for one in value)
        case list():
            return ", ".join(_written(one) for one in value) or "-"
        case _:
            return json.dumps(value, ensure_ascii=False)


def told_value(
    change: LegalChange, before: Book, after: Book, language: str
) -> Iterator[str]:
    kind = ChangeKind.CHANGED if change.before and change.after else ChangeKind.GONE
    kind = ChangeKind.ADDED if change.before is None else kind
    row = change.row
    where = [row.country, str(row.sector)]
    if row.age_from is not None or row.age_below is not None:
        ages = [OPEN if age is None else age for age in (row.age_from, row.age_below)]
        where.append(translate(AGES, language, age_from=ages[0], age_below=ages[1]))
    sides = [
        _amount(one, book, change.parameter, language)
        for one, book in ((change.before, before), (change.after, after))
        if one is not None
    ]
    told = " → ".join(dict.fromkeys(sides))
    yield f"{MARKS[kind]} law.{change.parameter} ({', '.join(where)}): {told}"
    yield f"{STEP * 2}{_counts(change, language)}"
    if change.before is not None and change.after is not None:
        for field in (one for one in change.differing if one in SPELLED_OUT):
            both = [plain(getattr(one, field)) for one in (change.before, change.after)]
            yield from (STEP * 2 + line for line in _field(field, *both))


def _amount(row: LegalValue, book: Book, parameter: str, language: str) -> str:
    unit = book.parameters[parameter].unit
    value = (
        YES_NO[row.value].in_language(language)
        if isinstance(row.value, bool)
        else tell_amount(row.value, unit, row.country, language)
    )
    days = [_day(day, language) for day in (row.start, row.end)]
    period = translate(PERIOD, language, start=days[0], end=days[1])
    return f"{value} ({period})"


def _day(day: date | None, language: str) -> str:
    return OPEN if day is None else tell_day(day, language)


def _counts(change: LegalChange, language: str) -> str:
    if not change.decides:
        fields = ", ".join(change.differing)
        return translate(TOLD_OTHERWISE, language, fields=fields)
    if change.since is None:
        return translate(ALWAYS, language)
    return translate(FROM_DAY_ON, language, day=tell_day(change.since, language))
