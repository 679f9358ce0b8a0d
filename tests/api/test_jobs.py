"""Background work over HTTP: listed, read, followed; another organisation's not found."""

import json
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from compliance import clock, jobs
from compliance.database import Database
from compliance.identity.models import ApiKey, Role
from compliance.jobs import GiveUp, State, Work, work_off
from compliance.jobs.models import Job
from compliance.jobs.tidying import TIDY
from tests.conftest import Tenant
from tests.jobs import wait_until, workers, workplace

Enqueue = Callable[..., str]
STATE_OF_TIDYING = select(Job.state).where(Job.kind == TIDY)


@pytest.fixture
def enqueue(database: Database, tenant: Tenant) -> Enqueue:
    """A function that asks for work of the tenant and returns its public id."""

    def ask(kind: str = "count", parent: str | None = None) -> str:
        with database.writing() as session:
            made = jobs.enqueue(
                session,
                kind=kind,
                organisation_id=tenant.id,
                arguments={},
                parent=parent,
            )
        assert made is not None
        return made

    return ask


def count(_session: Session, work: Work) -> dict[str, jobs.JSON]:
    for done in range(1, 4):
        work.report(done, 3)
        time.sleep(0.4)
    return {"counted": 3}


def give_up(_session: Session, _work: Work) -> None:
    raise GiveUp("The list holds {rows} rows.", rows=3)


def at_once(_session: Session, _work: Work) -> None:
    pass


def events_of(body: str) -> list[tuple[str, dict[str, Any]]]:
    told = [block.split("\n") for block in body.strip().split("\n\n")]
    return [
        (name.removeprefix("event: "), json.loads(data.removeprefix("data: ")))
        for name, data in told
    ]


@pytest.mark.parametrize(
    "path", ["/v1/jobs", "/v1/jobs/job_none", "/v1/jobs/job_none/events"]
)
def test_jobs_need_a_key(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 401


@pytest.mark.parametrize("more", ["", "/events"])
def test_a_job_of_another_organisation_is_not_found(
    client: TestClient, stranger: Tenant, enqueue: Enqueue, more: str
) -> None:
    job = enqueue()

    answer = client.get(f"/v1/jobs/{job}{more}", headers=stranger.headers())
    listed = client.get("/v1/jobs", headers=stranger.headers())
    after = client.get(f"/v1/jobs?after={job}", headers=stranger.headers())

    assert (answer.status_code, after.status_code) == (404, 422)
    assert answer.json()["type"] == "/problems/job-not-found"
    assert listed.json() == {"items": [], "next": None}


@pytest.mark.parametrize("query", ["state=broken", "rows=0", "rows=a"])
def test_a_malformed_list_is_told(
    client: TestClient, tenant: Tenant, query: str
) -> None:
    answer = client.get(f"/v1/jobs?{query}", headers=tenant.headers())

    assert answer.status_code == 422


@pytest.mark.parametrize("role", list(Role))
def test_every_role_may_see_jobs(
    client: TestClient, tenant: Tenant, enqueue: Enqueue, role: Role
) -> None:
    job = enqueue()

    answer = client.get(f"/v1/jobs/{job}", headers=tenant.headers(role))

    assert (answer.status_code, answer.json()["state"]) == (200, "ready")


def test_a_job_tells_what_came_of_it(
    client: TestClient, tenant: Tenant, database: Database, enqueue: Enqueue
) -> None:
    job = enqueue()

    work_off(workplace(database, {"count": count}))

    told = client.get(f"/v1/jobs/{job}", headers=tenant.headers()).json()
    assert (told["state"], told["attempts"]) == ("done", 1)
    assert told["progress"] == {"done": 3, "total": 3}
    assert told["result"] == {"counted": 3}
    assert told["error"] is None
    assert told["created_at"] <= told["started_at"] <= told["finished_at"]


def test_a_job_that_was_given_up_tells_why(
    client: TestClient, tenant: Tenant, database: Database, enqueue: Enqueue
) -> None:
    job = enqueue("list")

    work_off(workplace(database, {"list": give_up}))

    told = client.get(f"/v1/jobs/{job}", headers=tenant.headers()).json()
    assert (told["state"], told["error"]) == ("failed", "The list holds 3 rows.")


def test_a_failed_job_is_tried_again_when_an_administrator_says_so(
    client: TestClient, tenant: Tenant, database: Database, enqueue: Enqueue
) -> None:
    job = enqueue("list")
    work_off(workplace(database, {"list": give_up}))

    answer = client.post(f"/v1/jobs/{job}/retry", headers=tenant.headers())
    work_off(workplace(database, {"list": at_once}))

    told = client.get(f"/v1/jobs/{job}", headers=tenant.headers()).json()
    query = f"/v1/trail?subject={job}"
    (entry,) = client.get(query, headers=tenant.headers()).json()["items"]
    assert answer.status_code == 200
    assert (answer.json()["state"], answer.json()["error"]) == ("ready", None)
    assert (told["state"], told["attempts"], told["error"]) == ("done", 1, None)
    assert entry["action"] == "job.retried"
    assert entry["facts"] == {"attempts": 1, "kind": "list"}


@pytest.mark.parametrize(("role", "status"), [(Role.AUDITOR, 403), (None, 401)])
def test_only_an_administrator_has_a_job_tried_again(
    client: TestClient,
    tenant: Tenant,
    database: Database,
    enqueue: Enqueue,
    role: Role | None,
    status: int,
) -> None:
    job = enqueue("list")
    work_off(workplace(database, {"list": give_up}))
    headers = {} if role is None else tenant.headers(role)

    answer = client.post(f"/v1/jobs/{job}/retry", headers=headers)

    assert answer.status_code == status


def test_a_job_of_another_organisation_is_not_tried_again(
    client: TestClient, stranger: Tenant, database: Database, enqueue: Enqueue
) -> None:
    job = enqueue("list")
    work_off(workplace(database, {"list": give_up}))

    answer = client.post(f"/v1/jobs/{job}/retry", headers=stranger.headers())

    assert answer.status_code == 404


@pytest.mark.parametrize(("kind", "state"), [("count", "done"), ("other", "ready")])
def test_what_has_not_failed_is_not_tried_again(
    client: TestClient,
    tenant: Tenant,
    database: Database,
    enqueue: Enqueue,
    kind: str,
    state: str,
) -> None:
    job = enqueue(kind)
    work_off(workplace(database, {"count": at_once}))

    answer = client.post(f"/v1/jobs/{job}/retry", headers=tenant.headers())

    assert answer.status_code == 409
    assert answer.json()["type"] == "/problems/job-has-not-failed"
    assert answer.json()["state"] == state


def test_a_job_counts_its_parts(
    client: TestClient, tenant: Tenant, database: Database, enqueue: Enqueue
) -> None:
    whole = enqueue("whole")
    for kind in ("list", "part", "part", "later"):
        enqueue(kind, parent=whole)

    work_off(workplace(database, {"part": at_once, "list": give_up}))

    told = client.get(f"/v1/jobs/{whole}", headers=tenant.headers()).json()
    listed = client.get(f"/v1/jobs?parent={whole}", headers=tenant.headers()).json()
    assert told["parts"] == {
        "total": 4,
        "ready": 1,
        "running": 0,
        "done": 2,
        "failed": 1,
    }
    assert {one["parent"] for one in listed["items"]} == {whole}
    assert len(listed["items"]) == 4


def test_the_list_is_filtered_and_paged_and_a_table(
    client: TestClient, tenant: Tenant, database: Database, enqueue: Enqueue
) -> None:
    made = [enqueue("part" if number % 2 else "later") for number in range(6)]
    work_off(workplace(database, {"part": at_once}))
    headers = tenant.headers()

    first = client.get("/v1/jobs?rows=4", headers=headers)
    rest = client.get(first.json()["next"], headers=headers).json()
    done = client.get("/v1/jobs?state=done&kind=part", headers=headers).json()
    table = client.get("/v1/jobs", headers={**headers, "Accept": "text/csv"})

    paged = [one["id"] for one in first.json()["items"] + rest["items"]]
    assert paged == made
    assert first.headers["link"] == f'<{first.json()["next"]}>; rel="next"'
    assert [one["id"] for one in done["items"]] == made[1::2]
    assert table.text.splitlines()[0].endswith("finished_at")
    assert len(table.text.splitlines()) == 7


def test_following_a_job_tells_its_progress_and_ends_with_it(
    client: TestClient, tenant: Tenant, database: Database, enqueue: Enqueue
) -> None:
    job = enqueue()

    with workers(workplace(database, {"count": count})):
        answer = client.get(f"/v1/jobs/{job}/events", headers=tenant.headers())

    told = events_of(answer.text)
    reported = [one["progress"]["done"] for _, one in told if one["progress"]]
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert [name for name, _ in told[:-1]] == ["progress"] * (len(told) - 1)
    assert (told[-1][0], told[-1][1]["state"]) == ("end", "done")
    assert reported == sorted(reported)
    assert len(set(reported)) >= 2


def test_a_job_that_is_over_is_told_in_one_event(
    client: TestClient, tenant: Tenant, database: Database, enqueue: Enqueue
) -> None:
    job = enqueue("list")
    work_off(workplace(database, {"list": give_up}))

    answer = client.get(f"/v1/jobs/{job}/events", headers=tenant.headers())

    ((name, told),) = events_of(answer.text)
    assert (name, told["state"]) == ("end", "failed")


def test_streams_are_bounded(
    app: FastAPI, client: TestClient, tenant: Tenant, enqueue: Enqueue
) -> None:
    app.state.streams.most = 0

    answer = client.get(f"/v1/jobs/{enqueue()}/events", headers=tenant.headers())

    assert answer.status_code == 429
    assert answer.headers["retry-after"]
    assert answer.json()["type"] == "/problems/too-many-streams"


def test_a_stream_that_has_ended_makes_room(
    app: FastAPI, client: TestClient, tenant: Tenant, enqueue: Enqueue
) -> None:
    app.state.streams.most = 1
    app.state.streams.is_leaving = True
    path = f"/v1/jobs/{enqueue()}/events"

    answers = [client.get(path, headers=tenant.headers()) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200] * 3


def test_asking_for_the_head_of_a_stream_does_not_wait(
    client: TestClient, tenant: Tenant, enqueue: Enqueue
) -> None:
    answer = client.head(f"/v1/jobs/{enqueue()}/events", headers=tenant.headers())

    assert (answer.status_code, answer.content) == (200, b"")


def test_a_server_that_is_told_to_stop_ends_its_streams(
    app: FastAPI, client: TestClient, tenant: Tenant, enqueue: Enqueue
) -> None:
    path, answers = f"/v1/jobs/{enqueue()}/events", list[int]()

    def follow() -> None:
        answers.append(client.get(path, headers=tenant.headers()).status_code)

    following = threading.Thread(target=follow)
    following.start()
    following.join(timeout=1)
    assert following.is_alive()
    app.state.streams.is_leaving = True
    following.join(timeout=10)

    assert answers == [200]


def test_a_stream_ends_when_its_key_is_revoked(
    client: TestClient, tenant: Tenant, database: Database, enqueue: Enqueue
) -> None:
    path, bodies = f"/v1/jobs/{enqueue()}/events", list[str]()

    def follow() -> None:
        bodies.append(client.get(path, headers=tenant.headers(Role.ANALYST)).text)

    following = threading.Thread(target=follow)
    following.start()
    following.join(timeout=1)
    with database.writing() as session:
        session.execute(update(ApiKey).values(revoked_at=clock.now()))
    following.join(timeout=10)

    assert [name for name, _ in events_of(*bodies)] == ["progress"]


@pytest.mark.usefixtures("client")
def test_a_server_works_beside_serving(database: Database) -> None:
    """The list is tidied at the first start: regular work of the server's own."""

    def tidied() -> bool:
        with database.reading() as session:
            return session.scalars(STATE_OF_TIDYING).all() == [State.DONE]

    wait_until(tidied)
