"""A condition of a checklist in words: the questions by their labels, not their paths."""

from audits.checklists.form import FormSchema, Relevance
from audits.checklists.relevance import (
    Both,
    Condition,
    ConditionNotUnderstood,
    Literal,
    Not,
    Path,
    Selected,
    absolute,
    read_condition,
)
from compliance.texts import N_, translate

IS_NOT_BLANK = N_("“{question}” is answered")
IS_BLANK = N_("“{question}” is left blank")
IS = N_("“{question}” is “{answer}”")
IS_NOT = N_("“{question}” is not “{answer}”")
INCLUDES = N_("“{question}” includes “{answer}”")
COMPARED = {
    "<": N_("“{question}” is below {answer}"),
    "<=": N_("“{question}” is at most {answer}"),
    ">": N_("“{question}” is above {answer}"),
    ">=": N_("“{question}” is at least {answer}"),
}
NOT = N_("it is not so that {condition}")
AND = N_("{left} and {right}")
OR = N_("{left} or {right}")


def told_condition(relevance: Relevance, schema: FormSchema, language: str) -> str:
    """Return a condition as a reader of `language` would say it.

    One that goes beyond what is read here is quoted as it was written.
    """
    try:
        condition = read_condition(relevance.expression)
    except ConditionNotUnderstood:
        return " ".join(relevance.expression.split())
    return _Teller(schema, relevance.path, language).told(condition)


class _Teller:
    def __init__(self, schema: FormSchema, context: str, language: str) -> None:
        self._schema = schema
        self._context = context
        self._language = language

    def told(self, condition: Condition) -> str:
        match condition:
            case Both("and", left, right):
                return self._joined(AND, left, right)
            case Both("or", left, right):
                return self._joined(OR, left, right)
            case Both(sign, Path(path), Literal(value)):
                return self._compared(sign, path, value)
            case Selected(path, choice):
                return self._say(INCLUDES, path, choice)
            case Path(path):
                return self._say(IS_NOT_BLANK, path)
            case Not(operand):
                return translate(NOT, self._language, condition=self._inner(operand))
            case Both(sign, left, right):
                return f"{self.told(left)} {sign} {self.told(right)}"
            case Literal(value):
                return str(value)

    def _joined(self, message: str, left: Condition, right: Condition) -> str:
        return translate(
            message, self._language, left=self._inner(left), right=self._inner(right)
        )

    def _inner(self, condition: Condition) -> str:
        told = self.told(condition)
        joins = isinstance(condition, Both) and condition.operator in ("and", "or")
        return f"({told})" if joins else told

    def _compared(self, sign: str, path: str, value: str | float) -> str:
        if value == "" and sign in ("=", "!="):
            return self._say(IS_BLANK if sign == "=" else IS_NOT_BLANK, path)
        message = {"=": IS, "!=": IS_NOT}.get(sign) or COMPARED[sign]
        return self._say(message, path, value)

    def _say(self, message: str, path: str, answer: str | float = "") -> str:
        question = self._schema.by_path.get(absolute(path, self._context))
        label = question.label.in_language(self._language) if question else path
        if isinstance(answer, float):
            answer = f"{answer:g}"
        choices = question.choices if question else ()
        named = {one.name: one.label.in_language(self._language) for one in choices}
        return translate(
            message,
            self._language,
            question=label,
            answer=named.get(answer) or answer,
        )
