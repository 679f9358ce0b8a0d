"""`atalaya rescore` and `atalaya shards rebuild`: every kept audit by another edition.

Nothing that is stored changes: what another edition would say is a view beside it.
"""

import argparse
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import pyarrow as pa

from api.books_at_hand import Bookcase, Misused, open_bookcase
from api.changes_document import edition_document, effects_document
from api.telling_changes import told_effects
from audits.assessments import shards as sharding
from audits.assessments.changes import Effects
from audits.assessments.rescoring import Errand, errand, rescore, sweep_unfinished
from audits.assessments.rescoring_effects import (
    ShardRecord,
    compare_with_kept,
    shards,
)
from audits.assessments.shard_files import (
    ShardFiles,
    finish,
    shard_files_of,
    unfinished,
)
from compliance.database import Database
from compliance.editions.queries import tenants
from compliance.identifiers import OrganisationId
from compliance.identity.scope import scope_of_system
from compliance.settings import read_settings
from compliance.texts import N_, translate
from rules import Book

FAILED, MISUSED = 1, 2
NO_SHARDS = N_(
    "There are no shards in {folder}. Make them from the stored audits: "
    "atalaya shards rebuild"
)
NO_SHARDS_OF = N_(
    "There are no shards of {countries} in {folder}. There are some of: {known}."
)
SHARD_MISSING = N_(
    "The shard {path} is not there or cannot be read. Make the shards anew: "
    "atalaya shards rebuild"
)
WORKER_LOST = N_(
    "A worker process ended before its work did; perhaps memory ran out. What was done "
    "is kept: run the same command again, with fewer --processes."
)
RESCORING = N_("Rescoring, {done} of {total} shards")
DONE = N_(
    "{submissions} submissions in {shards} shards by edition {edition} ({sha256}); "
    "{ran} shards were run, the others were done before. Results: {output}"
)
BESIDE = N_("Beside the verdicts that are kept, of which none was changed:")
NOT_JUDGED = N_("{count} were never judged, so nothing can turn.")
PROJECTING = N_("Projecting facts, {done} submissions")
REBUILT = N_("{submissions} submissions in {shards} shards.")
NONE_FINAL = N_(
    "No audit is final, so there is nothing to project. With --all, audits under "
    "review are projected too."
)
CLEAR = "\r\x1b[K"
SUMMARY = "summary.json"
Told = Callable[[str], str]


@dataclass(frozen=True)
class Owned:
    """A shard and the organisation whose it is."""

    organisation_id: OrganisationId
    shard: ShardRecord
    errand: Errand


class Line:
    """One line that is written over and over, where somebody watches."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._is_watched = stream.isatty()

    def say(self, text: str) -> None:
        if self._is_watched:
            width = shutil.get_terminal_size().columns - 1
            self._stream.write(CLEAR + text[:width])
            self._stream.flush()

    def end(self) -> None:
        if self._is_watched:
            self._stream.write(CLEAR)
            self._stream.flush()


def add_rescore_options(command: argparse.ArgumentParser, told: Told) -> None:
    command.add_argument(
        "--edition",
        required=True,
        metavar="X",
        help=told(
            N_("a book's folder, or the name or hash of an edition that is kept")
        ),
    )
    command.add_argument(
        "--country",
        action="append",
        default=[],
        help=told(N_("only the shards of this country; may be given several times")),
    )
    command.add_argument(
        "--processes",
        type=_at_least_one,
        default=os.cpu_count() or 1,
        metavar="N",
        help=told(N_("how many processes work at once (default: one for each core)")),
    )
    command.add_argument(
        "--output",
        type=Path,
        metavar=told(N_("FOLDER")),
        help=told(N_("where the results go (default: rescored, in the data folder)")),
    )
    command.add_argument(
        "--list",
        action="store_true",
        help=told(N_("name the submissions whose verdicts turn")),
    )
    command.add_argument(
        "--json", action="store_true", help=told(N_("print the summary as JSON"))
    )


def add_rebuild_options(command: argparse.ArgumentParser, told: Told) -> None:
    command.add_argument(
        "--all",
        action="store_true",
        help=told(N_("project the facts of audits that are not final, too")),
    )


def rescore_all(parsed: argparse.Namespace, language: str) -> int:
    """Score every shard by an edition, and tell what would turn."""
    settings = read_settings(data=parsed.data)
    files = shard_files_of(settings)
    output: Path = parsed.output or settings.data / "rescored"
    line = Line(sys.stderr)
    try:
        with open_bookcase(settings, language) as bookcase:
            book = bookcase.book(parsed.edition)
            database = bookcase.database_needed()
            owned = _owned(database, files, output, parsed.country, language)
            sweep_unfinished(output)
            ran = _run(book, owned, parsed.processes, line, language)
            found, not_judged = _compared(database, book, owned)
    except Misused as misused:
        line.end()
        sys.stderr.write("\n".join(misused.lines) + "\n")
        return MISUSED
    except BrokenProcessPool:
        line.end()
        sys.stderr.write(translate(WORKER_LOST, language) + "\n")
        return FAILED
    line.end()
    document = {
        "edition": edition_document(book),
        "shards": len(owned),
        "not_judged": not_judged,
        "audits": effects_document(found, lists=True),
    }
    text = json.dumps(document, ensure_ascii=False, indent=2, default=str)
    _write(output / SUMMARY, text)
    if parsed.json:
        sys.stdout.write(text + "\n")
        return 0
    facts = {
        "submissions": sum(one.shard.submissions for one in owned),
        "shards": len(owned),
        "edition": book.edition,
        "sha256": book.sha256[:12],
        "ran": ran,
        "output": output,
    }
    lines = [
        translate(DONE, language, **facts),
        translate(BESIDE, language),
        *told_effects(None, book, found, language, lists=parsed.list),
    ]
    if not_judged:
        lines.append(translate(NOT_JUDGED, language, count=not_judged))
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


def rebuild_shards(parsed: argparse.Namespace, language: str) -> int:
    """Project the facts of every final audit anew, organisation by organisation."""
    settings = read_settings(data=parsed.data)
    files = shard_files_of(settings)
    line = Line(sys.stderr)
    try:
        with open_bookcase(settings, language) as bookcase:
            database = bookcase.database_needed()
            made = list(_rebuilt(bookcase, database, files, parsed, line, language))
            with database.reading(system=True) as session:
                files.sweep(sharding.digests(session))
    except Misused as misused:
        line.end()
        sys.stderr.write("\n".join(misused.lines) + "\n")
        return MISUSED
    line.end()
    submissions = sum(one.submissions for one in made)
    facts = {"submissions": submissions, "shards": len(made)}
    sys.stdout.write(translate(REBUILT, language, **facts) + "\n")
    if not made and not parsed.all:
        sys.stdout.write(translate(NONE_FINAL, language) + "\n")
    return 0


def _at_least_one(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} < 1")
    return number


def _owned(
    database: Database,
    files: ShardFiles,
    output: Path,
    countries: Sequence[str],
    language: str,
) -> list[Owned]:
    """Return the shards to score; raise Misused if there are none, or one is missing."""
    wanted = {one.upper() for one in countries}
    with database.reading(system=True) as session:
        found = [
            Owned(
                organisation_id,
                shard,
                errand(files.path(shard.country, shard.sha256), output),
            )
            for organisation_id in tenants(session)
            for shard in shards(session, scope_of_system(session, organisation_id))
        ]
    if not found:
        raise Misused(translate(NO_SHARDS, language, folder=files.folder))
    chosen = [one for one in found if not wanted or one.shard.country in wanted]
    if not chosen:
        facts = {
            "countries": ", ".join(sorted(wanted)),
            "folder": files.folder,
            "known": ", ".join(sorted({one.shard.country for one in found})),
        }
        raise Misused(translate(NO_SHARDS_OF, language, **facts))
    missing = [one.errand.source for one in chosen if not one.errand.source.is_file()]
    if missing:
        told = [translate(SHARD_MISSING, language, path=path) for path in missing]
        raise Misused(*told)
    return chosen


def _run(
    book: Book, owned: Sequence[Owned], processes: int, line: Line, language: str
) -> int:
    """Score the shards and return on how many any rule was run."""
    ran = 0
    errands = [one.errand for one in owned]
    total = len(errands)
    line.say(translate(RESCORING, language, done=0, total=total))
    try:
        done = rescore(book, errands, processes=min(processes, total))
        for number, one in enumerate(done, start=1):
            ran += one.rules_run > 0
            line.say(translate(RESCORING, language, done=number, total=total))
    except (pa.ArrowInvalid, OSError) as error:
        told = translate(SHARD_MISSING, language, path=error)
        raise Misused(told) from error
    return ran


def _compared(
    database: Database, book: Book, owned: Sequence[Owned]
) -> tuple[Effects, int]:
    found, not_judged = Effects(), 0
    with database.reading(system=True) as session:
        for one in owned:
            scope = scope_of_system(session, one.organisation_id)
            not_judged += compare_with_kept(
                session, scope, book, one.shard, one.errand.place, found
            )
    found.turned = dict(sorted(found.turned.items()))
    return found, not_judged


def _rebuilt(
    bookcase: Bookcase,
    database: Database,
    files: ShardFiles,
    parsed: argparse.Namespace,
    line: Line,
    language: str,
) -> Iterator[sharding.Written]:
    def heard(done: int) -> None:
        if done % 100 == 0:
            line.say(translate(PROJECTING, language, done=done))

    with database.reading(system=True) as session:
        organisations = tenants(session)
    for organisation_id in organisations:
        with database.writing(system=True) as session:
            sharding.forget(session, scope_of_system(session, organisation_id))
        with database.reading(system=True) as reading:
            for written in sharding.write_waiting(
                reading,
                scope_of_system(reading, organisation_id),
                bookcase.shelf,
                files,
                of_any_audit=parsed.all,
                heard=heard,
            ):
                with database.writing(system=True) as session:
                    scope = scope_of_system(session, organisation_id)
                    sharding.note(session, scope, [written])
                yield written


def _write(path: Path, text: str) -> None:
    with unfinished(path.parent) as aside:
        aside.write_text(text + "\n", encoding="utf-8")
        finish(aside, path)
