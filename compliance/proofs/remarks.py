"""What the owner of a database is told of its trail: something wrong in a table."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Remark:
    """Something wrong in a table: a text of the catalogue with its facts."""

    text: str
    facts: dict[str, Any]
