"""Hostile bodies and texts: every one is refused with a problem or kept as it came.

Each operation meets an eighth of them, another eighth than its neighbours; with
`HOSTILE=all` each meets all of them, which takes some minutes.
"""

import os
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

import pytest
from starlette.testclient import TestClient

from tests.conftest import Tenant
from tests.hostile import (
    JSON,
    Case,
    Contract,
    Operation,
    json_cases,
    naughty_strings,
)

CONTRACT = Contract()
OPERATIONS = CONTRACT.operations()
JSON_CASES, STRINGS = json_cases(), naughty_strings()
STEP, STEP_OF_KEEPING = (1, 1) if os.environ.get("HOSTILE") == "all" else (8, 4)
Met = TypeVar("Met")
# One database will do where it is not reached: what is malformed stops at the edge.
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
REFUSALS = range(400, 500)
PROBLEM = "application/problem+json"

# Where a text can be kept as it is; each body holds it at every place that takes one.
KEEPING = {
    "/v1/producers": {
        "name": "{text}",
        "country": "CO",
        "commodity": "coffee",
        "admin1": "{text}",
        "municipality": "{text}",
    },
    "/v1/mills": {
        "name": "{text}",
        "country": "CO",
        "commodity": "palm_oil",
        "admin1": "{text}",
        "municipality": "{text}",
    },
    "/v1/brokers": {"kind": "broker", "name": "{text}", "country": "CO"},
    "/v1/keys": {"label": "{text}", "role": "analyst"},
    "/v1/clients": {"name": "{text}", "role": "analyst"},
}


def share(cases: Sequence[Met], operation: Operation) -> Sequence[Met]:
    """Return the cases that an operation meets in this run."""
    return cases[OPERATIONS.index(operation) % STEP :: STEP]


def is_answered(status: int, content_type: str) -> bool:
    """Tell an answer from a fault: a success, or a refusal that is a problem."""
    return 200 <= status < 300 or (status in REFUSALS and content_type == PROBLEM)


def strings_in(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for member in value.values():
                yield from strings_in(member)
        case list():
            for member in value:
                yield from strings_in(member)
        case _:
            pass


@ON_SQLITE
@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_no_json_text_is_a_fault(
    client: TestClient, tenant: Tenant, operation: Operation
) -> None:
    headers = {**tenant.headers(), "Content-Type": JSON}

    def answered(case: Case) -> bool:
        answer = client.request(
            operation.method,
            operation.address(),
            content=case.content,
            headers=headers,
        )
        return is_answered(answer.status_code, answer.headers.get("content-type", ""))

    faults = [case.name for case in share(JSON_CASES, operation) if not answered(case)]

    assert faults == []


@ON_SQLITE
def test_what_is_no_json_is_never_taken(client: TestClient, tenant: Tenant) -> None:
    headers = {**tenant.headers(), "Content-Type": JSON}
    wrong = [case for case in JSON_CASES if case.expect == "reject"]

    answers = {
        case.name: client.post("/v1/mills", content=case.content, headers=headers)
        for case in wrong
    }

    told = {name: answer.json()["errors"][0] for name, answer in answers.items()}
    assert len(told) == 188
    assert {answer.status_code for answer in answers.values()} == {422}
    assert {one["field"].partition(".")[0] for one in told.values()} == {"body"}


@ON_SQLITE
@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_no_text_is_a_fault_wherever_it_stands(
    client: TestClient, tenant: Tenant, operation: Operation
) -> None:
    def answered(text: str) -> bool:
        answer = client.request(
            operation.method,
            operation.address(),
            json=CONTRACT.filled(operation.schema, text),
            headers=tenant.headers(),
        )
        return is_answered(answer.status_code, answer.headers.get("content-type", ""))

    faults = [text for text in share(STRINGS, operation) if not answered(text)]

    assert faults == []


@pytest.mark.parametrize("path", KEEPING)
def test_a_text_that_is_taken_comes_back_as_it_was(
    client: TestClient, tenant: Tenant, path: str
) -> None:
    kept: list[str] = []

    def changed(text: str) -> bool:
        body = {
            name: value.replace("{text}", text) for name, value in KEEPING[path].items()
        }
        answer = client.post(path, json=body, headers=tenant.headers())
        if answer.status_code != 201:
            return not is_answered(answer.status_code, answer.headers["content-type"])
        kept.append(text)
        read = client.get(answer.headers["location"], headers=tenant.headers())
        return text.strip() not in set(strings_in(read.json()))

    wrong = [text for text in STRINGS[::STEP_OF_KEEPING] if changed(text)]

    assert wrong == []
    assert len(kept) > len(STRINGS[::STEP_OF_KEEPING]) / 2
