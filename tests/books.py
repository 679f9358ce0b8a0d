"""The packaged book with files changed, as a folder or as the zip a person would send."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

from compliance.editions.archive import PACKAGED, files_of

Changes = Mapping[str, tuple[str, str] | None]
MINIMUM_AGE = "child_labour/minimum_age.yaml"
DOCUMENTS_HELD = "forced_labour/documents_held.yaml"
EDITION = "edition.yaml"


def book_files(name: str, changes: Changes | None = None) -> dict[str, bytes]:
    """Return the packaged book as another edition, with texts replaced or files gone."""
    files = files_of(PACKAGED)
    packaged = files[EDITION].decode().partition("\n")[0]
    renamed = {EDITION: (packaged, f'edition: "{name}"')}
    for path, change in {**renamed, **(changes or {})}.items():
        if change is None:
            del files[path]
            continue
        old, new = change
        text = files[path].decode()
        assert old in text, (path, old)
        files[path] = text.replace(old, new).encode()
    return files


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Return files as a zip, deflated and dated as other programs do it."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def book_zip(name: str, changes: Changes | None = None) -> bytes:
    return zipped(book_files(name, changes))


def book_folder(folder: Path, name: str, changes: Changes | None = None) -> Path:
    """Write such a book to a folder."""
    for path, content in book_files(name, changes).items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    return folder
