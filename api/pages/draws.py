"""Samples: the list of them, what one would be drawn from, and the drawing itself."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.draws import brief_document
from api.pages.draws_told import StratumTold, stratum_told
from api.pages.forms import CORRECTABLE, Form, form_of, go_to, refused, sent
from api.pages.options import Options, codes_told, names_told, same_told
from api.pages.rendering import language_of, page
from api.pages.tables import (
    Listed,
    chosen,
    csv_response,
    listed,
    pager,
    wants_csv,
    words_chosen,
)
from api.routing import feature_router
from audits.sampling import actions, queries
from audits.sampling.actions import Framed
from audits.sampling.drawing import hash_of
from audits.sampling.policy import RiskLevel
from audits.sampling.queries import DrawRecord
from compliance import limits
from compliance.database import Page
from compliance.idempotency import Answer
from compliance.identity.permissions import Permission
from compliance.identity.scope import Scope
from compliance.policies.queries import programmes
from compliance.problems import Problem
from compliance.registry.choices import mill_names, seasons_into, seasons_of_links

ROWS = 25
FIELDS = ("mill", "season", "level", "programme")

draws = feature_router("/draws", "pages")


@dataclass(frozen=True)
class Seen:
    """The list of draws, and by what it can be narrowed, which no spreadsheet needs."""

    found: Listed[DrawRecord]
    mills: Options = ()
    seasons: Options = ()


@dataclass(frozen=True)
class Preview:
    """What would be drawn from, in figures."""

    framed: Framed
    frame_sha256: str
    strata: tuple[tuple[StratumTold, int], ...]


@dataclass(frozen=True)
class Asked:
    """The form of a new draw, and the preview of what it asks for."""

    scope: Scope
    form: Form
    mills: Options
    seasons: Options
    programmes: Options
    preview: Preview | None


@draws.get("", include_in_schema=False)
async def list_draws(request: Request) -> Response:
    """Show the draws that were made, the first one first."""
    wanted: dict[str, str | None] = {
        "mill": words_chosen(request, "mill"),
        "season": words_chosen(request, "season"),
        "level": chosen(request, "level", RiskLevel),
    }

    def page_of(
        session: Session, scope: Scope, rows: int, after: str | None
    ) -> Page[DrawRecord]:
        return queries.draws(session, scope, rows=rows, after=after, **wanted)

    def work(session: Session, scope: Scope) -> Seen:
        found = listed(request, session, scope, page_of, rows=ROWS)
        if wants_csv(request):
            return Seen(found)
        mills, seasons = mill_names(session, scope), seasons_of_links(session, scope)
        return Seen(found, names_told(mills), same_told(seasons))

    seen = await hop.read(request, work)
    if wants_csv(request):
        return csv_response([brief_document(row) for row in seen.found.rows], "draws")
    return page(
        request,
        "draws.html",
        scope=seen.found.scope,
        seen=seen,
        wanted=wanted,
        is_narrowed=any(wanted.values()),
        levels=codes_told(RiskLevel, language_of(request, seen.found.scope)),
        **pager(request, seen.found.next_after),
    )


@draws.get("/new", include_in_schema=False)
async def show_new(request: Request) -> Response:
    """Show the form of a new draw, and once it is filled in what would be drawn from."""
    given = {name: words_chosen(request, name) or "" for name in FIELDS}
    return await _form_page(request, Form(given))


@draws.post("", include_in_schema=False)
async def make_draw(request: Request) -> Response:
    """Draw, once and for good."""
    form = await form_of(request)

    def work(session: Session, scope: Scope) -> Answer:
        found = actions.make(session, scope, **_frame_of(form))
        return go_to(f"/draws/{found.record.public_id}", done="drawn")

    return await sent(request, form, work, lambda form: _form_page(request, form))


def _frame_of(form: Form) -> dict[str, Any]:
    """Return what the form asks to draw from; raise FieldWrong."""
    return {
        "mill": form.required("mill"),
        "season": form.required("season"),
        "level": form.choice("level", RiskLevel),
        "programme": form.value("programme") or None,
    }


async def _form_page(request: Request, form: Form) -> Response:
    asked = await hop.read(
        request, lambda session, scope: _ask(request, session, scope, form)
    )
    return page(
        request,
        "draw_new.html",
        scope=asked.scope,
        status=asked.form.status,
        asked=asked,
        form=asked.form,
        levels=codes_told(
            (one for one in RiskLevel if one is not RiskLevel.RED_FLAG),
            language_of(request, asked.scope),
        ),
    )


def _ask(request: Request, session: Session, scope: Scope, form: Form) -> Asked:
    scope.require(Permission.MANAGE_FIELDWORK)
    mills = names_told(mill_names(session, scope))
    mill = form.value("mill")
    seasons = (
        seasons_into(session, scope, mill) if mill else seasons_of_links(session, scope)
    )
    named = programmes(session, scope, rows=limits.PAGE_ROWS).rows
    preview = None
    is_whole = all(form.value(name) for name in ("mill", "season", "level"))
    if is_whole and form.status == Form.status:
        try:
            preview = _previewed(request, session, scope, form)
        except Problem as problem:
            if problem.kind not in CORRECTABLE:
                raise
            form = refused(form, problem, language_of(request, scope))
    return Asked(scope, form, mills, same_told(seasons), names_told(named), preview)


def _previewed(request: Request, session: Session, scope: Scope, form: Form) -> Preview:
    framed = actions.framed(session, scope, **_frame_of(form))
    language = language_of(request, scope)
    counted = Counter(one.stratum for one in framed.frame.candidates)
    return Preview(
        framed,
        hash_of(framed.frame),
        tuple(
            (stratum_told(key, language), count)
            for key, count in sorted(counted.items())
        ),
    )
