"""What can be read of certificates: a page of them, one, and those of many sites."""

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
from compliance.listings import Listing, equal_to, gathered
from compliance.problems import Kind, Problem
from compliance.registry.certificates.standing import Standing, standing_on
from compliance.registry.filters import kept_id_of
from compliance.registry.models import (
    Certificate,
    CertificateScheme,
    CertificateStatus,
    Site,
    Source,
)
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


Own, Kept = aliased(Site), aliased(Site)
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
OF_SITES = CERTIFICATES.where(Kept.id.in_(bindparam("keys", expanding=True))).order_by(
    Certificate.scheme, Certificate.valid_until.desc(), Certificate.id
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
    return LISTED.page(session, _mine(scope), rows=rows, after=after, wanted=wanted)


def certificate(session: Session, scope: Scope, public_id: str) -> CertificateRecord:
    """Return one certificate, or raise CertificateNotFound."""
    scope.require(Permission.READ_REGISTER)
    missing = CertificateNotFound(certificate=public_id)
    return LISTED.one(session, _mine(scope), public_id, missing)


def certificates_of_sites(
    session: Session, scope: Scope, site_ids: Collection[SiteId]
) -> Mapping[SiteId, tuple[CertificateRecord, ...]]:
    """Return the certificates that the sites themselves hold, whatever their days."""
    scope.require(Permission.READ_REGISTER)
    return gathered(session, OF_SITES, _mine(scope), site_ids, "site_id", _record)


def _mine(scope: Scope) -> dict[str, object]:
    return {"owner_id": scope.organisation_id}


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


LISTED = Listing(
    CERTIFICATES,
    Certificate.id,
    Certificate.public_id,
    _record,
    {
        **equal_to(
            group=Group.public_id,
            scheme=Certificate.scheme,
            number=Certificate.number,
            status=Certificate.status,
        ),
        "site": Kept.id == kept_id_of("site"),
        "valid_on": (Certificate.valid_from <= bindparam("valid_on"))
        & (Certificate.valid_until >= bindparam("valid_on"))
        & or_(
            Certificate.status_since.is_(None),
            Certificate.status_since > bindparam("valid_on"),
        ),
        "expires_by": Certificate.valid_until <= bindparam("expires_by"),
    },
)
