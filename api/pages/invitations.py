"""Inviting people: who shall join as what, and the link that lets them in once."""

from enum import StrEnum

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.pages.forms import FieldWrong, Form, form_of, go_to, sent
from api.pages.options import codes_told
from api.pages.people import WORKS
from api.pages.rendering import LANGUAGE_NAMES, language_of, page
from api.pages.shown_once import Secret, told_once
from api.pages.tables import chosen, csv_response, pager, read_list, wants_csv
from api.pages.written import mail_address, one_line
from api.people import join_address
from api.routing import feature_router
from compliance import limits
from compliance.idempotency import Answer
from compliance.identity.invitations import (
    AlreadyMember,
    InvitationRecord,
    InvitationState,
    invitations,
    invite,
    withdraw,
)
from compliance.identity.models import Role
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.texts import N_, translate

NAME_CHARACTERS = 200
WITHDRAWN = N_("The invitation is withdrawn; its link opens no more.")

invited = feature_router("/people/invitations", "pages")


class Language(StrEnum):
    """In which language somebody is written to."""

    SPANISH = "es"
    ENGLISH = "en"


@invited.get("", include_in_schema=False)
async def show_invitations(request: Request, done: str = "") -> Response:
    """List the invitations, and what became of them."""
    state = chosen(request, "state", InvitationState)

    seen = await read_list(
        request,
        lambda session, scope, rows, after: invitations(
            session, scope, rows=rows, after=after, state=state
        ),
    )
    if wants_csv(request):
        return csv_response([_as_row(one) for one in seen.rows], "invitations")
    language = language_of(request, seen.scope)
    return page(
        request,
        "invitations.html",
        scope=seen.scope,
        invitations=seen.rows,
        state=state,
        states=codes_told(InvitationState, language),
        done_note=translate(WITHDRAWN, language) if done else None,
        **pager(request, seen.next_after),
    )


@invited.get("/new", include_in_schema=False)
async def ask_whom(request: Request) -> Response:
    """Show the form to invite somebody."""
    return await _form_page(request, Form())


async def _form_page(request: Request, form: Form) -> Response:
    def work(_session: Session, scope: Scope) -> Response:
        scope.require(Permission.MANAGE_PEOPLE)
        language = language_of(request, scope)
        return page(
            request,
            "invitation_new.html",
            scope=scope,
            status=form.status,
            form=form,
            roles=codes_told(Role, language),
            works=WORKS,
            languages_known=tuple((one, LANGUAGE_NAMES[one]) for one in Language),
            days=limits.INVITATION_DAYS,
        )

    return await hop.read(request, work)


@invited.post("", include_in_schema=False)
async def make_invitation(request: Request) -> Response:
    """Invite somebody and show the link, this once."""
    form = await form_of(request)
    base = hop.service_of(request).settings.resolved_public_url

    def work(session: Session, scope: Scope) -> Answer:
        scope.require(Permission.MANAGE_PEOPLE)
        try:
            made, link = invite(
                session,
                scope,
                email=mail_address(form, "email"),
                role=form.choice("role", Role),
                language=form.choice("language", Language),
                name=one_line(form, "name", NAME_CHARACTERS, optional=True),
            )
        except AlreadyMember:
            raise FieldWrong(
                "email", N_("Somebody with this address belongs to you already.")
            ) from None
        return told_once(
            request,
            scope,
            Secret(
                title=N_("The invitation is made"),
                label=N_("Hand this link over by a way you trust"),
                text=join_address(base, link.token, made.language),
                advice=N_(
                    "Whoever opens it chooses a name and a password and joins in the "
                    "role you gave. It opens once, and only for some days."
                ),
                back="/people/invitations",
                back_label=N_("To the invitations"),
                note=N_(
                    "The product sends no mail for this: the link is yours to give."
                ),
                kicker=N_("Administration"),
            ),
        )

    return await sent(request, form, work, lambda one: _form_page(request, one))


@invited.post("/{invitation}/withdrawal", include_in_schema=False)
async def withdraw_invitation(request: Request, invitation: str) -> Response:
    """Take an open invitation back."""
    form = await form_of(request)

    def work(session: Session, scope: Scope) -> Answer:
        withdraw(session, scope, invitation)
        return go_to("/people/invitations", done="withdrawn")

    return await hop.write(request, work, key=form.value("once") or None)


def _as_row(one: InvitationRecord) -> dict[str, object]:
    return {
        "id": one.public_id,
        "email": one.email,
        "name": one.name,
        "role": one.role,
        "language": one.language,
        "state": one.state,
        "invited_at": one.invited_at,
        "expires_at": one.expires_at,
    }
