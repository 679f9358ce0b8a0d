"""Policies: what holds for whom since when and by whose decision, and deciding otherwise."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from fastapi import Request
from pydantic import ValidationError
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.pages.forms import FieldWrong, Form, form_of, go_to, sent
from api.pages.policies_told import YES_NO, Part, document_from, document_of, parts_of
from api.pages.rendering import language_of, page
from api.pages.tables import csv_response, day_chosen, wants_csv, words_chosen
from api.pages.written import one_line
from api.policies import VALUE_ERROR, known_policy
from api.policies_known import POLICIES
from api.problems import told_mistakes
from api.routing import feature_router
from compliance import clock, limits
from compliance.idempotency import Answer
from compliance.identity.people import colleagues_called
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.policies import actions, queries
from compliance.policies.actions import BeginsInThePast
from compliance.policies.dated import Policy
from compliance.policies.queries import Holding, ProgrammeRecord, Whose
from compliance.texts import N_, translate

SOURCE_CHARACTERS = 500
NAME_CHARACTERS = 200
NOTES: Mapping[str, str] = {
    "decided": N_(
        "Decided. What was decided before under the old values stays as it was."
    ),
    "named": N_(
        "The programme is named. It goes by your own policies until it has some."
    ),
}

policies = feature_router("/policies", "pages")


@dataclass(frozen=True)
class InBrief:
    """A policy and what holds of it; which programmes have one of their own."""

    policy: Policy[Any]
    holding: Holding[Any]
    otherwise: tuple[str, ...]


@dataclass(frozen=True)
class Seen:
    """A policy on a day: what holds, all entries, and the programmes there are."""

    scope: Scope
    in_force: Holding[Any]
    parts: tuple[Part, ...]
    entries: tuple[Holding[Any], ...]
    names: Mapping[str, str]
    """What those who decided are called."""
    programmes: tuple[ProgrammeRecord, ...]


@policies.get("", include_in_schema=False)
async def show_policies(request: Request, done: str = "") -> Response:
    """List every policy with what holds of it."""
    day = day_chosen(request, "on") or clock.today()
    programme = words_chosen(request, "programme")

    def work(session: Session, scope: Scope) -> Response:
        scope.require(Permission.READ_REGISTER)
        programmes = _programmes(session, scope)
        listed = [
            _in_brief(session, scope, policy, day, programme, programmes)
            for policy in POLICIES.values()
        ]
        if wants_csv(request):
            return csv_response([_as_row(one) for one in listed], "policies")
        return page(
            request,
            "policies.html",
            scope=scope,
            policies=listed,
            day=day,
            programme=programme,
            programmes=programmes,
            may_set=scope.may(Permission.SET_POLICIES),
            base=hop.service_of(request).settings.resolved_public_url,
            done_note=_note(done, language_of(request, scope)),
        )

    return await hop.read(request, work)


def _programmes(session: Session, scope: Scope) -> tuple[ProgrammeRecord, ...]:
    return queries.programmes(session, scope, rows=limits.PAGE_ROWS).rows


def _in_brief(
    session: Session,
    scope: Scope,
    policy: Policy[Any],
    day: date,
    programme: str | None,
    programmes: tuple[ProgrammeRecord, ...],
) -> InBrief:
    if programme is not None:
        queries.programme(session, scope, programme)
    decided = queries.entries(session, scope, policy)
    names = {one.public_id: one.name for one in programmes}
    own = {one.programme for one in decided if one.programme is not None}
    return InBrief(
        policy,
        queries.held(policy, decided, day, programme),
        tuple(sorted(names.get(one, one) for one in own)),
    )


@policies.get("/programmes", include_in_schema=False)
async def show_programmes(request: Request) -> Response:
    """List the programmes, and name another."""
    return await _programmes_page(request, Form())


async def _programmes_page(request: Request, form: Form) -> Response:
    def work(session: Session, scope: Scope) -> Response:
        known = _programmes(session, scope)
        if wants_csv(request):
            rows = [{"id": one.public_id, "named_at": one.named_at} for one in known]
            return csv_response(rows, "programmes")
        return page(
            request,
            "programmes.html",
            scope=scope,
            status=form.status,
            form=form,
            programmes=known,
            may_set=scope.may(Permission.SET_POLICIES),
            base=hop.service_of(request).settings.resolved_public_url,
        )

    return await hop.read(request, work)


@policies.post("/programmes", include_in_schema=False)
async def name_programme(request: Request) -> Response:
    """Name a programme, which may then have policies of its own."""
    form = await form_of(request)

    def work(session: Session, scope: Scope) -> Answer:
        scope.require(Permission.SET_POLICIES)
        name = str(one_line(form, "name", NAME_CHARACTERS))
        try:
            found = actions.name_programme(session, scope, name=name)
        except actions.ProgrammeNamed as problem:
            told = problem.told(language_of(request, scope))
            raise FieldWrong("name", told) from None
        return go_to(f"/policies?programme={found.public_id}", done="named")

    return await sent(request, form, work, lambda one: _programmes_page(request, one))


@policies.get("/{policy}", include_in_schema=False)
async def show_policy(request: Request, policy: str, done: str = "") -> Response:
    """Show a policy: each value that holds, and every entry before and after."""
    return await _policy_page(request, policy, "policy.html", Form(), done)


@policies.get("/{policy}/change", include_in_schema=False)
async def ask_for_values(request: Request, policy: str) -> Response:
    """Show the form to decide otherwise."""
    return await _policy_page(request, policy, "policy_change.html", Form())


async def _policy_page(
    request: Request, policy: str, template: str, form: Form, done: str = ""
) -> Response:
    known = known_policy(policy)
    day = day_chosen(request, "on") or clock.today()
    programme = form.value("programme") or words_chosen(request, "programme")
    is_form = template == "policy_change.html"

    def work(session: Session, scope: Scope) -> Response:
        if is_form:
            scope.require(Permission.SET_POLICIES)
        seen = _see(session, scope, known, day, programme)
        language = language_of(request, scope)
        return page(
            request,
            template,
            scope=scope,
            status=form.status,
            form=form,
            seen=seen,
            policy=known,
            day=day,
            today=clock.today(),
            programme=programme,
            named={one.public_id: one.name for one in seen.programmes},
            yes_no=tuple((code, translate(told, language)) for code, told in YES_NO),
            may_set=scope.may(Permission.SET_POLICIES),
            base=hop.service_of(request).settings.resolved_public_url,
            done_note=_note(done, language),
        )

    return await hop.read(request, work)


def _see(
    session: Session,
    scope: Scope,
    policy: Policy[Any],
    day: date,
    programme: str | None,
) -> Seen:
    decided = queries.entries(session, scope, policy)
    if programme is not None:
        queries.programme(session, scope, programme)
    in_force = queries.held(policy, decided, day, programme)
    shipped = [Holding(entry, Whose.PRODUCT) for entry in policy.entries]
    return Seen(
        scope,
        in_force,
        parts_of(policy, in_force.entry),
        (*shipped, *decided),
        colleagues_called(
            session, scope, {one.decided_by for one in decided if one.decided_by}
        ),
        _programmes(session, scope),
    )


@policies.post("/{policy}", include_in_schema=False)
async def decide(request: Request, policy: str) -> Response:
    """Decide what holds from a day on, for the organisation or for a programme."""
    form = await form_of(request)
    known = known_policy(policy)
    programme = form.value("programme") or None

    def work(session: Session, scope: Scope) -> Answer:
        scope.require(Permission.SET_POLICIES)
        language = language_of(request, scope)
        begins = form.day("valid_from")
        seen = _see(session, scope, known, begins or clock.today(), programme)
        document = document_from(form, seen.parts, seen.in_force.entry)
        document["valid_from"] = begins and begins.isoformat()
        document["source"] = one_line(form, "source", SOURCE_CHARACTERS)
        try:
            actions.decide(session, scope, known, document, programme=programme)
        except ValidationError as error:
            raise _mistaken(form, error, language) from error
        except BeginsInThePast as problem:
            raise FieldWrong("valid_from", problem.told(language)) from None
        under = f"?programme={programme}" if programme else ""
        return go_to(f"/policies/{policy}{under}", done="decided")

    return await sent(
        request,
        form,
        work,
        lambda one: _policy_page(request, policy, "policy_change.html", one),
    )


def _mistaken(form: Form, error: ValidationError, language: str) -> FieldWrong:
    """Return the first mistake of an entry, beside the field where it stands."""
    first = error.errors()[0]
    remedy = str(told_mistakes([first], language)[0]["remedy"])
    parts = [str(one + 1 if isinstance(one, int) else one) for one in first["loc"]]
    parts = parts or ["."]
    paths = [".".join(parts[:length]) for length in range(len(parts), 0, -1)]
    beside = (name for name in form.values if name.startswith(f"{parts[0]}."))
    fields = [path for path in paths if path in form.values]
    where = next(iter(fields), None) or next(beside, ".")
    return FieldWrong(where, remedy.removeprefix(VALUE_ERROR))


def _note(done: str, language: str) -> str | None:
    return translate(NOTES[done], language) if done in NOTES else None


def _as_row(one: InBrief) -> dict[str, object]:
    entry = one.holding.entry
    values = {
        leaf.field: leaf.written
        for part in parts_of(one.policy, entry)
        for leaf in part.leaves
    }
    return {
        "policy": one.policy.name,
        "whose": one.holding.whose,
        "programme": one.holding.programme,
        "valid_from": document_of(entry)["valid_from"],
        "values": "; ".join(f"{name}={value}" for name, value in values.items()),
    }
