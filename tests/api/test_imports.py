"""Lists over HTTP: uploaded, looked at, decided about, taken over once."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from starlette.testclient import TestClient

from compliance import limits
from compliance.database import Database
from compliance.identity.models import Role
from compliance.registry.models import Plot, Site
from compliance.trail import TrailEntry
from tests.conftest import Tenant
from tests.importing import confirm, list_of, producers, read, rows_of, settled, upload

TWINS = list_of(
    "El Recuerdo,Colombia,Planadas",
    "Finca el recuerdo,CO,PLANADAS",
    "La Palma,CO,Gaitania",
)
CHANGES: list[tuple[str, str, Any]] = [
    ("PUT", "/columns", {"columns": {"name": "name", "country": "country"}}),
    ("PUT", "/rows/3/decision", {"choice": "new"}),
    ("POST", "/decisions", {"choice": "skip"}),
    ("POST", "/confirm", {"undecided": "skip"}),
    ("POST", "/cancel", None),
    ("POST", "/resume", None),
]
READS = ["", "/rows", "/rows/3", "/report.csv", "/manifest"]


@pytest.fixture
def ready(client: TestClient, tenant: Tenant) -> dict[str, Any]:
    """A list that was read and waits for decisions."""
    return upload(client, tenant, TWINS)


def decide(
    client: TestClient, tenant: Tenant, site_import: str, number: int, **body: Any
) -> Any:
    return client.put(
        f"/v1/imports/{site_import}/rows/{number}/decision",
        json=body,
        headers=tenant.headers(),
    )


def trail_of(database: Database, subject: str) -> list[dict[str, Any]]:
    with database.reading(system=True) as session:
        leaves = session.scalars(
            select(TrailEntry.leaf)
            .where(TrailEntry.subject_id == subject)
            .order_by(TrailEntry.sequence)
        )
        return [json.loads(leaf) for leaf in leaves]


@pytest.mark.parametrize("path", READS)
def test_reading_needs_a_key(
    client: TestClient, ready: dict[str, Any], path: str
) -> None:
    assert client.get(f"/v1/imports/{ready['id']}{path}").status_code == 401


@pytest.mark.parametrize(("method", "path", "body"), CHANGES)
def test_changing_needs_a_key(
    client: TestClient, ready: dict[str, Any], method: str, path: str, body: Any
) -> None:
    address = f"/v1/imports/{ready['id']}{path}"

    assert client.request(method, address, json=body).status_code == 401


def test_uploading_needs_a_key_and_a_role_that_changes_the_register(
    client: TestClient, tenant: Tenant, tmp_path: Path
) -> None:
    path = "/v1/imports?name=list.csv"

    assert client.post(path, content=TWINS).status_code == 401
    answer = client.post(path, content=TWINS, headers=tenant.headers(Role.ANALYST))
    assert answer.status_code == 403
    digest = hashlib.sha256(TWINS).hexdigest()
    assert not list((tmp_path / "data" / "files").rglob(digest))


@pytest.mark.parametrize("path", READS)
def test_another_organisation_finds_nothing(
    client: TestClient, ready: dict[str, Any], stranger: Tenant, path: str
) -> None:
    answer = client.get(f"/v1/imports/{ready['id']}{path}", headers=stranger.headers())

    assert answer.status_code == 404


@pytest.mark.parametrize(("method", "path", "body"), CHANGES)
def test_another_organisation_changes_nothing(
    client: TestClient,
    tenant: Tenant,
    ready: dict[str, Any],
    stranger: Tenant,
    method: str,
    path: str,
    body: Any,
) -> None:
    address = f"/v1/imports/{ready['id']}{path}"

    answer = client.request(method, address, json=body, headers=stranger.headers())

    assert answer.status_code == 404
    assert read(client, tenant, f"/v1/imports/{ready['id']}")["state"] == "ready"


@pytest.mark.parametrize(("method", "path", "body"), CHANGES)
def test_a_role_that_only_reads_changes_nothing(
    client: TestClient,
    tenant: Tenant,
    ready: dict[str, Any],
    method: str,
    path: str,
    body: Any,
) -> None:
    address = f"/v1/imports/{ready['id']}{path}"

    answer = client.request(
        method, address, json=body, headers=tenant.headers(Role.ANALYST)
    )

    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/columns", {"columns": {"nom": "name"}}),
        ("/columns", {"columns": {"name": "nom"}}),
        ("/columns", {"columns": {"name": ""}}),
        ("/columns", {}),
        ("/rows/3/decision", {"choice": "perhaps"}),
        ("/rows/3/decision", {"choice": "same_as", "row": 3}),
        ("/rows/3/decision", {"choice": "same_as", "row": 4}),
        ("/rows/3/decision", {"choice": "same_as", "row": 2, "site": "site_x"}),
        ("/rows/4/decision", {"choice": "same_as"}),
    ],
)
def test_what_cannot_be_meant_is_told(
    client: TestClient, tenant: Tenant, ready: dict[str, Any], path: str, body: Any
) -> None:
    answer = client.put(
        f"/v1/imports/{ready['id']}{path}", json=body, headers=tenant.headers()
    )

    assert answer.status_code == 422, answer.text


@pytest.mark.parametrize("row", ["0", "1", "5", "99999999999", "-1"])
def test_a_row_that_is_not_there_is_not_found(
    client: TestClient, tenant: Tenant, ready: dict[str, Any], row: str
) -> None:
    answer = client.get(
        f"/v1/imports/{ready['id']}/rows/{row}", headers=tenant.headers()
    )

    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("content", "status"), [(b"", 422), (b"%PDF-1.7 ...", 415), (b"<html>", 422)]
)
def test_what_is_no_list_is_refused_at_the_door(
    client: TestClient, tenant: Tenant, content: bytes, status: int
) -> None:
    answer = client.post(
        "/v1/imports?name=x.csv", content=content, headers=tenant.headers()
    )

    assert answer.status_code == status
    assert read(client, tenant, "/v1/imports")["items"] == []


def test_a_list_over_the_limit_is_refused(
    client: TestClient, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "IMPORT_BYTES", 50)

    answer = client.post(
        "/v1/imports?name=x.csv", content=TWINS, headers=tenant.headers()
    )

    assert answer.status_code == 413
    assert answer.json()["limit"] == 50


def test_a_dry_run_tells_new_perhaps_and_why_and_registers_nothing(
    client: TestClient, tenant: Tenant, ready: dict[str, Any]
) -> None:
    rows = rows_of(client, tenant, ready["id"])

    assert ready["state"] == "ready"
    assert [row["state"] for row in rows] == ["new", "perhaps", "new"]
    assert rows[1]["candidates"] == [
        {
            "site": None,
            "row": 2,
            "name": "El Recuerdo",
            "score": 98,
            "reasons": ["names alike, 100 of 100", "the same municipality"],
        }
    ]
    assert ready["counts"]["undecided"] == 1
    assert producers(client, tenant) == []


def test_undecided_rows_stop_the_import_until_they_are_skipped_on_purpose(
    client: TestClient, tenant: Tenant, ready: dict[str, Any]
) -> None:
    refused = client.post(
        f"/v1/imports/{ready['id']}/confirm", json={}, headers=tenant.headers()
    )
    done = confirm(client, tenant, ready["id"], undecided="skip")

    assert refused.status_code == 409
    assert refused.json()["type"] == "/problems/rows-undecided"
    assert done["state"] == "applied"
    assert (done["counts"]["made"], done["counts"]["matched"]) == (2, 0)
    assert len(producers(client, tenant)) == 2


@pytest.mark.parametrize(
    ("body", "made", "matched"),
    [
        ({"choice": "new"}, 3, 0),
        ({"choice": "same_as"}, 2, 1),
        ({"choice": "same_as", "row": 2}, 2, 1),
        ({"choice": "skip"}, 2, 0),
    ],
)
def test_a_decision_is_carried_out(
    client: TestClient,
    tenant: Tenant,
    ready: dict[str, Any],
    body: dict[str, Any],
    made: int,
    matched: int,
) -> None:
    answer = decide(client, tenant, ready["id"], 3, **body)
    done = confirm(client, tenant, ready["id"])

    assert answer.status_code == 200, answer.text
    assert (done["counts"]["made"], done["counts"]["matched"]) == (made, matched)
    assert len(producers(client, tenant)) == made


def test_a_decision_can_be_taken_back(
    client: TestClient, tenant: Tenant, ready: dict[str, Any]
) -> None:
    decide(client, tenant, ready["id"], 3, choice="new")
    answer = decide(client, tenant, ready["id"], 3, choice=None)

    assert answer.json()["choice"] is None
    counts = read(client, tenant, f"/v1/imports/{ready['id']}")["counts"]
    assert counts["undecided"] == 1


def test_many_rows_are_decided_alike_by_their_likeness(
    client: TestClient, tenant: Tenant
) -> None:
    found = upload(
        client,
        tenant,
        list_of(
            "El Recuerdo,CO,Planadas",
            "El Recuerdo,CO,Planadas",
            "El Recuerdito,CO,Planadas",
        ),
    )

    def together(score: int) -> Any:
        return client.post(
            f"/v1/imports/{found['id']}/decisions",
            json={"choice": "same_as", "least_score": score},
            headers=tenant.headers(),
        )

    assert together(98).json() == {"rows": 1}
    assert together(0).json() == {"rows": 1}
    assert together(0).json() == {"rows": 0}
    assert confirm(client, tenant, found["id"])["counts"]["made"] == 1


def test_a_row_that_is_the_same_as_one_left_out_is_left_out_with_it(
    client: TestClient, tenant: Tenant, ready: dict[str, Any]
) -> None:
    decide(client, tenant, ready["id"], 2, choice="skip")
    decide(client, tenant, ready["id"], 3, choice="same_as", row=2)
    done = confirm(client, tenant, ready["id"])

    assert (done["counts"]["made"], done["counts"]["matched"]) == (1, 0)


def test_the_same_list_again_makes_nothing(
    client: TestClient, tenant: Tenant, ready: dict[str, Any]
) -> None:
    decide(client, tenant, ready["id"], 3, choice="new")
    confirm(client, tenant, ready["id"])
    again = upload(client, tenant, TWINS)
    done = confirm(client, tenant, again["id"])

    assert again["counts"]["same"] == 3
    assert (done["counts"]["made"], done["counts"]["matched"]) == (0, 3)
    assert len(producers(client, tenant)) == 3


def test_two_dry_runs_of_one_list_make_its_sites_once(
    client: TestClient, tenant: Tenant
) -> None:
    first, second = upload(client, tenant, TWINS), upload(client, tenant, TWINS)
    for found in (first, second):
        decide(client, tenant, found["id"], 3, choice="new")
    made = confirm(client, tenant, first["id"])["counts"]["made"]
    made_again = confirm(client, tenant, second["id"])["counts"]["made"]

    assert (made, made_again) == (3, 0)
    assert len(producers(client, tenant)) == 3


def test_a_row_that_was_left_out_is_asked_about_again_and_not_registered(
    client: TestClient, tenant: Tenant, ready: dict[str, Any]
) -> None:
    decide(client, tenant, ready["id"], 2, choice="skip")
    confirm(client, tenant, ready["id"], undecided="skip")
    alone = upload(client, tenant, list_of("Finca el recuerdo,CO,PLANADAS"))
    row = rows_of(client, tenant, alone["id"])[0]
    done = confirm(client, tenant, alone["id"], undecided="skip")

    assert row["state"] == "perhaps"
    assert "left out before" in row["candidates"][0]["reasons"][0]
    assert done["counts"]["made"] == 0


def test_the_same_rows_in_another_order_and_format_make_nothing(
    client: TestClient, tenant: Tenant
) -> None:
    confirm(client, tenant, upload(client, tenant, TWINS)["id"], undecided="skip")
    other = list_of(
        "Gaitania;LA PALMA;Colombia",
        "Planadas; El  Recuerdo;colombia",
        heading="Municipio;Finca;País",
    )
    again = upload(client, tenant, other)

    assert again["counts"]["same"] == 2
    assert confirm(client, tenant, again["id"])["counts"]["made"] == 0


def test_a_number_makes_two_the_same_and_an_unlike_name_is_asked_about(
    client: TestClient, tenant: Tenant
) -> None:
    heading = "name,country,farm code"
    first = upload(client, tenant, list_of("El Cedro,CO,F-1", heading=heading))
    confirm(client, tenant, first["id"])
    found = upload(client, tenant, list_of("Bellavista,CO,F-1", heading=heading))
    row = rows_of(client, tenant, found["id"])[0]

    assert row["state"] == "same"
    assert [note["code"] for note in row["notes"]] == ["name_differs"]
    refused = decide(client, tenant, found["id"], 2, choice="new")
    assert refused.status_code == 409
    assert refused.json()["type"] == "/problems/same-by-number"


def test_a_number_taken_since_the_dry_run_makes_no_second_site(
    client: TestClient, tenant: Tenant
) -> None:
    heading = "name,country,farm code"
    found = upload(client, tenant, list_of("El Cedro,CO,F-1", heading=heading))
    farm = {
        "name": "El Cedro",
        "country": "CO",
        "commodity": "coffee",
        "identifiers": [{"scheme": "own_number", "value": "F-1"}],
    }
    client.post("/v1/producers", json=farm, headers=tenant.headers())
    done = confirm(client, tenant, found["id"])

    assert (done["counts"]["made"], done["counts"]["matched"]) == (0, 1)
    assert len(producers(client, tenant)) == 1


def test_a_registered_site_is_proposed_and_never_taken_by_itself(
    client: TestClient, tenant: Tenant
) -> None:
    farm = {
        "name": "Hacienda La Esperanza",
        "country": "CO",
        "commodity": "coffee",
        "municipality": "Planadas",
    }
    made = client.post("/v1/producers", json=farm, headers=tenant.headers()).json()
    found = upload(client, tenant, list_of("La Esperansa,CO,Planadas"))
    row = rows_of(client, tenant, found["id"], "&undecided=true")[0]

    assert row["state"] == "perhaps"
    assert row["candidates"][0]["site"] == made["id"]


def test_a_refused_row_cannot_be_decided_into_the_register(
    client: TestClient, tenant: Tenant
) -> None:
    found = upload(client, tenant, list_of("various,CO,x", "El Cedro,Atlantis,x"))
    answer = decide(client, tenant, found["id"], 2, choice="new")

    assert answer.status_code == 409
    done = confirm(client, tenant, found["id"])
    assert done["counts"]["refused"] == 2
    assert producers(client, tenant) == []


def test_columns_are_asked_for_once_and_remembered(
    client: TestClient, tenant: Tenant
) -> None:
    odd = list_of("El Cedro,CO,7", heading="Betrieb,Land,Nr")
    found = upload(client, tenant, odd)
    answer = client.put(
        f"/v1/imports/{found['id']}/columns",
        json={"columns": {"name": "Betrieb", "country": "Land"}},
        headers=tenant.headers(),
    )
    mapped = settled(client, tenant, found["id"])
    again = upload(client, tenant, odd)

    assert found["state"] == "mapping"
    assert found["problem"]["type"] == "/problems/columns-missing"
    assert answer.status_code == 200
    assert (mapped["state"], mapped["counts"]["new"]) == ("ready", 1)
    assert (again["state"], again["columns_source"]) == ("ready", "remembered")


def test_what_columns_mean_is_remembered_for_one_organisation_only(
    client: TestClient, tenant: Tenant, stranger: Tenant
) -> None:
    odd = list_of("El Cedro,CO,7", heading="Betrieb,Land,Nr")
    found = upload(client, tenant, odd)
    client.put(
        f"/v1/imports/{found['id']}/columns",
        json={"columns": {"name": "Betrieb", "country": "Land"}},
        headers=tenant.headers(),
    )

    assert upload(client, stranger, odd)["state"] == "mapping"


def test_one_country_can_hold_for_a_whole_list(
    client: TestClient, tenant: Tenant
) -> None:
    found = upload(
        client, tenant, list_of("El Cedro", "El Nogal", heading="name"), country="CO"
    )

    assert found["counts"]["new"] == 2


def test_a_list_that_cannot_be_read_says_why_in_the_readers_language(
    client: TestClient, tenant: Tenant
) -> None:
    found = upload(client, tenant, b"PK\x03\x04 this is no workbook", "list.xlsx")

    assert found["state"] == "failed"
    assert found["problem"]["type"] == "/problems/list-unreadable"
    assert "save it again" in found["problem"]["detail"]


def test_a_cancelled_import_takes_nothing_over(
    client: TestClient, tenant: Tenant, ready: dict[str, Any]
) -> None:
    address = f"/v1/imports/{ready['id']}"
    answer = client.post(f"{address}/cancel", headers=tenant.headers())
    refused = client.post(
        f"{address}/confirm", json={"undecided": "skip"}, headers=tenant.headers()
    )

    assert answer.json()["state"] == "cancelled"
    assert refused.status_code == 409
    assert decide(client, tenant, ready["id"], 3, choice="new").status_code == 409
    assert producers(client, tenant) == []


def test_the_trail_has_one_entry_with_the_hash_of_the_manifest(
    client: TestClient, tenant: Tenant, ready: dict[str, Any], database: Database
) -> None:
    done = confirm(client, tenant, ready["id"], undecided="skip")
    manifest = client.get(
        f"/v1/imports/{ready['id']}/manifest", headers=tenant.headers()
    ).content
    entries = trail_of(database, ready["id"])
    site = producers(client, tenant)[0]

    applied = [one for one in entries if one["action"] == "import.applied"]
    assert len(applied) == 1
    assert applied[0]["facts"]["made"] == 2
    assert applied[0]["facts"]["manifest_sha256"] == done["manifest_sha256"]
    assert hashlib.sha256(manifest).hexdigest() == done["manifest_sha256"]
    assert site["id"].encode() in manifest
    of_site = {one["action"] for one in trail_of(database, site["id"])}
    assert of_site <= {"risk.changed"}
    came_from = read(client, tenant, f"/v1/imports?site={site['id']}")["items"]
    assert [one["id"] for one in came_from] == [ready["id"]]
    assert site["source_reference"] == ready["id"]


def test_a_manifest_is_there_only_when_rows_were_taken_over(
    client: TestClient, tenant: Tenant, ready: dict[str, Any]
) -> None:
    answer = client.get(f"/v1/imports/{ready['id']}/manifest", headers=tenant.headers())

    assert answer.status_code == 409


def test_the_report_gives_every_cell_back_and_runs_no_formula(
    client: TestClient, tenant: Tenant
) -> None:
    found = upload(
        client, tenant, list_of('"=1+1",CO,-', "+57 El Cedro,CO,@x", "El Nogal,CO,-5")
    )
    report = client.get(
        f"/v1/imports/{found['id']}/report.csv", headers=tenant.headers()
    )
    lines = report.text.removeprefix("\ufeff").splitlines()

    assert report.headers["content-disposition"].startswith("attachment")
    assert lines[0].endswith("name,country,municipality")
    assert lines[1].endswith("'=1+1,CO,-")
    assert lines[2].endswith("'+57 El Cedro,CO,'@x")
    assert lines[3].endswith("El Nogal,CO,'-5")


def test_rows_are_paged_filtered_and_exported(
    client: TestClient, tenant: Tenant, ready: dict[str, Any]
) -> None:
    address = f"/v1/imports/{ready['id']}/rows"
    page = client.get(f"{address}?rows=2", headers=tenant.headers())
    rest = client.get(page.json()["next"], headers=tenant.headers()).json()
    new = rows_of(client, tenant, ready["id"], "&state=new")
    sheet = client.get(address, headers={**tenant.headers(), "Accept": "text/csv"})

    assert [row["row"] for row in page.json()["items"]] == [2, 3]
    assert [row["row"] for row in rest["items"]] == [4]
    assert [row["row"] for row in new] == [2, 4]
    assert len(sheet.text.splitlines()) == 4


def test_geojson_brings_points_and_plots(
    client: TestClient, tenant: Tenant, database: Database
) -> None:
    square = [[-75.6, 3.2], [-75.59, 3.2], [-75.59, 3.21], [-75.6, 3.21], [-75.6, 3.2]]
    crossed = [[-75.6, 3.2], [-75.59, 3.21], [-75.59, 3.2], [-75.6, 3.21], [-75.6, 3.2]]
    features = [
        ("El Cedro", {"type": "Point", "coordinates": [-75.6, 3.2]}),
        ("El Nogal", {"type": "Polygon", "coordinates": [square]}),
        ("El Samán", {"type": "Polygon", "coordinates": [crossed]}),
        ("El Yarumo", {"type": "LineString", "coordinates": square}),
    ]
    content = json.dumps(
        {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "properties": {"name": name, "country": "CO"},
                    "geometry": geometry,
                }
                for name, geometry in features
            ],
        }
    )
    found = upload(client, tenant, content.encode(), "farms.geojson")
    rows = rows_of(client, tenant, found["id"])
    confirm(client, tenant, found["id"])

    codes = [[note["code"] for note in row["notes"]] for row in rows]
    assert codes == [[], [], ["geometry_refused"], ["geometry_kind"]]
    assert rows[1]["understood"]["latitude"] == 3.205
    with database.reading(system=True) as session:
        plots = session.execute(
            select(Site.name, Plot.kind).join(Plot, Plot.site_id == Site.id)
        ).all()
    assert [tuple(plot) for plot in plots] == [("El Nogal", "polygon")]


def test_an_idempotency_key_makes_a_repeated_upload_one_import(
    client: TestClient, tenant: Tenant
) -> None:
    headers = {**tenant.headers(), "Idempotency-Key": "k"}
    path = "/v1/imports?name=list.csv"
    first = client.post(path, content=TWINS, headers=headers)
    second = client.post(path, content=TWINS, headers=headers)
    other = client.post(path, content=TWINS + b"\n", headers=headers)

    assert first.json()["id"] == second.json()["id"]
    assert other.status_code == 409


def test_a_failed_step_is_resumed_only_when_there_is_one(
    client: TestClient, tenant: Tenant, ready: dict[str, Any]
) -> None:
    answer = client.post(f"/v1/imports/{ready['id']}/resume", headers=tenant.headers())

    assert answer.status_code == 409


def test_the_lists_of_others_are_compared_with_theirs_alone(
    client: TestClient, tenant: Tenant, stranger: Tenant, database: Database
) -> None:
    confirm(client, stranger, upload(client, stranger, TWINS)["id"], undecided="skip")
    mine = upload(client, tenant, TWINS)
    confirm(client, tenant, mine["id"], undecided="skip")

    assert mine["counts"]["new"] == 2
    with database.reading(system=True) as session:
        assert session.scalar(select(func.count()).select_from(Site)) == 4
