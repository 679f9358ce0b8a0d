"""Signing in and out with a password; the cookie holds a random token and no more."""

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from api import hop
from api.pages.readers import local_path
from api.pages.rendering import facts_of_form, language_of, page
from api.routing import feature_router
from compliance.identity import actions
from compliance.identity.passwords import is_password
from compliance.texts import N_, translate

WRONG = N_("The address or the password is not right. Check both and try again.")

sign_in = feature_router("", "pages")


@sign_in.get("/sign-in", include_in_schema=False)
async def ask(request: Request, next: str = "/") -> Response:  # noqa: A002 - the name in the address
    """Show the form."""
    return page(
        request, "sign_in.html", email="", error=None, next_path=local_path(next)
    )


@sign_in.post("/sign-in", include_in_schema=False)
async def answer(request: Request) -> Response:
    """Check the password, slowly, and start a session."""
    hop.refuse_foreign(request)
    service = hop.service_of(request)
    given = facts_of_form(await request.body())
    email, password = given.get("email", ""), given.get("password", "")
    next_path = local_path(given.get("next", "/"))

    kept = await service.read(lambda session: actions.password_hash_of(session, email))
    if not await service.passwords.run(lambda: is_password(kept, password)):
        return page(
            request,
            "sign_in.html",
            status=401,
            email=email,
            error=translate(WRONG, language_of(request)),
            next_path=next_path,
        )

    started = await service.write(lambda session: actions.start_session(session, email))
    response = RedirectResponse(next_path, 303)
    response.set_cookie(
        hop.COOKIE,
        started.token,
        expires=started.expires_at,
        secure=service.settings.cookies_are_secure,
        httponly=True,
        samesite="lax",
    )
    return response


@sign_in.post("/sign-out", include_in_schema=False)
async def leave(request: Request) -> Response:
    """End the session and forget the cookie."""
    hop.refuse_foreign(request)
    token = request.cookies.get(hop.COOKIE)
    if token is not None:
        await hop.service_of(request).write(
            lambda session: actions.end_session(session, token)
        )
    response = RedirectResponse("/sign-in", 303)
    response.delete_cookie(hop.COOKIE)
    return response
