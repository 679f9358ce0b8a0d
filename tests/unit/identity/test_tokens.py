"""Access tokens: ours are known, and nothing that only looks like one."""

import base64
import hmac
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from compliance import clock, limits
from compliance.identity.signing import PrivateKey, make_key
from compliance.identity.tokens import Verifier, kid_named, make_token
from tests.visits import TODAY

ISSUER = "https://atalaya.example"
CLIENT = "client_0123456789abcdef"
KEY = make_key()
PUBLIC = json.dumps(KEY.public_jwk())
NOW = int(TODAY.timestamp())
GOOD: dict[str, Any] = {
    "iss": ISSUER,
    "sub": CLIENT,
    "aud": ISSUER,
    "exp": NOW + 600,
    "iat": NOW,
    "jti": "1",
    "client_id": CLIENT,
    "scope": "read_register",
}
HEADER = {"alg": "ES256", "typ": "at+jwt", "kid": KEY.kid}


@pytest.fixture(autouse=True)
def _november() -> Iterator[None]:
    with clock.set_to(lambda: TODAY):
        yield


@pytest.fixture
def verifier() -> Verifier:
    return Verifier(ISSUER)


def fresh(key: PrivateKey = KEY) -> str:
    with clock.set_to(lambda: TODAY):
        return make_token(
            key.key, key.kid, issuer=ISSUER, client_id=CLIENT, scope="read_register"
        )


def signed(
    header: dict[str, Any] | None = None,
    claims: dict[str, Any] | None = None,
    key: Any = KEY.key,
    algorithm: str = "ES256",
) -> str:
    """Return a token that differs from a good one in what is given."""
    given_header = {**HEADER, "alg": algorithm, **(header or {})}
    given_claims = {**GOOD, **(claims or {})}
    return jwt.encode(
        {name: value for name, value in given_header.items() if value is not None},
        {name: value for name, value in given_claims.items() if value is not None},
        key,
        algorithms=[algorithm],
        default_type=None,
    )


def unsigned(header: dict[str, Any], claims: dict[str, Any], signature: bytes) -> str:
    parts = (json.dumps(header).encode(), json.dumps(claims).encode(), signature)
    return ".".join(
        base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts
    )


def with_shared_secret(secret: bytes) -> str:
    """Return a token signed with a secret everybody knows: our public key."""
    head = unsigned({**HEADER, "alg": "HS256"}, GOOD, b"").rstrip(".")
    signature = hmac.digest(secret, head.encode(), "sha256")
    return f"{head}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def test_a_token_of_ours_says_whose_it_is_and_what_for(verifier: Verifier) -> None:
    claims = verifier.verify(fresh(), PUBLIC)

    assert claims is not None
    assert (claims.client_id, claims.scope) == (CLIENT, "read_register")
    assert claims.kid == KEY.kid
    assert claims.expires_at - NOW == limits.TOKEN_SECONDS <= 3600


def test_the_token_is_what_rfc_9068_asks_for() -> None:
    header, claims, _ = (
        base64.urlsafe_b64decode(part + "==") for part in fresh().split(".")
    )

    assert json.loads(header) == HEADER
    assert {"iss", "exp", "aud", "sub", "client_id", "iat", "jti", "scope"} == set(
        json.loads(claims)
    )


def test_two_tokens_are_never_the_same() -> None:
    assert fresh() != fresh()


@pytest.mark.parametrize(
    ("why", "token"),
    [
        ("no algorithm", unsigned({**HEADER, "alg": "none"}, GOOD, b"")),
        ("no algorithm, spelled", unsigned({**HEADER, "alg": "nOnE"}, GOOD, b"")),
        ("none, with bytes", unsigned({**HEADER, "alg": "none"}, GOOD, b"x" * 64)),
        ("no signature", unsigned(HEADER, GOOD, b"")),
        ("zeros for a signature", unsigned(HEADER, GOOD, bytes(64))),
        ("public key (PEM) as secret", with_shared_secret(KEY.key.as_pem())),
        ("public key (JWK) as secret", with_shared_secret(PUBLIC.encode())),
        (
            "RS256",
            signed(algorithm="RS256", key=RSAKey.generate_key(2048)),
        ),
        (
            "ES384",
            signed(algorithm="ES384", key=ECKey.generate_key("P-384")),
        ),
        ("another key under our name", signed(key=make_key().key)),
        ("expired this very second", signed(claims={"exp": NOW})),
        ("expired", signed(claims={"exp": NOW - 1})),
        ("never expires", signed(claims={"exp": None})),
        ("expires in words", signed(claims={"exp": "tomorrow"})),
        ("made in the future", signed(claims={"iat": NOW + 61})),
        ("another issuer", signed(claims={"iss": "https://elsewhere.example"})),
        ("another audience", signed(claims={"aud": "https://elsewhere.example"})),
        ("several audiences", signed(claims={"aud": [ISSUER, "https://e.example"]})),
        ("no audience", signed(claims={"aud": None})),
        ("somebody else's subject", signed(claims={"sub": "client_other"})),
        ("an identity token", signed(header={"typ": "JWT"})),
        ("no type", signed(header={"typ": None})),
    ],
)
def test_nothing_else_is_let_in(verifier: Verifier, why: str, token: str) -> None:
    assert verifier.verify(token, PUBLIC) is None, why
    assert verifier.known(token) is None, why


def test_a_key_that_came_with_the_token_is_not_used(verifier: Verifier) -> None:
    theirs = make_key()
    token = signed(header={"jwk": theirs.public_jwk()}, key=theirs.key)

    assert verifier.verify(token, PUBLIC) is None


def test_what_must_be_understood_and_is_not_is_refused(verifier: Verifier) -> None:
    header = {**HEADER, "crit": ["exp-at"], "exp-at": 1}

    assert verifier.verify(unsigned(header, GOOD, bytes(64)), PUBLIC) is None


def test_a_token_is_known_again_until_it_expires(verifier: Verifier) -> None:
    token = fresh()
    verifier.verify(token, PUBLIC)
    almost = TODAY + timedelta(seconds=limits.TOKEN_SECONDS - 1)

    with clock.set_to(lambda: almost):
        before = verifier.known(token)
    with clock.set_to(lambda: almost + timedelta(seconds=1)):
        after = verifier.known(token)

    assert before is not None
    assert after is None


def test_a_token_is_not_kept_in_memory_itself(verifier: Verifier) -> None:
    token = fresh()

    verifier.verify(token, PUBLIC)

    assert token not in repr(verifier.seen)


def test_the_memory_of_tokens_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "VERIFIED_TOKENS", 3)
    verifier = Verifier(ISSUER)

    for _ in range(10):
        verifier.verify(fresh(), PUBLIC)

    assert len(verifier.seen) <= 3


def test_a_token_that_is_too_long_is_not_even_read() -> None:
    assert kid_named(fresh()) == KEY.kid
    assert kid_named(fresh() + "x" * limits.TOKEN_CHARACTERS) is None


@given(place=st.integers(min_value=0), letter=st.sampled_from("AQgw_-09az"))
def test_a_token_with_one_letter_changed_is_none(place: int, letter: str) -> None:
    token = fresh()
    # The last letter of a signature has bits to spare, which are not part of it.
    place %= len(token) - 1
    changed = token[:place] + letter + token[place + 1 :]

    found = Verifier(ISSUER).verify(changed, PUBLIC)

    assert (found is not None) == (changed == token)


@given(st.text() | st.from_regex(r"\A[\w-]*\.[\w-]*\.[\w-]*\Z"))
def test_no_text_at_all_makes_it_fall_over(text: str) -> None:
    verifier = Verifier(ISSUER)

    kid_named(text)

    assert verifier.known(text) is None
    assert verifier.verify(text, PUBLIC) is None
