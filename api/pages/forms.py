"""Forms: what was sent, what is wrong with it beside its field, and once for good."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TypeVar, cast
from urllib.parse import parse_qs, urlencode

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.pages.plain_words import for_people
from api.pages.readers import reader_of
from api.pages.rendering import language_of, with_days_told
from api.problems import status_of
from compliance.idempotency import Answer
from compliance.identity.scope import Scope
from compliance.problems import Kind, Problem
from compliance.texts import N_

Code = TypeVar("Code", bound=StrEnum)

# What the reader of a form can mend there and then; anything else is a page of its own.
CORRECTABLE = frozenset({Kind.INVALID, Kind.CONFLICT, Kind.TOO_MANY, Kind.TOO_LARGE})
FIELDS = 1_000


class FieldWrong(Problem):
    """A field of a form that cannot be taken as it was filled in."""

    kind = Kind.INVALID
    title = N_("The form cannot be sent like this")
    detail = N_("{why}")

    def __init__(self, field: str, why: str) -> None:
        super().__init__(field=field, why=why)


@dataclass(frozen=True)
class Form:
    """A form as the page shows it again: its values, and what is wrong with them.

    `errors` stand beside their fields; `problem` stands above the form.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    problem: str | None = None
    status: int = 200

    def value(self, name: str, otherwise: str = "") -> str:
        """Return what a field holds, or `otherwise` where nothing was sent."""
        return self.values.get(name, otherwise)

    def all(self, name: str) -> tuple[str, ...]:
        """Return every value that was sent under one name."""
        return self.lists.get(name, ())

    def error(self, name: str) -> str | None:
        return self.errors.get(name)

    def required(self, name: str) -> str:
        """Return what a field holds; raise FieldWrong where it is empty."""
        value = self.value(name).strip()
        if not value:
            raise FieldWrong(name, N_("Fill this in."))
        return value

    def number(self, name: str, otherwise: int | None = None) -> int:
        """Return a whole number; raise FieldWrong where it is none."""
        text = self.value(name).strip()
        if not text and otherwise is not None:
            return otherwise
        if not text.removeprefix("-").isdecimal() or len(text) > 15:
            raise FieldWrong(name, N_("Write a whole number, such as 12."))
        return int(text)

    def day(self, name: str, *, optional: bool = False) -> date | None:
        """Return a day; raise FieldWrong where it is none."""
        text = self.value(name).strip()
        if not text and optional:
            return None
        try:
            return date.fromisoformat(text)
        except ValueError as error:
            raise FieldWrong(
                name, N_("Write a day as year-month-day, such as 2026-11-22.")
            ) from error

    def choice(self, name: str, among: type[Code]) -> Code:
        """Return one of the codes; raise FieldWrong where it is none of them."""
        try:
            return among(self.value(name))
        except ValueError as error:
            raise FieldWrong(name, N_("Choose one of the list.")) from error

    def chosen(self, name: str, among: type[Code]) -> Code | None:
        """Return one of the codes, or None where nothing was chosen."""
        return self.choice(name, among) if self.value(name) else None


async def form_of(request: Request) -> Form:
    """Return the form that was sent (urlencoded); one with too many fields is empty."""
    text = (await request.body()).decode("utf-8", "replace")
    try:
        fields = parse_qs(text, keep_blank_values=True, max_num_fields=FIELDS)
    except ValueError:
        fields = {}
    form = Form(
        {name: values[0] for name, values in fields.items()},
        {name: tuple(values) for name, values in fields.items()},
    )
    request.state.form = form
    return form


def form_read(request: Request) -> Form | None:
    """Return the form of this request where it was read: a body comes but once."""
    return cast(Form | None, getattr(request.state, "form", None))


async def sent(
    request: Request,
    form: Form,
    work: Callable[[Session, Scope], Answer],
    again: Callable[[Form], Awaitable[Response]],
    *,
    body: bytes | None = None,
) -> Response:
    """Do what a form asks for in one transaction, once however often it is sent.

    What the reader can mend is shown by `again`, with what was filled in.
    """
    try:
        return await hop.write(request, work, body=body, key=form.value("once") or None)
    except Problem as problem:
        if problem.kind not in CORRECTABLE:
            raise
        return await again(await sent_back(request, form, problem))


async def sent_back(request: Request, form: Form, problem: Problem) -> Form:
    """Return the form with a problem told in it, in the language its page is shown in."""
    return refused(form, problem, language_of(request, await reader_of(request)))


def refused(form: Form, problem: Problem, language: str) -> Form:
    """Return the form with a problem told in it: beside its field where it names one."""
    told = _told(problem, language)
    where = problem.facts.get("field")
    named = isinstance(where, str) and where in form.values
    return Form(
        form.values,
        form.lists,
        {str(where): told} if named else {},
        None if named else told,
        status_of(problem),
    )


def _told(problem: Problem, language: str) -> str:
    """Return a problem's words without addresses, and with days as pages write them.

    What is wrong with a field may show how to write a day: that stays as it is.
    """
    told = for_people(problem.told(language))
    return told if isinstance(problem, FieldWrong) else with_days_told(told, language)


def go_to(path: str, *, done: str | None = None) -> Answer:
    """Return the answer to a form that was taken: the next page, and what was done."""
    if done is not None:
        path = f"{path}{'&' if '?' in path else '?'}{urlencode({'done': done})}"
    return Answer(303, b"", (("Location", path),))
