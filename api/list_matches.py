"""Matches with public lists over HTTP: who may be on one, and what a person says."""

from typing import Annotated, Any

from fastapi import Query, Request
from pydantic import Field, StringConstraints
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.intake import keyring_of
from api.languages import accepted_language
from api.lists import After, Rows, page_response
from api.public_lists_wire import EntryWire, entry_document
from api.routing import feature_router
from api.wire import ONE_PROBLEMS, PROBLEMS, Day, ProblemDocument, Wire
from compliance import clock, limits
from compliance.exclusions.following import follow_matches
from compliance.idempotency import Answer
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.public_lists import deciding
from compliance.public_lists import match_queries as queries
from compliance.public_lists.deciding import Note
from compliance.public_lists.lifecycle import Decision, MatchReason, MatchState
from compliance.public_lists.match_queries import MatchRecord
from compliance.public_lists.matching import SIGNS, Sign
from compliance.public_lists.models import Category, SubjectKind
from compliance.sealing import Keyring
from compliance.texts import translate

ROOT = "/v1/list-matches"

list_matches = feature_router(ROOT, "public lists")

DECISION_PROBLEMS = {
    **ONE_PROBLEMS,
    409: {"model": ProblemDocument, "description": "The match is at another step."},
}
NoteText = Annotated[
    str,
    StringConstraints(min_length=1, max_length=limits.NOTE_CHARACTERS, strict=True),
    Field(description="Sealed; told to who may decide, and to nobody else."),
]


class EvidenceWire(Wire):
    """One thing that speaks for a match, or against it."""

    sign: Sign
    text: str
    facts: dict[str, str | int]


class MatchWire(Wire):
    """An entry that may be, or is, somebody of your register."""

    id: str
    public_list: str
    list_name: str
    category: Category
    edition_on: Day
    entry: EntryWire
    subject_kind: SubjectKind
    subject: str
    score: int
    evidence: list[EvidenceWire]
    state: MatchState
    reason: MatchReason
    left_on: Annotated[
        Day | None, Field(description="Since when it is listed no more.")
    ]
    proposed_at: str
    due_at: str
    is_late: bool
    decided_by: str | None
    decided_at: str | None


class MatchPage(Wire):
    items: list[MatchWire]
    next: str | None


class MatchStepWire(Wire):
    state: MatchState
    reason: MatchReason
    has_note: bool
    note: Annotated[str | None, Field(description="Null to who may not decide.")]
    actor: str
    taken_at: str


class MatchDetail(MatchWire):
    """A match with all that became of it."""

    steps: list[MatchStepWire]


class DecisionGiven(Wire):
    """What you say of a match, and why."""

    decision: Decision
    reason: MatchReason
    note: NoteText | None = None


def match_document(found: MatchRecord, language: str) -> dict[str, Any]:
    """Return a match as the API tells it."""
    return {
        "id": found.public_id,
        "public_list": found.list_public_id,
        "list_name": found.list_name,
        "category": found.category,
        "edition_on": found.edition_on,
        "entry": entry_document(found.entry),
        "subject_kind": found.subject_kind,
        "subject": found.subject,
        "score": found.score,
        "evidence": [
            {
                "sign": sign,
                "text": translate(SIGNS[sign], language, **facts),
                "facts": facts,
            }
            for sign, facts in found.evidence
        ],
        "state": found.state,
        "reason": found.reason,
        "left_on": found.left_on,
        "proposed_at": found.proposed_at,
        "due_at": found.due_at,
        "is_late": found.is_late(clock.now()),
        "decided_by": found.decided_by,
        "decided_at": found.decided_at,
    }


def detail_of(
    session: Session, scope: Scope, keyring: Keyring, found: MatchRecord, language: str
) -> dict[str, Any]:
    """Return a match with its steps; what was written only to who may decide."""
    may_read = scope.may(Permission.DECIDE_MATCHES)
    notes = deciding.notes_of(session, scope, keyring, found) if may_read else {}
    return {
        **match_document(found, language),
        "steps": [
            {
                "state": one.state,
                "reason": one.reason,
                "has_note": one.has_note,
                "note": notes.get(one.ordinal),
                "actor": one.actor,
                "taken_at": one.taken_at,
            }
            for one in queries.steps(session, scope, found)
        ],
    }


@list_matches.get("", responses={200: {"model": MatchPage}, **PROBLEMS})
async def list_list_matches(
    request: Request,
    after: After = None,
    rows: Rows = limits.PAGE_ROWS_DEFAULT,
    state: MatchState | None = None,
    subject_kind: SubjectKind | None = None,
    public_list: Annotated[
        str | None, Query(description="Public id of a list.")
    ] = None,
    site: Annotated[str | None, Query(description="Public id of a site.")] = None,
    late: Annotated[
        bool | None, Query(description="Only what waits too long, or what does not.")
    ] = None,
) -> Response:
    """List who may be on which of your lists, in the order in which it was found."""
    page = await hop.read(
        request,
        lambda session, scope: queries.matches(
            session,
            scope,
            rows=rows,
            after=after,
            late=late,
            state=state,
            subject_kind=subject_kind,
            public_list=public_list,
            site=site,
        ),
    )
    language = accepted_language(request)
    documents = [match_document(found, language) for found in page.rows]
    return page_response(request, documents, page.next_after)


@list_matches.get("/{match}", responses={200: {"model": MatchDetail}, **ONE_PROBLEMS})
async def read_list_match(request: Request, match: str) -> Response:
    """Read one match, with its evidence and all that became of it."""
    keyring = keyring_of(hop.service_of(request))

    def work(session: Session, scope: Scope) -> dict[str, Any]:
        found = queries.match(session, scope, match)
        return detail_of(session, scope, keyring, found, accepted_language(request))

    return hop.respond(hop.json_answer(200, await hop.read(request, work)))


@list_matches.post(
    "/{match}/decisions",
    status_code=201,
    responses={201: {"model": MatchDetail}, **DECISION_PROBLEMS},
)
async def decide_on_match(
    request: Request, match: str, body: DecisionGiven
) -> Response:
    """Say whether it is the same; what follows from that, somebody else decides."""
    keyring = keyring_of(hop.service_of(request))
    language = accepted_language(request)

    def work(session: Session, scope: Scope) -> Answer:
        decided = deciding.decide(
            session,
            scope,
            match,
            decision=body.decision,
            reason=body.reason,
            note=None if body.note is None else Note(body.note, keyring),
        )
        follow_matches(session, scope)
        document = detail_of(session, scope, keyring, decided, language)
        return hop.json_answer(201, document, location=f"{ROOT}/{match}")

    return await hop.write(request, work)
