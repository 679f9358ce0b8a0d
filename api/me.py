"""Who the caller is: person or program, for which organisation, and what they may do."""

from typing import Annotated, Any

from fastapi import Request
from pydantic import StringConstraints
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop, signing_in
from api.routing import feature_router
from api.wire import ONE_PROBLEMS, PROBLEMS, ProblemDocument, Wire
from compliance.database import as_system
from compliance.identity.granting import written
from compliance.identity.models import OrganisationKind, Role
from compliance.identity.password_changes import change_password
from compliance.identity.scope import CookieGiven, Scope, scope_of
from compliance.identity.sessions import (
    Belonging,
    KnownPerson,
    StartedSession,
    belongings,
    person_of,
    switch_organisation,
)
from compliance.problems import Kind, Problem
from compliance.texts import N_

Typed = Annotated[str, StringConstraints(strip_whitespace=False, strict=True)]


class PersonNeeded(Problem):
    """A program asked for what only somebody at a browser has."""

    kind = Kind.FORBIDDEN
    title = N_("Only a person who is signed in can do this")
    detail = N_(
        "A key or an access token has no password and belongs to one organisation. "
        "Sign in at /sign-in."
    )


class CurrentPasswordWrong(Problem):
    kind = Kind.INVALID
    title = N_("The current password is not right")
    detail = N_("Nothing was changed. Type the password you signed in with.")


class PersonOfMe(Wire):
    """The person, where it is one."""

    id: str
    name: str
    email: str
    language: str


class OrganisationOfMe(Wire):
    """An organisation the caller works for, and as what."""

    id: str
    name: str
    kind: OrganisationKind
    role: Role


class Me(Wire):
    """Who the caller is; of a program, only for whom it works and what it may do."""

    actor: str
    person: PersonOfMe | None
    organisation_id: str
    organisation_name: str
    role: Role
    permissions: list[str]
    organisations: list[OrganisationOfMe]


class PasswordChange(Wire):
    """The old password and the new."""

    current: Typed
    new: Typed


class ChosenOrganisation(Wire):
    """The organisation to go on in."""

    id: str


TOO_MANY: dict[int | str, dict[str, Any]] = {
    429: {"model": ProblemDocument, "description": "Too many wrong passwords."}
}

whoami = feature_router("/v1/me", "me")


@whoami.get("", responses={200: {"model": Me}, **PROBLEMS})
async def read_me(request: Request) -> Response:
    """Tell who you are, for which organisation, and what you may do."""
    return hop.respond(hop.json_answer(200, await hop.read(request, _me)))


def _me(session: Session, scope: Scope) -> dict[str, Any]:
    person, places = _person_and_places(session, scope)
    return {
        "actor": scope.actor,
        "person": person
        and {
            "id": person.public_id,
            "name": person.name,
            "email": person.email,
            "language": scope.language,
        },
        "organisation_id": scope.organisation_public_id,
        "organisation_name": scope.organisation_name,
        "role": scope.role,
        "permissions": written(scope.permissions).split(),
        "organisations": [
            {"id": one.public_id, "name": one.name, "kind": one.kind, "role": one.role}
            for one in places
        ],
    }


def _person_and_places(
    session: Session, scope: Scope
) -> tuple[KnownPerson | None, tuple[Belonging, ...]]:
    if scope.person_id is None:
        return None, ()
    with as_system(session):  # one's own memberships, in whichever organisation
        person = person_of(session, scope.person_id)
        return person, belongings(session, scope.person_id)


@whoami.post(
    "/password",
    status_code=204,
    responses={**PROBLEMS, **TOO_MANY},
)
async def change_my_password(request: Request, body: PasswordChange) -> Response:
    """Change your password; you stay signed in here and are signed out elsewhere."""
    person = await signed_in_person(request)
    response = Response(status_code=204)
    started = await change(request, person, body.current, body.new)
    signing_in.give_cookie(request, response, started)
    return response


@whoami.put("/organisation", responses={200: {"model": Me}, **ONE_PROBLEMS})
async def switch(request: Request, body: ChosenOrganisation) -> Response:
    """Go on in another organisation of yours; the cookie is a new one then."""
    person = await signed_in_person(request)
    started = await go_on_in(request, person, body.id)
    document = await hop.service_of(request).read(
        lambda session: _me(session, scope_of(session, CookieGiven(started.token)))
    )
    response = hop.respond(hop.json_answer(200, document))
    signing_in.give_cookie(request, response, started)
    return response


async def signed_in_person(request: Request) -> KnownPerson:
    """Return the person at the browser, or raise PersonNeeded."""

    def work(session: Session, scope: Scope) -> KnownPerson:
        person, _ = _person_and_places(session, scope)
        if person is None:
            raise PersonNeeded
        return person

    return await hop.read(request, work)


async def change(
    request: Request, person: KnownPerson, current: str, new: str
) -> StartedSession:
    """Change a password whose old one is given; return the one session that is left."""
    proven = await signing_in.proven(request, person.email, current)
    if proven is None:
        raise CurrentPasswordWrong
    chosen = await signing_in.hashed(request, new, person.name, person.email)

    def work(session: Session) -> StartedSession:
        signing_in.forgive(request, session, proven)
        changed = change_password(session, proven, chosen)
        return signing_in.start(request, session, changed)

    return await hop.service_of(request).write(work, system=True)


async def go_on_in(
    request: Request, person: KnownPerson, organisation: str
) -> StartedSession:
    """Switch the session of a request to another organisation of the person's."""
    token = request.cookies[hop.cookie_name(request)]
    return await hop.service_of(request).write(
        lambda session: switch_organisation(session, token, person, organisation),
        system=True,
    )
