"""What somebody should look at again, though nothing was refused."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from compliance.texts import translate


@dataclass(frozen=True)
class Remark:
    """A sentence about what was given; `message` is a text of the catalogue."""

    code: str
    message: str
    facts: Mapping[str, object] = field(default_factory=dict)

    def told(self, language: str) -> str:
        """Return the sentence for a reader of `language`."""
        return translate(self.message, language, **self.facts)
