"""Clocks that run by themselves: every minute, whoever looks first, what has come fires.

The look across organisations only finds whose clocks have something to tell; each
organisation's are then fired by a job of its own, behind its own walls.
"""

from datetime import timedelta

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from compliance import clock
from compliance.clocks.actions import AT_ONCE, fire
from compliance.clocks.models import Clock
from compliance.identifiers import OrganisationId
from compliance.jobs import JSON, Doing, Regular, Work, enqueue

LOOK, FIRE = "clocks.look", "clocks.fire"
EVERY = timedelta(minutes=1)
WHOSE = (
    select(Clock.owner_id)
    .where(Clock.next_at <= bindparam("now"))
    .distinct()
    .order_by(Clock.owner_id)
)


def look(session: Session, _work: Work) -> dict[str, JSON]:
    """Have the clocks fired of every organisation that has something to be told."""
    found = session.scalars(WHOSE, {"now": clock.now()}).all()
    for organisation_id in found:
        _ask_to_fire(session, OrganisationId(organisation_id))
    return {"organisations": len(found)}


def fire_some(session: Session, work: Work) -> dict[str, JSON]:
    """Fire what has come of one organisation's clocks, and go on if there is more."""
    if work.organisation_id is None:
        raise LookupError("A clock is some organisation's.")
    looked_at = fire(session, work.organisation_id)
    if looked_at == AT_ONCE:
        _ask_to_fire(session, work.organisation_id)
    return {"clocks": looked_at}


def handlers() -> dict[str, Doing]:
    return {LOOK: look, FIRE: fire_some}


def regular_work() -> tuple[Regular, ...]:
    """Return what is to be done every so often: see what has come."""
    return (Regular(LOOK, kind=LOOK, every=EVERY),)


def _ask_to_fire(session: Session, organisation_id: OrganisationId) -> None:
    enqueue(
        session,
        kind=FIRE,
        organisation_id=organisation_id,
        arguments={},
        priority=1,
    )
