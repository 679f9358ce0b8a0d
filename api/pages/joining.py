"""Pages that a link opens once: joining an organisation, setting a new password."""

from collections.abc import Mapping

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from api import hop, signing_in
from api.pages.rendering import facts_of_form, language_of, page
from api.pages.sign_in import WRONG
from api.problems import status_of
from api.routing import feature_router
from compliance.identity.invitations import (
    OpenInvitation,
    join_as_known,
    join_as_new,
    open_invitation,
)
from compliance.identity.password_changes import person_of_link, use_password_link
from compliance.identity.passwords import MINIMUM_LENGTH
from compliance.identity.sessions import KnownPerson, StartedSession
from compliance.problems import Kind, Problem
from compliance.texts import N_

NAME_CHARACTERS = 200

joining = feature_router("", "pages")


class PasswordsDiffer(Problem):
    kind = Kind.INVALID
    title = N_("The two passwords are not the same")
    detail = N_("Type the new password twice, the same both times.")


class NameMissing(Problem):
    kind = Kind.INVALID
    title = N_("A name is needed")
    detail = N_("Write your name in one line of at most {characters} characters.")


class PasswordWrong(Problem):
    kind = Kind.UNAUTHENTICATED
    title = N_("The password is not right")
    detail = WRONG


@joining.get("/join/{token}", include_in_schema=False)
async def ask_to_join(request: Request, token: str) -> Response:
    """Show what the link invites to; looking uses nothing up."""
    return _join_page(request, await _asked(request, token))


@joining.post("/join/{token}", include_in_schema=False)
async def join(request: Request, token: str) -> Response:
    """Join with a new account, or with the one that is there."""
    hop.refuse_foreign(request)
    given = facts_of_form(await request.body())
    asked = await _asked(request, token)
    try:
        started = await (
            _join_as_new(request, token, asked, given)
            if asked.person is None
            else _join_as_known(request, token, asked, given)
        )
    except Problem as problem:
        if problem.kind not in {Kind.INVALID, Kind.UNAUTHENTICATED, Kind.TOO_MANY}:
            raise
        return _join_page(request, asked, problem, given.get("name"))
    response = RedirectResponse("/", 303)
    signing_in.give_cookie(request, response, started)
    return response


async def _asked(request: Request, token: str) -> OpenInvitation:
    return await hop.service_of(request).read(
        lambda session: open_invitation(session, token), system=True
    )


async def _join_as_new(
    request: Request, token: str, asked: OpenInvitation, given: Mapping[str, str]
) -> StartedSession:
    name = given.get("name", "").strip()
    if not (0 < len(name) <= NAME_CHARACTERS and name.isprintable()):
        raise NameMissing(characters=NAME_CHARACTERS)
    password = chosen_password(given)
    chosen = await signing_in.hashed(
        request, password, name, asked.email, asked.organisation_name
    )

    def work(session: Session) -> StartedSession:
        person = join_as_new(session, token, name=name, chosen=chosen)
        return signing_in.start(
            request, session, person, by="invitation", into=asked.organisation_id
        )

    return await hop.service_of(request).write(work, system=True)


async def _join_as_known(
    request: Request, token: str, asked: OpenInvitation, given: Mapping[str, str]
) -> StartedSession:
    person = await signing_in.proven(request, asked.email, given.get("password", ""))
    if person is None:
        raise PasswordWrong

    def work(session: Session) -> StartedSession:
        signing_in.forgive(request, session, person)
        join_as_known(session, token, person)
        return signing_in.start(request, session, person, into=asked.organisation_id)

    return await hop.service_of(request).write(work, system=True)


def chosen_password(given: Mapping[str, str]) -> str:
    """Return the new password of a form, typed the same twice."""
    password = given.get("password", "")
    if password != given.get("again", ""):
        raise PasswordsDiffer
    return password


def _join_page(
    request: Request,
    asked: OpenInvitation,
    problem: Problem | None = None,
    name: str | None = None,
) -> Response:
    return page(
        request,
        "join.html",
        status=status_of(problem) if problem else 200,
        asked=asked,
        name=(asked.name or "") if name is None else name,
        error=problem and problem.told(language_of(request)),
        minimum=MINIMUM_LENGTH,
    )


@joining.get("/password/{token}", include_in_schema=False)
async def ask_for_password(request: Request, token: str) -> Response:
    """Show whose password the link sets; looking uses nothing up."""
    return _password_page(request, await _person(request, token))


@joining.post("/password/{token}", include_in_schema=False)
async def set_password(request: Request, token: str) -> Response:
    """Set the new password and lead to signing in with it."""
    hop.refuse_foreign(request)
    given = facts_of_form(await request.body())
    person = await _person(request, token)
    try:
        chosen = await signing_in.hashed(
            request, chosen_password(given), person.name, person.email
        )
    except Problem as problem:
        if problem.kind is not Kind.INVALID:
            raise
        return _password_page(request, person, problem)
    await hop.service_of(request).write(
        lambda session: use_password_link(session, token, chosen), system=True
    )
    response = RedirectResponse("/sign-in?done=password", 303)
    signing_in.forget_cookie(request, response)
    return response


async def _person(request: Request, token: str) -> KnownPerson:
    return await hop.service_of(request).read(
        lambda session: person_of_link(session, token), system=True
    )


def _password_page(
    request: Request, person: KnownPerson, problem: Problem | None = None
) -> Response:
    return page(
        request,
        "new_password.html",
        status=status_of(problem) if problem else 200,
        person=person,
        error=problem and problem.told(language_of(request)),
        minimum=MINIMUM_LENGTH,
    )
