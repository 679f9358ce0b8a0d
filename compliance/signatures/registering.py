"""The public halves of keys that have signed, so that whoever has a card can check it."""

import json
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from compliance import clock
from compliance.database import insert_new
from compliance.problems import Kind, Problem
from compliance.signatures.keys import IssuerFiles, Key, opened, replace
from compliance.signatures.models import IssuerKey
from compliance.texts import N_


class IssuerKeyRetired(Problem):
    kind = Kind.UNAVAILABLE
    title = N_("The key that signs scorecards was retired")
    detail = N_(
        "The key {key} was replaced by another, so it signs nothing any more. Put the "
        "new one in its file, or let the operator run: atalaya issuer rotate"
    )


class NoSuchIssuerKey(Problem):
    kind = Kind.NOT_FOUND
    title = N_("No such key")
    detail = N_("No key {key} has signed a scorecard here. atalaya issuer show")


@dataclass(frozen=True)
class Replaced:
    """Which key took over from which."""

    before: str | None
    after: str


def register(session: Session, key: Key) -> None:
    """Let the public half be known when this commits; refuse a key that was retired."""
    insert_new(
        session,
        IssuerKey,
        kid=key.kid,
        public_jwk=json.dumps(key.public_jwk()),
        certificates=key.certificates_pem(),
        is_test=key.is_test,
        created_at=clock.now(),
        retired_at=None,
        withdrawn_at=None,
    )
    retired_at = session.scalar(
        select(IssuerKey.retired_at).where(IssuerKey.kid == key.kid)
    )
    if retired_at is not None:
        raise IssuerKeyRetired(key=key.kid)


def rotate(session: Session, files: IssuerFiles, *, at_once: bool = False) -> Replaced:
    """Put a fresh test key in the old one's place, whose cards stay good.

    `at_once` is for a key that somebody else may have: it is not listed any more.
    """
    before = opened(files) if files.key.exists() else None
    after = replace(files)
    if before is not None:
        register(session, before)
        session.execute(
            update(IssuerKey)
            .where(IssuerKey.kid == before.kid)
            .values(retired_at=clock.now())
        )
        if at_once:
            withdraw(session, before.kid)
    register(session, after)
    return Replaced(before.kid if before else None, after.kid)


def withdraw(session: Session, kid: str) -> None:
    """Take a key from the list for good, because somebody else may have it."""
    withdrawn = session.execute(
        update(IssuerKey)
        .where(IssuerKey.kid == kid)
        .values(withdrawn_at=clock.now())
        .returning(IssuerKey.kid)
    )
    if withdrawn.one_or_none() is None:
        raise NoSuchIssuerKey(key=kid)
