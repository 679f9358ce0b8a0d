"""What can be read of matches: who may be on which list, and what a person said of it."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Select, and_, bindparam, func, select
from sqlalchemy.orm import Session, aliased

from compliance import clock
from compliance.database import Page
from compliance.identifiers import OrganisationId, SiteId
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.listings import Listing, equal_to
from compliance.problems import Kind, Problem
from compliance.public_lists.lifecycle import MatchReason, MatchState
from compliance.public_lists.matching import Evidence, Sign
from compliance.public_lists.models import (
    Category,
    ListEdition,
    ListEntry,
    ListMatch,
    MatchStep,
    PublicList,
    SubjectKind,
)
from compliance.public_lists.queries import (
    ENTRY_COLUMNS,
    OWNER,
    EntryRecord,
    bound,
    entry_record,
)
from compliance.registry.models import Site
from compliance.texts import N_


class MatchNotFound(Problem):
    kind = Kind.NOT_FOUND
    title = N_("No such match")
    detail = N_(
        "No match of your organisation has the id {match}. GET /v1/list-matches lists "
        "them."
    )


@dataclass(frozen=True)
class MatchRecord:
    """An entry that may be, or is, somebody registered, and what a person said of it."""

    id: uuid.UUID
    public_id: str
    owner_id: OrganisationId
    list_id: uuid.UUID
    list_public_id: str
    list_name: str
    category: Category
    entry: EntryRecord
    edition_on: date
    subject_kind: SubjectKind
    subject: str
    site_id: SiteId | None
    company_id: OrganisationId | None
    broker_id: uuid.UUID | None
    score: int
    evidence: Evidence
    state: MatchState
    reason: MatchReason
    version: int
    left_on: date | None
    proposed_at: datetime
    due_at: datetime
    decided_by: str | None
    decided_at: datetime | None

    def is_late(self, now: datetime) -> bool:
        return self.state is MatchState.PROPOSED and self.due_at < now


@dataclass(frozen=True)
class MatchStepRecord:
    """One thing that became of a match; whether something was written about it."""

    ordinal: int
    state: MatchState
    reason: MatchReason
    has_note: bool
    actor: str
    taken_at: datetime


LastStep = aliased(MatchStep)
LAST_STEP = (
    select(func.max(LastStep.ordinal))
    .where(LastStep.match_id == ListMatch.id)
    .correlate(ListMatch)
    .scalar_subquery()
)
MATCHES: Select[*tuple[Any, ...]] = (
    select(
        ListMatch.id,
        ListMatch.public_id,
        ListMatch.owner_id,
        ListMatch.list_id,
        PublicList.public_id.label("list_public_id"),
        PublicList.name.label("list_name"),
        PublicList.category,
        ListEntry.public_id.label("entry_public_id"),
        *ENTRY_COLUMNS[:1],
        *ENTRY_COLUMNS[3:],
        ListMatch.entry_key,
        ListMatch.fingerprint,
        ListEdition.edition_on,
        ListMatch.subject_kind,
        ListMatch.subject,
        ListMatch.site_id,
        ListMatch.company_id,
        ListMatch.broker_id,
        ListMatch.score,
        ListMatch.evidence,
        ListMatch.state,
        MatchStep.reason,
        ListMatch.version,
        ListMatch.left_on,
        ListMatch.proposed_at,
        ListMatch.due_at,
        ListMatch.decided_by,
        ListMatch.decided_at,
    )
    .join(PublicList, PublicList.id == ListMatch.list_id)
    .join(ListEntry, ListEntry.id == ListMatch.entry_id)
    .join(ListEdition, ListEdition.id == ListEntry.edition_id)
    .join(
        MatchStep,
        (MatchStep.match_id == ListMatch.id) & (MatchStep.ordinal == LAST_STEP),
    )
    .where(ListMatch.owner_id == OWNER)
)
STEPS = (
    select(
        MatchStep.ordinal,
        MatchStep.state,
        MatchStep.reason,
        MatchStep.key_id,
        MatchStep.actor,
        MatchStep.taken_at,
    )
    .where(MatchStep.match_id == bindparam("match_id"))
    .order_by(MatchStep.ordinal)
)


def match(session: Session, scope: Scope, public_id: str) -> MatchRecord:
    """Return one match of the caller's organisation, or raise MatchNotFound."""
    scope.require(Permission.READ_REGISTER)
    missing = MatchNotFound(match=public_id)
    return MATCHES_LISTED.one(session, bound(scope), public_id, missing)


def matches(
    session: Session,
    scope: Scope,
    *,
    rows: int,
    after: str | None = None,
    late: bool | None = None,
    **wanted: str | None,
) -> Page[MatchRecord]:
    """Return a page of matches, the one that was proposed first before the others.

    `wanted` filters by state, public_list and site (public ids) and subject_kind; `late` leaves
    those that wait longer than the policy has it.
    """
    scope.require(Permission.READ_REGISTER)
    asked: dict[str, object] = dict(wanted)
    if late is not None:
        asked["late" if late else "not_late"] = clock.now()
    return MATCHES_LISTED.page(
        session, bound(scope), rows=rows, after=after, wanted=asked
    )


def steps(
    session: Session, scope: Scope, found: MatchRecord
) -> tuple[MatchStepRecord, ...]:
    """Return all that became of a match, in order."""
    scope.require(Permission.READ_REGISTER)
    return tuple(
        MatchStepRecord(
            ordinal=row.ordinal,
            state=MatchState(row.state),
            reason=MatchReason(row.reason),
            has_note=row.key_id is not None,
            actor=row.actor,
            taken_at=row.taken_at,
        )
        for row in session.execute(STEPS, {"match_id": found.id})
    )


def _match_record(row: Row[*tuple[Any, ...]]) -> MatchRecord:
    return MatchRecord(
        id=row.id,
        public_id=row.public_id,
        owner_id=OrganisationId(row.owner_id),
        list_id=row.list_id,
        list_public_id=row.list_public_id,
        list_name=row.list_name,
        category=Category(row.category),
        entry=entry_record(row, row.entry_public_id),
        edition_on=row.edition_on,
        subject_kind=SubjectKind(row.subject_kind),
        subject=row.subject,
        site_id=None if row.site_id is None else SiteId(row.site_id),
        company_id=None if row.company_id is None else OrganisationId(row.company_id),
        broker_id=row.broker_id,
        score=row.score,
        evidence=evidence_of(row.evidence),
        state=MatchState(row.state),
        reason=MatchReason(row.reason),
        version=row.version,
        left_on=row.left_on,
        proposed_at=row.proposed_at,
        due_at=row.due_at,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
    )


def evidence_of(kept: str) -> Evidence:
    """Return evidence as it is told; `written_evidence` wrote it."""
    return tuple((Sign(one["sign"]), one["facts"]) for one in json.loads(kept))


def written_evidence(evidence: Evidence) -> str:
    """Return evidence as it is kept."""
    told: list[Mapping[str, object]] = [
        {"sign": sign, "facts": dict(facts)} for sign, facts in evidence
    ]
    return json.dumps(told, sort_keys=True)


MATCHES_LISTED = Listing(
    statement=MATCHES,
    key=ListMatch.id,
    public_id=ListMatch.public_id,
    record=_match_record,
    filters={
        **equal_to(
            state=ListMatch.state,
            subject_kind=ListMatch.subject_kind,
            public_list=PublicList.public_id,
        ),
        "site": ListMatch.site_id.in_(
            select(Site.id).where(Site.public_id == bindparam("site"))
        ),
        "late": and_(
            ListMatch.state == MatchState.PROPOSED, ListMatch.due_at < bindparam("late")
        ),
        "not_late": ~and_(
            ListMatch.state == MatchState.PROPOSED,
            ListMatch.due_at < bindparam("not_late"),
        ),
    },
)
