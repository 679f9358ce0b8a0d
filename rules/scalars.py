"""Reading the small parts of a book file: words, days, numbers, texts, whole mappings.

A reader that finds a mistake notes it and returns a stand-in, so that reading goes on
and finds the rest; a book with any mistake is refused as a whole, so no stand-in
is ever used.
"""

import re
from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from functools import cache
from typing import TypeVar

from rules.mistakes import MistakeList, Place, suggestion
from rules.texts import LANGUAGES, Text
from rules.units import QuantityRefused, Unit, read_quantity, whole_number_in
from rules.yaml_events import Mapping, Scalar, Sequence, YamlNode

Word = TypeVar("Word", bound=StrEnum)
NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_COUNTRY = re.compile(r"[A-Z]{2}")
# Beyond this a JSON reader elsewhere may lose digits (RFC 8785).
LARGEST = 2**53 - 1


class Entries:
    """The values of a mapping by key; what is absent was noted if it was required."""

    def __init__(
        self, place: Place, keys: dict[str, Scalar], by_key: dict[str, YamlNode]
    ):
        self.place = place
        self._keys = keys
        self._by_key = by_key

    def get(self, key: str) -> YamlNode | None:
        return self._by_key.get(key)

    def place_of(self, key: str) -> Place:
        """Where the value of a key stands, or the mapping if there is none."""
        node = self._by_key.get(key)
        return node.place if node else self.place

    def key_place(self, key: str) -> Place:
        return self._keys[key].place if key in self._keys else self.place

    def items(self) -> Iterable[tuple[Scalar, YamlNode]]:
        return [(self._keys[key], value) for key, value in self._by_key.items()]

    def keys(self) -> Iterable[Scalar]:
        return self._keys.values()


def read_entries(
    node: YamlNode | None,
    what: str,
    mistakes: MistakeList,
    *,
    required: Iterable[str] = (),
    optional: Iterable[str] = (),
) -> Entries:
    """Read a mapping with known keys; note each key that is unknown or wanting."""
    entries = read_open_entries(node, what, mistakes)
    known = [*required, *optional]
    for key in entries.keys():  # noqa: SIM118 - entries are no dict
        if key.text not in known:
            mistakes.note(
                key.place, f"{what} has no '{key.text}'.", suggestion(key.text, known)
            )
    if isinstance(node, Mapping):
        for wanted in required:
            if entries.get(wanted) is None:
                mistakes.note(node.place, f"{what} needs '{wanted}'.", "Add it.")
    return entries


def read_open_entries(
    node: YamlNode | None, what: str, mistakes: MistakeList
) -> Entries:
    """Read a mapping whose keys are names of the author's own."""
    if not isinstance(node, Mapping):
        place = node.place if node else Place("", 0, 0)
        if node is not None:
            mistakes.note(
                place, f"{what} must be 'key: value' pairs.", "Give each line a key."
            )
        return Entries(place, {}, {})
    return Entries(
        node.place,
        {key.text: key for key, _ in node.entries},
        {key.text: value for key, value in node.entries},
    )


def read_items(
    node: YamlNode | None, what: str, mistakes: MistakeList
) -> list[YamlNode]:
    if node is None:
        return []
    if isinstance(node, Sequence):
        return list(node.items)
    mistakes.note(node.place, f"{what} must be a list.", "Begin each item with '- '.")
    return []


def read_text(node: YamlNode | None, what: str, mistakes: MistakeList) -> str:
    if node is None:
        return ""
    if isinstance(node, Scalar) and not node.is_null and node.text.strip():
        return node.text.strip()
    mistakes.note(node.place, f"{what} must be a text.", "Write it out.")
    return ""


def read_bilingual(node: YamlNode | None, what: str, mistakes: MistakeList) -> Text:
    """Read `{en: …, es: …}`; a missing translation is a mistake."""
    if node is None:
        return Text("", "")
    if isinstance(node, Scalar):
        mistakes.note(
            node.place,
            f"{what} must be told in every language.",
            "Write {en: …, es: …}.",
        )
        return Text("", "")
    entries = read_entries(node, what, mistakes, optional=LANGUAGES)
    for language in LANGUAGES:
        if entries.get(language) is None:
            mistakes.note(
                node.place, f"{what} has no translation '{language}'.", "Add it."
            )
    told = {
        language: read_text(entries.get(language), f"{what} ({language})", mistakes)
        for language in LANGUAGES
    }
    return Text(**told)


def read_optional_bilingual(
    node: YamlNode | None, what: str, mistakes: MistakeList
) -> Text | None:
    return None if node is None else read_bilingual(node, what, mistakes)


@cache
def _spelled(words: type[StrEnum]) -> frozenset[str]:
    return frozenset(word.value for word in words)


def read_word(
    node: YamlNode | None, words: type[Word], what: str, mistakes: MistakeList
) -> Word | None:
    """Read one word of a closed vocabulary."""
    if node is None:
        return None
    text = node.text if isinstance(node, Scalar) else ""
    known = _spelled(words)
    if text in known:
        return words(text)
    if isinstance(node, Scalar) and text:
        message = f"'{text}' is not a {what}."
    else:
        message = f"{what} must be one word."
    mistakes.note(node.place, message, suggestion(text, known))
    return None


def read_yes_no(
    node: YamlNode | None, what: str, mistakes: MistakeList, *, default: bool = False
) -> bool:
    if node is None:
        return default
    if isinstance(node, Scalar) and node.is_plain and node.text in ("true", "false"):
        return node.text == "true"
    mistakes.note(
        node.place,
        f"{what} must be true or false.",
        "Write true or false: YES is a text here, and NO is Norway.",
    )
    return default


def read_day(node: YamlNode | None, what: str, mistakes: MistakeList) -> date | None:
    """Read a day; null and an absent key are None."""
    if node is None or (isinstance(node, Scalar) and node.is_null):
        return None
    if isinstance(node, Scalar) and _DAY.fullmatch(node.text):
        try:
            return date.fromisoformat(node.text)
        except ValueError:
            mistakes.note(
                node.place,
                f"{what}: there is no day {node.text}.",
                "Check the calendar.",
            )
            return None
    mistakes.note(node.place, f"{what} must be a day.", "Write it as 2026-11-03.")
    return None


def read_number(
    node: YamlNode | None, unit: Unit, what: str, mistakes: MistakeList
) -> int:
    """Read a whole number, exactly converted if it carries a unit of its own."""
    if node is None:
        return 0
    if not isinstance(node, Scalar) or node.is_null:
        mistakes.note(
            node.place, f"{what} must be a number.", f"Write it in {unit.name}."
        )
        return 0
    try:
        number = whole_number_in(read_quantity(node.text), unit)
    except QuantityRefused as refused:
        mistakes.note(node.place, f"{what}: {refused}", f"Write it in {unit.name}.")
        return 0
    if abs(number) > LARGEST:
        mistakes.note(node.place, f"{what} is too large.", f"At most {LARGEST}.")
        return 0
    return number


def read_country(node: YamlNode | None, mistakes: MistakeList) -> str:
    if node is None:
        return ""
    if isinstance(node, Scalar) and _COUNTRY.fullmatch(node.text):
        return node.text
    mistakes.note(
        node.place, "a country must be two capital letters.", "Write CO for Colombia."
    )
    return ""


def is_name(key: Scalar, what: str, mistakes: MistakeList) -> bool:
    if NAME.fullmatch(key.text):
        return True
    mistakes.note(
        key.place,
        f"'{key.text}' cannot name {what}.",
        "Use small letters, digits and single underscores: hours_per_week.",
    )
    return False
