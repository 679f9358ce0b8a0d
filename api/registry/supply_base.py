"""The supply base of a mill over HTTP: everybody upstream, and how far it was assessed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Any

from fastapi import Query, Request
from pydantic import Field
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.lists import csv_bytes
from api.registry.brokers import EngagementWire, engagement_document
from api.registry.certificates import CertificateWire, certificate_document
from api.registry.groups import MemberWire, member_document
from api.routing import feature_router
from api.wire import ONE_PROBLEMS, Day, Season, Wire
from audits.assessments.coverage import Assessed, Coverage, coverage
from compliance.identifiers import SiteId
from compliance.identity.scope import Scope
from compliance.registry.brokers.queries import EngagementRecord, engagements_at_sites
from compliance.registry.certificates.queries import (
    CertificateRecord,
    certificates_of_sites,
)
from compliance.registry.groups.queries import MemberRecord, memberships_of_sites
from compliance.registry.harvest.queries import Place, calendar_of
from compliance.registry.links.queries import GiverKind
from compliance.registry.models import Source
from compliance.registry.queries import site
from compliance.registry.shares import WHOLE
from compliance.registry.supply_base import Supplier, SupplyBase, supply_base
from rules.vocabulary import SiteKind

mills = feature_router("/v1/mills", "supply-base")


class AssessedWire(Wire):
    """When a supplier was last assessed; null is never, and no good sign."""

    last_on: Day | None
    in_season: bool
    within_12_months: bool


class SupplierWire(Wire):
    """One way in. Tier 1 delivers to the mill itself, tier 2 to one of tier 1."""

    tier: int
    id: str
    name: str
    kind: GiverKind
    municipality: str | None
    delivers_to: str
    share_of_taker: float | None
    share_of_mill: float | None
    link: Annotated[str, Field(description="Id of the link, or of the membership.")]
    source: Source
    source_reference: str | None
    assessed: Annotated[
        AssessedWire | None, Field(description="Null of a group: nobody visits it.")
    ]
    certificates: list[CertificateWire]
    groups: list[MemberWire]
    brokers: list[EngagementWire]


class CoverageWire(Wire):
    """How much of the base is known and assessed; shares are of the mill's volume."""

    suppliers: Annotated[int, Field(description="Producers and mills upstream.")]
    assessed_in_season: int
    assessed_within_12_months: int
    never_assessed: int
    share_of_suppliers_assessed_in_season: float | None
    share_of_suppliers_assessed_within_12_months: float | None
    oldest_visit_on: Annotated[
        Day | None, Field(description="The last visit that lies furthest back.")
    ]
    oldest_visit_days: int | None
    known_share: float
    unknown_share: float
    share_traced_to_producers: float
    share_assessed_in_season: float
    share_assessed_within_12_months: float


class SupplyBaseWire(Wire):
    mill: str
    mill_name: str
    season: str
    on: Day
    is_cut: Annotated[
        bool, Field(description="A way was left out: it closed a circle, or was long.")
    ]
    coverage: CoverageWire
    suppliers: list[SupplierWire]


@dataclass(frozen=True)
class Seen:
    """A supply base with all that is told beside it, read in one transaction."""

    base: SupplyBase
    covered: Coverage
    certificates: Mapping[SiteId, tuple[CertificateRecord, ...]]
    groups: Mapping[SiteId, tuple[MemberRecord, ...]]
    brokers: Mapping[SiteId, tuple[EngagementRecord, ...]]


@mills.get(
    "/{mill}/supply-base",
    responses={
        200: {"model": SupplyBaseWire, "content": {"text/csv": {}}},
        **ONE_PROBLEMS,
    },
)
async def read_supply_base(
    request: Request,
    mill: str,
    season: Season,
    on: Annotated[
        Day | None, Query(description="Visits up to this day; today without it.")
    ] = None,
) -> Response:
    """Tell who supplies a mill, tier by tier, and how far they were assessed."""

    def read(session: Session, scope: Scope) -> Seen:
        found = site(session, scope, mill, kind=SiteKind.MILL)
        place = Place(found.country, found.admin1 or "", found.municipality or "")
        calendar = calendar_of(session, scope, place, found.commodity)
        base = supply_base(session, scope, found, season=season)
        months = None if calendar is None else calendar.months
        return Seen(
            base=base,
            covered=coverage(session, scope, base, months=months, on=on),
            certificates=certificates_of_sites(session, scope, base.sites),
            groups=memberships_of_sites(session, scope, base.sites, season),
            brokers=engagements_at_sites(session, scope, base.sites, season),
        )

    seen = await hop.read(request, read)
    suppliers = [supplier_document(seen, one) for one in seen.base.suppliers]
    if "text/csv" in request.headers.get("accept", ""):
        return Response(csv_bytes(_flat(suppliers)), media_type="text/csv")
    document = {
        "mill": seen.base.site.public_id,
        "mill_name": seen.base.site.name,
        "season": season,
        "on": seen.covered.on,
        "is_cut": seen.base.is_cut,
        "coverage": coverage_document(seen.covered),
        "suppliers": suppliers,
    }
    return hop.respond(hop.json_answer(200, document))


def coverage_document(covered: Coverage) -> dict[str, Any]:
    """Return the coverage of a supply base as the API tells it."""
    oldest = covered.oldest_on
    return {
        "suppliers": covered.suppliers,
        "assessed_in_season": covered.assessed_in_season,
        "assessed_within_12_months": covered.assessed_recently,
        "never_assessed": covered.never_assessed,
        "share_of_suppliers_assessed_in_season": _part(
            covered.assessed_in_season, covered.suppliers
        ),
        "share_of_suppliers_assessed_within_12_months": _part(
            covered.assessed_recently, covered.suppliers
        ),
        "oldest_visit_on": oldest,
        "oldest_visit_days": None if oldest is None else (covered.on - oldest).days,
        "known_share": _told(covered.known_share),
        "unknown_share": _told(covered.unknown_share),
        "share_traced_to_producers": _told(covered.traced_share),
        "share_assessed_in_season": _told(covered.share_assessed_in_season),
        "share_assessed_within_12_months": _told(covered.share_assessed_recently),
    }


def supplier_document(seen: Seen, supplier: Supplier) -> dict[str, Any]:
    """Return one supplier as the API tells it."""
    way, key = supplier.way, SiteId(supplier.way.giver)
    assessed = seen.covered.of(supplier)
    return {
        "tier": supplier.tier,
        "id": way.public_id,
        "name": way.name,
        "kind": way.kind,
        "municipality": way.municipality,
        "delivers_to": supplier.to,
        "share_of_taker": _told(supplier.share_of_taker),
        "share_of_mill": _told(supplier.share_of_base),
        "link": way.link,
        "source": way.source,
        "source_reference": way.source_reference,
        "assessed": None if assessed is None else assessed_document(assessed),
        "certificates": [
            certificate_document(one) for one in seen.certificates.get(key, ())
        ],
        "groups": [member_document(one) for one in seen.groups.get(key, ())],
        "brokers": [engagement_document(one) for one in seen.brokers.get(key, ())],
    }


def assessed_document(assessed: Assessed) -> dict[str, Any]:
    """Return when a supplier was assessed as the API tells it."""
    return {
        "last_on": assessed.last_on,
        "in_season": assessed.in_season,
        "within_12_months": assessed.recently,
    }


def _flat(suppliers: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return suppliers as rows of a table: no cell holds a list of things."""
    rows = []
    for supplier in suppliers:
        assessed = supplier["assessed"] or {}
        row = dict(supplier)
        row["assessed"] = assessed.get("last_on")
        row["assessed_in_season"] = assessed.get("in_season")
        row["assessed_within_12_months"] = assessed.get("within_12_months")
        row["certificates"] = _joined(supplier["certificates"], "scheme", "standing")
        row["groups"] = _joined(supplier["groups"], "group_name")
        row["brokers"] = _joined(supplier["brokers"], "broker_name")
        rows.append(row)
    return rows


def _joined(things: Sequence[Mapping[str, Any]], *names: str) -> str:
    return "; ".join(" ".join(str(one[name]) for name in names) for one in things)


def _part(some: int, of: int) -> float | None:
    return _told(Fraction(some, of)) if of else None


def _told(share: Fraction | None) -> float | None:
    """Return a share to a basis point, rounded down: what is not shown is not known."""
    if share is None:
        return None
    return int(share * WHOLE) / WHOLE
