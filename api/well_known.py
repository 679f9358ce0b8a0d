"""Who the issuer is, for whoever holds a card: its `did:web` document, its certificates."""

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api import hop
from api.routing import feature_router
from compliance import limits
from compliance.scorecards.issuer_keys import known_keys, listed_keys
from compliance.signatures.did import did_document, did_of
from compliance.signatures.keys import files_of, opened

well_known = feature_router("", "verification")

DID, PEM = "application/did+json", "application/x-pem-file"
HEADERS = {"Cache-Control": f"public, max-age={limits.ISSUER_KEYS_SECONDS}"}


@well_known.get("/.well-known/did.json", responses={200: {"content": {DID: {}}}})
async def read_did(request: Request) -> Response:
    """Fetch the public keys of the issuer: the one in force, and those of living cards."""
    return await _did(request)


@well_known.get("/did.json", responses={200: {"content": {DID: {}}}})
async def read_did_of_path(request: Request) -> Response:
    """Fetch the same, for a product that is reached below a path of its host."""
    return await _did(request)


@well_known.get(
    "/.well-known/issuer-certificates.pem", responses={200: {"content": {PEM: {}}}}
)
async def read_certificates(request: Request) -> Response:
    """Fetch the certificates of the issuer's keys, to check a PDF without a network."""
    service = hop.service_of(request)

    def work(session: Session) -> str:
        known = known_keys(session, opened(files_of(service.settings)))
        return "".join(one.certificates for one in known if one.is_listed)

    content = await service.read(work, system=True)
    return Response(content, headers={**HEADERS, "Content-Type": PEM})


async def _did(request: Request) -> Response:
    service = hop.service_of(request)
    did = did_of(service.settings.resolved_public_url)

    def work(session: Session) -> dict[str, object]:
        current = opened(files_of(service.settings))
        return did_document(did, listed_keys(session, current))

    document = await service.read(work, system=True)
    answer = hop.json_answer(200, document)
    return Response(answer.body, headers={**HEADERS, "Content-Type": DID})
