"""What can be read of editions: all of them, one, and the one in force.

The book is everybody's: nothing here belongs to an organisation, so nothing but
publishing asks for a Scope.
"""

import re
import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, func, select
from sqlalchemy.orm import Session

from compliance.database import Page, as_system
from compliance.editions.models import EditionPublication, RuleEdition
from compliance.identifiers import OrganisationId
from compliance.identity.models import Organisation
from compliance.listings import Listing
from compliance.problems import Kind, Problem
from compliance.texts import N_

SHORTEST_HASH = 8
_HASH = re.compile(rf"(sha256:)?([0-9a-f]{{{SHORTEST_HASH},64}})")


class EditionNotFound(Problem):
    kind = Kind.NOT_FOUND
    title = N_("No such edition")
    detail = N_(
        "There is no edition {edition}. Known: {known}. An edition is named as its "
        "book names it, or by the first eight or more letters of its SHA-256."
    )


@dataclass(frozen=True)
class EditionRecord:
    """An edition that is kept, and when it last came into force, if ever."""

    id: uuid.UUID
    edition: str
    sha256: str
    archive_sha256: str
    rules: int
    legal_values: int
    facts: int
    valid_until: date | None
    kept_at: datetime
    kept_by: str
    is_in_force: bool


@dataclass(frozen=True)
class Publication:
    ordinal: int
    edition: str
    published_at: datetime
    published_by: str


@dataclass(frozen=True)
class InForce:
    """An edition, and when it came into force one time."""

    edition: str
    sha256: str
    published_at: datetime


LATEST = (
    select(RuleEdition.edition, RuleEdition.sha256, EditionPublication.published_at)
    .join(EditionPublication, EditionPublication.edition_id == RuleEdition.id)
    .order_by(EditionPublication.ordinal.desc())
)
LAST_ORDINAL = select(func.max(EditionPublication.ordinal))
HOLDS = (
    select(EditionPublication.edition_id)
    .where(EditionPublication.ordinal == LAST_ORDINAL.scalar_subquery())
    .scalar_subquery()
)
EDITIONS: Select[*tuple[Any, ...]] = select(
    RuleEdition.id,
    RuleEdition.edition,
    RuleEdition.sha256,
    RuleEdition.archive_sha256,
    RuleEdition.rules,
    RuleEdition.legal_values,
    RuleEdition.facts,
    RuleEdition.valid_until,
    RuleEdition.kept_at,
    RuleEdition.kept_by,
    func.coalesce(RuleEdition.id == HOLDS, False).label("is_in_force"),
)
BY_NAME = EDITIONS.where(RuleEdition.edition == bindparam("edition"))
BY_HASH = EDITIONS.where(RuleEdition.sha256.startswith(bindparam("beginning"))).limit(2)
IN_FORCE = EDITIONS.where(RuleEdition.id == HOLDS)
PUBLICATIONS: Select[*tuple[Any, ...]] = (
    select(
        EditionPublication.ordinal,
        RuleEdition.edition,
        EditionPublication.published_at,
        EditionPublication.published_by,
    )
    .join(RuleEdition, RuleEdition.id == EditionPublication.edition_id)
    .where(RuleEdition.id == bindparam("edition_id"))
    .order_by(EditionPublication.ordinal)
)


def editions(
    session: Session, *, rows: int, after: str | None = None
) -> Page[EditionRecord]:
    """Return a page of editions in the order in which they were first kept."""
    return LISTED.page(session, {}, rows=rows, after=after)


def edition(session: Session, name: str) -> EditionRecord:
    """Return an edition by its name, or by the beginning of its hash."""
    named = session.execute(BY_NAME, {"edition": name}).one_or_none()
    if named is not None:
        return _record(named)
    spelled = _HASH.fullmatch(name)
    if spelled is not None:
        found = session.execute(BY_HASH, {"beginning": spelled[2]}).all()
        if len(found) == 1:
            return _record(found[0])
    raise EditionNotFound(edition=name, known=", ".join(names(session)) or "-")


def names(session: Session) -> tuple[str, ...]:
    """Return what every edition is called, the oldest first."""
    return tuple(session.scalars(select(RuleEdition.edition).order_by(RuleEdition.id)))


def hashes(session: Session) -> tuple[str, ...]:
    """Return the SHA-256 of every edition, the oldest first."""
    return tuple(session.scalars(select(RuleEdition.sha256).order_by(RuleEdition.id)))


def in_force(session: Session) -> EditionRecord | None:
    """Return the edition that was published last."""
    row = session.execute(IN_FORCE).one_or_none()
    return None if row is None else _record(row)


def publications(session: Session, found: EditionRecord) -> tuple[Publication, ...]:
    """Return when an edition came into force, each time it did."""
    rows = session.execute(PUBLICATIONS, {"edition_id": found.id})
    return tuple(Publication(*row) for row in rows)


def latest(session: Session, *, rows: int) -> tuple[InForce, ...]:
    """Return what came into force last, the newest first, for anybody to know."""
    return tuple(InForce(*row) for row in session.execute(LATEST.limit(rows)))


def tenants(session: Session) -> tuple[OrganisationId, ...]:
    """Return every organisation whose visits the edition in force judges."""
    with as_system(session):
        found = session.scalars(
            select(Organisation.id)
            .where(Organisation.registered_by_id.is_(None))
            .order_by(Organisation.id)
        ).all()
    return tuple(OrganisationId(one) for one in found)


def _record(row: Row[*tuple[Any, ...]]) -> EditionRecord:
    return EditionRecord(*row)


LISTED = Listing(
    EDITIONS.add_columns(RuleEdition.edition.label("public_id")),
    RuleEdition.id,
    RuleEdition.edition,
    lambda row: EditionRecord(*row[:-1]),
)
