"""What a form says, read as the interface would read it, and told beside its fields."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TypeVar

from pydantic import ValidationError
from typing_extensions import override

from api.pages.forms import FieldWrong, Form
from api.wire import Wire
from compliance.problems import Problem
from compliance.texts import N_, translate

Body = TypeVar("Body", bound=Wire)
Beside = Mapping[type[Problem], tuple[str, str]]

REMEDIES: Mapping[str, str] = {
    "missing": N_("Fill this in."),
    "enum": N_("Choose one of the list."),
    "literal_error": N_("Choose one of the list."),
    "date_type": N_("Write a day as year-month-day, such as 2026-11-22."),
    "date_from_datetime_parsing": N_(
        "Write a day as year-month-day, such as 2026-11-22."
    ),
    "date_parsing": N_("Write a day as year-month-day, such as 2026-11-22."),
    "string_too_long": N_("This is too long; say it in fewer words."),
    "greater_than_equal": N_("Write a larger number."),
    "less_than_equal": N_("Write a smaller number."),
    "currency": N_("Write the code of a currency, such as COP."),
}
OTHERWISE = N_("This cannot be taken as it is written.")


class FieldTold(FieldWrong):
    """A problem told beside its field, in words for whoever fills in the form."""

    def __init__(self, field: str, words: str, facts: Mapping[str, object]) -> None:
        super().__init__(field, words)
        self.words = words
        self.told_with = dict(facts)

    @override
    def told(self, language: str) -> str:
        return translate(self.words, language, **self.told_with)


def stated(model: type[Body], form: Form, *, prefix: str = "", **given: object) -> Body:
    """Return the body that the fields of a form come to; what is empty is left out.

    `given` holds what is no text. Raise FieldWrong for the first that cannot be taken.
    """
    texts = {
        name: text
        for name in model.model_fields
        if (text := form.value(prefix + name).strip())
    }
    present = {name: value for name, value in given.items() if value is not None}
    try:
        return model.model_validate({**texts, **present})
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]) if first["loc"] else ""
        raise FieldWrong(
            prefix + name, REMEDIES.get(first["type"], OTHERWISE)
        ) from error


@contextmanager
def beside(places: Beside) -> Iterator[None]:
    """Let problems be told beside a field, each in words for people before a form."""
    try:
        yield
    except Problem as problem:
        if type(problem) not in places:
            raise
        name, words = places[type(problem)]
        raise FieldTold(name, words, problem.facts) from problem
