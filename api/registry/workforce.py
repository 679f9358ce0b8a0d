"""Workforce profiles over HTTP: who works at a site in a season, as counts alone."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from fastapi import Query, Request
from pydantic import Field
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.lists import After, Rows, page_response
from api.registry.common import CameIn, People, SiteNamed
from api.routing import feature_router
from api.wire import ONE_PROBLEMS, PROBLEMS, Season, Wire
from compliance import limits
from compliance.database import Page
from compliance.idempotency import Answer
from compliance.identity.scope import Scope
from compliance.registry import queries as registered
from compliance.registry.models import Source
from compliance.registry.queries import RUN
from compliance.registry.workforce import actions, queries
from compliance.registry.workforce.counts import Category, Counts, Workforce
from compliance.registry.workforce.queries import ProfileRecord

profiles = feature_router("/v1/workforce-profiles", "workforce")
site_workforce = feature_router("/v1/sites", "workforce")

History = Annotated[
    bool, Query(description="Also what was stated before and has been corrected.")
]


class CountsWire(Wire):
    """How many in all, how many women and men; what is not known is left out."""

    total: People | None = None
    women: People | None = None
    men: People | None = None

    def counts(self) -> Counts:
        return Counts(self.total, self.women, self.men)


class NewProfile(CameIn):
    """The people of a season. Migrant: from elsewhere for the season; no papers."""

    season: Season
    permanent: CountsWire = Field(default_factory=CountsWire)
    temporary: CountsWire = Field(default_factory=CountsWire)
    migrant: CountsWire = Field(default_factory=CountsWire)
    piece_rate: CountsWire = Field(default_factory=CountsWire)
    family_help: CountsWire = Field(default_factory=CountsWire)

    def workforce(self) -> Workforce:
        """Return the counts by category."""
        return Workforce(
            permanent=self.permanent.counts(),
            temporary=self.temporary.counts(),
            migrant=self.migrant.counts(),
            piece_rate=self.piece_rate.counts(),
            family_help=self.family_help.counts(),
        )


class ProfileWire(Wire):
    """What was stated of a season; of several revisions the highest counts."""

    id: str
    site: str
    site_name: str
    season: str
    revision: int
    permanent: CountsWire
    temporary: CountsWire
    migrant: CountsWire
    piece_rate: CountsWire
    family_help: CountsWire
    source: Source
    source_reference: str | None
    stated_by: str
    stated_at: datetime


class ProfilePage(Wire):
    items: list[ProfileWire]
    next: str | None


def profile_document(profile: ProfileRecord) -> dict[str, Any]:
    """Return a profile as the API tells it."""
    return {
        "id": profile.public_id,
        "site": profile.site_public_id,
        "site_name": profile.site_name,
        "season": profile.season,
        "revision": profile.revision,
        **{one.value: asdict(profile.workforce.of(one)) for one in Category},
        "source": profile.source,
        "source_reference": profile.source_reference,
        "stated_by": profile.stated_by,
        "stated_at": profile.stated_at,
    }


@profiles.get("", responses={200: {"model": ProfilePage}, **PROBLEMS})
async def list_profiles(
    request: Request,
    after: After = None,
    rows: Rows = limits.PAGE_ROWS_DEFAULT,
    site: SiteNamed = None,
    season: Season | None = None,
    *,
    history: History = False,
) -> Response:
    """List the workforce profiles of the sites you keep or run."""
    page = await hop.read(
        request,
        lambda session, scope: queries.profiles(
            session,
            scope,
            rows=rows,
            after=after,
            history=history,
            site=site,
            season=season,
        ),
    )
    documents = [profile_document(one) for one in page.rows]
    return page_response(request, documents, page.next_after)


@site_workforce.get(
    "/{site}/workforce", responses={200: {"model": ProfilePage}, **ONE_PROBLEMS}
)
async def list_workforce_of_site(
    request: Request,
    site: str,
    after: After = None,
    rows: Rows = limits.PAGE_ROWS_DEFAULT,
    season: Season | None = None,
    *,
    history: History = False,
) -> Response:
    """List the workforce profiles of a site, season by season."""

    def work(session: Session, scope: Scope) -> Page[ProfileRecord]:
        found = registered.site(session, scope, site, among=RUN)
        return queries.profiles(
            session,
            scope,
            rows=rows,
            after=after,
            history=history,
            site=found.public_id,
            season=season,
        )

    page = await hop.read(request, work)
    documents = [profile_document(one) for one in page.rows]
    return page_response(request, documents, page.next_after)


@site_workforce.post(
    "/{site}/workforce",
    status_code=201,
    responses={201: {"model": ProfileWire}, **ONE_PROBLEMS},
)
async def state_workforce(request: Request, site: str, body: NewProfile) -> Response:
    """State who works at a site in a season; a correction is a further revision."""

    def work(session: Session, scope: Scope) -> Answer:
        found = registered.site(session, scope, site)
        record = actions.state_workforce(
            session,
            scope,
            site=found.public_id,
            season=body.season,
            workforce=body.workforce(),
            source=body.source,
            source_reference=body.source_reference,
        )
        where = f"/v1/sites/{found.public_id}/workforce?season={body.season}"
        return hop.json_answer(201, profile_document(record), location=where)

    return await hop.write(request, work)
