"""The guided first run of an empty installation: its steps, and which of them are done."""

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from api import hop
from api.pages.first_steps import STEPS, first_steps
from api.pages.rendering import page
from api.routing import feature_router
from compliance.identity.scope import NotSignedIn, Scope

first_run = feature_router("/first-steps", "pages")


@first_run.get("", include_in_schema=False)
async def show_first_steps(request: Request) -> Response:
    """Show how far the organisation has come, and what is to be done next by whom."""

    def work(session: Session, scope: Scope) -> Response:
        found = first_steps(session, scope)
        return page(request, "first_steps.html", scope=scope, found=found, steps=STEPS)

    try:
        return await hop.read(request, work)
    except NotSignedIn:
        return RedirectResponse("/sign-in?next=/first-steps", 303)
