"""What a person says of a match: the same, another, or to be watched; with a reason."""

import json
import uuid
from dataclasses import dataclass, field

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from compliance import clock, trail
from compliance.alerts.actions import raise_alert
from compliance.alerts.events import AlertEvent
from compliance.clocks import actions as clocks
from compliance.clocks.models import ClockKind
from compliance.identifiers import new_id
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.public_lists.lifecycle import (
    Decision,
    MatchReason,
    MatchState,
    require_fitting,
    step,
)
from compliance.public_lists.match_queries import MatchNotFound, MatchRecord, match
from compliance.public_lists.models import ListMatch, MatchStep
from compliance.sealing import Keyring, data_key, new_data_key, seal, unseal

HOLD = (
    select(ListMatch.id)
    .where(
        ListMatch.owner_id == bindparam("owner_id"),
        ListMatch.public_id == bindparam("public_id"),
    )
    .with_for_update()
)
SEALED = (
    select(MatchStep.ordinal, MatchStep.key_id, MatchStep.sealed)
    .where(MatchStep.match_id == bindparam("match_id"), MatchStep.key_id.is_not(None))
    .order_by(MatchStep.ordinal)
)


@dataclass(frozen=True)
class Note:
    """What somebody wrote beside a code, and the keys it is to be sealed with."""

    text: str = field(repr=False)
    keyring: Keyring


def decide(
    session: Session,
    scope: Scope,
    public_id: str,
    *,
    decision: Decision,
    reason: MatchReason,
    note: Note | None = None,
) -> MatchRecord:
    """Say whether an entry is the one registered; it is remembered with who said so.

    Raise MatchNotFound, ReasonUnfitting, or MatchStepNotAllowed where that was said
    already or nobody is asked any more. What follows is decided by somebody else.
    """
    scope.require(Permission.DECIDE_MATCHES)
    wanted = {"owner_id": scope.organisation_id, "public_id": public_id}
    if session.scalar(HOLD, wanted) is None:
        raise MatchNotFound(match=public_id)
    before = match(session, scope, public_id)
    require_fitting(decision, reason)
    state = step(before.state, MatchState(decision.value))
    now, version = clock.now(), before.version + 1
    session.execute(
        update(ListMatch)
        .where(ListMatch.id == before.id)
        .values(state=state, version=version, decided_by=scope.actor, decided_at=now)
    )
    key_id, sealed = sealed_note(session, scope, _place(before.id, version), note)
    session.execute(
        insert(MatchStep).values(
            id=new_id(),
            owner_id=scope.organisation_id,
            match_id=before.id,
            ordinal=version,
            state=state,
            reason=reason,
            key_id=key_id,
            sealed=sealed,
            actor=scope.actor,
            taken_at=now,
        )
    )
    clocks.stop(session, public_id, ClockKind.LIST_MATCH)
    trail.record(
        session,
        organisation_id=scope.organisation_id,
        actor=scope.actor,
        action=f"list_match.{state}",
        subject_id=public_id,
        reason=reason,
    )
    raise_alert(
        session,
        owner_id=scope.organisation_id,
        event=AlertEvent.LIST_MATCH_DECIDED,
        subject=public_id,
        site_id=before.site_id,
        at=now,
        occasion=f"list_match {public_id} {version}",
    )
    return match(session, scope, public_id)


def notes_of(
    session: Session, scope: Scope, keyring: Keyring, found: MatchRecord
) -> dict[int, str]:
    """Return what was written about a match, by step; only to who may decide on it."""
    scope.require(Permission.DECIDE_MATCHES)
    return {
        row.ordinal: opened_note(
            session, keyring, _place(found.id, row.ordinal), row.key_id, row.sealed
        )
        for row in session.execute(SEALED, {"match_id": found.id})
    }


def sealed_note(
    session: Session, scope: Scope, place: str, note: Note | None
) -> tuple[uuid.UUID | None, bytes | None]:
    """Seal a note under a key of its own; nothing for no note."""
    if note is None:
        return None, None
    key = new_data_key(session, note.keyring, scope.organisation_id)
    content = json.dumps({"text": note.text}, ensure_ascii=False).encode()
    return key.id, seal(key.secret, content, place)


def opened_note(
    session: Session, keyring: Keyring, place: str, key_id: uuid.UUID, sealed: bytes
) -> str:
    """Open a note for somebody who may read it."""
    key = data_key(session, keyring, key_id)
    return str(json.loads(unseal(key.secret, sealed, place))["text"])


def _place(match_id: uuid.UUID, ordinal: int) -> str:
    return f"list match note\n{match_id}\n{ordinal}"
