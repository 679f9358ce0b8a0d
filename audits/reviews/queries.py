"""What can be read of reviews: remarks, replies, and whether something was found."""

import functools
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Row, bindparam, func, select
from sqlalchemy.orm import Session

from audits.reviews.models import About, AuditRemark, AuditReply, RemarkKind, ReplyCode
from audits.submissions.models import Placement, Submission
from audits.visits.models import AuditKind
from audits.visits.queries import AuditRecord
from compliance import clock
from compliance.clocks.models import Clock, ClockKind
from compliance.database import Page, on_behalf_of
from compliance.identifiers import OrganisationId, SiteId
from compliance.identity.permissions import Permission
from compliance.identity.policy import Action, Relation, Resource
from compliance.identity.scope import Scope
from compliance.listings import Listing, equal_to
from compliance.problems import Kind, Problem
from compliance.registry.models import Site
from compliance.registry.visibility import relation, sight_of, visible
from compliance.sealing import Keyring, data_key, unseal
from compliance.texts import N_
from compliance.verdicts.models import Assessment, Verdict
from rules import Grounds, Outcome


class ReplyNotFound(Problem):
    kind = Kind.NOT_FOUND
    title = N_("No such reply")
    detail = N_(
        "No reply {reply} was offered to a site of yours. GET /v1/replies lists those "
        "that were."
    )


class ReplyState(StrEnum):
    """How a site's reply stands; over is one whose days have passed."""

    DUE = "due"
    OVER = "over"
    ANSWERED = "answered"
    CLOSED = "closed"


@dataclass(frozen=True)
class RemarkRecord:
    """What a reviewer wants mended, and the answers that came in after it."""

    id: uuid.UUID
    ordinal: int
    about: About
    code: str | None
    kind: RemarkKind
    made_by: str
    made_at: datetime
    answered_by: str | None
    key_id: uuid.UUID | None
    sealed: bytes | None


@dataclass(frozen=True)
class ReplyRecord:
    """What a site was offered to answer, and what it said."""

    id: uuid.UUID
    public_id: str
    owner_id: OrganisationId
    relation: Relation
    site_id: SiteId
    site_public_id: str
    site_name: str
    operator_id: OrganisationId | None
    audit_id: uuid.UUID
    audit: str
    kind: AuditKind
    fieldwork_from: date
    fieldwork_to: date
    offered_at: datetime
    due_at: datetime
    code: ReplyCode | None
    answered_by: str | None
    answered_as: Relation | None
    answered_at: datetime | None
    closed_at: datetime | None
    key_id: uuid.UUID | None
    sealed: bytes | None

    def state(self, at: datetime) -> ReplyState:
        if self.answered_at is not None:
            return ReplyState.ANSWERED
        if self.closed_at is not None:
            return ReplyState.CLOSED
        return ReplyState.DUE if at < self.due_at else ReplyState.OVER


@dataclass(frozen=True)
class ClockRecord:
    """A clock of an audit or of its reply; one that was stopped is over no more."""

    kind: ClockKind
    due_at: datetime
    stopped_at: datetime | None

    def is_over(self, at: datetime) -> bool:
        return (self.stopped_at or at) >= self.due_at


CLOCKS = (
    select(Clock.kind, Clock.due_at, Clock.stopped_at)
    .where(
        Clock.owner_id == bindparam("owner_id"),
        Clock.subject.in_(bindparam("subjects", expanding=True)),
    )
    .order_by(Clock.due_at, Clock.id)
)
# A remark is answered by the first answers that were placed after it.
PLACED_AFTER = (
    select(Submission.public_id)
    .join(Placement, Placement.submission_id == Submission.id)
    .where(
        Placement.audit_id == AuditRemark.audit_id,
        Placement.placed_at > AuditRemark.made_at,
    )
    .order_by(Placement.placed_at, Submission.id)
    .limit(1)
    .correlate(AuditRemark)
    .scalar_subquery()
)
REMARKS = (
    select(
        AuditRemark.id,
        AuditRemark.ordinal,
        AuditRemark.about,
        AuditRemark.code,
        AuditRemark.kind,
        AuditRemark.made_by,
        AuditRemark.made_at,
        PLACED_AFTER.label("answered_by"),
        AuditRemark.key_id,
        AuditRemark.sealed,
    )
    .where(
        AuditRemark.owner_id == bindparam("owner_id"),
        AuditRemark.audit_id == bindparam("audit_id"),
    )
    .order_by(AuditRemark.ordinal)
)
REPLIES = select(
    AuditReply.id,
    AuditReply.public_id,
    AuditReply.owner_id,
    relation(Resource.REPLY, Action.READ).label("relation"),
    AuditReply.site_id,
    Site.public_id.label("site_public_id"),
    Site.name.label("site_name"),
    Site.operator_id,
    AuditReply.audit_id,
    AuditReply.audit,
    AuditReply.kind,
    AuditReply.fieldwork_from,
    AuditReply.fieldwork_to,
    AuditReply.offered_at,
    AuditReply.due_at,
    AuditReply.code,
    AuditReply.answered_by,
    AuditReply.answered_as,
    AuditReply.answered_at,
    AuditReply.closed_at,
    AuditReply.key_id,
    AuditReply.sealed,
).join(Site, Site.id == AuditReply.site_id)
LAST_REPLY = (
    REPLIES.where(
        AuditReply.owner_id == bindparam("organisation_id"),
        AuditReply.audit_id == bindparam("audit_id"),
    )
    .order_by(AuditReply.ordinal.desc())
    .limit(1)
)
LAST_PLACED = select(func.max(Placement.placed_at)).where(
    Placement.audit_id == bindparam("audit_id")
)
BROKEN = (
    select(Verdict.id)
    .join(Assessment, Assessment.id == Verdict.assessment_id)
    .where(
        Assessment.owner_id == bindparam("owner_id"),
        Assessment.site_id == bindparam("site_id"),
        Assessment.audit_id == bindparam("audit_id"),
        Verdict.outcome == Outcome.NON_CONFORMITY,
        Verdict.grounds != Grounds.DISPUTED_LAW,
        Verdict.is_shadow.is_(False),
    )
    .limit(1)
)
IS_OPEN: ColumnElement[bool] = AuditReply.answered_at.is_(None) & (
    AuditReply.closed_at.is_(None)
)


def remarks_of(
    session: Session, scope: Scope, found: AuditRecord
) -> tuple[RemarkRecord, ...]:
    """Return every remark that was ever made on an audit, the first one first."""
    scope.require(Permission.READ_VISITS)
    rows = session.execute(
        REMARKS, {"owner_id": scope.organisation_id, "audit_id": found.id}
    )
    return tuple(
        RemarkRecord(
            id=row.id,
            ordinal=row.ordinal,
            about=About(row.about),
            code=row.code,
            kind=RemarkKind(row.kind),
            made_by=row.made_by,
            made_at=row.made_at,
            answered_by=row.answered_by,
            key_id=row.key_id,
            sealed=row.sealed,
        )
        for row in rows
    )


def remark_text(
    session: Session, scope: Scope, keyring: Keyring, remark: RemarkRecord
) -> str | None:
    """Return what a reviewer wrote in words, for who may read the visit itself."""
    scope.require(Permission.READ_VISITS)
    if remark.key_id is None or remark.sealed is None:
        return None
    key = data_key(session, keyring, remark.key_id)
    return unseal(key.secret, remark.sealed, remark_place(remark.id)).decode()


def replies(
    session: Session,
    scope: Scope,
    *,
    rows: int,
    after: str | None = None,
    seen_as: Relation | None = None,
    site: str | None = None,
    is_open: bool | None = None,
) -> Page[ReplyRecord]:
    """Return a page of the replies that sites of the caller were offered.

    They are of sites it operates, or of those whose record it keeps; `seen_as` narrows
    it to one of both. Nothing in them tells who visited, or what anybody answered.
    """
    scope.require(Permission.READ_FINDINGS)
    wanted: dict[str, object] = {"site": site}
    if is_open is not None:
        wanted["is_open" if is_open else "is_not_open"] = True
    return _seen_as(seen_as).page(
        session, sight_of(scope), rows=rows, after=after, wanted=wanted
    )


def reply(session: Session, scope: Scope, public_id: str) -> ReplyRecord:
    """Return one reply of a site the caller operates or keeps, or ReplyNotFound."""
    scope.require(Permission.READ_FINDINGS)
    missing = ReplyNotFound(reply=public_id)
    return LISTED.one(session, sight_of(scope), public_id, missing)


def reply_text(
    session: Session, scope: Scope, keyring: Keyring, found: ReplyRecord
) -> str | None:
    """Return the site's words, to who answered and to who reviews; None to others."""
    is_reviewing = found.relation is Relation.OWN and scope.may(
        Permission.SUPERVISE_VISITS
    )
    is_answering = scope.may(Permission.ANSWER_FINDINGS) and (
        found.relation is found.answered_as
    )
    if found.key_id is None or found.sealed is None:
        return None
    if not is_reviewing and not is_answering:
        return None
    with on_behalf_of(session, found.owner_id):  # whose key it is sealed under
        key = data_key(session, keyring, found.key_id)
    return unseal(key.secret, found.sealed, reply_place(found.id)).decode()


def last_reply(
    session: Session, scope: Scope, found: AuditRecord
) -> ReplyRecord | None:
    """Return the reply that was offered last on an audit; None: none was."""
    row = session.execute(
        LAST_REPLY, {**sight_of(scope), "audit_id": found.id}
    ).one_or_none()
    return None if row is None else _reply(row)


def reply_is_owed(session: Session, scope: Scope, found: AuditRecord) -> bool:
    """Tell whether the site must be offered a reply before the audit is final.

    It must where anything was found, by whichever of its answers: the finding stands.
    What a site says of itself it need not be asked about, and who operates a site and
    keeps its record would ask itself.
    """
    if found.kind is AuditKind.SELF_ASSESSMENT:
        return False
    operator_id = session.scalar(
        select(Site.operator_id).where(Site.id == found.site_id)
    )
    if operator_id == scope.organisation_id:
        return False
    bound = {
        "owner_id": scope.organisation_id,
        "site_id": found.site_id,
        "audit_id": found.id,
    }
    return session.scalar(BROKEN, bound) is not None


def reply_covers(
    session: Session, found: AuditRecord, offered: ReplyRecord | None
) -> bool:
    """Tell whether a reply was offered when all the answers of today were in."""
    if offered is None:
        return False
    last = session.scalar(LAST_PLACED, {"audit_id": found.id})
    return last is None or last <= offered.offered_at


def is_running(offered: ReplyRecord) -> bool:
    """Tell whether the site still has time to answer, and has not."""
    return offered.state(clock.now()) is ReplyState.DUE


def clocks_of(
    session: Session, scope: Scope, subjects: Sequence[str]
) -> tuple[ClockRecord, ...]:
    """Return the clocks of an audit and of its reply, by their public ids."""
    scope.require(Permission.SUPERVISE_VISITS)
    rows = session.execute(
        CLOCKS, {"owner_id": scope.organisation_id, "subjects": list(subjects)}
    )
    return tuple(
        ClockRecord(ClockKind(row.kind), row.due_at, row.stopped_at) for row in rows
    )


def remark_place(remark_id: uuid.UUID) -> str:
    """Return what the words of a remark are bound to."""
    return f"remark\n{remark_id}"


def reply_place(reply_id: uuid.UUID) -> str:
    return f"reply\n{reply_id}"


def _reply(row: Row[*tuple[Any, ...]]) -> ReplyRecord:
    operator_id = row.operator_id
    return ReplyRecord(
        id=row.id,
        public_id=row.public_id,
        owner_id=OrganisationId(row.owner_id),
        relation=Relation(row.relation),
        site_id=SiteId(row.site_id),
        site_public_id=row.site_public_id,
        site_name=row.site_name,
        operator_id=None if operator_id is None else OrganisationId(operator_id),
        audit_id=row.audit_id,
        audit=row.audit,
        kind=AuditKind(row.kind),
        fieldwork_from=row.fieldwork_from,
        fieldwork_to=row.fieldwork_to,
        offered_at=row.offered_at,
        due_at=row.due_at,
        code=None if row.code is None else ReplyCode(row.code),
        answered_by=row.answered_by,
        answered_as=None if row.answered_as is None else Relation(row.answered_as),
        answered_at=row.answered_at,
        closed_at=row.closed_at,
        key_id=row.key_id,
        sealed=row.sealed,
    )


LISTED = Listing(
    REPLIES.where(visible(Resource.REPLY, Action.READ)),
    AuditReply.id,
    AuditReply.public_id,
    _reply,
    {
        **equal_to(site=Site.public_id),
        "is_open": IS_OPEN,
        "is_not_open": ~IS_OPEN,
    },
)


@functools.cache
def _seen_as(wanted: Relation | None) -> Listing[ReplyRecord]:
    if wanted is None:
        return LISTED
    clause = visible(Resource.REPLY, Action.READ, {wanted})
    return replace(LISTED, statement=REPLIES.where(clause))
