"""Two records of one site: people say so, and can take it back.

A merge rewrites nothing. The row that goes stays, with all that refers to it, and only
its `kept_id` leads to the row that is kept; whatever is read of a site is read of every
row that leads to it (`same_site`). Merges in force make a tree, so that taking one back
takes along what had been merged into the row that comes back.
"""

import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    bindparam,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from compliance import clock, site_marks, trail
from compliance.database import Page
from compliance.identifiers import SiteId, new_id, new_public_id
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.listings import Listing
from compliance.problems import Kind, Problem
from compliance.registry.models import (
    IdentifierScheme,
    MergeReason,
    Site,
    SiteIdentifier,
    SiteMerge,
    SupplyLink,
)
from compliance.registry.queries import SiteNotFound
from compliance.texts import N_


class MergeWithItself(Problem):
    kind = Kind.CONFLICT
    title = N_("These are one record already")
    detail = N_("{keep} and {gone} both lead to {site}; there is nothing to merge.")


class AlreadyMerged(Problem):
    kind = Kind.CONFLICT
    title = N_("This record was merged before")
    detail = N_(
        "{gone} was merged into {site} by {merge}. Undo that first, or name {site}."
    )


class MergeOfDifferentSites(Problem):
    kind = Kind.CONFLICT
    title = N_("These cannot be one site")
    detail = N_(
        "{keep} and {gone} differ in {fields}, and what was judged of them hangs on "
        "that. Correct the wrong one first."
    )


class MergeNotFound(Problem):
    kind = Kind.NOT_FOUND
    title = N_("No such merge")
    detail = N_(
        "No merge of yours has the id {merge}. GET /v1/site-merges lists them all."
    )


class MergeUndone(Problem):
    kind = Kind.CONFLICT
    title = N_("This merge was undone before")
    detail = N_("{merge} is not in force any more; {gone} stands for itself.")


@dataclass(frozen=True)
class MergeRecord:
    """Who said that two records are of one site, and whether it still stands."""

    public_id: str
    keep: str
    gone: str
    reason: MergeReason
    merged_by: str
    merged_at: datetime
    undone_by: str | None
    undone_at: datetime | None


def same_site(column: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
    """Return the clause by which rows belong to a kept site, whatever row they name.

    It is bound to `site_id`, the id of the row that is kept.
    """
    member = aliased(Site)
    return column.in_(select(member.id).where(member.kept_id == bindparam("site_id")))


def merge(
    session: Session, scope: Scope, *, keep: str, gone: str, reason: MergeReason
) -> MergeRecord:
    """Say that `gone` is a second record of the site `keep`.

    `keep` may itself have been merged: then the row it leads to is the one that is
    kept. Sites of another kind, country or commodity are not merged.
    """
    scope.require(Permission.CHANGE_REGISTER)
    rows = _locked(session, scope, (keep, gone))
    kept, lost = _root(session, rows[keep].kept_id), rows[gone]
    if kept.id == lost.kept_id:
        raise MergeWithItself(keep=keep, gone=gone, site=kept.public_id)
    if lost.kept_id != lost.id:
        before = session.scalars(
            select(SiteMerge.public_id).where(
                SiteMerge.gone_site_id == lost.id, SiteMerge.undone_at.is_(None)
            )
        ).one()
        raise AlreadyMerged(gone=gone, site=_name(session, lost.kept_id), merge=before)
    _refuse_different(kept, lost)
    public_id = new_public_id("merge")
    session.execute(
        insert(SiteMerge).values(
            id=new_id(),
            public_id=public_id,
            owner_id=scope.organisation_id,
            kept_site_id=kept.id,
            gone_site_id=lost.id,
            reason=reason,
            merged_by=scope.actor,
            merged_at=clock.now(),
        )
    )
    _lead(session, from_root=lost.id, to_root=kept.id)
    _bump(session, (kept.id, lost.id))
    _mark(session, scope, (kept.id, lost.id))
    made = merge_named(session, scope, public_id)
    _record(session, scope, "site.merged", made)
    return made


def unmerge(session: Session, scope: Scope, merge_id: str) -> MergeRecord:
    """Take a merge back: the row that had gone stands for itself again.

    What was noted of the kept site in the meantime stays with the kept site.
    """
    scope.require(Permission.CHANGE_REGISTER)
    found = merge_named(session, scope, merge_id)
    lost = _locked(session, scope, (found.keep, found.gone))[found.gone]
    taken_back = session.execute(
        update(SiteMerge)
        .where(SiteMerge.public_id == merge_id, SiteMerge.undone_at.is_(None))
        .values(undone_at=clock.now(), undone_by=scope.actor)
        .returning(SiteMerge.id)
    ).one_or_none()
    if taken_back is None:
        raise MergeUndone(merge=merge_id, gone=found.gone)
    branch = _branch(session, lost.id)
    session.execute(update(Site).where(Site.id.in_(branch)).values(kept_id=lost.id))
    _bump(session, (lost.kept_id, lost.id))
    _mark(session, scope, (lost.kept_id, *branch))
    _record(session, scope, "site.unmerged", found)
    return merge_named(session, scope, merge_id)


def kept_sites(
    session: Session, scope: Scope, names: Collection[str]
) -> tuple[SiteId, ...]:
    """Return the kept sites that records of the caller's lead to, each once, in order."""
    scope.require(Permission.READ_REGISTER)
    found = session.scalars(
        select(Site.kept_id)
        .where(Site.owner_id == scope.organisation_id, Site.public_id.in_(names))
        .distinct()
        .order_by(Site.kept_id)
    )
    return tuple(SiteId(one) for one in found)


@dataclass(frozen=True)
class Clash:
    """Numbers of one scheme that the records of one site have, and that differ."""

    scheme: IdentifierScheme
    values: tuple[str, ...]


def clashes(session: Session, scope: Scope, made: MergeRecord) -> tuple[Clash, ...]:
    """Return the numbers that speak against a merge that stands; none are dropped."""
    scope.require(Permission.READ_REGISTER)
    if made.undone_at is not None:
        return ()
    kept = (
        select(Named.kept_id)
        .where(Named.owner_id == scope.organisation_id, Named.public_id == made.keep)
        .scalar_subquery()
    )
    found: dict[str, list[str]] = {}
    for number in session.execute(
        select(SiteIdentifier.scheme, SiteIdentifier.value)
        .join(Site, Site.id == SiteIdentifier.site_id)
        .where(Site.kept_id == kept)
        .order_by(SiteIdentifier.scheme, SiteIdentifier.value)
    ):
        found.setdefault(number.scheme, []).append(number.value)
    return tuple(
        Clash(IdentifierScheme(scheme), tuple(values))
        for scheme, values in found.items()
        if len(values) > 1
    )


KeptSite, GoneSite, Named = aliased(Site), aliased(Site), aliased(Site)
MERGES: Select[*tuple[Any, ...]] = (
    select(
        SiteMerge.id,
        SiteMerge.public_id,
        KeptSite.public_id.label("keep"),
        GoneSite.public_id.label("gone"),
        SiteMerge.reason,
        SiteMerge.merged_by,
        SiteMerge.merged_at,
        SiteMerge.undone_by,
        SiteMerge.undone_at,
    )
    .join(KeptSite, KeptSite.id == SiteMerge.kept_site_id)
    .join(GoneSite, GoneSite.id == SiteMerge.gone_site_id)
    .where(SiteMerge.owner_id == bindparam("owner_id"))
)


def merge_named(session: Session, scope: Scope, merge_id: str) -> MergeRecord:
    """Return one merge, in force or undone, or raise MergeNotFound."""
    scope.require(Permission.READ_REGISTER)
    bound = {"owner_id": scope.organisation_id}
    return LISTED.one(session, bound, merge_id, MergeNotFound(merge=merge_id))


COLUMNS: tuple[InstrumentedAttribute[Any], ...] = (
    Site.id,
    Site.public_id,
    Site.kept_id,
    Site.kind,
    Site.country,
    Site.commodity,
)


NAMED = (
    select(Named.kept_id).where(Named.public_id == bindparam("site")).scalar_subquery()
)


def merges(
    session: Session,
    scope: Scope,
    *,
    rows: int,
    after: str | None = None,
    site: str | None = None,
) -> Page[MergeRecord]:
    """Return a page of merges, undone ones too, in the order in which they were made."""
    scope.require(Permission.READ_REGISTER)
    bound = {"owner_id": scope.organisation_id}
    return LISTED.page(session, bound, rows=rows, after=after, wanted={"site": site})


def _locked(
    session: Session, scope: Scope, names: Collection[str]
) -> dict[str, Row[*tuple[Any, ...]]]:
    """Lock the rows, always in one order, and return them by their public ids."""
    rows = session.execute(
        select(*COLUMNS)
        .where(Site.owner_id == scope.organisation_id, Site.public_id.in_(names))
        .order_by(Site.id)
        .with_for_update(key_share=True)
    )
    found = {row.public_id: row for row in rows}
    for name in names:
        if name not in found:
            raise SiteNotFound(site=name)
    return found


def _root(session: Session, site_id: uuid.UUID) -> Row[*tuple[Any, ...]]:
    """Lock and return the row that is kept, wherever a merge just now has led it."""
    while True:
        row = session.execute(
            select(*COLUMNS).where(Site.id == site_id).with_for_update(key_share=True)
        ).one()
        if row.kept_id == row.id:
            return row
        site_id = row.kept_id


def _refuse_different(kept: Row[*tuple[Any, ...]], lost: Row[*tuple[Any, ...]]) -> None:
    fields = [
        name
        for name in ("kind", "country", "commodity")
        if getattr(kept, name) != getattr(lost, name)
    ]
    if fields:
        raise MergeOfDifferentSites(
            keep=kept.public_id, gone=lost.public_id, fields=", ".join(fields)
        )


def _lead(session: Session, *, from_root: uuid.UUID, to_root: uuid.UUID) -> None:
    session.execute(
        update(Site).where(Site.kept_id == from_root).values(kept_id=to_root)
    )


def _branch(session: Session, root: uuid.UUID) -> list[uuid.UUID]:
    """Return a row and all that merges in force lead to it, near or far."""
    branch, newest = [root], [root]
    while newest:
        newest = list(
            session.scalars(
                select(SiteMerge.gone_site_id).where(
                    SiteMerge.kept_site_id.in_(newest), SiteMerge.undone_at.is_(None)
                )
            )
        )
        branch += newest
    return branch


def _bump(session: Session, site_ids: Iterable[uuid.UUID]) -> None:
    session.execute(
        update(Site).where(Site.id.in_(set(site_ids))).values(version=Site.version + 1)
    )


def _mark(session: Session, scope: Scope, site_ids: Iterable[uuid.UUID]) -> None:
    """Have the risk of both assessed again, and of the mills that either supplies."""
    owner_id, ends = scope.organisation_id, sorted(set(site_ids))
    taken = select(SupplyLink.to_site_id).where(
        SupplyLink.owner_id == owner_id, SupplyLink.from_site_id.in_(ends)
    )
    site_marks.mark(session, owner_id, *ends, *session.scalars(taken))


def _name(session: Session, site_id: uuid.UUID) -> str:
    return session.execute(
        select(Site.public_id).where(Site.id == site_id)
    ).scalar_one()


def _merge_record(row: Row[Any]) -> MergeRecord:
    return MergeRecord(
        public_id=row.public_id,
        keep=row.keep,
        gone=row.gone,
        reason=MergeReason(row.reason),
        merged_by=row.merged_by,
        merged_at=row.merged_at,
        undone_by=row.undone_by,
        undone_at=row.undone_at,
    )


def _record(session: Session, scope: Scope, action: str, made: MergeRecord) -> None:
    trail.record(
        session,
        organisation_id=scope.organisation_id,
        actor=scope.actor,
        action=action,
        subject_id=made.gone,
        kept=made.keep,
        merge=made.public_id,
        reason=made.reason,
    )


LISTED = Listing(
    MERGES,
    SiteMerge.id,
    SiteMerge.public_id,
    _merge_record,
    {"site": or_(KeptSite.kept_id == NAMED, GoneSite.kept_id == NAMED)},
)
