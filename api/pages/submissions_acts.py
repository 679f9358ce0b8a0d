"""What a supervisor does about a submission: give it its site, process it, take it out."""

from fastapi import Request
from pydantic import ValidationError
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.intake import intake_of
from api.pages.forms import FieldWrong, Form, form_of, go_to, sent
from api.pages.submissions import show
from api.routing import feature_router
from api.submissions_wire import Reason
from audits.submissions import actions
from audits.submissions.queries import submission
from compliance.idempotency import Answer
from compliance.identity.scope import Scope
from compliance.registry.queries import SiteNotFound, site
from compliance.texts import N_

submission_acts = feature_router("/submissions", "pages")


@submission_acts.post("/{submission_id}/site", include_in_schema=False)
async def place(request: Request, submission_id: str) -> Response:
    """Say to which site a waiting submission belongs."""
    form = await form_of(request)
    intake = intake_of(hop.service_of(request))

    def work(session: Session, scope: Scope) -> Answer:
        submission(session, scope, submission_id)
        actions.settle(
            session,
            scope,
            intake,
            submission_id=submission_id,
            site_id=_site(session, scope, form),
        )
        return _back(submission_id, "placed")

    return await sent(
        request, form, work, lambda refused: show(request, submission_id, refused)
    )


@submission_acts.post("/{submission_id}/process", include_in_schema=False)
async def process(request: Request, submission_id: str) -> Response:
    """Derive the facts of a submission once more, and assess them."""
    form = await form_of(request)
    intake = intake_of(hop.service_of(request))

    def work(session: Session, scope: Scope) -> Answer:
        actions.process_again(session, scope, intake, submission_id=submission_id)
        return _back(submission_id, "processed")

    return await sent(
        request, form, work, lambda refused: show(request, submission_id, refused)
    )


@submission_acts.post("/{submission_id}/withdraw", include_in_schema=False)
async def withdraw(request: Request, submission_id: str) -> Response:
    """Take a submission out; its bytes stay."""
    form = await form_of(request)

    def work(session: Session, scope: Scope) -> Answer:
        submission(session, scope, submission_id)
        actions.withdraw(
            session, scope, submission_id=submission_id, reason=_reason(form)
        )
        return _back(submission_id, "withdrawn")

    return await sent(
        request, form, work, lambda refused: show(request, submission_id, refused)
    )


def _back(submission_id: str, done: str) -> Answer:
    return go_to(f"/submissions/{submission_id}", done=done)


def _site(session: Session, scope: Scope, form: Form) -> str:
    """Return the site of the register that a form names; what is none is told there."""
    named = form.required("site")
    try:
        return site(session, scope, named).public_id
    except SiteNotFound as error:
        raise FieldWrong("site", N_("No site of your register has this id.")) from error


def _reason(form: Form) -> str:
    try:
        return Reason(reason=form.required("reason")).reason
    except ValidationError as error:
        raise FieldWrong("reason", N_("Write at most 500 characters.")) from error
