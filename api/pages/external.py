"""Signing in with an account elsewhere: OpenID Connect, by code, PKCE and nonce.

Authlib speaks the protocol. The issuer must have verified the e-mail address, and
somebody must be registered here with it: nobody gets an account by coming along.
"""

import base64
import json
from functools import cache
from typing import Any

import structlog
from fastapi import Request
from joserfc.errors import JoseError
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from api import hop, signing_in
from api.pages.readers import local_path
from api.pages.rendering import language_of
from api.pages.sign_in import sign_in_page
from api.routing import feature_router
from compliance.identity.sessions import NoMembership, StartedSession, known_person
from compliance.texts import N_, translate

log = structlog.get_logger()

COOKIE = "atalaya_external"
COOKIE_SECONDS = 600
SECONDS_TO_WAIT = 10
STATE_CHARACTERS = 4_000
# What may sign an identity token: never a shared secret, never nothing.
ALGORITHMS = ("RS256", "PS256", "ES256", "ES384", "EdDSA", "Ed25519")

NOT_VOUCHED_FOR = N_(
    "Signing in with your organisation’s account did not work. Try it once more; if it "
    "fails again, sign in with your password or ask an administrator."
)
NOT_KNOWN = N_(
    "Your organisation’s account is good, but nobody is registered here with its "
    "verified e-mail address. Ask an administrator for an invitation."
)

external = feature_router("/sign-in/external", "pages")


@external.get("", include_in_schema=False)
async def leave_for_issuer(request: Request, next: str = "/") -> Response:  # noqa: A002 - the name in the address
    """Send the browser to the issuer, with a state that only this browser knows."""
    client = _client_of(request)
    if client is None:
        return RedirectResponse("/sign-in", 303)
    request.scope["session"] = {"next": local_path(next)}
    try:
        await _load_metadata(request, client)
        response: Response = await client.authorize_redirect(request, _back(request))
    except _faults() as fault:
        return _refused(request, fault)
    _keep_state(request, response)
    return response


@external.get("/callback", include_in_schema=False)
async def come_back(request: Request) -> Response:
    """Let somebody in whose address the issuer vouches for and who is known here."""
    client = _client_of(request)
    if client is None:
        return RedirectResponse("/sign-in", 303)
    state = _kept_state(request)
    request.scope["session"] = state
    next_path = local_path(str(state.get("next", "/")))
    try:
        await _load_metadata(request, client)
        token = await client.authorize_access_token(
            request, claims_options=_claims_options(request)
        )
        claims = token["userinfo"]
    except _faults() as fault:
        return _refused(request, fault)
    response = await _enter(request, claims, next_path)
    response.delete_cookie(hop.cookie_name(request, COOKIE), **_cookie_rules(request))
    return response


async def _enter(request: Request, claims: dict[str, Any], next_path: str) -> Response:
    email = claims.get("email")
    if claims.get("email_verified") is not True or not isinstance(email, str):
        return _not_known(request)

    def work(session: Session) -> StartedSession | None:
        person = known_person(session, email)
        if person is None:
            return None
        return signing_in.start(request, session, person, by="issuer")

    try:
        started = await hop.service_of(request).write(work, system=True)
    except NoMembership:
        return _not_known(request)
    if started is None:
        return _not_known(request)
    response = RedirectResponse(next_path, 303)
    signing_in.give_cookie(request, response, started)
    return response


def _client_of(request: Request) -> Any:
    """Return Authlib's client of the issuer, None where none is set."""
    settings = hop.service_of(request).settings
    if settings.oidc_issuer is None or settings.oidc_client_secret is None:
        return None
    secret = settings.oidc_client_secret.get_secret_value()
    return _client(settings.oidc_issuer, str(settings.oidc_client_id), secret)


@cache
def _client(issuer: str, client_id: str, secret: str) -> Any:
    # Authlib and its HTTP client take a third of a second to import, and most
    # installations never need them.
    from authlib.integrations.starlette_client import OAuth

    return OAuth().register(
        "external",
        server_metadata_url=f"{issuer.rstrip('/')}/.well-known/openid-configuration",
        client_id=client_id,
        client_secret=secret,
        client_kwargs={
            "scope": "openid email",
            "code_challenge_method": "S256",
            "timeout": SECONDS_TO_WAIT,
        },
    )


def _faults() -> tuple[type[Exception], ...]:
    """Return what can go wrong between here and the issuer."""
    from authlib.common.errors import AuthlibBaseError
    from httpx2 import HTTPError, InvalidURL

    return (
        AttributeError,
        AuthlibBaseError,
        HTTPError,
        InvalidURL,
        JoseError,
        KeyError,
        RuntimeError,
        TypeError,
        ValueError,
    )


async def _load_metadata(request: Request, client: Any) -> None:
    """Read what the issuer says of itself, and hold it to it.

    It must be the issuer that was set (OpenID Connect Discovery, 4.3), and of its
    algorithms only those are taken that nobody but the issuer can sign with.
    """
    metadata = await client.load_server_metadata()
    if metadata["issuer"].rstrip("/") != _issuer(request).rstrip("/"):
        client.server_metadata.clear()
        raise ValueError("the issuer calls itself otherwise")
    offered = metadata.get("id_token_signing_alg_values_supported", ["RS256"])
    # None of them must not mean any of them.
    metadata["id_token_signing_alg_values_supported"] = [
        one for one in ALGORITHMS if one in offered
    ] or ["RS256"]


def _claims_options(request: Request) -> dict[str, dict[str, object]]:
    settings = hop.service_of(request).settings
    issuers = [_issuer(request).rstrip("/"), _issuer(request).rstrip("/") + "/"]
    return {
        "iss": {"essential": True, "values": issuers},
        "aud": {"essential": True, "value": settings.oidc_client_id},
    }


def _issuer(request: Request) -> str:
    return str(hop.service_of(request).settings.oidc_issuer)


def _back(request: Request) -> str:
    base = hop.service_of(request).settings.resolved_public_url
    return f"{base}/sign-in/external/callback"


def _keep_state(request: Request, response: Response) -> None:
    """Let the browser keep the state, nonce and verifier of this one go."""
    content = json.dumps(request.scope["session"]).encode()
    response.set_cookie(
        hop.cookie_name(request, COOKIE),
        base64.urlsafe_b64encode(content).decode(),
        max_age=COOKIE_SECONDS,
        **_cookie_rules(request),
    )


def _kept_state(request: Request) -> dict[str, Any]:
    value = request.cookies.get(hop.cookie_name(request, COOKIE), "")
    if len(value) > STATE_CHARACTERS:
        return {}
    try:
        kept = json.loads(base64.urlsafe_b64decode(value))
    except ValueError:
        return {}
    return kept if isinstance(kept, dict) else {}


def _cookie_rules(request: Request) -> dict[str, Any]:
    is_secure = hop.service_of(request).settings.cookies_are_secure
    return {"secure": is_secure, "httponly": True, "samesite": "lax"}


def _refused(request: Request, fault: Exception) -> Response:
    log.warning("external sign-in failed", fault=type(fault).__name__)
    error = translate(NOT_VOUCHED_FOR, language_of(request))
    return sign_in_page(request, status=401, error=error)


def _not_known(request: Request) -> Response:
    error = translate(NOT_KNOWN, language_of(request))
    return sign_in_page(request, status=403, error=error)
