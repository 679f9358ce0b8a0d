"""What every section of the drawing is given."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from compliance.scorecards.content import Flag, Scorecard
from compliance.scorecards.drawing.sheet import Sheet
from compliance.scorecards.drawing.words import Words

# Rule id and language → what the rule book calls the red flag.
Titles = Callable[[str, str], str]


@dataclass(frozen=True)
class Telling:
    sheet: Sheet
    card: Scorecard
    words: Words
    titles: Titles

    @property
    def issued_on(self) -> date:
        return self.card.issued_at.date()

    @property
    def open_flags(self) -> tuple[Flag, ...]:
        return tuple(flag for flag in self.card.flags if flag.is_open)

    def title(self, flag: Flag) -> str:
        return self.titles(flag.indicator, self.words.language)
