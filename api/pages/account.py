"""One's own account: the password, and the organisation one works for just now."""

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from api import hop, me, signing_in
from api.pages.joining import chosen_password
from api.pages.rendering import facts_of_form, language_of, page
from api.problems import status_of
from api.routing import feature_router
from compliance.database import as_system
from compliance.identity.passwords import MINIMUM_LENGTH
from compliance.identity.scope import Scope
from compliance.identity.sessions import belongings, person_of
from compliance.problems import Kind, Problem
from compliance.texts import N_, translate

CHANGED = N_("Your password is changed.")

account = feature_router("/account", "pages")


@account.get("", include_in_schema=False)
async def show_account(request: Request, done: str = "") -> Response:
    """Show who is signed in, where they belong, and the form for a new password."""
    return await _account_page(request, is_changed=done == "password")


@account.post("/password", include_in_schema=False)
async def change_password(request: Request) -> Response:
    """Change the password whose old one is given."""
    person = await me.signed_in_person(request)
    given = facts_of_form(await request.body())
    try:
        started = await me.change(
            request, person, given.get("current", ""), chosen_password(given)
        )
    except Problem as problem:
        if problem.kind not in {Kind.INVALID, Kind.TOO_MANY}:
            raise
        return await _account_page(request, problem)
    response = RedirectResponse("/account?done=password", 303)
    signing_in.give_cookie(request, response, started)
    return response


@account.post("/organisation", include_in_schema=False)
async def switch(request: Request) -> Response:
    """Go on in another organisation."""
    person = await me.signed_in_person(request)
    given = facts_of_form(await request.body())
    started = await me.go_on_in(request, person, given.get("organisation", ""))
    response = RedirectResponse("/", 303)
    signing_in.give_cookie(request, response, started)
    return response


async def _account_page(
    request: Request, problem: Problem | None = None, *, is_changed: bool = False
) -> Response:
    def work(session: Session, scope: Scope) -> Response:
        if scope.person_id is None:
            raise me.PersonNeeded
        with as_system(session):  # one's own memberships, in whichever organisation
            person = person_of(session, scope.person_id)
            places = belongings(session, person.id)
        language = language_of(request, scope)
        return page(
            request,
            "account.html",
            scope=scope,
            status=status_of(problem) if problem else 200,
            person=person,
            places=places,
            error=problem and problem.told(language),
            note=translate(CHANGED, language) if is_changed else None,
            minimum=MINIMUM_LENGTH,
        )

    return await hop.read(request, work)
