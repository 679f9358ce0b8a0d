"""`atalaya import FILE`: a list taken into the register from the command line."""

import argparse
import hashlib
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import NamedTemporaryFile

from sqlalchemy import select

from api.imports_report import HEADINGS, line_of
from api.imports_wire import told_notices, trouble_document
from api.lists import csv_rows
from api.service import Service, open_service
from compliance import limits
from compliance.identifiers import OrganisationId
from compliance.identity.models import Organisation
from compliance.identity.scope import scope_of_system
from compliance.imports import actions, applying, queries, staging
from compliance.imports.encodings import CHOICES
from compliance.imports.lifecycle import RowState, State
from compliance.imports.queries import ImportRecord, RowRecord, Wanted
from compliance.imports.reading import format_of
from compliance.problems import Kind, Problem
from compliance.settings import read_settings
from compliance.texts import N_, translate
from rules.vocabulary import Commodity, SiteKind

DONE, FAILED, MISUSED = 0, 1, 2
ROWS_TOLD = 50
PERCENT = 100

FILE_MISSING = N_("There is no file {path}.")
READ = N_(
    "{rows} rows: {new} new, {same} known already, {perhaps} perhaps known, {refused} "
    "refused; {warned} with something to look at."
)
COLUMN = N_("  {field}: column {column}")
COLUMNS = N_("The columns were understood so:")
MORE = N_("… and {count} more; --report FILE writes them all.")
DRY = N_("A dry run: nothing was registered.")
UNDECIDED = N_(
    "{count} rows may be sites that are registered already. Decide about them at "
    "/imports/{site_import}, or leave them out with --skip-undecided."
)
APPLIED = N_("Registered: {made} new sites; {matched} rows were sites known already.")
READING = N_("Reading")
APPLYING = N_("Registering")


class WhichOrganisation(Problem):
    kind = Kind.INVALID
    title = N_("Say for which organisation")
    detail = N_(
        "Name the organisation the list is for with --organisation. There are: {names}."
    )


class BadColumn(Problem):
    kind = Kind.INVALID
    title = N_("A column cannot be mapped like this")
    detail = N_(
        "Write --map FIELD=HEADING, such as --map name='Nombre finca', not {given}."
    )


def add_import_options(
    importing: argparse.ArgumentParser, told: Callable[[str], str]
) -> None:
    importing.add_argument(
        "file",
        type=Path,
        metavar=told(N_("FILE")),
        help=told(N_("a list of sites: CSV, .xlsx, .xls or GeoJSON")),
    )
    importing.add_argument(
        "--dry-run",
        action="store_true",
        help=told(N_("say what would become of each row, and register nothing")),
    )
    importing.add_argument(
        "--organisation", help=told(N_("the public id of the organisation it is for"))
    )
    importing.add_argument("--kind", choices=list(SiteKind), default=SiteKind.PRODUCER)
    importing.add_argument(
        "--commodity", choices=list(Commodity), default=Commodity.COFFEE
    )
    importing.add_argument(
        "--country", help=told(N_("the country of rows that name none, such as CO"))
    )
    importing.add_argument(
        "--map",
        action="append",
        default=[],
        metavar=told(N_("FIELD=HEADING")),
        help=told(N_("which column means a field; the others are found by name")),
    )
    importing.add_argument(
        "--encoding",
        choices=CHOICES,
        help=told(N_("the encoding of the text, if it is read wrongly")),
    )
    importing.add_argument(
        "--sheet", help=told(N_("the sheet of a workbook; else the first"))
    )
    importing.add_argument(
        "--skip-undecided",
        action="store_true",
        help=told(N_("leave out rows that may be sites registered already")),
    )
    importing.add_argument(
        "--report",
        type=Path,
        metavar=told(N_("FILE")),
        help=told(N_("write what was found about every row to this file, as CSV")),
    )


def import_list(parsed: argparse.Namespace, language: str) -> int:
    """Read a list, tell what was found, and register it unless told not to."""
    if not parsed.file.is_file():
        _say_error(translate(FILE_MISSING, language, path=str(parsed.file)))
        return MISUSED
    columns = _columns(parsed.map)
    with open_service(read_settings(data=parsed.data), is_system=True) as service:
        run = _Run(service, organisation_named(service, parsed.organisation), language)
        record = run.read(parsed, columns)
        run.tell(record, parsed.report)
        if record.state is not State.READY:
            run.cancel(record)
            return FAILED
        if parsed.dry_run:
            run.cancel(record)
            _say(translate(DRY, language))
            return DONE
        if record.counts.undecided and not parsed.skip_undecided:
            facts = {"count": record.counts.undecided, "site_import": record.public_id}
            _say(translate(UNDECIDED, language, **facts))
            return FAILED
        run.apply(record)
    return DONE


def _columns(given: list[str]) -> dict[str, str]:
    columns = {}
    for one in given:
        field, equals, heading = one.partition("=")
        if not equals or not heading:
            raise BadColumn(given=one)
        columns[field.strip()] = heading
    return columns


def organisation_named(service: Service, public_id: str | None) -> OrganisationId:
    """Return the organisation a command is for: the one named, or the only one."""
    with service.database.reading() as session:
        found = session.execute(
            select(Organisation.id, Organisation.public_id, Organisation.name).where(
                Organisation.registered_by_id.is_(None)
            )
        ).all()
    wanted = [one for one in found if public_id in {None, one.public_id}]
    if len(wanted) != 1:
        names = ", ".join(f"{one.public_id} ({one.name})" for one in found)
        raise WhichOrganisation(names=names)
    return OrganisationId(wanted[0].id)


class _Run:
    """One import by the product itself at work for an organisation."""

    def __init__(
        self, service: Service, organisation: OrganisationId, language: str
    ) -> None:
        self.service = service
        self.organisation = organisation
        self.language = language

    def read(self, parsed: argparse.Namespace, columns: dict[str, str]) -> ImportRecord:
        """Take the file into the store and read it, with a second time for --map."""
        sha256, size = self._stored(parsed.file)
        public_id = self.service.write_now(
            lambda session: (
                actions.start(
                    session,
                    scope_of_system(session, self.organisation),
                    file_sha256=sha256,
                    file_name=parsed.file.name,
                    file_bytes=size,
                    kind=parsed.kind,
                    commodity=parsed.commodity,
                    country=parsed.country,
                    encoding=parsed.encoding,
                    sheet=parsed.sheet,
                ).public_id
            )
        )
        record = self._prepared(public_id)
        if not columns or record.state not in {State.READY, State.MAPPING}:
            return record
        meant = {
            **{str(one): column for one, column in record.columns.items()},
            **columns,
        }
        self.service.write_now(
            lambda session: actions.map_columns(
                session,
                scope_of_system(session, self.organisation),
                public_id,
                columns=meant,
            )
        )
        return self._prepared(public_id)

    def _stored(self, file: Path) -> tuple[str, int]:
        format_of(file)
        files = self.service.files
        with (
            file.open("rb") as source,
            NamedTemporaryFile(dir=files.incoming(), delete=False) as target,
        ):
            shutil.copyfileobj(source, target)
        copied = Path(target.name)
        with copied.open("rb") as content:
            sha256 = hashlib.file_digest(content, "sha256").hexdigest()
        size = copied.stat().st_size
        files.take(copied, sha256)
        return sha256, size

    def _prepared(self, public_id: str) -> ImportRecord:
        with self.service.database.reading() as session:
            scope = scope_of_system(session, self.organisation)
            prepared = staging.prepare(
                session, scope, self.service.files, public_id, self._progress(READING)
            )
        self.service.write_now(
            lambda session: staging.keep(
                session,
                scope_of_system(session, self.organisation),
                public_id,
                prepared,
            )
        )
        _end_of_progress()
        return self._record(public_id)

    def _record(self, public_id: str) -> ImportRecord:
        with self.service.database.reading() as session:
            scope = scope_of_system(session, self.organisation)
            return queries.site_import(session, scope, public_id)

    def _progress(self, message: str) -> Callable[[int, int], None]:
        told = translate(message, self.language)

        def report(done: int, total: int) -> None:
            sys.stderr.write(f"\r{told} {PERCENT * done // max(total, 1)} %")
            sys.stderr.flush()

        return report

    def tell(self, record: ImportRecord, report: Path | None) -> None:
        """Say what was found about the list and the rows that need somebody."""
        for notice in told_notices(record, self.language):
            _say(notice)
        trouble = trouble_document(record, self.language)
        if trouble is not None:
            _say_error(f"{trouble['title']}: {trouble['detail']}")
            return
        _say(translate(COLUMNS, self.language))
        for field, column in record.columns.items():
            _say(translate(COLUMN, self.language, field=str(field), column=column))
        self._tell_rows(record)
        counts = {
            name: getattr(record.counts, name)
            for name in ("rows", "new", "same", "perhaps", "refused", "warned")
        }
        _say(translate(READ, self.language, **counts))
        if report is not None:
            self._write_report(record, report)

    def _tell_rows(self, record: ImportRecord) -> None:
        waiting = 0
        for state in (RowState.REFUSED, RowState.PERHAPS):
            page = self._rows(record, ROWS_TOLD, 0, Wanted(state=state))
            for row in page:
                line = line_of(row, self.language)
                other, why, noted = line[4], line[6], line[7]
                _say(
                    f"{row.number:>7}  {state:<8} {f'{other}: {why}' if why else noted}"
                )
            waiting += getattr(record.counts, state) - len(page)
        if waiting > 0:
            _say(translate(MORE, self.language, count=waiting))

    def _rows(
        self, record: ImportRecord, count: int, after: int, wanted: Wanted
    ) -> tuple[RowRecord, ...]:
        with self.service.database.reading() as session:
            scope = scope_of_system(session, self.organisation)
            return queries.rows(
                session, scope, record.public_id, rows=count, after=after, wanted=wanted
            ).rows

    def _write_report(self, record: ImportRecord, path: Path) -> None:
        headings = [translate(one, self.language) for one in HEADINGS]
        after = 0
        with path.open("wb") as file:
            file.write(b"\xef\xbb\xbf" + csv_rows([[*headings, *record.headings]]))
            while found := self._rows(record, limits.PAGE_ROWS, after, Wanted()):
                file.write(csv_rows([line_of(row, self.language) for row in found]))
                after = found[-1].number

    def cancel(self, record: ImportRecord) -> None:
        """Leave nothing behind that waits for somebody."""
        self.service.write_now(
            lambda session: actions.cancel(
                session, scope_of_system(session, self.organisation), record.public_id
            )
        )

    def apply(self, record: ImportRecord) -> None:
        """Register the list, all of it or nothing."""
        self.service.write_now(
            lambda session: actions.confirm(
                session,
                scope_of_system(session, self.organisation),
                record.public_id,
                skips_undecided=True,
            )
        )
        counts = self.service.write_now(
            lambda session: applying.apply(
                session,
                scope_of_system(session, self.organisation),
                self.service.files,
                record.public_id,
                self._progress(APPLYING),
            )
        )
        _end_of_progress()
        made, matched = counts.get("made", 0), counts.get("matched", 0)
        _say(translate(APPLIED, self.language, made=made, matched=matched))


def _end_of_progress() -> None:
    sys.stderr.write("\n")


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _say_error(text: str) -> None:
    sys.stderr.write(text + "\n")
