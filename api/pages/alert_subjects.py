"""What alerts are about, by name: the rule of a finding, what is done, and the site.

A mail holds references alone; on a page somebody has signed in, and is told what else
they may see of it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from api.pages.site_names import names_of_sites
from compliance.alerts.telling import AlertFacts
from compliance.corrective_actions.codes import ActionCode
from compliance.corrective_actions.models import CorrectiveAction
from compliance.findings.queries import rules_of_findings
from compliance.identity.permissions import Permission
from compliance.identity.policy import Action, Resource
from compliance.identity.scope import Scope
from compliance.registry.models import Site
from compliance.registry.visibility import sight_of, visible

Recorded = aliased(Site)


@dataclass(frozen=True)
class Subjects:
    """Names by the references of alerts; what the reader may not see is not in them."""

    rules: Mapping[str, str]
    actions: Mapping[str, ActionCode]
    sites: Mapping[str, str]


def subjects_of(session: Session, scope: Scope, told: Iterable[AlertFacts]) -> Subjects:
    """Return what may be told by name of what these alerts are about."""
    every = tuple(told)
    refs = {one.subject for one in every}
    sites = {one.site for one in every if one.site is not None}
    sees_findings = scope.may(Permission.READ_FINDINGS)
    return Subjects(
        rules=rules_of_findings(session, scope, refs) if sees_findings else {},
        actions=_actions(session, scope, refs) if sees_findings else {},
        sites=names_of_sites(session, scope, sites),
    )


def _actions(
    session: Session, scope: Scope, refs: Iterable[str]
) -> dict[str, ActionCode]:
    found = session.execute(
        select(CorrectiveAction.public_id, CorrectiveAction.action)
        .join(Recorded, Recorded.id == CorrectiveAction.site_id)
        .join(Site, Site.id == Recorded.kept_id)
        .where(
            CorrectiveAction.public_id.in_(refs),
            visible(Resource.CORRECTIVE_ACTION, Action.READ),
        ),
        sight_of(scope),
    )
    return {row.public_id: ActionCode(row.action) for row in found}
