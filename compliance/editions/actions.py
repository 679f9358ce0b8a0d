"""What can be done about editions: keep one for good, and let one come into force."""

import re
from dataclasses import dataclass

from sqlalchemy.orm import Session

from compliance import clock, trail
from compliance.database import as_system, insert_new
from compliance.editions import queries
from compliance.editions.models import (
    EDITION_CHARACTERS,
    EditionPublication,
    RuleEdition,
)
from compliance.editions.queries import LAST_ORDINAL, EditionRecord
from compliance.files import Files
from compliance.identifiers import new_id
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.problems import Kind, Problem
from compliance.texts import N_
from rules import Book

OPERATOR = "system"
"""Whoever sits at the machine: the trail names them so."""
PACKAGE = "package"
"""The release that brought an edition along."""
_NAME = re.compile(rf"[A-Za-z0-9][A-Za-z0-9._-]{{0,{EDITION_CHARACTERS - 1}}}")


class EditionNameTaken(Problem):
    kind = Kind.CONFLICT
    title = N_("Another book has this edition's name")
    detail = N_(
        "An edition {edition} with other content is kept already (sha256 {kept}; the "
        "book that came has {given}). Verdicts name the edition they were made under, "
        "so a changed book needs a name of its own: write another one into "
        "edition.yaml."
    )


class EditionNameUnusable(Problem):
    kind = Kind.INVALID
    title = N_("The edition's name cannot be used")
    detail = N_(
        "The book calls itself '{edition}'. A name has letters, digits, '.', '-' and "
        "'_', at most {limit} of them, and begins with a letter or a digit."
    )


@dataclass(frozen=True)
class Packed:
    """A book that was read and checked, with the archive of its files."""

    book: Book
    archive: bytes


@dataclass(frozen=True)
class Published:
    """The edition in force, what was in force before, and whether that changed."""

    edition: EditionRecord
    before: EditionRecord | None
    has_changed: bool


def publish(session: Session, scope: Scope, files: Files, packed: Packed) -> Published:
    """Keep an edition and let it be in force from now on, for every organisation.

    What is in force already stays so, and nothing is noted a second time.
    """
    scope.require(Permission.PUBLISH_RULES)
    kept = _keep(session, files, packed, scope.actor)
    return _bring_into_force(session, kept, scope.actor)


def publish_kept(session: Session, scope: Scope, name: str) -> Published:
    """Let an edition that is kept be in force, as when going back to an earlier one."""
    scope.require(Permission.PUBLISH_RULES)
    return _bring_into_force(session, queries.edition(session, name), scope.actor)


def publish_as_operator(session: Session, files: Files, packed: Packed) -> Published:
    """Publish as whoever sits at the machine, who has no role and needs none."""
    kept = _keep(session, files, packed, OPERATOR)
    return _bring_into_force(session, kept, OPERATOR)


def publish_kept_as_operator(session: Session, name: str) -> Published:
    """Let a kept edition be in force, as whoever sits at the machine."""
    return _bring_into_force(session, queries.edition(session, name), OPERATOR)


def keep_packaged(session: Session, files: Files, packed: Packed) -> Published:
    """Keep the edition of this release, and publish it unless people chose another.

    It comes into force where nothing is, and follows the edition of an earlier release;
    an edition that somebody published stays until somebody publishes another.
    """
    kept = _keep(session, files, packed, PACKAGE)
    holding = queries.in_force(session)
    if holding is not None:
        last = queries.publications(session, holding)[-1]
        if last.published_by != PACKAGE:
            return Published(holding, holding, has_changed=False)
    return _bring_into_force(session, kept, PACKAGE)


def _keep(session: Session, files: Files, packed: Packed, actor: str) -> EditionRecord:
    book = packed.book
    if not _NAME.fullmatch(book.edition):
        raise EditionNameUnusable(edition=book.edition, limit=EDITION_CHARACTERS)
    insert_new(
        session,
        RuleEdition,
        id=new_id(),
        edition=book.edition,
        sha256=book.sha256,
        archive_sha256=files.keep(packed.archive),
        rules=len(book.rules),
        legal_values=sum(len(one.values) for one in book.parameters.values()),
        facts=len(book.vocabulary.facts),
        valid_until=book.valid_until,
        kept_at=clock.now(),
        kept_by=actor,
    )
    kept = queries.edition(session, book.edition)
    if kept.sha256 != book.sha256:
        raise EditionNameTaken(
            edition=book.edition, kept=kept.sha256, given=book.sha256
        )
    return kept


def _bring_into_force(session: Session, kept: EditionRecord, actor: str) -> Published:
    before = queries.in_force(session)
    if before is not None and before.id == kept.id:
        return Published(kept, before, has_changed=False)
    while not insert_new(
        session,
        EditionPublication,
        id=new_id(),
        ordinal=(session.scalar(LAST_ORDINAL) or 0) + 1,
        edition_id=kept.id,
        published_at=clock.now(),
        published_by=actor,
    ):
        pass
    _tell_everybody(session, kept, before, actor)
    return Published(queries.edition(session, kept.edition), before, has_changed=True)


def _tell_everybody(
    session: Session, kept: EditionRecord, before: EditionRecord | None, actor: str
) -> None:
    """Note it in every organisation's trail: by this book its visits are judged now."""
    organisations = queries.tenants(session)
    with as_system(session):
        for organisation_id in organisations:
            trail.record(
                session,
                organisation_id=organisation_id,
                actor=actor,
                action="edition.published",
                subject_id=kept.edition,
                rulebook_sha256=kept.sha256,
                before=before.edition if before else None,
            )
        trail.seal(session)
