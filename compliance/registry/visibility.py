"""Which sites a caller sees, and as what: its own, those it operates, those shared.

The policy says which relations an action reaches; here each relation is a clause over
`Site`. A query joins its site, takes `visible(...)`, and is bound to `sight_of(scope)`.
Nothing is remembered between two requests, so a consent that is taken back is gone.
"""

import uuid
from collections.abc import Iterable, Mapping

from sqlalchemy import (
    BindParameter,
    Case,
    ColumnElement,
    bindparam,
    case,
    false,
    or_,
    select,
)
from sqlalchemy.orm import aliased

from compliance import clock
from compliance.database import Instant
from compliance.identity.policy import Action, Relation, Resource, reach
from compliance.identity.scope import Scope
from compliance.registry.models import Site
from compliance.registry.models.consents import Consent, Subject

Shared = aliased(Consent)
CALLER: BindParameter[uuid.UUID] = bindparam("organisation_id")
NOW = bindparam("now", type_=Instant())


def _is_shared(subject: Subject) -> ColumnElement[bool]:
    """Tell whether a consent in force, given by the owner or operator, shows it."""
    return (
        select(Shared.id)
        .where(
            Shared.site_id == Site.id,
            Shared.grantee_id == CALLER,
            Shared.subject == subject,
            Shared.valid_from <= NOW,
            Shared.valid_until > NOW,
            Shared.revoked_at.is_(None),
            or_(Shared.giver_id == Site.owner_id, Shared.giver_id == Site.operator_id),
        )
        .correlate(Site)
        .exists()
    )


CLAUSES: Mapping[Relation, ColumnElement[bool]] = {
    Relation.OWN: Site.owner_id == CALLER,
    Relation.OPERATES: Site.operator_id == CALLER,
    Relation.SHARED_SCORECARD: _is_shared(Subject.SCORECARD),
    Relation.SHARED_RISK: _is_shared(Subject.RISK),
}


def visible(
    resource: Resource, action: Action, only: Iterable[Relation] = tuple(CLAUSES)
) -> ColumnElement[bool]:
    """Return the clause over `Site` of what the policy lets the caller reach.

    `only` narrows it to some relations, and never widens it.
    """
    wanted = set(only) & reach(resource, action)
    return or_(false(), *(CLAUSES[one] for one in CLAUSES if one in wanted))


def relation(resource: Resource, action: Action) -> Case[str]:
    """Return how the caller reaches what belongs to `Site`, the nearest way first."""
    reached = reach(resource, action)
    return case(
        *((clause, one.value) for one, clause in CLAUSES.items() if one in reached),
        else_=Relation.OTHER.value,
    )


def sight_of(scope: Scope) -> dict[str, object]:
    """Return what the clauses are bound to: who asks, and when."""
    return {"organisation_id": scope.organisation_id, "now": clock.now()}
