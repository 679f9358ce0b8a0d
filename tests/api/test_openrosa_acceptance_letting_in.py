"""Who is let in to OpenRosa, by Basic, by Digest, by neither: item 1 of the list."""

import base64
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.phones import nonce_secret
from compliance import clock, limits
from compliance.identity import digest
from compliance.identity.models import Role
from tests.conftest import Tenant
from tests.devices import enrolled
from tests.field import OPENROSA, publish, told_by, workbook
from tests.visits import TODAY

PATHS = ["/openrosa/formList", "/openrosa/submission"]
SENT = "/openrosa/formList?deviceID=collect%3AAb%20%C3%B1&formID=x"


@pytest.fixture
def device(client: TestClient, tenant: Tenant) -> dict[str, Any]:
    """A device with a name and a password."""
    publish(client, tenant, workbook())
    return enrolled(client, tenant, way="password")


def basic(name: str, password: str) -> dict[str, str]:
    given = base64.b64encode(f"{name}:{password}".encode()).decode()
    return {"Authorization": f"Basic {given}"}


def by_digest(device: dict[str, Any]) -> httpx2.DigestAuth:
    """Return an answerer of somebody else's making, as httpx has it."""
    return httpx2.DigestAuth(device["username"], device["password"])


def answered(
    app: FastAPI,
    device: dict[str, Any],
    uri: str = SENT,
    *,
    method: str = "GET",
    nonce: str | None = None,
    count: str = "00000001",
) -> dict[str, str]:
    """Return the header of a right answer, but for what is said otherwise."""
    known = nonce_secret(_Asked(app))  # type: ignore[arg-type]  # all it looks at
    answer = digest.DigestAnswer(
        username=device["username"],
        realm=digest.REALM,
        nonce=nonce or digest.make_nonce(known),
        uri=uri,
        response="",
        method=method,
        qop="auth",
        nc=count,
        cnonce="0a4f113b",
    )
    ha1 = digest.ha1_of(device["username"], device["password"]).hex()
    told = {**vars(answer), "response": digest.response_of(ha1, answer)}
    del told["method"]
    pairs = ", ".join(f'{name}="{value}"' for name, value in told.items())
    return {"Authorization": f"Digest {pairs}"}


class _Asked:
    """A request, as far as it leads to the product that runs."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app


def status(client: TestClient, headers: dict[str, str], path: str = SENT) -> int:
    return client.get(path, headers={**OPENROSA, **headers}).status_code


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("path", PATHS)
def test_without_credentials_a_phone_is_asked_in_two_ways_on_two_lines(
    client: TestClient, path: str, method: str
) -> None:
    answer = client.request(method, path, headers=OPENROSA)

    challenges = answer.headers.get_list("www-authenticate")
    digests = [one for one in challenges if one.startswith("Digest ")]
    assert answer.status_code == 401
    assert 'Basic realm="Atalaya", charset="UTF-8"' in challenges
    assert len(digests) == 1
    for member in ('realm="', 'domain="/openrosa/"', 'qop="auth"', 'nonce="', "MD5"):
        assert member in digests[0]
    assert "stale" not in digests[0]


@pytest.mark.parametrize("path", PATHS)
def test_a_key_may_come_as_the_password_of_basic(
    client: TestClient, tenant: Tenant, path: str
) -> None:
    good = status(client, basic("anybody", tenant.keys[Role.AUDITOR]), path)
    wrong = status(client, basic("anybody", "atl_x_y"), path)

    assert (good in {200, 204}, wrong) == (True, 401)


def test_a_device_with_a_password_is_set_up_with_it(device: dict[str, Any]) -> None:
    general = device["settings"]["general"]

    assert urlsplit(general["server_url"]).path == "/openrosa"
    assert general["username"] == device["username"] == device["id"]
    assert general["password"] == device["password"]
    assert len(device["password"]) == 52


def test_a_device_comes_by_basic(client: TestClient, device: dict[str, Any]) -> None:
    name, password = device["username"], device["password"]

    found = [
        status(client, basic(name, password)),
        status(client, basic(name, password[:-1])),
        status(client, basic("device_0000000000000000", password)),
    ]

    assert found == [200, 401, 401]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("path", [*PATHS, SENT])
def test_a_device_comes_by_digest_also_with_a_question(
    client: TestClient, device: dict[str, Any], path: str, method: str
) -> None:
    answer = client.request(method, path, headers=OPENROSA, auth=by_digest(device))

    assert answer.status_code in {200, 204}


def test_one_nonce_is_answered_to_many_times(
    app: FastAPI, client: TestClient, device: dict[str, Any]
) -> None:
    nonce = digest.make_nonce(nonce_secret(_Asked(app)))  # type: ignore[arg-type]  # as above

    found = [
        status(client, answered(app, device, nonce=nonce, count=f"{number:08x}"))
        for number in range(1, 4)
    ]

    assert found == [200, 200, 200]


@pytest.mark.parametrize(
    "wrong",
    [
        {"uri": "/openrosa/formList"},
        {"uri": SENT.replace("%20", " ")},
        {"method": "POST"},
        {"nonce": "0" * 42},
        {"nonce": "x"},
    ],
    ids=["without the question", "decoded", "other method", "forged", "no nonce"],
)
def test_an_answer_to_something_else_is_wrong_and_not_stale(
    app: FastAPI, client: TestClient, device: dict[str, Any], wrong: dict[str, str]
) -> None:
    right = status(client, answered(app, device))
    answer = client.get(
        SENT,
        headers={**OPENROSA, **answered(app, device, **wrong)},
    )

    assert (right, answer.status_code) == (200, 401)
    assert "stale" not in answer.headers["www-authenticate"]


def test_a_wrong_password_and_an_unknown_device_look_the_same(
    app: FastAPI, client: TestClient, device: dict[str, Any]
) -> None:
    others = [
        {**device, "password": "x" * 52},
        {**device, "username": "device_0000000000000000"},
    ]

    answers = [
        client.get(SENT, headers={**OPENROSA, **answered(app, one)}) for one in others
    ]

    assert [one.status_code for one in answers] == [401, 401]
    assert answers[0].content == answers[1].content


def test_an_expired_nonce_is_answered_with_stale_and_a_new_one(
    app: FastAPI, client: TestClient, tenant: Tenant
) -> None:
    later = TODAY + timedelta(minutes=limits.DIGEST_NONCE_MINUTES)
    with clock.set_to(lambda: TODAY):
        fresh = enrolled(client, tenant, way="password")
        old = answered(app, fresh)

    with clock.set_to(lambda: later):
        answer = client.get(SENT, headers={**OPENROSA, **old})
        challenges = answer.headers.get_list("www-authenticate")
        again = status(client, answered(app, fresh))

    (asked,) = [one for one in challenges if one.startswith("Digest ")]
    assert answer.status_code == 401
    assert asked.endswith(", stale=TRUE")
    assert again == 200


def test_the_path_in_front_of_a_proxy_may_stand_in_the_answer(
    app: FastAPI, client: TestClient, device: dict[str, Any]
) -> None:
    whole = app.state.service
    behind = whole.settings.model_copy(
        update={"public_url": "https://example.org/atalaya"}
    )
    app.state.service = type(whole)(**{**vars(whole), "settings": behind})

    found = [
        status(client, answered(app, device, uri))
        for uri in (f"/atalaya{SENT}", SENT, f"/other{SENT}")
    ]
    asked = client.get(SENT, headers=OPENROSA).headers["www-authenticate"]
    app.state.service = whole

    assert found == [200, 200, 401]
    assert 'domain="/atalaya/openrosa/"' in asked


def test_too_many_wrong_passwords_make_a_device_wait_and_nobody_else(
    client: TestClient, tenant: Tenant, device: dict[str, Any]
) -> None:
    other = enrolled(client, tenant, way="password")
    wrong = basic(device["username"], "wrong")
    with clock.set_to(lambda: TODAY):
        tries = [status(client, wrong) for _ in range(limits.FREE_SIGN_INS + 1)]

        answer = client.get(
            SENT,
            headers={**OPENROSA, **basic(device["username"], device["password"])},
        )
        neighbour = status(client, basic(other["username"], other["password"]))
    with clock.set_to(lambda: TODAY + timedelta(seconds=5)):
        after = status(client, basic(device["username"], device["password"]))

    assert tries == [401] * limits.FREE_SIGN_INS + [429]
    assert told_by(answer.status_code, answer.content).status == 429
    assert int(answer.headers["retry-after"]) >= 1
    assert neighbour == 200
    assert after == 200


def test_a_revoked_device_is_asked_again_as_if_it_were_unknown(
    client: TestClient, tenant: Tenant, device: dict[str, Any]
) -> None:
    client.post(f"/v1/devices/{device['id']}/revoke", headers=tenant.headers())

    assert status(client, basic(device["username"], device["password"])) == 401


@pytest.mark.parametrize("path", ["/v1/producers", "/v1/devices", "/v1/me"])
def test_a_devices_password_opens_openrosa_and_nothing_else(
    app: FastAPI, client: TestClient, device: dict[str, Any], path: str
) -> None:
    found = [
        status(client, basic(device["username"], device["password"]), path),
        status(client, answered(app, device, path), path),
    ]

    assert found == [401, 401]


@pytest.mark.parametrize("name", ["device_", "device_\0", "device_" + "ñ" * 16, ""])
def test_a_name_that_is_none_is_asked_again(
    app: FastAPI, client: TestClient, device: dict[str, Any], name: str
) -> None:
    odd = answered(app, {**device, "username": name.replace("ñ", "n").strip("\0")})

    found = [status(client, basic(name, device["password"])), status(client, odd)]

    assert found == [401, 401]


@pytest.mark.parametrize(
    "written",
    ["Digest", "Digest x", "Digest username=a", "Basic !", "Basic", "Bearer", "x"],
)
def test_what_is_no_credential_is_asked_for_one(
    client: TestClient, written: str
) -> None:
    assert status(client, {"Authorization": written}) == 401
