"""What can be read of certificates: a page of them, one, and those of many sites."""

import functools
import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, Select, bindparam, func, or_, select
from sqlalchemy.orm import Session, aliased

from compliance.database import Page
from compliance.identifiers import SiteId
from compliance.identity.models import Organisation
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.problems import Kind, Problem
from compliance.registry.batches import batches
from compliance.registry.certificates.standing import Standing, standing_on
from compliance.registry.models import (
    Certificate,
    CertificateScheme,
    CertificateStatus,
    Site,
    Source,
)
from compliance.registry.queries import NoSuchPage
from compliance.texts import N_


class CertificateNotFound(Problem):
    kind = Kind.NOT_FOUND
    title = N_("No such certificate")
    detail = N_(
        "No certificate of yours has the id {certificate}. GET /v1/certificates lists "
        "them."
    )


@dataclass(frozen=True)
class CertificateRecord:
    """A certificate of a site or of a group; one of the two holders is None."""

    public_id: str
    site_public_id: str | None
    group_public_id: str | None
    holder_name: str
    scheme: CertificateScheme
    number: str
    certifying_body: str | None
    valid_from: date
    valid_until: date
    status: CertificateStatus
    status_since: date | None
    source: Source
    source_reference: str | None
    version: int

    def standing(self, day: date) -> Standing:
        """Return what the certificate is worth on a day."""
        return standing_on(
            day,
            valid_from=self.valid_from,
            valid_until=self.valid_until,
            status=self.status,
            status_since=self.status_since,
        )


Own, Kept, Named = aliased(Site), aliased(Site), aliased(Site)
Group = aliased(Organisation)

CERTIFICATES: Select[*tuple[Any, ...]] = (
    select(
        Certificate.id,
        Certificate.public_id,
        Kept.id.label("site_id"),
        Kept.public_id.label("site_public_id"),
        Group.public_id.label("group_public_id"),
        func.coalesce(Kept.name, Group.name).label("holder_name"),
        Certificate.scheme,
        Certificate.number,
        Certificate.certifying_body,
        Certificate.valid_from,
        Certificate.valid_until,
        Certificate.status,
        Certificate.status_since,
        Certificate.source,
        Certificate.source_reference,
        Certificate.version,
    )
    .outerjoin(Own, Own.id == Certificate.site_id)
    .outerjoin(Kept, Kept.id == Own.kept_id)
    .outerjoin(Group, Group.id == Certificate.group_id)
    .where(Certificate.owner_id == bindparam("owner_id"))
)
ONE_CERTIFICATE = CERTIFICATES.where(Certificate.public_id == bindparam("public_id"))
OF_SITES = CERTIFICATES.where(
    Kept.id.in_(bindparam("site_ids", expanding=True))
).order_by(Certificate.scheme, Certificate.valid_until.desc(), Certificate.id)
FILTERS = {
    "site": Kept.id
    == select(Named.kept_id)
    .where(Named.public_id == bindparam("site"))
    .scalar_subquery(),
    "group": Group.public_id == bindparam("group"),
    "scheme": Certificate.scheme == bindparam("scheme"),
    "number": Certificate.number == bindparam("number"),
    "status": Certificate.status == bindparam("status"),
    "valid_on": (Certificate.valid_from <= bindparam("valid_on"))
    & (Certificate.valid_until >= bindparam("valid_on"))
    & or_(
        Certificate.status_since.is_(None),
        Certificate.status_since > bindparam("valid_on"),
    ),
    "expires_by": Certificate.valid_until <= bindparam("expires_by"),
    "after_id": Certificate.id > bindparam("after_id"),
}


@functools.cache
def _listing(names: frozenset[str]) -> Select[*tuple[Any, ...]]:
    """Return the listing with the filters and cursor that are asked for, built once."""
    return (
        CERTIFICATES.where(*(FILTERS[name] for name in sorted(names)))
        .order_by(Certificate.id)
        .limit(bindparam("rows"))
    )


def certificates(
    session: Session,
    scope: Scope,
    *,
    rows: int,
    after: str | None = None,
    **wanted: str | date | None,
) -> Page[CertificateRecord]:
    """Return a page of certificates in the order of registration.

    `wanted` filters by site or group (public ids), scheme, number, status, valid_on
    (in force on a day) or expires_by (last day at the latest).
    """
    scope.require(Permission.READ_REGISTER)
    values: dict[str, object] = {
        name: value for name, value in wanted.items() if value is not None
    }
    if after is not None:
        values["after_id"] = _one(session, scope, after, NoSuchPage(after=after)).id
    found = session.execute(
        _listing(frozenset(values)),
        {**values, "owner_id": scope.organisation_id, "rows": rows + 1},
    ).all()
    records = tuple(_record(row) for row in found[:rows])
    return Page(records, records[-1].public_id if len(found) > rows else None)


def certificate(session: Session, scope: Scope, public_id: str) -> CertificateRecord:
    """Return one certificate, or raise CertificateNotFound."""
    scope.require(Permission.READ_REGISTER)
    missing = CertificateNotFound(certificate=public_id)
    return _record(_one(session, scope, public_id, missing))


def certificates_of_sites(
    session: Session, scope: Scope, site_ids: Collection[SiteId]
) -> Mapping[SiteId, tuple[CertificateRecord, ...]]:
    """Return the certificates that the sites themselves hold, whatever their days."""
    scope.require(Permission.READ_REGISTER)
    found: dict[uuid.UUID, list[CertificateRecord]] = defaultdict(list)
    values = {"owner_id": scope.organisation_id}
    for some in batches(site_ids):
        for row in session.execute(OF_SITES, {**values, "site_ids": some}):
            found[row.site_id].append(_record(row))
    return {SiteId(key): tuple(records) for key, records in found.items()}


def _one(
    session: Session, scope: Scope, public_id: str, missing: Problem
) -> Row[*tuple[Any, ...]]:
    row = session.execute(
        ONE_CERTIFICATE, {"owner_id": scope.organisation_id, "public_id": public_id}
    ).one_or_none()
    if row is None:
        raise missing
    return row


def _record(row: Row[*tuple[Any, ...]]) -> CertificateRecord:
    return CertificateRecord(
        public_id=row.public_id,
        site_public_id=row.site_public_id,
        group_public_id=row.group_public_id,
        holder_name=row.holder_name,
        scheme=CertificateScheme(row.scheme),
        number=row.number,
        certifying_body=row.certifying_body,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        status=CertificateStatus(row.status),
        status_since=row.status_since,
        source=Source(row.source),
        source_reference=row.source_reference,
        version=row.version,
    )
