"""Integrity signals over HTTP: for reviewers, and never of a visit of their own."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Query, Request
from pydantic import Field
from starlette.responses import Response

from api import hop
from api.languages import accepted_language
from api.lists import After, Rows, page_response
from api.routing import feature_router
from api.wire import ONE_PROBLEMS, PROBLEMS, Day, Wire
from audits.integrity import queries
from audits.integrity.codes import FAMILIES, Family, Signal, State, Why
from audits.integrity.policy import POLICY
from audits.integrity.queries import SignalRecord
from audits.integrity.sentences import TITLES, sentence_of
from compliance import limits
from compliance.texts import translate

signals = feature_router("/v1/signals", "signals")
visit_signals = feature_router("/v1/submissions", "signals")


class SignalWire(Wire):
    """How one signal of a visit stands; it accuses nobody and decides nothing."""

    signal: Signal
    title: str
    family: Family
    state: Annotated[
        State,
        Field(
            description="`unknown` is neither good nor bad: there is nothing to judge by."
        ),
    ]
    is_doubtful: Annotated[
        bool, Field(description="It fired so near its limit that it counts as weak.")
    ]
    measure: Annotated[
        float | None, Field(description="In the unit that docs/integrity.md tells.")
    ]
    why: Annotated[Why | None, Field(description="Why it is unknown.")]
    sentence: str
    evidence: Annotated[
        dict[str, Any],
        Field(
            description="Numbers and references it rests on; no word that a person "
            "wrote and no answer about a person."
        ),
    ]
    formula: Annotated[int, Field(description="Version of the formulas.")]
    read_at: str


class ListedSignal(SignalWire):
    """A signal with the visit it is of."""

    id: str
    submission: str
    site: str
    auditor: Annotated[
        str | None, Field(description="Person or device; null where it is not known.")
    ]
    observed_on: Day
    is_flagged: bool


class SignalPage(Wire):
    items: list[ListedSignal]
    next: str | None


class VisitSignalsWire(Wire):
    """All signals of a visit, and whether it is flagged for a second look."""

    submission: str
    is_flagged: Annotated[
        bool | None, Field(description="null until the signals were read.")
    ]
    points: int | None
    flag_at: Annotated[int, Field(description="Points from which a visit is flagged.")]
    reasons: list[Signal]
    signals: list[SignalWire]


def signal_document(found: SignalRecord, language: str) -> dict[str, Any]:
    """Return a signal as the API tells it."""
    reading = found.reading
    return {
        "signal": found.signal,
        "title": translate(TITLES[found.signal], language),
        "family": FAMILIES[found.signal],
        "state": reading.state,
        "is_doubtful": reading.is_doubtful,
        "measure": reading.measure,
        "why": reading.why,
        "sentence": sentence_of(found.signal, reading, language),
        "evidence": dict(reading.evidence),
        "formula": found.formula,
        "read_at": found.read_at,
    }


def _listed(found: SignalRecord, language: str) -> Mapping[str, Any]:
    return {
        "id": found.public_id,
        "submission": found.submission,
        "site": found.site,
        "auditor": found.auditor,
        "observed_on": found.observed_on,
        "is_flagged": found.is_flagged,
        **signal_document(found, language),
    }


@visit_signals.get(
    "/{submission}/signals",
    responses={200: {"model": VisitSignalsWire}, **ONE_PROBLEMS},
)
async def read_visit_signals(request: Request, submission: str) -> Response:
    """Read the integrity signals of a visit that somebody else made."""
    language = accepted_language(request)
    found = await hop.read(
        request,
        lambda session, scope: queries.signals_of_visit(session, scope, submission),
    )
    document = {
        "submission": found.submission,
        "is_flagged": found.is_flagged,
        "points": found.points,
        "flag_at": POLICY.entries[-1].flag_at,
        "reasons": found.reasons,
        "signals": [signal_document(one, language) for one in found.signals],
    }
    return hop.respond(hop.json_answer(200, document))


@signals.get("", responses={200: {"model": SignalPage}, **PROBLEMS})
async def list_signals(
    request: Request,
    after: After = None,
    rows: Rows = limits.PAGE_ROWS_DEFAULT,
    signal: Signal | None = None,
    state: State | None = None,
    site: Annotated[str | None, Query(description="Public id of a site.")] = None,
    auditor: Annotated[
        str | None, Query(description="Id of a person, or of a device of nobody's.")
    ] = None,
    submission: Annotated[str | None, Query(description="Id of a visit.")] = None,
    flagged: Annotated[
        bool | None, Query(description="Only of visits flagged for a second look.")
    ] = None,
) -> Response:
    """List integrity signals, the oldest first; those of your own visits are left out."""
    language = accepted_language(request)
    page = await hop.read(
        request,
        lambda session, scope: queries.signals(
            session,
            scope,
            rows=rows,
            after=after,
            signal=signal,
            state=state,
            site=site,
            auditor=auditor,
            submission=submission,
            flagged=flagged,
        ),
    )
    return page_response(
        request, [_listed(one, language) for one in page.rows], page.next_after
    )
