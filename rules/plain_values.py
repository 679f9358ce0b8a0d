"""Definitions as plain JSON values, so that two of them can be told side by side."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date

Plain = None | bool | int | str | list["Plain"] | dict[str, "Plain"]


def plain(value: object) -> Plain:
    """Return texts, days, sets and frozen definitions as JSON has them.

    The place where something is written is no part of what it says.
    """
    match value:
        case None | bool() | int():
            return value
        case date():
            return value.isoformat()
        case str():
            return str(value)
        case frozenset():
            return list[Plain](sorted(str(item) for item in value))
        case Mapping():
            return {str(name): plain(item) for name, item in value.items()}
        case list() | tuple():
            return [plain(item) for item in value]
        case _ if is_dataclass(value):
            return {
                one.name: plain(getattr(value, one.name))
                for one in fields(value)
                if one.name != "place"
            }
        case _:
            raise TypeError(f"{type(value).__name__} has no plain form")
