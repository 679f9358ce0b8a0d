"""What can be done about workforce profiles: state one; a correction is another."""

from sqlalchemy import insert
from sqlalchemy.orm import Session

from compliance import clock, site_marks
from compliance.identifiers import new_id, new_public_id
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.registry.actions import lock_site, named_site, record_change
from compliance.registry.models import Source, WorkforceProfile
from compliance.registry.workforce.counts import Category, Workforce, whole
from compliance.registry.workforce.queries import (
    ProfileRecord,
    last_revision,
    profile,
)


def state_workforce(
    session: Session,
    scope: Scope,
    *,
    site: str,
    season: str,
    workforce: Workforce,
    source: Source = Source.MANUAL,
    source_reference: str | None = None,
) -> ProfileRecord:
    """State how many people work at a site in a season; what was stated before stays."""
    scope.require(Permission.CHANGE_REGISTER)
    stated = whole(workforce)
    holder = named_site(session, scope, site)
    lock_site(session, scope, holder.public_id, None)
    public_id = new_public_id("workforce")
    revision = last_revision(session, holder.id, season) + 1
    counts: dict[str, int | None] = {}
    for one in Category:
        counted = stated.of(one)
        counts[one.value] = counted.total
        counts[f"{one.value}_women"] = counted.women
        counts[f"{one.value}_men"] = counted.men
    session.execute(
        insert(WorkforceProfile).values(
            id=new_id(),
            public_id=public_id,
            owner_id=scope.organisation_id,
            site_id=holder.id,
            season=season,
            revision=revision,
            **counts,
            source=source,
            source_reference=source_reference,
            stated_by=scope.actor,
            stated_at=clock.now(),
        )
    )
    site_marks.mark(session, scope.organisation_id, holder.id)
    record_change(
        session,
        scope,
        "workforce.stated",
        public_id,
        site=holder.public_id,
        season=season,
        revision=revision,
        source=source,
    )
    return profile(session, scope, public_id)
