"""Giving a consent and taking it back; both stand in the trails of all concerned."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from compliance import clock, limits, trail
from compliance.identifiers import OrganisationId, SiteId, new_id, new_public_id
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.problems import Kind, Problem
from compliance.registry.consents.parties import (
    SHAREABLE,
    Organised,
    Shown,
    organisation_named,
    require_receiver,
    site_to_share,
    take_turns,
)
from compliance.registry.consents.queries import ConsentRecord, consent
from compliance.registry.models import Site
from compliance.registry.models.consents import Consent, Subject
from compliance.registry.visibility import sight_of
from compliance.texts import N_


class PeriodUnusable(Problem):
    kind = Kind.INVALID
    title = N_("The consent would hold at no time, or for too long")
    detail = N_(
        "It would hold from {valid_from} until {valid_until}. Let it end after this "
        "moment, later than it begins, and at most {days} days after that."
    )


class ConsentExists(Problem):
    kind = Kind.CONFLICT
    title = N_("You gave this consent already")
    detail = N_(
        "The consent {consent} shows the {subject} of {site} to {organisation} until "
        "{valid_until}. Take it back first where another period is wanted."
    )


class OnlyTheGiver(Problem):
    kind = Kind.FORBIDDEN
    title = N_("Only who gave a consent takes it back")
    detail = N_("The consent {consent} was given by {organisation}; ask it to.")


@dataclass(frozen=True)
class Period:
    """From when until when something is shown."""

    valid_from: datetime
    valid_until: datetime


@dataclass(frozen=True)
class Gift:
    """All of a consent but who gives it."""

    receiver: Organised
    site: Shown
    subject: Subject
    period: Period
    request_id: uuid.UUID | None = None


def give(
    session: Session,
    scope: Scope,
    *,
    grantee: str,
    site: str,
    subject: Subject,
    valid_until: datetime,
    valid_from: datetime | None = None,
) -> ConsentRecord:
    """Let a buyer or exporter see the risk or the scorecards of a site, for a time."""
    scope.require(Permission.SHARE)
    gift = Gift(
        receiver=organisation_named(session, "grantee", grantee),
        site=site_to_share(session, scope, "site", site),
        subject=subject,
        period=period_of(valid_from, valid_until),
    )
    take_turns(session, scope)
    return keep(session, scope, gift)


def period_of(valid_from: datetime | None, valid_until: datetime) -> Period:
    """Return a period that begins now unless said; raise PeriodUnusable."""
    now = clock.now()
    begins = valid_from or now
    longest = timedelta(days=limits.CONSENT_DAYS)
    if not max(begins, now) < valid_until <= begins + longest:
        raise PeriodUnusable(
            valid_from=begins.isoformat(),
            valid_until=valid_until.isoformat(),
            days=limits.CONSENT_DAYS,
        )
    return Period(begins, valid_until)


def keep(session: Session, scope: Scope, gift: Gift) -> ConsentRecord:
    """Keep a consent of the caller unless an equal one is in force or to come."""
    require_receiver(gift.receiver, giver_id=scope.organisation_id)
    _refuse_second(session, scope, gift)
    public_id = new_public_id("consent")
    session.execute(
        insert(Consent).values(
            id=new_id(),
            public_id=public_id,
            giver_id=scope.organisation_id,
            grantee_id=gift.receiver.id,
            site_id=gift.site.id,
            subject=gift.subject,
            request_id=gift.request_id,
            valid_from=gift.period.valid_from,
            valid_until=gift.period.valid_until,
            given_by=scope.actor,
            given_at=clock.now(),
        )
    )
    _record(
        session,
        scope,
        "consent.given",
        public_id,
        gift.receiver.id,
        gift.site,
        grantee=gift.receiver.public_id,
        subject=gift.subject,
        valid_from=gift.period.valid_from.isoformat(),
        valid_until=gift.period.valid_until.isoformat(),
    )
    return consent(session, scope, public_id)


def take_back(session: Session, scope: Scope, public_id: str) -> ConsentRecord:
    """End a consent at this moment: nothing is seen by it any more.

    Taking one back twice is no mistake, and changes nothing.
    """
    scope.require(Permission.SHARE)
    found = consent(session, scope, public_id)
    if found.giver.public_id != scope.organisation_public_id:
        raise OnlyTheGiver(consent=public_id, organisation=found.giver.public_id)
    ended = session.execute(
        update(Consent)
        .where(
            Consent.giver_id == scope.organisation_id,
            Consent.id == found.id,
            Consent.revoked_at.is_(None),
        )
        .values(revoked_at=clock.now(), revoked_by=scope.actor)
        .returning(Consent.grantee_id, Consent.site_id)
    ).one_or_none()
    if ended is None:
        return found
    _record(
        session,
        scope,
        "consent.taken_back",
        public_id,
        ended.grantee_id,
        _shown(session, scope, ended.site_id),
        grantee=found.grantee.public_id,
        subject=found.subject,
    )
    return consent(session, scope, public_id)


def _refuse_second(session: Session, scope: Scope, gift: Gift) -> None:
    """Two at once would leave the second in force when the first is taken back."""
    existing = session.execute(
        select(Consent.public_id, Consent.valid_until).where(
            Consent.giver_id == scope.organisation_id,
            Consent.grantee_id == gift.receiver.id,
            Consent.site_id == gift.site.id,
            Consent.subject == gift.subject,
            Consent.valid_until > clock.now(),
            Consent.revoked_at.is_(None),
        )
    ).first()
    if existing is not None:
        raise ConsentExists(
            consent=existing.public_id,
            subject=gift.subject.value,
            site=gift.site.public_id,
            organisation=gift.receiver.public_id,
            valid_until=existing.valid_until.isoformat(),
        )


def _record(
    session: Session,
    scope: Scope,
    action: str,
    public_id: str,
    grantee_id: OrganisationId,
    site: Shown | None,
    **facts: object,
) -> None:
    """Write to the trails of the giver and of the site's owner, and of the receiver.

    The receiver's does not name the site, which it may know only for a time.
    """
    keepers = {scope.organisation_id} | ({site.owner_id} if site else set())
    for organisation_id in sorted({*keepers, grantee_id}):
        named = {"site": site.public_id} if site and organisation_id in keepers else {}
        trail.record(
            session,
            organisation_id=organisation_id,
            actor=scope.actor,
            action=action,
            subject_id=public_id,
            giver=scope.organisation_public_id,
            **facts,
            **named,
        )


def _shown(session: Session, scope: Scope, site_id: uuid.UUID) -> Shown | None:
    """Return the site of a consent, None where the giver runs it no more."""
    row = session.execute(
        SHAREABLE.add_columns(Site.public_id).where(Site.id == site_id), sight_of(scope)
    ).one_or_none()
    if row is None:
        return None
    return Shown(SiteId(row.id), row.public_id, OrganisationId(row.owner_id))
