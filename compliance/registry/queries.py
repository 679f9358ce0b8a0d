"""What can be read of the register: one site, and the pages of a list of sites."""

import functools
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Row, Select, bindparam, or_, select
from sqlalchemy.orm import Session, aliased

from compliance.database import Page, one_of
from compliance.identifiers import OrganisationId, SiteId
from compliance.identity.permissions import Permission
from compliance.identity.policy import Action, Relation, Resource
from compliance.identity.scope import Scope
from compliance.listings import NoSuchPage
from compliance.problems import Kind, Problem
from compliance.registry.filters import (
    Group,
    Operator,
    SiteOrder,
    clauses,
    containing,
    ordered,
)
from compliance.registry.models import (
    ClosingReason,
    IdentifierScheme,
    Site,
    SiteIdentifier,
    SiteState,
    Source,
)
from compliance.registry.numbers import NOT_FOR_OTHERS
from compliance.registry.visibility import CLAUSES, relation, sight_of, visible
from compliance.texts import N_
from rules.vocabulary import Commodity, SiteKind

COARSE_DIGITS = 1  # of a degree: some eleven kilometres


class SiteNotFound(Problem):
    kind = Kind.NOT_FOUND
    title = N_("No such site")
    detail = N_(
        "No producer or mill of yours has the id {site}. GET /v1/producers and "
        "GET /v1/mills list those you may see."
    )


@dataclass(frozen=True)
class Identifier:
    scheme: IdentifierScheme
    value: str


class SiteRecord(NamedTuple):
    """A producer or mill as the register knows it; a tuple, because lists make many.

    `merged` are the ids of other records that people found to be of the same site.
    """

    id: SiteId
    public_id: str
    kind: SiteKind
    name: str
    country: str
    admin1: str | None
    municipality: str | None
    commodity: Commodity
    latitude: float | None
    longitude: float | None
    area_square_metres: int | None
    group_public_id: str | None
    group_name: str | None
    identifiers: tuple[Identifier, ...] = ()
    owner_id: OrganisationId | None = None
    operator_id: OrganisationId | None = None
    operator_public_id: str | None = None
    operator_name: str | None = None
    state: SiteState = SiteState.ACTIVE
    closed_on: date | None = None
    closed_reason: ClosingReason | None = None
    source: Source = Source.MANUAL
    source_reference: str | None = None
    version: int = 1
    merged: tuple[str, ...] = ()
    relation: Relation = Relation.OWN


Asked, Own = aliased(Site), aliased(Site)

# Merged records are left out: whoever asks for one is led to the record that is kept.
SITES: Select[*tuple[Any, ...]] = (
    select(
        Site.id,
        Site.public_id,
        Site.owner_id,
        Site.kind,
        Site.name,
        Site.name_folded,
        Site.country,
        Site.admin1,
        Site.municipality,
        Site.commodity,
        Site.latitude_microdegrees,
        Site.longitude_microdegrees,
        Site.area_square_metres,
        Group.public_id.label("group_public_id"),
        Group.name.label("group_name"),
        Site.operator_id,
        Operator.public_id.label("operator_public_id"),
        Operator.name.label("operator_name"),
        Site.state,
        Site.closed_on,
        Site.closed_reason,
        Site.source,
        Site.source_reference,
        Site.version,
        relation(Resource.SITE, Action.READ).label("relation"),
    )
    .outerjoin(Group, Group.id == Site.group_id)
    .outerjoin(Operator, Operator.id == Site.operator_id)
    .where(Site.kept_id == Site.id)
)
ONE_SITE = SITES.join(Asked, Asked.kept_id == Site.id).where(
    Asked.public_id == bindparam("public_id")
)
OWN = frozenset({Relation.OWN})
RUN = OWN | {Relation.OPERATES}
SEEN = frozenset(CLAUSES)
# What goes by the id of any record of a site: its numbers, and its merged ids.
RECORDS_OF = (
    select(
        Own.id,
        Own.kept_id,
        Own.public_id,
        SiteIdentifier.scheme,
        SiteIdentifier.value,
    )
    .outerjoin(SiteIdentifier, SiteIdentifier.site_id == Own.id)
    .where(
        one_of(Own.kept_id, "site_ids"),
        or_(Own.id != Own.kept_id, SiteIdentifier.id.is_not(None)),
    )
    .order_by(SiteIdentifier.scheme, SiteIdentifier.value, Own.id)
)


@functools.cache
def _one(among: frozenset[Relation]) -> Select[*tuple[Any, ...]]:
    return ONE_SITE.where(visible(Resource.SITE, Action.READ, among))


def site(
    session: Session,
    scope: Scope,
    public_id: str,
    *,
    kind: SiteKind | None = None,
    among: frozenset[Relation] = OWN,
) -> SiteRecord:
    """Return one site of the caller's register, or raise SiteNotFound.

    `among` widens it to sites that the caller operates or that are shared with it; the
    latter are told coarsely. The id of a merged record leads to the one that is kept.
    """
    scope.require(Permission.READ_REGISTER)
    row = session.execute(
        _one(among), {**sight_of(scope), "public_id": public_id}
    ).one_or_none()
    if row is None or (kind is not None and row.kind != kind):
        raise SiteNotFound(site=public_id)
    return records_of(session, [row])[0]


@functools.cache
def _listing(
    names: frozenset[str],
    order: SiteOrder,
    among: frozenset[Relation],
    *,
    goes_on: bool,
) -> Select[*tuple[Any, ...]]:
    """Return the listing with the filters and cursor that are asked for, built once."""
    seen = SITES.where(visible(Resource.SITE, Action.READ, among), *clauses(names))
    return ordered(seen, order, goes_on=goes_on).limit(bindparam("rows"))


def sites(
    session: Session,
    scope: Scope,
    *,
    rows: int,
    after: str | None = None,
    order: SiteOrder = SiteOrder.REGISTERED,
    among: frozenset[Relation] = OWN,
    **wanted: str | date | None,
) -> Page[SiteRecord]:
    """Return a page of sites, in the order of registration or by name.

    `wanted` filters by kind, commodity, country, admin1, municipality, state, name (part
    of it, without accents), group and operator (public ids), scheme and value of a
    number, certificate (its scheme) and certified_on (a day); `among` is that of `site`.
    """
    scope.require(Permission.READ_REGISTER)
    values: dict[str, object] = {
        name: value for name, value in wanted.items() if value is not None
    }
    names = frozenset(values)
    if isinstance(values.get("name"), str):
        values["name"] = containing(str(values["name"]))
    if after is not None:
        values |= _cursor(session, scope, after, among)
    found = session.execute(
        _listing(names, order, among, goes_on=after is not None),
        {**values, **sight_of(scope), "rows": rows + 1},
    ).all()
    records = tuple(records_of(session, found[:rows]))
    return Page(records, records[-1].public_id if len(found) > rows else None)


def _cursor(
    session: Session, scope: Scope, after: str, among: frozenset[Relation]
) -> dict[str, object]:
    row = session.execute(
        _one(among), {**sight_of(scope), "public_id": after}
    ).one_or_none()
    if row is None:
        raise NoSuchPage(after=after)
    return {"after_id": row.id, "after_name": row.name_folded}


def coarse(record: SiteRecord) -> SiteRecord:
    """Return a site as others than its owner and operator may see it.

    A farm is a home: its point is rounded to 0.1°, its area and the group are left out,
    and so are the numbers that are a person's.
    """
    return record._replace(
        latitude=_rounded(record.latitude),
        longitude=_rounded(record.longitude),
        area_square_metres=None,
        group_public_id=None,
        group_name=None,
        source_reference=None,
        identifiers=tuple(
            one for one in record.identifiers if one.scheme not in NOT_FOR_OTHERS
        ),
    )


def _rounded(degrees: float | None) -> float | None:
    return None if degrees is None else round(degrees, COARSE_DIGITS)


def records_of(session: Session, rows: Sequence[Row[Any]]) -> list[SiteRecord]:
    """Return rows of SITES with their numbers and the ids that lead to them.

    What is neither the caller's own nor run by it is told coarsely.
    """
    identifiers: dict[uuid.UUID, dict[Identifier, None]] = {}
    merged: dict[uuid.UUID, set[str]] = {}
    ids = [row.id for row in rows]
    for id_, kept_id, public_id, scheme, value in session.execute(
        RECORDS_OF, {"site_ids": ids}
    ):
        if scheme is not None:
            number = Identifier(IdentifierScheme(scheme), value)
            identifiers.setdefault(kept_id, {})[number] = None
        if id_ != kept_id:
            merged.setdefault(kept_id, set()).add(public_id)
    records = [
        _record(
            row, tuple(identifiers.get(id_, ())), tuple(sorted(merged.get(id_, ())))
        )
        for id_, row in zip(ids, rows, strict=True)
    ]
    return [one if one.relation in RUN else coarse(one) for one in records]


KINDS = {one.value: one for one in SiteKind}
COMMODITIES = {one.value: one for one in Commodity}
STATES = {one.value: one for one in SiteState}
REASONS: Mapping[str | None, ClosingReason | None] = {
    None: None,
    **{one.value: one for one in ClosingReason},
}
SOURCES = {one.value: one for one in Source}
RELATIONS = {one.value: one for one in Relation}


def _record(
    row: Sequence[Any], identifiers: tuple[Identifier, ...], merged: tuple[str, ...]
) -> SiteRecord:
    """Return a row of SITES, column by column, as a record."""
    (
        id_,
        public_id,
        owner_id,
        kind,
        name,
        _name_folded,
        country,
        admin1,
        municipality,
        commodity,
        latitude,
        longitude,
        area,
        group_public_id,
        group_name,
        operator_id,
        operator_public_id,
        operator_name,
        state,
        closed_on,
        closed_reason,
        source,
        source_reference,
        version,
        reached_as,
    ) = row
    return SiteRecord(
        id_,
        public_id,
        KINDS[kind],
        name,
        country,
        admin1,
        municipality,
        COMMODITIES[commodity],
        _degrees(latitude),
        _degrees(longitude),
        area,
        group_public_id,
        group_name,
        identifiers,
        owner_id,
        operator_id,
        operator_public_id,
        operator_name,
        STATES[state],
        closed_on,
        REASONS[closed_reason],
        SOURCES[source],
        source_reference,
        version,
        merged,
        RELATIONS[reached_as],
    )


def _degrees(microdegrees: int | None) -> float | None:
    return None if microdegrees is None else microdegrees / 1_000_000
