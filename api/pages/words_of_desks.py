"""What the codes of sharing, machines and administration are called on a page."""

from collections.abc import Mapping
from enum import StrEnum

from compliance.alerts.models import Channel, DeliveryState, ReceiverState
from compliance.identity.invitations import InvitationState
from compliance.identity.keys import KeyState
from compliance.identity.models import MembershipStatus
from compliance.policies.queries import Whose
from compliance.registry.consents.queries import ConsentState
from compliance.registry.models.consents import Reply, Subject
from compliance.texts import N_, NP_

WORDS_OF_DESKS: Mapping[type[StrEnum], Mapping[str, str]] = {
    MembershipStatus: {
        MembershipStatus.ACTIVE: N_("May act"),
        MembershipStatus.SUSPENDED: N_("Suspended for now"),
        MembershipStatus.REMOVED: NP_("person", "Removed"),
    },
    InvitationState: {
        InvitationState.OPEN: N_("Waiting for an answer"),
        InvitationState.ACCEPTED: N_("Accepted"),
        InvitationState.WITHDRAWN: NP_("invitation", "Withdrawn"),
        InvitationState.EXPIRED: N_("Expired"),
    },
    KeyState: {
        KeyState.IN_FORCE: N_("In force"),
        KeyState.REVOKED: N_("Revoked"),
        KeyState.EXPIRED: N_("Expired"),
    },
    ConsentState: {
        ConsentState.UPCOMING: N_("Begins later"),
        ConsentState.IN_FORCE: N_("In force"),
        ConsentState.EXPIRED: NP_("consent", "Expired"),
        ConsentState.REVOKED: N_("Taken back"),
    },
    Subject: {
        Subject.RISK: N_("Its risk"),
        Subject.SCORECARD: N_("Its scorecards"),
    },
    Reply: {
        Reply.ACCEPTED: N_("Accepted"),
        Reply.DECLINED: N_("Declined"),
    },
    Whose: {
        Whose.PRODUCT: N_("The product’s own"),
        Whose.ORGANISATION: N_("Your organisation’s"),
        Whose.PROGRAMME: N_("A programme’s"),
    },
    Channel: {
        Channel.MAIL: N_("Mail"),
        Channel.WEBHOOK: N_("Webhook"),
    },
    ReceiverState: {
        ReceiverState.ACTIVE: N_("Is sent alerts"),
        ReceiverState.STOPPED: N_("Paused"),
        ReceiverState.REMOVED: N_("Removed"),
    },
    DeliveryState: {
        DeliveryState.WAITING: N_("Waiting"),
        DeliveryState.DELIVERED: N_("Delivered"),
        DeliveryState.GIVEN_UP: N_("Given up"),
        DeliveryState.DROPPED: N_("Dropped"),
    },
}
