"""Reading the examples of a rule, each as the answers document it stands for."""

from collections.abc import Mapping

from rules.answers import AnswersRejected, read_answers
from rules.definitions import (
    Example,
    Grounds,
    Outcome,
    Severity,
)
from rules.mistakes import MistakeList, Place
from rules.scalars import (
    Entries,
    read_entries,
    read_items,
    read_text,
    read_word,
)
from rules.units import QuantityRefused, read_quantity, whole_number_in
from rules.vocabulary import Kind, Roster, Vocabulary
from rules.yaml_events import Mapping as YamlMapping
from rules.yaml_events import Scalar, Sequence, YamlNode


def read_examples(
    rule_id: str, entries: Entries, vocabulary: Vocabulary, mistakes: MistakeList
) -> tuple[Example, ...]:
    items = read_items(entries.get("examples"), "'examples'", mistakes)
    return tuple(
        _read_example(f"{rule_id}[{number}]", item, vocabulary, mistakes)
        for number, item in enumerate(items, start=1)
    )


def _read_example(
    example_id: str, item: YamlNode, vocabulary: Vocabulary, mistakes: MistakeList
) -> Example:
    entries = read_entries(
        item,
        "an example",
        mistakes,
        required=["why", "country", "day", "verdict"],
        optional=[
            "commodity",
            "site_kind",
            "facts",
            *Roster,
            "severity",
            "grounds",
        ],
    )
    places: dict[str, Place] = {}
    document = _example_document(entries, vocabulary, places)
    if all(entries.get(key) is not None for key in ("country", "day")):
        _check_document(document, vocabulary, places, entries.place, mistakes)
    return Example(
        example_id,
        read_text(entries.get("why"), "'why'", mistakes),
        document,
        read_word(entries.get("verdict"), Outcome, "verdict", mistakes)
        or Outcome.UNDETERMINED,
        read_word(entries.get("severity"), Severity, "severity", mistakes),
        read_word(entries.get("grounds"), Grounds, "grounds", mistakes),
        entries.place,
    )


def _example_document(
    entries: Entries, vocabulary: Vocabulary, places: dict[str, Place]
) -> dict[str, object]:
    """Write an example as the answers document it stands for, remembering places."""
    named = {"day": "observed_on"}
    document: dict[str, object] = {"commodity": "coffee", "site_kind": "producer"}
    for key in ("country", "day", "commodity", "site_kind"):
        node = entries.get(key)
        if node is not None:
            name = named.get(key, key)
            places[f"$.{name}"] = node.place
            document[name] = node.text if isinstance(node, Scalar) else None
    facts = entries.get("facts")
    if facts is not None:
        document["facts"] = _plain(facts, "$.facts", places, vocabulary, None)
    for roster in Roster:
        node = entries.get(roster)
        if node is not None:
            document[roster] = _plain_roster(node, roster, places, vocabulary)
    return document


def _plain_roster(
    node: YamlNode, roster: Roster, places: dict[str, Place], vocabulary: Vocabulary
) -> object:
    path = f"$.{roster}"
    if not isinstance(node, Sequence):
        return _plain(node, path, places, vocabulary, roster)
    places[path] = node.place
    members = []
    for position, item in enumerate(node.items):
        member = _plain(item, f"{path}[{position}]", places, vocabulary, roster)
        if isinstance(member, dict):
            member.setdefault("key", f"{roster[0]}{position + 1}")
        members.append(member)
    return members


def _plain(
    node: YamlNode,
    path: str,
    places: dict[str, Place],
    vocabulary: Vocabulary,
    roster: Roster | None,
) -> object:
    """Return the JSON value of a node; a number in the unit of its fact."""
    places[path] = node.place
    if isinstance(node, Sequence):
        return [
            _plain(item, f"{path}[{position}]", places, vocabulary, roster)
            for position, item in enumerate(node.items)
        ]
    if isinstance(node, YamlMapping):
        plain = {}
        for key, value in node.entries:
            plain[key.text] = _plain(
                value, f"{path}.{key.text}", places, vocabulary, roster
            )
            places[f"{path}.{key.text}"] = key.place
        return plain
    return _plain_scalar(node, path.rpartition(".")[2], vocabulary, roster)


def _plain_scalar(
    node: Scalar, name: str, vocabulary: Vocabulary, roster: Roster | None
) -> object:
    if node.is_null:
        return None
    fact = vocabulary.by_roster[roster].get(name)
    if fact is not None and fact.kind is Kind.INTEGER and fact.unit is not None:
        try:
            return whole_number_in(read_quantity(node.text), fact.unit)
        except QuantityRefused:
            return node.text
    if node.is_plain and node.text in ("true", "false"):
        return node.text == "true"
    return node.text


def _check_document(
    document: Mapping[str, object],
    vocabulary: Vocabulary,
    places: Mapping[str, Place],
    otherwise: Place,
    mistakes: MistakeList,
) -> None:
    try:
        read_answers(vocabulary, document)
    except AnswersRejected as rejected:
        for fault in rejected.faults:
            place = places.get(fault.path, otherwise)
            told = fault.path.removeprefix("$.").removeprefix("facts.")
            mistakes.note(place, f"'{told}': {fault.message.en}", fault.remedy.en)
