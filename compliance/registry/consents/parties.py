"""The two sides of a consent: who can give, who can receive, and how each is found."""

import uuid
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from compliance.database import as_system
from compliance.identifiers import OrganisationId, SiteId
from compliance.identity.models import Organisation, OrganisationKind
from compliance.identity.policy import Action, Resource
from compliance.identity.scope import Scope
from compliance.problems import Kind, Problem
from compliance.registry.actions import SiteUnknown
from compliance.registry.models import Site
from compliance.registry.visibility import sight_of, visible
from compliance.texts import N_

RECEIVING = frozenset({OrganisationKind.BUYER, OrganisationKind.EXPORTER})


class OrganisationUnknown(Problem):
    kind = Kind.INVALID
    title = N_("No such organisation")
    detail = N_(
        "'{field}' is {organisation}, but no organisation that works here has this id. "
        "Ask the organisation itself for it."
    )


class CannotReceive(Problem):
    kind = Kind.INVALID
    title = N_("Sight is given to buyers and exporters")
    detail = N_(
        "{organisation} is registered here as {registered_as}. Only a buyer or an "
        "exporter, other than the one that gives it, can be given sight of a site."
    )


@dataclass(frozen=True)
class Organised:
    """An organisation with members, as far as the other side may know it."""

    id: OrganisationId
    public_id: str
    kind: OrganisationKind


@dataclass(frozen=True)
class Shown:
    """A site that is shown, and who keeps its record."""

    id: SiteId
    public_id: str
    owner_id: OrganisationId


def organisation_named(session: Session, field: str, public_id: str) -> Organised:
    """Return the organisation that a request names, or raise OrganisationUnknown."""
    # The caller may see no row of the other side before they share anything.
    with as_system(session):
        row = session.execute(
            select(Organisation.id, Organisation.kind).where(
                Organisation.public_id == public_id,
                Organisation.registered_by_id.is_(None),
            )
        ).one_or_none()
    if row is None:
        raise OrganisationUnknown(field=field, organisation=public_id)
    return Organised(OrganisationId(row.id), public_id, OrganisationKind(row.kind))


def require_receiver(receiver: Organised, *, giver_id: uuid.UUID) -> None:
    """Go on only where sight can be given to an organisation by another."""
    if receiver.kind not in RECEIVING or receiver.id == giver_id:
        raise CannotReceive(
            organisation=receiver.public_id, registered_as=receiver.kind.value
        )


SHAREABLE = select(Site.id, Site.owner_id).where(visible(Resource.CONSENT, Action.GIVE))


def site_to_share(session: Session, scope: Scope, field: str, site: str) -> Shown:
    """Return a site that the caller owns or operates, or raise SiteUnknown."""
    row = session.execute(
        SHAREABLE.where(Site.public_id == site), sight_of(scope)
    ).one_or_none()
    if row is None:
        raise SiteUnknown(field=field, site=site)
    return Shown(SiteId(row.id), site, OrganisationId(row.owner_id))


def take_turns(session: Session, scope: Scope) -> None:
    """Let one change of the caller's consents at a time go on."""
    session.execute(
        select(Organisation.id)
        .where(Organisation.id == scope.organisation_id)
        .with_for_update(key_share=True)
    ).one()
