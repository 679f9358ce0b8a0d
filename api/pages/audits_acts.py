"""What a reviewer decides on the page of an audit, each act a form of its own."""

from collections.abc import Callable

from fastapi import Request
from pydantic import ValidationError
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.audits_wire import NewRemarkWire
from api.intake import keyring_of
from api.pages import audits_page
from api.pages.audits_page import ROWS_AT_MOST
from api.pages.forms import FieldWrong, Form, form_of, go_to, sent
from api.routing import feature_router
from audits.reviews import actions
from audits.reviews.actions import NewRemark
from audits.reviews.models import About, RemarkKind
from audits.visits.models import VoidReason
from compliance.idempotency import Answer
from compliance.identity.scope import Scope
from compliance.texts import N_

audit_acts = feature_router("/audits", "pages")

Act = Callable[[Session, Scope, Form], None]


@audit_acts.post("/{audit}/review", include_in_schema=False)
async def take(request: Request, audit: str) -> Response:
    """Take an audit into review, or over from somebody else."""

    def act(session: Session, scope: Scope, form: Form) -> None:
        from_another = form.value("from_another") == "yes"
        actions.take(session, scope, audit, from_another=from_another)

    return await _done(request, audit, "taken", act)


@audit_acts.post("/{audit}/return", include_in_schema=False)
async def give_back(request: Request, audit: str) -> Response:
    """Return an audit to be mended, with remarks."""
    keyring = keyring_of(hop.service_of(request))

    def act(session: Session, scope: Scope, form: Form) -> None:
        actions.return_audit(session, scope, keyring, audit, remarks_in(form))

    return await _done(request, audit, "returned", act)


@audit_acts.post("/{audit}/offer-reply", include_in_schema=False)
async def offer_reply(request: Request, audit: str) -> Response:
    """Offer the site its right of reply."""

    def act(session: Session, scope: Scope, _form: Form) -> None:
        actions.offer_reply(session, scope, audit)

    return await _done(request, audit, "offered", act)


@audit_acts.post("/{audit}/finalise", include_in_schema=False)
async def finalise(request: Request, audit: str) -> Response:
    """Close the review: what the audit found stands."""

    def act(session: Session, scope: Scope, _form: Form) -> None:
        actions.finalise(session, scope, audit)

    return await _done(request, audit, "final", act)


@audit_acts.post("/{audit}/void", include_in_schema=False)
async def void(request: Request, audit: str) -> Response:
    """Say that an audit does not count, and why."""

    def act(session: Session, scope: Scope, form: Form) -> None:
        actions.void(session, scope, audit, form.choice("reason", VoidReason))

    return await _done(request, audit, "voided", act)


async def _done(request: Request, audit: str, done: str, act: Act) -> Response:
    """Take an act; what is refused and can be mended is told on the page itself."""
    form = await form_of(request)

    def work(session: Session, scope: Scope) -> Answer:
        act(session, scope, form)
        return go_to(f"/audits/{audit}", done=done)

    return await sent(
        request, form, work, lambda refused: audits_page.show(request, audit, refused)
    )


def remarks_in(form: Form) -> list[NewRemark]:
    """Return the remarks of a form; a line that was left empty is none."""
    told = form.value("rows", "1")
    count = min(int(told), ROWS_AT_MOST) if told.isdecimal() and len(told) < 4 else 1
    numbers = [
        number
        for number in range(count)
        if form.value(f"kind-{number}") or form.value(f"text-{number}").strip()
    ]
    if not numbers:
        raise FieldWrong("kind-0", N_("Say at least one thing that is to be mended."))
    return [_remark(form, number) for number in numbers]


def _remark(form: Form, number: int) -> NewRemark:
    about, _, code = form.value(f"place-{number}", "visit").partition(":")
    kind = form.choice(f"kind-{number}", RemarkKind)
    text = form.value(f"text-{number}").strip() or None
    try:
        wire = NewRemarkWire(
            kind=kind, about=About(about), code=code or None, text=text
        )
    except ValidationError as error:
        is_text = any("text" in one["loc"] for one in error.errors())
        if is_text:
            raise FieldWrong(
                f"text-{number}", N_("Write at most 2,000 characters.")
            ) from error
        raise FieldWrong(f"place-{number}", N_("Choose one of the list.")) from error
    except ValueError as error:
        raise FieldWrong(f"place-{number}", N_("Choose one of the list.")) from error
    return NewRemark(**wire.model_dump())
