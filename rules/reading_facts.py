"""Reading the vocabulary: `book/facts/*.yaml`."""

from rules.lines import RESERVED
from rules.mistakes import MistakeList, suggestion
from rules.scalars import (
    Entries,
    is_name,
    read_bilingual,
    read_entries,
    read_items,
    read_number,
    read_open_entries,
    read_word,
    read_yes_no,
)
from rules.texts import Text
from rules.units import BASE_UNITS, UNITS, Unit
from rules.vocabulary import FactDefinition, Kind, Roster, Sensitive, Worse
from rules.yaml_events import Scalar, YamlNode


def read_facts(
    files: dict[str, YamlNode], mistakes: MistakeList
) -> dict[str, FactDefinition]:
    """Read every fact, by id; a fact with a mistake still keeps its name."""
    facts: dict[str, FactDefinition] = {}
    for node in files.values():
        entries = read_entries(
            node,
            "a file of facts",
            mistakes,
            required=["facts"],
            optional=["roster"],
        )
        roster = read_word(entries.get("roster"), Roster, "roster", mistakes)
        for key, value in read_open_entries(
            entries.get("facts"), "'facts'", mistakes
        ).items():
            fact = _read_fact(key, value, roster, mistakes)
            if fact.id in facts:
                mistakes.note(
                    key.place, f"the fact '{fact.id}' is defined twice.", "Keep one."
                )
            facts[fact.id] = fact
    return facts


def _read_fact(
    key: Scalar, node: YamlNode, roster: Roster | None, mistakes: MistakeList
) -> FactDefinition:
    if is_name(key, "a fact", mistakes) and (
        key.text in RESERVED or (roster is not None and key.text == "key")
    ):
        mistakes.note(key.place, f"'{key.text}' is a word of the language.", "Rename.")
    what = f"the fact '{key.text}'"
    entries = read_entries(
        node,
        what,
        mistakes,
        required=["title", "type"],
        optional=["unit", "range", "options", "sensitive", "worse", "migrants"],
    )
    kind = read_word(entries.get("type"), Kind, "type of fact", mistakes)
    _refuse_misfits(entries, kind, what, mistakes)
    unit = read_base_unit(entries.get("unit"), mistakes)
    lowest, highest = _read_range(entries.get("range"), unit, what, mistakes)
    return FactDefinition(
        key.text,
        roster,
        read_bilingual(entries.get("title"), f"the title of '{key.text}'", mistakes),
        kind or Kind.YES_NO,
        unit,
        lowest,
        highest,
        _read_options(entries.get("options"), what, mistakes),
        read_word(entries.get("sensitive"), Sensitive, "kind of person", mistakes),
        _read_worse(entries.get("worse"), kind, what, mistakes),
        read_yes_no(entries.get("migrants"), "'migrants'", mistakes),
    )


_DIRECTIONS = {
    Kind.YES_NO: (Worse.TRUE, Worse.FALSE),
    Kind.INTEGER: (Worse.HIGHER, Worse.LOWER),
    Kind.CHOICES: (Worse.MORE, Worse.FEWER),
}


def _read_worse(
    node: YamlNode | None, kind: Kind | None, what: str, mistakes: MistakeList
) -> Worse | None:
    worse = read_word(node, Worse, "direction", mistakes)
    known = () if kind is None else _DIRECTIONS.get(kind, ())
    if node is not None and worse is not None and worse not in known:
        mistakes.note(
            node.place,
            f"{what} is {kind}; '{worse}' does not fit it.",
            f"Write '{known[0]}' or '{known[1]}'." if known else "Remove it.",
        )
    return worse


_NEEDED = {
    Kind.INTEGER: ("unit", "range"),
    Kind.CHOICE: ("options",),
    Kind.CHOICES: ("options",),
}


def _refuse_misfits(
    entries: Entries, kind: Kind | None, what: str, mistakes: MistakeList
) -> None:
    if kind is None:
        return
    needed = _NEEDED.get(kind, ())
    for key in ("unit", "range", "options"):
        if key in needed and entries.get(key) is None:
            mistakes.note(
                entries.place, f"{what} is {kind} and needs '{key}'.", "Add it."
            )
        if key not in needed and entries.get(key) is not None:
            mistakes.note(
                entries.key_place(key),
                f"{what} is {kind}; '{key}' does not fit it.",
                "Remove it.",
            )


def read_base_unit(node: YamlNode | None, mistakes: MistakeList) -> Unit | None:
    """Read a unit that numbers are kept in: minutes, not hours."""
    if node is None:
        return None
    name = node.text if isinstance(node, Scalar) else ""
    unit = UNITS.get(name)
    if unit is not None and unit.factor == 1:
        return unit
    if unit is None:
        mistakes.note(
            node.place, f"'{name}' is not a unit.", suggestion(name, BASE_UNITS)
        )
        return None
    base = next(
        base.name
        for base in UNITS.values()
        if base.dimension == unit.dimension and base.factor == 1
    )
    mistakes.note(
        node.place, f"numbers are kept in {base}, not in {name}.", f"Write '{base}'."
    )
    return UNITS[base]


def _read_range(
    node: YamlNode | None, unit: Unit | None, what: str, mistakes: MistakeList
) -> tuple[int, int]:
    if node is None:
        return 0, 0
    bounds = [
        read_number(item, unit or UNITS["number"], f"the range of {what}", mistakes)
        for item in read_items(node, f"the range of {what}", mistakes)
    ]
    if len(bounds) == 2 and bounds[0] < bounds[1]:
        return bounds[0], bounds[1]
    mistakes.note(
        node.place,
        f"the range of {what} must be its lowest and its highest number.",
        "Write range: [0, 120].",
    )
    return 0, 0


def _read_options(
    node: YamlNode | None, what: str, mistakes: MistakeList
) -> dict[str, Text]:
    options: dict[str, Text] = {}
    if node is None:
        return options
    for key, value in read_open_entries(
        node, f"the options of {what}", mistakes
    ).items():
        is_name(key, "an option", mistakes)
        options[key.text] = read_bilingual(value, f"the option '{key.text}'", mistakes)
    if len(options) > 64:
        mistakes.note(node.place, f"{what} has more than 64 options.", "Split it.")
    return options
