"""`atalaya policies print | check`: the page of policies, and whether all of them hold."""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.command_groups import command_group
from api.policies_known import POLICIES
from compliance.database import open_database
from compliance.identity.models import Organisation
from compliance.policies.models import PolicyEntry
from compliance.policies.printing import printed
from compliance.settings import read_settings
from compliance.texts import N_, translate

FAILED = 1

CHECKED = N_("{policies} policies with {shipped} entries that ship are in order.")
STORED = N_("{count} entries that organisations decided were read.")
UNREADABLE = N_(
    "{entry} of {organisation} ({policy}) is no entry of this release: {reason}"
)
NO_POLICY = N_("{entry} of {organisation} is of {policy}, which is no policy.")
LAXER = N_(
    "{entry} of {organisation} ({policy}) is laxer than what ships for {day} and does "
    "not hold then: {fields}."
)


def add_policies_commands(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    parents: Sequence[argparse.ArgumentParser],
    told: Callable[[str], str],
) -> None:
    """Add `atalaya policies …` to the command line."""
    summary = N_("Look after the policies.")
    group = command_group(commands, parents, told, "policies", summary)
    page = group.command(
        "print",
        N_("Print every policy as a page to read (Markdown, English)."),
        print_policies,
    )
    page.add_argument(
        "--output", type=Path, help=told(N_("write it to this file instead"))
    )
    check = group.command(
        "check", N_("Say whether every policy is in order."), check_policies
    )
    check.add_argument(
        "--stored",
        action="store_true",
        help=told(N_("also those that organisations decided, in the database")),
    )


def print_policies(parsed: argparse.Namespace, _language: str) -> int:
    """Print the page that `docs/policies.md` is held equal to."""
    text = printed(POLICIES.values())
    if parsed.output is not None:
        parsed.output.write_text(text, encoding="utf-8")
        return 0
    sys.stdout.write(text)
    return 0


def check_policies(parsed: argparse.Namespace, language: str) -> int:
    """Tell what is in order and what is not; what ships was read at the start."""
    shipped = sum(len(policy.entries) for policy in POLICIES.values())
    _say(translate(CHECKED, language, policies=len(POLICIES), shipped=shipped))
    if not parsed.stored:
        return 0
    settings = read_settings(data=parsed.data)
    database = open_database(settings.resolved_database_url, is_system=True)
    with database.reading() as session:
        mistakes = list(stored_mistakes(session, language))
        count = len(session.execute(select(PolicyEntry.id)).all())
    database.close()
    _say(translate(STORED, language, count=count))
    for mistake in mistakes:
        _say(mistake)
    return FAILED if mistakes else 0


def stored_mistakes(session: Session, language: str) -> Iterator[str]:
    """Yield what is wrong with entries that organisations decided."""
    rows = session.execute(
        select(
            PolicyEntry.public_id,
            PolicyEntry.policy,
            PolicyEntry.document,
            Organisation.public_id.label("organisation"),
        )
        .join(Organisation, Organisation.id == PolicyEntry.owner_id)
        .order_by(PolicyEntry.id)
    )
    for row in rows:
        facts = {
            "entry": row.public_id,
            "organisation": row.organisation,
            "policy": row.policy,
        }
        policy = POLICIES.get(row.policy)
        if policy is None:
            yield translate(NO_POLICY, language, **facts)
            continue
        try:
            entry = policy.model.model_validate_json(row.document)
        except ValidationError as error:
            yield translate(UNREADABLE, language, reason=str(error), **facts)
            continue
        for shipped in policy.entries:
            first = max(shipped.valid_from, entry.valid_from)
            laxer = [bound.field for bound in entry.breaches(shipped)]
            if laxer and policy.on(first) is shipped:
                yield translate(
                    LAXER, language, day=first, fields=", ".join(laxer), **facts
                )


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
