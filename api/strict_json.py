"""JSON as evidence asks for it: one meaning only, or refused.

Python's own reader takes the last of two equal keys, NaN, and half a surrogate pair;
each of them lets two readers of the same bytes see different things.
"""

import json
from typing import Any, NoReturn

from compliance import limits
from compliance.texts import N_

TWICE = N_("the key '{key}' stands twice in one object; keep one of them")
NOT_A_NUMBER = N_("{name} is not a JSON number; leave the member out if it is unknown")
NUL = N_("a text holds the character U+0000; remove it")
SURROGATE = N_("a text holds half a surrogate pair; write the whole character")
TOO_DEEP = N_("the document is nested more than {limit} levels deep")
NOT_UTF8 = N_("the body is not UTF-8")
TOO_LONG_NUMBER = N_("a number has too many digits")


class JsonRefused(json.JSONDecodeError):
    """The bytes are not JSON with one meaning; `message` and `facts` say why."""

    def __init__(self, message: str, **facts: object) -> None:
        super().__init__(message.format(**facts), "", 0)
        self.message = message
        self.facts = facts


def read_json(body: bytes) -> Any:
    """Return the value of a JSON text, or raise JsonRefused or JSONDecodeError."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise JsonRefused(NOT_UTF8) from error
    try:
        value = json.loads(
            text, object_pairs_hook=_object, parse_constant=_refuse_constant
        )
    except RecursionError as error:
        raise JsonRefused(TOO_DEEP, limit=limits.JSON_DEPTH) from error
    except json.JSONDecodeError:
        raise
    except ValueError as error:
        raise JsonRefused(TOO_LONG_NUMBER) from error
    _check(value, 0)
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for key, value in pairs:
        if key in members:
            raise JsonRefused(TWICE, key=_printable(key))
        members[key] = value
    return members


def _refuse_constant(name: str) -> NoReturn:
    raise JsonRefused(NOT_A_NUMBER, name=name)


def _check(value: object, depth: int) -> None:
    if depth > limits.JSON_DEPTH:
        raise JsonRefused(TOO_DEEP, limit=limits.JSON_DEPTH)
    match value:
        case str():
            _check_text(value)
        case float() if value in (float("inf"), float("-inf")):
            raise JsonRefused(TOO_LONG_NUMBER)
        case dict():
            for key, member in value.items():
                _check_text(key)
                _check(member, depth + 1)
        case list():
            for member in value:
                _check(member, depth + 1)
        case _:
            pass


def _check_text(text: str) -> None:
    if "\0" in text:
        raise JsonRefused(NUL)
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise JsonRefused(SURROGATE)


def _printable(key: str) -> str:
    return key.encode("utf-8", "replace").decode()[:80]
