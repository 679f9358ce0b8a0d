"""The pages of findings and of what follows from them, and what each asks for."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from compliance.identity.policy import Action, Resource
from tests.browsing import OURS
from tests.field import BOUNDARY, JPEG, body_of
from tests.isolation.matrix import DONE, TO_SIGN_IN, Asks, Body
from tests.isolation.world import Place, World

FORM = {**OURS, "Content-Type": "application/x-www-form-urlencoded"}
UPLOADED = {**OURS, "Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
READ, ANSWER, DECIDE = Action.READ, Action.ANSWER, Action.DECIDE
FINDING, ACTION = Resource.FINDING, Resource.CORRECTIVE_ACTION
REMEDY, COMMITMENT = Resource.REMEDY, Resource.COMMITMENT
ACCEPTED, AGREED = {"ref": "accepted"}, {"action": "agreed_action"}
OF_SITE = {"site_id": "site"}
# Who may is led on, or told that it, or something of the form, is not possible now.
LED_ON = DONE | {303, 409}
OR_AGAIN = LED_ON | {422}


def seen(resource: Resource, action: Action = READ, **rest: Any) -> Asks:
    return Asks(resource, action, anonymous=TO_SIGN_IN, **rest)


def sent(resource: Resource, action: Action, body: Body, **rest: Any) -> Asks:
    given = {"done": LED_ON, **rest}
    return Asks(resource, action, body, headers=FORM, anonymous=TO_SIGN_IN, **given)


def filled(**fields: str) -> Body:
    return lambda _world, _place: urlencode(fields).encode()


def offer_form(_world: World, place: Place) -> object:
    fields = {
        "site": place.names["site"],
        "kind": "lead_time",
        "measure": "days",
        "quantity": "14",
        "due_on": "2026-12-31",
    }
    return urlencode(fields).encode()


def photo(_world: World, _place: Place) -> object:
    return body_of([("kind", b"photo_of_place"), ("file", JPEG)])


def paper(_world: World, _place: Place) -> object:
    return body_of([("proof", b"worker_interviews")])


PLAN = filled(
    root_cause="records_lacking",
    action="keep_records",
    owner_role="mill_manager",
    due_on="2026-11-22",
)
CORRECTIONS: Mapping[str, Asks | Sequence[Asks]] = {
    "GET /findings": seen(FINDING, is_list=True),
    "GET /findings/{ref}": seen(FINDING),
    "POST /findings/{ref}/steps": (
        sent(FINDING, ANSWER, filled(step="dispute", dispute_reason="facts_wrong")),
        sent(
            FINDING,
            DECIDE,
            filled(step="close", close_evidence_kind="site"),
            names=ACCEPTED,
            done=OR_AGAIN,
        ),
    ),
    "GET /findings/{ref}/plan": seen(ACTION, ANSWER, names=ACCEPTED),
    "POST /findings/{ref}/plan": sent(ACTION, ANSWER, PLAN, names=ACCEPTED),
    "GET /findings/{ref}/remedies": seen(REMEDY, DECIDE, names=ACCEPTED),
    "POST /findings/{ref}/remedies": sent(
        REMEDY,
        DECIDE,
        filled(
            kind="documents_returned",
            people="7",
            period_from="2026-09-01",
            period_to="2026-10-31",
        ),
        names=ACCEPTED,
    ),
    "GET /actions": seen(ACTION, is_list=True),
    "GET /actions/{action}": seen(ACTION),
    "POST /actions/{action}/steps": (
        sent(ACTION, ANSWER, filled(step="start"), names=AGREED),
        sent(ACTION, DECIDE, filled(step="agree")),
    ),
    "GET /actions/{action}/plan": seen(ACTION, ANSWER),
    "POST /actions/{action}/plan": sent(ACTION, ANSWER, PLAN, done=OR_AGAIN),
    "POST /actions/{action}/extensions": sent(
        ACTION,
        ANSWER,
        filled(extension_reason="permit_pending", extension_until="2026-12-22"),
    ),
    "POST /actions/{action}/extensions/{extension}": sent(
        ACTION, DECIDE, filled(decision="grant"), names=AGREED
    ),
    "POST /evidence/{action}": Asks(
        ACTION,
        ANSWER,
        photo,
        headers=UPLOADED,
        done=LED_ON,
        anonymous=TO_SIGN_IN,
    ),
    # What the picture is made of is no picture here: who may is told so.
    "GET /evidence/{action}/{proof}": seen(
        Resource.STATEMENT, names=AGREED, done=frozenset({200, 404})
    ),
    "GET /replies": seen(Resource.REPLY, is_list=True),
    "GET /replies/{reply}": seen(Resource.REPLY),
    "POST /replies/{reply}": sent(Resource.REPLY, ANSWER, filled(code="gives_context")),
    "GET /sites/{site_id}/plan": seen(Resource.PLAN, names=OF_SITE),
    "GET /remedies/{remedy}": seen(REMEDY),
    "POST /remedies/{remedy}/payments": sent(
        REMEDY,
        ANSWER,
        filled(
            pay_people="9",
            pay_amount="1",
            pay_currency="COP",
            pay_paid_on="2026-11-21",
        ),
    ),
    "POST /remedies/{remedy}/adjustments": sent(
        REMEDY, DECIDE, filled(adjust_reason="people_recounted", adjust_people="1")
    ),
    "POST /remedies/{remedy}/verifications": sent(
        REMEDY,
        DECIDE,
        filled(verify_checked_by="site"),
        names={"remedy": "proven_remedy"},
    ),
    "POST /proofs/{remedy}": Asks(
        REMEDY,
        ANSWER,
        paper,
        headers=UPLOADED,
        names={"remedy": "proven_remedy"},
        done=LED_ON,
        anonymous=TO_SIGN_IN,
    ),
    "GET /commitments": seen(COMMITMENT, is_list=True),
    "GET /commitments/offer": seen(COMMITMENT, Action.GIVE, is_list=True),
    "POST /commitments/offer": sent(
        COMMITMENT, Action.GIVE, offer_form, refused=frozenset({403, 404, 422})
    ),
    "GET /commitments/{commitment}": seen(COMMITMENT),
    "POST /commitments/{commitment}/steps": sent(
        COMMITMENT, ANSWER, filled(step="accept")
    ),
}
