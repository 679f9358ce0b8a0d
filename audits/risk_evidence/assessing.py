"""The risk of many sites at once: what the record and the visits tell, put together."""

import uuid
from collections.abc import Collection
from datetime import date

from sqlalchemy.orm import Session

from audits.risk_evidence.gathering import NO_EVIDENCE, Evidence, evidence
from compliance import clock
from compliance.identifiers import SiteId
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.policies.queries import in_force
from compliance.risk.actions import Assessed
from compliance.risk.facts import SiteFacts, standing_of
from compliance.risk.formula import assess
from compliance.risk.gathering import Recorded, is_harvest, last_harvest, recorded
from compliance.risk.inherent import children_of, goods_of
from compliance.risk.policy import RISK


def assess_now(
    session: Session,
    scope: Scope,
    sites: Collection[uuid.UUID],
    *,
    on: date | None = None,
) -> tuple[Assessed, ...]:
    """Return the risk of the caller's own sites as of now, and keep nothing of it.

    `sites` are the ids of records that are kept; others are left out. However many there
    are, it takes the same statements.
    """
    scope.require(Permission.READ_FINDINGS)
    day = on or clock.today()
    policy = in_force(session, scope, RISK, day)
    records = recorded(session, scope, sites, day)
    seen = evidence(session, scope, records, day)
    return tuple(
        Assessed(
            SiteId(one.site_id),
            one.public_id,
            assess(facts_of(one, seen.get(one.site_id, NO_EVIDENCE), day), policy),
        )
        for one in records
    )


def facts_of(site: Recorded, seen: Evidence, on: date) -> SiteFacts:
    """Return all that is known of a site on a day."""
    standing = standing_of(seen.said, site.told)
    return SiteFacts(
        on=on,
        country=site.country,
        commodity=site.commodity.value,
        goods=goods_of(site.country, site.commodity, on),
        children=children_of(site.country, on),
        workforce=None if site.present is None else site.present.of_kinds,
        brokers=site.brokers,
        is_harvest=is_harvest(site.months, on),
        harvest=last_harvest(site.months, on),
        rules=standing.rules,
        management=standing.management,
        topics_determined=standing.topics_determined,
        flaws=site.flaws,
        promises=site.promises,
        visits=seen.visits,
        supply=site.supply,
    )
