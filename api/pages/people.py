"""The people of an organisation: who they are, what they may do, and who lets them in."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.pages.forms import Form, form_of, go_to, sent
from api.pages.options import codes_told
from api.pages.rendering import language_of, page
from api.pages.shown_once import Secret, told_once
from api.pages.tables import chosen, csv_response, pager, read_list, wants_csv
from api.people import password_address
from api.routing import feature_router
from audits.fieldwork.queries import AssignmentRecord, AssignmentState, assignments
from compliance import limits
from compliance.idempotency import Answer
from compliance.identity import people as known_people
from compliance.identity.models import MembershipStatus, Role
from compliance.identity.password_changes import issue_password_link
from compliance.identity.people import PersonRecord
from compliance.identity.permissions import Permission
from compliance.identity.policy import HOLDERS
from compliance.identity.scope import Scope
from compliance.texts import N_, translate

SHOWN_ASSIGNMENTS = 10
NOTES = {
    "role": N_("The role is changed. It holds from the next page they open."),
    "suspended": N_("Suspended and signed out. You can let them act again below."),
    "active": N_("They may act again."),
    "removed": N_("They belong to your organisation no more and are signed out."),
}
WORKS = {
    Role.ADMINISTRATOR: N_(
        "Runs the organisation here: people, keys, policies, trail."
    ),
    Role.AUDITOR: N_("Visits sites and sends what was seen there."),
    Role.REVIEWER: N_("Reads visits, confirms findings and issues scorecards."),
    Role.MANAGER: N_("Answers for sites: replies, corrective actions, sharing."),
    Role.ANALYST: N_("Reads risk, findings and scorecards, and changes nothing."),
}

people = feature_router("/people", "pages")


@dataclass(frozen=True)
class Seen:
    """One person, and the visits they still have to make."""

    scope: Scope
    person: PersonRecord
    waiting: tuple[AssignmentRecord, ...]

    @property
    def is_oneself(self) -> bool:
        return self.person.public_id == self.scope.actor


@people.get("", include_in_schema=False)
async def show_people(request: Request, done: str = "") -> Response:
    """List who belongs to the organisation."""
    role = chosen(request, "role", Role)
    status = chosen(request, "status", MembershipStatus)

    seen = await read_list(
        request,
        lambda session, scope, rows, after: known_people.people(
            session, scope, rows=rows, after=after, role=role, status=status
        ),
    )
    if wants_csv(request):
        return csv_response([_as_row(one) for one in seen.rows], "people")
    language = language_of(request, seen.scope)
    return page(
        request,
        "people.html",
        scope=seen.scope,
        people=seen.rows,
        role=role,
        standing=status,
        roles=codes_told(Role, language),
        statuses=codes_told(MembershipStatus, language),
        base=hop.service_of(request).settings.resolved_public_url,
        done_note=_note(done, language),
        **pager(request, seen.next_after),
    )


@people.get("/roles", include_in_schema=False)
async def show_roles(request: Request) -> Response:
    """Show which role may do what: the very table that the product asks."""
    scope = await hop.read(request, lambda _session, scope: scope)
    return page(
        request,
        "people_roles.html",
        scope=scope,
        roles=tuple(Role),
        works=WORKS,
        holders=HOLDERS,
        may_manage=scope.may(Permission.MANAGE_PEOPLE),
    )


@people.get("/{person}", include_in_schema=False)
async def show_person(request: Request, person: str, done: str = "") -> Response:
    """Show one person: role, standing, and what can be done about them."""
    return await _person_page(request, person, done=done)


async def _person_page(
    request: Request, person: str, form: Form | None = None, *, done: str = ""
) -> Response:
    seen = await hop.read(request, lambda session, scope: _see(session, scope, person))
    form = form or Form()
    language = language_of(request, seen.scope)
    return page(
        request,
        "person.html",
        scope=seen.scope,
        status=form.status,
        seen=seen,
        form=form,
        roles=codes_told(Role, language),
        works=WORKS,
        hours=limits.PASSWORD_LINK_HOURS,
        done_note=_note(done, language),
    )


def _see(session: Session, scope: Scope, person: str) -> Seen:
    known = known_people.person(session, scope, person)
    waiting: tuple[AssignmentRecord, ...] = ()
    if scope.may(Permission.MANAGE_FIELDWORK):
        waiting = assignments(
            session,
            scope,
            rows=SHOWN_ASSIGNMENTS,
            person=person,
            state=AssignmentState.OPEN,
        ).rows
    return Seen(scope, known, waiting)


@people.post("/{person}/role", include_in_schema=False)
async def change_role(request: Request, person: str) -> Response:
    """Give somebody another role."""
    form = await form_of(request)

    def work(session: Session, scope: Scope) -> Answer:
        known_people.changeable(session, scope, person)
        role = form.choice("role", Role)
        known_people.change_membership(session, scope, person, role=role)
        return go_to(f"/people/{person}", done="role")

    return await sent(request, form, work, _again(request, person))


@people.post("/{person}/status", include_in_schema=False)
async def change_status(request: Request, person: str) -> Response:
    """Suspend somebody, or let them act again."""
    form = await form_of(request)

    def work(session: Session, scope: Scope) -> Answer:
        known_people.changeable(session, scope, person)
        is_back = form.value("status") == MembershipStatus.ACTIVE
        status = MembershipStatus.ACTIVE if is_back else MembershipStatus.SUSPENDED
        known_people.change_membership(session, scope, person, status=status)
        return go_to(f"/people/{person}", done=status)

    return await sent(request, form, work, _again(request, person))


@people.post("/{person}/removal", include_in_schema=False)
async def let_go(request: Request, person: str) -> Response:
    """End somebody's membership."""
    form = await form_of(request)

    def work(session: Session, scope: Scope) -> Answer:
        known_people.remove_person(session, scope, person)
        return go_to("/people", done="removed")

    return await sent(request, form, work, _again(request, person))


@people.post("/{person}/password-links", include_in_schema=False)
async def make_password_link(request: Request, person: str) -> Response:
    """Make a link for a new password and show it, this once."""
    form = await form_of(request)
    base = hop.service_of(request).settings.resolved_public_url

    def work(session: Session, scope: Scope) -> Answer:
        language = known_people.person(session, scope, person).language
        link = issue_password_link(session, scope, person)
        secret = Secret(
            title=N_("A link for a new password"),
            label=N_("Hand this link over by a way you trust"),
            text=password_address(base, link.token, language),
            advice=N_(
                "Whoever has it can set the password and sign in as this person. It "
                "opens once; a link that was made before opens no more."
            ),
            back=f"/people/{person}",
            back_label=N_("Back to the person"),
            kicker=N_("Administration"),
        )
        return told_once(request, scope, secret)

    return await sent(request, form, work, _again(request, person))


def _again(request: Request, person: str) -> Callable[[Form], Awaitable[Response]]:
    return lambda form: _person_page(request, person, form)


def _note(done: str, language: str) -> str | None:
    return translate(NOTES[done], language) if done in NOTES else None


def _as_row(person: PersonRecord) -> dict[str, object]:
    return {
        "id": person.public_id,
        "name": person.name,
        "email": person.email,
        "language": person.language,
        "role": person.role,
        "status": person.status,
        "joined_at": person.joined_at,
    }
