"""The risk of many sites at once: what the record and the visits tell, put together."""

import uuid
from collections.abc import Collection, Mapping
from datetime import date

from sqlalchemy.orm import Session

from audits.risk_evidence.gathering import NO_EVIDENCE, Evidence, evidence
from compliance import clock
from compliance.identifiers import SiteId
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.policies.queries import in_force
from compliance.public_lists.queries import goods_listed
from compliance.risk.actions import Assessed
from compliance.risk.facts import SiteFacts, standing_of
from compliance.risk.formula import assess
from compliance.risk.gathering import Recorded, is_harvest, last_harvest, recorded
from compliance.risk.inherent import Goods, children_of, goods_of, said_too
from compliance.risk.policy import RISK
from rules.vocabulary import Commodity

Good = tuple[str, Commodity]


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
    goods = goods_known(session, scope, {_good(one) for one in records}, day)
    return tuple(
        Assessed(
            SiteId(one.site_id),
            one.public_id,
            assess(
                facts_of(
                    one, seen.get(one.site_id, NO_EVIDENCE), goods[_good(one)], day
                ),
                policy,
            ),
        )
        for one in records
    )


def goods_known(
    session: Session, scope: Scope, goods: Collection[Good], on: date
) -> Mapping[Good, Goods | None]:
    """Return what the lists say of each good: ours, and those the caller goes by."""
    return {
        (country, commodity): said_too(
            goods_of(country, commodity, on),
            (
                Goods(
                    edition=one.edition_on.year,
                    child_labour=one.child_labour or one.forced_child_labour,
                    forced_labour=one.forced_labour or one.forced_child_labour,
                )
                for one in goods_listed(
                    session, scope, country=country, commodity=commodity, on=on
                )
            ),
        )
        for country, commodity in sorted(goods)
    }


def _good(site: Recorded) -> Good:
    return site.country, site.commodity


def facts_of(
    site: Recorded, seen: Evidence, goods: Goods | None, on: date
) -> SiteFacts:
    """Return all that is known of a site on a day."""
    standing = standing_of(seen.said, site.told)
    return SiteFacts(
        on=on,
        country=site.country,
        commodity=site.commodity.value,
        goods=goods,
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
