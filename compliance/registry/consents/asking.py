"""Asking a supplier for sight, and the supplier's answer."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from compliance import clock, trail
from compliance.identifiers import OrganisationId, new_id, new_public_id
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.problems import Kind, Problem
from compliance.registry.consents.giving import Gift, keep, period_of
from compliance.registry.consents.parties import (
    organisation_named,
    require_receiver,
    site_to_share,
    take_turns,
)
from compliance.registry.consents.queries import (
    ConsentRecord,
    RequestRecord,
    request,
)
from compliance.registry.models.consents import ConsentRequest, Reply, Subject
from compliance.texts import N_


class RequestPending(Problem):
    kind = Kind.CONFLICT
    title = N_("You asked for this already")
    detail = N_("The request {request} waits for an answer of {organisation}.")


class NotYoursToAnswer(Problem):
    kind = Kind.FORBIDDEN
    title = N_("The supplier answers a request")
    detail = N_("The request {request} was sent to {organisation}, which answers it.")


class RequestAnswered(Problem):
    kind = Kind.CONFLICT
    title = N_("The request was answered before")
    detail = N_("The request {request} was {reply} on {replied_on}.")


def ask(
    session: Session,
    scope: Scope,
    *,
    supplier: str,
    subject: Subject,
    site: str | None = None,
) -> RequestRecord:
    """Ask a supplier for sight of its sites, or of the one whose id it told."""
    scope.require(Permission.SHARE)
    asked = organisation_named(session, "supplier", supplier)
    asker = organisation_named(session, "supplier", scope.organisation_public_id)
    require_receiver(asker, giver_id=asked.id)
    take_turns(session, scope)
    _refuse_second(session, scope, asked.id, supplier, subject, site)
    public_id = new_public_id("asking")
    session.execute(
        insert(ConsentRequest).values(
            id=new_id(),
            public_id=public_id,
            asker_id=scope.organisation_id,
            supplier_id=asked.id,
            site=site,
            subject=subject,
            asked_by=scope.actor,
            asked_at=clock.now(),
        )
    )
    found = request(session, scope, public_id)
    _record(session, scope, "consent.asked_for", found)
    return found


def accept(
    session: Session,
    scope: Scope,
    public_id: str,
    *,
    sites: Sequence[str],
    valid_until: datetime,
    valid_from: datetime | None = None,
) -> tuple[ConsentRecord, ...]:
    """Answer a request with a consent for each of the sites, and return these."""
    scope.require(Permission.SHARE)
    asked = _lock_open(session, scope, public_id)
    receiver = organisation_named(session, "asker", asked.asker.public_id)
    period = period_of(valid_from, valid_until)
    _reply(session, scope, asked, Reply.ACCEPTED)
    return tuple(
        keep(
            session,
            scope,
            Gift(
                receiver=receiver,
                site=site_to_share(session, scope, "sites", site),
                subject=asked.subject,
                period=period,
                request_id=asked.id,
            ),
        )
        for site in dict.fromkeys(sites)
    )


def decline(session: Session, scope: Scope, public_id: str) -> RequestRecord:
    """Answer a request with no; nobody has to say why."""
    scope.require(Permission.SHARE)
    asked = _lock_open(session, scope, public_id)
    _reply(session, scope, asked, Reply.DECLINED)
    return request(session, scope, public_id)


def _refuse_second(
    session: Session,
    scope: Scope,
    supplier_id: OrganisationId,
    supplier: str,
    subject: Subject,
    site: str | None,
) -> None:
    pending = session.scalar(
        select(ConsentRequest.public_id).where(
            ConsentRequest.asker_id == scope.organisation_id,
            ConsentRequest.supplier_id == supplier_id,
            ConsentRequest.subject == subject,
            ConsentRequest.site.is_not_distinct_from(site),
            ConsentRequest.reply.is_(None),
        )
    )
    if pending is not None:
        raise RequestPending(request=pending, organisation=supplier)


def _lock_open(session: Session, scope: Scope, public_id: str) -> RequestRecord:
    """Return a request that waits for the caller's answer, and let no other answer it."""
    take_turns(session, scope)
    found = request(session, scope, public_id)
    if found.supplier_id != scope.organisation_id:
        raise NotYoursToAnswer(request=public_id, organisation=found.supplier.public_id)
    if found.reply is not None and found.replied_at is not None:
        raise RequestAnswered(
            request=public_id,
            reply=found.reply.value,
            replied_on=found.replied_at.date().isoformat(),
        )
    return found


def _reply(session: Session, scope: Scope, asked: RequestRecord, reply: Reply) -> None:
    session.execute(
        update(ConsentRequest)
        .where(
            ConsentRequest.supplier_id == scope.organisation_id,
            ConsentRequest.id == asked.id,
        )
        .values(reply=reply, replied_at=clock.now(), replied_by=scope.actor)
    )
    _record(session, scope, f"consent.request_{reply}", asked)


def _record(session: Session, scope: Scope, action: str, asked: RequestRecord) -> None:
    """Write to the trails of who asked and of whom it asked."""
    for organisation_id in sorted({asked.asker_id, asked.supplier_id}):
        trail.record(
            session,
            organisation_id=OrganisationId(organisation_id),
            actor=scope.actor,
            action=action,
            subject_id=asked.public_id,
            asker=asked.asker.public_id,
            supplier=asked.supplier.public_id,
            subject=asked.subject,
        )
