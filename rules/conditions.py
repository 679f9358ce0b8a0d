"""The grammar of conditions: structure by indentation, one plain comparison to a line.

Sugar ends here: `none`, `no`, `unless`, `at_least` and lists become *not*, *all*,
*any* and bare counts. Where a line is wrong the rest still goes on to be checked, so that
one run tells everything; a book with any mistake is refused, and no such part is used.
"""

import re

from rules.expressions import Comparison
from rules.lines import read_line
from rules.mistakes import MistakeList, suggestion
from rules.scalars import read_entries, read_items
from rules.vocabulary import Roster
from rules.written import CountOf, EveryOf, Joined, Negated, SomeOf, Written
from rules.yaml_events import Mapping, Scalar, Sequence, YamlNode

_GROUPS = ("all", "any", "none", "not", "unless")
_QUANTIFIERS = ("some", "no", "every", "count")
_KEYS = (
    *_GROUPS,
    *(f"{word} {roster}" for word in _QUANTIFIERS for roster in Roster),
)
_BOUNDS = {
    "at_least": Comparison.AT_LEAST,
    "at_most": Comparison.AT_MOST,
    "more_than": Comparison.ABOVE,
    "fewer_than": Comparison.BELOW,
}


def read_condition(node: YamlNode | None, mistakes: MistakeList) -> Written | None:
    """Read the condition at a node, or note what is wrong and return None."""
    if node is None:
        return None
    if isinstance(node, Scalar):
        return read_line(node, mistakes)
    if isinstance(node, Sequence):
        mistakes.note(
            node.place,
            "a list must say how its lines are joined.",
            "Put 'all:', 'any:' or 'none:' before it.",
        )
        return None
    return _read_mapping(node, mistakes)


def _read_mapping(node: Mapping, mistakes: MistakeList) -> Written | None:
    parts = [_read_entry(key, value, mistakes) for key, value in node.entries]
    words = [key.text for key, _ in node.entries]
    if not words:
        mistakes.note(node.place, "a condition is empty.", "Say when it holds.")
    if words == ["unless"]:
        mistakes.note(
            node.place,
            "'unless' needs something it is an exception to.",
            "Put 'all:' or 'any:' beside it, or write 'not:'.",
        )
    found = [part for part in parts if part is not None]
    if not found:
        return None
    return (
        found[0]
        if len(found) == 1
        else Joined(node.place, of_all=True, items=tuple(found))
    )


def _read_entry(key: Scalar, value: YamlNode, mistakes: MistakeList) -> Written | None:
    match key.text.split():
        case ["all" | "any" as word]:
            return _join(value, f"'{word}:'", mistakes, of_all=word == "all")
        case ["none"]:
            return _negate(key, _join(value, "'none:'", mistakes, of_all=False))
        case ["not"]:
            return _negate(key, read_condition(value, mistakes))
        case ["unless"]:
            return _negate(key, _read_all(value, mistakes))
        case [("some" | "no" | "every" | "count") as word, roster] if roster in list(
            Roster
        ):
            return _read_quantifier(key, word, Roster(roster), value, mistakes)
        case [("some" | "no" | "every" | "count") as word, *rest]:
            roster = " ".join(rest)
            mistakes.note(
                key.place,
                f"'{word}' goes over a roster; '{roster}' is none.",
                suggestion(roster, Roster),
            )
        case _:
            mistakes.note(
                key.place,
                f"'{key.text}' is not a word of conditions.",
                suggestion(key.text, _KEYS) or f"Use one of: {', '.join(_GROUPS)}.",
            )
    return None


def _join(
    node: YamlNode, what: str, mistakes: MistakeList, *, of_all: bool
) -> Written | None:
    items = read_items(node, what, mistakes)
    if isinstance(node, Sequence) and not items:
        mistakes.note(node.place, f"{what} has no lines.", "Say what it joins.")
    read = [read_condition(item, mistakes) for item in items]
    found = tuple(item for item in read if item is not None)
    if not found:
        return None
    return found[0] if len(found) == 1 else Joined(node.place, of_all, found)


def _read_all(node: YamlNode, mistakes: MistakeList) -> Written | None:
    """Read a condition where a bare list means all of it."""
    if isinstance(node, Sequence):
        return _join(node, "the list", mistakes, of_all=True)
    return read_condition(node, mistakes)


def _negate(key: Scalar, item: Written | None) -> Written | None:
    return None if item is None else Negated(key.place, item)


def _read_quantifier(
    key: Scalar, word: str, roster: Roster, value: YamlNode, mistakes: MistakeList
) -> Written | None:
    if word == "every":
        return _read_every(key, roster, value, mistakes)
    if word == "count":
        return _read_count(key, roster, value, mistakes)
    item = _read_all(value, mistakes)
    if item is None:
        return None
    some = SomeOf(key.place, roster, item)
    return Negated(key.place, some) if word == "no" else some


def _read_every(
    key: Scalar, roster: Roster, value: YamlNode, mistakes: MistakeList
) -> Written | None:
    entries = value.entries if isinstance(value, Mapping) else ()
    if_empty = next((node for word, node in entries if word.text == "if_empty"), None)
    if if_empty is None:
        mistakes.note(
            key.place,
            "'every' is true for an empty roster.",
            "Say 'if_empty: clear' or 'if_empty: flag'.",
        )
    rest = (
        Mapping(value.place, tuple(e for e in entries if e[0].text != "if_empty"))
        if isinstance(value, Mapping)
        else value
    )
    item = _read_all(rest, mistakes)
    meaning = if_empty.text if isinstance(if_empty, Scalar) else ""
    if if_empty is not None and meaning not in ("clear", "flag"):
        mistakes.note(
            if_empty.place,
            "'if_empty' must be 'clear' or 'flag'.",
            suggestion(meaning, ("clear", "flag")),
        )
    if item is None:
        return None
    return EveryOf(key.place, roster, item, meaning == "flag")


def _read_count(
    key: Scalar, roster: Roster, value: YamlNode, mistakes: MistakeList
) -> Written | None:
    entries = read_entries(
        value, "'count'", mistakes, required=["where"], optional=_BOUNDS
    )
    where = entries.get("where")
    item = None if where is None else _read_all(where, mistakes)
    bounds = [(word, entries.get(word)) for word in _BOUNDS]
    given = [(word, node) for word, node in bounds if node is not None]
    if not given:
        mistakes.note(
            key.place, "'count' needs a number.", f"Add one of: {', '.join(_BOUNDS)}."
        )
    numbers = [_read_bound(word, node, mistakes) for word, node in given]
    if item is None or not numbers:
        return None
    counts = tuple(
        CountOf(key.place, roster, item, _BOUNDS[word], number)
        for (word, _), number in zip(given, numbers, strict=True)
    )
    return (
        counts[0] if len(counts) == 1 else Joined(key.place, of_all=True, items=counts)
    )


def _read_bound(word: str, node: YamlNode, mistakes: MistakeList) -> int:
    if isinstance(node, Scalar) and re.fullmatch(r"\d{1,6}", node.text):
        return int(node.text)
    mistakes.note(
        node.place,
        f"'{word}' must be a whole number of people.",
        f"Write '{word}: 2'.",
    )
    return 0
