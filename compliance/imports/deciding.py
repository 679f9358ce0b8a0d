"""What people decide about rows: another site, the same as one, or left out."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from compliance import trail
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.imports import queries
from compliance.imports.lifecycle import Choice, RowState, State
from compliance.imports.matching import Reason
from compliance.imports.models import SiteImportRow
from compliance.imports.queries import CandidateRecord, RowRecord, waiting_import
from compliance.problems import Kind, Problem
from compliance.registry.queries import site as registered_site
from compliance.texts import N_


class NotAtDecisions(Problem):
    kind = Kind.CONFLICT
    title = N_("Rows can be decided about only while the list is ready")
    detail = N_(
        "The import is {state}. Decisions are made between reading and confirming."
    )


class RowRefused(Problem):
    kind = Kind.CONFLICT
    title = N_("A refused row cannot be taken over")
    detail = N_(
        "Row {row} was refused; see its notes. Correct it in the list and upload that "
        "again: rows already imported are recognised."
    )


class SameByNumber(Problem):
    kind = Kind.CONFLICT
    title = N_("The number of this row belongs to a site already")
    detail = N_(
        "Row {row} has a number that is another site's, so it cannot be a new one. "
        "Correct the number in the list, or leave the row out."
    )


class NothingChosen(Problem):
    kind = Kind.INVALID
    title = N_("Say which site the row is the same as")
    detail = N_(
        "Row {row} has {count} candidates. Name one of your sites in 'site', or an "
        "earlier row of the list in 'row', and only one of the two."
    )


class RowNotBefore(Problem):
    kind = Kind.INVALID
    title = N_("A row can be the same only as one before it")
    detail = N_(
        "Row {row} cannot be the same as row {other}: choose a row that stands before "
        "it and is taken over."
    )


@dataclass(frozen=True)
class Decision:
    """A choice; with SAME_AS a site, an earlier row, or neither for the best candidate."""

    choice: Choice | None
    site: str | None = None
    row: int | None = None


def decide(
    session: Session, scope: Scope, public_id: str, number: int, decision: Decision
) -> RowRecord:
    """Decide about one row; a choice of None takes a decision back."""
    scope.require(Permission.CHANGE_REGISTER)
    waiting = waiting_import(session, scope, public_id, for_update=True)
    if waiting.state is not State.READY:
        raise NotAtDecisions(state=waiting.state)
    row = queries.row(session, scope, public_id, number)
    settled = _settled(session, scope, public_id, row, decision)
    _write(session, scope, waiting.id, [(number, settled)])
    _record(
        session,
        scope,
        public_id,
        row=number,
        choice=settled.choice,
        site=settled.site,
        same_as_row=settled.row,
    )
    return queries.row(session, scope, public_id, number)


def decide_many(
    session: Session,
    scope: Scope,
    public_id: str,
    choice: Choice,
    *,
    least_score: int = 0,
) -> int:
    """Decide alike about every undecided row whose best candidate has so high a score.

    SAME_AS takes each row's best candidate. Returns how many rows were decided about.
    """
    scope.require(Permission.CHANGE_REGISTER)
    waiting = waiting_import(session, scope, public_id, for_update=True)
    if waiting.state is not State.READY:
        raise NotAtDecisions(state=waiting.state)
    found = session.execute(
        select(SiteImportRow.number, SiteImportRow.candidates).where(
            SiteImportRow.import_id == waiting.id,
            SiteImportRow.state == RowState.PERHAPS,
            SiteImportRow.choice.is_(None),
            SiteImportRow.best_score >= least_score,
        )
    ).all()
    settled = [
        (row.number, _best(queries.candidates_of(json.loads(row.candidates)), choice))
        for row in found
    ]
    _write(session, scope, waiting.id, settled)
    _record(
        session,
        scope,
        public_id,
        rows=len(settled),
        choice=choice,
        least_score=least_score,
    )
    return len(settled)


def _settled(
    session: Session, scope: Scope, public_id: str, row: RowRecord, decision: Decision
) -> Decision:
    if row.state is RowState.REFUSED:
        raise RowRefused(row=row.number)
    if decision.choice is Choice.NEW and _is_by_number(row):
        raise SameByNumber(row=row.number)
    if decision.choice is not Choice.SAME_AS:
        return Decision(decision.choice)
    if decision.site is not None and decision.row is None:
        return Decision(
            Choice.SAME_AS,
            site=registered_site(session, scope, decision.site).public_id,
        )
    if decision.row is not None and decision.site is None:
        if decision.row >= row.number:
            raise RowNotBefore(row=row.number, other=decision.row)
        other = queries.row(session, scope, public_id, decision.row)
        if other.state is RowState.REFUSED:
            raise RowNotBefore(row=row.number, other=decision.row)
        return Decision(Choice.SAME_AS, row=other.number)
    if decision.site is not None or len(row.candidates) != 1:
        raise NothingChosen(row=row.number, count=len(row.candidates))
    best = _best(row.candidates, Choice.SAME_AS)
    if best.site is None and best.row is None:
        raise NothingChosen(row=row.number, count=0)
    return best


def _is_by_number(row: RowRecord) -> bool:
    return any(
        reason == Reason.SAME_NUMBER
        for candidate in row.candidates
        for reason, _ in candidate.reasons
    )


def _best(candidates: Sequence[CandidateRecord], choice: Choice) -> Decision:
    if choice is not Choice.SAME_AS:
        return Decision(choice)
    best = candidates[0]
    return Decision(choice, site=best.site, row=best.row)


def _write(
    session: Session,
    scope: Scope,
    import_id: object,
    settled: Sequence[tuple[int, Decision]],
) -> None:
    numbers: dict[tuple[object, object, object], list[int]] = {}
    for number, decision in settled:
        key = (decision.choice, decision.site, decision.row)
        numbers.setdefault(key, []).append(number)
    for (choice, site, at_row), those in numbers.items():
        for start in range(0, len(those), 500):
            session.execute(
                update(SiteImportRow)
                .where(
                    SiteImportRow.import_id == import_id,
                    SiteImportRow.number.in_(those[start : start + 500]),
                )
                .values(
                    choice=choice,
                    chosen_site=site,
                    chosen_row=at_row,
                    decided_by=None if choice is None else scope.actor,
                )
            )


def _record(session: Session, scope: Scope, public_id: str, **facts: object) -> None:
    trail.record(
        session,
        organisation_id=scope.organisation_id,
        actor=scope.actor,
        action="import.decided",
        subject_id=public_id,
        **json.loads(json.dumps(facts)),
    )
