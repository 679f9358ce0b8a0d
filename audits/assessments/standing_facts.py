"""The facts that count: of each submission that still holds, those derived last.

Another edition may have another vocabulary. What it does not know was not asked; what
it cannot hold makes the whole document unreadable, and that is told, never guessed.
"""

import json
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session, aliased

from audits.submissions.models import FactSet, Placement, Submission, Withdrawal
from audits.visits.lifecycle import State
from audits.visits.models import Audit
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from rules import (
    Answers,
    AnswersRejected,
    FactDefinition,
    Fault,
    Roster,
    Text,
    Vocabulary,
    read_answers,
)

ROWS_AT_A_TIME = 1_000
OTHER_MEANING = Text(
    "has another type or unit now.", "tiene ahora otro tipo u otra unidad."
)
NO_ID = uuid.UUID(int=0)
Successor, Later = aliased(Submission), aliased(FactSet)


@dataclass(frozen=True, slots=True)
class KeptFacts:
    """An answers document as it is kept, and under which vocabulary it was derived."""

    submission_id: uuid.UUID
    submission: str
    vocabulary_sha256: bytes
    document: bytes


STANDING: Select[*tuple[Any, ...]] = (
    select(
        Submission.id,
        Submission.public_id,
        FactSet.vocabulary_sha256,
        FactSet.document,
    )
    .join(Placement, Placement.submission_id == Submission.id)
    .join(Audit, Audit.id == Placement.audit_id)
    .join(FactSet, FactSet.submission_id == Submission.id)
    .outerjoin(Later, (Later.submission_id == Submission.id) & (Later.id > FactSet.id))
    .outerjoin(Successor, Successor.supersedes_id == Submission.id)
    .outerjoin(Withdrawal, Withdrawal.submission_id == Submission.id)
    .where(
        Submission.owner_id == bindparam("owner_id"),
        Submission.id > bindparam("after_id"),
        Later.id.is_(None),
        Successor.id.is_(None),
        Withdrawal.submission_id.is_(None),
    )
    .order_by(Submission.id)
    .limit(bindparam("rows"))
)
OF_ANY_AUDIT = STANDING.where(Audit.status != State.VOIDED)
OF_FINAL_AUDITS = STANDING.where(Audit.status == State.FINAL)


def standing_facts(session: Session, scope: Scope) -> Iterator[KeptFacts]:
    """Yield the facts of every submission that holds, whatever its audit waits for."""
    scope.require(Permission.READ_VISITS)
    yield from paged(session, OF_ANY_AUDIT, owner_id=scope.organisation_id)


def paged(
    session: Session, statement: Select[*tuple[Any, ...]], **bound: object
) -> Iterator[KeptFacts]:
    """Yield all rows of such a statement, a page at a time and in order of receipt."""
    after_id = NO_ID
    while True:
        rows = session.execute(
            statement, {**bound, "after_id": after_id, "rows": ROWS_AT_A_TIME}
        ).all()
        yield from (KeptFacts(*row) for row in rows)
        if len(rows) < ROWS_AT_A_TIME:
            return
        after_id = rows[-1].id


def answers_under(
    vocabulary: Vocabulary, document: bytes, *, written: Vocabulary | None = None
) -> Answers:
    """Read kept facts by any vocabulary: what it does not know was not asked.

    `written` is the vocabulary they were derived under, where that is known. Raise
    AnswersRejected if a fact has another type or unit now, or cannot have its value.
    """
    told: dict[str, Any] = json.loads(document)
    known = vocabulary.by_roster
    asked = {**told, "facts": _known(told.get("facts", {}), known[None])}
    for roster in Roster:
        members = told.get(roster)
        if isinstance(members, list):
            asked[roster] = [_known(one, known[roster]) for one in members]
    if written is not None and written is not vocabulary:
        _refuse_other_meanings(vocabulary, asked, written)
    return read_answers(vocabulary, asked)


def _known(
    facts: Mapping[str, Any], known: Mapping[str, FactDefinition]
) -> dict[str, Any]:
    """Leave out the facts of another vocabulary; a member keeps its key."""
    return {
        name: value for name, value in facts.items() if name in known or name == "key"
    }


def _refuse_other_meanings(
    vocabulary: Vocabulary, asked: Mapping[str, Any], written: Vocabulary
) -> None:
    """A number in minutes is no number in hours, though both are whole numbers."""
    given = {name for name, value in asked["facts"].items() if _is_answer(value)}
    for roster in Roster:
        members = asked.get(roster)
        for member in members if isinstance(members, list) else ():
            given |= {
                f"{roster}.{name}"
                for name, value in member.items()
                if _is_answer(value)
            }
    faults = [
        Fault(f"$.{name}", OTHER_MEANING, Text("", ""))
        for name, fact in vocabulary.facts.items()
        if name in given
        and name in written.facts
        and (fact.kind, fact.unit)
        != (written.facts[name].kind, written.facts[name].unit)
    ]
    if faults:
        raise AnswersRejected(faults)


def _is_answer(value: object) -> bool:
    """Tell a value from the cause of its absence."""
    return value is not None and not isinstance(value, dict)
