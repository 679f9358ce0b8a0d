"""What programs check cards by: the credential of one, and the public status lists."""

from typing import Annotated, Any

from fastapi import Path, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.routing import feature_router
from api.scorecards import NOT_PRINTED
from api.stored import stored_response
from api.wire import ONE_PROBLEMS, ProblemDocument
from compliance import limits
from compliance.identity.scope import Scope
from compliance.scorecards import queries
from compliance.scorecards.status_lists import Purpose, StatusLists
from compliance.signatures.did import did_of
from compliance.signatures.jose import MEDIA_TYPE
from compliance.signatures.keys import files_of, opened

credentials = feature_router("/v1/scorecards", "scorecards")
status_lists = feature_router("/v1/status-lists", "verification")

KEPT_SHORTLY = f"public, max-age={limits.STATUS_LIST_SECONDS}"
UNSIGNED: dict[int | str, dict[str, Any]] = {
    409: {"model": ProblemDocument, "description": "It is from before credentials."},
}


@credentials.get(
    "/{scorecard}.vc",
    responses={
        200: {"content": {MEDIA_TYPE: {}}},
        **ONE_PROBLEMS,
        **UNSIGNED,
        **NOT_PRINTED,
    },
)
async def read_credential(request: Request, scorecard: str) -> Response:
    """Fetch a card as a signed UNTP Digital Conformity Credential (`vc+jwt`)."""

    def work(session: Session, scope: Scope) -> tuple[str, str]:
        return queries.credential(session, scope, scorecard)

    content, digest = await hop.read(request, work)
    return stored_response(request, content.encode("ascii"), MEDIA_TYPE, digest)


@status_lists.get(
    "/{purpose}/{number}",
    responses={
        200: {"content": {MEDIA_TYPE: {}}},
        404: {"model": ProblemDocument, "description": "There is no such list."},
    },
)
async def read_status_list(
    request: Request,
    purpose: Purpose,
    number: Annotated[int, Path(ge=1, le=limits.LARGEST_NUMBER)],
) -> Response:
    """Fetch a status list, signed anew; no key is needed.

    A bit is set for each card that does not hold: in `suspension` for every one that may
    not be relied on now, in `revocation` where that is for good.
    """
    service = hop.service_of(request)
    lists: StatusLists = request.app.state.status_lists
    public_url = service.settings.resolved_public_url

    def work(session: Session) -> str:
        return lists.signed(
            session,
            opened(files_of(service.settings)),
            did=did_of(public_url),
            public_url=public_url,
            purpose=purpose,
            number=number,
        )

    text = await service.read(work, system=True)
    return Response(
        text, headers={"Content-Type": MEDIA_TYPE, "Cache-Control": KEPT_SHORTLY}
    )
