"""What every request needs: settings, database, files, rule book, and the threads.

The edge is asynchronous and thin; a request makes one hop into plain synchronous work.
SQLite has one writer thread, because it has one writer; more reader threads than two
only fight for the interpreter.
"""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from sqlalchemy.orm import Session

from api.packaged_edition import packaged, stocked_shelf
from compliance import limits, trail
from compliance.database import Database, open_database, refuse_strong_user
from compliance.editions.shelf import Shelf
from compliance.files import Files
from compliance.identifiers import random_word
from compliance.identity.tokens import Verifier
from compliance.identity.usage import Usage
from compliance.problems import Kind, Problem
from compliance.settings import Settings
from compliance.texts import N_
from rules.definitions import Book

Result = TypeVar("Result")
GLANCING = 1  # connection for what is read without a thread's hop


class SignInBusy(Problem):
    kind = Kind.TOO_MANY
    title = N_("Too many people are signing in at this moment")
    detail = N_("Nothing is wrong with your password. Try again in a few seconds.")


@dataclass
class PasswordQueue:
    """Two slots for checking passwords, which is slow on purpose, and a short queue."""

    executor: Executor
    waiting: int = 0

    async def run(self, work: Callable[[], Result]) -> Result:
        if self.waiting >= limits.SIGN_IN_QUEUE:
            raise SignInBusy
        self.waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self.executor, work)
        finally:
            self.waiting -= 1


@dataclass(frozen=True)
class Service:
    """One running product: what it stands on, and its two ways into the data."""

    settings: Settings
    database: Database
    files: Files
    shelf: Shelf
    readers: Executor
    writers: Executor
    passwords: PasswordQueue
    tokens: Verifier
    usage: Usage
    boot_id: str

    @property
    def book(self) -> Book:
        """The edition of the book that is in force, as far as this process knows."""
        return self.shelf.in_force

    async def read(
        self, work: Callable[[Session], Result], *, system: bool = False
    ) -> Result:
        """Run `work` in a reading transaction, on a reader thread.

        It sees nothing of any organisation until it has a Scope, unless it is the
        product's own work and says so: `system`.
        """
        return await asyncio.get_running_loop().run_in_executor(
            self.readers, partial(self.read_now, work, system=system)
        )

    async def write(
        self, work: Callable[[Session], Result], *, system: bool = False
    ) -> Result:
        """Run `work` in a writing transaction; it has committed when this returns."""
        return await asyncio.get_running_loop().run_in_executor(
            self.writers, partial(self.write_now, work, system=system)
        )

    async def glance(self, work: Callable[[Session], Result]) -> Result:
        """Run `work` that reads a few rows by their keys, and needs no rule book.

        On SQLite it is done right here: handing it to a thread costs as much as the
        rows. PostgreSQL is waited for on a reader thread.
        """
        if self.database.is_sqlite:
            return self._glance_now(work)
        return await asyncio.get_running_loop().run_in_executor(
            self.readers, partial(self._glance_now, work)
        )

    def _glance_now(self, work: Callable[[Session], Result]) -> Result:
        with self.database.reading() as session:
            return work(session)

    def read_now(
        self, work: Callable[[Session], Result], *, system: bool = False
    ) -> Result:
        with self.database.reading(system=system) as session:
            self.shelf.follow_if_aged(session)
            return work(session)

    def write_now(
        self, work: Callable[[Session], Result], *, system: bool = False
    ) -> Result:
        with self.database.writing(system=system) as session:
            # Another process may have published: a visit is judged by what holds now.
            self.shelf.follow(session)
            result = work(session)
            trail.seal(session)
        return result


def book_in_force() -> Book:
    """Return the packaged edition, read and checked once in a process."""
    return packaged().book


@contextmanager
def open_service(settings: Settings, *, is_system: bool = False) -> Iterator[Service]:
    """Open all that the product stands on, and close it again.

    A command that works for no organisation opens it as system work; a server never.
    """
    settings.data.mkdir(parents=True, exist_ok=True)
    files = Files(settings.data / "files")
    files.sweep()
    readers, writers = settings.reader_threads, settings.writer_threads
    # A job can write its progress beside its work, and the keeper looks beside both.
    beside = 2 * max(1, settings.workers) + 1
    with closing(
        open_database(
            settings.resolved_database_url,
            connections=readers + writers + beside + GLANCING,
            is_system=is_system,
        )
    ) as database:
        refuse_strong_user(database)
        if database.is_sqlite:
            writers = 1
        shelf = stocked_shelf(database, files)
        with (
            ThreadPoolExecutor(readers, "reader") as reader_pool,
            ThreadPoolExecutor(writers, "writer") as writer_pool,
            ThreadPoolExecutor(2, "password") as password_pool,
        ):
            yield Service(
                settings=settings,
                database=database,
                files=files,
                shelf=shelf,
                readers=reader_pool,
                writers=writer_pool,
                passwords=PasswordQueue(password_pool),
                tokens=Verifier(settings.resolved_public_url),
                usage=Usage(),
                boot_id=random_word(16),
            )
