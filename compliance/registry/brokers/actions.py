"""What can be done about brokers: note one, correct it, engage it, take that back."""

from datetime import date
from typing import Any, TypedDict

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session, aliased

from compliance import clock, site_marks
from compliance.database import insert_new
from compliance.identifiers import new_id, new_public_id
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.problems import Kind, Problem
from compliance.registry.actions import named_site, record_change
from compliance.registry.brokers.queries import (
    BrokerNotFound,
    BrokerRecord,
    EngagementRecord,
    broker,
    engagement,
)
from compliance.registry.days import refuse_disorder
from compliance.registry.folding import folded
from compliance.registry.models import Broker, BrokerKind, Engagement, Site, Source
from compliance.registry.queries import SiteRecord
from compliance.registry.versions import refuse_stale
from compliance.texts import N_


class LicenceTaken(Problem):
    kind = Kind.CONFLICT
    title = N_("Another broker has this licence")
    detail = N_("The licence {number} of {country} already belongs to {broker}.")


class LicenceWithoutNumber(Problem):
    kind = Kind.INVALID
    title = N_("The licence has days but no number")
    detail = N_("Give 'licence_number' with the days of a licence, or leave them out.")


class EngagementExists(Problem):
    kind = Kind.CONFLICT
    title = N_("This engagement is already registered")
    detail = N_("{broker} is engaged at {site} in season {season} already.")


class BrokerChanges(TypedDict, total=False):
    """What may change of a broker."""

    kind: BrokerKind
    name: str
    country: str
    licence_number: str | None
    licence_valid_from: date | None
    licence_valid_until: date | None


CHANGEABLE = tuple(BrokerChanges.__annotations__)
Own = aliased(Site)


def register_broker(
    session: Session,
    scope: Scope,
    *,
    kind: BrokerKind,
    name: str,
    country: str,
    licence_number: str | None = None,
    licence_valid_from: date | None = None,
    licence_valid_until: date | None = None,
    source: Source = Source.MANUAL,
    source_reference: str | None = None,
) -> BrokerRecord:
    """Note a labour broker or crew leader by its trading name."""
    scope.require(Permission.CHANGE_REGISTER)
    _refuse_licence(licence_number, licence_valid_from, licence_valid_until)
    public_id = new_public_id("broker")
    is_new = insert_new(
        session,
        Broker,
        id=new_id(),
        public_id=public_id,
        owner_id=scope.organisation_id,
        kind=kind,
        name=name,
        country=country,
        licence_number=licence_number,
        licence_valid_from=licence_valid_from,
        licence_valid_until=licence_valid_until,
        source=source,
        source_reference=source_reference,
        registered_at=clock.now(),
    )
    if not is_new:
        raise _taken(session, scope, country, licence_number)
    record_change(
        session,
        scope,
        "broker.registered",
        public_id,
        kind=kind,
        country=country,
        source=source,
    )
    return broker(session, scope, public_id)


def change_broker(
    session: Session,
    scope: Scope,
    public_id: str,
    *,
    seen_version: int | None,
    changes: BrokerChanges,
) -> BrokerRecord:
    """Correct what is known of a broker, unless somebody did in the meantime."""
    scope.require(Permission.CHANGE_REGISTER)
    row = session.execute(
        select(*Broker.__table__.columns)
        .where(Broker.owner_id == scope.organisation_id, Broker.public_id == public_id)
        .with_for_update()
    ).one_or_none()
    if row is None:
        raise BrokerNotFound(broker=public_id)
    refuse_stale(public_id, seen=seen_version, version=row.version)
    wanted: dict[str, Any] = {name: getattr(row, name) for name in CHANGEABLE}
    wanted |= changes
    number, country = wanted["licence_number"], wanted["country"]
    _refuse_licence(number, wanted["licence_valid_from"], wanted["licence_valid_until"])
    holder = _holder(session, scope, country, number)
    if holder is not None and holder != public_id:
        raise LicenceTaken(number=number, country=country, broker=holder)
    if any(getattr(row, name) != value for name, value in changes.items()):
        session.execute(
            update(Broker)
            .where(Broker.id == row.id)
            .values(
                **changes, name_folded=folded(wanted["name"]), version=row.version + 1
            )
        )
        engaged = select(Engagement.site_id).where(Engagement.broker_id == row.id)
        site_marks.mark(session, scope.organisation_id, *session.scalars(engaged))
        record_change(
            session, scope, "broker.changed", public_id, fields=sorted(changes)
        )
    return broker(session, scope, public_id)


def engage(
    session: Session,
    scope: Scope,
    *,
    broker: str,
    site: str,
    season: str,
    workers: int | None = None,
    engaged_from: date | None = None,
    engaged_until: date | None = None,
    source: Source = Source.MANUAL,
    source_reference: str | None = None,
) -> EngagementRecord:
    """Note that a broker brings workers to a site in a season."""
    scope.require(Permission.CHANGE_REGISTER)
    refuse_disorder(engaged_from=engaged_from, engaged_until=engaged_until)
    broker_key = session.scalar(
        select(Broker.id).where(
            Broker.owner_id == scope.organisation_id, Broker.public_id == broker
        )
    )
    if broker_key is None:
        raise BrokerNotFound(broker=broker)
    holder = named_site(session, scope, site)
    _refuse_engaged(session, broker_key, broker, holder, season)
    public_id = new_public_id("engagement")
    is_new = insert_new(
        session,
        Engagement,
        id=new_id(),
        public_id=public_id,
        owner_id=scope.organisation_id,
        broker_id=broker_key,
        site_id=holder.id,
        season=season,
        workers=workers,
        engaged_from=engaged_from,
        engaged_until=engaged_until,
        source=source,
        source_reference=source_reference,
        registered_at=clock.now(),
    )
    if not is_new:
        raise EngagementExists(broker=broker, site=holder.public_id, season=season)
    site_marks.mark(session, scope.organisation_id, holder.id)
    record_change(
        session,
        scope,
        "broker.engaged",
        broker,
        engagement=public_id,
        site=holder.public_id,
        season=season,
        source=source,
    )
    return engagement(session, scope, public_id)


def remove_engagement(session: Session, scope: Scope, public_id: str) -> None:
    """Take back an engagement noted by mistake; the trail keeps what it said."""
    scope.require(Permission.CHANGE_REGISTER)
    found = engagement(session, scope, public_id)
    session.execute(
        delete(Engagement).where(
            Engagement.owner_id == scope.organisation_id,
            Engagement.public_id == public_id,
        )
    )
    holder = named_site(session, scope, found.site_public_id)
    site_marks.mark(session, scope.organisation_id, holder.id)
    record_change(
        session,
        scope,
        "broker.engagement_removed",
        found.broker_public_id,
        engagement=public_id,
        site=found.site_public_id,
        season=found.season,
    )


def _refuse_licence(number: str | None, begins: date | None, ends: date | None) -> None:
    if number is None and (begins is not None or ends is not None):
        raise LicenceWithoutNumber
    refuse_disorder(licence_valid_from=begins, licence_valid_until=ends)


def _holder(
    session: Session, scope: Scope, country: str, number: str | None
) -> str | None:
    if number is None:
        return None
    return session.scalar(
        select(Broker.public_id).where(
            Broker.owner_id == scope.organisation_id,
            Broker.country == country,
            Broker.licence_number == number,
        )
    )


def _taken(
    session: Session, scope: Scope, country: str, number: str | None
) -> LicenceTaken:
    holder = _holder(session, scope, country, number)
    return LicenceTaken(number=number, country=country, broker=holder)


def _refuse_engaged(
    session: Session, broker_key: object, name: str, holder: SiteRecord, season: str
) -> None:
    """Refuse a second engagement at a site, whichever of its records has the first."""
    known = session.scalar(
        select(Engagement.id)
        .join(Own, Own.id == Engagement.site_id)
        .where(
            Engagement.broker_id == broker_key,
            Own.kept_id == holder.id,
            Engagement.season == season,
        )
        .limit(1)
    )
    if known is not None:
        raise EngagementExists(broker=name, site=holder.public_id, season=season)
