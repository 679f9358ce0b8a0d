"""Books as a command line names them: a folder, or an edition that is kept."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from api.migrating import newest_step, step_of
from api.packaged_edition import packaged, stocked_shelf
from compliance.database import Database, open_database
from compliance.editions import queries
from compliance.editions.actions import Packed
from compliance.editions.archive import BookDiffers, files_of, pack
from compliance.editions.queries import EditionNotFound
from compliance.editions.shelf import Shelf
from compliance.files import Files
from compliance.settings import Settings
from compliance.texts import N_, translate
from rules import Book, BookRejected, read_book

NEITHER = N_(
    "{named} is neither the folder of a book nor an edition that is kept. Kept: {known}."
)
NO_DATABASE = N_(
    "{named} is no folder, and there is no database in {data} whose editions could be "
    "searched. Give --data DIR."
)
NO_DATABASE_YET = N_(
    "There is no database in {data}. Give --data DIR, or make one: atalaya migrate"
)
NOT_MIGRATED = N_(
    "The database stands at the step {step}, this release needs {newest}. Bring it up "
    "to date first: atalaya migrate"
)
UNREACHABLE = N_("The database {url} cannot be opened: {reason}")
UNREADABLE = N_("The folder {folder} cannot be read: {reason}")
CHANGED_MEANWHILE = N_("The files in {folder} changed while they were read. Try again.")
NOT_READABLE_NOW = N_(
    "The edition {named} is kept, but this release cannot read it. Use the release it "
    "was published with."
)
MISTAKES = N_("{count} mistakes in {folder}. Nothing was compared and nothing stored.")


class Misused(Exception):
    """The command cannot be run as it was given; each line says what would be right."""

    def __init__(self, *lines: str) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


@dataclass(frozen=True)
class Bookcase:
    """The database whose editions and audits a command may use, if there is any."""

    settings: Settings
    database: Database | None
    files: Files
    shelf: Shelf
    language: str

    def book(self, named: str) -> Book:
        """Return a book by its folder, its name or its hash, or raise Misused."""
        if is_folder(named):
            return packed_book(Path(named), self.language).book
        if self.database is None:
            raise Misused(self._told(NO_DATABASE, named=named, data=self.settings.data))
        with self.database.reading() as session:
            try:
                found = queries.edition(session, named)
            except EditionNotFound:
                known = ", ".join(queries.names(session)) or "-"
                raise Misused(self._told(NEITHER, named=named, known=known)) from None
            book = self.shelf.book(session, found.sha256)
        if book is None:
            raise Misused(self._told(NOT_READABLE_NOW, named=named))
        return book

    def database_needed(self) -> Database:
        """Return the database, or raise Misused where there is none."""
        if self.database is None:
            raise Misused(self._told(NO_DATABASE_YET, data=self.settings.data))
        return self.database

    def _told(self, message: str, **facts: object) -> str:
        return translate(message, self.language, **facts)


def is_folder(named: str) -> bool:
    """Tell a folder from a name; nothing at all is not this folder here."""
    try:
        return bool(named) and Path(named).is_dir()
    except OSError:  # longer than any path can be
        return False


def packed_book(folder: Path, language: str) -> Packed:
    """Read a book from a folder; raise Misused with every mistake in it."""
    try:
        book = read_book(folder)
        return Packed(book, pack(book, files_of(folder)))
    except BookRejected as rejected:
        lines = [f"{folder}/{mistake.told()}" for mistake in rejected.mistakes]
        facts = {"count": len(lines), "folder": folder}
        raise Misused(*lines, translate(MISTAKES, language, **facts)) from rejected
    except BookDiffers as differs:
        told = translate(CHANGED_MEANWHILE, language, folder=folder)
        raise Misused(told) from differs
    except OSError as error:
        reason = error.strerror or type(error).__name__
        told = translate(UNREADABLE, language, folder=folder, reason=reason)
        raise Misused(told) from error


@contextmanager
def open_bookcase(settings: Settings, language: str) -> Iterator[Bookcase]:
    """Open the database for work across organisations; there may be none.

    Raise Misused if there is one that cannot be used.
    """
    files = Files(settings.data / "files")
    if not _is_there(settings):
        yield Bookcase(settings, None, files, Shelf(files, packaged().book), language)
        return
    try:
        database = open_database(settings.resolved_database_url, is_system=True)
        step, newest = step_of(database), newest_step()
        if step != newest:
            facts = {"step": step or "-", "newest": newest}
            raise Misused(translate(NOT_MIGRATED, language, **facts))
        shelf = stocked_shelf(database, files)
    except DBAPIError as error:
        url = make_url(settings.resolved_database_url).render_as_string()
        reason = str(error.orig).strip().splitlines()[0]
        told = translate(UNREACHABLE, language, url=url, reason=reason)
        raise Misused(told) from error
    try:
        yield Bookcase(settings, database, files, shelf, language)
    finally:
        database.close()


def _is_there(settings: Settings) -> bool:
    """Tell whether there is a database; a file that is not there is not made."""
    path = make_url(settings.resolved_database_url)
    return path.get_backend_name() != "sqlite" or Path(path.database or "").is_file()
