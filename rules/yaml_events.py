"""YAML as text with positions: no guessing of types, no anchors, tags or duplicate keys.

YAML's own typing turns `NO` into false and `12:30` into a number; here every scalar is
the text that was written, and the vocabulary says what it means.
"""

from collections.abc import Iterator
from typing import NamedTuple

import yaml

from rules.mistakes import MistakeList, Place

# The C scanner reads a book ten times faster; without it the Python one does the same.
_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_MAXIMUM_DEPTH = 30


class Scalar(NamedTuple):
    place: Place
    text: str
    is_plain: bool

    @property
    def starts_at(self) -> Place:
        """Where the text itself begins: one further than `place` inside quotes."""
        return self.place if self.is_plain else self.place.shifted(1)

    @property
    def is_null(self) -> bool:
        return self.is_plain and self.text in ("null", "~", "")


class Sequence(NamedTuple):
    place: Place
    items: tuple["YamlNode", ...]


class Mapping(NamedTuple):
    place: Place
    entries: tuple[tuple[Scalar, "YamlNode"], ...]


YamlNode = Scalar | Sequence | Mapping


class _Unreadable(Exception):
    """The rest of this file makes no sense; the mistake has been noted."""


def read_yaml(file: str, content: bytes, mistakes: MistakeList) -> YamlNode | None:
    """Return the one document of a file, or None after noting what is wrong with it."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        mistakes.note(Place(file, line, 1), "this is not UTF-8.", "Save it as UTF-8.")
        return None
    composer = _Composer(file, mistakes)
    try:
        return composer.document(text)
    except yaml.MarkedYAMLError as error:
        _note_syntax(error, file, mistakes)
    except yaml.reader.ReaderError as error:
        mistakes.note(
            Place(file, text.count("\n", 0, error.position) + 1, 1),
            "there is a character here that YAML does not allow.",
            "Remove the control character.",
        )
    except _Unreadable:
        pass
    return None


def _note_syntax(error: yaml.MarkedYAMLError, file: str, mistakes: MistakeList) -> None:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    what = error.problem or "this cannot be read"
    remedy = (
        "Check the indentation, the brackets and the colons just before this place."
    )
    if "flow" in (error.context or "") or "','" in what:
        remedy = (
            "A line with a list of its own, such as 'x is one of [a, b]', cannot stand "
            "inside [...]: give it a line of its own that begins with '- '."
        )
    start = error.context_mark
    since = f", in what begins on line {start.line + 1}" if start else ""
    mistakes.note(Place(file, line, column), f"not valid YAML: {what}{since}.", remedy)


class _Composer:
    """Builds nodes from events, one file at a time."""

    def __init__(self, file: str, mistakes: MistakeList) -> None:
        self._file = file
        self._mistakes = mistakes

    def document(self, text: str) -> YamlNode | None:
        events: Iterator[yaml.Event] = iter(yaml.parse(text, Loader=_LOADER))
        found: YamlNode | None = None
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                if found is not None:
                    self._stop(event, "a second document begins here.", "Remove '---'.")
                found = self._node(next(events), events, 0)
        if found is None:
            self._mistakes.note(
                Place(self._file, 1, 1), "the file is empty.", "Write or remove it."
            )
        return found

    def _node(
        self, event: yaml.Event, events: Iterator[yaml.Event], depth: int
    ) -> YamlNode:
        if isinstance(event, yaml.AliasEvent):
            self._stop(event, "an alias (*) is not allowed.", "Write it out again.")
        assert isinstance(  # noqa: S101 - narrows
            event, (yaml.ScalarEvent, yaml.CollectionStartEvent)
        )
        if event.anchor is not None:
            self._stop(event, "an anchor (&) is not allowed.", "Write it out twice.")
        if event.tag is not None:
            self._stop(event, "a tag (!) is not allowed.", "Remove it.")
        if isinstance(event, yaml.ScalarEvent):
            return Scalar(self._place(event), event.value, not event.style)
        if depth > _MAXIMUM_DEPTH:
            self._stop(event, "this is nested too deeply.", "Name a part as derived.")
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(event, events, depth)
        return self._mapping(event, events, depth)

    def _sequence(
        self, start: yaml.Event, events: Iterator[yaml.Event], depth: int
    ) -> Sequence:
        items = []
        for event in events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            items.append(self._node(event, events, depth + 1))
        return Sequence(self._place(start), tuple(items))

    def _mapping(
        self, start: yaml.Event, events: Iterator[yaml.Event], depth: int
    ) -> Mapping:
        entries: dict[str, tuple[Scalar, YamlNode]] = {}
        for event in events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            key = self._node(event, events, depth + 1)
            value = self._node(next(events), events, depth + 1)
            if not isinstance(key, Scalar):
                self._mistakes.note(
                    key.place, "a key must be a word.", "Name it by one word."
                )
            elif key.text in entries:
                first = entries[key.text][0].place.line
                self._mistakes.note(
                    key.place,
                    f"'{key.text}' stands twice; the first is on line {first}.",
                    "Keep one of them.",
                )
            else:
                entries[key.text] = (key, value)
        return Mapping(self._place(start), tuple(entries.values()))

    def _place(self, event: yaml.Event) -> Place:
        mark = event.start_mark
        if mark is None:
            return Place(self._file, 1, 1)
        return Place(self._file, mark.line + 1, mark.column + 1)

    def _stop(self, event: yaml.Event, message: str, remedy: str) -> None:
        self._mistakes.note(self._place(event), message, remedy)
        raise _Unreadable
