"""Reading rules with their examples, and derived conditions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeVar

from rules.checking import Checked, check_condition
from rules.conditions import read_condition
from rules.definitions import (
    Citation,
    DerivedDefinition,
    Indicator,
    Instrument,
    Period,
    Rule,
    Scopes,
    Severity,
    Status,
    Step,
    Topic,
)
from rules.mistakes import MistakeList, suggestion
from rules.names import Names
from rules.reading_examples import read_examples
from rules.scalars import (
    Entries,
    read_bilingual,
    read_country,
    read_day,
    read_entries,
    read_items,
    read_optional_bilingual,
    read_text,
    read_word,
)
from rules.value_types import Use
from rules.vocabulary import Commodity, Roster, SiteKind, Vocabulary
from rules.yaml_events import Mapping as YamlMapping
from rules.yaml_events import Scalar, Sequence, YamlNode

Word = TypeVar("Word", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Registers:
    """What a rule may refer to by name."""

    instruments: Mapping[str, Instrument]
    indicators: Mapping[str, Indicator]
    countries: frozenset[str]


@dataclass(frozen=True, slots=True)
class ReadRule:
    """A rule, with the places where it reads law and derived conditions."""

    rule: Rule
    uses: tuple[Use, ...]


def read_rule(
    path: str,
    node: YamlNode,
    names: Names,
    registers: Registers,
    mistakes: MistakeList,
) -> ReadRule | None:
    """Read one rule; None if its condition cannot be understood."""
    entries = read_entries(
        node,
        "a rule",
        mistakes,
        required=[
            "id",
            "title",
            "severity",
            "in_force",
            "cites",
            "flag_when",
            "remedy",
            "examples",
        ],
        optional=[
            "idea",
            "status",
            "step",
            "indicator",
            "countries",
            "commodities",
            "site_kinds",
            "note",
            "applies_when",
        ],
    )
    rule_id = _read_id(path, entries, mistakes)
    checked = {
        key: check_condition(
            read_condition(entries.get(key), mistakes), names, mistakes
        )
        for key in ("applies_when", "flag_when")
    }
    status = Status.ACTIVE
    if entries.get("status") is not None:
        status = read_word(entries.get("status"), Status, "status", mistakes) or status
    idea = entries.get("idea")
    examples = read_examples(rule_id, entries, names.vocabulary, mistakes)
    scopes = _read_scopes(entries, registers, mistakes)
    flag_when = checked["flag_when"]
    if flag_when is None:
        return None
    applies_when = checked["applies_when"]
    rule = Rule(
        rule_id,
        _topic_of(path),
        read_bilingual(entries.get("title"), "the title", mistakes),
        read_word(entries.get("severity"), Severity, "severity", mistakes)
        or Severity.MINOR,
        status,
        None if idea is None else read_text(idea, "'idea'", mistakes),
        read_word(entries.get("step"), Step, "step", mistakes),
        _read_indicator(entries.get("indicator"), registers, mistakes),
        _read_citations(entries, registers, mistakes),
        read_period(entries.get("in_force"), mistakes),
        scopes,
        applies_when.condition if applies_when else None,
        flag_when.condition,
        read_bilingual(entries.get("remedy"), "the remedy", mistakes),
        examples,
        entries.place,
        note=read_optional_bilingual(entries.get("note"), "the note", mistakes),
    )
    uses = (*(applies_when.uses if applies_when else ()), *flag_when.uses)
    return ReadRule(rule, uses)


def _read_id(path: str, entries: Entries, mistakes: MistakeList) -> str:
    expected = path.removesuffix(".yaml").replace("/", ".")
    written = read_text(entries.get("id"), "'id'", mistakes)
    if written and written != expected:
        mistakes.note(
            entries.place_of("id"),
            f"the id '{written}' does not say where the file is.",
            f"Write 'id: {expected}', or move the file.",
        )
    return expected


def _topic_of(path: str) -> Topic:
    return Topic(path.partition("/")[0])


def read_period(node: YamlNode | None, mistakes: MistakeList) -> Period:
    entries = read_entries(
        node, "'in_force'", mistakes, required=["from"], optional=["to"]
    )
    start = read_day(entries.get("from"), "'from'", mistakes)
    end = read_day(entries.get("to"), "'to'", mistakes)
    if start is not None and end is not None and end <= start:
        mistakes.note(
            entries.place_of("to"),
            "'to' must lie after 'from'.",
            "'to' is the first day it is no longer in force.",
        )
    return Period(start or date.min, end)


def _read_indicator(
    node: YamlNode | None, registers: Registers, mistakes: MistakeList
) -> str | None:
    if node is None:
        return None
    indicator = read_text(node, "'indicator'", mistakes)
    if indicator and indicator not in registers.indicators:
        mistakes.note(
            node.place,
            f"there is no indicator '{indicator}'.",
            suggestion(indicator, registers.indicators),
        )
    return indicator


def _read_citations(
    entries: Entries, registers: Registers, mistakes: MistakeList
) -> tuple[Citation, ...]:
    node = entries.get("cites")
    items = read_items(node, "'cites'", mistakes)
    if isinstance(node, Sequence) and not items:
        mistakes.note(node.place, "a rule must cite what it stands on.", "Add one.")
    return tuple(_read_citation(item, registers, mistakes) for item in items)


def _read_citation(
    item: YamlNode, registers: Registers, mistakes: MistakeList
) -> Citation:
    entries = read_entries(
        item, "a citation", mistakes, required=["instrument", "article"]
    )
    instrument = read_text(entries.get("instrument"), "'instrument'", mistakes)
    if instrument and instrument not in registers.instruments:
        mistakes.note(
            entries.place_of("instrument"),
            f"the instrument '{instrument}' is not in instruments.yaml.",
            suggestion(instrument, registers.instruments),
        )
    return Citation(
        instrument, read_text(entries.get("article"), "'article'", mistakes)
    )


def _read_scopes(
    entries: Entries, registers: Registers, mistakes: MistakeList
) -> Scopes:
    countries = set()
    for item in read_items(entries.get("countries"), "'countries'", mistakes):
        country = read_country(item, mistakes)
        if country and country not in registers.countries:
            mistakes.note(
                item.place,
                f"{country} is not a country of the book.",
                suggestion(country, registers.countries),
            )
        countries.add(country)
    return Scopes(
        frozenset(countries),
        _read_words(entries, "commodities", Commodity, "commodity", mistakes),
        _read_words(entries, "site_kinds", SiteKind, "kind of site", mistakes),
    )


def _read_words(
    entries: Entries, key: str, words: type[Word], what: str, mistakes: MistakeList
) -> frozenset[Word]:
    read = [
        read_word(item, words, what, mistakes)
        for item in read_items(entries.get(key), f"'{key}'", mistakes)
    ]
    return frozenset(word for word in read if word is not None)


def read_derived(
    files: Mapping[str, YamlNode], vocabulary: Vocabulary, mistakes: MistakeList
) -> dict[str, tuple[Scalar, Entries, Roster | None]]:
    """Read the names of derived conditions, so that any may speak of any other."""
    derived: dict[str, tuple[Scalar, Entries, Roster | None]] = {}
    for node in files.values():
        file = read_entries(
            node,
            "a file of derived conditions",
            mistakes,
            required=["derived"],
            optional=["roster"],
        )
        roster = read_word(file.get("roster"), Roster, "roster", mistakes)
        found = file.get("derived")
        for key, value in found.entries if isinstance(found, YamlMapping) else ():
            derived_id = f"{roster}.{key.text}" if roster else key.text
            _refuse_taken_name(key, derived_id, derived, vocabulary, mistakes)
            entries = read_entries(
                value,
                f"the derived condition '{key.text}'",
                mistakes,
                required=["title", "when"],
            )
            derived[derived_id] = (key, entries, roster)
    return derived


def _refuse_taken_name(
    key: Scalar,
    derived_id: str,
    derived: Mapping[str, object],
    vocabulary: Vocabulary,
    mistakes: MistakeList,
) -> None:
    if derived_id in vocabulary.facts:
        mistakes.note(key.place, f"'{derived_id}' is already a fact.", "Rename it.")
    if derived_id in derived:
        mistakes.note(key.place, f"'{derived_id}' is defined twice.", "Keep one.")


def check_derived(
    read: Mapping[str, tuple[Scalar, Entries, Roster | None]],
    names: Names,
    mistakes: MistakeList,
) -> tuple[dict[str, DerivedDefinition], dict[str, tuple[Use, ...]]]:
    """Check every derived condition; return them, and what each of them reads."""
    definitions: dict[str, DerivedDefinition] = {}
    uses: dict[str, tuple[Use, ...]] = {}
    for derived_id, (key, entries, roster) in read.items():
        title = read_bilingual(
            entries.get("title"), f"the title of '{key.text}'", mistakes
        )
        written = read_condition(entries.get("when"), mistakes)
        checked: Checked | None = check_condition(
            written, names, mistakes, roster=roster
        )
        if checked is not None:
            definitions[derived_id] = DerivedDefinition(
                key.text, roster, title, checked.condition
            )
            uses[derived_id] = checked.uses
    return definitions, uses
