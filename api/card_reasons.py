"""Why a scorecard is what it is now, over HTTP: rule, law, plan, and your own part."""

from typing import Annotated, Any

from fastapi import Request
from pydantic import Field
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.languages import accepted_language
from api.plans import PlanItemWire, item_document, item_of_commitment
from api.routing import feature_router
from api.service import Service
from api.wire import ONE_PROBLEMS, Day, Instant, Wire
from compliance import limits
from compliance.commitments.lifecycle import OUTSTANDING, Side
from compliance.commitments.queries import commitments
from compliance.findings.models import SourceKind
from compliance.findings.standing import Standing
from compliance.identity.scope import Scope
from compliance.scorecards.citing import citations_of
from compliance.scorecards.codes import Status
from compliance.scorecards.grading import Plan
from compliance.scorecards.lifecycle import Why
from compliance.scorecards.reasons import Flag, Reasons, reasons_of
from rules import Severity, Topic

card_reasons = feature_router("/v1/scorecards", "scorecards")


class CitationWire(Wire):
    """What the rule rests on, for the country of the site."""

    instrument: str
    article: str


class ReasonWire(Wire):
    """A rule that is not met, how sure that is, and by when it is to be set right."""

    rule: str
    title: str
    topic: Topic
    severity: Severity
    standing: Annotated[
        Standing | None,
        Field(description="How sure it is: indicator, suspected, confirmed."),
    ]
    evidence: Annotated[SourceKind, Field(description="What kind of source it has.")]
    citations: list[CitationWire]
    plan: Plan
    due_on: Annotated[Day, Field(description="The plan's day, once one is agreed.")]
    is_late: bool


class CardReasonsWire(Wire):
    """Why a card is what it is now, and what you yourself owe its site."""

    id: str
    site: str
    status: Status
    since: Instant
    suspended_for: list[Why]
    reasons: list[ReasonWire]
    your_commitments: Annotated[
        list[PlanItemWire],
        Field(description="What your organisation promised the site and has not done."),
    ]


@card_reasons.get(
    "/{scorecard}/reasons",
    responses={200: {"model": CardReasonsWire}, **ONE_PROBLEMS},
)
async def read_card_reasons(request: Request, scorecard: str) -> Response:
    """Read why a card is suspended: rule, law, kind of evidence, plan, and your part.

    It tells what the next card will say of what was found since this one was issued, and
    nothing of persons.
    """
    service = hop.service_of(request)
    language = accepted_language(request)

    def work(session: Session, scope: Scope) -> dict[str, Any]:
        found = reasons_of(session, scope, scorecard)
        return {
            **_document(found, service, language),
            "your_commitments": _own_part(session, scope, found.card.site_public_id),
        }

    document = await hop.read(request, work)
    return hop.respond(hop.json_answer(200, document, content_language=language))


def _document(found: Reasons, service: Service, language: str) -> dict[str, Any]:
    card = found.card
    return {
        "id": card.public_id,
        "site": card.site_public_id,
        "status": card.status,
        "since": found.since,
        "suspended_for": list(found.grounds),
        "reasons": [_flag_document(flag, service, language) for flag in found.flags],
    }


def _flag_document(flag: Flag, service: Service, language: str) -> dict[str, Any]:
    """Tell a flag with the law of its day; a rule that the book has no more has none."""
    rule = service.book.rule_by_id.get(flag.rule)
    cited = (
        ()
        if rule is None
        else citations_of(service.book, rule, country=flag.country, day=flag.seen_on)
    )
    return {
        "rule": flag.rule,
        "title": flag.rule if rule is None else rule.title.in_language(language),
        "topic": flag.topic,
        "severity": flag.severity,
        "standing": flag.standing,
        "evidence": flag.source,
        "citations": [
            {"instrument": one.instrument, "article": one.article} for one in cited
        ],
        "plan": flag.plan,
        "due_on": flag.due_on,
        "is_late": flag.is_late,
    }


def _own_part(session: Session, scope: Scope, site: str) -> list[dict[str, Any]]:
    """Return what the caller promised the site and has not done yet."""
    page = commitments(
        session, scope, rows=limits.PAGE_ROWS, side=Side.MAKER, site=site
    )
    return [
        item_document(item_of_commitment(one))
        for one in page.rows
        if one.state in OUTSTANDING
    ]
