"""`atalaya issuer show | rotate | withdraw` and `atalaya scorecards verify FILE`."""

import argparse
import hashlib
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from api.command_groups import command_group
from compliance import trail
from compliance.database import Database, open_database
from compliance.problems import Kind, Problem
from compliance.scorecards.issuer_keys import (
    KeyRecord,
    known_keys,
    rotate_and_tell,
    withdraw_and_tell,
)
from compliance.settings import Settings, read_settings
from compliance.signatures.checking import SENTENCES, Checked, check_pdf
from compliance.signatures.did import did_of, document_address
from compliance.signatures.keys import files_of, opened, read_certificates
from compliance.texts import N_, translate

FAILED = 1

ISSUER = N_("The issuer is {did}; its keys are at {address}.")
KEY = N_("{kid}  {kind}, {state}, since {since}")
TEST, OPERATOR = N_("test key"), N_("operator's key")
IN_FORCE = N_("signs")
LISTED = N_("retired, listed while its cards live")
UNLISTED = N_("retired, not listed any more")
WITHDRAWN = N_("withdrawn")
ROTATED = N_("Cards are signed with the key {after} from now on.")
WITHDREW = N_("The key {kid} is not listed any more.")
GENUINE = N_("{file} is as it was signed: {signer}, {signed_at}, key {kid}.")
STAMPED = N_("A timestamp service says: {timestamped_at}.")
NOT_GENUINE = N_("{file} is not as the issuer signed it.")
DIGEST = N_("sha256 {digest}")
STATE_ELSEWHERE = N_(
    "Whether the card still holds is not in the file: ask the address on it."
)


class NoCard(Problem):
    kind = Kind.NOT_FOUND
    title = N_("There is no such file")
    detail = N_("{path} cannot be read.")


def add_issuer_commands(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    parents: Sequence[argparse.ArgumentParser],
    told: Callable[[str], str],
) -> None:
    """Add `atalaya issuer …` and `atalaya scorecards …` to the command line."""

    issuer = command_group(
        commands,
        parents,
        told,
        "issuer",
        N_("Look after the keys that sign scorecards."),
    )
    issuer.command("show", N_("Tell who the issuer is, and its keys."), _show)
    rotating = issuer.command(
        "rotate", N_("Sign with a new test key from now on."), _rotate
    )
    rotating.add_argument(
        "--at-once",
        action="store_true",
        help=told(N_("list the old key no more: somebody else may have it")),
    )
    withdrawing = issuer.command(
        "withdraw", N_("List a key no more: somebody may have it."), _withdraw
    )
    withdrawing.add_argument("key", metavar=told(N_("KEY")))
    cards = command_group(
        commands, parents, told, "scorecards", N_("Look after scorecards.")
    )
    checking = cards.command(
        "verify", N_("Check the signature of a card's PDF, offline."), _verify
    )
    checking.add_argument("file", type=Path, metavar=told(N_("FILE")))
    checking.add_argument(
        "--certificates",
        type=Path,
        metavar=told(N_("FILE")),
        help=told(
            N_("the issuer's certificates, PEM (default: those of this product)")
        ),
    )


@contextmanager
def _opened(parsed: argparse.Namespace) -> Iterator[tuple[Settings, Database]]:
    settings = read_settings(data=parsed.data)
    database = open_database(settings.resolved_database_url, is_system=True)
    try:
        yield settings, database
    finally:
        database.close()


def _show(parsed: argparse.Namespace, language: str) -> int:
    with _opened(parsed) as (settings, database), database.reading() as session:
        public_url = settings.resolved_public_url
        address = document_address(public_url)
        _say(translate(ISSUER, language, did=did_of(public_url), address=address))
        current = opened(files_of(settings))
        for key in known_keys(session, current):
            _say(_told(key, language, is_current=key.kid == current.kid))
    return 0


def _told(key: KeyRecord, language: str, *, is_current: bool) -> str:
    if key.withdrawn_at is not None:
        state = WITHDRAWN
    elif is_current:
        state = IN_FORCE
    else:
        state = LISTED if key.is_listed else UNLISTED
    return translate(
        KEY,
        language,
        kid=key.kid,
        kind=translate(TEST if key.is_test else OPERATOR, language),
        state=translate(state, language),
        since=key.created_at.date().isoformat(),
    )


def _rotate(parsed: argparse.Namespace, language: str) -> int:
    with _opened(parsed) as (settings, database), database.writing() as session:
        files = files_of(settings)
        replaced = rotate_and_tell(session, files, at_once=parsed.at_once)
        trail.seal(session)
    _say(translate(ROTATED, language, after=replaced.after))
    return 0


def _withdraw(parsed: argparse.Namespace, language: str) -> int:
    with _opened(parsed) as (_, database), database.writing() as session:
        withdraw_and_tell(session, parsed.key)
        trail.seal(session)
    _say(translate(WITHDREW, language, kid=parsed.key))
    return 0


def _verify(parsed: argparse.Namespace, language: str) -> int:
    try:
        pdf = parsed.file.read_bytes()
    except OSError as fault:
        raise NoCard(path=str(parsed.file)) from fault
    given = parsed.certificates
    if given is None:
        given = _own_certificates(read_settings(data=parsed.data))
    checked = check_pdf(pdf, read_certificates(given))
    for line in _result(checked, parsed.file, language):
        _say(line)
    _say(translate(DIGEST, language, digest=hashlib.sha256(pdf).hexdigest()))
    _say(translate(STATE_ELSEWHERE, language))
    return 0 if checked.is_genuine else FAILED


def _own_certificates(settings: Settings) -> Path:
    files = files_of(settings)
    return files.certificates or files.key


def _result(checked: Checked, file: Path, language: str) -> Iterator[str]:
    facts = {**vars(checked), "file": file}
    if not checked.is_genuine:
        yield translate(NOT_GENUINE, language, **facts)
        for fault in checked.faults:
            yield translate(SENTENCES[fault], language)
        return
    yield translate(GENUINE, language, **facts)
    if checked.timestamped_at is not None:
        yield translate(STAMPED, language, **facts)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
