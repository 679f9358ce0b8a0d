"""Whom of the register lists are compared with: sites, organisations and brokers."""

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, Row, Select, Uuid, bindparam, func, or_, select
from sqlalchemy.orm import Session, aliased

from compliance.database import as_system
from compliance.identity.models import Organisation
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.imports.names import folded
from compliance.public_lists.match_queries import MatchRecord
from compliance.public_lists.matching import Number, Registered
from compliance.public_lists.models import SubjectKind
from compliance.public_lists.numbers import compared, plain_number
from compliance.public_lists.schemes import NumberScheme
from compliance.registry.models import Broker, Site, SiteIdentifier

Own = aliased(Site)
OWNER: BindParameter[uuid.UUID] = bindparam("owner_id", type_=Uuid())
SITES = select(Site.id, Site.public_id, Site.name, Site.country, Site.admin1).where(
    Site.owner_id == OWNER, Site.kept_id == Site.id
)
# A number of any record of a site is the site's.
NUMBERS = (
    select(Own.kept_id, Own.country, SiteIdentifier.scheme, SiteIdentifier.value)
    .join(Own, Own.id == SiteIdentifier.site_id)
    .where(
        SiteIdentifier.owner_id == OWNER,
        SiteIdentifier.scheme.in_([one.value for one in NumberScheme]),
    )
)
BROKERS = select(
    Broker.id, Broker.public_id, Broker.name, Broker.country, Broker.licence_number
).where(Broker.owner_id == OWNER)
# Those of the register, and those that sign in here and run a site of it.
ORGANISATIONS = select(
    Organisation.id, Organisation.public_id, Organisation.name, Organisation.country
).where(
    or_(
        Organisation.registered_by_id == OWNER,
        Organisation.id.in_(
            select(Site.operator_id).where(
                Site.owner_id == OWNER, Site.operator_id.is_not(None)
            )
        ),
    )
)
# What tells that something was registered, renamed, merged or given a number.
STATES: tuple[Select[*tuple[Any, ...]], ...] = (
    select(
        func.count(Site.id), func.sum(Site.version), func.max(Site.registered_at)
    ).where(Site.owner_id == OWNER),
    select(func.count(Site.id)).where(Site.owner_id == OWNER, Site.kept_id == Site.id),
    select(func.count(SiteIdentifier.id)).where(SiteIdentifier.owner_id == OWNER),
    select(func.count(Broker.id), func.sum(Broker.version)).where(
        Broker.owner_id == OWNER
    ),
    select(func.count(Organisation.id)).where(Organisation.registered_by_id == OWNER),
    select(func.count(Site.operator_id.distinct())).where(Site.owner_id == OWNER),
)
NAMED_SITES = (
    select(
        Own.id,
        Site.public_id,
        Site.name,
        Site.country,
        Site.admin1,
        Site.municipality,
    )
    .join(Site, Site.id == Own.kept_id)
    .where(Own.owner_id == OWNER, Own.id.in_(bindparam("ids", expanding=True)))
)
NAMED_BROKERS = BROKERS.where(Broker.id.in_(bindparam("ids", expanding=True)))
NAMED_ORGANISATIONS = ORGANISATIONS.where(
    Organisation.id.in_(bindparam("ids", expanding=True))
)
Digest = Callable[[NumberScheme, str, str | None], bytes]


@dataclass(frozen=True)
class SubjectRecord:
    """Whom a match is about, as the register has them; a merged site as it is kept."""

    kind: SubjectKind
    public_id: str
    name: str
    country: str
    admin1: str | None
    municipality: str | None


def subjects_of(
    session: Session, scope: Scope, found: Iterable[MatchRecord]
) -> dict[str, SubjectRecord]:
    """Return whom matches of the caller are about, by the id that the match names."""
    scope.require(Permission.READ_REGISTER)
    matches = list(found)
    told: dict[uuid.UUID, SubjectRecord] = {}
    sites = [one.site_id for one in matches if one.site_id is not None]
    mine = {"owner_id": scope.organisation_id}
    for row in session.execute(NAMED_SITES, {**mine, "ids": sites}):
        place = (row.admin1, row.municipality)
        told[row.id] = _subject(SubjectKind.SITE, row, *place)
    others = [one for one in matches if one.site_id is None]
    brokers = [one.broker_id for one in others if one.broker_id is not None]
    for broker in session.execute(NAMED_BROKERS, {**mine, "ids": brokers}):
        told[broker.id] = _subject(SubjectKind.BROKER, broker)
    companies = [one.company_id for one in others if one.company_id is not None]
    with as_system(session):  # who runs a site may be another organisation
        rows = session.execute(NAMED_ORGANISATIONS, {**mine, "ids": companies}).all()
    for company in rows:
        told[company.id] = _subject(SubjectKind.ORGANISATION, company)
    keys = {
        one.subject: one.site_id or one.company_id or one.broker_id for one in matches
    }
    return {
        subject: told[key]
        for subject, key in keys.items()
        if key is not None and key in told
    }


def _subject(
    kind: SubjectKind,
    row: Row[*tuple[Any, ...]],
    admin1: str | None = None,
    municipality: str | None = None,
) -> SubjectRecord:
    return SubjectRecord(
        kind, row.public_id, row.name, row.country, admin1, municipality
    )


def registered(
    session: Session, scope: Scope, digest: Digest | None
) -> dict[str, tuple[uuid.UUID, Registered]]:
    """Return all that can be on a list, by its public id, with the key of its row.

    `digest` is given where a list in force holds numbers of people.
    """
    mine = {"owner_id": scope.organisation_id}
    numbers: dict[uuid.UUID, list[tuple[NumberScheme, str, str]]] = defaultdict(list)
    for row in session.execute(NUMBERS, mine):
        scheme = NumberScheme(row.scheme)
        plain = plain_number(scheme, row.value, row.country)
        numbers[row.kept_id].append((scheme, plain, row.country))
    found = {
        row.public_id: (
            row.id,
            _registered(SubjectKind.SITE, row, row.admin1, numbers[row.id], digest),
        )
        for row in session.execute(SITES, mine)
    }
    for broker in session.execute(BROKERS, mine):
        told = _licence(broker.licence_number, broker.country)
        entry = _registered(SubjectKind.BROKER, broker, None, told, digest)
        found[broker.public_id] = broker.id, entry
    with as_system(session):  # who runs a site may be another organisation
        organisations = session.execute(ORGANISATIONS, mine).all()
    for one in organisations:
        entry = _registered(SubjectKind.ORGANISATION, one, None, (), digest)
        found[one.public_id] = one.id, entry
    return found


def register_state(session: Session, scope: Scope) -> list[str]:
    """Return what differs as soon as somebody is registered, renamed or numbered."""
    mine = {"owner_id": scope.organisation_id}
    with as_system(session):
        return [str(tuple(session.execute(one, mine).one())) for one in STATES]


def _licence(text: str | None, country: str) -> list[tuple[NumberScheme, str, str]]:
    if text is None:
        return []
    scheme = NumberScheme.LICENCE_NUMBER
    return [(scheme, plain_number(scheme, text, country), country)]


def _registered(
    kind: SubjectKind,
    row: Row[*tuple[Any, ...]],
    region: str | None,
    numbers: Iterable[tuple[NumberScheme, str, str]],
    digest: Digest | None,
) -> Registered:
    told = list(numbers)
    plain: frozenset[Number] = frozenset(compared(*one) for one in told)
    digests: frozenset[bytes] = frozenset()
    if digest is not None:
        digests = frozenset(digest(*one) for one in told)
    return Registered(
        kind=kind,
        public_id=row.public_id,
        name=row.name,
        country=row.country,
        region=folded(region or ""),
        numbers=plain,
        digests=digests,
    )
