"""`atalaya import-visits`, `submissions decrypt` and `sealing rotate`: evidence by hand."""

import argparse
import hashlib
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.imports_command import organisation_named
from api.intake import intake_of, keyring_of
from api.service import Service, open_service
from api.visit_imports import told_note, told_problem
from audits.submissions import decrypting
from audits.submissions.encrypted import PrivateKey, read_private_key
from audits.visit_imports import actions, queries
from audits.visit_imports.actions import Upload
from audits.visit_imports.queries import (
    RowState,
    State,
    VisitImportRecord,
    VisitRowRecord,
)
from audits.visit_imports.reading import Format
from compliance import limits
from compliance.database import Page
from compliance.identifiers import OrganisationId
from compliance.identity.models import Organisation
from compliance.identity.scope import scope_of_system
from compliance.problems import Problem
from compliance.sealing import rewrap
from compliance.settings import read_settings
from compliance.texts import N_, translate

DONE, FAILED, MISUSED = 0, 1, 2

NO_FILE = N_("There is no file {path}.")
NOTICE = N_("column {column}: {told} {remedy}")
ROW = N_("row {row}, column {column}: {told} {remedy}")
IMPORTED = N_(
    "{rows} visits: {new} new, {known} known already, {waiting} waiting for a site, "
    "{refused} refused."
)
DRY = N_("A dry run: nothing was taken in.")
OPENED = N_("{submission}: opened.")
NOT_OPENED = N_("{submission}: {reason}")
NOTHING_WAITS = N_("No encrypted submission waits.")
ROTATED = N_(
    "Everything is sealed with the key {key} from now on; {count} older keys were "
    "wrapped anew. Copy {path} to where you keep its backup."
)


def add_evidence_commands(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    parents: Sequence[argparse.ArgumentParser],
    told: Callable[[str], str],
) -> None:
    """Add the commands about evidence to the command line."""
    _add_import(commands, parents, told)
    opening = N_("Open encrypted submissions with the private key, on a machine apart.")
    decrypt = _nested(
        commands,
        parents,
        told,
        ("submissions", N_("Look after submissions.")),
        ("decrypt", opening),
    )
    decrypt.add_argument(
        "--key",
        type=Path,
        required=True,
        metavar=told(N_("FILE")),
        help=told(N_("the private key (PEM)")),
    )
    _add_organisation(decrypt, told)
    decrypt.set_defaults(run=decrypt_submissions)
    rotating = N_("Seal with a fresh key from now on, and wrap the older keys with it.")
    rotate = _nested(
        commands,
        parents,
        told,
        ("sealing", N_("Look after the keys that seal what names people.")),
        ("rotate", rotating),
    )
    rotate.add_argument(
        "--forget",
        action="store_true",
        help=told(N_("take the older keys out of the file when nothing needs them")),
    )
    rotate.set_defaults(run=rotate_sealing)


def _add_import(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    parents: Sequence[argparse.ArgumentParser],
    told: Callable[[str], str],
) -> None:
    summary = N_("Take in visits exported from KoboToolbox or ODK Central.")
    importing = commands.add_parser(
        "import-visits",
        help=told(summary),
        description=told(summary),
        parents=list(parents),
    )
    importing.add_argument("file", type=Path, metavar=told(N_("FILE")))
    importing.add_argument(
        "--checklist",
        required=True,
        help=told(N_("the id of the checklist the visits were made with")),
    )
    importing.add_argument(
        "--version", help=told(N_("its version (default: the newest)"))
    )
    importing.add_argument("--format", required=True, choices=list(Format))
    importing.add_argument(
        "--dry-run",
        action="store_true",
        help=told(N_("say what would become of each visit, and take nothing in")),
    )
    _add_organisation(importing, told)
    importing.set_defaults(run=import_visits)


def _add_organisation(
    command: argparse.ArgumentParser, told: Callable[[str], str]
) -> None:
    command.add_argument(
        "--organisation", help=told(N_("the public id of the organisation it is for"))
    )


def _nested(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    parents: Sequence[argparse.ArgumentParser],
    told: Callable[[str], str],
    outer: tuple[str, str],
    inner: tuple[str, str],
) -> argparse.ArgumentParser:
    (name, summary), (action, doing) = outer, inner
    group = commands.add_parser(name, help=told(summary), description=told(summary))
    actions_of = group.add_subparsers(required=True, metavar=told(N_("COMMAND")))
    return actions_of.add_parser(
        action, help=told(doing), description=told(doing), parents=list(parents)
    )


def import_visits(parsed: argparse.Namespace, language: str) -> int:
    """Take an export in, step by step, and tell what became of each row."""
    if not parsed.file.is_file():
        _say_error(translate(NO_FILE, language, path=str(parsed.file)))
        return MISUSED
    with open_service(read_settings(data=parsed.data), is_system=True) as service:
        owner = organisation_named(service, parsed.organisation)
        upload = _stored(service, parsed.file)
        try:
            record = _started(service, owner, upload, parsed)
        finally:
            upload.path.unlink(missing_ok=True)
        while record.state not in {State.DONE, State.FAILED}:
            record = _step(service, owner, record.public_id)
        return _tell(service, owner, record, language)


def _stored(service: Service, file: Path) -> Upload:
    with (
        file.open("rb") as source,
        NamedTemporaryFile(dir=service.files.incoming(), delete=False) as target,
    ):
        shutil.copyfileobj(source, target)
    path = Path(target.name)
    with path.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    return Upload(path, digest, path.stat().st_size)


def _started(
    service: Service, owner: OrganisationId, upload: Upload, parsed: argparse.Namespace
) -> VisitImportRecord:
    return service.write_now(
        lambda session: actions.start(
            session,
            scope_of_system(session, owner),
            intake_of(service).store,
            upload,
            checklist=parsed.checklist,
            version=parsed.version,
            kind=Format(parsed.format),
            is_dry_run=parsed.dry_run,
        )
    )


def _step(service: Service, owner: OrganisationId, public_id: str) -> VisitImportRecord:
    intake = intake_of(service)
    prepared = service.read_now(
        lambda session: actions.prepare(
            session, scope_of_system(session, owner), intake.store, public_id
        )
    )
    return service.write_now(
        lambda session: actions.keep(
            session, scope_of_system(session, owner), intake, public_id, prepared
        )
    )


def _tell(
    service: Service,
    owner: OrganisationId,
    record: VisitImportRecord,
    language: str,
) -> int:
    if record.problem is not None:
        told = told_problem(record.problem, language)
        _say_error(f"{told['title']}: {told['detail']}")
        return FAILED
    for notice in record.notices:
        _say(translate(NOTICE, language, **_note(notice, language)))
    after: str | None = "0"
    while after is not None:
        page = service.read_now(partial(_rows, owner, record.public_id, int(after)))
        for row in page.rows:
            for note in row.notes:
                said = _note(note, language)
                _say(translate(ROW, language, row=row.number, **said))
        after = page.next_after
    _say(translate(IMPORTED, language, rows=record.rows_done, **record.counts))
    if record.is_dry_run:
        _say(translate(DRY, language))
    return FAILED if record.counts[RowState.REFUSED] else DONE


def _rows(
    owner: OrganisationId, public_id: str, after: int, session: Session
) -> Page[VisitRowRecord]:
    scope = scope_of_system(session, owner)
    return queries.import_rows(
        session, scope, public_id, rows=limits.PAGE_ROWS, after=after
    )


def _note(note: Mapping[str, Any], language: str) -> dict[str, str]:
    said = told_note(note, language)
    return {
        "column": said["column"],
        "told": said["message"],
        "remedy": said["remedy"],
    }


def decrypt_submissions(parsed: argparse.Namespace, language: str) -> int:
    """Open every encrypted submission that this key opens; each is whole or nothing."""
    if not parsed.key.is_file():
        _say_error(translate(NO_FILE, language, path=str(parsed.key)))
        return MISUSED
    private = read_private_key(str(parsed.key), parsed.key.read_bytes())
    with open_service(read_settings(data=parsed.data), is_system=True) as service:
        owners = _owners(service, parsed.organisation)
        outcomes = [
            outcome
            for owner in owners
            for outcome in _opened(service, owner, private, language)
        ]
    if not outcomes:
        _say(translate(NOTHING_WAITS, language))
    return DONE if all(outcomes) else FAILED


def _owners(service: Service, public_id: str | None) -> list[OrganisationId]:
    if public_id is not None:
        return [organisation_named(service, public_id)]
    with service.database.reading() as session:
        found = session.scalars(
            select(Organisation.id)
            .where(Organisation.registered_by_id.is_(None))
            .order_by(Organisation.id)
        )
        return [OrganisationId(one) for one in found]


def _opened(
    service: Service, owner: OrganisationId, private: PrivateKey, language: str
) -> list[bool]:
    waiting = service.read_now(
        lambda session: decrypting.waiting(session, scope_of_system(session, owner))
    )
    return [_open(service, owner, private, one, language) for one in waiting]


def _open(
    service: Service,
    owner: OrganisationId,
    private: PrivateKey,
    submission: str,
    language: str,
) -> bool:
    def work(session: Session) -> None:
        scope = scope_of_system(session, owner)
        intake = intake_of(service)
        decrypting.decrypt(session, scope, intake, private, submission_id=submission)

    try:
        service.write_now(work)
    except Problem as problem:
        reason = problem.told(language)
        _say_error(
            translate(NOT_OPENED, language, submission=submission, reason=reason)
        )
        return False
    _say(translate(OPENED, language, submission=submission))
    return True


def rotate_sealing(parsed: argparse.Namespace, language: str) -> int:
    """Put a fresh wrapping key in force, and wrap every data key with it."""
    with open_service(read_settings(data=parsed.data), is_system=True) as service:
        keyring = keyring_of(service)
        keyring.newest()
        key, count = keyring.add(), 0
        while moved := service.write_now(
            lambda session: rewrap(session, keyring), system=True
        ):
            count += moved
        if parsed.forget:
            keyring.keep_only(key.id)
    told = {"key": key.id, "count": count, "path": str(keyring.path)}
    _say(translate(ROTATED, language, **told))
    return DONE


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _say_error(text: str) -> None:
    sys.stderr.write(text + "\n")
