"""Marks of sites whose risk must be assessed again, made by whatever changes it.

A wrong all clear leaves a child at work. So the mark is a row of the very transaction
that changes something, and with it the job that looks at what is marked; until that has
run, whoever asks is told that the risk is being assessed. Rows are only added, and the
job takes away those it saw: a change in the meantime leaves a mark of its own.
"""

import uuid
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import ForeignKey, Index, Table, event, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from compliance import clock, jobs
from compliance.database import Base, Key, on_behalf_of, one_of
from compliance.identifiers import OrganisationId, new_ids

ASSESS, REFRESH = "risk.assess", "risk.refresh"
MARKED = "risk_marks"
SOON = timedelta(milliseconds=500)


class SiteRiskDue(Base):
    """Something changed at a site since its risk was assessed."""

    __tablename__ = "site_risk_due"
    __table_args__ = (Index("ix_site_risk_due_owner_id_id", "owner_id", "id"),)

    id: Mapped[Key]
    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    site_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("site.id"), index=True)
    marked_at: Mapped[datetime]


ADD = insert(cast(Table, SiteRiskDue.__table__))
DUE_AMONG = (
    select(SiteRiskDue.site_id).where(one_of(SiteRiskDue.site_id, "sites")).distinct()
)


def mark(
    session: Session,
    owner_id: OrganisationId | uuid.UUID,
    *site_ids: uuid.UUID,
) -> None:
    """Have the risk of sites assessed again once this transaction is committed.

    `owner_id` is who keeps the record of the sites. In one transaction a site is marked
    once and the job asked for once, however often this is called.
    """
    marked: set[uuid.UUID] = session.info.setdefault(MARKED, set())
    wanted = sorted(set(site_ids) - marked)
    if not wanted:
        return
    owner, now = OrganisationId(uuid.UUID(str(owner_id))), clock.now()
    # The organisation that acts may be the one that operates the site.
    with on_behalf_of(session, owner):
        session.execute(
            ADD,
            [
                {"id": key, "owner_id": owner, "site_id": site_id, "marked_at": now}
                for key, site_id in zip(new_ids(len(wanted)), wanted, strict=True)
            ],
        )
        if owner not in marked:
            ask(session, owner)
    marked.update(wanted, (owner,))


def forget(session: Session) -> None:
    """Forget what this transaction has marked: whoever assesses it may mark it anew."""
    session.info.pop(MARKED, None)


def ask(session: Session, owner_id: OrganisationId) -> None:
    """Have what is marked assessed; whoever waits for an answer waits for this.

    Not at once but very soon: what is done in a row is assessed as one.
    """
    jobs.enqueue(
        session,
        kind=ASSESS,
        organisation_id=owner_id,
        arguments={},
        run_at=clock.now() + SOON,
        priority=1,
    )


def ask_for_all(session: Session, owner_id: OrganisationId) -> None:
    """Have those sites assessed that never were, or not today; nobody waits for it."""
    jobs.enqueue(
        session, kind=REFRESH, organisation_id=owner_id, arguments={}, priority=-1
    )


def due_among(
    session: Session, site_ids: Collection[uuid.UUID]
) -> frozenset[uuid.UUID]:
    """Return those of the sites that are marked, as far as the transaction sees them."""
    found = session.scalars(DUE_AMONG, {"sites": sorted(site_ids)})
    return frozenset(found)


def is_due(session: Session, site_id: uuid.UUID) -> bool:
    """Tell whether something changed at a site since its risk was assessed."""
    return bool(due_among(session, [site_id]))


@event.listens_for(Session, "after_soft_rollback")
def _unmark(session: Session, _undone: object) -> None:
    """A savepoint that is undone takes its marks along."""
    session.info.pop(MARKED, None)


@event.listens_for(Session, "after_commit")
def _begin_anew(session: Session) -> None:
    session.info.pop(MARKED, None)
