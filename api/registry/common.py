"""What the parts of the register have in common over HTTP."""

from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any, TypeVar

from fastapi import Query, Request
from pydantic import Field, StringConstraints
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.etags import etag_of, require_unchanged
from api.languages import accepted_language
from api.wire import ONE_PROBLEMS, PROBLEMS, ProblemDocument, Wire
from compliance.idempotency import Answer
from compliance.identity.scope import Scope
from compliance.registry.models import Source
from compliance.registry.remarks import Remark

Record = TypeVar("Record")

WRITE_PROBLEMS = {
    **PROBLEMS,
    409: {"model": ProblemDocument, "description": "It contradicts what is there."},
}
CHANGE_PROBLEMS = {
    **ONE_PROBLEMS,
    409: WRITE_PROBLEMS[409],
    412: {"model": ProblemDocument, "description": "It was changed meanwhile."},
}
REMOVE_PROBLEMS = dict(ONE_PROBLEMS)

Number = Annotated[str, StringConstraints(min_length=1, max_length=100, strict=True)]
PlaceName = Annotated[str, StringConstraints(min_length=1, max_length=100, strict=True)]
Label = Annotated[str, StringConstraints(min_length=1, max_length=100, strict=True)]
People = Annotated[int, Field(ge=0, le=1_000_000, strict=True)]
SiteNamed = Annotated[str | None, Query(description="Public id of a site.")]
GroupNamed = Annotated[str | None, Query(description="Public id of a group.")]


def _without_default(schema: dict[str, Any]) -> None:
    schema.pop("default", None)


# A field of a change: what is left out stays as it is, and null empties what may be
# empty. Pydantic does not look at a default, so that leaving out is not null.
LEFT_OUT: Any = Field(default=None, json_schema_extra=_without_default)


class CameIn(Wire):
    """How something came in: who brought it, and under which reference."""

    source: Source = Source.MANUAL
    source_reference: Annotated[
        Number | None, Field(description="An import, a submission, a document.")
    ] = None


class RemarkWire(Wire):
    """What somebody should look at again, though nothing was refused."""

    code: str
    message: str


class Removed(Wire):
    """Nothing: it is gone, and the trail says what it was."""


def remark_documents(
    request: Request, remarks: Iterable[Remark]
) -> list[dict[str, str]]:
    """Return remarks in the caller's language."""
    language = accepted_language(request)
    return [{"code": one.code, "message": one.told(language)} for one in remarks]


def tagged(status: int, document: Mapping[str, object], **headers: str) -> Answer:
    """Return an answer with the ETag by which the thing is changed."""
    return hop.json_answer(status, document, etag=etag_of(document), **headers)


async def change(
    request: Request,
    read: Callable[[Session, Scope], Record],
    document: Callable[[Record], Mapping[str, object]],
    work: Callable[[Session, Scope, Record], Record],
) -> Response:
    """Change a thing unless it is no longer as the caller saw it (`If-Match`)."""

    def once(session: Session, scope: Scope) -> Answer:
        seen = read(session, scope)
        require_unchanged(request, document(seen))
        return tagged(200, document(work(session, scope, seen)))

    return await hop.write(request, once)


def given(body: Wire) -> dict[str, Any]:
    """Return the fields of a change that were given, with the values they were given."""
    return {name: getattr(body, name) for name in sorted(body.model_fields_set)}
