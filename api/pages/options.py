"""What a list to choose from offers: pairs of what is sent and what it is called."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Protocol, TypeVar

from fastapi import Request

from api.pages.rendering import language_of
from api.pages.words import word
from compliance.identity.scope import Scope
from compliance.texts import translate
from rules.places import country_name

Options = tuple[tuple[str, str], ...]
Code = TypeVar("Code", bound=StrEnum)


class Named(Protocol):
    """Anything that has an id and a name."""

    @property
    def public_id(self) -> str: ...

    @property
    def name(self) -> str: ...


def options_of(
    request: Request, scope: Scope | None, *kinds: type[StrEnum]
) -> dict[str, Options]:
    """Return the codes of each kind with their words in the reader's language."""
    language = language_of(request, scope)
    return {kind.__name__: codes_told(kind, language) for kind in kinds}


def codes_told(codes: Iterable[StrEnum], language: str) -> Options:
    return tuple((code.value, translate(word(code), language)) for code in codes)


def texts_told(texts: Mapping[Code, str], language: str) -> Options:
    return tuple(
        (code.value, translate(text, language)) for code, text in texts.items()
    )


def names_told(things: Iterable[Named]) -> Options:
    return tuple((one.public_id, one.name) for one in things)


def same_told(texts: Iterable[str]) -> Options:
    return tuple((one, one) for one in texts)


def countries_told(codes: Iterable[str], language: str) -> Options:
    return tuple((code, country_name(code, language)) for code in codes)
