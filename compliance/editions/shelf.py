"""The books a process has at hand: each edition is read once, and one is in force.

Another process may publish; so whoever is about to judge asks the database which
edition holds, which costs one small query, and the shelf fetches what it lacks.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from compliance import clock
from compliance.editions.archive import ArchiveRefused, read_files, unpack
from compliance.editions.models import EditionPublication, RuleEdition
from compliance.editions.queries import LAST_ORDINAL, hashes
from compliance.files import Files
from rules import Book, BookRejected

BOOKS = 8
"""Books kept in memory, of some megabytes each; the one in force is always among them."""
AGED = timedelta(seconds=1)

IN_FORCE_SHA256 = (
    select(RuleEdition.sha256)
    .join(EditionPublication, EditionPublication.edition_id == RuleEdition.id)
    .where(EditionPublication.ordinal == LAST_ORDINAL.scalar_subquery())
)
ARCHIVE = select(RuleEdition.archive_sha256).where(
    RuleEdition.sha256 == bindparam("sha256")
)

log = structlog.get_logger()


@dataclass
class Shelf:
    """The books at hand by their hash; threads may share it."""

    files: Files
    in_force: Book
    """The edition new visits are judged by, as of the last time somebody asked."""
    _books: OrderedDict[str, Book] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _asked_at: datetime | None = None

    def follow(self, session: Session) -> Book:
        """Return the edition in force at this moment, having fetched it if it is new.

        An edition that this release cannot read is noted, and the one before stays.
        """
        self._asked_at = clock.now()
        holding = session.scalar(IN_FORCE_SHA256)
        if holding is None or holding == self.in_force.sha256:
            return self.in_force
        found = self.book(session, holding)
        if found is None:
            log.error("edition_unreadable", sha256=holding, kept=self.in_force.edition)
            return self.in_force
        self.in_force = found
        return found

    def follow_if_aged(self, session: Session) -> None:
        """Ask which edition is in force unless somebody asked a moment ago."""
        if self._asked_at is None or clock.now() - self._asked_at >= AGED:
            self.follow(session)

    def book(self, session: Session, sha256: str) -> Book | None:
        """Return an edition by its hash; None if it is not kept or cannot be read."""
        if self.in_force.sha256 == sha256:
            return self.in_force
        with self._lock:
            if sha256 not in self._books:
                fetched = self._fetch(session, sha256)
                if fetched is None:
                    return None
                self._books[sha256] = fetched
            self._books.move_to_end(sha256)
            while len(self._books) > BOOKS:
                self._books.popitem(last=False)
            return self._books[sha256]

    def homes_of(self, session: Session, rule_ids: Iterable[str]) -> Mapping[str, Book]:
        """Return for each rule a book that has it: the one in force, or the latest kept.

        A finding outlives the rule that raised it. What no book has is left out.
        """
        homes: dict[str, Book] = {}
        missing = set(rule_ids)
        for book in self._latest_first(session):
            homes |= dict.fromkeys(missing & book.rule_by_id.keys(), book)
            missing -= homes.keys()
            if not missing:
                break
        return homes

    def _latest_first(self, session: Session) -> Iterator[Book]:
        yield self.in_force
        for sha256 in reversed(hashes(session)):
            book = self.book(session, sha256)
            if book is not None:
                yield book

    def _fetch(self, session: Session, sha256: str) -> Book | None:
        archive = session.scalar(ARCHIVE, {"sha256": sha256})
        if archive is None:
            return None
        try:
            return read_files(unpack(self.files.read(archive)))
        except (BookRejected, ArchiveRefused, FileNotFoundError):
            log.exception("edition_unreadable", sha256=sha256)
            return None
