"""The site's side of a review: answer what was found, or waive the reply."""

import uuid
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.orm import Session

from audits.reviews.models import AuditReply, ReplyCode
from audits.reviews.queries import ReplyRecord, ReplyState, reply, reply_place
from audits.visits.lifecycle import State, step
from audits.visits.models import Audit
from compliance import clock, trail
from compliance.alerts.actions import raise_alert
from compliance.alerts.events import AlertEvent
from compliance.clocks.actions import stop
from compliance.clocks.models import ClockKind
from compliance.database import on_behalf_of
from compliance.identifiers import OrganisationId, SiteId
from compliance.identity.permissions import Permission
from compliance.identity.policy import Relation
from compliance.identity.scope import Scope
from compliance.problems import Kind, Problem
from compliance.sealing import Keyring, new_data_key, seal
from compliance.texts import N_


class ReplyOver(Problem):
    kind = Kind.CONFLICT
    title = N_("This reply can be given no more")
    detail = N_(
        "The reply {reply} is {state}: what was found is answered, or the audit is "
        "final. A finding can still be disputed at POST /v1/findings/…/steps."
    )


class ReplyOfAnother(Problem):
    kind = Kind.FORBIDDEN
    title = N_("Whoever operates the site replies for it")
    detail = N_(
        "You keep the record of this site, and another organisation operates it here: "
        "the reply {reply} is for that organisation to give or to waive."
    )


def answer_reply(
    session: Session,
    scope: Scope,
    keyring: Keyring,
    public_id: str,
    *,
    code: ReplyCode,
    text: str | None = None,
) -> ReplyRecord:
    """Say what the site says to what was found there, and hand the audit back.

    Of a site that nobody operates here, who keeps its record notes its reply. A reply
    that comes after its time is taken for as long as the audit is not final.
    """
    scope.require(Permission.ANSWER_FINDINGS)
    found = reply(session, scope, public_id)
    if found.relation is Relation.OWN and found.operator_id not in {
        None,
        scope.organisation_id,
    }:
        raise ReplyOfAnother(reply=public_id)
    with on_behalf_of(session, found.owner_id):  # the audit is the keeper's
        audit = _lock(session, found.audit_id)
        state = _state(session, found.id)
        if state not in {ReplyState.DUE, ReplyState.OVER}:
            raise ReplyOver(reply=public_id, state=state)
        status = step(State(audit.status), State.IN_REVIEW)
        session.execute(
            update(AuditReply)
            .where(AuditReply.id == found.id)
            .values(
                code=code,
                **_sealed(session, keyring, found, text),
                answered_by=scope.actor,
                answered_as=found.relation,
                answered_at=clock.now(),
            )
        )
        session.execute(
            update(Audit).where(Audit.id == found.audit_id).values(status=status)
        )
    stop(session, public_id, ClockKind.REPLY)
    raise_alert(
        session,
        owner_id=OrganisationId(found.owner_id),
        event=AlertEvent.REPLY_GIVEN,
        subject=public_id,
        site_id=SiteId(found.site_id),
    )
    for organisation_id in sorted({scope.organisation_id, found.owner_id}):
        trail.record(
            session,
            organisation_id=organisation_id,
            actor=scope.actor,
            action="audit.replied",
            subject_id=found.audit,
            reply=public_id,
            code=code,
            site=found.site_public_id,
        )
    return reply(session, scope, public_id)


def _lock(session: Session, audit_id: uuid.UUID) -> Row[*tuple[Any, ...]]:
    return session.execute(
        select(Audit.status).where(Audit.id == audit_id).with_for_update()
    ).one()


def _state(session: Session, reply_id: uuid.UUID) -> ReplyState:
    """Return how the reply stands now that nobody else can give it."""
    row = session.execute(
        select(AuditReply.answered_at, AuditReply.closed_at).where(
            AuditReply.id == reply_id
        )
    ).one()
    if row.answered_at is not None:
        return ReplyState.ANSWERED
    return ReplyState.CLOSED if row.closed_at is not None else ReplyState.DUE


def _sealed(
    session: Session, keyring: Keyring, found: ReplyRecord, text: str | None
) -> dict[str, object]:
    if text is None:
        return {"key_id": None, "sealed": None}
    key = new_data_key(session, keyring, found.owner_id)
    sealed = seal(key.secret, text.encode(), reply_place(found.id))
    return {"key_id": key.id, "sealed": sealed}
