"""Audits as a reviewer looks for them: with their site, and those that are theirs."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session, aliased

from audits.submissions.models import Placement, Submission
from audits.visits import queries
from audits.visits.lifecycle import State
from audits.visits.models import Audit, TeamMember
from audits.visits.queries import AuditRecord
from compliance.database import Page
from compliance.identity.models import Device, Person
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.listings import Listing, equal_to
from compliance.registry.models import Site

# Of so many audits the next to review is chosen: more than a reviewer holds at a time.
NEXT_AMONG = 20


@dataclass(frozen=True)
class ListedAudit:
    """An audit with what its site is called, and when its last answers came."""

    audit: AuditRecord
    site_name: str
    municipality: str | None
    admin1: str | None
    received_at: datetime | None


Sender, Carrier, Goer, Carried, Holder = (
    aliased(Device),
    aliased(Person),
    aliased(Person),
    aliased(Device),
    aliased(Person),
)
# Those whom `independence.takers_of_part` names, asked of many audits at once.
SENT_SOME = (
    select(Placement.submission_id)
    .join(Submission, Submission.id == Placement.submission_id)
    .outerjoin(Sender, Sender.public_id == Submission.actor)
    .outerjoin(Carrier, Carrier.id == Sender.person_id)
    .where(
        Placement.audit_id == Audit.id,
        or_(
            Submission.actor == bindparam("reader"),
            Carrier.public_id == bindparam("reader"),
        ),
    )
    .correlate(Audit)
    .exists()
)
WENT_ALONG = (
    select(TeamMember.id)
    .outerjoin(Goer, Goer.id == TeamMember.person_id)
    .outerjoin(Carried, Carried.id == TeamMember.device_id)
    .outerjoin(Holder, Holder.id == Carried.person_id)
    .where(
        TeamMember.audit_id == Audit.id,
        or_(
            Goer.public_id == bindparam("reader"),
            Carried.public_id == bindparam("reader"),
            Holder.public_id == bindparam("reader"),
        ),
    )
    .correlate(Audit)
    .exists()
)
IS_MINE = or_(
    and_(
        Audit.status.in_([State.IN_REVIEW, State.RIGHT_OF_REPLY]),
        Audit.reviewer == bindparam("reader"),
    ),
    and_(Audit.status == State.SUBMITTED, ~SENT_SOME, ~WENT_ALONG),
)
LAST_RECEIVED = (
    select(func.max(Submission.received_at))
    .join(Placement, Placement.submission_id == Submission.id)
    .where(Placement.audit_id == Audit.id)
    .correlate(Audit)
    .scalar_subquery()
)


def _listed(row: Row[*tuple[Any, ...]]) -> ListedAudit:
    return ListedAudit(
        audit=queries.LISTED.record(row),
        site_name=row.site_name,
        municipality=row.municipality,
        admin1=row.admin1,
        received_at=row.received_at,
    )


LISTED = Listing(
    queries.AUDITS.add_columns(
        Site.name.label("site_name"),
        Site.municipality,
        Site.admin1,
        LAST_RECEIVED.label("received_at"),
    ),
    Audit.id,
    Audit.public_id,
    _listed,
    {
        **queries.LISTED.filters,
        **equal_to(municipality=Site.municipality),
        "reader": IS_MINE,
    },
)


def listed_audits(
    session: Session,
    scope: Scope,
    *,
    rows: int,
    after: str | None = None,
    newest_first: bool = True,
    to_review: bool = False,
    **wanted: object,
) -> Page[ListedAudit]:
    """Return a page of audits with their sites, the newest first unless told otherwise.

    `to_review` leaves those that the caller has in review or can take into review;
    `wanted` filters as `visits.queries.audits` does, and by municipality.
    """
    scope.require(Permission.READ_VISITS)
    mine = {"reader": scope.actor} if to_review else {}
    return LISTED.page(
        session,
        {"owner_id": scope.organisation_id},
        rows=rows,
        after=after,
        wanted={**wanted, **mine},
        newest_first=newest_first,
    )


def next_to_review(session: Session, scope: Scope, but: str) -> str | None:
    """Return the audit that has waited longest for the caller; None where none does.

    One that waits for the site to be heard comes last: nothing can be done about it now.
    """
    scope.require(Permission.SUPERVISE_VISITS)
    page = listed_audits(
        session, scope, rows=NEXT_AMONG, newest_first=False, to_review=True
    )
    waiting = [one.audit for one in page.rows if one.audit.public_id != but]
    waiting.sort(key=lambda one: one.status == State.RIGHT_OF_REPLY)
    return next((one.public_id for one in waiting), None)


def municipalities(session: Session, scope: Scope) -> tuple[str, ...]:
    """Return where the audits of the caller's organisation were, by name."""
    scope.require(Permission.READ_VISITS)
    return tuple(
        session.scalars(
            select(Site.municipality)
            .join(Audit, Audit.site_id == Site.id)
            .where(
                Audit.owner_id == scope.organisation_id, Site.municipality.is_not(None)
            )
            .distinct()
            .order_by(Site.municipality)
            .limit(200)
        )
    )


def seasons(session: Session, scope: Scope) -> tuple[str, ...]:
    """Return the seasons that audits of the caller's organisation name, newest first."""
    scope.require(Permission.READ_VISITS)
    return tuple(
        session.scalars(
            select(Audit.season)
            .where(Audit.owner_id == scope.organisation_id, Audit.season.is_not(None))
            .distinct()
            .order_by(Audit.season.desc())
            .limit(50)
        )
    )
