"""An entry of a policy as fields: its leaves told one by one, and read back from a form."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from api.pages.forms import FieldWrong, Form
from api.pages.policies_words import PARTS
from compliance.policies.dated import Entry, Policy
from compliance.texts import N_, translate

KEPT_APART = frozenset({"valid_from", "source"})
YES_NO = (("true", N_("yes")), ("false", N_("no")))
NUMBER = N_("Write a number.")


@dataclass(frozen=True)
class Leaf:
    """One value of an entry: where it stands, and what it is now."""

    path: tuple[str, ...]
    value: Any

    @property
    def field(self) -> str:
        """Return its name in a form, which is that of a bound on it too."""
        return ".".join(self.path)

    def label(self, language: str) -> str:
        """Return what it is called within its field."""
        told = [
            translate(PARTS.get(part, part.replace("_", " ")), language)
            for part in self.path[1:] or ("value",)
        ]
        return " · ".join(told)

    @property
    def is_yes_or_no(self) -> bool:
        return isinstance(self.value, bool)

    @property
    def is_number(self) -> bool:
        return isinstance(self.value, int | float) and not self.is_yes_or_no

    @property
    def written(self) -> str:
        """Return the value as a field holds it."""
        if isinstance(self.value, list):
            return ", ".join(str(one) for one in self.value)
        if self.is_yes_or_no:
            return "true" if self.value else "false"
        return "" if self.value is None else str(self.value)

    def read(self, form: Form) -> Any:
        """Return what a form has for it; raise FieldWrong where it is of no such kind."""
        text = form.value(self.field, self.written).strip()
        if self.is_yes_or_no:
            return text == "true"
        if self.is_number:
            return _number(self.field, text)
        if isinstance(self.value, list):
            parts = [part.strip() for part in text.split(",") if part.strip()]
            are_numbers = all(isinstance(one, int) for one in self.value)
            if self.value and are_numbers:
                return [_number(self.field, part) for part in parts]
            return parts
        return None if self.value is None and not text else text


def _number(field: str, text: str) -> int | float:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        found = float(text.replace(",", "."))
    except ValueError:
        raise FieldWrong(field, NUMBER) from None
    if found != found or abs(found) == float("inf"):
        raise FieldWrong(field, NUMBER)
    return found


@dataclass(frozen=True)
class Part:
    """A field of a policy: what it is, its leaves, and where it may only be stricter."""

    name: str
    description: str
    leaves: tuple[Leaf, ...]
    bounds: frozenset[str]


def document_of(entry: BaseModel) -> dict[str, Any]:
    """Return an entry as JSON has it."""
    document: dict[str, Any] = json.loads(entry.model_dump_json())
    return document


def parts_of(policy: Policy[Any], entry: Entry) -> tuple[Part, ...]:
    """Return the fields of a policy with what an entry has for them."""
    document = document_of(entry)
    bounds = {bound.field for bound in policy.model.bounds}
    return tuple(
        Part(
            name,
            policy.model.model_fields[name].description or name,
            tuple(_leaves((name,), value)),
            frozenset(one for one in bounds if one.split(".")[0] == name),
        )
        for name, value in document.items()
        if name not in KEPT_APART
    )


def _leaves(path: tuple[str, ...], value: Any) -> Iterator[Leaf]:
    match value:
        case Mapping():
            for key, inner in value.items():
                yield from _leaves((*path, str(key)), inner)
        case [first, *_] if isinstance(first, Mapping):
            for index, inner in enumerate(value):
                yield from _leaves((*path, str(index + 1)), inner)
        case _:
            yield Leaf(path, value)


def document_from(form: Form, parts: Sequence[Part], entry: Entry) -> dict[str, Any]:
    """Return a whole entry: what is in force, with what a form has otherwise."""
    document = document_of(entry)
    for part in parts:
        for leaf in part.leaves:
            _put(document, leaf.path, leaf.read(form))
    return document


def _put(document: Any, path: Sequence[str], value: Any) -> None:
    for name in path[:-1]:
        document = document[_key(document, name)]
    document[_key(document, path[-1])] = value


def _key(document: Any, name: str) -> Any:
    return int(name) - 1 if isinstance(document, list) else name
