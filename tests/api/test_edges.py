"""What holds for every address: strict JSON, limits, problems, cookies, health."""

import pytest
from starlette.testclient import TestClient

from compliance import limits
from tests.conftest import Tenant

MILL = '{"name": "A", "country": "CO", "commodity": "coffee"}'


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ('{"name": "A", "name": "B"}', "'name' stands twice"),
        ('{"latitude": NaN}', "NaN is not a JSON number"),
        ('{"latitude": -Infinity}', "-Infinity is not a JSON number"),
        ('{"latitude": 1e999}', "too many digits"),
        ('{"latitude": ' + "9" * 5000 + "}", "too many digits"),
        ('{"name": "\\u0000"}', "U+0000"),
        ('{"name": "\\ud800"}', "half a surrogate pair"),
        ("[" * 40 + "]" * 40, "nested more than 32 levels"),
        ("[" * 100_000, "nested more than 32 levels"),
    ],
)
def test_json_with_two_meanings_is_refused(
    client: TestClient, tenant: Tenant, body: str, told: str
) -> None:
    headers = {**tenant.headers(), "Content-Type": "application/json"}

    answer = client.post("/v1/mills", content=body, headers=headers)

    assert answer.status_code == 422
    assert told in answer.json()["errors"][0]["remedy"]


@pytest.mark.parametrize("body", [b"\xff\xfe", b"{", b"", b"nil"])
def test_what_is_no_json_is_refused(
    client: TestClient, tenant: Tenant, body: bytes
) -> None:
    headers = {**tenant.headers(), "Content-Type": "application/json"}

    answer = client.post("/v1/mills", content=body, headers=headers)

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_body_over_the_limit_is_refused_by_its_length(
    client: TestClient, tenant: Tenant
) -> None:
    body = b" " * (limits.JSON_BODY_BYTES + 1)

    answer = client.post("/v1/mills", content=body, headers=tenant.headers())

    assert answer.status_code == 413
    assert answer.json()["limit"] == limits.JSON_BODY_BYTES


def test_a_body_over_the_limit_is_refused_while_it_streams(
    client: TestClient, tenant: Tenant
) -> None:
    chunks = (b" " * 100_000 for _ in range(20))
    headers = {**tenant.headers(), "Content-Type": "application/json"}

    answer = client.post("/v1/mills", content=chunks, headers=headers)

    assert answer.status_code == 413


def test_an_address_that_is_not_there_is_a_problem(client: TestClient) -> None:
    answer = client.get("/v1/nothing")

    assert answer.status_code == 404
    assert answer.json()["type"] == "/problems/address-not-found"


def test_a_wrong_method_names_the_right_ones(client: TestClient) -> None:
    answer = client.delete("/v1/mills")

    assert answer.status_code == 405
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD", "POST"}


def test_every_get_answers_head(client: TestClient, tenant: Tenant) -> None:
    answer = client.head("/v1/mills", headers=tenant.headers())

    assert answer.status_code == 200
    assert answer.content == b""


@pytest.mark.parametrize(
    "header",
    [
        "Bearer ",
        "Bearer atl",
        "Bearer atl_abc_def",
        "Bearer a_b_c",
        "Digest x",
        "Basic !",
        "Basic Og==",
    ],
)
def test_a_key_that_is_none_opens_nothing(client: TestClient, header: str) -> None:
    answer = client.get("/v1/mills", headers={"Authorization": header})

    assert answer.status_code == 401


def test_every_problem_has_a_page(client: TestClient) -> None:
    listed = client.get("/problems").json()["items"]

    answers = [client.get(problem["type"]) for problem in listed]

    assert {answer.status_code for answer in answers} == {200}
    assert "/problems/not-signed-in" in {problem["type"] for problem in listed}


def test_readiness_names_the_process_and_the_book(client: TestClient) -> None:
    answer = client.get("/readyz")

    assert answer.status_code == 200
    assert len(answer.json()["boot_id"]) == 16
    assert len(answer.json()["rulebook"]["sha256"]) == 64


def test_answers_carry_the_headers_that_keep_browsers_safe(client: TestClient) -> None:
    answer = client.get("/livez")

    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
