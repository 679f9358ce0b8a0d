"""Who can go along on a visit: the people, what they are qualified for, and what lacks."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from audits.competence.models import QualificationKind
from audits.competence.policy import COMPETENCE
from audits.competence.queries import held_on
from audits.visits.actions import BEFORE_REVIEW, NewMember, set_team
from audits.visits.models import AuditKind, TeamRole
from audits.visits.queries import audit, team_of
from compliance import clock
from compliance.identity.auditors import auditors
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.policies.queries import in_force

HOLDS_NOTHING: frozenset[QualificationKind] = frozenset()


@dataclass(frozen=True)
class Candidate:
    """Somebody who can be sent out: what they hold today, and what they do not."""

    public_id: str
    name: str
    held: tuple[QualificationKind, ...]
    lacking: tuple[QualificationKind, ...]


def candidates_for(
    session: Session, scope: Scope, kind: AuditKind
) -> tuple[Candidate, ...]:
    """Return the people who visit sites, each with what the policy asks of a team."""
    if not scope.may(Permission.MANAGE_FIELDWORK):
        return ()
    people = auditors(session, scope)
    today = clock.today()
    holding = held_on(session, scope, [one.id for one in people], today)
    policy = in_force(session, scope, COMPETENCE, today)
    asked = dict.fromkeys(
        need.qualification for need in policy.needs if kind in need.audits
    )
    found = []
    for one in people:
        held = holding.get(one.id, HOLDS_NOTHING)
        found.append(
            Candidate(
                one.public_id,
                one.name,
                tuple(kind for kind in QualificationKind if kind in held),
                tuple(kind for kind in asked if kind not in held),
            )
        )
    return tuple(found)


def lead_alone(
    session: Session, scope: Scope, audits: Iterable[str], person: str
) -> None:
    """Say of some audits that a person leads them, where that can still be said.

    Where somebody was named before, or the review has begun, the team stays as it is.
    """
    members = [NewMember(role=TeamRole.LEAD, person=person)]
    for public_id in audits:
        found = audit(session, scope, public_id)
        if found.status in BEFORE_REVIEW and not team_of(session, scope, found):
            set_team(session, scope, public_id, members=members)
