"""A list that was read, whatever its format: headings, rows, and what was noticed."""

from collections.abc import Sequence
from dataclasses import dataclass

from compliance.imports.tables import Row, Told


@dataclass(frozen=True)
class Sheet:
    """Headings with the row they stand in, and the rows below as the file has them."""

    headings: tuple[str, ...]
    heading_row: int
    rows: Sequence[Row]
    noticed: tuple[Told, ...]
