"""Writing what became of a finding: its row, the step that changed it, and the trail."""

import uuid
from typing import Any

from sqlalchemy import Row, bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from compliance import clock, site_marks, trail
from compliance.findings.lifecycle import State, Step
from compliance.findings.models import Finding, FindingStep
from compliance.findings.queries import FindingNotFound
from compliance.identifiers import OrganisationId, new_id
from compliance.identity.policy import Action, Resource
from compliance.identity.scope import Scope
from compliance.registry.models import Site
from compliance.registry.visibility import relation, sight_of, visible

LAST_ORDINAL = select(func.coalesce(func.max(FindingStep.ordinal), 0)).where(
    FindingStep.finding_id == bindparam("finding_id")
)


def locked(session: Session, scope: Scope, public_id: str) -> Row[*tuple[Any, ...]]:
    """Return a finding that the caller can read, and let nobody else change it."""
    row = session.execute(
        select(
            *Finding.__table__.columns,
            relation(Resource.FINDING, Action.READ).label("relation"),
        )
        .join(Site, Site.id == Finding.site_id)
        .where(visible(Resource.FINDING, Action.READ), Finding.public_id == public_id)
        .with_for_update(of=Finding),
        sight_of(scope),
    ).one_or_none()
    if row is None:
        raise FindingNotFound(finding=public_id)
    return row


def change(
    session: Session,
    scope: Scope,
    before: Row[*tuple[Any, ...]],
    taken: Step,
    changes: dict[str, object],
    **words: object,
) -> int:
    """Write the change, the step that made it, and its entry in the trail.

    Return the number of the step.
    """
    state = State(str(changes["state"]))
    session.execute(update(Finding).where(Finding.id == before.id).values(**changes))
    site_marks.mark(session, before.owner_id, before.site_id)
    last: int = session.execute(LAST_ORDINAL, {"finding_id": before.id}).scalar_one()
    note(session, scope, before.id, last + 1, taken, state, **words)
    record(
        session,
        scope,
        OrganisationId(before.owner_id),
        before.public_id,
        taken,
        state,
        **words,
    )
    return last + 1


def alter(
    session: Session, before: Row[*tuple[Any, ...]], changes: dict[str, object]
) -> None:
    """Write what follows from something that has a trail of its own."""
    session.execute(update(Finding).where(Finding.id == before.id).values(**changes))
    site_marks.mark(session, before.owner_id, before.site_id)


def note(
    session: Session,
    scope: Scope,
    finding_id: uuid.UUID,
    ordinal: int,
    taken: Step,
    state: State,
    **words: object,
) -> None:
    session.execute(
        insert(FindingStep).values(
            id=new_id(),
            finding_id=finding_id,
            ordinal=ordinal,
            step=taken,
            state=state,
            actor=scope.actor,
            taken_at=clock.now(),
            **words,
        )
    )


def record(
    session: Session,
    scope: Scope,
    owner_id: OrganisationId,
    public_id: str,
    taken: Step,
    state: State,
    **facts: object,
) -> None:
    """Write to the trail of whoever acts, and of whoever keeps the finding."""
    for organisation_id in sorted({scope.organisation_id, owner_id}):
        trail.record(
            session,
            organisation_id=organisation_id,
            actor=scope.actor,
            action=f"finding.{taken}",
            subject_id=public_id,
            state=state,
            **{name: str(fact) for name, fact in facts.items() if fact is not None},
        )
