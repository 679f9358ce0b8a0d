"""What sites are called, for pages that know them by their ids alone."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from compliance.identity.policy import Action, Resource
from compliance.identity.scope import Scope
from compliance.registry.models import Site
from compliance.registry.visibility import sight_of, visible

Recorded = aliased(Site)


def names_of_sites(
    session: Session, scope: Scope, ids: Iterable[str]
) -> dict[str, str]:
    """Return names by ids; of a site that the reader may not see there is none.

    The id of a merged record has the name of the one that is kept.
    """
    wanted = set(ids)
    if not wanted:
        return {}
    found = session.execute(
        select(Recorded.public_id, Site.name)
        .join(Site, Site.id == Recorded.kept_id)
        .where(Recorded.public_id.in_(wanted), visible(Resource.SITE, Action.READ)),
        sight_of(scope),
    )
    return {row.public_id: row.name for row in found}
