"""What can be read of remedies: one with its entries, a page of them, those of a site."""

import functools
import uuid
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Row, Select, and_, bindparam, cast, func, select
from sqlalchemy.orm import Session, aliased

from compliance import clock
from compliance.clocks.passing import LAST_DAY_ENDS
from compliance.database import Page, one_of
from compliance.findings.models import Finding
from compliance.identifiers import OrganisationId, SiteId
from compliance.identity.permissions import Permission
from compliance.identity.policy import Action, Relation, Resource
from compliance.identity.scope import Scope
from compliance.listings import Listing, equal_to, gathered
from compliance.policies.queries import in_force
from compliance.problems import Kind, Problem
from compliance.registry.merging import same_site
from compliance.registry.models import Site
from compliance.registry.visibility import relation, sight_of, visible
from compliance.remedies.balance import (
    UNSETTLED,
    Balance,
    Entry,
    EntryKind,
    Standing,
    balance_of,
)
from compliance.remedies.models import (
    AdjustingReason,
    Check,
    Proof,
    Remedy,
    RemedyEntry,
    RemedyKind,
)
from compliance.remedies.policy import SMALL_COUNTS
from compliance.remedies.suppression import Cell, Summary, suppressed
from compliance.texts import N_


class RemedyNotFound(Problem):
    kind = Kind.NOT_FOUND
    title = N_("No such remedy")
    detail = N_(
        "No remedy of a site of yours has the id {remedy}. GET /v1/remedies lists those "
        "you may see."
    )


@dataclass(frozen=True)
class EntryRecord:
    """One line of the ledger, and who wrote it when."""

    ordinal: int
    entry: EntryKind
    amount: int | None
    people: int | None
    reason: AdjustingReason | None
    paid_on: date | None
    proof: Proof | None
    evidence_sha256: bytes | None
    checked_by: Check | None
    actor: str
    made_at: datetime

    @property
    def movement(self) -> Entry:
        return Entry(self.entry, self.amount, self.people or 0)


@dataclass(frozen=True)
class RemedyRecord:
    """What some people are owed, and all that was written down about it."""

    id: uuid.UUID
    public_id: str
    relation: Relation
    owner_id: OrganisationId
    site_id: SiteId
    site_public_id: str
    site_name: str
    finding: str
    kind: RemedyKind
    currency: str | None
    period_from: date
    period_to: date
    due_on: date
    entered_by: str
    entered_at: datetime
    entries: tuple[EntryRecord, ...] = ()

    @functools.cached_property
    def balance(self) -> Balance:
        return balance_of(self.currency, (one.movement for one in self.entries))

    @property
    def standing(self) -> Standing:
        return self.balance.standing

    @property
    def last_paid_on(self) -> date | None:
        return max((one.paid_on for one in self.entries if one.paid_on), default=None)

    @property
    def proofs(self) -> tuple[Proof, ...]:
        """How it was proven, each way once, in the order in which they were told."""
        told = (one.proof for one in self.entries if one.proof)
        return tuple(dict.fromkeys(told))

    def is_late(self, now: datetime) -> bool:
        return self.standing in UNSETTLED and self.due_on < day_before_which_is_late(
            now
        )


def day_before_which_is_late(now: datetime) -> date:
    """Return the first day that is not over everywhere; what was due before it is late."""
    return (now - LAST_DAY_ENDS).date()


Own = aliased(Site)
REMEDIES_TOLD: Select[*tuple[Any, ...]] = (
    select(
        Remedy.id,
        Remedy.public_id,
        relation(Resource.REMEDY, Action.READ).label("relation"),
        Remedy.owner_id,
        Remedy.site_id,
        Site.public_id.label("site_public_id"),
        Site.name.label("site_name"),
        Finding.public_id.label("finding"),
        Remedy.kind,
        Remedy.currency,
        Remedy.period_from,
        Remedy.period_to,
        Remedy.due_on,
        Remedy.entered_by,
        Remedy.entered_at,
    )
    .join(Finding, Finding.id == Remedy.finding_id)
    .join(Own, Own.id == Remedy.site_id)
    .join(Site, Site.id == Own.kept_id)
)
IS_SEEN = visible(Resource.REMEDY, Action.READ)
OF_SITE = REMEDIES_TOLD.where(IS_SEEN, same_site(Remedy.site_id)).order_by(Remedy.id)
ENTRIES_OF = (
    select(
        RemedyEntry.remedy_id,
        RemedyEntry.ordinal,
        RemedyEntry.entry,
        RemedyEntry.amount,
        RemedyEntry.people,
        RemedyEntry.reason,
        RemedyEntry.paid_on,
        RemedyEntry.proof,
        RemedyEntry.evidence_sha256,
        RemedyEntry.checked_by,
        RemedyEntry.actor,
        RemedyEntry.made_at,
    )
    .where(one_of(RemedyEntry.remedy_id, "keys"))
    .order_by(RemedyEntry.remedy_id, RemedyEntry.ordinal)
)


def remedy(session: Session, scope: Scope, public_id: str) -> RemedyRecord:
    """Return one remedy of a site that the caller owns or operates, with its entries.

    Raise RemedyNotFound for any other.
    """
    scope.require(Permission.READ_FINDINGS)
    missing = RemedyNotFound(remedy=public_id)
    found = LISTED.one(session, sight_of(scope), public_id, missing)
    return with_entries(session, (found,))[0]


def remedies(
    session: Session,
    scope: Scope,
    *,
    rows: int,
    after: str | None = None,
    seen_as: Relation = Relation.OWN,
    late: bool | None = None,
    **wanted: str | None,
) -> Page[RemedyRecord]:
    """Return a page of remedies in the order in which they were entered.

    They are those of the caller's own sites, or of the sites it operates. `wanted`
    filters by site and finding (public ids), kind, standing and currency.
    """
    scope.require(Permission.READ_FINDINGS)
    asked: dict[str, object] = dict(wanted)
    if late is not None:
        asked["late" if late else "in_time"] = day_before_which_is_late(clock.now())
    page = _seen_as(seen_as).page(
        session, sight_of(scope), rows=rows, after=after, wanted=asked
    )
    return Page(with_entries(session, page.rows), page.next_after)


def remedies_of_site(
    session: Session, scope: Scope, site_id: SiteId
) -> tuple[RemedyRecord, ...]:
    """Return every remedy of a kept site, in the order in which they were entered."""
    scope.require(Permission.READ_FINDINGS)
    found = session.execute(OF_SITE, {**sight_of(scope), "site_id": site_id})
    return with_entries(session, tuple(_record(row) for row in found))


def with_entries(
    session: Session, found: tuple[RemedyRecord, ...]
) -> tuple[RemedyRecord, ...]:
    """Return the remedies with all their entries, the first ones first."""
    keys = [one.id for one in found]
    entries = gathered(session, ENTRIES_OF, {}, keys, "remedy_id", _entry)
    return tuple(replace(one, entries=entries.get(one.id, ())) for one in found)


IS_OWED = RemedyEntry.entry.in_((EntryKind.OWED, EntryKind.ADJUSTED))
IS_PAID = RemedyEntry.entry == EntryKind.PAID
# Numbers of the kept site; what was adjusted to nothing is owed to nobody.
CELLS = (
    select(
        Site.public_id.label("site"),
        Remedy.kind,
        Remedy.currency,
        cast(func.sum(RemedyEntry.people).filter(IS_OWED), BigInteger).label("people"),
        cast(func.sum(RemedyEntry.amount).filter(IS_OWED), BigInteger).label("owed"),
        cast(func.sum(RemedyEntry.people).filter(IS_PAID), BigInteger).label(
            "paid_people"
        ),
        cast(func.sum(RemedyEntry.amount).filter(IS_PAID), BigInteger).label("paid"),
    )
    .join(Remedy, Remedy.id == RemedyEntry.remedy_id)
    .join(Own, Own.id == Remedy.site_id)
    .join(Site, Site.id == Own.kept_id)
    .where(Remedy.standing != Standing.CANCELLED)
    .group_by(Site.public_id, Remedy.kind, Remedy.currency)
    .order_by(Site.public_id, Remedy.kind, Remedy.currency)
)


def summary(
    session: Session, scope: Scope, *, seen_as: Relation = Relation.OWN
) -> Summary:
    """Return what may leave: people and amounts by site, kind and currency.

    Small counts are kept back, and with them what they could be worked out from. It is
    always made of all the sites that the caller keeps, or operates: of two tables over
    different sites one could be taken from the other.
    """
    scope.require(Permission.READ_FINDINGS)
    is_seen = visible(Resource.REMEDY, Action.READ, {seen_as})
    rows = session.execute(CELLS.where(is_seen), sight_of(scope))
    cells = [
        Cell(
            site=row.site,
            kind=row.kind,
            currency=row.currency,
            people=row.people,
            owed=row.owed,
            paid=None if row.currency is None else row.paid or 0,
            paid_people=None if row.currency else row.paid_people or 0,
        )
        for row in rows
    ]
    decided = in_force(session, scope, SMALL_COUNTS, clock.today())
    return suppressed(cells, below=decided.suppressed_below)


def _record(row: Row[*tuple[Any, ...]]) -> RemedyRecord:
    return RemedyRecord(
        id=row.id,
        public_id=row.public_id,
        relation=Relation(row.relation),
        owner_id=OrganisationId(row.owner_id),
        site_id=SiteId(row.site_id),
        site_public_id=row.site_public_id,
        site_name=row.site_name,
        finding=row.finding,
        kind=RemedyKind(row.kind),
        currency=row.currency,
        period_from=row.period_from,
        period_to=row.period_to,
        due_on=row.due_on,
        entered_by=row.entered_by,
        entered_at=row.entered_at,
    )


def _entry(row: Row[*tuple[Any, ...]]) -> EntryRecord:
    return EntryRecord(
        ordinal=row.ordinal,
        entry=EntryKind(row.entry),
        amount=row.amount,
        people=row.people,
        reason=None if row.reason is None else AdjustingReason(row.reason),
        paid_on=row.paid_on,
        proof=None if row.proof is None else Proof(row.proof),
        evidence_sha256=row.evidence_sha256,
        checked_by=None if row.checked_by is None else Check(row.checked_by),
        actor=row.actor,
        made_at=row.made_at,
    )


IS_UNSETTLED = Remedy.standing.in_(sorted(UNSETTLED))
LISTED = Listing(
    REMEDIES_TOLD.where(IS_SEEN),
    Remedy.id,
    Remedy.public_id,
    _record,
    {
        **equal_to(
            site=Site.public_id,
            finding=Finding.public_id,
            kind=Remedy.kind,
            standing=Remedy.standing,
            currency=Remedy.currency,
        ),
        "late": and_(IS_UNSETTLED, Remedy.due_on < bindparam("late")),
        "in_time": ~and_(IS_UNSETTLED, Remedy.due_on < bindparam("in_time")),
    },
)


@functools.cache
def _seen_as(wanted: Relation) -> Listing[RemedyRecord]:
    """Return the remedies that the caller reaches in one way."""
    is_seen = visible(Resource.REMEDY, Action.READ, {wanted})
    return replace(LISTED, statement=REMEDIES_TOLD.where(is_seen))
