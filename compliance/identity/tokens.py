"""Access tokens: JWTs of RFC 9068, signed with ES256 and with nothing else.

Checking a signature costs a hundred times what everything else about a credential
does, so a token that was found good is known again by its SHA-256 until it expires.
That says only who signed what: whether the client may still come in is asked of the
database at every request.
"""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import timedelta

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from compliance import clock, limits
from compliance.identifiers import random_word

ALGORITHM = "ES256"
TYPE = "at+jwt"
# Machines that check may be a little behind the one that signed.
EARLY = timedelta(seconds=60)
UNREADABLE = (JoseError, ValueError, TypeError, KeyError)


@dataclass(frozen=True)
class Claims:
    """What a token that was found good says; instants are seconds since 1970."""

    client_id: str
    scope: str
    kid: str
    expires_at: int


@dataclass(frozen=True)
class Verifier:
    """Tells the tokens of one issuer from all others, and remembers the good ones."""

    issuer: str
    seen: dict[bytes, Claims] = field(default_factory=dict)

    def known(self, token: str) -> Claims | None:
        """Return what a token says that was found good before and has not expired."""
        claims = self.seen.get(_digest(token))
        return claims if claims and claims.expires_at > _now() else None

    def verify(self, token: str, public_jwk: str) -> Claims | None:
        """Return what a token says, None unless this issuer signed it with this key.

        It must be an access token for this very service, made already and not expired.
        """
        claims = _checked(token, public_jwk, self.issuer)
        if claims is not None:
            if len(self.seen) >= limits.VERIFIED_TOKENS:
                self.seen.clear()
            self.seen[_digest(token)] = claims
        return claims


def make_token(key: ECKey, kid: str, *, issuer: str, client_id: str, scope: str) -> str:
    """Return a fresh access token for a client, good for TOKEN_SECONDS."""
    issued_at = _now()
    header = {"alg": ALGORITHM, "typ": TYPE, "kid": kid}
    claims = {
        "iss": issuer,
        "sub": client_id,
        "aud": issuer,
        "exp": issued_at + limits.TOKEN_SECONDS,
        "iat": issued_at,
        "jti": random_word(26),
        "client_id": client_id,
        "scope": scope,
    }
    return jwt.encode(header, claims, key, algorithms=[ALGORITHM])


def kid_named(token: str) -> str | None:
    """Return the key a token claims to be signed with; nothing of it is checked."""
    if len(token) > limits.TOKEN_CHARACTERS:
        return None
    try:
        kid = jws.extract_compact(token.encode()).protected.get("kid")
    except UNREADABLE:
        return None
    return kid if isinstance(kid, str) else None


def _checked(token: str, public_jwk: str, issuer: str) -> Claims | None:
    try:
        key = ECKey.import_key(json.loads(public_jwk))
        read = jwt.decode(token, key, algorithms=[ALGORITHM])
        header, claims = read.header, read.claims
        is_ours = (
            header["typ"] == TYPE
            and claims["iss"] == issuer
            and claims["aud"] == issuer
            and claims["sub"] == claims["client_id"]
            and claims["exp"] > _now()
            and claims["iat"] <= _now() + EARLY.total_seconds()
        )
        if not is_ours:
            return None
        return Claims(
            client_id=str(claims["client_id"]),
            scope=str(claims["scope"]),
            kid=str(header["kid"]),
            expires_at=int(claims["exp"]),
        )
    except UNREADABLE:
        return None


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def _now() -> int:
    return int(clock.now().timestamp())
