"""Organisations of the supply chain over HTTP: they are noted, and have no members."""

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.registry.common import WRITE_PROBLEMS
from api.routing import feature_router
from api.wire import Country, Name, Wire
from compliance.idempotency import Answer
from compliance.identity.actions import register_organisation
from compliance.identity.models import OrganisationKind
from compliance.identity.scope import Scope

organisations = feature_router("/v1/organisations", "organisations")


class NewOrganisationWire(Wire):
    """An organisation of the supply chain to be noted in the register."""

    kind: OrganisationKind
    name: Name
    country: Country


class Registered(Wire):
    """The public id of what was just registered."""

    id: str


@organisations.post(
    "", status_code=201, responses={201: {"model": Registered}, **WRITE_PROBLEMS}
)
async def register(request: Request, body: NewOrganisationWire) -> Response:
    """Note an organisation of the supply chain, such as a producer group."""

    def work(session: Session, scope: Scope) -> Answer:
        made = register_organisation(session, scope, **body.model_dump())
        document = {"id": made.public_id}
        if body.kind is not OrganisationKind.PRODUCER_GROUP:
            return hop.json_answer(201, document)
        where = f"/v1/groups/{made.public_id}"
        return hop.json_answer(201, document, location=where)

    return await hop.write(request, work)
