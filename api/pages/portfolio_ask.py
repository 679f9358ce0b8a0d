"""Ask for the risk of a pasted list: what each name is, and what is known of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.pages.forms import CORRECTABLE, FieldWrong, Form, form_of, sent_back
from api.pages.portfolio import Line, lines_of, quoted
from api.pages.rendering import language_of, page
from api.pages.tables import csv_response
from api.risk import beside
from api.risk_documents import listed_risk, short_risk, summary_document
from api.routing import feature_router
from compliance import limits
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.problems import Problem
from compliance.risk.codes import RiskLevel
from compliance.risk.naming import Name
from compliance.risk.queries import Answered, NotSharedBecause, Outcome, risks_of_names
from compliance.texts import N_

portfolio_ask = feature_router("/portfolio/ask", "pages")

SHOWN = 100  # sites in the table; the spreadsheet has them all
IN_COMMAND = 3  # names in the command that shows how a program asks
BECAUSE: Mapping[NotSharedBecause | None, str] = {
    None: "",
    NotSharedBecause.SCORECARDS_ONLY: N_(
        "its scorecards are shown to you, its risk is not"
    ),
    NotSharedBecause.CONSENT_ENDED: N_("it was shown to you, and is no more"),
    NotSharedBecause.REQUEST_DECLINED: N_("you asked, and the supplier declined"),
    NotSharedBecause.REQUEST_WAITS: N_("you asked; the supplier has not answered"),
}


@dataclass(frozen=True)
class Seen:
    """What became of a list, read in one transaction."""

    scope: Scope
    answers: tuple[Answered, ...]
    summary: Mapping[str, Any]
    lines: tuple[Line, ...]

    def of(self, outcome: Outcome) -> tuple[Answered, ...]:
        """Return the names that had one outcome."""
        return tuple(one for one in self.answers if one.outcome is outcome)


@portfolio_ask.get("", include_in_schema=False)
async def show_question(request: Request) -> Response:
    """Show the field that a list is pasted into."""
    return await _page(request, Form(), None)


@portfolio_ask.post("", include_in_schema=False)
async def answer_question(request: Request) -> Response:
    """Tell what became of every name of the list; nothing is stored."""
    form = await form_of(request)
    try:
        names = names_of(form)
        if form.value("format") == "csv":
            rows = await hop.read(
                request,
                lambda session, scope: _rows(
                    session, scope, names, language_of(request, scope)
                ),
            )
            return csv_response(rows, "risk-of-list")
        seen = await hop.read(
            request,
            lambda session, scope: _see(
                session, scope, names, language_of(request, scope)
            ),
        )
    except Problem as problem:
        if problem.kind not in CORRECTABLE:
            raise
        return await _page(request, await sent_back(request, form, problem), None)
    return await _page(request, form, seen)


def names_of(form: Form) -> list[Name]:
    """Return the names of a pasted list, one a line, each once; raise FieldWrong."""
    lines = (
        one.strip().strip(";,\t\"'") for one in form.required("names").splitlines()
    )
    values = list(dict.fromkeys(one for one in lines if one))
    if not values:
        raise FieldWrong("names", N_("Fill this in."))
    if len(values) > limits.RISK_NAMES:
        raise FieldWrong("names", N_("One list has at most 5,000 names. Paste a part."))
    if any(len(one) > limits.RISK_NAME_CHARACTERS for one in values):
        raise FieldWrong("names", N_("Write one id or number on each line."))
    return [Name(one) for one in values]


def _see(session: Session, scope: Scope, names: Sequence[Name], language: str) -> Seen:
    answers = risks_of_names(session, scope, names, language)
    records = {one.risk.site_id: one.risk for one in answers if one.risk is not None}
    known = beside(session, scope, records.keys())
    told: dict[UUID, dict[str, Any]] = {
        site_id: short_risk(
            record,
            language,
            actions=known.actions_of(record),
            card=known.cards.get(site_id),
        )
        for site_id, record in records.items()
    }
    gravest = sorted(
        records.values(), key=lambda one: -1 if one.score is None else 100 - one.score
    )
    return Seen(
        scope=scope,
        answers=answers,
        summary=summary_document(answers, told, None),
        lines=lines_of(session, scope, tuple(gravest[:SHOWN])),
    )


def _rows(
    session: Session, scope: Scope, names: Sequence[Name], language: str
) -> list[dict[str, Any]]:
    """Return a row for every name of the list, in its order, in codes."""
    answers = risks_of_names(session, scope, names, language)
    known = [{} if one.risk is None else listed_risk(one.risk) for one in answers]
    columns = dict.fromkeys(column for row in known for column in row)
    return [
        {
            "asked": one.name.value,
            "outcome": one.outcome,
            "because": one.because,
            "candidates": list(one.candidates),
            **{column: row.get(column) for column in columns},
        }
        for one, row in zip(answers, known, strict=True)
    ]


async def _page(request: Request, form: Form, seen: Seen | None) -> Response:
    if seen is None:
        scope = await hop.read(request, lambda _, scope: _reader(scope))
    else:
        scope = seen.scope
    return page(
        request,
        "portfolio_ask.html",
        scope=scope,
        status=form.status,
        form=form,
        seen=seen,
        outcomes=Outcome,
        levels=tuple(RiskLevel),
        because=BECAUSE,
        most=limits.RISK_NAMES,
        shown=SHOWN,
        curl=_curl(request, [] if seen is None else seen.answers),
    )


def _reader(scope: Scope) -> Scope:
    scope.require(Permission.READ_RISK)
    return scope


def _curl(request: Request, answers: Sequence[Answered]) -> str:
    url = hop.service_of(request).settings.resolved_public_url
    names = [one.name.value for one in answers[:IN_COMMAND]] or [
        "site_0a1b2c3d4e5f6g7h"
    ]
    listed = quoted(", ".join(f'"{_escaped(one)}"' for one in names))
    more = ", …" if len(answers) > IN_COMMAND else ""
    return (
        "curl -H 'Authorization: Bearer KEY' -H 'Content-Type: application/json' \\\n"
        f"  -d '{{\"identifiers\": [{listed}{more}]}}' \\\n  '{url}/v1/risk/query'"
    )


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
