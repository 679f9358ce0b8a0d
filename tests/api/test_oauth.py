"""Fetching an access token, and coming in with it: RFC 6749, RFC 9068, RFC 8414."""

import base64
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from fastapi import FastAPI
from joserfc import jwt
from joserfc.jwk import KeySet
from sqlalchemy import select
from starlette.testclient import TestClient

from compliance import clock, limits
from compliance.database import Database
from compliance.identity import signing
from compliance.identity.models import Role
from compliance.identity.signing import make_key
from compliance.identity.tokens import make_token
from compliance.trail import TrailEntry
from tests.conftest import Tenant
from tests.visits import TODAY

GRANT = {"grant_type": "client_credentials"}
ISSUER = "http://127.0.0.1:8000"


@pytest.fixture(autouse=True)
def _november() -> Iterator[None]:
    with clock.set_to(lambda: TODAY):
        yield


@pytest.fixture
def credentials(client: TestClient, tenant: Tenant) -> tuple[str, str]:
    """The id and the secret of a client that may read the register and scorecards."""
    made = client.post(
        "/v1/clients",
        json={
            "name": "Portfolio",
            "role": "administrator",
            "scopes": ["read_register", "read_scorecards"],
        },
        headers=tenant.headers(),
    ).json()
    return made["id"], made["client_secret"]


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    """Where the running product keeps its signing key."""
    return tmp_path / "data" / "signing_key.pem"


def fetch(
    client: TestClient, credentials: tuple[str, str], **fields: str
) -> dict[str, Any]:
    answer = client.post("/oauth/token", data={**GRANT, **fields}, auth=credentials)
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


def get(client: TestClient, token: str, path: str = "/v1/producers") -> Any:
    return client.get(path, headers={"Authorization": f"Bearer {token}"})


def test_a_client_fetches_a_token_and_comes_in_with_it(
    client: TestClient, tenant: Tenant, credentials: tuple[str, str]
) -> None:
    answer = client.post("/oauth/token", data=GRANT, auth=credentials)

    told = answer.json()
    me = get(client, told["access_token"], "/v1/me").json()
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["pragma"] == "no-cache"
    assert (told["token_type"], told["expires_in"]) == ("Bearer", limits.TOKEN_SECONDS)
    assert told["scope"] == "read_register read_scorecards"
    assert me["actor"] == credentials[0]
    assert me["person"] is None
    assert me["organisation_id"] == tenant.public_id
    assert me["permissions"] == ["read_register", "read_scorecards"]


def test_the_secret_may_stand_in_the_form(
    client: TestClient, credentials: tuple[str, str]
) -> None:
    client_id, secret = credentials

    answer = client.post(
        "/oauth/token", data={**GRANT, "client_id": client_id, "client_secret": secret}
    )

    assert answer.status_code == 200


def test_basic_credentials_are_decoded_as_a_form_is(
    client: TestClient, credentials: tuple[str, str]
) -> None:
    text = ":".join(quote(one).replace("_", "%5F") for one in credentials)
    header = base64.b64encode(text.encode()).decode()

    answer = client.post(
        "/oauth/token", data=GRANT, headers={"Authorization": f"Basic {header}"}
    )

    assert answer.status_code == 200


def test_a_token_may_be_asked_for_less(
    client: TestClient, credentials: tuple[str, str]
) -> None:
    told = fetch(client, credentials, scope="read_scorecards")

    register = get(client, told["access_token"])
    scorecards = get(client, told["access_token"], "/v1/scorecards")
    assert told["scope"] == "read_scorecards"
    assert scorecards.status_code == 200
    assert register.status_code == 403
    assert register.json()["type"] == "/problems/scope-too-narrow"
    assert register.json()["needed"] == "read_register"


@pytest.mark.parametrize(
    "scope",
    ["manage_people", "read_register manage_people", "x", " ", "read_register,x"],
)
def test_a_token_is_never_for_more_than_its_client(
    client: TestClient, credentials: tuple[str, str], scope: str
) -> None:
    answer = client.post(
        "/oauth/token", data={**GRANT, "scope": scope}, auth=credentials
    )

    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_scope"


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", "invalid_request"),
        (b"grant_type=", "invalid_request"),
        (b"grant_type=password", "unsupported_grant_type"),
        (b"grant_type=authorization_code&code=1", "unsupported_grant_type"),
        (
            b"grant_type=client_credentials&grant_type=client_credentials",
            "invalid_request",
        ),
        (b"grant_type=client_credentials&scope=a&scope=b", "invalid_request"),
        (b"grant_type=client_credentials&client_id=other", "invalid_request"),
        (b"grant_type=client_credentials&client_secret=x", "invalid_request"),
        (b"grant_type=client_credentials&x=%ff", "invalid_request"),
        (b"\xff\xfe", "invalid_request"),
        (b"&".join(b"f%d=1" % number for number in range(30)), "invalid_request"),
    ],
)
def test_a_request_that_cannot_be_granted_says_why(
    client: TestClient, credentials: tuple[str, str], body: bytes, error: str
) -> None:
    answer = client.post(
        "/oauth/token",
        content=body,
        auth=credentials,
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )

    assert answer.status_code == 400
    assert answer.json()["error"] == error
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-type"] == "application/json"


def test_json_is_no_form(client: TestClient, credentials: tuple[str, str]) -> None:
    answer = client.post("/oauth/token", json=GRANT, auth=credentials)

    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_request"


def test_who_shows_nothing_is_no_client(client: TestClient) -> None:
    answer = client.post("/oauth/token", data=GRANT)

    assert answer.status_code == 401
    assert answer.json()["error"] == "invalid_client"
    assert "www-authenticate" not in answer.headers


@pytest.mark.parametrize(
    "header",
    [
        "Basic !",
        "Basic /w==",
        "Basic " + base64.b64encode(b"no colon").decode(),
        "Basic " + base64.b64encode(b"client_0000000000000000:x").decode(),
        "Bearer atl_x_y",
    ],
)
def test_who_shows_something_else_is_no_client_either(
    client: TestClient, header: str
) -> None:
    answer = client.post("/oauth/token", data=GRANT, headers={"Authorization": header})

    assert answer.status_code == 401
    assert answer.json()["error"] == "invalid_client"
    assert answer.headers["www-authenticate"].startswith("Basic")


def test_an_api_key_is_no_client_secret(client: TestClient, tenant: Tenant) -> None:
    public_id, _, secret = tenant.keys[Role.ADMINISTRATOR].rpartition("_")

    answer = client.post("/oauth/token", data=GRANT, auth=(public_id, secret))

    assert answer.status_code == 401


def test_a_wrong_secret_and_an_unknown_client_are_told_alike(
    client: TestClient, credentials: tuple[str, str]
) -> None:
    answers = [
        client.post("/oauth/token", data=GRANT, auth=(client_id, "wrong"))
        for client_id in (credentials[0], "client_0000000000000000")
    ]

    assert [one.status_code for one in answers] == [401, 401]
    assert answers[0].json() == answers[1].json()


def test_a_revoked_client_is_out_at_the_next_request(
    client: TestClient, tenant: Tenant, credentials: tuple[str, str]
) -> None:
    token = fetch(client, credentials)["access_token"]
    before = get(client, token)

    client.delete(f"/v1/clients/{credentials[0]}", headers=tenant.headers())

    after = get(client, token)
    again = client.post("/oauth/token", data=GRANT, auth=credentials)
    assert (before.status_code, after.status_code) == (200, 401)
    assert after.json()["type"] == "/problems/token-not-good"
    assert after.headers["www-authenticate"].startswith("Bearer")
    assert again.json()["error"] == "invalid_client"


def test_a_client_that_was_to_end_is_out_with_its_tokens(
    client: TestClient, tenant: Tenant
) -> None:
    made = client.post(
        "/v1/clients",
        json={
            "name": "Short",
            "role": "analyst",
            "expires_at": (TODAY + timedelta(minutes=5)).isoformat(),
        },
        headers=tenant.headers(),
    ).json()
    token = fetch(client, (made["id"], made["client_secret"]))["access_token"]

    with clock.set_to(lambda: TODAY + timedelta(minutes=5)):
        answer = get(client, token)

    assert answer.status_code == 401


def test_a_token_ends_after_its_time_also_where_it_was_seen(
    client: TestClient, credentials: tuple[str, str]
) -> None:
    token = fetch(client, credentials)["access_token"]
    seen = get(client, token)

    with clock.set_to(lambda: TODAY + timedelta(seconds=limits.TOKEN_SECONDS)):
        expired = get(client, token)

    assert (seen.status_code, expired.status_code) == (200, 401)


def test_a_token_that_was_tampered_with_is_out(
    client: TestClient, credentials: tuple[str, str]
) -> None:
    header, claims, signature = fetch(client, credentials)["access_token"].split(".")
    read = json.loads(base64.urlsafe_b64decode(claims + "=="))
    more = {**read, "scope": "manage_people"}
    forged = base64.urlsafe_b64encode(json.dumps(more).encode()).rstrip(b"=").decode()
    no_algorithm = base64.urlsafe_b64encode(b'{"alg":"none","typ":"at+jwt"}').decode()

    answers = [
        get(client, token)
        for token in (
            f"{header}.{forged}.{signature}",
            f"{no_algorithm}.{claims}.",
            f"{header}.{claims}.",
            f"{header}.{claims}.{signature[::-1]}",
            "a.b.c",
            "..",
            f"{header}.{claims}.{signature}.x.y",
        )
    ]

    assert [one.status_code for one in answers] == [401] * 7


def test_a_token_signed_by_another_key_or_for_another_service_is_out(
    client: TestClient, credentials: tuple[str, str], key_file: Path
) -> None:
    fetch(client, credentials)
    ours, theirs = signing.read_key(key_file), make_key()
    rest = {"client_id": credentials[0], "scope": "read_register"}

    answers = [
        get(client, token).status_code
        for token in (
            make_token(ours.key, ours.kid, issuer=ISSUER, **rest),
            make_token(theirs.key, ours.kid, issuer=ISSUER, **rest),
            make_token(theirs.key, theirs.kid, issuer=ISSUER, **rest),
            make_token(ours.key, ours.kid, issuer="https://elsewhere.example", **rest),
        )
    ]

    assert answers == [200, 401, 401, 401]


def test_a_token_for_more_than_the_client_has_gives_no_more(
    client: TestClient, credentials: tuple[str, str], key_file: Path
) -> None:
    fetch(client, credentials)
    ours = signing.read_key(key_file)
    token = make_token(
        ours.key,
        ours.kid,
        issuer=ISSUER,
        client_id=credentials[0],
        scope="read_register manage_people",
    )

    me = get(client, token, "/v1/me").json()

    assert me["permissions"] == ["read_register"]


def test_tokens_of_the_key_before_stay_good_until_they_expire(
    client: TestClient,
    database: Database,
    credentials: tuple[str, str],
    key_file: Path,
) -> None:
    before = fetch(client, credentials)["access_token"]
    with database.writing() as session:
        signing.rotate(session, key_file)
    after = fetch(client, credentials)["access_token"]

    answers = [get(client, token).status_code for token in (before, after)]

    assert answers == [200, 200]
    assert jwt_header(before)["kid"] != jwt_header(after)["kid"]


def test_tokens_of_a_key_that_was_seen_are_out_at_once(
    client: TestClient,
    database: Database,
    credentials: tuple[str, str],
    key_file: Path,
) -> None:
    token = fetch(client, credentials)["access_token"]
    seen = get(client, token)

    with database.writing() as session:
        signing.rotate(session, key_file, at_once=True)

    assert (seen.status_code, get(client, token).status_code) == (200, 401)


def jwt_header(token: str) -> dict[str, Any]:
    header: dict[str, Any] = json.loads(
        base64.urlsafe_b64decode(token.partition(".")[0] + "==")
    )
    return header


def test_anybody_can_check_a_token_with_the_published_keys(
    client: TestClient, credentials: tuple[str, str]
) -> None:
    token = fetch(client, credentials)["access_token"]
    metadata = client.get("/.well-known/oauth-authorization-server").json()

    published = client.get("/.well-known/jwks.json")

    keys = KeySet.import_key_set(published.json())
    read = jwt.decode(token, keys, algorithms=["ES256"])
    assert read.claims["iss"] == read.claims["aud"] == metadata["issuer"] == ISSUER
    assert metadata["jwks_uri"] == f"{ISSUER}/.well-known/jwks.json"
    assert metadata["token_endpoint"] == f"{ISSUER}/oauth/token"
    assert "read_register" in metadata["scopes_supported"]
    assert published.headers["cache-control"] == "public, max-age=300"
    assert all("d" not in key for key in published.json()["keys"])


def test_the_day_of_a_clients_last_use_is_written(
    app: FastAPI, client: TestClient, tenant: Tenant, credentials: tuple[str, str]
) -> None:
    service = app.state.service
    get(client, fetch(client, credentials)["access_token"])

    service.write_now(service.usage.write, system=True)

    told = client.get(f"/v1/clients/{credentials[0]}", headers=tenant.headers()).json()
    assert told["last_used_on"] == "2026-11-22"


def test_a_client_reads_its_own_organisation_alone(
    client: TestClient,
    tenant: Tenant,
    stranger: Tenant,
    credentials: tuple[str, str],
) -> None:
    mill = {"name": "Beneficio", "country": "CO", "commodity": "coffee"}
    ours = client.post("/v1/mills", json=mill, headers=tenant.headers()).json()["id"]
    theirs = client.post("/v1/mills", json=mill, headers=stranger.headers()).json()[
        "id"
    ]
    token = fetch(client, credentials)["access_token"]

    answers = [
        get(client, token, f"/v1/mills/{mill}").status_code for mill in (ours, theirs)
    ]

    assert answers == [200, 404]


def test_every_token_is_in_the_trail_and_none_of_it_is(
    client: TestClient, database: Database, credentials: tuple[str, str]
) -> None:
    token = fetch(client, credentials, scope="read_register")["access_token"]

    with database.reading() as session:
        leaves = session.scalars(
            select(TrailEntry.leaf).where(TrailEntry.subject_id == credentials[0])
        ).all()

    issued = [one for one in map(json.loads, leaves) if one["action"] == "token.issued"]
    assert [one["facts"] for one in issued] == [{"scopes": "read_register"}]
    assert token.rpartition(".")[2] not in repr(leaves)
