"""`atalaya lists add | import`: public lists from the command line."""

import argparse
import hashlib
import re
import shutil
import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from tempfile import NamedTemporaryFile

from api.command_groups import command_group
from api.imports_command import organisation_named
from api.intake import keyring_of
from api.public_lists_wire import CODE, note_document, told_notice
from api.service import Service, open_service
from compliance.identifiers import OrganisationId
from compliance.identity.scope import scope_of_system
from compliance.public_lists import actions, queries
from compliance.public_lists.actions import Publication
from compliance.public_lists.entries import without_twins
from compliance.public_lists.models import Category
from compliance.public_lists.queries import ListRecord
from compliance.public_lists.reading import (
    DayOrder,
    Names,
    Reading,
    ReadList,
    RowOutcome,
    read_public_list,
)
from compliance.settings import read_settings
from compliance.texts import N_, translate

DONE, FAILED, MISUSED = 0, 1, 2
ROWS_TOLD = 50

FILE_MISSING = N_("There is no file {path}.")
LINE = N_("{path}, row {row}: {wrong}")
READ = N_(
    "{entry} rows list somebody or something, {person} a person, {left_out} are left "
    "out, {refused} cannot be used."
)
MORE = N_("… and {count} more rows.")
DRY = N_("A dry run: nothing was kept.")
BAD_CODE = N_(
    "--list is {given}. Write small letters, digits and underscores, up to 40, such as "
    "usdol_goods."
)
ADDED = N_("{name} is added: {code} ({id})")
IMPORTED = N_("The edition of {day} is kept: {entries} entries ({id}).")
THE_SAME = N_("The edition of {day} is there already, from the same bytes ({id}).")


def add_public_lists_commands(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    parents: Sequence[argparse.ArgumentParser],
    told: Callable[[str], str],
) -> None:
    """Add `atalaya lists …` to the command line."""
    summary = N_("Look after public lists of goods and of excluded companies.")
    group = command_group(commands, parents, told, "lists", summary)
    adding = group.command(
        "add", N_("Add a list that an organisation goes by."), add_list
    )
    adding.add_argument(
        "--list", required=True, help=told(N_("a code for it, in small letters"))
    )
    adding.add_argument("--category", required=True, choices=list(Category))
    adding.add_argument("--name", required=True, help=told(N_("what it is called")))
    adding.add_argument("--publisher", required=True, help=told(N_("who publishes it")))
    importing = group.command(
        "import",
        N_("Import an edition of a list: whole, or not at all."),
        import_list_edition,
    )
    _add_import_options(importing, told)
    for one in (adding, importing):
        one.add_argument(
            "--organisation",
            help=told(N_("the public id of the organisation it is for")),
        )


def _add_import_options(
    importing: argparse.ArgumentParser, told: Callable[[str], str]
) -> None:
    importing.add_argument(
        "file",
        type=Path,
        metavar=told(N_("FILE")),
        help=told(N_("the list as it was published: CSV, .xlsx or XML")),
    )
    importing.add_argument(
        "--list", required=True, help=told(N_("the code or id of the list"))
    )
    importing.add_argument(
        "--edition",
        required=True,
        type=date.fromisoformat,
        metavar="YYYY-MM-DD",
        help=told(N_("the day of the edition, as its publisher says; never guessed")),
    )
    importing.add_argument(
        "--source", required=True, help=told(N_("the address it was published at"))
    )
    importing.add_argument(
        "--licence", required=True, help=told(N_("how it may be used"))
    )
    importing.add_argument(
        "--column",
        action="append",
        default=[],
        metavar=told(N_("FIELD=HEADING")),
        help=told(N_("which column means a field; the others are found by name")),
    )
    importing.add_argument(
        "--country", help=told(N_("the country of rows that name none, such as CO"))
    )
    importing.add_argument(
        "--names",
        type=Names,
        choices=list(Names),
        default=Names.MIXED,
        help=told(N_("companies, if you know that nobody else is on the list")),
    )
    importing.add_argument(
        "--days",
        type=DayOrder,
        choices=list(DayOrder),
        help=told(N_("how days are written that could be two")),
    )
    importing.add_argument(
        "--empty", action="store_true", help=told(N_("the list lists nobody now"))
    )
    importing.add_argument(
        "--dry-run",
        action="store_true",
        help=told(N_("say what would become of each row, and keep nothing")),
    )


def add_list(parsed: argparse.Namespace, language: str) -> int:
    """Add a list that an organisation goes by."""
    if not re.fullmatch(CODE, parsed.list):
        _say_error(translate(BAD_CODE, language, given=parsed.list))
        return MISUSED
    with open_service(read_settings(data=parsed.data), is_system=True) as service:
        organisation = organisation_named(service, parsed.organisation)
        made = service.write_now(
            lambda session: actions.add_list(
                session,
                scope_of_system(session, organisation),
                code=parsed.list,
                category=Category(parsed.category),
                name=parsed.name,
                publisher=parsed.publisher,
            )
        )
    facts = {"name": made.name, "code": made.code, "id": made.public_id}
    _say(translate(ADDED, language, **facts))
    return DONE


def import_list_edition(parsed: argparse.Namespace, language: str) -> int:
    """Read a file, tell of every row that needs a look, and keep the edition whole."""
    if not parsed.file.is_file():
        _say_error(translate(FILE_MISSING, language, path=str(parsed.file)))
        return MISUSED
    with open_service(read_settings(data=parsed.data), is_system=True) as service:
        organisation = organisation_named(service, parsed.organisation)
        found = _list(service, organisation, parsed.list)
        reading = Reading(
            found.category,
            tuple(parsed.column),
            parsed.country,
            parsed.names,
            parsed.days,
        )
        read = without_twins(read_public_list(parsed.file, parsed.file.name, reading))
        _tell(read, parsed.file, language)
        if read.refused:
            return FAILED
        if parsed.dry_run:
            _say(translate(DRY, language))
            return DONE
        return _keep(service, organisation, found, parsed, read, language)


def _list(service: Service, organisation: OrganisationId, named: str) -> ListRecord:
    with service.database.reading() as session:
        return queries.public_list(
            session, scope_of_system(session, organisation), named
        )


def _keep(
    service: Service,
    organisation: OrganisationId,
    found: ListRecord,
    parsed: argparse.Namespace,
    read: ReadList,
    language: str,
) -> int:
    sha256, size = _copied(service, parsed.file, is_kept=not read.has_people)
    publication = Publication(
        parsed.edition, parsed.source, parsed.licence, sha256, size, parsed.empty
    )
    made, is_new = service.write_now(
        lambda session: actions.import_edition(
            session,
            scope_of_system(session, organisation),
            keyring_of(service),
            found.public_id,
            publication,
            read,
        )
    )
    facts: dict[str, object] = {
        "day": made.edition_on.isoformat(),
        "id": made.public_id,
        "entries": made.entries,
    }
    _say(translate(IMPORTED if is_new else THE_SAME, language, **facts))
    return DONE


def _copied(service: Service, file: Path, *, is_kept: bool) -> tuple[str, int]:
    """Keep the bytes of a file, unless it names people; return its hash and size."""
    with file.open("rb") as source:
        sha256 = hashlib.file_digest(source, "sha256").hexdigest()
    if is_kept:
        with (
            file.open("rb") as source,
            NamedTemporaryFile(dir=service.files.incoming(), delete=False) as target,
        ):
            shutil.copyfileobj(source, target)
        service.files.take(Path(target.name), sha256)
    return sha256, file.stat().st_size


def _tell(read: ReadList, file: Path, language: str) -> None:
    """Say what is to be looked at, row by row, and what would be right."""
    for notice in read.noticed:
        _say(told_notice(notice, language))
    refused = [one for one in read.report if one.outcome is RowOutcome.REFUSED]
    for row in refused[:ROWS_TOLD]:
        for note in row.notes:
            told = note_document(note, language)
            where = {"path": str(file), "row": row.row, "wrong": told["message"]}
            _say_error(translate(LINE, language, **where))
            _say_error(f"  {told['remedy']}")
    if len(refused) > ROWS_TOLD:
        _say_error(translate(MORE, language, count=len(refused) - ROWS_TOLD))
    counts = {str(one): 0 for one in RowOutcome}
    for row in read.report:
        counts[row.outcome] += 1
    _say(translate(READ, language, **counts))


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _say_error(text: str) -> None:
    sys.stderr.write(text + "\n")
