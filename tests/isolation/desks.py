"""The pages of sharing, machines and administration, and what each asks for."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from compliance.identity.policy import Action, Relation, Resource
from tests.browsing import OURS
from tests.isolation import bodies
from tests.isolation.matrix import DONE, TO_SIGN_IN, Asks, Body
from tests.isolation.world import Place, World

FORM = {**OURS, "Content-Type": "application/x-www-form-urlencoded"}
# Who may is led on, or told that it is not possible now.
LED_ON = DONE | {303, 409}
BY_BODY = frozenset({403, 404, 422})
SHOWN = frozenset({Relation.SHARED_RISK, Relation.SHARED_SCORECARD})
READ, MANAGE = Action.READ, Action.MANAGE
A_LATER_DAY = "2027-11-21"


def seen(resource: Resource, action: Action = READ, **rest: Any) -> Asks:
    return Asks(resource, action, anonymous=TO_SIGN_IN, **rest)


def sent(resource: Resource, action: Action, body: Body, **rest: Any) -> Asks:
    given = {"done": LED_ON, **rest}
    return Asks(resource, action, body, headers=FORM, anonymous=TO_SIGN_IN, **given)


def managed(
    resource: Resource,
    *,
    nobodys: bool = False,
    action: Action = MANAGE,
    fields: Mapping[str, str] | None = None,
) -> Asks:
    """Return a form that changes something of the organisation's own."""
    return sent(resource, action, filled(fields), is_nobodys=nobodys)


def filled(fields: Mapping[str, str] | None = None) -> Body:
    return lambda _world, _place: urlencode(fields or {}).encode()


def consent_form(world: World, place: Place) -> object:
    fields = {
        "grantee": world.tenants["third_buyer"].public_id,
        "sites": place.names["site"],
        "subject": "scorecard",
        "last_day": A_LATER_DAY,
    }
    return urlencode(fields).encode()


def acceptance_form(world: World, place: Place) -> object:
    asked: Any = bodies.acceptance(world, place)
    fields = [("sites", one) for one in asked["sites"]]
    return urlencode([*fields, ("last_day", A_LATER_DAY)]).encode()


def asking_form(_world: World, place: Place) -> object:
    fields = {"supplier": place.names["organisation"], "subject": "risk"}
    return urlencode(fields).encode()


def policy_form(_world: World, _place: Place) -> object:
    fields = {"valid_from": "2100-01-01", "source": "The board's decision of today"}
    return urlencode(fields).encode()


PERSON, KEY, RECEIVER = Resource.PERSON, Resource.KEY, Resource.RECEIVER
CONSENT, REQUEST, POLICY = Resource.CONSENT, Resource.REQUEST, Resource.POLICY
MADE = {"label": "otra", "role": "analyst"}
HOOK = {"kind": "webhook", "address": "https://hooks.example/", "language": "es"}
INVITED = {"email": "somebody@example.org", "role": "analyst", "language": "es"}

DESKS: Mapping[str, Asks] = {
    "GET /consents": seen(CONSENT, is_nobodys=True),
    "POST /consents": sent(CONSENT, Action.GIVE, consent_form, refused=BY_BODY),
    "GET /consents/received": seen(CONSENT, is_nobodys=True),
    "GET /consents/new": seen(CONSENT, Action.GIVE, is_nobodys=True),
    "GET /consents/{consent}": seen(CONSENT),
    "POST /consents/{consent}/end": sent(CONSENT, Action.TAKE_BACK, filled()),
    "GET /consents/requests": seen(REQUEST, is_nobodys=True),
    "POST /consents/requests": sent(
        REQUEST,
        Action.SEND,
        asking_form,
        done=LED_ON | {422},  # a mill is told that it cannot receive
        refused=BY_BODY,
    ),
    "GET /consents/requests/new": seen(REQUEST, Action.ANSWER, is_nobodys=True),
    "GET /consents/requests/{asked}": seen(REQUEST),
    "POST /consents/requests/{asked}/acceptance": sent(
        REQUEST, Action.ANSWER, acceptance_form
    ),
    "POST /consents/requests/{asked}/refusal": sent(REQUEST, Action.ANSWER, filled()),
    "GET /webhooks": seen(RECEIVER, MANAGE, is_nobodys=True),
    "POST /webhooks": managed(RECEIVER, nobodys=True, fields=HOOK),
    "GET /webhooks/new": seen(RECEIVER, MANAGE, is_nobodys=True),
    "GET /webhooks/{receiver}": seen(RECEIVER, MANAGE),
    "GET /webhooks/{receiver}/edit": seen(RECEIVER, MANAGE),
    "POST /webhooks/{receiver}/edit": managed(RECEIVER, fields={"language": "es"}),
    "POST /webhooks/{receiver}/secret": managed(RECEIVER),
    "POST /webhooks/{receiver}/test": managed(RECEIVER),
    "POST /webhooks/{receiver}/state": managed(RECEIVER, fields={"state": "stopped"}),
    "POST /webhooks/{receiver}/removal": managed(RECEIVER),
    "POST /webhooks/{receiver}/replay": managed(
        RECEIVER, fields={"since": "2026-01-01"}
    ),
    "GET /keys": seen(KEY, MANAGE, is_nobodys=True),
    "POST /keys": managed(KEY, nobodys=True, fields=MADE),
    "GET /keys/new": seen(KEY, MANAGE, is_nobodys=True),
    "GET /keys/{key}": seen(KEY, MANAGE),
    "POST /keys/{key}/revocation": managed(KEY),
    "GET /keys/clients": seen(KEY, MANAGE, is_nobodys=True),
    "POST /keys/clients": managed(KEY, nobodys=True, fields=MADE),
    "GET /keys/clients/new": seen(KEY, MANAGE, is_nobodys=True),
    "GET /keys/clients/{client}": seen(KEY, MANAGE),
    "POST /keys/clients/{client}/revocation": managed(KEY),
    "GET /people": seen(PERSON, MANAGE, is_nobodys=True),
    "GET /people/roles": seen(Resource.EDITION),
    "GET /people/invitations": seen(PERSON, MANAGE, is_nobodys=True),
    "POST /people/invitations": managed(PERSON, nobodys=True, fields=INVITED),
    "GET /people/invitations/new": seen(PERSON, MANAGE, is_nobodys=True),
    "POST /people/invitations/{invitation}/withdrawal": managed(PERSON),
    "GET /people/{person}": seen(PERSON, MANAGE),
    "POST /people/{person}/role": managed(PERSON, fields={"role": "auditor"}),
    "POST /people/{person}/status": managed(PERSON, fields={"status": "suspended"}),
    "POST /people/{person}/removal": managed(PERSON),
    "POST /people/{person}/password-links": managed(PERSON),
    "GET /policies": seen(POLICY, is_nobodys=True),
    "GET /policies/programmes": seen(POLICY, is_nobodys=True),
    "POST /policies/programmes": managed(
        POLICY, nobodys=True, action=Action.CHANGE, fields={"name": "Otro programa"}
    ),
    "GET /policies/{policy}": seen(POLICY, is_nobodys=True),
    "GET /policies/{policy}/change": seen(POLICY, Action.CHANGE, is_nobodys=True),
    "POST /policies/{policy}": sent(
        POLICY, Action.CHANGE, policy_form, is_nobodys=True
    ),
    "GET /trail": seen(Resource.TRAIL, is_nobodys=True, follows=SHOWN),
    "GET /trail/{entry}": seen(Resource.TRAIL, is_nobodys=True),
    "GET /trail/{entry}/proof.json": seen(Resource.TRAIL, is_nobodys=True, done=LED_ON),
}
