"""`atalaya trail anchor | verify | export | rotate-key`: the operator's side of proofs."""

import argparse
import sys
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.command_groups import command_group
from compliance.database import Database, open_database
from compliance.identity.models import Organisation
from compliance.problems import Kind, Problem
from compliance.proofs import anchoring, exporting
from compliance.proofs.inspecting import Inspected, inspect
from compliance.proofs.keys import finish_rotation, key_in_force, rotate
from compliance.proofs.sealing import Sealed, one_at_a_time
from compliance.proofs.working import (
    Sealing,
    seal_trails,
    sealing_of,
    show_file,
    show_witness,
)
from compliance.settings import Settings, read_settings
from compliance.texts import N_, translate
from compliance.trail import TrailHead

FAILED = 1

SEALED = N_("{entries} entries are sealed under head {head}.")
NOTHING_NEW = N_("Nothing is new since the last head.")
SHOWN = N_("{place}: shown {count} heads.")
NO_PLACE = N_(
    "No place outside is set that heads are shown to: ATALAYA_TRAIL_ANCHOR_FILE, "
    "ATALAYA_TRAIL_WITNESS_URL. Without one, nobody can know whether history was "
    "rewritten."
)
BROKEN = N_(
    "The trail of {organisation} is no chain at entry {entry}; it was left unsealed. "
    "atalaya trail verify tells more."
)
EXPORTED = N_("The trail of {organisation} is in {path}.")
ROTATED = N_("Heads are signed with the key {key} from now on.")
THE_LOG = N_("The log of heads")
THE_TRAIL = N_("The trail of {organisation}")
CLEAN = N_("Every trail is as it was sealed.")
WRONG = N_("Something is wrong; each line above tells where.")


class NoSuchTrail(Problem):
    kind = Kind.NOT_FOUND
    title = N_("No such organisation")
    detail = N_("No organisation with a trail has the id {organisation}. {known}")


class WhichTrail(Problem):
    kind = Kind.INVALID
    title = N_("Which organisation's trail?")
    detail = N_("Say which one with --organisation: {known}")


def add_trail_commands(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    parents: Sequence[argparse.ArgumentParser],
    told: Callable[[str], str],
) -> None:
    """Add `atalaya trail …` to the command line."""
    summary = N_("Seal the trail, prove it, and look for tampering.")
    trail = command_group(commands, parents, told, "trail", summary)
    trail.command("anchor", N_("Seal what is new now and show it outside."), _anchor)
    trail.command("rotate-key", N_("Sign with a new key from now on."), _rotate)
    checking = trail.command(
        "verify", N_("Check every trail in the database."), _verify
    )
    checking.add_argument(
        "--anchors",
        type=Path,
        metavar=told(N_("FILE")),
        help=told(N_("the heads kept outside (default: the file that is set)")),
    )
    exporting_trail = trail.command(
        "export", N_("Write a trail with its proofs to a file."), _export
    )
    exporting_trail.add_argument(
        "--output",
        type=Path,
        required=True,
        metavar=told(N_("FILE")),
        help=told(N_("the file to write")),
    )
    exporting_trail.add_argument(
        "--organisation", help=told(N_("public id of the organisation"))
    )


@contextmanager
def _opened(parsed: argparse.Namespace) -> Iterator[tuple[Settings, Database]]:
    """Open the database for work across organisations."""
    settings = read_settings(data=parsed.data)
    database = open_database(settings.resolved_database_url, is_system=True)
    try:
        yield settings, database
    finally:
        database.close()


def _anchor(parsed: argparse.Namespace, language: str) -> int:
    with _opened(parsed) as (settings, database):
        sealing = sealing_of(settings)
        with database.writing() as session:
            sealed = seal_trails(session, sealing)
        _say(_told_sealed(sealed, language))
        for broken in sealed.broken:
            facts = {"organisation": broken.organisation_id, "entry": broken.sequence}
            _say(translate(BROKEN, language, **facts))
        if not sealing.places.names:
            _say(translate(NO_PLACE, language))
        _show(database, sealing, language)
    return FAILED if sealed.broken else 0


def _told_sealed(sealed: Sealed, language: str) -> str:
    if sealed.head is None:
        return translate(NOTHING_NEW, language)
    facts = {"entries": sealed.entries, "head": sealed.head.number}
    return translate(SEALED, language, **facts)


def _show(database: Database, sealing: Sealing, language: str) -> None:
    """Show the heads outside first, and then note that they were shown."""
    for show in (show_file, show_witness):
        with database.reading() as session:
            shown = show(session, sealing.places)
        with database.writing() as session:
            anchoring.keep(session, shown)
        if shown:
            facts = {"place": shown[0].place, "count": len(shown)}
            _say(translate(SHOWN, language, **facts))


def _rotate(parsed: argparse.Namespace, language: str) -> int:
    with _opened(parsed) as (settings, database):
        path = settings.resolved_trail_key_file
        with database.writing() as session:
            one_at_a_time(session)
            key = rotate(session, path)
        finish_rotation(path)
    _say(translate(ROTATED, language, key=key.key_id))
    return 0


def _verify(parsed: argparse.Namespace, language: str) -> int:
    with _opened(parsed) as (settings, database), database.reading() as session:
        path = parsed.anchors or settings.trail_anchor_file
        anchors = path.read_bytes().splitlines() if path is not None else None
        names = _names(session)
        is_clean = True
        outside = settings.trail_anchor_file or path
        place = None if outside is None else anchoring.file_name(outside)
        for found in inspect(session, anchors, place):
            name = names.get(str(found.organisation), str(found.organisation))
            _say(_told(found, name, language))
            is_clean = is_clean and found.is_clean
    _say(translate(CLEAN if is_clean else WRONG, language))
    return 0 if is_clean else FAILED


def _told(found: Inspected, name: str, language: str) -> str:
    heading = (
        translate(THE_LOG, language)
        if found.organisation is None
        else translate(THE_TRAIL, language, organisation=name)
    )
    lines = [one.told(language) for one in (*found.report.faults, *found.report.notes)]
    lines += [translate(one.text, language, **one.facts) for one in found.remarks]
    return "\n  ".join([heading, *lines])


def _export(parsed: argparse.Namespace, language: str) -> int:
    with _opened(parsed) as (settings, database), database.reading() as session:
        public_id, organisation_id = _chosen(session, parsed.organisation)
        key = key_in_force(session, settings.resolved_trail_key_file)
        lines = exporting.trail_lines(session, organisation_id)
        with parsed.output.open("wb") as file:
            file.writelines(exporting.signed(lines, key))
    facts = {"organisation": public_id, "path": parsed.output}
    _say(translate(EXPORTED, language, **facts))
    return 0


def _chosen(session: Session, wanted: str | None) -> tuple[str, uuid.UUID]:
    """Return the organisation asked for, or the only one that there is."""
    names = {name: uuid.UUID(key) for key, name in _names(session).items()}
    known = ", ".join(sorted(names)) or "-"
    if wanted is None and len(names) != 1:
        raise WhichTrail(known=known)
    chosen = wanted or next(iter(names))
    if chosen not in names:
        raise NoSuchTrail(organisation=chosen, known=known)
    return chosen, names[chosen]


def _names(session: Session) -> dict[str, str]:
    """Return the public id of every organisation that has a trail."""
    rows = session.execute(
        select(Organisation.id, Organisation.public_id).join(
            TrailHead, TrailHead.organisation_id == Organisation.id
        )
    )
    return {str(row.id): row.public_id for row in rows}


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
