"""What travels about sites: new ones, changes, lists, and one with its remarks."""

from collections.abc import Sequence
from typing import Annotated, Any, Final

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from api.registry.common import LEFT_OUT, CameIn, Number, PlaceName, RemarkWire
from api.wire import Country, Day, Latitude, Longitude, Name, Wire
from compliance import limits
from compliance.identity.policy import Relation
from compliance.registry.actions import SiteChanges
from compliance.registry.filters import SiteOrder
from compliance.registry.models import (
    CertificateScheme,
    ClosingReason,
    IdentifierScheme,
    SiteState,
    Source,
)
from compliance.registry.queries import SiteRecord
from rules.vocabulary import Commodity, SiteKind

HALF_A_POINT: Final = "Give latitude and longitude together, or neither."

Area = Annotated[int, Field(ge=0, le=2_000_000_000, strict=True)]
GroupId = Annotated[str, Field(description="Public id of a group.", max_length=40)]
OperatorId = Annotated[
    str,
    Field(description="Public id of the organisation that runs it.", max_length=40),
]


class IdentifierWire(Wire):
    """A number by which another register knows the site."""

    scheme: IdentifierScheme
    value: Number


class NewSite(CameIn):
    """A producer's farm or a mill to be registered."""

    name: Name
    country: Country
    commodity: Commodity
    admin1: PlaceName | None = None
    municipality: PlaceName | None = None
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    area_square_metres: Area | None = None
    group: GroupId | None = None
    operator: OperatorId | None = None
    identifiers: Annotated[list[IdentifierWire], Field(max_length=20)] = Field(
        default_factory=list
    )

    @model_validator(mode="after")
    def _point_is_whole(self) -> "NewSite":
        if (self.latitude is None) != (self.longitude is None):
            raise PydanticCustomError("half_a_point", HALF_A_POINT)
        return self


class ChangedSite(Wire):
    """What is to change of a site; what is left out stays, and null empties."""

    name: Name = LEFT_OUT
    country: Country = LEFT_OUT
    commodity: Commodity = LEFT_OUT
    admin1: PlaceName | None = LEFT_OUT
    municipality: PlaceName | None = LEFT_OUT
    latitude: Latitude | None = LEFT_OUT
    longitude: Longitude | None = LEFT_OUT
    area_square_metres: Area | None = LEFT_OUT
    group: GroupId | None = LEFT_OUT
    operator: OperatorId | None = LEFT_OUT

    @model_validator(mode="after")
    def _point_is_whole(self) -> "ChangedSite":
        given = {"latitude", "longitude"} & self.model_fields_set
        if len(given) == 1 or (self.latitude is None) != (self.longitude is None):
            raise PydanticCustomError("half_a_point", HALF_A_POINT)
        return self

    def changes(self) -> SiteChanges:
        """Return the fields that were given."""
        changes: SiteChanges = {}
        changes.update(self.model_dump(exclude_unset=True))  # type: ignore[typeddict-item]  # the same names
        return changes


class ClosedSite(Wire):
    """Why a site is closed, and since when: today unless a day is given."""

    reason: ClosingReason
    closed_on: Day | None = None


class SiteWire(Wire):
    """A producer's farm or a mill, as far as the caller may see it."""

    id: str
    kind: SiteKind
    name: str
    country: str
    admin1: str | None
    municipality: str | None
    commodity: Commodity
    latitude: float | None
    longitude: float | None
    area_square_metres: int | None
    group: str | None
    group_name: str | None
    identifiers: list[IdentifierWire]
    operator: str | None
    operator_name: str | None
    state: SiteState
    closed_on: Day | None
    closed_reason: ClosingReason | None
    source: Source
    source_reference: str | None
    merged: Annotated[
        list[str], Field(description="Ids of other records of it; they lead here.")
    ]
    relation: Annotated[
        Relation, Field(description="Own, operated, or shared: then coarse.")
    ]


class RemarkedSite(SiteWire):
    """A site that was just noted, with what somebody should look at again."""

    remarks: list[RemarkWire]


class SitePage(Wire):
    items: list[SiteWire]
    next: str | None


class SiteQuery(Wire):
    """How a list of sites is narrowed, ordered and paged."""

    after: Annotated[
        str | None,
        Field(description="The id after which the page begins; see the Link header."),
    ] = None
    rows: Annotated[
        int, Field(ge=1, le=limits.PAGE_ROWS, description="Rows on a page.")
    ] = limits.PAGE_ROWS_DEFAULT
    sort: Annotated[
        SiteOrder, Field(description="The order; a minus turns it round.")
    ] = SiteOrder.REGISTERED
    name: Annotated[
        str | None,
        Field(description="Part of the name, without accents.", max_length=200),
    ] = None
    commodity: Commodity | None = None
    country: Country | None = None
    admin1: str | None = None
    municipality: str | None = None
    state: SiteState | None = None
    group: GroupId | None = None
    operator: OperatorId | None = None
    scheme: IdentifierScheme | None = None
    value: Annotated[
        str | None, Field(description="A number of another register.", max_length=100)
    ] = None
    certificate: Annotated[
        CertificateScheme | None,
        Field(description="Held by the site, or by a group it belongs to."),
    ] = None
    certified_on: Annotated[
        Day | None, Field(description="A certificate is in force on this day.")
    ] = None

    def wanted(self) -> dict[str, Any]:
        """Return the filters that were given."""
        paging = {"after", "rows", "sort"}
        return self.model_dump(exclude=paging, exclude_none=True)


def site_document(site: SiteRecord) -> dict[str, Any]:
    """Return a site as the API tells it."""
    return {
        "id": site.public_id,
        "kind": site.kind,
        "name": site.name,
        "country": site.country,
        "admin1": site.admin1,
        "municipality": site.municipality,
        "commodity": site.commodity,
        "latitude": site.latitude,
        "longitude": site.longitude,
        "area_square_metres": site.area_square_metres,
        "group": site.group_public_id,
        "group_name": site.group_name,
        "identifiers": [
            {"scheme": one.scheme, "value": one.value} for one in site.identifiers
        ],
        "operator": site.operator_public_id,
        "operator_name": site.operator_name,
        "state": site.state,
        "closed_on": site.closed_on,
        "closed_reason": site.closed_reason,
        "source": site.source,
        "source_reference": site.source_reference,
        "merged": site.merged,
        "relation": site.relation,
    }


def site_documents(sites: Sequence[SiteRecord]) -> list[dict[str, Any]]:
    """Return sites as lists tell them."""
    return [site_document(site) for site in sites]
