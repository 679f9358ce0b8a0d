"""`atalaya organisations | people | keys`: the operator's way in, where nobody is yet."""

import argparse
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TypeVar

from babel.dates import format_datetime
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.command_groups import command_group
from api.migrating import migrate
from api.people import join_address, password_address
from api.wire import EMAIL_ADDRESS
from compliance import trail
from compliance.database import Database, open_database
from compliance.identity import signing
from compliance.identity.actions import found_organisation
from compliance.identity.invitations import invite
from compliance.identity.links import MadeLink
from compliance.identity.models import Organisation, OrganisationKind, Role
from compliance.identity.password_changes import make_password_link
from compliance.identity.scope import scope_of_system
from compliance.problems import Kind, Problem
from compliance.settings import Settings, read_settings
from compliance.texts import N_, translate

Result = TypeVar("Result")

NAME_CHARACTERS = 200
COUNTRY = re.compile(r"[A-Z]{2}")

FOUNDED = N_("{name} is founded: {id}")
INVITED = N_(
    "Its first administrator joins with this link. It opens once, until {until}:"
)
NEW_PASSWORD = N_("A new password is set with this link. It opens once, until {until}:")
SIGNS_NOW = N_("Access tokens are signed with the key {key} from now on.")
STILL_GOOD = N_("Those of the key {key} are good until {until}.")
NO_LONGER_GOOD = N_("Those of the key {key} are good no more.")
NOBODY_YET = N_("No organisation is founded here yet: atalaya organisations found")


class CannotBeFounded(Problem):
    kind = Kind.INVALID
    title = N_("The organisation cannot be founded like this")
    detail = N_("{option} is {given}. {remedy}")


REMEDIES = {
    "--name": N_("Write a name in one line of at most 200 characters."),
    "--country": N_("Write the country as two capital letters, such as CO."),
    "--administrator": N_("Write one e-mail address, as maria@example.org."),
}


def add_identity_commands(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    parents: Sequence[argparse.ArgumentParser],
    told: Callable[[str], str],
) -> None:
    """Add `atalaya organisations`, `people` and `keys` to the command line."""

    organisations = command_group(
        commands,
        parents,
        told,
        "organisations",
        N_("Found organisations and list them."),
    )
    _add_founding(
        organisations.command(
            "found",
            N_("Found an organisation and invite its first administrator."),
            _found,
        ),
        told,
    )
    organisations.command("list", N_("List the organisations founded here."), _list)

    people = command_group(
        commands, parents, told, "people", N_("Let people in again who cannot sign in.")
    )
    link = people.command(
        "password-link", N_("Make a link for a new password."), _password_link
    )
    link.add_argument(
        "email", metavar=told(N_("EMAIL")), help=told(N_("whose password it is"))
    )

    keys = command_group(
        commands,
        parents,
        told,
        "keys",
        N_("Look after the key that signs access tokens."),
    )
    rotating = keys.command(
        "rotate", N_("Sign access tokens with a new key from now on."), _rotate
    )
    rotating.add_argument(
        "--at-once",
        action="store_true",
        help=told(N_("let the old key's tokens be good no more: it was seen")),
    )


def _add_founding(
    founding: argparse.ArgumentParser, told: Callable[[str], str]
) -> None:
    founding.add_argument(
        "--kind",
        required=True,
        choices=[str(kind) for kind in OrganisationKind],
        help=told(N_("what the organisation is")),
    )
    founding.add_argument("--name", required=True, help=told(N_("what it is called")))
    founding.add_argument(
        "--country", required=True, help=told(N_("where it is, such as CO"))
    )
    founding.add_argument(
        "--administrator",
        required=True,
        metavar=told(N_("EMAIL")),
        help=told(N_("who administers it first")),
    )


def _found(parsed: argparse.Namespace, language: str) -> int:
    _check("--name", parsed.name, 0 < len(parsed.name.strip()) <= NAME_CHARACTERS)
    _check("--country", parsed.country, COUNTRY.fullmatch(parsed.country))
    _check(
        "--administrator",
        parsed.administrator,
        EMAIL_ADDRESS.fullmatch(parsed.administrator),
    )
    kind, name = OrganisationKind(parsed.kind), parsed.name.strip()

    def work(session: Session) -> tuple[str, MadeLink]:
        made = found_organisation(session, kind=kind, name=name, country=parsed.country)
        scope = scope_of_system(session, made.id)
        _, link = invite(
            session,
            scope,
            email=parsed.administrator,
            role=Role.ADMINISTRATOR,
            language=language,
        )
        return made.public_id, link

    with _opened(parsed) as (settings, database):
        public_id, link = _in_one_transaction(database, work)
    _say(translate(FOUNDED, language, name=name, id=public_id))
    _say(translate(INVITED, language, until=_instant(link.expires_at, language)))
    _say(join_address(settings.resolved_public_url, link.token, language))
    return 0


def _check(option: str, given: str, is_usable: object) -> None:
    if not is_usable or not given.isprintable():
        raise CannotBeFounded(option=option, given=given, remedy=REMEDIES[option])


def _list(parsed: argparse.Namespace, language: str) -> int:
    with _opened(parsed) as (_, database), database.reading() as session:
        founded = session.execute(
            select(
                Organisation.public_id,
                Organisation.kind,
                Organisation.country,
                Organisation.name,
            )
            .where(Organisation.registered_by_id.is_(None))
            .order_by(Organisation.id)
        ).all()
    for one in founded:
        _say(f"{one.public_id}  {one.kind:<14}  {one.country}  {one.name}")
    if not founded:
        _say(translate(NOBODY_YET, language))
    return 0


def _password_link(parsed: argparse.Namespace, language: str) -> int:
    with _opened(parsed) as (settings, database):
        link = _in_one_transaction(
            database, lambda session: make_password_link(session, parsed.email)
        )
    _say(translate(NEW_PASSWORD, language, until=_instant(link.expires_at, language)))
    _say(password_address(settings.resolved_public_url, link.token, language))
    return 0


def _rotate(parsed: argparse.Namespace, language: str) -> int:
    with _opened(parsed) as (settings, database):
        rotated = _in_one_transaction(
            database,
            lambda session: signing.rotate_and_tell(
                session, settings.resolved_signing_key_file, at_once=parsed.at_once
            ),
        )
    _say(translate(SIGNS_NOW, language, key=rotated.after))
    if rotated.before is not None:
        message = NO_LONGER_GOOD if parsed.at_once else STILL_GOOD
        until = _instant(rotated.honoured_until, language)
        _say(translate(message, language, key=rotated.before, until=until))
    return 0


@contextmanager
def _opened(parsed: argparse.Namespace) -> Iterator[tuple[Settings, Database]]:
    """Open the database, brought up to date, for work across organisations."""
    settings = read_settings(data=parsed.data)
    settings.data.mkdir(parents=True, exist_ok=True)
    database = open_database(settings.resolved_database_url, is_system=True)
    try:
        migrate(database)
        yield settings, database
    finally:
        database.close()


def _in_one_transaction(
    database: Database, work: Callable[[Session], Result]
) -> Result:
    with database.writing() as session:
        result = work(session)
        trail.seal(session)
    return result


def _instant(moment: datetime, language: str) -> str:
    return format_datetime(moment, "d MMM y, HH:mm 'UTC'", locale=language)


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
