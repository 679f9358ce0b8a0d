"""The jobs that assess risk: what is marked at once, and everything once a day.

Both go a portion of sites at a time and ask for the next themselves, so that on SQLite,
where one transaction writes at a time, nobody waits long for them.
"""

import uuid
from collections.abc import Collection
from datetime import UTC, datetime, time, timedelta

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from audits.risk_evidence.assessing import assess_now
from compliance import clock, site_marks
from compliance.identifiers import OrganisationId
from compliance.identity.scope import Scope, scope_of_system
from compliance.jobs import JSON, Doing, NotYet, Regular, Work
from compliance.registry.models import Site
from compliance.risk.actions import (
    is_alone,
    marks,
    stale_sites,
    store_assessments,
    take_away,
)
from compliance.risk.models import SiteRisk
from compliance.site_marks import ASSESS, REFRESH, SiteRiskDue

LOOK = "risk.look"
EVERY = timedelta(minutes=10)
PORTION = 100
TURN = timedelta(milliseconds=200)
# Longer than any transaction: what is marked since then has lost its job.
LOST = timedelta(minutes=5)
WHOSE_STALE = (
    select(Site.owner_id)
    .outerjoin(SiteRisk, SiteRisk.site_id == Site.id)
    .where(
        Site.kept_id == Site.id,
        or_(SiteRisk.assessed_at.is_(None), SiteRisk.assessed_at < bindparam("since")),
    )
    .distinct()
    .order_by(Site.owner_id)
)
WHOSE_LOST = (
    select(SiteRiskDue.owner_id)
    .where(SiteRiskDue.marked_at < bindparam("before"))
    .distinct()
    .order_by(SiteRiskDue.owner_id)
)


def handlers() -> dict[str, Doing]:
    return {ASSESS: assess_marked, REFRESH: refresh, LOOK: look}


def regular_work() -> tuple[Regular, ...]:
    """Return what is to be done every so often: see whose risks are of yesterday."""
    return (Regular(LOOK, kind=LOOK, every=EVERY),)


def assess_marked(session: Session, work: Work) -> dict[str, JSON]:
    """Assess what is marked of one organisation, and go on if there is more."""
    scope = _turn(session, work)
    seen = marks(session, scope, PORTION)
    if not seen.ids:
        return {"sites": 0}
    changed = _keep(session, scope, seen.sites, seen.merged)
    take_away(session, seen)
    if len(seen.ids) == PORTION:
        site_marks.ask(session, scope.organisation_id)
    return {"sites": len(seen.sites), "changed": changed}


def refresh(session: Session, work: Work) -> dict[str, JSON]:
    """Assess anew what nobody changed today: it grew older, and seasons passed."""
    scope = _turn(session, work)
    stale = stale_sites(session, scope, _midnight(), PORTION)
    changed = _keep(session, scope, stale)
    if len(stale) == PORTION:
        site_marks.ask_for_all(session, scope.organisation_id)
    return {"sites": len(stale), "changed": changed}


def look(session: Session, _work: Work) -> dict[str, JSON]:
    """Have the risks assessed that are of yesterday, and marks whose job was lost."""
    lost = session.scalars(WHOSE_LOST, {"before": clock.now() - LOST}).all()
    for owner_id in lost:
        site_marks.ask(session, OrganisationId(owner_id))
    stale = session.scalars(WHOSE_STALE, {"since": _midnight()}).all()
    for owner_id in stale:
        site_marks.ask_for_all(session, OrganisationId(owner_id))
    return {"marked": len(lost), "organisations": len(stale)}


def assess_everything(session: Session, organisation_id: OrganisationId) -> int:
    """Assess whatever is stale or marked of an organisation, now; return how many."""
    scope, done = scope_of_system(session, organisation_id), 0
    while stale := stale_sites(session, scope, _midnight(), PORTION):
        _keep(session, scope, stale)
        done += len(stale)
    while (seen := marks(session, scope, PORTION)).ids:
        _keep(session, scope, seen.sites, seen.merged)
        take_away(session, seen)
        done += len(seen.sites)
    return done


def _turn(session: Session, work: Work) -> Scope:
    """Return the scope of the organisation whose turn it is, or wait for it."""
    if work.organisation_id is None:
        raise LookupError("A site is some organisation's.")
    scope = scope_of_system(session, work.organisation_id)
    if not is_alone(session, scope):
        raise NotYet(TURN)
    return scope


def _keep(
    session: Session,
    scope: Scope,
    sites: Collection[uuid.UUID],
    merged: Collection[uuid.UUID] = (),
) -> int:
    # What is marked from here on is marked anew: what was seen is taken away.
    site_marks.forget(session)
    assessed = assess_now(session, scope, sites) if sites else ()
    return store_assessments(session, scope, assessed, merged=merged)


def _midnight() -> datetime:
    return datetime.combine(clock.today(), time(), UTC)
