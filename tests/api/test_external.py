"""Signing in with an account elsewhere: whom the issuer vouches for and who is known."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc.jwk import RSAKey
from sqlalchemy import func, select
from starlette.testclient import TestClient

from api.app import create_app
from api.hop import COOKIE
from compliance.database import Database
from compliance.identity.models import Person, Role
from compliance.settings import Settings
from compliance.trail import TrailEntry
from tests.browsing import HTML, add_people, email_of, read
from tests.conftest import Tenant
from tests.issuer import CLIENT_ID, CLIENT_SECRET, Issuer, running_issuer

HERE = "http://testserver"


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    """An issuer that vouches for the analyst."""
    with running_issuer() as running:
        running.claims = {"email": email_of(Role.ANALYST)}
        yield running


@pytest.fixture
def client(database_url: str, tmp_path: Path, issuer: Issuer) -> Iterator[TestClient]:
    """A client of the product, which is told of the issuer."""
    settings = Settings(
        data=tmp_path / "data",
        database_url=database_url,
        public_url=HERE,
        oidc_issuer=issuer.url,
        oidc_client_id=CLIENT_ID,
        oidc_client_secret=CLIENT_SECRET,
    )
    with TestClient(create_app(settings), raise_server_exceptions=False) as speaking:
        yield speaking


@pytest.fixture
def known(client: TestClient, database: Database, tenant: Tenant) -> TestClient:
    """The same, where the analyst is registered."""
    add_people(database, tenant, Role.ANALYST)
    return client


def leave(client: TestClient, query: str = "") -> str:
    """Go to the issuer and return the address it sends the browser back to."""
    going = client.get(
        f"/sign-in/external{query}", headers=HTML, follow_redirects=False
    )
    assert going.status_code == 302, going.text
    fields = {
        name: values[0]
        for name, values in parse_qs(urlsplit(going.headers["location"]).query).items()
    }
    return f"{fields['redirect_uri']}?code=once&state={fields['state']}"


def go_there_and_back(client: TestClient, issuer: Issuer, query: str = "") -> Any:
    """Sign in at the issuer and come back with what it gives."""
    going = client.get(
        f"/sign-in/external{query}", headers=HTML, follow_redirects=False
    )
    place = urlsplit(going.headers["location"])
    fields = {name: values[0] for name, values in parse_qs(place.query).items()}
    _, back = issuer.answer(place.path, fields)
    return client.get(back, headers=HTML, follow_redirects=False)


def test_the_page_offers_it_where_it_is_set(client: TestClient) -> None:
    assert 'href="/sign-in/external?next=/"' in read(client, "/sign-in")


def test_the_page_does_not_offer_it_where_it_is_not_set(
    database_url: str, tmp_path: Path
) -> None:
    settings = Settings(data=tmp_path / "data", database_url=database_url)

    with TestClient(create_app(settings)) as client:
        page = read(client, "/sign-in")
        answers = [
            client.get(path, follow_redirects=False)
            for path in ("/sign-in/external", "/sign-in/external/callback")
        ]

    assert "/sign-in/external" not in page
    assert {one.headers["location"] for one in answers} == {"/sign-in"}


def test_who_is_vouched_for_and_known_comes_in(
    known: TestClient, issuer: Issuer
) -> None:
    answer = go_there_and_back(known, issuer, "?next=/rules")

    me = known.get("/v1/me").json()
    assert (answer.status_code, answer.headers["location"]) == (303, "/rules")
    assert me["person"]["email"] == email_of(Role.ANALYST)
    assert set(known.cookies) == {COOKIE}


def test_the_issuer_is_asked_with_state_nonce_and_challenge(
    known: TestClient, issuer: Issuer
) -> None:
    go_there_and_back(known, issuer)

    asked = issuer.asked["/authorize"]
    assert asked["response_type"] == "code"
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == f"{HERE}/sign-in/external/callback"
    assert {"openid", "email"} <= set(asked["scope"].split())
    assert len(asked["nonce"]) >= 20
    assert len(asked["state"]) >= 20


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example", "//evil.example", "/sign-in"]
)
def test_it_leads_nowhere_else(
    known: TestClient, issuer: Issuer, elsewhere: str
) -> None:
    answer = go_there_and_back(known, issuer, f"?next={elsewhere}")

    assert answer.headers["location"] == "/"


def test_the_address_is_matched_as_it_is_kept(
    known: TestClient, issuer: Issuer
) -> None:
    issuer.claims["email"] = email_of(Role.ANALYST).upper()

    assert go_there_and_back(known, issuer).status_code == 303


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "nobody@example.org"},
        {"email_verified": False},
        {"email_verified": None},
        {"email_verified": "true"},
        {"email": None},
        {"email": 7},
        {"email": ""},
    ],
)
def test_who_is_not_known_or_not_verified_stays_out_and_gets_no_account(
    known: TestClient, issuer: Issuer, database: Database, claims: dict[str, object]
) -> None:
    issuer.claims.update(claims)

    answer = go_there_and_back(known, issuer)

    with database.reading() as session:
        people = session.scalar(select(func.count()).select_from(Person))
    assert answer.status_code == 403
    assert "nobody is registered here" in answer.text
    assert COOKIE not in known.cookies
    assert people == 1


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://elsewhere.example"},
        {"aud": "another client"},
        {"aud": "another client", "azp": CLIENT_ID},
        {"aud": [CLIENT_ID, "another client"], "azp": "another client"},
        {"nonce": "another"},
        {"exp": int(time.time()) - 3600, "iat": int(time.time()) - 7200},
    ],
)
def test_what_was_said_to_somebody_else_or_long_ago_is_not_believed(
    known: TestClient, issuer: Issuer, claims: dict[str, object]
) -> None:
    issuer.claims.update(claims)

    answer = go_there_and_back(known, issuer)

    assert answer.status_code == 401
    assert COOKIE not in known.cookies


def test_what_somebody_else_signed_is_not_believed(
    known: TestClient, issuer: Issuer
) -> None:
    issuer.key = RSAKey.generate_key(2048, {"kid": "one"})

    assert go_there_and_back(known, issuer).status_code == 401


@pytest.mark.parametrize("offered", [["RS256", "none"], ["none"], ["HS256"], []])
def test_what_nobody_signed_is_not_believed_whatever_the_issuer_offers(
    known: TestClient, issuer: Issuer, offered: list[str]
) -> None:
    issuer.metadata["id_token_signing_alg_values_supported"] = offered
    issuer.is_unsigned = True

    assert go_there_and_back(known, issuer).status_code == 401


def test_an_issuer_that_calls_itself_otherwise_is_not_believed(
    known: TestClient, issuer: Issuer
) -> None:
    issuer.metadata["issuer"] = "https://elsewhere.example"

    answer = known.get("/sign-in/external", headers=HTML, follow_redirects=False)

    assert answer.status_code == 401


def test_another_browser_cannot_come_back_with_ones_code(known: TestClient) -> None:
    back = leave(known)

    known.cookies.clear()
    answer = known.get(back, headers=HTML, follow_redirects=False)

    assert answer.status_code == 401
    assert COOKIE not in known.cookies


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?code=once",
        "?state=x",
        "?code=once&state=x",
        "?error=access_denied&error_description=%3Cscript%3E",
    ],
)
@pytest.mark.parametrize("state", [b"", b"x", b"bnVsbA==", b"e30=", b"WzFd", b"\xff"])
def test_nothing_that_comes_back_makes_it_fall_over(
    known: TestClient, query: str, state: bytes
) -> None:
    cookie = b"atalaya_external=" + state

    answer = known.get(
        f"/sign-in/external/callback{query}",
        headers=[(b"Accept", b"text/html"), (b"Cookie", cookie)],
        follow_redirects=False,
    )

    assert answer.status_code == 401
    assert "<script" not in answer.text
    assert COOKIE not in known.cookies


def test_an_issuer_that_is_away_is_told_as_such(
    database_url: str, tmp_path: Path
) -> None:
    settings = Settings(
        data=tmp_path / "data",
        database_url=database_url,
        oidc_issuer="http://127.0.0.1:9",
        oidc_client_id=CLIENT_ID,
        oidc_client_secret=CLIENT_SECRET,
    )

    with TestClient(create_app(settings), raise_server_exceptions=False) as client:
        answer = client.get("/sign-in/external", headers=HTML, follow_redirects=False)

    assert answer.status_code == 401
    assert "did not work" in answer.text


def test_the_trail_tells_by_which_door(
    known: TestClient, issuer: Issuer, database: Database
) -> None:
    go_there_and_back(known, issuer)

    with database.reading() as session:
        leaves = session.scalars(select(TrailEntry.leaf)).all()

    assert sum(b'"by":"issuer"' in leaf for leaf in leaves) == 1
    assert b"@" not in b"".join(leaves)
