"""One entry of a public list beside whom it may be: what is alike, and the decisions.

One person says whether it is the same, and another decides what follows for the
scorecard.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.intake import keyring_of
from api.pages.forms import FieldWrong, Form, form_of, go_to, sent
from api.pages.rendering import language_of, page
from api.routing import feature_router
from compliance import clock, limits
from compliance.exclusions import actions as exclusion_actions
from compliance.exclusions import queries as exclusion_queries
from compliance.exclusions.following import follow_matches
from compliance.exclusions.lifecycle import REASONS as EXCLUSION_REASONS
from compliance.exclusions.lifecycle import (
    ExclusionReason,
    ExclusionState,
    Verdict,
)
from compliance.exclusions.queries import ExclusionNotFound, ExclusionRecord
from compliance.idempotency import Answer
from compliance.identity.people import colleagues_called
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.problems import Kind, Problem
from compliance.public_lists import deciding
from compliance.public_lists import match_queries as found_queries
from compliance.public_lists.deciding import Note
from compliance.public_lists.lifecycle import (
    REASONS,
    STEPS,
    Decision,
    MatchReason,
    MatchState,
)
from compliance.public_lists.match_queries import MatchRecord, MatchStepRecord
from compliance.public_lists.matching import SIGNS, Sign
from compliance.public_lists.subjects import SubjectRecord, subjects_of
from compliance.sealing import Keyring
from compliance.texts import N_, translate

What = TypeVar("What", bound=StrEnum)
Why = TypeVar("Why", bound=StrEnum)

NOTES = {
    "said": N_("Your decision is noted, with your reason."),
    "followed": N_(
        "Your decision is noted. What follows for the scorecard waits for a second "
        "person."
    ),
    "decided": N_("Your decision is noted, and the scorecard follows it."),
}
MISSING = N_("Choose what you decide, with its reason.")

list_match = feature_router("/list-matches", "pages")


class NoteTooLong(Problem):
    kind = Kind.INVALID
    title = N_("The note is too long")
    detail = N_("Write at most {limit} characters.")


@dataclass(frozen=True)
class ToldStep:
    step: MatchStepRecord
    note: str | None


@dataclass(frozen=True)
class ToldExclusion:
    """A proposal about a card, and whether this reader may be its second person."""

    record: ExclusionRecord
    note: str | None
    is_late: bool
    may_decide: bool
    options: tuple[tuple[Verdict, tuple[ExclusionReason, ...]], ...]


@dataclass(frozen=True)
class SeenMatch:
    match: MatchRecord
    subject: SubjectRecord | None
    evidence: tuple[tuple[Sign, str], ...]
    steps: tuple[ToldStep, ...]
    names: Mapping[str, str]
    """What those of the reader's organisation who decided are called."""
    exclusions: tuple[ToldExclusion, ...]
    options: tuple[tuple[Decision, tuple[MatchReason, ...]], ...]
    may_decide: bool
    is_late: bool
    now: datetime
    scope: Scope

    @property
    def signs(self) -> frozenset[Sign]:
        return frozenset(sign for sign, _ in self.evidence)


@list_match.get("/{match}", include_in_schema=False)
async def show_match(request: Request, match: str) -> Response:
    """Show an entry beside whom it may be, what is alike, and what was decided."""
    return await _match_page(request, match, Form())


@list_match.post("/{match}/decisions", include_in_schema=False)
async def decide(request: Request, match: str) -> Response:
    """Say whether it is the same, with a reason; what follows somebody else decides."""

    def work(session: Session, scope: Scope, form: Form, keyring: Keyring) -> str:
        found_queries.match(session, scope, match)
        decision, reason = _pair(form, Decision, MatchReason)
        deciding.decide(
            session,
            scope,
            match,
            decision=decision,
            reason=reason,
            note=_note(form, keyring),
        )
        follow_matches(session, scope)
        waits = exclusion_queries.exclusions(
            session, scope, rows=1, match=match, state=ExclusionState.PROPOSED
        )
        return "followed" if waits.rows else "said"

    return await _decided(request, match, work)


@list_match.post("/{match}/exclusions/{exclusion}", include_in_schema=False)
async def decide_exclusion(request: Request, match: str, exclusion: str) -> Response:
    """Accept or decline what was proposed, as a second person; the card follows."""

    def work(session: Session, scope: Scope, form: Form, keyring: Keyring) -> str:
        found = exclusion_queries.exclusion(session, scope, exclusion)
        if found.match != match:
            raise ExclusionNotFound(exclusion=exclusion)
        verdict, reason = _pair(form, Verdict, ExclusionReason)
        exclusion_actions.decide(
            session,
            scope,
            exclusion,
            verdict=verdict,
            reason=reason,
            note=_note(form, keyring),
        )
        follow_matches(session, scope)
        return "decided"

    return await _decided(request, match, work)


async def _decided(
    request: Request,
    match: str,
    work: Callable[[Session, Scope, Form, Keyring], str],
) -> Response:
    """Do what a form decides of a match; `work` returns which of NOTES tells of it."""
    form = await form_of(request)
    keyring = keyring_of(hop.service_of(request))

    def once(session: Session, scope: Scope) -> Answer:
        scope.require(Permission.DECIDE_MATCHES)
        done = work(session, scope, form, keyring)
        return go_to(f"/list-matches/{match}", done=done)

    async def again(told: Form) -> Response:
        return await _match_page(request, match, told)

    return await sent(request, form, once, again)


def _pair(form: Form, what: type[What], why: type[Why]) -> tuple[What, Why]:
    """Return what is decided and why: one choice of the form says both."""
    said, _, reason = form.required("decision").partition(":")
    try:
        return what(said), why(reason)
    except ValueError as error:
        raise FieldWrong("decision", MISSING) from error


def _note(form: Form, keyring: Keyring) -> Note | None:
    text = form.value("note").strip()
    if len(text) > limits.NOTE_CHARACTERS:
        raise NoteTooLong(field="note", limit=limits.NOTE_CHARACTERS)
    return Note(text, keyring) if text else None


async def _match_page(request: Request, match: str, form: Form) -> Response:
    keyring = keyring_of(hop.service_of(request))

    def work(session: Session, scope: Scope) -> SeenMatch:
        return _see(session, scope, keyring, match, language_of(request, scope))

    seen = await hop.read(request, work)
    note = NOTES.get(request.query_params.get("done", ""))
    language = language_of(request, seen.scope)
    return page(
        request,
        "list_match.html",
        scope=seen.scope,
        status=form.status,
        seen=seen,
        match=seen.match,
        form=form,
        most=limits.NOTE_CHARACTERS,
        done_note=translate(note, language) if note else None,
    )


def _see(
    session: Session, scope: Scope, keyring: Keyring, public_id: str, language: str
) -> SeenMatch:
    found = found_queries.match(session, scope, public_id)
    may_decide = scope.may(Permission.DECIDE_MATCHES)
    notes = deciding.notes_of(session, scope, keyring, found) if may_decide else {}
    now = clock.now()
    steps = found_queries.steps(session, scope, found)
    proposals = exclusion_queries.exclusions(
        session, scope, rows=limits.PAGE_ROWS, match=public_id
    )
    return SeenMatch(
        match=found,
        subject=subjects_of(session, scope, [found]).get(found.subject),
        evidence=tuple(
            (sign, translate(SIGNS[sign], language, **facts))
            for sign, facts in found.evidence
        ),
        steps=tuple(ToldStep(one, notes.get(one.ordinal)) for one in steps),
        names=colleagues_called(session, scope, {one.actor for one in steps}),
        exclusions=tuple(
            _exclusion(session, scope, keyring, one, now) for one in proposals.rows
        ),
        options=tuple(
            (decision, tuple(one for one in MatchReason if one in REASONS[decision]))
            for decision in Decision
            if MatchState(decision.value) in STEPS[found.state]
        ),
        may_decide=may_decide,
        is_late=found.is_late(now),
        now=now,
        scope=scope,
    )


def _exclusion(
    session: Session,
    scope: Scope,
    keyring: Keyring,
    found: ExclusionRecord,
    now: datetime,
) -> ToldExclusion:
    may_read = scope.may(Permission.DECIDE_MATCHES)
    return ToldExclusion(
        record=found,
        note=exclusion_queries.note_of(session, scope, keyring, found)
        if may_read and found.has_note
        else None,
        is_late=found.is_late(now),
        may_decide=may_read
        and scope.may(Permission.ISSUE_SCORECARDS)
        and found.state is ExclusionState.PROPOSED
        and found.matched_by != scope.actor,
        options=tuple(
            (
                verdict,
                tuple(
                    one
                    for one in ExclusionReason
                    if one in EXCLUSION_REASONS[found.effect, verdict]
                ),
            )
            for verdict in Verdict
        ),
    )
