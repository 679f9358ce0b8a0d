"""Policies over HTTP: what holds for whom on which day, and deciding otherwise."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

import orjson
from fastapi import Query, Request
from pydantic import Field, StringConstraints, ValidationError
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.languages import accepted_language
from api.lists import After, Rows, page_response
from api.policies_known import POLICIES
from api.problems import RequestInvalid, told_mistakes
from api.routing import feature_router
from api.wire import ONE_PROBLEMS, PROBLEMS, Day, Instant, Name, ProblemDocument, Wire
from compliance import clock, limits
from compliance.idempotency import Answer
from compliance.identity.scope import Scope
from compliance.policies import actions, queries
from compliance.policies.dated import Entry, Policy
from compliance.policies.queries import Holding, ProgrammeRecord, Whose
from compliance.problems import Kind, Problem
from compliance.texts import N_, translate

policies = feature_router("/v1/policies", "policies")
programmes = feature_router("/v1/programmes", "policies")

VALUE_ERROR = "Value error, "
CONFLICT: dict[int | str, dict[str, Any]] = {
    409: {"model": ProblemDocument, "description": "It contradicts what is there."}
}
ProgrammeId = Annotated[
    str, StringConstraints(pattern=r"^programme_[0-9a-z]+$", max_length=40, strict=True)
]
OnDay = Annotated[
    Day | None, Query(description="The day that is asked for; today without it.")
]
Under = Annotated[
    str | None,
    Query(description="Public id of a programme; without it, the organisation's own."),
]


class PolicyNotFound(Problem):
    kind = Kind.NOT_FOUND
    title = N_("No such policy")
    detail = N_("There is no policy {policy}; there are: {known}.")


class HoldingWire(Wire):
    """An entry, and whose decision it is; the product's own has no id and no actor."""

    id: str | None
    whose: Whose
    programme: str | None
    valid_from: Day
    source: str
    entry: Annotated[
        dict[str, object],
        Field(description="The whole entry, as `schema` of its policy describes it."),
    ]
    decided_by: str | None
    decided_at: Instant | None


class PolicyInBrief(Wire):
    """A policy, and since when and by whose decision it is as it is."""

    name: str
    title: str
    whose: Whose
    valid_from: Day
    source: str


class PolicyList(Wire):
    items: list[PolicyInBrief]
    next: None


class PolicyWire(Wire):
    """A policy on a day, and every entry that ships or was decided, the oldest first."""

    name: str
    title: str
    on: Day
    programme: str | None
    in_force: HoldingWire
    entries: list[HoldingWire]
    bounds: Annotated[
        list[str],
        Field(description="Fields in which a programme may be stricter, never laxer."),
    ]
    schema_: Annotated[
        dict[str, object],
        Field(alias="schema", description="The JSON Schema of an entry."),
    ]


class NewEntry(Wire):
    """What shall hold from a day on, for the organisation or for one programme."""

    programme: ProgrammeId | None = None
    entry: Annotated[
        dict[str, object],
        Field(
            description="A whole entry, `valid_from` and `source` among it; "
            "GET /v1/policies/{name} tells its schema and the one in force."
        ),
    ]


class NewProgramme(Wire):
    """A standard, or a buyer's own programme."""

    name: Name


class ProgrammeWire(Wire):
    id: str
    name: str
    named_by: str
    named_at: Instant


class ProgrammePage(Wire):
    items: list[ProgrammeWire]
    next: str | None


@policies.get("", responses={200: {"model": PolicyList}, **PROBLEMS})
async def list_policies(
    request: Request, on: OnDay = None, programme: Under = None
) -> Response:
    """List every policy with the entry that holds."""
    day = on or clock.today()
    language = accepted_language(request)
    held = await hop.read(
        request,
        lambda session, scope: [
            (
                policy,
                queries.holding(session, scope, policy, day, programme=programme),
            )
            for policy in POLICIES.values()
        ],
    )
    documents = [
        {
            "name": policy.name,
            "title": translate(policy.title, language),
            "whose": found.whose,
            "valid_from": found.entry.valid_from,
            "source": found.entry.source,
        }
        for policy, found in held
    ]
    return page_response(request, documents, None)


@policies.get("/{policy}", responses={200: {"model": PolicyWire}, **ONE_PROBLEMS})
async def read_policy(
    request: Request, policy: str, on: OnDay = None, programme: Under = None
) -> Response:
    """Read a policy: the entry that holds on a day, all others, and what is allowed."""
    known, day = known_policy(policy), on or clock.today()
    language = accepted_language(request)

    def read(
        session: Session, scope: Scope
    ) -> tuple[Holding[Any], tuple[Holding[Any], ...]]:
        decided = queries.entries(session, scope, known)
        if programme is not None:
            queries.programme_named(session, scope.organisation_id, programme)
        return queries.held(known, decided, day, programme), decided

    in_force, decided = await hop.read(request, read)
    shipped = [Holding(entry, Whose.PRODUCT) for entry in known.entries]
    document = {
        "name": known.name,
        "title": translate(known.title, language),
        "on": day,
        "programme": programme,
        "in_force": holding_document(in_force),
        "entries": [holding_document(one) for one in (*shipped, *decided)],
        "bounds": [bound.field for bound in known.model.bounds],
        "schema": known.model.model_json_schema(),
    }
    return hop.respond(hop.json_answer(200, document))


@policies.post(
    "/{policy}",
    status_code=201,
    responses={201: {"model": HoldingWire}, **ONE_PROBLEMS},
)
async def decide_policy(request: Request, policy: str, body: NewEntry) -> Response:
    """Decide what holds from a day on; what was decided before stays as it was."""
    known = known_policy(policy)
    language = accepted_language(request)

    def work(session: Session, scope: Scope) -> Answer:
        try:
            found = actions.decide(
                session, scope, known, body.entry, programme=body.programme
            )
        except ValidationError as error:
            raise _mistaken(error, language) from error
        return hop.json_answer(
            201, holding_document(found), location=_address(known, found)
        )

    return await hop.write(request, work)


@programmes.get("", responses={200: {"model": ProgrammePage}, **PROBLEMS})
async def list_programmes(
    request: Request, after: After = None, rows: Rows = limits.PAGE_ROWS_DEFAULT
) -> Response:
    """List the programmes that your organisation has named."""
    page = await hop.read(
        request,
        lambda session, scope: queries.programmes(
            session, scope, rows=rows, after=after
        ),
    )
    documents = [programme_document(one) for one in page.rows]
    return page_response(request, documents, page.next_after)


@programmes.post(
    "",
    status_code=201,
    responses={201: {"model": ProgrammeWire}, **PROBLEMS, **CONFLICT},
)
async def name_programme(request: Request, body: NewProgramme) -> Response:
    """Name a programme, which may then have policies of its own."""

    def work(session: Session, scope: Scope) -> Answer:
        found = actions.name_programme(session, scope, name=body.name)
        return hop.json_answer(
            201,
            programme_document(found),
            location=f"/v1/programmes/{found.public_id}",
        )

    return await hop.write(request, work)


@programmes.get(
    "/{programme}", responses={200: {"model": ProgrammeWire}, **ONE_PROBLEMS}
)
async def read_programme(request: Request, programme: str) -> Response:
    """Read one programme."""
    found = await hop.read(
        request, lambda session, scope: queries.programme(session, scope, programme)
    )
    return hop.respond(hop.json_answer(200, programme_document(found)))


def known_policy(name: str) -> Policy[Any]:
    """Return the policy of a name, or raise PolicyNotFound."""
    known = POLICIES.get(name)
    if known is None:
        raise PolicyNotFound(policy=name, known=", ".join(sorted(POLICIES)))
    return known


def holding_document(found: Holding[Entry]) -> dict[str, Any]:
    """Return an entry and whose decision it is, as the API tells it."""
    return {
        "id": found.public_id,
        "whose": found.whose,
        "programme": found.programme,
        "valid_from": found.entry.valid_from,
        "source": found.entry.source,
        "entry": orjson.loads(found.entry.model_dump_json()),
        "decided_by": found.decided_by,
        "decided_at": found.decided_at,
    }


def programme_document(found: ProgrammeRecord) -> dict[str, Any]:
    """Return a programme as the API tells it."""
    return {
        "id": found.public_id,
        "name": found.name,
        "named_by": found.named_by,
        "named_at": found.named_at,
    }


def _address(policy: Policy[Any], found: Holding[Any]) -> str:
    day: date = found.entry.valid_from
    under = "" if found.programme is None else f"&programme={found.programme}"
    return f"/v1/policies/{policy.name}?on={day.isoformat()}{under}"


def _mistaken(error: ValidationError, language: str) -> Problem:
    mistakes: list[Mapping[str, Any]] = [
        {
            **mistake,
            "loc": ("body", "entry", *mistake["loc"]),
            "msg": mistake["msg"].removeprefix(VALUE_ERROR),
        }
        for mistake in error.errors()
    ]
    return RequestInvalid(errors=told_mistakes(mistakes, language))
