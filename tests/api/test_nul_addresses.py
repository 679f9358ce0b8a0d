"""A NUL in an address is refused, and is no fault of ours."""

import pytest
from starlette.testclient import TestClient

from tests.conftest import Tenant


@pytest.mark.parametrize(
    "path",
    ["/v1/keys/%00", "/v1/devices/device_%00", "/%00"],
)
def test_an_address_with_a_nul_names_nothing(
    client: TestClient, tenant: Tenant, path: str
) -> None:
    answer = client.get(path, headers=tenant.headers())

    assert answer.status_code == 404
    assert answer.json()["type"] == "/problems/address-not-found"


def test_a_query_with_a_nul_is_refused(client: TestClient, tenant: Tenant) -> None:
    answer = client.get("/v1/producers?name=a%00", headers=tenant.headers())

    assert answer.status_code == 422
    assert "NUL" in answer.json()["detail"]


def test_a_nul_that_is_only_spoken_of_is_none(
    client: TestClient, tenant: Tenant
) -> None:
    answer = client.get("/v1/producers?name=%2500", headers=tenant.headers())

    assert (answer.status_code, answer.json()["items"]) == (200, [])
