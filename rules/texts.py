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
