"""What can be read of exclusions: what is proposed, and what was decided by whom."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, and_, bindparam, select
from sqlalchemy.orm import Session, aliased

from compliance import clock
from compliance.database import Page
from compliance.exclusions.lifecycle import Effect, ExclusionReason, ExclusionState
from compliance.exclusions.models import Exclusion
from compliance.identifiers import SiteId
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.listings import Listing, equal_to
from compliance.problems import Kind, Problem
from compliance.public_lists.deciding import opened_note
from compliance.public_lists.models import ListMatch, PublicList
from compliance.registry.models import Site
from compliance.sealing import Keyring
from compliance.texts import N_


class ExclusionNotFound(Problem):
    kind = Kind.NOT_FOUND
    title = N_("No such proposal")
    detail = N_(
        "Your organisation has no proposal {exclusion}. GET /v1/exclusions lists those "
        "it has."
    )


@dataclass(frozen=True)
class ExclusionRecord:
    """A proposal about the card of a site, told by the record of the site that is kept."""

    id: uuid.UUID
    public_id: str
    match_id: uuid.UUID
    match: str
    list_public_id: str
    list_name: str
    site_id: SiteId
    site: str
    site_name: str
    effect: Effect
    scorecard: str
    state: ExclusionState
    matched_by: str
    proposed_at: datetime
    due_at: datetime
    reason: ExclusionReason | None
    decided_by: str | None
    decided_at: datetime | None
    has_note: bool

    def is_late(self, now: datetime) -> bool:
        return self.state is ExclusionState.PROPOSED and self.due_at < now


Own = aliased(Site)
EXCLUSIONS: Select[*tuple[Any, ...]] = (
    select(
        Exclusion.id,
        Exclusion.public_id,
        Exclusion.match_id,
        ListMatch.public_id.label("match"),
        PublicList.public_id.label("list_public_id"),
        PublicList.name.label("list_name"),
        Site.id.label("site_id"),
        Site.public_id.label("site"),
        Site.name.label("site_name"),
        Exclusion.effect,
        Exclusion.scorecard,
        Exclusion.state,
        Exclusion.matched_by,
        Exclusion.proposed_at,
        Exclusion.due_at,
        Exclusion.reason,
        Exclusion.decided_by,
        Exclusion.decided_at,
        Exclusion.key_id,
    )
    .join(ListMatch, ListMatch.id == Exclusion.match_id)
    .join(PublicList, PublicList.id == ListMatch.list_id)
    .join(Own, Own.id == Exclusion.site_id)
    .join(Site, Site.id == Own.kept_id)
    .where(Exclusion.owner_id == bindparam("owner_id"))
)
OF_ALL = EXCLUSIONS.order_by(Exclusion.id)
SEALED = select(Exclusion.key_id, Exclusion.sealed).where(
    Exclusion.id == bindparam("exclusion_id"), Exclusion.key_id.is_not(None)
)


def exclusion(session: Session, scope: Scope, public_id: str) -> ExclusionRecord:
    """Return one proposal of the caller's organisation, or raise ExclusionNotFound."""
    scope.require(Permission.READ_REGISTER)
    missing = ExclusionNotFound(exclusion=public_id)
    mine = {"owner_id": scope.organisation_id}
    return LISTED.one(session, mine, public_id, missing)


def exclusions(
    session: Session,
    scope: Scope,
    *,
    rows: int,
    after: str | None = None,
    late: bool | None = None,
    **wanted: str | None,
) -> Page[ExclusionRecord]:
    """Return a page of proposals, the first first; `wanted`: state, effect, site, match."""
    scope.require(Permission.READ_REGISTER)
    asked: dict[str, object] = dict(wanted)
    if late is not None:
        asked["late" if late else "not_late"] = clock.now()
    mine = {"owner_id": scope.organisation_id}
    return LISTED.page(session, mine, rows=rows, after=after, wanted=asked)


def all_exclusions(session: Session, scope: Scope) -> list[ExclusionRecord]:
    """Return every proposal of an organisation, the first first."""
    scope.require(Permission.READ_REGISTER)
    rows = session.execute(OF_ALL, {"owner_id": scope.organisation_id})
    return [_record(row) for row in rows]


def note_of(
    session: Session, scope: Scope, keyring: Keyring, found: ExclusionRecord
) -> str | None:
    """Return what was written about a decision; only to who may decide."""
    scope.require(Permission.DECIDE_MATCHES)
    row = session.execute(SEALED, {"exclusion_id": found.id}).one_or_none()
    if row is None:
        return None
    place = note_place(found.id)
    return opened_note(session, keyring, place, row.key_id, row.sealed)


def note_place(exclusion_id: uuid.UUID) -> str:
    return f"exclusion note\n{exclusion_id}"


def _record(row: Row[*tuple[Any, ...]]) -> ExclusionRecord:
    return ExclusionRecord(
        id=row.id,
        public_id=row.public_id,
        match_id=row.match_id,
        match=row.match,
        list_public_id=row.list_public_id,
        list_name=row.list_name,
        site_id=SiteId(row.site_id),
        site=row.site,
        site_name=row.site_name,
        effect=Effect(row.effect),
        scorecard=row.scorecard,
        state=ExclusionState(row.state),
        matched_by=row.matched_by,
        proposed_at=row.proposed_at,
        due_at=row.due_at,
        reason=None if row.reason is None else ExclusionReason(row.reason),
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        has_note=row.key_id is not None,
    )


LISTED = Listing(
    statement=EXCLUSIONS,
    key=Exclusion.id,
    public_id=Exclusion.public_id,
    record=_record,
    filters={
        **equal_to(
            state=Exclusion.state,
            effect=Exclusion.effect,
            site=Site.public_id,
            match=ListMatch.public_id,
        ),
        "late": and_(
            Exclusion.state == ExclusionState.PROPOSED,
            Exclusion.due_at < bindparam("late"),
        ),
        "not_late": ~and_(
            Exclusion.state == ExclusionState.PROPOSED,
            Exclusion.due_at < bindparam("not_late"),
        ),
    },
)
