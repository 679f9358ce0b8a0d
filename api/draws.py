"""Draws over HTTP: make one, swap what cannot be visited, plan visits, publish inputs."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from fastapi import Query, Request
from pydantic import Field, StringConstraints
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.lists import After, Rows, page_response
from api.routing import feature_router
from api.stored import stored_response
from api.wire import (
    ONE_PROBLEMS,
    PROBLEMS,
    Day,
    Instant,
    ProblemDocument,
    Season,
    Wire,
)
from audits.sampling import actions, queries, verify_draw
from audits.sampling.drawing import ATTRIBUTES, Stratum, strata_told
from audits.sampling.models import DrawnAs, SwapReason
from audits.sampling.policy import RiskLevel
from audits.sampling.queries import DrawRecord, OpenDraw, SiteOfDraw, Standing
from audits.sampling.quotas import Quota, Unknown
from audits.visits.lifecycle import State
from audits.visits.models import Notice
from compliance import limits
from compliance.idempotency import Answer
from compliance.identity.scope import Scope
from rules.vocabulary import Commodity

draws = feature_router("/v1/draws", "draws")
public_draws = feature_router("", "draws")

SCRIPT = Path(verify_draw.__file__)
PublicId = Annotated[
    str, StringConstraints(pattern=r"^[a-z]+_[0-9a-z]+$", max_length=40, strict=True)
]
CONFLICT: dict[int | str, dict[str, Any]] = {
    409: {"model": ProblemDocument, "description": "It contradicts what is there."}
}
STEP_PROBLEMS = {**ONE_PROBLEMS, **CONFLICT}


class NewDraw(Wire):
    """What shall be drawn from."""

    mill: PublicId
    season: Season
    level: Annotated[
        RiskLevel,
        Field(
            description="How high you hold the risk; an open red flag at the mill or "
            "in its base makes it `red_flag`, whatever is said here."
        ),
    ]
    programme: Annotated[
        PublicId | None, Field(description="The programme whose policies apply.")
    ] = None


class NewSwap(Wire):
    """A site of the sample that cannot be visited, and why; who comes is not chosen."""

    site: PublicId
    reason: SwapReason


class NewPlan(Wire):
    """The days in which the sites of the sample are visited."""

    fieldwork_from: Day
    fieldwork_to: Day
    notice: Notice = Notice.UNANNOUNCED


class DrawInBrief(Wire):
    """A draw; `seed` and `frame_sha256` are what anybody can run it again from."""

    id: str
    mill: str
    mill_name: str
    season: str
    commodity: Commodity
    programme: str | None
    number: Annotated[
        int, Field(description="Which draw of the mill and the season it is, from 1.")
    ]
    stated_level: RiskLevel
    level: RiskLevel
    sites: Annotated[int, Field(description="Producers that could be drawn.")]
    size: int
    reserves: int
    base_is_cut: Annotated[
        bool, Field(description="A way of the base was left out; see the supply base.")
    ]
    frame_sha256: str
    seed: str
    swaps: int
    share_swapped: float
    missing: Annotated[
        int, Field(description="Places that no reserve was left for.", ge=0)
    ]
    drawn_by: str
    drawn_at: Instant


class DrawPage(Wire):
    items: list[DrawInBrief]
    next: str | None


class StratumWire(Wire):
    """What a site is drawn by; `unknown` is a value like any other."""

    village: str
    size: str
    hires_labour: str


class CountedStratum(StratumWire):
    sites: int
    drawn: int
    reserves: int


class QuotaWire(Wire):
    """How many people to hear and files to read, for the workers of the season."""

    auditor_days: int
    individual: int
    groups: int
    group_size: int
    files: int


class DrawnSite(Wire):
    """A site of the draw, where it stands after the swaps, and whom to hear there."""

    site: str
    name: str
    municipality: str | None
    standing: Standing
    ordinal: Annotated[
        int, Field(description="Its place among those drawn, or among the reserves.")
    ]
    stratum: StratumWire
    workers: int | None
    quota: QuotaWire | None
    quota_unknown: Annotated[
        Unknown | None,
        Field(description="Why there is no quota: it is set once people are counted."),
    ]
    audit: str | None
    audit_status: State | None


class SwapWire(Wire):
    out: str
    into: Annotated[
        str | None, Field(description="Null where no reserve was left to come in.")
    ]
    reason: SwapReason
    swapped_by: str
    swapped_at: Instant


class DrawWire(DrawInBrief):
    """A draw with its strata, sites and swaps."""

    strata: list[CountedStratum]
    drawn: list[DrawnSite]
    in_reserve: list[DrawnSite]
    swapped: list[SwapWire]


class FrameSite(Wire):
    site: str
    stratum: list[str]


class FrameWire(Wire):
    """All that a draw depends on but the seed; its canonical JSON is what is hashed."""

    algorithm: str
    mill: str
    season: str
    commodity: Commodity
    programme: str | None
    level: RiskLevel
    factor_percent: int
    least: int
    reserve_percent: int
    size: int
    reserves: int
    attributes: list[str]
    sites: list[FrameSite]


class PublishedSwap(Wire):
    out: str
    into: Annotated[str | None, Field(alias="in")]
    reason: SwapReason


class InputsWire(Wire):
    """What `verify-draw.py` reads: the frame, the seed, and what is said to follow."""

    draw: str
    frame: FrameWire
    frame_sha256: str
    seed: str
    drawn: list[str]
    reserves: list[str]
    swaps: list[PublishedSwap]


@draws.get("", responses={200: {"model": DrawPage}, **PROBLEMS})
async def list_draws(
    request: Request,
    after: After = None,
    rows: Rows = limits.PAGE_ROWS_DEFAULT,
    mill: Annotated[str | None, Query(description="Public id of a mill.")] = None,
    season: Annotated[str | None, Query(description="A season.")] = None,
    level: RiskLevel | None = None,
    programme: Annotated[
        str | None, Query(description="Public id of a programme.")
    ] = None,
) -> Response:
    """List the draws that were made, each with how much of it was swapped."""
    page = await hop.read(
        request,
        lambda session, scope: queries.draws(
            session,
            scope,
            rows=rows,
            after=after,
            mill=mill,
            season=season,
            level=level,
            programme=programme,
        ),
    )
    documents = [brief_document(one) for one in page.rows]
    return page_response(request, documents, page.next_after)


@draws.post(
    "", status_code=201, responses={201: {"model": DrawWire}, **PROBLEMS, **CONFLICT}
)
async def make_draw(request: Request, body: NewDraw) -> Response:
    """Draw from the supply base of a mill; the seed is drawn when the frame is fixed."""

    def work(session: Session, scope: Scope) -> Answer:
        found = actions.make(
            session,
            scope,
            mill=body.mill,
            season=body.season,
            level=body.level,
            programme=body.programme,
        )
        location = f"/v1/draws/{found.record.public_id}"
        return hop.json_answer(201, draw_document(found), location=location)

    return await hop.write(request, work)


@draws.get("/{draw}", responses={200: {"model": DrawWire}, **ONE_PROBLEMS})
async def read_draw(request: Request, draw: str) -> Response:
    """Read a draw: its strata, its sites and what became of them."""
    found = await hop.read(
        request, lambda session, scope: queries.draw(session, scope, draw)
    )
    return hop.respond(hop.json_answer(200, draw_document(found)))


@draws.get("/{draw}/inputs", responses={200: {"model": InputsWire}, **ONE_PROBLEMS})
async def read_inputs(request: Request, draw: str) -> Response:
    """Fetch what anybody can run the draw again from, with /verify-draw.py."""
    found = await hop.read(
        request, lambda session, scope: queries.draw(session, scope, draw)
    )
    return hop.respond(hop.json_answer(200, inputs_document(found)))


@draws.post(
    "/{draw}/swaps",
    status_code=201,
    responses={201: {"model": DrawWire}, **STEP_PROBLEMS},
)
async def swap_site(request: Request, draw: str, body: NewSwap) -> Response:
    """Put the reserve whose turn it is in the place of a site, for a reason."""

    def work(session: Session, scope: Scope) -> Answer:
        found = actions.swap(session, scope, draw, out=body.site, reason=body.reason)
        return hop.json_answer(201, draw_document(found), location=f"/v1/draws/{draw}")

    return await hop.write(request, work)


@draws.post("/{draw}/plan", responses={200: {"model": DrawWire}, **STEP_PROBLEMS})
async def plan_visits(request: Request, draw: str, body: NewPlan) -> Response:
    """Plan an audit of every site of the sample that has none yet."""

    def work(session: Session, scope: Scope) -> Answer:
        found = actions.plan(
            session,
            scope,
            draw,
            fieldwork_from=body.fieldwork_from,
            fieldwork_to=body.fieldwork_to,
            notice=body.notice,
        )
        return hop.json_answer(200, draw_document(found))

    return await hop.write(request, work)


@public_draws.get(
    "/verify-draw.py", responses={200: {"content": {"text/x-python": {}}}}
)
async def verifier(request: Request) -> Response:
    """Fetch the script that runs a draw again; it needs Python and nothing else."""
    content, digest = _script()
    return stored_response(request, content, "text/x-python; charset=utf-8", digest)


def brief_document(found: DrawRecord) -> dict[str, Any]:
    """Return a draw as a list tells it."""
    return {
        "id": found.public_id,
        "mill": found.mill,
        "mill_name": found.mill_name,
        "season": found.season,
        "commodity": found.commodity,
        "programme": found.programme,
        "number": found.number,
        "stated_level": found.stated_level,
        "level": found.level,
        "sites": found.sites,
        "size": found.size,
        "reserves": found.reserves,
        "base_is_cut": found.base_is_cut,
        "frame_sha256": found.frame_sha256,
        "seed": found.seed,
        "swaps": found.swaps,
        "share_swapped": round(found.share_swapped, 4),
        "missing": found.missing,
        "drawn_by": found.drawn_by,
        "drawn_at": found.drawn_at,
    }


def draw_document(found: OpenDraw) -> dict[str, Any]:
    """Return a draw with everything that is told of it."""
    drawn, reserves = found.chosen(DrawnAs.DRAWN), found.chosen(DrawnAs.RESERVE)
    counted = strata_told(
        found.candidates,
        {one.frame_id for one in drawn},
        {one.frame_id for one in reserves},
    )
    return {
        **brief_document(found.record),
        "strata": [
            {**_stratum(key), "sites": sites, "drawn": chosen, "reserves": kept}
            for key, sites, chosen, kept in counted
        ],
        "drawn": [_site_document(found, one) for one in drawn],
        "in_reserve": [_site_document(found, one) for one in reserves],
        "swapped": [
            {
                "out": swap.out,
                "into": swap.into,
                "reason": swap.reason,
                "swapped_by": swap.swapped_by,
                "swapped_at": swap.swapped_at,
            }
            for swap in found.swaps
        ],
    }


def inputs_document(found: OpenDraw) -> dict[str, Any]:
    """Return what `verify_draw.py` reads."""
    return {
        "draw": found.record.public_id,
        "frame": found.frame,
        "frame_sha256": found.record.frame_sha256,
        "seed": found.record.seed,
        "drawn": [one.frame_id for one in found.chosen(DrawnAs.DRAWN)],
        "reserves": [one.frame_id for one in found.chosen(DrawnAs.RESERVE)],
        "swaps": [
            {"out": swap.out, "in": swap.into, "reason": swap.reason}
            for swap in found.swaps
        ],
    }


def _site_document(found: OpenDraw, one: SiteOfDraw) -> dict[str, Any]:
    visit = found.audit_of(one)
    quota = one.quota if isinstance(one.quota, Quota) else None
    return {
        "site": one.frame_id,
        "name": one.name,
        "municipality": one.municipality,
        "standing": found.standing(one),
        "ordinal": one.ordinal,
        "stratum": _stratum(found.strata[one.frame_id]),
        "workers": one.workers,
        "quota": None if quota is None else vars(quota),
        "quota_unknown": one.quota if isinstance(one.quota, Unknown) else None,
        "audit": None if visit is None else visit.audit,
        "audit_status": None if visit is None else visit.status,
    }


def _stratum(key: Stratum) -> dict[str, str]:
    return dict(zip(ATTRIBUTES, key, strict=True))


@cache
def _script() -> tuple[bytes, str]:
    content = SCRIPT.read_bytes()
    return content, hashlib.sha256(content).hexdigest()
