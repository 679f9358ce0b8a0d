"""The tables of the register, by what they tell of: sites, supply, land, people, time."""

from compliance.registry.models.calendars import HarvestCalendar
from compliance.registry.models.certificates import (
    Certificate,
    CertificateScheme,
    CertificateStatus,
)
from compliance.registry.models.labour import (
    Broker,
    BrokerKind,
    Engagement,
    WorkforceProfile,
)
from compliance.registry.models.land import Plot, PlotKind
from compliance.registry.models.sites import (
    ClosingReason,
    IdentifierScheme,
    MergeReason,
    Site,
    SiteIdentifier,
    SiteMerge,
    SiteState,
)
from compliance.registry.models.sources import Source
from compliance.registry.models.supply import GroupMembership, SupplyLink

__all__ = [
    "Broker",
    "BrokerKind",
    "Certificate",
    "CertificateScheme",
    "CertificateStatus",
    "ClosingReason",
    "Engagement",
    "GroupMembership",
    "HarvestCalendar",
    "IdentifierScheme",
    "MergeReason",
    "Plot",
    "PlotKind",
    "Site",
    "SiteIdentifier",
    "SiteMerge",
    "SiteState",
    "Source",
    "SupplyLink",
    "WorkforceProfile",
]
