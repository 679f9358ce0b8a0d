"""The secret of a device opens OpenRosa alone, and reaches no log and no answer."""

from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from tests.conftest import Tenant
from tests.devices import enrolled, fetched, path_of, secret_in
from tests.field import OPENROSA, told_by


def test_an_address_opens_openrosa_and_nothing_else(
    client: TestClient, tenant: Tenant
) -> None:
    secret = secret_in(enrolled(client, tenant))
    paths = ["/v1/devices", "/v1/submissions", "/v1/me", "/openrosax/formList", "/", ""]

    answers = [client.get(f"/d/{secret}{path}", headers=OPENROSA) for path in paths]

    assert [one.status_code for one in answers] == [404] * len(paths)
    assert all(secret not in one.text for one in answers)


def test_a_devices_secret_is_no_key(client: TestClient, tenant: Tenant) -> None:
    secret = secret_in(enrolled(client, tenant))

    answers = [
        client.get("/v1/producers", headers={"Authorization": f"Bearer {secret}"}),
        client.get("/v1/producers", auth=("device", secret)),
        client.get("/v1/producers", headers={"Cookie": f"atalaya_session={secret}"}),
    ]

    assert [one.status_code for one in answers] == [401, 401, 401]


@pytest.mark.parametrize(
    ("method", "path", "answered"),
    [
        ("GET", "/openrosa/formList", 200),
        ("GET", "/openrosa/nothing", 404),
        ("DELETE", "/openrosa/formList", 405),
        ("POST", "/openrosa/submission", 415),
        ("GET", "/openrosa/forms/form_x/media/a%2Fb", 404),
        ("GET", "/v1/me", 404),
    ],
)
def test_a_secret_reaches_no_log_and_no_answer(
    client: TestClient,
    tenant: Tenant,
    capfd: pytest.CaptureFixture[str],
    method: str,
    path: str,
    answered: int,
) -> None:
    secret = secret_in(enrolled(client, tenant))
    capfd.readouterr()

    answer = client.request(method, f"/d/{secret}{path}", headers=OPENROSA)

    logged = capfd.readouterr()
    assert answer.status_code == answered
    assert '"event": "request"' in logged.out + logged.err
    assert secret not in logged.out + logged.err
    assert secret not in answer.text + repr(answer.headers)


def test_a_secret_reaches_no_log_when_something_breaks(
    client: TestClient,
    app: FastAPI,
    tenant: Tenant,
    capfd: pytest.CaptureFixture[str],
) -> None:
    made = enrolled(client, tenant)
    whole = app.state.service
    capfd.readouterr()

    app.state.service = _Broken(whole)
    answer = fetched(client, f"{path_of(made)}/formList")
    app.state.service = whole

    logged = capfd.readouterr()
    assert told_by(answer.status_code, answer.content).status == 500
    assert '"event": "fault"' in logged.out + logged.err
    assert secret_in(made) not in logged.out + logged.err + answer.text


class _Broken:
    """A service that fails on the way to the data."""

    def __init__(self, whole: Any) -> None:
        self.settings = whole.settings

    async def read(self, *_given: object, **_named: object) -> None:
        raise RuntimeError("something that was not foreseen")
