"""The checklists that come with the product, as workbooks a person can edit."""

from pathlib import Path


def library_checklists() -> dict[str, bytes]:
    """Return the bytes of each workbook by the id of its form."""
    folder = Path(__file__).parent
    return {path.stem: path.read_bytes() for path in sorted(folder.glob("*.xlsx"))}
