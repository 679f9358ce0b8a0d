"""The small part of XPath in which our checklists say when a question is asked.

`selected()`, `not()`, `=`, `!=`, `<`, `<=`, `>`, `>=`, `and`, `or`, brackets, texts,
numbers and paths; evaluated as JavaRosa does, blank being the empty text. Anything else
is refused, so that no second engine can quietly disagree with the one on the phone.
"""

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import assert_never

Lookup = Callable[[str], str]
Value = str | float | bool

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<text>'[^']*'|"[^"]*")
    | (?P<number>\d+(?:\.\d+)?)
    | (?P<path>/[\w.-]+(?:/[\w.-]+)* | \.\.(?:/(?:\.\.|[\w.-]+))*)
    | (?P<word>[a-z][a-z-]*)
    | (?P<sign>!=|<=|>=|=|<|>|\(|\)|,)
    )""",
    re.VERBOSE,
)
_COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")
# A condition within so many brackets is refused before the reader runs out of stack.
DEEPEST = 50


class ConditionNotUnderstood(ValueError):
    """The expression uses more of XPath than is read here; the message says what."""


@dataclass(frozen=True, slots=True)
class Literal:
    value: str | float


@dataclass(frozen=True, slots=True)
class Path:
    path: str


@dataclass(frozen=True, slots=True)
class Selected:
    path: str
    choice: str


@dataclass(frozen=True, slots=True)
class Not:
    operand: "Condition"


@dataclass(frozen=True, slots=True)
class Both:
    operator: str
    left: "Condition"
    right: "Condition"


Condition = Literal | Path | Selected | Not | Both


@lru_cache(maxsize=4096)
def read_condition(expression: str) -> Condition:
    """Return the tree of an expression; raise ConditionNotUnderstood beyond the subset."""
    reader = _Reader(expression)
    condition = reader.either(0)
    reader.end()
    return condition


def holds(condition: Condition, lookup: Lookup) -> bool:
    """Say whether the condition is true; `lookup` gives the text at a path, blank or not."""
    return _truth(_value(condition, lookup))


def paths_of(condition: Condition) -> Iterator[str]:
    """Yield every path a condition reads."""
    match condition:
        case Path(path) | Selected(path, _):
            yield path
        case Not(operand):
            yield from paths_of(operand)
        case Both(_, left, right):
            yield from paths_of(left)
            yield from paths_of(right)
        case Literal():
            return


def absolute(path: str, context: str) -> str:
    """Return `path` from the root, where it was written at the question `context`."""
    if path.startswith("/"):
        return path
    steps = context.split("/")
    for step in path.split("/"):
        steps = steps[:-1] if step == ".." else [*steps, step]
    return "/".join(steps)


def _value(condition: Condition, lookup: Lookup) -> Value:
    match condition:
        case Literal(value):
            return value
        case Path(path):
            return lookup(path)
        case Selected(path, choice):
            return choice in lookup(path).split()
        case Not(operand):
            return not holds(operand, lookup)
        case Both("and", left, right):
            return holds(left, lookup) and holds(right, lookup)
        case Both("or", left, right):
            return holds(left, lookup) or holds(right, lookup)
        case Both(operator, left, right):
            return _compare(operator, _value(left, lookup), _value(right, lookup))
        case _:
            assert_never(condition)


def _compare(operator: str, left: Value, right: Value) -> bool:
    if operator in ("=", "!=") and isinstance(left, str) and isinstance(right, str):
        return (left == right) is (operator == "=")
    if operator in ("=", "!=") and (isinstance(left, bool) or isinstance(right, bool)):
        return (_truth(left) is _truth(right)) is (operator == "=")
    first, second = _number(left), _number(right)
    match operator:
        case "=":
            return first == second
        case "!=":
            return first != second
        case "<":
            return first < second
        case "<=":
            return first <= second
        case ">":
            return first > second
        case _:
            return first >= second


def _truth(value: Value) -> bool:
    """XPath's boolean(): a text is true unless blank, a number unless zero or NaN."""
    if isinstance(value, float):
        return value != 0 and not math.isnan(value)
    return bool(value)


def _number(value: Value) -> float:
    """XPath's number(): what is no number is NaN, which every comparison but != refuses."""
    try:
        return float(value)
    except ValueError:
        return math.nan


class _Reader:
    def __init__(self, expression: str) -> None:
        self._expression = expression
        self._tokens = list(self._scan(expression))
        self._at = 0

    def either(self, depth: int) -> Condition:
        if depth > DEEPEST:
            raise self._refused("is nested too deeply")
        condition = self._both(depth)
        while self._accept("word", "or"):
            condition = Both("or", condition, self._both(depth))
        return condition

    def end(self) -> None:
        if self._at < len(self._tokens):
            raise self._refused(f"has '{self._tokens[self._at][1]}' out of place")

    def _both(self, depth: int) -> Condition:
        condition = self._comparison(depth)
        while self._accept("word", "and"):
            condition = Both("and", condition, self._comparison(depth))
        return condition

    def _comparison(self, depth: int) -> Condition:
        left = self._operand(depth)
        kind, token = self._peek()
        if kind == "sign" and token in _COMPARISONS:
            self._at += 1
            return Both(token, left, self._operand(depth))
        return left

    def _operand(self, depth: int) -> Condition:
        kind, token = self._peek()
        self._at += 1
        if kind == "text":
            return Literal(token[1:-1])
        if kind == "number":
            return Literal(float(token))
        if kind == "path":
            return Path(token)
        if token == "(":  # noqa: S105 - a bracket, not a password
            condition = self.either(depth + 1)
            self._expect(")")
            return condition
        if kind == "word":
            return self._call(token, depth)
        raise self._refused(
            f"has '{token}' out of place" if token else "ends too early"
        )

    def _call(self, function: str, depth: int) -> Condition:
        self._expect("(")
        if function == "not":
            operand = self.either(depth + 1)
            self._expect(")")
            return Not(operand)
        if function != "selected":
            raise self._refused(f"calls {function}()")
        path = self._take("path")
        self._expect(",")
        choice = self._take("text")
        self._expect(")")
        return Selected(path, choice[1:-1])

    def _scan(self, expression: str) -> Iterator[tuple[str, str]]:
        rest = expression.strip()
        while rest:
            match = _TOKEN.match(rest)
            if match is None or match.lastgroup is None:
                raise self._refused(f"cannot be read at '{rest[:20]}'")
            yield match.lastgroup, match[match.lastgroup]
            rest = rest[match.end() :].lstrip()

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("", "")

    def _accept(self, kind: str, token: str) -> bool:
        if self._peek() == (kind, token):
            self._at += 1
            return True
        return False

    def _expect(self, sign: str) -> None:
        if not self._accept("sign", sign):
            raise self._refused(f"wants '{sign}'")

    def _take(self, wanted: str) -> str:
        kind, token = self._peek()
        if kind != wanted:
            raise self._refused(f"wants a {wanted}")
        self._at += 1
        return token

    def _refused(self, why: str) -> ConditionNotUnderstood:
        return ConditionNotUnderstood(f"The condition '{self._expression}' {why}.")
