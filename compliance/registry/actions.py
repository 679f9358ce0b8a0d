"""What can be done about sites: note one, correct it, close it, give it a number."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, TypedDict

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.orm import Session, aliased

from compliance import clock, site_marks, trail
from compliance.database import as_system, insert_new
from compliance.identifiers import OrganisationId, SiteId, new_id, new_public_id
from compliance.identity.models import Organisation
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.problems import Kind, Problem
from compliance.registry.folding import folded
from compliance.registry.models import (
    ClosingReason,
    Site,
    SiteIdentifier,
    SiteState,
    Source,
)
from compliance.registry.numbers import read_number
from compliance.registry.queries import (
    Identifier,
    SiteNotFound,
    SiteRecord,
    site,
)
from compliance.registry.versions import refuse_stale
from compliance.texts import N_
from rules.vocabulary import Commodity, SiteKind

MICRO = 1_000_000
# What the trail may keep: neither a name nor a point, which could be somebody's.
TOLD = frozenset({"country", "admin1", "commodity", "group", "operator"})

Own = aliased(Site)


class IdentifierTaken(Problem):
    kind = Kind.CONFLICT
    title = N_("Another site has this identifier")
    detail = N_(
        "The {scheme} number {value} already belongs to {site}. Correct the number, "
        "or use the site that is there."
    )


class IdentifierNotFound(Problem):
    kind = Kind.NOT_FOUND
    title = N_("The site has no such number")
    detail = N_("{site} has no {scheme} number {value}.")


class GroupNotFound(Problem):
    kind = Kind.INVALID
    title = N_("No such producer group")
    detail = N_("No producer group of your register has the id {group}.")


class OperatorNotFound(Problem):
    kind = Kind.INVALID
    title = N_("No such organisation")
    detail = N_(
        "No organisation that signs in here has the id {operator}. Ask whoever runs the "
        "site for theirs."
    )


class SiteUnknown(Problem):
    kind = Kind.INVALID
    title = N_("The request names a site that is not there")
    detail = N_(
        "'{field}' is {site}, but no producer or mill of yours has this id. "
        "GET /v1/producers and GET /v1/mills list those you may name."
    )


class ClosedInFuture(Problem):
    kind = Kind.INVALID
    title = N_("A site cannot be closed ahead of time")
    detail = N_("'closed_on' is {closed_on}; give a day up to {today}.")


class SiteChanges(TypedDict, total=False):
    """What may change of a site; what is not named stays as it is."""

    name: str
    country: str
    commodity: Commodity
    admin1: str | None
    municipality: str | None
    latitude: float | None
    longitude: float | None
    area_square_metres: int | None
    group: str | None
    operator: str | None


def register_site(
    session: Session,
    scope: Scope,
    *,
    kind: SiteKind,
    name: str,
    country: str,
    commodity: Commodity,
    admin1: str | None = None,
    municipality: str | None = None,
    latitude: float | None = None,
    longitude: float | None = None,
    area_square_metres: int | None = None,
    group: str | None = None,
    operator: str | None = None,
    identifiers: Sequence[Identifier] = (),
    source: Source = Source.MANUAL,
    source_reference: str | None = None,
) -> SiteRecord:
    """Register a producer's farm or a mill; a known identifier is refused."""
    scope.require(Permission.CHANGE_REGISTER)
    site_id, public_id = SiteId(new_id()), new_public_id("site")
    session.execute(
        insert(Site).values(
            id=site_id,
            public_id=public_id,
            owner_id=scope.organisation_id,
            operator_id=_operator_id(session, operator),
            kind=kind,
            name=name,
            country=country,
            admin1=admin1,
            municipality=municipality,
            commodity=commodity,
            latitude_microdegrees=_micro(latitude),
            longitude_microdegrees=_micro(longitude),
            area_square_metres=area_square_metres,
            group_id=group_id_of(session, scope, group),
            source=source,
            source_reference=source_reference,
            registered_at=clock.now(),
        )
    )
    for identifier in identifiers:
        _give_number(session, scope, site_id, country, identifier)
    site_marks.mark(session, scope.organisation_id, site_id)
    record_change(
        session,
        scope,
        f"{kind}.registered",
        public_id,
        commodity=commodity,
        country=country,
        source=source,
    )
    return site(session, scope, public_id)


def change_site(
    session: Session,
    scope: Scope,
    public_id: str,
    *,
    seen_version: int | None,
    changes: SiteChanges,
) -> SiteRecord:
    """Correct what is known of a site, unless somebody did since `seen_version`.

    With None the change is made whatever the version; a person's request names it.
    """
    scope.require(Permission.CHANGE_REGISTER)
    row = lock_site(session, scope, public_id, seen_version)
    values = _columns(session, scope, changes)
    differing = {
        name: value for name, value in values.items() if getattr(row, name) != value
    }
    if differing:
        if "name" in differing:
            differing["name_folded"] = folded(str(differing["name"]))
        _change(session, row, differing)
        told = {name: value for name, value in changes.items() if name in TOLD}
        record_change(
            session,
            scope,
            f"{row.kind}.changed",
            row.public_id,
            fields=sorted(changes),
            **told,
        )
    return site(session, scope, row.public_id)


def close_site(
    session: Session,
    scope: Scope,
    public_id: str,
    *,
    reason: ClosingReason,
    closed_on: date | None = None,
) -> SiteRecord:
    """Note that a site works or supplies no more; it is never deleted."""
    scope.require(Permission.CHANGE_REGISTER)
    row = lock_site(session, scope, public_id, None)
    day = closed_on or clock.today()
    if day > clock.today():
        raise ClosedInFuture(closed_on=day.isoformat(), today=clock.today().isoformat())
    values = {"state": SiteState.CLOSED, "closed_on": day, "closed_reason": reason}
    if any(getattr(row, name) != value for name, value in values.items()):
        _change(session, row, values)
        record_change(
            session,
            scope,
            f"{row.kind}.closed",
            row.public_id,
            reason=reason,
            closed_on=day.isoformat(),
        )
    return site(session, scope, row.public_id)


def reopen_site(session: Session, scope: Scope, public_id: str) -> SiteRecord:
    """Note that a closed site works again; reopening an open one is no mistake."""
    scope.require(Permission.CHANGE_REGISTER)
    row = lock_site(session, scope, public_id, None)
    if row.state == SiteState.CLOSED:
        opened = {"state": SiteState.ACTIVE, "closed_on": None, "closed_reason": None}
        _change(session, row, opened)
        record_change(session, scope, f"{row.kind}.reopened", row.public_id)
    return site(session, scope, row.public_id)


def add_identifier(
    session: Session, scope: Scope, public_id: str, identifier: Identifier
) -> SiteRecord:
    """Note a number of a site in another register; noting it twice is no mistake."""
    scope.require(Permission.CHANGE_REGISTER)
    row = lock_site(session, scope, public_id, None)
    if _give_number(session, scope, row.id, row.country, identifier):
        _change(session, row, {})
        record_change(
            session,
            scope,
            f"{row.kind}.number_added",
            row.public_id,
            scheme=identifier.scheme,
        )
    return site(session, scope, row.public_id)


def remove_identifier(
    session: Session, scope: Scope, public_id: str, identifier: Identifier
) -> SiteRecord:
    """Take back a number that is not the site's, or raise IdentifierNotFound."""
    scope.require(Permission.CHANGE_REGISTER)
    row = lock_site(session, scope, public_id, None)
    records = select(Own.id).where(Own.kept_id == row.id)
    removed = session.execute(
        delete(SiteIdentifier)
        .where(
            SiteIdentifier.site_id.in_(records),
            SiteIdentifier.scheme == identifier.scheme,
            SiteIdentifier.value == identifier.value,
        )
        .returning(SiteIdentifier.id)
    ).all()
    if not removed:
        raise IdentifierNotFound(
            site=row.public_id, scheme=identifier.scheme, value=identifier.value
        )
    _change(session, row, {})
    record_change(
        session,
        scope,
        f"{row.kind}.number_removed",
        row.public_id,
        scheme=identifier.scheme,
    )
    return site(session, scope, row.public_id)


def lock_site(
    session: Session, scope: Scope, public_id: str, seen_version: int | None
) -> Row[*tuple[Any, ...]]:
    """Lock the row of a site that the caller keeps, or raise SiteNotFound, Overtaken.

    A merged id locks the record that is kept.
    """
    row = session.execute(
        select(*Site.__table__.columns)
        .where(
            Site.owner_id == scope.organisation_id,
            Site.id
            == select(Own.kept_id).where(Own.public_id == public_id).scalar_subquery(),
        )
        .with_for_update(key_share=True)
    ).one_or_none()
    if row is None:
        raise SiteNotFound(site=public_id)
    refuse_stale(row.public_id, seen=seen_version, version=row.version)
    return row


def record_change(
    session: Session, scope: Scope, action: str, subject_id: str, **facts: object
) -> None:
    """Write to the trail what the caller did to a thing of the register."""
    trail.record(
        session,
        organisation_id=scope.organisation_id,
        actor=scope.actor,
        action=action,
        subject_id=subject_id,
        **facts,
    )


def named_site(
    session: Session, scope: Scope, public_id: str, field: str = "site"
) -> SiteRecord:
    """Return the site that a field of a request names, or raise SiteUnknown."""
    try:
        return site(session, scope, public_id)
    except SiteNotFound as missing:
        raise SiteUnknown(field=field, site=public_id) from missing


def group_id_of(
    session: Session, scope: Scope, group: str | None
) -> OrganisationId | None:
    """Return the key of a producer group of the caller's register."""
    if group is None:
        return None
    found = session.scalar(
        select(Organisation.id).where(
            Organisation.public_id == group,
            Organisation.registered_by_id == scope.organisation_id,
        )
    )
    if found is None:
        raise GroupNotFound(group=group)
    return OrganisationId(found)


def _operator_id(session: Session, operator: str | None) -> OrganisationId | None:
    if operator is None:
        return None
    # Who runs a site is another tenant, whose row the caller may not see otherwise.
    with as_system(session):
        found = session.scalar(
            select(Organisation.id).where(
                Organisation.public_id == operator,
                Organisation.registered_by_id.is_(None),
            )
        )
    if found is None:
        raise OperatorNotFound(operator=operator)
    return OrganisationId(found)


def _columns(session: Session, scope: Scope, changes: SiteChanges) -> dict[str, object]:
    values: dict[str, object] = dict(changes)
    for name in ("latitude", "longitude"):
        if name in changes:
            values[f"{name}_microdegrees"] = _micro(values.pop(name))
    if "group" in changes:
        values["group_id"] = group_id_of(session, scope, changes["group"])
        del values["group"]
    if "operator" in changes:
        values["operator_id"] = _operator_id(session, changes["operator"])
        del values["operator"]
    return values


def _change(
    session: Session, row: Row[*tuple[Any, ...]], values: Mapping[str, object]
) -> None:
    session.execute(
        update(Site).where(Site.id == row.id).values(**values, version=row.version + 1)
    )
    site_marks.mark(session, row.owner_id, row.id)


def _give_number(
    session: Session,
    scope: Scope,
    site_id: uuid.UUID,
    country: str,
    identifier: Identifier,
) -> bool:
    """Give a site a number unless it has it; tell whether it was new to the site."""
    number = read_number(identifier.scheme, identifier.value, country)
    is_new = insert_new(
        session,
        SiteIdentifier,
        id=new_id(),
        owner_id=scope.organisation_id,
        site_id=site_id,
        scheme=number.scheme,
        value=number.value,
    )
    if is_new:
        return True
    holder = session.execute(
        select(Site.id, Site.public_id)
        .join(Own, Own.kept_id == Site.id)
        .join(SiteIdentifier, SiteIdentifier.site_id == Own.id)
        .where(
            SiteIdentifier.owner_id == scope.organisation_id,
            SiteIdentifier.scheme == number.scheme,
            SiteIdentifier.value == number.value,
        )
    ).one()
    if holder.id != site_id:
        raise IdentifierTaken(
            scheme=number.scheme, value=number.value, site=holder.public_id
        )
    return False


def _micro(degrees: object) -> int | None:
    return round(degrees * MICRO) if isinstance(degrees, int | float) else None
