"""What can be read of brokers: who they are, and at which sites they are engaged."""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, Select, bindparam, func, select
from sqlalchemy.orm import Session, aliased

from compliance.database import Page
from compliance.identifiers import SiteId
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.listings import Listing, equal_to, gathered
from compliance.problems import Kind, Problem
from compliance.registry.brokers.licence import LicenceStanding, licence_on
from compliance.registry.filters import containing, kept_id_of
from compliance.registry.models import Broker, BrokerKind, Engagement, Site, Source
from compliance.texts import N_


class BrokerNotFound(Problem):
    kind = Kind.NOT_FOUND
    title = N_("No such broker")
    detail = N_(
        "No broker or crew leader of yours has the id {broker}. GET /v1/brokers lists "
        "them."
    )


class EngagementNotFound(Problem):
    kind = Kind.NOT_FOUND
    title = N_("No such engagement")
    detail = N_("No engagement of yours has the id {engagement}.")


@dataclass(frozen=True)
class BrokerRecord:
    """A broker or crew leader; `sites` counts where it was ever engaged."""

    id: uuid.UUID
    public_id: str
    kind: BrokerKind
    name: str
    country: str
    licence_number: str | None
    licence_valid_from: date | None
    licence_valid_until: date | None
    sites: int
    source: Source
    source_reference: str | None
    version: int

    def licence(self, day: date) -> LicenceStanding:
        """Return what the licence is worth on a day."""
        return licence_on(
            day,
            number=self.licence_number,
            valid_from=self.licence_valid_from,
            valid_until=self.licence_valid_until,
        )


@dataclass(frozen=True)
class EngagementRecord:
    """A broker brought workers to a site in a season."""

    public_id: str
    broker_public_id: str
    broker_name: str
    broker_kind: BrokerKind
    site_public_id: str
    site_name: str
    season: str
    workers: int | None
    engaged_from: date | None
    engaged_until: date | None
    source: Source
    source_reference: str | None


Own, Kept = aliased(Site), aliased(Site)
SITES_OF = (
    select(func.count(Own.kept_id.distinct()))
    .join(Engagement, Engagement.site_id == Own.id)
    .where(Engagement.broker_id == Broker.id)
    .correlate(Broker)
    .scalar_subquery()
)
BROKERS: Select[*tuple[Any, ...]] = select(
    *Broker.__table__.columns, SITES_OF.label("sites")
).where(Broker.owner_id == bindparam("owner_id"))
ENGAGEMENTS: Select[*tuple[Any, ...]] = (
    select(
        *Engagement.__table__.columns,
        Broker.public_id.label("broker_public_id"),
        Broker.name.label("broker_name"),
        Broker.kind.label("broker_kind"),
        Kept.id.label("kept_site_id"),
        Kept.public_id.label("site_public_id"),
        Kept.name.label("site_name"),
    )
    .join(Broker, Broker.id == Engagement.broker_id)
    .join(Own, Own.id == Engagement.site_id)
    .join(Kept, Kept.id == Own.kept_id)
    .where(Engagement.owner_id == bindparam("owner_id"))
)
OF_SITES = ENGAGEMENTS.where(
    Kept.id.in_(bindparam("keys", expanding=True)),
    Engagement.season == bindparam("season"),
).order_by(Broker.name_folded, Engagement.id)


def brokers(
    session: Session,
    scope: Scope,
    *,
    rows: int,
    after: str | None = None,
    **wanted: str | date | None,
) -> Page[BrokerRecord]:
    """Return a page of brokers in the order of registration.

    `wanted` filters by kind, country, name (part of it, without accents),
    licence_number or licence_expires_by (a day).
    """
    scope.require(Permission.READ_REGISTER)
    name = wanted.get("name")
    if name is not None:
        wanted["name"] = containing(str(name))
    return LISTED_BROKERS.page(
        session, _mine(scope), rows=rows, after=after, wanted=wanted
    )


def broker(session: Session, scope: Scope, public_id: str) -> BrokerRecord:
    """Return one broker, or raise BrokerNotFound."""
    scope.require(Permission.READ_REGISTER)
    missing = BrokerNotFound(broker=public_id)
    return LISTED_BROKERS.one(session, _mine(scope), public_id, missing)


def engagements(
    session: Session,
    scope: Scope,
    *,
    rows: int,
    after: str | None = None,
    **wanted: str | None,
) -> Page[EngagementRecord]:
    """Return a page of engagements in the order of registration.

    `wanted` filters by broker or site (public ids) and season.
    """
    scope.require(Permission.READ_REGISTER)
    return LISTED_ENGAGEMENTS.page(
        session, _mine(scope), rows=rows, after=after, wanted=wanted
    )


def engagement(session: Session, scope: Scope, public_id: str) -> EngagementRecord:
    """Return one engagement, or raise EngagementNotFound."""
    missing = EngagementNotFound(engagement=public_id)
    return LISTED_ENGAGEMENTS.one(session, _mine(scope), public_id, missing)


def engagements_at_sites(
    session: Session, scope: Scope, site_ids: Collection[SiteId], season: str
) -> Mapping[SiteId, tuple[EngagementRecord, ...]]:
    """Return who is engaged at each of the sites in a season."""
    scope.require(Permission.READ_REGISTER)
    bound = {**_mine(scope), "season": season}
    return gathered(session, OF_SITES, bound, site_ids, "kept_site_id", _engagement)


def _mine(scope: Scope) -> dict[str, object]:
    return {"owner_id": scope.organisation_id}


def _broker(row: Row[*tuple[Any, ...]]) -> BrokerRecord:
    return BrokerRecord(
        id=row.id,
        public_id=row.public_id,
        kind=BrokerKind(row.kind),
        name=row.name,
        country=row.country,
        licence_number=row.licence_number,
        licence_valid_from=row.licence_valid_from,
        licence_valid_until=row.licence_valid_until,
        sites=row.sites,
        source=Source(row.source),
        source_reference=row.source_reference,
        version=row.version,
    )


def _engagement(row: Row[*tuple[Any, ...]]) -> EngagementRecord:
    return EngagementRecord(
        public_id=row.public_id,
        broker_public_id=row.broker_public_id,
        broker_name=row.broker_name,
        broker_kind=BrokerKind(row.broker_kind),
        site_public_id=row.site_public_id,
        site_name=row.site_name,
        season=row.season,
        workers=row.workers,
        engaged_from=row.engaged_from,
        engaged_until=row.engaged_until,
        source=Source(row.source),
        source_reference=row.source_reference,
    )


LISTED_BROKERS = Listing(
    BROKERS,
    Broker.id,
    Broker.public_id,
    _broker,
    {
        **equal_to(
            kind=Broker.kind,
            country=Broker.country,
            licence_number=Broker.licence_number,
        ),
        "name": Broker.name_folded.like(bindparam("name"), escape="\\"),
        "licence_expires_by": Broker.licence_valid_until
        <= bindparam("licence_expires_by"),
    },
)
LISTED_ENGAGEMENTS = Listing(
    ENGAGEMENTS,
    Engagement.id,
    Engagement.public_id,
    _engagement,
    {
        **equal_to(broker=Broker.public_id, season=Engagement.season),
        "site": Kept.id == kept_id_of("site"),
    },
)
