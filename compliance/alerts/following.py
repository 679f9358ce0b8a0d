"""Who follows a site: organisations that may see something of it by a consent in force."""

import uuid

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from compliance import clock
from compliance.alerts.models import Alert
from compliance.database import Instant
from compliance.identifiers import OrganisationId
from compliance.registry.models import Site
from compliance.registry.models.consents import Consent, Subject

NOW = bindparam("now", type_=Instant())
IN_FORCE = (
    Consent.valid_from <= NOW,
    Consent.valid_until > NOW,
    Consent.revoked_at.is_(None),
    # As `registry.visibility` has it: who gave it must still be one of the two.
    or_(Consent.giver_id == Site.owner_id, Consent.giver_id == Site.operator_id),
)
FOLLOWERS = (
    select(Consent.grantee_id)
    .distinct()
    .join(Site, Site.id == Consent.site_id)
    .where(
        Consent.site_id == bindparam("site_id"),
        Consent.subject == bindparam("subject"),
        *IN_FORCE,
    )
    .order_by(Consent.grantee_id)
)
# Of an alert: whether who it was told to by consent may still see what it is of.
IS_FOLLOWED = (
    select(Consent.id)
    .join(Site, Site.id == Consent.site_id)
    .where(
        Consent.site_id == Alert.site_id,
        Consent.grantee_id == Alert.owner_id,
        Consent.subject == Alert.followed,
        *IN_FORCE,
    )
    .correlate(Alert)
    .exists()
)
FOLLOWS = FOLLOWERS.where(Consent.grantee_id == bindparam("grantee_id"))


def followers_of(
    session: Session, site_id: uuid.UUID, subject: Subject
) -> tuple[OrganisationId, ...]:
    """Return who may see the subject of a site that is kept, in a settled order."""
    bound = {"site_id": site_id, "subject": subject, "now": clock.now()}
    return tuple(OrganisationId(one) for one in session.scalars(FOLLOWERS, bound))


def still_follows(
    session: Session,
    organisation_id: OrganisationId,
    site_id: uuid.UUID,
    subject: Subject,
) -> bool:
    """Tell whether an organisation may see the subject of a site now."""
    bound = {
        "site_id": site_id,
        "subject": subject,
        "now": clock.now(),
        "grantee_id": organisation_id,
    }
    return session.scalar(FOLLOWS, bound) is not None
