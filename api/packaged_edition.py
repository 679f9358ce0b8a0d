"""The edition this release brings along: kept and published where nobody chose another."""

from functools import cache

import structlog
from sqlalchemy import inspect

from compliance import trail
from compliance.database import Database
from compliance.editions.actions import EditionNameTaken, Packed, keep_packaged
from compliance.editions.archive import PACKAGED, files_of, pack
from compliance.editions.models import RuleEdition
from compliance.editions.queries import EditionRecord, in_force
from compliance.editions.shelf import Shelf
from compliance.files import Files
from rules import read_book

log = structlog.get_logger()


@cache
def packaged() -> Packed:
    """Return the packaged book with its archive, read and checked once in a process."""
    book = read_book()
    return Packed(book, pack(book, files_of(PACKAGED)))


def keep_packaged_edition(database: Database, files: Files) -> EditionRecord | None:
    """Keep the packaged edition in a database and return the one in force there.

    None where the database is not migrated yet. A packaged book that changed under a
    name that is taken is left aside: what was published before stays in force.
    """
    if not inspect(database.engine).has_table(RuleEdition.__tablename__):
        return None
    with database.reading() as session:
        holding = in_force(session)
    if holding is not None and holding.sha256 == packaged().book.sha256:
        return holding
    try:
        with database.writing(system=True) as session:
            published = keep_packaged(session, files, packaged())
            trail.seal(session)
    except EditionNameTaken as taken:
        log.warning("packaged_edition_left_aside", **taken.facts)
        return holding
    return published.edition


def stocked_shelf(database: Database, files: Files) -> Shelf:
    """Return a shelf with the edition in force, having kept the packaged one."""
    shelf = Shelf(files, packaged().book)
    if keep_packaged_edition(database, files) is not None:
        with database.reading() as session:
            shelf.follow(session)
    return shelf
