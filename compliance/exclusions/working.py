"""Lists that are looked at by themselves: after an edition, and when the register grew.

The look across organisations only asks; each organisation's register is then compared
with its lists by a job of its own, and only where something differs from the last time.
"""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from compliance import clock, jobs
from compliance.database import insert_new
from compliance.exclusions.following import cards_state, follow_matches
from compliance.identifiers import OrganisationId
from compliance.identity.scope import Scope, scope_of_system
from compliance.jobs import JSON, Doing, Regular, TwoSteps, Work
from compliance.policies.queries import in_force
from compliance.public_lists.actions import MATCH
from compliance.public_lists.models import Category, ListLook, PublicList
from compliance.public_lists.policy import LISTS
from compliance.public_lists.proposing import Compared, compare_all, match_all
from compliance.public_lists.subjects import register_state
from compliance.sealing import Keyring

LOOK = "public_lists.look"
EVERY = timedelta(minutes=15)
WHOSE = (
    select(PublicList.owner_id)
    .where(PublicList.category != Category.GOODS)
    .distinct()
    .order_by(PublicList.owner_id)
)
SEEN = select(ListLook.seen).where(ListLook.owner_id == bindparam("owner_id"))


def look(session: Session, _work: Work) -> dict[str, JSON]:
    """Ask for a look at every organisation that has lists of companies."""
    owners = session.scalars(WHOSE).all()
    for owner_id in owners:
        jobs.enqueue(
            session,
            kind=MATCH,
            organisation_id=OrganisationId(owner_id),
            arguments={"only_if_changed": True},
        )
    return {"organisations": len(owners)}


@dataclass(frozen=True)
class Prepared:
    """What was compared, and the state of the register that it was compared in."""

    state: str
    compared: Compared


def prepare(
    session: Session, scope: Scope, keyring: Keyring, *, only_if_changed: bool = False
) -> Prepared | None:
    """Compare the register of an organisation with its lists; None: nothing differs."""
    state = _state(session, scope)
    seen = session.scalar(SEEN, {"owner_id": scope.organisation_id})
    if only_if_changed and seen == state:
        return None
    return Prepared(state, compare_all(session, scope, keyring))


def keep(session: Session, scope: Scope, prepared: Prepared | None) -> dict[str, JSON]:
    """Propose what was found and what follows; return what was proposed and what left."""
    if prepared is None:
        return {"changed": False}
    matched = match_all(session, scope, prepared.compared)
    followed = follow_matches(session, scope)
    _remember(session, scope, prepared.state)
    return {
        "proposed": matched.proposed,
        "asked_again": matched.asked_again,
        "left": matched.left,
        "exclusions": followed.proposed,
        "withdrawn": followed.withdrawn,
    }


def _prepare(keyring: Keyring, session: Session, work: Work) -> Prepared | None:
    only_if_changed = bool(work.arguments.get("only_if_changed"))
    return prepare(
        session, _scope(session, work), keyring, only_if_changed=only_if_changed
    )


def _keep(session: Session, work: Work, prepared: Prepared | None) -> dict[str, JSON]:
    return keep(session, _scope(session, work), prepared)


def _scope(session: Session, work: Work) -> Scope:
    if work.organisation_id is None:
        raise LookupError("A list is some organisation's.")
    return scope_of_system(session, work.organisation_id)


def handlers(keyring: Keyring) -> dict[str, Doing]:
    return {
        LOOK: look,
        MATCH: TwoSteps(prepare=partial(_prepare, keyring), keep=_keep),
    }


def regular_work() -> tuple[Regular, ...]:
    """Return what is to be done every so often: see whether the register grew."""
    return (Regular(LOOK, kind=LOOK, every=EVERY),)


def _state(session: Session, scope: Scope) -> str:
    """Return what differs when another look could find anything: the day is part of it.

    Entries end on a day, and a policy begins on one.
    """
    today = clock.today()
    parts = [
        today.isoformat(),
        in_force(session, scope, LISTS, today).model_dump_json(),
        cards_state(session, scope),
        *register_state(session, scope),
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _remember(session: Session, scope: Scope, state: str) -> None:
    now = clock.now()
    values = {"seen": state, "looked_at": now}
    is_new = insert_new(session, ListLook, owner_id=scope.organisation_id, **values)
    if not is_new:
        session.execute(
            update(ListLook)
            .where(ListLook.owner_id == scope.organisation_id)
            .values(values)
        )
