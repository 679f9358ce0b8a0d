"""The files of a book as one zip, the same bytes every time, and back, guarded.

What comes in may come from anywhere: names, sizes and ratio are looked at before a
byte is unpacked, and a book is read from nothing but the names a book can have.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

import rules
from compliance import limits
from compliance.problems import Kind, Problem
from compliance.texts import N_
from rules import Book, read_book
from rules.reading import book_hash

# The first day a zip can hold: a book's archive tells nothing of when it was packed.
NO_DAY = (1980, 1, 1, 0, 0, 0)
PACKAGED = Path(rules.__file__).with_name("book")
NAME_CHARACTERS = 200
_NAME = re.compile(r"[\w.-]+(/[\w.-]+)*", re.ASCII)
_LINK = 0o120000
_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,  # a compression that zipfile does not know
    RuntimeError,  # a part with a password
    EOFError,
    OSError,
    ValueError,
)


class ArchiveRefused(Problem):
    kind = Kind.INVALID
    title = N_("The archive cannot be opened as a book")
    detail = N_(
        "{reason} Send a zip of the files of a book: edition.yaml, instruments.yaml, "
        "sources.yaml and the folders beside them."
    )


class BookDiffers(RuntimeError):
    """The folder changed while it was packed: its files are not those that were read."""


def files_of(folder: Path) -> dict[str, bytes]:
    """Return the bytes of the files of a book by their path in it.

    As for the reader, what begins with a dot or two underscores is no part of it.
    """
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not _is_aside(path.relative_to(folder).as_posix())
    }


def pack(book: Book, files: Mapping[str, bytes]) -> bytes:
    """Return the archive of a book that was read from these files."""
    if book_hash(files) != book.sha256:
        raise BookDiffers(book.edition)
    packed = io.BytesIO()
    # Stored, not deflated: the same bytes whatever library packs them.
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name, NO_DAY), files[name])
    return packed.getvalue()


def unpack(content: bytes) -> dict[str, bytes]:
    """Return the files of an archive by path, or raise ArchiveRefused."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [one for one in archive.infolist() if not one.is_dir()]
            _refuse_unsafe(entries, len(content))
            return dict(_read(archive, entries))
    except _UNREADABLE as error:
        raise ArchiveRefused(reason=N_("This is no zip that can be read.")) from error


def read_files(files: Mapping[str, bytes]) -> Book:
    """Read and check a book from its files; raise BookRejected with every mistake."""
    with TemporaryDirectory(prefix="book-") as scratch:
        folder = Path(scratch)
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return read_book(folder)


def _refuse_unsafe(entries: list[zipfile.ZipInfo], packed_bytes: int) -> None:
    names = [one.filename for one in entries]
    unpacked = sum(one.file_size for one in entries)
    if len(entries) > limits.BOOK_FILES:
        raise ArchiveRefused(reason=N_("It holds too many files."), files=len(entries))
    if unpacked > limits.BOOK_UNPACKED_BYTES:
        raise ArchiveRefused(reason=N_("It is too large unpacked."), bytes=unpacked)
    if unpacked > packed_bytes * limits.BOOK_UNPACKED_RATIO:
        raise ArchiveRefused(
            reason=N_("It unpacks to far more than it is."), bytes=unpacked
        )
    for entry in entries:
        if not _is_safe(entry):
            name = entry.filename[:NAME_CHARACTERS]
            raise ArchiveRefused(
                reason=N_("It holds a name that no file of a book has."), file=name
            )
    if len(set(names)) != len(names) or _folders(names) & set(names):
        raise ArchiveRefused(reason=N_("It holds a name twice."))


def _is_safe(entry: zipfile.ZipInfo) -> bool:
    name = entry.filename
    return (
        len(name) <= NAME_CHARACTERS
        and _NAME.fullmatch(name) is not None
        and ".." not in name.split("/")
        and entry.external_attr >> 16 & 0o170000 != _LINK
    )


def _folders(names: list[str]) -> set[str]:
    return {str(parent) for name in names for parent in PurePosixPath(name).parents}


def _read(
    archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]
) -> Iterator[tuple[str, bytes]]:
    """Yield what is part of a book; a size that lies about itself is not believed."""
    for entry in entries:
        if _is_aside(entry.filename):
            continue
        with archive.open(entry) as file:
            content = file.read(entry.file_size + 1)
        if len(content) != entry.file_size:
            raise ArchiveRefused(reason=N_("It lies about the size of a file."))
        yield entry.filename, content


def _is_aside(name: str) -> bool:
    return any(part.startswith((".", "__")) for part in name.split("/"))
