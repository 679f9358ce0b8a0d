"""`atalaya rules diff` and `atalaya rules publish`: editions side by side, and in force."""

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from sqlalchemy.orm import Session

from api.books_at_hand import (
    Bookcase,
    Misused,
    is_folder,
    open_bookcase,
    packed_book,
)
from api.changes_document import comparison_document, effects_document
from api.telling_changes import told_comparison, told_effects
from audits.assessments.changes import Effects, effects
from audits.assessments.standing_facts import KeptFacts, standing_facts
from compliance import trail
from compliance.editions.actions import (
    Published,
    publish_as_operator,
    publish_kept_as_operator,
)
from compliance.editions.queries import tenants
from compliance.identity.scope import scope_of_system
from compliance.settings import read_settings
from compliance.texts import N_, translate
from rules import Book
from rules.comparing import Comparison, compare

MISUSED = 2
PUBLISHED = N_("Edition {edition} is in force ({sha256}). Before: {before}.")
IN_FORCE_ALREADY = N_("Edition {edition} is in force already; nothing was changed.")
NOTHING_BEFORE = N_("none")
IN_SHORT = N_(
    "{decide} rules decide otherwise, {other} are told otherwise, {values} legal values "
    "differ. All of it: atalaya rules diff {before} {after}"
)
Told = Callable[[str], str]


def add_diff_options(command: argparse.ArgumentParser, told: Told) -> None:
    command.add_argument(
        "first",
        metavar="A",
        help=told(
            N_("a book's folder, or the name or hash of an edition that is kept")
        ),
    )
    command.add_argument(
        "second",
        metavar="B",
        nargs="?",
        help=told(N_("the same; with A alone, the edition in force is compared to it")),
    )
    command.add_argument(
        "--list",
        action="store_true",
        help=told(N_("name the submissions whose verdicts turn")),
    )
    command.add_argument(
        "--no-audits",
        action="store_true",
        help=told(N_("compare the books only, and judge no kept audits")),
    )
    command.add_argument(
        "--json", action="store_true", help=told(N_("print the comparison as JSON"))
    )


def add_publish_options(command: argparse.ArgumentParser, told: Told) -> None:
    command.add_argument(
        "edition",
        metavar=told(N_("FOLDER")),
        help=told(N_("a book's folder, or an edition that is kept, to go back to it")),
    )


def diff(parsed: argparse.Namespace, language: str) -> int:
    """Tell how two editions differ, and which verdicts of kept audits would turn."""
    try:
        with open_bookcase(read_settings(data=parsed.data), language) as bookcase:
            before, after = _both(bookcase, parsed)
            found = None if parsed.no_audits else _effects(bookcase, before, after)
    except Misused as misused:
        return _refused(misused)
    comparison = compare(before, after)
    if parsed.json:
        document = comparison_document(before, after, comparison)
        if found is not None:
            document["audits"] = effects_document(found, lists=True)
        text = json.dumps(document, ensure_ascii=False, indent=2, default=str)
        sys.stdout.write(text + "\n")
        return 0
    _print(told_comparison(before, after, comparison, language))
    if found is not None:
        _print(["", *told_effects(before, after, found, language, lists=parsed.list)])
    return 0


def publish(parsed: argparse.Namespace, language: str) -> int:
    """Let a book be in force from now on, in every process that uses the database."""
    settings = read_settings(data=parsed.data)
    try:
        with open_bookcase(settings, language) as bookcase:
            before = bookcase.shelf.in_force
            published = _publish(bookcase, parsed.edition)
            after = bookcase.book(published.edition.edition)
    except Misused as misused:
        return _refused(misused)
    if not published.has_changed:
        told = translate(IN_FORCE_ALREADY, language, edition=after.edition)
        _print([told])
        return 0
    nothing = translate(NOTHING_BEFORE, language)
    facts = {
        "edition": after.edition,
        "sha256": after.sha256,
        "before": published.before.edition if published.before else nothing,
    }
    _print(
        [
            translate(PUBLISHED, language, **facts),
            in_short(before, after, compare(before, after), language),
        ]
    )
    return 0


def in_short(before: Book, after: Book, comparison: Comparison, language: str) -> str:
    """Return in one line how much differs."""
    decide = len(comparison.deciding)
    return translate(
        IN_SHORT,
        language,
        decide=decide,
        other=len(comparison.rules) - decide,
        values=len(comparison.values),
        before=before.edition,
        after=after.edition,
    )


def _both(bookcase: Bookcase, parsed: argparse.Namespace) -> tuple[Book, Book]:
    if parsed.second is None:
        return bookcase.shelf.in_force, bookcase.book(parsed.first)
    return bookcase.book(parsed.first), bookcase.book(parsed.second)


def _effects(bookcase: Bookcase, before: Book, after: Book) -> Effects | None:
    """Judge what the database keeps by both books; None where there is no database."""
    if bookcase.database is None:
        return None
    with bookcase.database.reading(system=True) as session:
        return effects(before, after, _kept(session))


def _kept(session: Session) -> Iterator[KeptFacts]:
    """Yield the facts of every organisation, one after the other."""
    for organisation_id in tenants(session):
        yield from standing_facts(session, scope_of_system(session, organisation_id))


def _publish(bookcase: Bookcase, named: str) -> Published:
    """Publish a folder, or what is kept under a name."""
    database = bookcase.database_needed()
    packed = packed_book(Path(named), bookcase.language) if is_folder(named) else None
    if packed is None:
        bookcase.book(named)
    with database.writing(system=True) as session:
        published = (
            publish_kept_as_operator(session, named)
            if packed is None
            else publish_as_operator(session, bookcase.files, packed)
        )
        trail.seal(session)
    return published


def _print(lines: Iterable[str]) -> None:
    sys.stdout.write("\n".join(lines) + "\n")


def _refused(misused: Misused) -> int:
    sys.stderr.write("\n".join(misused.lines) + "\n")
    return MISUSED
