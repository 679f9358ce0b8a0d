"""What can be done about certificates: note one, and what its body says of it later."""

from datetime import date
from typing import Any, TypedDict

from sqlalchemy import Row, select, update
from sqlalchemy.orm import Session

from compliance import clock
from compliance.database import insert_new
from compliance.identifiers import new_id, new_public_id
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.problems import Kind, Problem
from compliance.registry.actions import group_id_of, named_site, record_change
from compliance.registry.certificates.queries import (
    CertificateNotFound,
    CertificateRecord,
    certificate,
)
from compliance.registry.days import refuse_disorder
from compliance.registry.models import (
    Certificate,
    CertificateScheme,
    CertificateStatus,
    Source,
)
from compliance.registry.versions import refuse_stale
from compliance.texts import N_


class OneHolder(Problem):
    kind = Kind.INVALID
    title = N_("A certificate is held by a site or by a group")
    detail = N_("Give 'site' or 'group', one of the two.")


class CertificateExists(Problem):
    kind = Kind.CONFLICT
    title = N_("This certificate is already registered")
    detail = N_(
        "{holder} has the {scheme} certificate {number} from {valid_from} on already. A "
        "renewal has another first day."
    )


class StatusNeedsDay(Problem):
    kind = Kind.INVALID
    title = N_("Since when is the certificate suspended or withdrawn?")
    detail = N_(
        "'status_since' goes with 'suspended' and 'withdrawn', and only with them."
    )


class CertificateChanges(TypedDict, total=False):
    """What may change of a certificate; another number or first day is another one."""

    certifying_body: str | None
    valid_until: date
    status: CertificateStatus
    status_since: date | None


def register_certificate(
    session: Session,
    scope: Scope,
    *,
    scheme: CertificateScheme,
    number: str,
    valid_from: date,
    valid_until: date,
    site: str | None = None,
    group: str | None = None,
    certifying_body: str | None = None,
    source: Source = Source.MANUAL,
    source_reference: str | None = None,
) -> CertificateRecord:
    """Note a certificate of a site or of a producer group."""
    scope.require(Permission.CHANGE_REGISTER)
    if (site is None) == (group is None):
        raise OneHolder
    refuse_disorder(valid_from=valid_from, valid_until=valid_until)
    public_id = new_public_id("certificate")
    is_new = insert_new(
        session,
        Certificate,
        id=new_id(),
        public_id=public_id,
        owner_id=scope.organisation_id,
        site_id=None if site is None else named_site(session, scope, site).id,
        group_id=group_id_of(session, scope, group),
        scheme=scheme,
        number=number,
        certifying_body=certifying_body,
        valid_from=valid_from,
        valid_until=valid_until,
        source=source,
        source_reference=source_reference,
        registered_at=clock.now(),
    )
    if not is_new:
        raise CertificateExists(
            holder=site or group,
            scheme=scheme,
            number=number,
            valid_from=valid_from.isoformat(),
        )
    record_change(
        session,
        scope,
        "certificate.registered",
        public_id,
        holder=site or group,
        scheme=scheme,
        valid_until=valid_until.isoformat(),
        source=source,
    )
    return certificate(session, scope, public_id)


def change_certificate(
    session: Session,
    scope: Scope,
    public_id: str,
    *,
    seen_version: int | None,
    changes: CertificateChanges,
) -> CertificateRecord:
    """Note what the certifying body says now, unless somebody did in the meantime."""
    scope.require(Permission.CHANGE_REGISTER)
    row = _lock(session, scope, public_id, seen_version)
    status = changes.get("status", CertificateStatus(row.status))
    since = changes.get("status_since", row.status_since)
    if (status is CertificateStatus.ACTIVE) != (since is None):
        raise StatusNeedsDay
    refuse_disorder(
        valid_from=row.valid_from,
        valid_until=changes.get("valid_until", row.valid_until),
    )
    if any(getattr(row, name) != value for name, value in changes.items()):
        session.execute(
            update(Certificate)
            .where(Certificate.id == row.id)
            .values(**changes, version=row.version + 1)
        )
        record_change(
            session,
            scope,
            "certificate.changed",
            public_id,
            fields=sorted(changes),
            status=status,
        )
    return certificate(session, scope, public_id)


def _lock(
    session: Session, scope: Scope, public_id: str, seen_version: int | None
) -> Row[*tuple[Any, ...]]:
    row = session.execute(
        select(*Certificate.__table__.columns)
        .where(
            Certificate.owner_id == scope.organisation_id,
            Certificate.public_id == public_id,
        )
        .with_for_update()
    ).one_or_none()
    if row is None:
        raise CertificateNotFound(certificate=public_id)
    refuse_stale(public_id, seen=seen_version, version=row.version)
    return row
