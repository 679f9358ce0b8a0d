"""Visits of last year from other tools: read alike, taken in once, told row by row."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from sqlalchemy import inspect, text
from starlette.testclient import TestClient

from api.cli import main
from audits.submissions.models import SealedRecord
from compliance import limits
from compliance.database import Database
from compliance.identity.models import Role
from tests.conftest import FoundTenant, Tenant
from tests.exports import NUMBER, kobo_json, kobo_xlsx, last_year, odk_zip
from tests.field import Phone, publish, register_farm
from tests.jobs import wait_until

PATH = "/v1/visit-imports"
EXPORTS = {
    "kobo_json": kobo_json,
    "kobo_xlsx": kobo_xlsx,
    "odk_csv": odk_zip,
}
FORMATS = pytest.mark.parametrize("kind", list(EXPORTS))


@pytest.fixture
def farm(client: TestClient, tenant: Tenant) -> str:
    farm = register_farm(client, tenant)
    answer = client.post(
        f"/v1/sites/{farm}/identifiers",
        json={"scheme": "own_number", "value": NUMBER},
        headers=tenant.headers(),
    )
    assert answer.status_code == 200, answer.text
    publish(client, tenant, last_year())
    return farm


@pytest.fixture
def phone(client: TestClient, tenant: Tenant, farm: str) -> Phone:
    assert farm
    return Phone(client, tenant)


def imported(phone: Phone, content: bytes, kind: str, **wanted: Any) -> dict[str, Any]:
    """Upload an export and return the import when it has ended."""
    asked = {"checklist": "last_year", "format": kind, **wanted}
    answer = phone.client.post(
        PATH, params=asked, content=content, headers=phone.tenant.headers()
    )
    assert answer.status_code == 201, answer.text
    path = answer.headers["location"]
    wait_until(lambda: phone.get(path)["state"] in {"done", "failed"})
    found: dict[str, Any] = phone.get(path)
    return found


def rows(phone: Phone, ended: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = phone.get(f"{PATH}/{ended['id']}/rows")["items"]
    return found


@FORMATS
def test_visits_are_taken_in_as_if_a_phone_had_sent_them(
    phone: Phone, farm: str, kind: str
) -> None:
    ended = imported(phone, EXPORTS[kind](), kind)

    told = rows(phone, ended)
    assert ended["state"] == "done"
    assert ended["counts"] == {"new": 2, "known": 0, "waiting": 1, "refused": 1}
    assert (ended["rows"], ended["rows_done"]) == (4, 4)
    assert [one["state"] for one in told] == ["new", "new", "waiting", "refused"]
    first = phone.get(f"/v1/submissions/{told[0]['submission']}")
    assert first["site"] == farm
    assert first["observed_on"] == "2025-10-14"
    assert first["started_at"] == "2025-10-14T13:03:11+00:00"
    assert first["processing"] == "done"
    facts = phone.get(f"/v1/submissions/{first['id']}/facts")
    assert facts["faults"] == []
    assert facts["answers"]["facts"] == {"documents_held": True}
    assert [(one["age"], one["works"]) for one in facts["answers"]["children"]] == [
        (13, True),
        (9, False),
    ]


def test_nobody_is_told_of_each_visit_of_an_archive(phone: Phone) -> None:
    imported(phone, EXPORTS["kobo_json"](), "kobo_json")

    assert phone.get("/v1/alerts?event=visit_submitted", Role.REVIEWER)["items"] == []


def test_the_three_formats_tell_the_same(
    client: TestClient, found_tenant: FoundTenant
) -> None:
    told = []
    for number, (kind, export) in enumerate(EXPORTS.items()):
        tenant = found_tenant(f"Exportadora {number}")
        other = Phone(client, tenant)
        farm = register_farm(client, tenant)
        client.post(
            f"/v1/sites/{farm}/identifiers",
            json={"scheme": "own_number", "value": NUMBER},
            headers=tenant.headers(),
        )
        publish(client, tenant, last_year())
        first = rows(other, imported(other, export(), kind))[0]
        facts = other.get(f"/v1/submissions/{first['submission']}/facts")
        readable = client.get(
            f"/v1/submissions/{first['submission']}/original",
            headers=tenant.headers(),
        ).text
        told.append((facts["sha256"], "<reasons>ready lost</reasons>" in readable))

    assert len(set(told)) == 1
    assert told[0][1]


@FORMATS
def test_what_cannot_be_read_is_told_by_row_and_column_with_a_remedy(
    phone: Phone, kind: str
) -> None:
    ended = imported(phone, EXPORTS[kind](), kind)

    refused = rows(phone, ended)[3]
    columns = {
        one["column"].rpartition("/")[2].rpartition(":")[2] for one in refused["notes"]
    }
    assert refused["submission"] is None
    assert {one.rpartition("-")[2] for one in columns} == {
        "observed_on",
        "papers",
        "age",
    }
    assert all(one["message"] and one["remedy"] for one in refused["notes"])


@FORMATS
def test_the_same_export_again_changes_nothing(phone: Phone, kind: str) -> None:
    imported(phone, EXPORTS[kind](), kind)
    before = phone.submissions()

    again = imported(phone, EXPORTS[kind](), kind)

    assert again["counts"] == {"new": 0, "known": 3, "waiting": 0, "refused": 1}
    assert phone.submissions() == before


def test_a_dry_run_says_the_same_and_takes_nothing_in(phone: Phone) -> None:
    dry = imported(phone, kobo_json(), "kobo_json", dry_run=True)

    assert dry["dry_run"]
    assert dry["counts"] == {"new": 2, "known": 0, "waiting": 1, "refused": 1}
    assert phone.submissions() == []


def test_a_column_nobody_asked_is_noticed_once(phone: Phone) -> None:
    ended = imported(phone, kobo_json(), "kobo_json", dry_run=True)

    assert [one["column"] for one in ended["notices"]] == ["roof_colour"]


def test_what_people_were_called_is_sealed_and_the_file_forgotten(
    phone: Phone, database: Database, tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    for kind, export in EXPORTS.items():
        imported(phone, export(), kind)

    told = []
    with database.reading() as session:
        assert session.query(SealedRecord).count() == 3
        for table in inspect(database.engine).get_table_names():
            for row in session.execute(text(f'SELECT * FROM "{table}"')):  # noqa: S608 - our own tables
                told += [
                    table
                    for value in row
                    if b"Planted"
                    in (value if isinstance(value, bytes) else str(value).encode())
                ]
        unread = session.execute(
            text(
                "SELECT count(*) FROM visit_import JOIN sealed_key"
                " ON sealed_key.id = visit_import.key_id"
            )
        ).scalar_one()
    files = [one for one in (tmp_path / "data").rglob("*") if one.is_file()]
    assert told == []
    assert unread == 0
    assert [one for one in files if b"Planted" in one.read_bytes()] == []
    assert "Planted" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("kind", "content", "reason"),
    [
        ("kobo_json", b"{", "not JSON"),
        ("kobo_json", b'{"detail": "Not found."}', "no list of visits"),
        ("odk_csv", b"PK\x03\x04 nothing", "damaged"),
        ("odk_csv", odk_zip(last_year=b"a,b\n1,2\n"), "column KEY"),
    ],
)
def test_a_file_that_is_no_export_fails_and_says_why(
    phone: Phone, kind: str, content: bytes, reason: str
) -> None:
    ended = imported(phone, content, kind)

    assert ended["state"] == "failed"
    assert reason in ended["problem"]["detail"]
    assert phone.submissions() == []


def test_a_workbook_that_is_a_bomb_is_refused_at_once(phone: Phone) -> None:
    answer = phone.client.post(
        PATH,
        params={"checklist": "last_year", "format": "kobo_xlsx"},
        content=odk_zip(last_year=b"0" * 30_000_000),
        headers=phone.tenant.headers(),
    )

    assert answer.status_code == 413
    assert phone.get(PATH)["items"] == []


def test_more_visits_than_one_step_takes_are_taken_in_by_several(phone: Phone) -> None:
    many = 2 * limits.VISITS_AT_ONCE + 5
    told = [{"_uuid": str(UUID(int=one)), "papers": "no"} for one in range(1, many + 1)]

    ended = imported(phone, json.dumps(told).encode(), "kobo_json", dry_run=True)

    assert (ended["rows"], ended["rows_done"]) == (many, many)
    assert ended["counts"]["waiting"] == many


def test_the_command_takes_visits_in_and_says_what_it_could_not_read(
    phone: Phone,
    app: FastAPI,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    settings = app.state.service.settings
    monkeypatch.setenv("ATALAYA_DATABASE_URL", str(settings.database_url))
    monkeypatch.setenv("ATALAYA_DATA", str(settings.data))
    file = tmp_path / "kobo.json"
    file.write_bytes(kobo_json())
    asked = [
        "import-visits",
        str(file),
        "--checklist",
        "last_year",
        "--format",
        "kobo_json",
    ]

    codes = [main([*asked, "--dry-run"]), main(asked), main(asked)]

    said = capsys.readouterr().out
    assert codes == [1, 1, 1]  # one of the visits is refused each time
    assert "A dry run: nothing was taken in." in said
    assert "row 4, column observed_on: The value is not a day" in said
    assert "4 visits: 2 new, 0 known already, 1 waiting for a site, 1 refused." in said
    assert "4 visits: 0 new, 3 known already, 0 waiting for a site, 1 refused." in said
    assert len(phone.submissions()) == 3


def test_entries_without_their_visit_are_told(phone: Phone) -> None:
    lost = b"age,works,PARENT_KEY,KEY\n7,no,uuid:nobody,uuid:nobody/children[1]\n"

    ended = imported(phone, odk_zip(last_year_children=lost), "odk_csv", dry_run=True)

    assert ended["notices"][0]["column"] == "last_year-children.csv"
    assert "1 entries" in ended["notices"][0]["message"]


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"checklist": "unheard_of", "format": "kobo_json"}, 404),
        ({"checklist": "last_year", "format": "kobo_json", "version": "9"}, 404),
        ({"checklist": "last_year", "format": "survey_solutions"}, 422),
        ({"format": "kobo_json"}, 422),
    ],
)
def test_what_is_not_there_or_not_known_is_told_at_once(
    phone: Phone, asked: dict[str, str], status: int
) -> None:
    answer = phone.client.post(
        PATH, params=asked, content=kobo_json(), headers=phone.tenant.headers()
    )

    assert answer.status_code == status


def test_importing_needs_a_key_and_both_roles(
    client: TestClient, tenant: Tenant, stranger: Tenant, phone: Phone
) -> None:
    ended = imported(phone, kobo_json(), "kobo_json", dry_run=True)
    asked = {"checklist": "last_year", "format": "kobo_json"}
    one = f"{PATH}/{ended['id']}"

    assert client.get(one).status_code == 401
    assert client.post(PATH, params=asked, content=b"[]").status_code == 401
    for role in (Role.AUDITOR, Role.REVIEWER, Role.ANALYST):
        headers = tenant.headers(role)
        told = client.post(PATH, params=asked, content=b"[]", headers=headers)
        assert (told.status_code, client.get(one, headers=headers).status_code) == (
            403,
            403,
        )
    for path in (one, f"{one}/rows"):
        assert client.get(path, headers=stranger.headers()).status_code == 404
    assert client.get(PATH, headers=stranger.headers()).json()["items"] == []
