"""Signing in and out with a password; the cookie holds a random token and no more."""

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from api import hop, signing_in
from api.pages.readers import local_path
from api.pages.rendering import facts_of_form, language_of, page
from api.problems import status_of
from api.routing import feature_router
from compliance.identity.sessions import (
    KnownPerson,
    NoMembership,
    StartedSession,
    end_session,
)
from compliance.identity.throttle import SignInDelayed
from compliance.texts import N_, translate

WRONG = N_("The address or the password is not right. Check both and try again.")
NOTES = {"password": N_("Your new password is set. Sign in with it.")}

sign_in = feature_router("", "pages")


@sign_in.get("/sign-in", include_in_schema=False)
async def ask(request: Request, next: str = "/", done: str = "") -> Response:  # noqa: A002 - the name in the address
    """Show the form."""
    note = NOTES.get(done)
    return sign_in_page(
        request,
        next_path=local_path(next),
        note=note and translate(note, language_of(request)),
    )


@sign_in.post("/sign-in", include_in_schema=False)
async def answer(request: Request) -> Response:
    """Check the password, slowly, and start a session."""
    hop.refuse_foreign(request)
    given = facts_of_form(await request.body())
    email, password = given.get("email", ""), given.get("password", "")
    next_path = local_path(given.get("next", "/"))
    language = language_of(request)
    try:
        person = await signing_in.proven(request, email, password)
        if person is not None:
            return await enter(request, person, next_path)
    except (SignInDelayed, NoMembership) as problem:
        response = sign_in_page(
            request,
            status=status_of(problem),
            email=email,
            error=problem.told(language),
            next_path=next_path,
        )
        if isinstance(problem, SignInDelayed):
            response.headers["Retry-After"] = str(problem.facts["retry_after"])
        return response
    return sign_in_page(
        request,
        status=401,
        email=email,
        error=translate(WRONG, language),
        next_path=next_path,
    )


def sign_in_page(
    request: Request,
    *,
    status: int = 200,
    email: str = "",
    error: str | None = None,
    note: str | None = None,
    next_path: str = "/",
) -> Response:
    """Return the form, with what went wrong."""
    return page(
        request,
        "sign_in.html",
        status=status,
        email=email,
        error=error,
        note=note,
        next_path=next_path,
        external=hop.service_of(request).settings.oidc_issuer is not None,
    )


async def enter(request: Request, person: KnownPerson, next_path: str) -> Response:
    """Start the session of somebody whose password was right, and go where they wanted."""

    def work(session: Session) -> StartedSession:
        signing_in.forgive(request, session, person)
        return signing_in.start(request, session, person)

    started = await hop.service_of(request).write(work, system=True)
    response = RedirectResponse(next_path, 303)
    signing_in.give_cookie(request, response, started)
    return response


@sign_in.post("/sign-out", include_in_schema=False)
async def leave(request: Request) -> Response:
    """End the session and forget the cookie."""
    hop.refuse_foreign(request)
    token = request.cookies.get(hop.cookie_name(request))
    if token is not None:
        await hop.service_of(request).write(
            lambda session: end_session(session, token), system=True
        )
    response = RedirectResponse("/sign-in", 303)
    signing_in.forget_cookie(request, response)
    return response
