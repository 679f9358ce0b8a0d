"""Audits over HTTP: made final once, and their facts projected to shards in its wake."""

import json
from collections.abc import Iterator

import pyarrow.parquet as pq
import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from audits.assessments import shards
from audits.assessments.shard_files import ShardFiles, shard_files_of
from compliance import clock
from compliance.database import Database
from compliance.editions.shelf import Shelf
from compliance.identity.models import Role
from compliance.identity.scope import Scope, scope_of_system
from rules.shards import SUBMISSION
from tests.conftest import Tenant
from tests.jobs import wait_until
from tests.reviews import audit_of, reviewing
from tests.visits import A_CHILD_OF_13, TODAY, Visited, visited

SHARDED = text("SELECT count(*) FROM sharded_submission")
SHARDS = text("SELECT count(*) FROM fact_shard")


@pytest.fixture(autouse=True)
def _november() -> Iterator[None]:
    with clock.set_to(lambda: TODAY):
        yield


@pytest.fixture
def farm(client: TestClient, tenant: Tenant) -> Visited:
    return visited(client, tenant)


@pytest.fixture
def audit(farm: Visited) -> str:
    """The audit of a visit that met a child of thirteen at work."""
    return audit_of(farm, farm.send(children=[A_CHILD_OF_13]))


@pytest.fixture
def files(app: FastAPI, client: TestClient) -> ShardFiles:
    assert client.app is app
    return shard_files_of(app.state.service.settings)


@pytest.fixture
def shelf(app: FastAPI, client: TestClient) -> Shelf:
    assert client.app is app
    found: Shelf = app.state.service.shelf
    return found


def count(database: Database, what: object) -> int:
    with database.reading() as session:
        return int(session.scalar(what) or 0)  # type: ignore[call-overload]


def test_making_final_needs_a_key(client: TestClient) -> None:
    assert client.post("/v1/audits/audit_a/finalise").status_code == 401


def test_an_audit_of_another_organisation_is_not_found(
    client: TestClient, stranger: Tenant, audit: str
) -> None:
    answer = client.post(f"/v1/audits/{audit}/finalise", headers=stranger.headers())

    assert answer.status_code == 404
    assert answer.json()["type"] == "/problems/audit-not-found"


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.MANAGER, Role.ANALYST])
def test_only_who_supervises_makes_an_audit_final(
    client: TestClient, tenant: Tenant, audit: str, role: Role
) -> None:
    answer = client.post(f"/v1/audits/{audit}/finalise", headers=tenant.headers(role))

    assert answer.status_code == 403


def test_an_id_that_is_none_is_not_found(client: TestClient, tenant: Tenant) -> None:
    answer = client.post("/v1/audits/no%20id/finalise", headers=tenant.headers())

    assert answer.status_code == 404


def test_what_is_final_stays_so(farm: Visited, audit: str) -> None:
    reviewing(farm).make_final(audit)

    again = reviewing(farm).step(audit, "finalise")

    assert again.status_code == 409
    assert again.json()["type"] == "/problems/audit-step-not-allowed"
    assert again.json()["current"] == "final"


def test_an_audit_is_made_final_through_its_review(
    farm: Visited, audit: str, database: Database
) -> None:
    final = reviewing(farm).make_final(audit)

    assert final["status"] == "final"
    assert final["finalised_at"] is not None
    with database.reading() as session:
        leaves = session.scalars(
            text("SELECT leaf FROM trail WHERE subject_id = :id ORDER BY sequence"),
            {"id": audit},
        ).all()
    actions = [json.loads(one)["action"] for one in leaves]
    assert actions == [
        "audit.opened",
        "alert.raised",
        "audit.reviewed",
        "audit.reply_offered",
        "audit.replied",
        "audit.finalised",
        "alert.raised",
    ]


def test_an_audit_that_found_nothing_is_made_final_at_once(farm: Visited) -> None:
    audit = audit_of(farm, farm.send())

    final = reviewing(farm).done(audit, "finalise")

    assert final["status"] == "final"


def test_the_facts_of_a_final_audit_are_projected_in_the_background(
    farm: Visited, database: Database, files: ShardFiles
) -> None:
    submission = farm.send(children=[A_CHILD_OF_13])
    audit = audit_of(farm, submission)

    reviewing(farm).make_final(audit)

    wait_until(lambda: count(database, SHARDED) == 1)
    (path,) = (files.folder / "CO").iterdir()
    table = pq.read_table(path)
    assert table.column(SUBMISSION).to_pylist() == [submission]
    (children,) = table.column("children").to_pylist()
    assert [(one["works"], one["age"]) for one in children] == [(True, 13)]
    assert "key" not in children[0]
    kinds = [one["kind"] for one in farm.get("/v1/jobs")["items"]]
    assert "shards.project" in kinds


def written(
    session: Session, scope: Scope, shelf: Shelf, files: ShardFiles
) -> list[shards.Written]:
    """Project all that waits, final or not, so that no worker does it beside."""
    found = list(shards.write_waiting(session, scope, shelf, files, of_any_audit=True))
    return [*found, *shards.write_merged(session, scope, files, found)]


def test_only_final_audits_wait_to_be_projected(
    audit: str, tenant: Tenant, database: Database, shelf: Shelf, files: ShardFiles
) -> None:
    assert audit
    with database.reading(system=True) as session:
        scope = scope_of_system(session, tenant.id)
        waiting = list(shards.write_waiting(session, scope, shelf, files))

    assert waiting == []


def test_two_jobs_at_once_project_an_audit_once(
    audit: str, tenant: Tenant, database: Database, shelf: Shelf, files: ShardFiles
) -> None:
    """Both find it waiting; the one that is second fails, and finds nothing again."""
    assert audit
    with database.reading(system=True) as session:
        scope = scope_of_system(session, tenant.id)
        first = written(session, scope, shelf, files)
        second = written(session, scope, shelf, files)

    with database.writing(system=True) as session:
        shards.note(session, scope_of_system(session, tenant.id), first)
    with pytest.raises(IntegrityError), database.writing(system=True) as session:
        shards.note(session, scope_of_system(session, tenant.id), second)
    with database.reading(system=True) as session:
        third = written(session, scope_of_system(session, tenant.id), shelf, files)

    assert [one.sha256 for one in first] == [one.sha256 for one in second]
    assert third == []
    assert count(database, SHARDED) == count(database, SHARDS) == 1


def test_a_correction_is_projected_and_what_it_corrects_is_not(
    farm: Visited, database: Database, shelf: Shelf, files: ShardFiles
) -> None:
    farm.send(children=[A_CHILD_OF_13])
    corrected = farm.send(children=[], deprecated_id="uuid:1")

    with database.reading(system=True) as session:
        scope = scope_of_system(session, farm.tenant.id)
        (one,) = written(session, scope, shelf, files)

    table = files.read("CO", one.sha256)
    assert table.column(SUBMISSION).to_pylist() == [corrected]


def test_small_shards_become_one_and_hold_the_same(
    farm: Visited, database: Database, shelf: Shelf, files: ShardFiles
) -> None:
    sent = []
    for day in range(1, shards.ALIKE + 2):
        sent.append(farm.send(observed_on=f"2026-11-{day:02}"))
        with database.reading(system=True) as session:
            scope = scope_of_system(session, farm.tenant.id)
            found = written(session, scope, shelf, files)
        with database.writing(system=True) as session:
            shards.note(session, scope_of_system(session, farm.tenant.id), found)

    assert count(database, SHARDED) == len(sent)
    assert count(database, SHARDS) == 2
    with database.reading() as session:
        digests = session.scalars(text("SELECT sha256 FROM fact_shard")).all()
    held = [
        name
        for digest in digests
        for name in files.read("CO", digest).column(SUBMISSION).to_pylist()
    ]
    assert sorted(held) == sorted(sent)


def test_files_that_no_shard_speaks_of_are_swept_when_they_are_old(
    files: ShardFiles,
) -> None:
    stray = files.path("CO", "0" * 64)
    stray.parent.mkdir(parents=True)
    stray.write_bytes(b"left by a job that was broken off")

    kept = files.sweep(["0" * 64])
    with clock.set_to(lambda: TODAY.replace(year=2120)):
        known = files.sweep(["0" * 64])
        gone = files.sweep([])

    assert (kept, known, gone) == (0, 0, 1)
    assert not stray.exists()


def test_audits_are_planned_and_listed_as_their_users_look_for_them(
    farm: Visited,
) -> None:
    reviews = reviewing(farm)
    planned = reviews.plan(
        farm.site,
        purpose="follow_up",
        notice="unannounced",
        season="2026-main",
        payer="programme",
        planned_minutes=480,
    )
    opened = audit_of(farm, farm.send())

    def found(query: str) -> list[str]:
        return [one["id"] for one in farm.get(f"/v1/audits?{query}")["items"]]

    assert (planned["status"], planned["purpose"]) == ("planned", "follow_up")
    assert found("") == [planned["id"], opened]
    assert found(f"site={farm.site}&status=planned") == [planned["id"]]
    assert found("season=2026-main&purpose=follow_up") == [planned["id"]]
    assert found("notice=unannounced&kind=farm_visit") == [planned["id"]]
    assert found("from=2026-12-02") == [planned["id"]]
    assert found("to=2026-11-30") == [opened]
    assert found("from=2026-11-04&to=2026-11-30") == []
    assert found("auditor=person_nobody") == []
    assert found("reviewer=person_nobody") == []


@pytest.mark.parametrize("wanted", ["from=0", "to=1", "from=22.11.2026", "to=tomorrow"])
def test_what_is_no_day_narrows_nothing(farm: Visited, wanted: str) -> None:
    answer = farm.client.get(f"/v1/audits?{wanted}", headers=farm.tenant.headers())

    assert answer.status_code == 422
    assert "YYYY-MM-DD" in answer.text


def test_a_list_of_audits_is_csv_where_it_is_asked_for(farm: Visited) -> None:
    planned = reviewing(farm).plan(farm.site)
    headers = {**farm.tenant.headers(), "Accept": "text/csv"}

    answer = farm.client.get("/v1/audits", headers=headers)

    assert answer.headers["content-type"].startswith("text/csv")
    assert planned["id"] in answer.text


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"fieldwork_to": "2026-11-30"}, 422),
        ({"site": "site_nowhere"}, 422),
        ({"programme": "programme_none"}, 422),
        ({"payer": "Doña Marta"}, 422),
        ({"planned_minutes": -1}, 422),
        ({}, 409),
    ],
)
def test_a_plan_that_cannot_be_is_refused(
    farm: Visited, changes: dict[str, object], status: int
) -> None:
    reviews = reviewing(farm)
    reviews.plan(farm.site)
    body = {
        "site": farm.site,
        "fieldwork_from": "2026-12-01",
        "fieldwork_to": "2026-12-02",
        **changes,
    }

    answer = reviews.ask("POST", "/v1/audits", body, Role.ADMINISTRATOR)

    assert answer.status_code == status
