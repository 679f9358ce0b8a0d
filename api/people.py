"""The people of an organisation over HTTP: invited, given a role, suspended, removed."""

from dataclasses import asdict
from typing import Any, Literal

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.etags import etag_of, require_unchanged
from api.lists import After, Rows, page_response
from api.routing import feature_router
from api.wire import (
    ONE_PROBLEMS,
    PROBLEMS,
    EmailAddress,
    Instant,
    Name,
    ProblemDocument,
    Wire,
)
from compliance import limits
from compliance.idempotency import Answer
from compliance.identity import invitations, people
from compliance.identity.invitations import InvitationRecord, InvitationState
from compliance.identity.models import MembershipStatus, Role
from compliance.identity.password_changes import issue_password_link
from compliance.identity.people import PersonRecord
from compliance.identity.scope import Scope

CONFLICT: dict[int | str, dict[str, Any]] = {
    409: {"model": ProblemDocument, "description": "It contradicts what is there."}
}
STALE: dict[int | str, dict[str, Any]] = {
    412: {"model": ProblemDocument, "description": "It was changed meanwhile."}
}

Language = Literal["en", "es"]


class NewInvitation(Wire):
    """Somebody who shall belong to your organisation."""

    email: EmailAddress
    role: Role
    language: Language
    name: Name | None = None


class InvitationWire(Wire):
    """An invitation; the link is never told again."""

    id: str
    email: str
    name: str | None
    role: Role
    language: str
    state: InvitationState
    invited_at: Instant
    expires_at: Instant


class MadeInvitation(InvitationWire):
    """An invitation that was just made: hand the link over by a way you trust."""

    link: str | None


class InvitationPage(Wire):
    items: list[InvitationWire]
    next: str | None


class PersonWire(Wire):
    """Somebody who belongs to your organisation."""

    id: str
    name: str
    email: str
    language: str
    role: Role
    status: MembershipStatus
    joined_at: Instant


class PersonPage(Wire):
    items: list[PersonWire]
    next: str | None


class PersonChange(Wire):
    """What shall be otherwise; what is left out stays."""

    role: Role | None = None
    status: Literal[MembershipStatus.ACTIVE, MembershipStatus.SUSPENDED] | None = None


class MadePasswordLink(Wire):
    """A link that was just made: hand it over by a way you trust."""

    link: str | None
    expires_at: Instant


members = feature_router("/v1/people", "people")


@members.get("", responses={200: {"model": PersonPage}, **ONE_PROBLEMS})
async def list_people(
    request: Request,
    after: After = None,
    rows: Rows = limits.PAGE_ROWS_DEFAULT,
    role: Role | None = None,
    status: MembershipStatus | None = None,
) -> Response:
    """List who belongs to your organisation; the removed only when asked for."""
    page = await hop.read(
        request,
        lambda session, scope: people.people(
            session, scope, rows=rows, after=after, role=role, status=status
        ),
    )
    documents = [person_document(one) for one in page.rows]
    return page_response(request, documents, page.next_after)


@members.post(
    "/invitations",
    status_code=201,
    responses={201: {"model": MadeInvitation}, **PROBLEMS, **CONFLICT},
)
async def invite(request: Request, body: NewInvitation) -> Response:
    """Invite somebody; the answer holds a link that is shown once and opens once."""
    base = hop.service_of(request).settings.resolved_public_url

    def work(session: Session, scope: Scope) -> Answer:
        made, link = invitations.invite(session, scope, **body.model_dump())
        return hop.secret_answer(
            invitation_document(made),
            {"link": join_address(base, link.token, made.language)},
            location=f"/v1/people/invitations/{made.public_id}",
        )

    return await hop.write(request, work)


def join_address(base: str, token: str, language: str) -> str:
    """Return where somebody who is invited opens the link, in their language."""
    return f"{base}/join/{token}?language={language}"


@members.get("/invitations", responses={200: {"model": InvitationPage}, **ONE_PROBLEMS})
async def list_invitations(
    request: Request,
    after: After = None,
    rows: Rows = limits.PAGE_ROWS_DEFAULT,
    state: InvitationState | None = None,
) -> Response:
    """List the invitations of your organisation."""
    page = await hop.read(
        request,
        lambda session, scope: invitations.invitations(
            session, scope, rows=rows, after=after, state=state
        ),
    )
    documents = [invitation_document(one) for one in page.rows]
    return page_response(request, documents, page.next_after)


@members.get(
    "/invitations/{invitation}",
    responses={200: {"model": InvitationWire}, **ONE_PROBLEMS},
)
async def read_invitation(request: Request, invitation: str) -> Response:
    """Read one invitation."""
    record = await hop.read(
        request,
        lambda session, scope: invitations.invitation(session, scope, invitation),
    )
    return hop.respond(hop.json_answer(200, invitation_document(record)))


@members.delete(
    "/invitations/{invitation}",
    status_code=204,
    responses={**ONE_PROBLEMS, **CONFLICT},
)
async def withdraw_invitation(request: Request, invitation: str) -> Response:
    """Withdraw an open invitation; its link is no longer good."""

    def work(session: Session, scope: Scope) -> Answer:
        invitations.withdraw(session, scope, invitation)
        return hop.NOTHING

    return await hop.write(request, work)


@members.get("/{person}", responses={200: {"model": PersonWire}, **ONE_PROBLEMS})
async def read_person(request: Request, person: str) -> Response:
    """Read one person of your organisation."""
    record = await hop.read(
        request, lambda session, scope: people.person(session, scope, person)
    )
    return hop.respond(_answer(record))


@members.patch(
    "/{person}",
    responses={200: {"model": PersonWire}, **ONE_PROBLEMS, **CONFLICT, **STALE},
)
async def change_person(request: Request, person: str, body: PersonChange) -> Response:
    """Give somebody another role, suspend them, or let them act again."""

    def work(session: Session, scope: Scope) -> Answer:
        known = people.changeable(session, scope, person)
        require_unchanged(request, person_document(known))
        return _answer(
            people.change_membership(
                session, scope, person, role=body.role, status=body.status
            )
        )

    return await hop.write(request, work)


@members.delete(
    "/{person}", status_code=204, responses={**ONE_PROBLEMS, **CONFLICT, **STALE}
)
async def remove_person(request: Request, person: str) -> Response:
    """Remove somebody from your organisation; they are signed out of it at once."""

    def work(session: Session, scope: Scope) -> Answer:
        known = people.changeable(session, scope, person)
        require_unchanged(request, person_document(known))
        people.remove_person(session, scope, person)
        return hop.NOTHING

    return await hop.write(request, work)


@members.post(
    "/{person}/password-links",
    status_code=201,
    responses={201: {"model": MadePasswordLink}, **ONE_PROBLEMS, **CONFLICT},
)
async def make_password_link(request: Request, person: str) -> Response:
    """Make a link with which somebody sets a new password; it opens once."""
    base = hop.service_of(request).settings.resolved_public_url

    def work(session: Session, scope: Scope) -> Answer:
        language = people.person(session, scope, person).language
        link = issue_password_link(session, scope, person)
        return hop.secret_answer(
            {"expires_at": link.expires_at},
            {"link": password_address(base, link.token, language)},
            location=f"/v1/people/{person}",
        )

    return await hop.write(request, work)


def password_address(base: str, token: str, language: str) -> str:
    """Return where somebody opens a link for a new password, in their language."""
    return f"{base}/password/{token}?language={language}"


def person_document(person: PersonRecord) -> dict[str, Any]:
    """Return a person as the API tells it."""
    return _without_key(asdict(person))


def invitation_document(invitation: InvitationRecord) -> dict[str, Any]:
    """Return an invitation as the API tells it, without its link."""
    return _without_key(asdict(invitation))


def _without_key(known: dict[str, Any]) -> dict[str, Any]:
    """Put the public id in the place of the inner key."""
    return {
        "id": known.pop("public_id"),
        **{k: v for k, v in known.items() if k != "id"},
    }


def _answer(record: PersonRecord) -> Answer:
    document = person_document(record)
    return hop.json_answer(200, document, etag=etag_of(document))
