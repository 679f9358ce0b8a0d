"""Product texts in the reader's language, from the message catalogues in `locales/`.

The English text is the key. What a person will read is marked with `N_` where it is
written and translated where it is shown, so that a problem or a table made deep inside
the product needs to know nothing of its reader. Where one English text has several
translations, by the gender of what it stands beside, it is marked with `NP_`.
"""

import functools
from collections.abc import Iterator
from pathlib import Path

from babel.messages.pofile import read_po

LANGUAGES = ("en", "es")
DEFAULT_LANGUAGE = "en"
CATALOGUES = Path(__file__).parent / "locales"
CONTEXT_ENDS = "\x04"  # as gettext's own catalogues part a context from its message


def N_(message: str) -> str:  # noqa: N802 - the name gettext tools look for
    """Mark a message for the catalogue; it is translated where it is shown."""
    return message


def NP_(context: str, message: str) -> str:  # noqa: N802 - named as N_ is
    """Mark a message that is translated by its context: what thing it is said of."""
    return f"{context}{CONTEXT_ENDS}{message}"


@functools.cache
def catalogue(language: str) -> dict[str, str]:
    """Return English message → message in `language`; English itself is empty.

    What has a context is found under both, as `NP_` puts them together.
    """
    if language == DEFAULT_LANGUAGE:
        return {}
    with (CATALOGUES / f"{language}.po").open("rb") as file:
        messages = read_po(file, locale=language)
    return {
        NP_(message.context, english) if message.context else english: told
        for message in messages
        for english, told in _pairs(message.id, message.string)
        if english and told
    }


def _pairs(english: object, told: object) -> Iterator[tuple[str, str]]:
    """Yield a message and its translation; of one with a plural both, each by itself."""
    if isinstance(english, list | tuple) and isinstance(told, list | tuple):
        yield from zip(map(str, english), map(str, told), strict=False)
    else:
        yield str(english), str(told)


def translate(message: str, language: str, **facts: object) -> str:
    """Return `message` in `language` with its {places} filled from `facts`.

    A message that the catalogue lacks stays English: a reader is better served by a
    foreign sentence than by none.
    """
    translated = catalogue(language).get(message)
    if translated is None:
        translated = message.rpartition(CONTEXT_ENDS)[2]
    return translated.format(**facts) if facts else translated


def choose_language(wanted: str | None) -> str:
    """Return the best language for an Accept-Language header or a locale name."""
    ranked = [
        (_quality(part), -place, part.split(";")[0].strip()[:2].lower())
        for place, part in enumerate((wanted or "").split(","))
    ]
    for quality, _, language in sorted(ranked, reverse=True):
        if quality > 0 and language in LANGUAGES:
            return language
    return DEFAULT_LANGUAGE


def _quality(part: str) -> float:
    for parameter in part.split(";")[1:]:
        name, _, value = parameter.strip().partition("=")
        if name == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0
