"""Certificates of sites and of producer groups over HTTP."""

from typing import Annotated, Any

from fastapi import Query, Request
from pydantic import Field
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.lists import After, Rows, page_response
from api.registry.common import (
    CHANGE_PROBLEMS,
    LEFT_OUT,
    WRITE_PROBLEMS,
    CameIn,
    GroupNamed,
    Number,
    SiteNamed,
    change,
    given,
    tagged,
)
from api.routing import feature_router
from api.wire import ONE_PROBLEMS, PROBLEMS, Day, Name, Wire
from compliance import clock, limits
from compliance.idempotency import Answer
from compliance.identity.scope import Scope
from compliance.registry.certificates import actions, queries
from compliance.registry.certificates.actions import CertificateChanges
from compliance.registry.certificates.queries import CertificateRecord
from compliance.registry.certificates.standing import Standing
from compliance.registry.models import CertificateScheme, CertificateStatus, Source

certificates = feature_router("/v1/certificates", "certificates")


class NewCertificate(CameIn):
    """A certificate of a site or of a producer group, one of the two."""

    site: str | None = None
    group: str | None = None
    scheme: CertificateScheme
    number: Number
    certifying_body: Name | None = None
    valid_from: Day
    valid_until: Day


class ChangedCertificate(Wire):
    """What the certifying body says now; a renewal is another certificate."""

    certifying_body: Name | None = LEFT_OUT
    valid_until: Day = LEFT_OUT
    status: CertificateStatus = LEFT_OUT
    status_since: Day | None = LEFT_OUT

    def changes(self) -> CertificateChanges:
        """Return the fields that were given."""
        changes: CertificateChanges = {}
        changes.update(given(self))  # type: ignore[typeddict-item]  # the same names
        return changes


class CertificateWire(Wire):
    id: str
    site: str | None
    group: str | None
    holder_name: str
    scheme: CertificateScheme
    number: str
    certifying_body: str | None
    valid_from: Day
    valid_until: Day
    status: CertificateStatus
    status_since: Day | None
    standing: Annotated[Standing, Field(description="What it is worth today.")]
    source: Source
    source_reference: str | None


class CertificatePage(Wire):
    items: list[CertificateWire]
    next: str | None


def certificate_document(certificate: CertificateRecord) -> dict[str, Any]:
    """Return a certificate as the API tells it."""
    return {
        "id": certificate.public_id,
        "site": certificate.site_public_id,
        "group": certificate.group_public_id,
        "holder_name": certificate.holder_name,
        "scheme": certificate.scheme,
        "number": certificate.number,
        "certifying_body": certificate.certifying_body,
        "valid_from": certificate.valid_from,
        "valid_until": certificate.valid_until,
        "status": certificate.status,
        "status_since": certificate.status_since,
        "standing": certificate.standing(clock.today()),
        "source": certificate.source,
        "source_reference": certificate.source_reference,
    }


@certificates.get("", responses={200: {"model": CertificatePage}, **PROBLEMS})
async def list_certificates(
    request: Request,
    after: After = None,
    rows: Rows = limits.PAGE_ROWS_DEFAULT,
    site: SiteNamed = None,
    group: GroupNamed = None,
    scheme: CertificateScheme | None = None,
    number: Annotated[str | None, Query(max_length=100)] = None,
    status: CertificateStatus | None = None,
    valid_on: Annotated[Day | None, Query(description="In force on this day.")] = None,
    expires_by: Annotated[
        Day | None, Query(description="Whose last day is this one at the latest.")
    ] = None,
) -> Response:
    """List certificates in the order of registration."""
    page = await hop.read(
        request,
        lambda session, scope: queries.certificates(
            session,
            scope,
            rows=rows,
            after=after,
            site=site,
            group=group,
            scheme=scheme,
            number=number,
            status=status,
            valid_on=valid_on,
            expires_by=expires_by,
        ),
    )
    documents = [certificate_document(one) for one in page.rows]
    return page_response(request, documents, page.next_after)


@certificates.post(
    "",
    status_code=201,
    responses={201: {"model": CertificateWire}, **WRITE_PROBLEMS},
)
async def register_certificate(request: Request, body: NewCertificate) -> Response:
    """Note a certificate; a renewal is noted as another one."""

    def work(session: Session, scope: Scope) -> Answer:
        record = actions.register_certificate(session, scope, **body.model_dump())
        return tagged(
            201,
            certificate_document(record),
            location=f"/v1/certificates/{record.public_id}",
        )

    return await hop.write(request, work)


@certificates.get(
    "/{certificate}", responses={200: {"model": CertificateWire}, **ONE_PROBLEMS}
)
async def read_certificate(request: Request, certificate: str) -> Response:
    """Read one certificate."""
    record = await hop.read(
        request,
        lambda session, scope: queries.certificate(session, scope, certificate),
    )
    return hop.respond(tagged(200, certificate_document(record)))


@certificates.patch(
    "/{certificate}", responses={200: {"model": CertificateWire}, **CHANGE_PROBLEMS}
)
async def change_certificate(
    request: Request, certificate: str, body: ChangedCertificate
) -> Response:
    """Note what the certifying body says of a certificate now."""
    return await change(
        request,
        lambda session, scope: queries.certificate(session, scope, certificate),
        certificate_document,
        lambda session, scope, seen: actions.change_certificate(
            session,
            scope,
            certificate,
            seen_version=seen.version,
            changes=body.changes(),
        ),
    )
