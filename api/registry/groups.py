"""Producer groups over HTTP, and who belongs to them in which season."""

from collections.abc import Callable
from typing import Any

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.lists import After, Rows, page_response
from api.registry.common import (
    CHANGE_PROBLEMS,
    REMOVE_PROBLEMS,
    CameIn,
    SiteNamed,
)
from api.routing import feature_router
from api.wire import ONE_PROBLEMS, PROBLEMS, Season, Share, Wire
from compliance import limits
from compliance.database import Page
from compliance.idempotency import Answer
from compliance.identity.scope import Scope
from compliance.registry import queries as registered
from compliance.registry.groups import actions, queries
from compliance.registry.groups.queries import GroupRecord, MemberRecord
from compliance.registry.models import Source

groups = feature_router("/v1/groups", "groups")
memberships = feature_router("/v1/memberships", "groups")
site_groups = feature_router("/v1/sites", "groups")


class GroupWire(Wire):
    """A producer group; `members` counts the sites that ever belonged to it."""

    id: str
    name: str
    country: str
    members: int


class GroupPage(Wire):
    items: list[GroupWire]
    next: str | None


class NewMember(CameIn):
    """A site that belongs to the group in a season, with its share of the volume."""

    site: str
    season: Season
    volume_share: Share | None = None


class MemberWire(Wire):
    id: str
    group: str
    group_name: str
    site: str
    site_name: str
    season: str
    volume_share: float | None
    source: Source
    source_reference: str | None


class MemberPage(Wire):
    items: list[MemberWire]
    next: str | None


def group_document(group: GroupRecord) -> dict[str, Any]:
    """Return a group as the API tells it."""
    return {
        "id": group.public_id,
        "name": group.name,
        "country": group.country,
        "members": group.members,
    }


def member_document(member: MemberRecord) -> dict[str, Any]:
    """Return a membership as the API tells it."""
    return {
        "id": member.public_id,
        "group": member.group_public_id,
        "group_name": member.group_name,
        "site": member.site_public_id,
        "site_name": member.site_name,
        "season": member.season,
        "volume_share": member.volume_share,
        "source": member.source,
        "source_reference": member.source_reference,
    }


async def _members(
    request: Request, read: Callable[[Session, Scope], Page[MemberRecord]]
) -> Response:
    page = await hop.read(request, read)
    documents = [member_document(one) for one in page.rows]
    return page_response(request, documents, page.next_after)


@groups.get("", responses={200: {"model": GroupPage}, **PROBLEMS})
async def list_groups(
    request: Request, after: After = None, rows: Rows = limits.PAGE_ROWS_DEFAULT
) -> Response:
    """List the producer groups of your register."""
    page = await hop.read(
        request,
        lambda session, scope: queries.groups(session, scope, rows=rows, after=after),
    )
    documents = [group_document(one) for one in page.rows]
    return page_response(request, documents, page.next_after)


@groups.get("/{group}", responses={200: {"model": GroupWire}, **ONE_PROBLEMS})
async def read_group(request: Request, group: str) -> Response:
    """Read one producer group."""
    record = await hop.read(
        request, lambda session, scope: queries.group(session, scope, group)
    )
    return hop.respond(hop.json_answer(200, group_document(record)))


@groups.get("/{group}/members", responses={200: {"model": MemberPage}, **ONE_PROBLEMS})
async def list_members(
    request: Request,
    group: str,
    after: After = None,
    rows: Rows = limits.PAGE_ROWS_DEFAULT,
    season: Season | None = None,
) -> Response:
    """List who belongs to a group, in every season or in one."""

    def work(session: Session, scope: Scope) -> Page[MemberRecord]:
        queries.group(session, scope, group)
        return queries.members(
            session, scope, rows=rows, after=after, group=group, season=season
        )

    return await _members(request, work)


@groups.post(
    "/{group}/members",
    status_code=201,
    responses={201: {"model": MemberWire}, **CHANGE_PROBLEMS},
)
async def join_group(request: Request, group: str, body: NewMember) -> Response:
    """Note that a site belongs to a group in a season."""

    def work(session: Session, scope: Scope) -> Answer:
        record = actions.join_group(session, scope, group_id=group, **body.model_dump())
        return hop.json_answer(
            201,
            member_document(record),
            location=f"/v1/memberships/{record.public_id}",
        )

    return await hop.write(request, work)


@memberships.get(
    "/{membership}", responses={200: {"model": MemberWire}, **ONE_PROBLEMS}
)
async def read_membership(request: Request, membership: str) -> Response:
    """Read one membership."""
    record = await hop.read(
        request, lambda session, scope: queries.membership(session, scope, membership)
    )
    return hop.respond(hop.json_answer(200, member_document(record)))


@memberships.delete("/{membership}", status_code=204, responses=REMOVE_PROBLEMS)
async def leave_group(request: Request, membership: str) -> Response:
    """Take back a membership noted by mistake; the trail keeps what it said."""

    def work(session: Session, scope: Scope) -> Answer:
        actions.leave_group(session, scope, membership)
        return hop.NOTHING

    return await hop.write(request, work)


@memberships.get("", responses={200: {"model": MemberPage}, **PROBLEMS})
async def list_memberships(
    request: Request,
    after: After = None,
    rows: Rows = limits.PAGE_ROWS_DEFAULT,
    site: SiteNamed = None,
    season: Season | None = None,
) -> Response:
    """List who belongs to which group."""
    return await _members(
        request,
        lambda session, scope: queries.members(
            session, scope, rows=rows, after=after, site=site, season=season
        ),
    )


@site_groups.get(
    "/{site}/groups", responses={200: {"model": MemberPage}, **ONE_PROBLEMS}
)
async def list_groups_of_site(
    request: Request,
    site: str,
    after: After = None,
    rows: Rows = limits.PAGE_ROWS_DEFAULT,
    season: Season | None = None,
) -> Response:
    """List the groups that a site belongs or belonged to."""

    def work(session: Session, scope: Scope) -> Page[MemberRecord]:
        found = registered.site(session, scope, site)
        return queries.members(
            session,
            scope,
            rows=rows,
            after=after,
            site=found.public_id,
            season=season,
        )

    return await _members(request, work)
