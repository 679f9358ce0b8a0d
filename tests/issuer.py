"""An OpenID Connect issuer on this very machine, which can be told to lie."""

import base64
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey
from typing_extensions import override

CLIENT_ID, CLIENT_SECRET = "atalaya", "a secret between the two"
KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})


@dataclass
class Issuer:
    """What it says of itself and of whoever signs in; `asked` is what came."""

    url: str = ""
    metadata: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    key: RSAKey = field(default_factory=lambda: KEY)
    header: dict[str, Any] = field(default_factory=dict)
    is_unsigned: bool = False
    asked: dict[str, dict[str, str]] = field(default_factory=dict)

    def answer(self, path: str, fields: dict[str, str]) -> tuple[int, Any]:
        self.asked[path] = fields
        match path:
            case "/.well-known/openid-configuration":
                return 200, self._configuration()
            case "/jwks":
                return 200, {"keys": [KEY.as_dict(private=False)]}
            case "/authorize":
                back = urlencode({"code": "once", "state": fields["state"]})
                return 302, f"{fields['redirect_uri']}?{back}"
            case "/token":
                return self._token(fields)
            case _:
                return 404, {}

    def _configuration(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/jwks",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            **self.metadata,
        }

    def _token(self, fields: dict[str, str]) -> tuple[int, Any]:
        challenge = base64.urlsafe_b64encode(
            sha256(fields.get("code_verifier", "").encode()).digest()
        ).rstrip(b"=")
        if challenge.decode() != self.asked["/authorize"]["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        return 200, {
            "access_token": "theirs",
            "token_type": "Bearer",
            "id_token": self._id_token(),
        }

    def _id_token(self) -> str:
        now = int(time.time())
        claims = {
            "iss": self.url,
            "sub": "248289761001",
            "aud": CLIENT_ID,
            "exp": now + 300,
            "iat": now,
            "nonce": self.asked["/authorize"]["nonce"],
            "email_verified": True,
            **self.claims,
        }
        if self.is_unsigned:
            parts = (b'{"alg":"none"}', json.dumps(claims).encode(), b"")
            return ".".join(
                base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts
            )
        return jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.key)


@contextmanager
def running_issuer() -> Iterator[Issuer]:
    """Let an issuer listen on the loopback while the context lasts."""
    issuer = Issuer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._tell(urlsplit(self.path).query)

        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            self._tell(self.rfile.read(length).decode())

        def _tell(self, query: str) -> None:
            fields = {name: values[0] for name, values in parse_qs(query).items()}
            status, told = issuer.answer(urlsplit(self.path).path, fields)
            self.send_response(status)
            body = b"" if status == 302 else json.dumps(told).encode()
            if status == 302:
                self.send_header("Location", told)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        @override
        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        issuer.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = Thread(
            target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        thread.start()
        try:
            yield issuer
        finally:
            server.shutdown()
            thread.join()
