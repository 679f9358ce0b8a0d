"""One line of a condition, parsed by hand so that each mistake has its column.

line       = ["not"] name
           | name "is" ["not"] ("missing" | "one of" options)
           | name "has" ("any" | "all" | "none") "of" options
           | sum comparison sum
sum        = product (("+" | "-") product)*
product    = term ("*" term)*
term       = number [unit] | day | name ["(" name ")"] | "days(" sum "," sum ")"
"""

import re
from dataclasses import dataclass

from rules.expressions import Comparison, Operation
from rules.mistakes import MistakeList, Place, Refused
from rules.units import UNITS
from rules.written import (
    Calculation,
    Chosen,
    Compared,
    Day,
    Days,
    Joined,
    Missing,
    Name,
    Negated,
    Number,
    Stated,
    Term,
    Written,
)
from rules.yaml_events import Scalar

RESERVED = frozenset(
    [
        "all",
        "and",
        "any",
        "audit",
        "count",
        "days",
        "every",
        "false",
        "has",
        "is",
        "law",
        "missing",
        "no",
        "none",
        "not",
        "of",
        "one",
        "or",
        "some",
        "true",
        "unless",
        "children",
        "workers",
    ]
)
_TOKEN = re.compile(
    r"""\s*(?:
      (?P<day>\d{4}-\d\d-\d\d)
    | (?P<number>\d+:\d\d|\d+(?:\.\d+)?)
    | (?P<name>[A-Za-z_][\w.]*)
    | (?P<comparison><=|>=|!=|==|<>|[<>=≤≥≠])
    | (?P<operation>[-+*×/])
    | (?P<mark>[()\[\],])
    | (?P<other>\S)
    )""",
    re.VERBOSE,
)
_COMPARISONS = {comparison.value: comparison for comparison in Comparison}
_SPELLED_BETTER = {"==": "=", "<>": "!=", "≤": "<=", "≥": ">=", "≠": "!="}
# The longest first, so that `hours/week` is not read as hours.
_UNITS = sorted(UNITS, key=len, reverse=True)


@dataclass(frozen=True, slots=True)
class Token:
    kind: str
    text: str
    offset: int


def read_line(scalar: Scalar, mistakes: MistakeList) -> Written | None:
    """Read one line, or note its first mistake and return None."""
    try:
        return _Line(scalar.starts_at, scalar.text).condition()
    except Refused as refused:
        mistakes.note_refused(refused)
        return None


def _tokens(text: str) -> list[Token]:
    tokens = []
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or "other"
        tokens.append(Token(kind, match[kind], match.start(kind)))
    return [*tokens, Token("end", "", len(text))]


class _Line:
    """A cursor over the tokens of one line."""

    def __init__(self, place: Place, text: str) -> None:
        self._start = place
        self._text = text
        self._tokens = _tokens(text)
        self._at = 0

    def condition(self) -> Written:
        self._refuse_and_or()
        if self._next().kind == "end":
            raise Refused(self._start, "a condition is empty.", "Say when it holds.")
        if self._next().text == "not":
            negation = self._take()
            return Negated(self._place(negation), self._end(self._stated()))
        return self._end(self._leaf())

    def _leaf(self) -> Written:
        first = self._next()
        following = self._tokens[self._at + 1]
        if first.kind == "name" and following.text in ("is", "has"):
            return self._worded()
        left = self._sum()
        if self._next().kind != "comparison":
            if isinstance(left, Name):
                return Stated(left.place, left)
            raise Refused(
                self._place(self._next()),
                "a number alone is no condition.",
                "Compare it: < <= > >= = !=.",
            )
        operator = self._take()
        comparison = _COMPARISONS.get(operator.text)
        if comparison is None:
            raise Refused(
                self._place(operator),
                f"'{operator.text}' is not an operator.",
                f"Write '{_SPELLED_BETTER[operator.text]}'.",
            )
        return Compared(self._place(operator), comparison, left, self._sum())

    def _stated(self) -> Written:
        following = self._tokens[self._at + 1]
        if following.kind != "end" and following.text != "(":
            raise Refused(
                self._place(self._next()),
                "'not' stands before a yes-or-no fact alone.",
                "Turn the comparison round, or write 'not:' on a line above.",
            )
        name = self._name()
        return Stated(name.place, name)

    def _worded(self) -> Written:
        """Read `name is …` and `name has …`."""
        name = self._name()
        verb = self._take()
        words = [token.text for token in self._tokens[self._at : self._at + 2]]
        match [verb.text, *words]:
            case ["is", "missing", *_]:
                self._at += 1
                return Missing(self._place(verb), name)
            case ["is", "not", "missing"]:
                self._at += 2
                return Negated(self._place(verb), Missing(self._place(verb), name))
            case ["is", "one", "of"]:
                self._at += 2
                return Chosen(
                    self._place(verb), name, self._options(), of_several=False
                )
            case ["is", "not", "one"] if self._tokens[self._at + 2].text == "of":
                self._at += 3
                chosen = Chosen(
                    self._place(verb), name, self._options(), of_several=False
                )
                return Negated(self._place(verb), chosen)
            case ["has", "any" | "none" | "all" as word, "of"]:
                self._at += 2
                return self._having(self._place(verb), name, word)
            case _:
                pass
        raise Refused(
            self._place(verb),
            f"'{verb.text}' cannot be followed by '{' '.join(words).strip()}'.",
            "Write 'is missing', 'is one of [a, b]' or 'has any of [a, b]'.",
        )

    def _having(self, place: Place, name: Name, word: str) -> Written:
        options = self._options()
        if word == "all":
            each = tuple(
                Chosen(place, name, (option,), of_several=True) for option in options
            )
            return each[0] if len(each) == 1 else Joined(place, of_all=True, items=each)
        included = Chosen(place, name, options, of_several=True)
        return Negated(place, included) if word == "none" else included

    def _options(self) -> tuple[Name, ...]:
        self._expect("[", "A list of options stands in brackets: [a, b].")
        options = [self._name()]
        while self._next().text == ",":
            self._take()
            options.append(self._name())
        self._expect("]", "Close the list of options with ']'.")
        return tuple(options)

    def _sum(self) -> Term:
        left = self._product()
        while self._next().text in ("+", "-"):
            sign = self._take()
            operation = Operation(sign.text)
            left = Calculation(self._place(sign), operation, left, self._product())
        return left

    def _product(self) -> Term:
        left = self._term()
        while self._next().text in ("*", "×", "/"):
            sign = self._take()
            if sign.text == "/":
                raise Refused(
                    self._place(sign),
                    "there is no division.",
                    "Multiply the other side: 'a * 100 > b * 30' for 'a / b > 30 %'.",
                )
            place = self._place(sign)
            left = Calculation(place, Operation.TIMES, left, self._term())
        return left

    def _term(self) -> Term:
        token = self._next()
        if token.kind == "day":
            return Day(self._place(token), self._take().text)
        if token.kind == "number":
            return self._number()
        if token.kind == "name" and token.text == "days":
            return self._days()
        if token.kind == "name":
            return self._name(with_argument=True)
        raise self._unexpected(token)

    def _number(self) -> Number:
        number = self._take()
        rest = self._text[number.offset + len(number.text) :].lstrip()
        unit = next((unit for unit in _UNITS if _begins_with(rest, unit)), None)
        if unit is None:
            if self._next().kind == "name" and self._next().text not in RESERVED:
                raise Refused(
                    self._place(self._next()),
                    f"'{self._next().text}' is not a unit.",
                    f"Units: {', '.join(UNITS)}.",
                )
            return Number(self._place(number), number.text)
        ends_at = len(self._text) - len(rest) + len(unit)
        while self._next().kind != "end" and self._next().offset < ends_at:
            self._take()
        return Number(self._place(number), f"{number.text} {unit}")

    def _days(self) -> Days:
        word = self._take()
        self._expect("(", "Write days(from_day, to_day).")
        start = self._sum()
        self._expect(",", "Write days(from_day, to_day).")
        end = self._sum()
        self._expect(")", "Close it with ')'.")
        return Days(self._place(word), start, end)

    def _name(self, *, with_argument: bool = True) -> Name:
        token = self._take()
        if token.kind != "name":
            raise self._unexpected(token)
        if not with_argument or self._next().text != "(":
            return Name(self._place(token), token.text)
        self._take()
        argument = self._name(with_argument=False)
        self._expect(")", "Close it with ')'.")
        return Name(self._place(token), token.text, argument)

    def _end(self, condition: Written) -> Written:
        token = self._next()
        if token.kind == "comparison":
            raise Refused(
                self._place(token),
                "there are two comparisons on this line.",
                "Give each a line of its own under 'all:'.",
            )
        if token.kind != "end":
            raise self._unexpected(token)
        return condition

    def _refuse_and_or(self) -> None:
        for token in self._tokens:
            if token.text.lower() in ("and", "or"):
                raise Refused(
                    self._place(token),
                    "one comparison to a line.",
                    f"Use 'all:' or 'any:' instead of '{token.text}'.",
                )

    def _unexpected(self, token: Token) -> Refused:
        what = f"'{token.text}'" if token.text else "the end of the line"
        return Refused(
            self._place(token),
            f"{what} does not fit here.",
            "A line is a fact, 'not' and a fact, or one comparison.",
        )

    def _expect(self, text: str, remedy: str) -> None:
        token = self._take()
        if token.text != text:
            what = token.text or "the end of the line"
            raise Refused(
                self._place(token), f"'{text}' is expected, not '{what}'.", remedy
            )

    def _next(self) -> Token:
        return self._tokens[self._at]

    def _take(self) -> Token:
        token = self._tokens[self._at]
        self._at = min(self._at + 1, len(self._tokens) - 1)
        return token

    def _place(self, token: Token) -> Place:
        return self._start.shifted(token.offset)


def _begins_with(text: str, unit: str) -> bool:
    following = text[len(unit) : len(unit) + 1]
    return text.startswith(unit) and not re.match(r"[\w/]", following)
