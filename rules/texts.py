"""A text in every language the product speaks, so that none can be forgotten."""

from dataclasses import dataclass

LANGUAGES = ("en", "es")


@dataclass(frozen=True, slots=True)
class Text:
    en: str
    es: str

    def in_language(self, language: str) -> str:
        """Return the text for a tag such as `es` or `es-CO`; English is the fallback."""
        return self.es if language.partition("-")[0] == "es" else self.en

    def filled(self, **named: object) -> "Text":
        """Return the text with its {places} filled; a text among them in its language."""
        return Text(
            self.en.format(**{name: _told(one, "en") for name, one in named.items()}),
            self.es.format(**{name: _told(one, "es") for name, one in named.items()}),
        )

    def followed_by(self, other: "Text") -> "Text":
        return Text(f"{self.en} {other.en}".strip(), f"{self.es} {other.es}".strip())


def _told(value: object, language: str) -> object:
    return value.in_language(language) if isinstance(value, Text) else value
