"""The trail over HTTP: who reads it, what is proved, and what anybody may fetch."""

import csv
import hashlib
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from compliance import clock, trail
from compliance.database import Database
from compliance.identity.models import Role
from compliance.proofs.working import Sealing, seal_trails, sealing_of
from compliance.settings import Settings
from compliance.trail import merkle, verify_trail
from compliance.trail.verify_trail import is_signature, verify
from tests.conftest import FoundTenant, Tenant
from tests.trails import note, note_many

FARM = {"name": "Finca El Recuerdo", "country": "CO", "commodity": "coffee"}
READS = [
    "/v1/trail",
    "/v1/trail/1/proof",
    "/v1/trail/heads",
    "/v1/trail/consistency?from=1&to=1",
    "/v1/trail/export",
]
OPEN = [
    "/.well-known/atalaya-trail-keys",
    "/.well-known/atalaya-trail-heads",
    "/verify-trail.py",
]


@pytest.fixture
def sealing(tmp_path: Path) -> Sealing:
    """What the product of the tests seals with."""
    return sealing_of(Settings(data=tmp_path / "data"))


def seal(database: Database, sealing: Sealing) -> None:
    with database.writing() as session:
        seal_trails(session, sealing)


def get(client: TestClient, tenant: Tenant, path: str, **query: Any) -> Any:
    answer = client.get(path, params=query or None, headers=tenant.headers())
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize("path", READS)
def test_reading_the_trail_needs_a_key(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 401


@pytest.mark.parametrize("path", READS)
@pytest.mark.parametrize("role", [Role.AUDITOR, Role.MANAGER, Role.ANALYST])
def test_a_role_that_may_not_read_the_trail_does_not(
    client: TestClient, tenant: Tenant, path: str, role: Role
) -> None:
    answer = client.get(path, headers=tenant.headers(role))

    assert answer.status_code == 403
    assert answer.json()["type"] == "/problems/not-allowed"


def test_what_was_done_is_told_with_who_and_when_and_facts(
    client: TestClient, tenant: Tenant
) -> None:
    farm = client.post("/v1/producers", json=FARM, headers=tenant.headers()).json()

    (entry,) = get(client, tenant, "/v1/trail", subject=farm["id"])["items"]

    key = tenant.keys[Role.ADMINISTRATOR].rpartition("_")[0]
    assert (entry["actor"], entry["subject"]) == (key, farm["id"])
    assert entry["action"].endswith(".registered")
    assert datetime.fromisoformat(entry["at"]).tzinfo is not None
    assert isinstance(entry["facts"], dict)


def test_another_organisations_trail_is_not_seen(
    client: TestClient, tenant: Tenant, stranger: Tenant, database: Database
) -> None:
    note_many(database, tenant, 3)

    seen = get(client, stranger, "/v1/trail", rows=200)["items"]
    beyond = client.get(f"/v1/trail/{len(seen) + 1}/proof", headers=stranger.headers())

    assert {entry["action"] for entry in seen} <= {"organisation.founded", "key.issued"}
    assert "person_of_the_test" not in json.dumps(seen)
    assert beyond.status_code == 404
    assert beyond.json()["type"] == "/problems/entry-not-found"


@pytest.mark.parametrize(
    "query",
    [
        {"rows": 0},
        {"after": -1},
        {"after": 2**31},
        {"after": "x"},
        {"since": "2026-11-03"},
        {"since": "yesterday"},
        {"order": "upwards"},
    ],
)
def test_a_malformed_question_is_told_what_would_be_right(
    client: TestClient, tenant: Tenant, query: dict[str, Any]
) -> None:
    answer = client.get("/v1/trail", params=query, headers=tenant.headers())

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == f"query.{next(iter(query))}"


@pytest.mark.parametrize(
    "query", ["from=0&to=1", "from=1", "to=1", "from=a&to=b", "from=2&to=1"]
)
def test_a_malformed_question_about_heads_is_refused(
    client: TestClient, tenant: Tenant, query: str
) -> None:
    answer = client.get(f"/v1/trail/consistency?{query}", headers=tenant.headers())

    assert answer.status_code == 422


@pytest.fixture
def three_days(database: Database, tenant: Tenant) -> datetime:
    """Three entries, one a day, by two actors; the first day is returned."""
    day = datetime(2026, 11, 20, 12, tzinfo=UTC)
    for number, actor in enumerate(["person_a", "person_b", "person_a"]):
        with (
            clock.set_to(lambda number=number: day + timedelta(days=number)),  # type: ignore[misc]
            database.writing() as session,
        ):
            trail.record(
                session,
                organisation_id=tenant.id,
                actor=actor,
                action="test.noted",
                subject_id=f"thing_{number}",
            )
            trail.seal(session)
    return day


def test_the_trail_is_narrowed_by_actor_and_by_time(
    client: TestClient, tenant: Tenant, three_days: datetime
) -> None:
    second = (three_days + timedelta(days=1)).isoformat()

    by_actor = get(client, tenant, "/v1/trail", actor="person_a")["items"]
    later = get(client, tenant, "/v1/trail", actor="person_a", since=second)["items"]
    newest = get(client, tenant, "/v1/trail", order="newest", rows=1, actor="person_b")

    assert [one["subject"] for one in by_actor] == ["thing_0", "thing_2"]
    assert [one["subject"] for one in later] == ["thing_2"]
    assert [one["subject"] for one in newest["items"]] == ["thing_1"]


@pytest.mark.parametrize("order", ["oldest", "newest"])
def test_pages_follow_each_other_without_a_gap(
    client: TestClient, tenant: Tenant, database: Database, order: str
) -> None:
    note_many(database, tenant, 7)
    path: str | None = f"/v1/trail?rows=3&order={order}"
    seen: list[int] = []

    while path is not None:
        page = get(client, tenant, path)
        seen += [entry["entry"] for entry in page["items"]]
        path = page["next"]

    assert len(seen) > 7
    assert sorted(seen) == list(range(1, len(seen) + 1))
    assert seen in (sorted(seen), sorted(seen, reverse=True))


def test_the_trail_is_a_csv_for_those_who_ask(
    client: TestClient, tenant: Tenant, database: Database
) -> None:
    with database.writing() as session:
        note(session, tenant, "=cmd()", amount=3)
        trail.seal(session)

    answer = client.get(
        "/v1/trail?order=newest&rows=1",
        headers={**tenant.headers(), "Accept": "text/csv"},
    )

    (row,) = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert answer.headers["content-type"].startswith("text/csv")
    assert row["subject"] == "'=cmd()"
    assert json.loads(row["facts"]) == {"amount": 3}


def test_a_proof_leads_from_the_entry_to_the_signed_head(
    client: TestClient, tenant: Tenant, stranger: Tenant, database: Database,
    sealing: Sealing,
) -> None:  # fmt: skip
    for count in (5, 2):
        note_many(database, tenant, count)
        note_many(database, stranger, count)
        seal(database, sealing)

    proof = get(client, tenant, "/v1/trail/4/proof")

    keys = get(client, tenant, "/.well-known/atalaya-trail-keys")["items"]
    public = bytes.fromhex(json.loads(keys[-1]["key"])["public_key"])
    statement, head = json.loads(proof["statement"]), json.loads(proof["head"]["head"])
    snapshot = json.loads(proof["head"]["snapshot"])
    digest = hashlib.sha256(proof["entry"].encode()).digest()
    merkle.verify_inclusion(
        merkle.leaf_hash(digest),
        proof["number"] - 1,
        statement["size"],
        unhex(proof["path"]),
        bytes.fromhex(statement["root"]),
    )
    merkle.verify_inclusion(
        merkle.leaf_hash(proof["statement"].encode()),
        proof["slot"],
        proof["organisations"],
        unhex(proof["statement_path"]),
        bytes.fromhex(snapshot["root"]),
    )
    merkle.verify_inclusion(
        merkle.leaf_hash(proof["head"]["snapshot"].encode()),
        snapshot["number"] - 1,
        head["number"],
        unhex(proof["log_path"]),
        bytes.fromhex(head["root"]),
    )
    assert is_signature(
        public,
        proof["head"]["head"].encode(),
        bytes.fromhex(proof["head"]["signature"]),
    )
    assert json.loads(proof["entry"])["organisation"] == str(tenant.id)
    assert str(stranger.id) not in json.dumps(proof)


def unhex(hashes: list[str]) -> list[bytes]:
    return [bytes.fromhex(one) for one in hashes]


def test_an_entry_that_is_not_sealed_has_no_proof_yet(
    client: TestClient, tenant: Tenant, database: Database, sealing: Sealing
) -> None:
    seal(database, sealing)
    note_many(database, tenant, 1)
    newest = get(client, tenant, "/v1/trail", order="newest", rows=1)["items"][0]

    answer = client.get(f"/v1/trail/{newest['entry']}/proof", headers=tenant.headers())

    assert answer.status_code == 409
    assert answer.json()["type"] == "/problems/entry-not-sealed"


def test_an_organisation_founded_after_the_newest_head_has_no_proof_yet(
    client: TestClient,
    tenant: Tenant,
    database: Database,
    sealing: Sealing,
    found_tenant: FoundTenant,
) -> None:
    note_many(database, tenant, 1)
    seal(database, sealing)
    newcomer = found_tenant("Una Recién Llegada")
    note_many(database, newcomer, 1)

    answer = client.get("/v1/trail/1/proof", headers=newcomer.headers())

    assert answer.status_code == 409
    assert answer.json()["type"] == "/problems/entry-not-sealed"


@pytest.mark.parametrize("number", ["0", "-1", "99999", str(2**70)])
def test_an_entry_that_is_not_there_is_not_found(
    client: TestClient, tenant: Tenant, number: str
) -> None:
    answer = client.get(f"/v1/trail/{number}/proof", headers=tenant.headers())

    assert answer.status_code == 404


def test_heads_are_shown_to_begin_each_other(
    client: TestClient, tenant: Tenant, database: Database, sealing: Sealing
) -> None:
    for _ in range(5):
        note_many(database, tenant, 1)
        seal(database, sealing)

    shown = get(client, tenant, "/v1/trail/consistency", **{"from": 2, "to": 5})
    missing = client.get(
        "/v1/trail/consistency?from=2&to=99999", headers=tenant.headers()
    )

    before, after = (json.loads(shown[name]["head"]) for name in ("before", "after"))
    merkle.verify_consistency(
        2,
        5,
        unhex(shown["proof"]),
        bytes.fromhex(before["root"]),
        bytes.fromhex(after["root"]),
    )
    assert missing.status_code == 404
    assert missing.json()["type"] == "/problems/head-not-found"


def test_an_export_is_checked_with_the_script_that_the_product_gives(
    client: TestClient, tenant: Tenant, stranger: Tenant, database: Database,
    sealing: Sealing,
) -> None:  # fmt: skip
    note_many(database, tenant, 4)
    seal(database, sealing)
    note_many(database, tenant, 2)

    answer = client.get("/v1/trail/export", headers=tenant.headers())

    report = verify(answer.content.splitlines(keepends=True))
    assert report.faults == []
    assert "are not sealed yet" in report.told("en")
    assert ".ndjson" in answer.headers["content-disposition"]
    assert str(stranger.id) not in answer.text


def test_an_export_leaves_nothing_behind(
    client: TestClient, tenant: Tenant, database: Database, sealing: Sealing,
    tmp_path: Path,
) -> None:  # fmt: skip
    seal(database, sealing)

    client.get("/v1/trail/export", headers=tenant.headers())

    assert list((tmp_path / "data/files/incoming").iterdir()) == []


def test_what_witnesses_need_is_open_to_anybody(
    client: TestClient, tenant: Tenant, database: Database, sealing: Sealing
) -> None:
    note_many(database, tenant, 1)
    seal(database, sealing)

    keys, heads, script = (client.get(path) for path in OPEN)

    head = json.loads(heads.json()["items"][0]["head"])
    assert [one.status_code for one in (keys, heads, script)] == [200] * 3
    assert keys.headers["access-control-allow-origin"] == "*"
    assert json.loads(keys.json()["items"][0]["key"])["ordinal"] == 1
    assert head["number"] == 1
    assert tenant.public_id not in heads.text + keys.text
    assert str(tenant.id) not in heads.text + keys.text
    assert script.content == Path(verify_trail.__file__).read_bytes()
    assert "private" not in json.dumps(keys.json()).lower()


def test_the_heads_are_listed_with_where_they_were_shown(
    client: TestClient, tenant: Tenant, database: Database, sealing: Sealing
) -> None:
    for _ in range(3):
        note_many(database, tenant, 1)
        seal(database, sealing)

    first = get(client, tenant, "/v1/trail/heads", rows=2)
    newest = get(client, tenant, "/v1/trail/heads", rows=1, order="newest")["items"]
    rest = get(client, tenant, first["next"])

    assert [one["number"] for one in first["items"]] == [1, 2]
    assert rest["items"][0]["number"] == 3
    assert newest[0]["number"] >= 3
    assert first["items"][0]["anchors"] == []
