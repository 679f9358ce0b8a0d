"""OAuth 2 for programs: client credentials for an access token, and the keys to check it.

The errors of the token endpoint are those of RFC 6749, 5.2, because the libraries that
call it know no others.
"""

import base64
import binascii
from typing import Any, Literal
from urllib.parse import parse_qsl, unquote_plus

import orjson
from fastapi import Request
from starlette.responses import Response

from api import hop
from api.routing import feature_router
from api.wire import Wire
from compliance.identity.clients import ClientRefused, ScopeRefused, issue_token
from compliance.identity.granting import SCOPES
from compliance.identity.signing import public_keys

FORM = "application/x-www-form-urlencoded"
GRANT = "client_credentials"
MOST_FIELDS = 20
# Nobody keeps a copy of a token, or of a refusal (RFC 6749, 5.1).
NOT_KEPT = {"Cache-Control": "no-store", "Pragma": "no-cache"}
KEPT_SHORTLY = {"Cache-Control": "public, max-age=300"}

ErrorCode = Literal[
    "invalid_request",
    "invalid_client",
    "unsupported_grant_type",
    "invalid_scope",
]


class TokenAnswer(Wire):
    """An access token and what it is good for (RFC 6749, 5.1)."""

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int
    scope: str


class TokenError(Wire):
    """Why there is no token (RFC 6749, 5.2)."""

    error: ErrorCode
    error_description: str


class PublicKeyWire(Wire):
    """A public key (RFC 7517)."""

    kty: Literal["EC"]
    crv: Literal["P-256"]
    x: str
    y: str
    kid: str
    use: Literal["sig"]
    alg: Literal["ES256"]


class PublicKeys(Wire):
    keys: list[PublicKeyWire]


class ServerMetadata(Wire):
    """What this authorization server can do (RFC 8414)."""

    issuer: str
    token_endpoint: str
    jwks_uri: str
    scopes_supported: list[str]
    response_types_supported: list[str]
    grant_types_supported: list[str]
    token_endpoint_auth_methods_supported: list[str]


class TokenRefused(Exception):
    """A request for a token that cannot be granted."""

    def __init__(self, error: ErrorCode, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description


TOKEN_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            FORM: {
                "schema": {
                    "type": "object",
                    "required": ["grant_type"],
                    "properties": {
                        "grant_type": {"type": "string", "enum": [GRANT]},
                        "scope": {
                            "type": "string",
                            "description": "Names parted by spaces; without it, all "
                            "that the client may.",
                        },
                        "client_id": {"type": "string"},
                        "client_secret": {"type": "string"},
                    },
                }
            }
        },
    }
}
TOKEN_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"model": TokenAnswer},
    400: {"model": TokenError, "description": "The request cannot be granted."},
    401: {"model": TokenError, "description": "No client with this secret."},
}

oauth = feature_router("", "oauth")


@oauth.post("/oauth/token", responses=TOKEN_ANSWERS, openapi_extra=TOKEN_BODY)
async def fetch_token(request: Request) -> Response:
    """Fetch an access token with a client's id and secret (client credentials)."""
    service = hop.service_of(request)
    try:
        fields = _fields(request, await request.body())
        client_id, secret = _client(request, fields)
        _require_grant(fields.get("grant_type"))
        issued = await service.write(
            lambda session: issue_token(
                session,
                client_id=client_id,
                secret=secret,
                scope=fields.get("scope"),
                issuer=service.tokens.issuer,
                key_file=service.settings.resolved_signing_key_file,
            ),
            system=True,
        )
    except TokenRefused as refused:
        return _refusal(request, refused)
    except ClientRefused:
        return _refusal(
            request, TokenRefused("invalid_client", "no client with this secret")
        )
    except ScopeRefused:
        return _refusal(
            request,
            TokenRefused("invalid_scope", "the client was not made for this scope"),
        )
    return _json(
        200,
        {
            "access_token": issued.text,
            "token_type": "Bearer",
            "expires_in": issued.seconds,
            "scope": issued.scope,
        },
        NOT_KEPT,
    )


@oauth.get("/.well-known/jwks.json", responses={200: {"model": PublicKeys}})
async def list_public_keys(request: Request) -> Response:
    """List the public keys with which access tokens can be checked."""
    service = hop.service_of(request)
    file = service.settings.resolved_signing_key_file
    keys = await service.read(lambda session: public_keys(session, file), system=True)
    return _json(200, {"keys": keys}, KEPT_SHORTLY)


@oauth.get(
    "/.well-known/oauth-authorization-server",
    responses={200: {"model": ServerMetadata}},
)
async def tell_metadata(request: Request) -> Response:
    """Tell what this authorization server can do, and where."""
    issuer = hop.service_of(request).tokens.issuer
    document = {
        "issuer": issuer,
        "token_endpoint": f"{issuer}/oauth/token",
        "jwks_uri": f"{issuer}/.well-known/jwks.json",
        "scopes_supported": sorted(SCOPES),
        "response_types_supported": [],
        "grant_types_supported": [GRANT],
        "token_endpoint_auth_methods_supported": [
            "client_secret_basic",
            "client_secret_post",
        ],
    }
    return _json(200, document, KEPT_SHORTLY)


def _fields(request: Request, body: bytes) -> dict[str, str]:
    """Return the fields of the form; each may come once (RFC 6749, 3.2)."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != FORM:
        raise TokenRefused("invalid_request", f"the body must be {FORM}")
    try:
        pairs = parse_qsl(
            body.decode(), errors="strict", max_num_fields=MOST_FIELDS
        )  # a field without a value counts as left out
    except ValueError:
        raise TokenRefused("invalid_request", "the form cannot be read") from None
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise TokenRefused("invalid_request", "a field came twice")
    return fields


def _require_grant(named: str | None) -> None:
    if named is None:
        raise TokenRefused("invalid_request", "grant_type is missing")
    if named != GRANT:
        raise TokenRefused("unsupported_grant_type", f"the one there is: {GRANT}")


def _client(request: Request, fields: dict[str, str]) -> tuple[str, str]:
    """Return the id and the secret, shown in the header or in the form, not in both."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if not scheme:
        if "client_id" not in fields or "client_secret" not in fields:
            raise TokenRefused("invalid_client", "show the client's id and secret")
        return fields["client_id"], fields["client_secret"]
    if scheme.lower() != "basic":
        raise TokenRefused("invalid_client", "show the id and secret as HTTP Basic")
    if "client_secret" in fields:
        raise TokenRefused("invalid_request", "show the secret in one way only")
    client_id, secret = _basic(value)
    if fields.get("client_id", client_id) != client_id:
        raise TokenRefused("invalid_request", "two client ids came")
    return client_id, secret


def _basic(value: str) -> tuple[str, str]:
    try:
        text = base64.b64decode(value, validate=True).decode()
    except (binascii.Error, ValueError):
        raise TokenRefused("invalid_client", "the header cannot be read") from None
    client_id, _, secret = text.partition(":")
    return unquote_plus(client_id), unquote_plus(secret)


def _refusal(request: Request, refused: TokenRefused) -> Response:
    headers, status = dict(NOT_KEPT), 400
    if refused.error == "invalid_client":
        status = 401
        if "authorization" in request.headers:
            headers["WWW-Authenticate"] = 'Basic realm="Atalaya"'
    document = {"error": refused.error, "error_description": refused.description}
    return _json(status, document, headers)


def _json(status: int, document: object, headers: dict[str, str]) -> Response:
    return Response(
        orjson.dumps(document), status, headers, media_type="application/json"
    )
