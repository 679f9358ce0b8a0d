"""Policies as a page for people: every field in words, every entry with its source."""

import enum
import inspect
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from typing import Any

from pydantic import BaseModel

from compliance.policies.dated import Entry, Policy

OPENING = """# Policies

Printed from the policies themselves by `atalaya policies print`; a test holds it.

A policy is data. Each of its entries holds from its first day until the next one's, and says who decided it. What was decided under an
entry stays as it was decided: a deadline, a grade and a draw are kept with what they came to, not worked out anew.

An organisation may decide otherwise for itself, and for each of its programmes (`POST /v1/policies/{name}`). On a day, the last
entry of the programme holds; without one the last of the organisation; without one what stands here. A day before somebody's first
entry takes what stands here. An entry

- is checked like the ones below, and refused with the name of the field and what would be right;
- begins today or later. On the day on which a programme is named (or an organisation is founded) nothing was decided by it yet, and an
  entry may begin on any day; of two with one first day the later decision holds;
- may be stricter and never laxer in the fields that are marked so. Where what ships becomes stricter than somebody's entry, that entry
  does not hold any more and what ships does.

"""
DASH = "–"
KEPT_APART = frozenset({"valid_from", "source"})


def printed(policies: Iterable[Policy[Any]]) -> str:
    """Return the page, in English and in Markdown."""
    return OPENING + "\n".join(_policy(policy) for policy in policies)


def _policy(policy: Policy[Any]) -> str:
    told = inspect.getdoc(policy.model) or ""
    parts = [f"## {policy.title} (`{policy.name}`)\n", f"{told}\n"]
    parts += [_fields(policy.model)]
    parts += [_entry(entry) for entry in policy.entries]
    return "\n".join(parts)


def _fields(model: type[Entry]) -> str:
    rows = [
        [f"`{name}`", field.description or DASH, _bounds(model, name)]
        for name, field in model.model_fields.items()
        if name not in KEPT_APART
    ]
    return _table([["field", "what it is", "a programme may"], *rows])


def _bounds(model: type[Entry], name: str) -> str:
    bounds = [bound for bound in model.bounds if bound.path[0] == name]
    if not bounds:
        return "set it"
    inside = [".".join(bound.path[1:]) for bound in bounds if bound.path[1:]]
    where = f": {', '.join(inside)}; set the rest" if inside else ""
    return f"only make it stricter{where}"


def _entry(entry: Entry) -> str:
    values = {
        name: getattr(entry, name)
        for name in type(entry).model_fields
        if name not in KEPT_APART
    }
    flat = [[f"`{name}`", told(one)] for name, one in values.items() if not _rows(one)]
    parts = [f"### From {entry.valid_from.isoformat()}\n\nSource: {entry.source}\n"]
    if flat:
        parts.append(_table([["field", "value"], *flat]))
    parts += [
        f"`{name}`:\n\n" + _table(_rows(one))
        for name, one in values.items()
        if _rows(one)
    ]
    return "\n".join(parts)


def _rows(value: object) -> list[list[str]]:
    """Return a value whose parts have parts as the rows of a table; else nothing."""
    match value:
        case Mapping() if any(_parts(one) for one in value.values()):
            named = [{"": key, **_parts(one)} for key, one in value.items()]
        case list() | tuple() if any(_parts(one) for one in value):
            named = [dict(_parts(one)) for one in value]
        case _:
            return []
    columns = list(dict.fromkeys(column for one in named for column in one))
    return [columns, *([told(one.get(name)) for name in columns] for one in named)]


def _parts(value: object) -> Mapping[str, object]:
    match value:
        case BaseModel():
            return {name: getattr(value, name) for name in type(value).model_fields}
        case Mapping():
            return value
        case _:
            return {}


def told(value: object) -> str:
    """Return a value of an entry as a cell tells it."""
    match value:
        case None:
            return DASH
        case bool():
            return "yes" if value else "no"
        case enum.Enum():
            return str(value.value)
        case str():
            return value.replace("|", "\\|")
        case BaseModel() | Mapping():
            told_parts = [
                f"{told(key)}: {told(one)}" for key, one in _parts(value).items()
            ]
            return _separator(_parts(value).values()).join(told_parts)
        case Sequence():
            return _separator(value).join(told(one) for one in value) or DASH
        case Set():
            return ", ".join(sorted(told(one) for one in value)) or DASH
        case _:
            return str(value)


def _separator(values: Iterable[object]) -> str:
    """Return what keeps values apart that may have commas of their own."""
    is_plain = all(
        isinstance(one, str) or not isinstance(one, BaseModel | Collection)
        for one in values
    )
    return ", " if is_plain else "; "


def _table(rows: Sequence[Sequence[str]]) -> str:
    head, *rest = rows
    lines = [head, ["---"] * len(head), *rest]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
