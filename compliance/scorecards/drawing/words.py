"""The words of a card in one language: catalogue texts, numbers, days, names of countries."""

import functools
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal, format_percent

FOLDER = Path(__file__).parent.parent / "texts"
LOCALES = {"en": "en_GB", "es": "es_CO"}


class UnknownLanguage(ValueError):
    pass


@functools.cache
def catalogue(name: str) -> Mapping[str, Any]:
    with (FOLDER / f"{name}.yaml").open(encoding="utf-8") as file:
        read: Mapping[str, Any] = yaml.safe_load(file)
    return read


class Words:
    """Speaks one language; every text comes from `texts/`, every format from Babel."""

    def __init__(self, language: str) -> None:
        if language not in LOCALES:
            known = ", ".join(LOCALES)
            raise UnknownLanguage(f"A card speaks {known}, not {language!r}.")
        self.language = language
        self.locale = Locale.parse(LOCALES[language])

    def label(self, *path: str, **facts: object) -> str:
        return self._text("labels", path, facts)

    def code(self, *path: str, **facts: object) -> str:
        return self._text("codes", path, facts)

    def count(self, *path: str, count: int, **facts: object) -> str:
        """Return the label in the form that its number asks for."""
        form = "one" if count == 1 else "other"
        return self.label(*path, form, count=self.number(count), **facts)

    def _text(
        self, name: str, path: tuple[str, ...], facts: Mapping[str, object]
    ) -> str:
        found: Any = catalogue(name)
        for step in path:
            found = found[step]
        told: str = found[self.language]
        return told.format_map(facts) if facts else told

    def number(self, number: int) -> str:
        return str(format_decimal(number, locale=self.locale))

    def percent(self, share: int) -> str:
        return _percent(share, self.language)

    def day(self, day: date) -> str:
        return _day(day, "d MMM y", self.language)

    def month(self, day: date) -> str:
        return _day(day, "LLL", self.language).rstrip(".")

    def period(self, first: date, last: date) -> str:
        if first == last:
            return self.day(last)
        if (first.year, first.month) == (last.year, last.month):
            return f"{first.day}–{self.day(last)}"
        return f"{self.day(first)} – {self.day(last)}"

    def country(self, code: str) -> str:
        return str(self.locale.territories.get(code, code))

    def listed(self, parts: list[str]) -> str:
        if len(parts) < 2:
            return "".join(parts)
        return f"{', '.join(parts[:-1])} {self.label('and')} {parts[-1]}"


@functools.lru_cache(maxsize=256)
def _percent(share: int, language: str) -> str:
    return str(format_percent(share / 100, locale=LOCALES[language]))


@functools.lru_cache(maxsize=1024)
def _day(day: date, pattern: str, language: str) -> str:
    return str(format_date(day, pattern, locale=LOCALES[language]))
