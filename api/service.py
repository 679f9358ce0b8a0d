"""What every request needs: settings, database, files, rule book, and the threads.

The edge is asynchronous and thin; a request makes one hop into plain synchronous work.
SQLite has one writer thread, because it has one writer; more reader threads than two
only fight for the interpreter.
"""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

from sqlalchemy.orm import Session

from compliance import limits, trail
from compliance.database import Database, open_database
from compliance.files import Files
from compliance.identifiers import random_word
from compliance.problems import Kind, Problem
from compliance.settings import Settings
from compliance.texts import N_
from rules import read_book
from rules.definitions import Book

Result = TypeVar("Result")


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
    book: Book
    readers: Executor
    writers: Executor
    passwords: PasswordQueue
    boot_id: str

    async def read(self, work: Callable[[Session], Result]) -> Result:
        """Run `work` in a reading transaction, on a reader thread."""
        return await asyncio.get_running_loop().run_in_executor(
            self.readers, self.read_now, work
        )

    async def write(self, work: Callable[[Session], Result]) -> Result:
        """Run `work` in a writing transaction; it has committed when this returns."""
        return await asyncio.get_running_loop().run_in_executor(
            self.writers, self.write_now, work
        )

    def read_now(self, work: Callable[[Session], Result]) -> Result:
        with self.database.reading() as session:
            return work(session)

    def write_now(self, work: Callable[[Session], Result]) -> Result:
        with self.database.writing() as session:
            result = work(session)
            trail.seal(session)
        return result


@cache
def book_in_force() -> Book:
    """Return the packaged edition, read and checked once in a process."""
    return read_book()


@contextmanager
def open_service(settings: Settings) -> Iterator[Service]:
    """Open all that the product stands on, and close it again."""
    settings.data.mkdir(parents=True, exist_ok=True)
    files = Files(settings.data / "files")
    files.sweep()
    readers, writers = settings.reader_threads, settings.writer_threads
    database = open_database(
        settings.resolved_database_url, connections=readers + writers
    )
    if database.is_sqlite:
        writers = 1
    with (
        ThreadPoolExecutor(readers, "reader") as reader_pool,
        ThreadPoolExecutor(writers, "writer") as writer_pool,
        ThreadPoolExecutor(2, "password") as password_pool,
    ):
        try:
            yield Service(
                settings=settings,
                database=database,
                files=files,
                book=book_in_force(),
                readers=reader_pool,
                writers=writer_pool,
                passwords=PasswordQueue(password_pool),
                boot_id=random_word(16),
            )
        finally:
            database.close()
