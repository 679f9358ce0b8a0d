"""Names, numbers and birth dates of people: sealed, and nowhere else in any form."""

import logging
import uuid
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from starlette.testclient import TestClient

from audits.submissions.models import SealedAnswer, SealedRecord, SealedRefusal
from audits.submissions.sealed import (
    answer_place,
    original_of,
    refused_original_of,
)
from compliance.database import Database
from compliance.identity.models import Role
from compliance.sealing import Keyring, SealBroken, data_key, rewrap, unseal
from tests.conftest import Tenant
from tests.field import Phone, publish, register_farm
from tests.home_visits import (
    CHILD_ID,
    FILES,
    PLANTED,
    columns,
    home_visit,
    leaks,
    sealing_workbook,
)


@pytest.fixture
def phone(client: TestClient, tenant: Tenant) -> Phone:
    publish(client, tenant, sealing_workbook())
    return Phone(client, tenant)


@pytest.fixture
def farm(client: TestClient, tenant: Tenant) -> str:
    return register_farm(client, tenant)


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    return Keyring(tmp_path / "data" / "sealing_keys.json")


def test_nothing_planted_is_told_by_any_answer_page_log_column_or_file(
    phone: Phone,
    farm: str,
    database: Database,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    told = phone.send(home_visit(farm), FILES)
    other = phone.send(home_visit(farm, doctor="Otro Planted"))
    waiting = phone.send(home_visit("nowhere", instance_id="uuid:2"))
    (kept, _), (refused,) = phone.submissions(), phone.refused()
    one = f"/v1/submissions/{kept['id']}"
    files = phone.attachments(kept["id"])
    paths = [
        "/v1/submissions",
        "/v1/submissions?format=csv",
        one,
        f"{one}/facts",
        f"{one}/original",
        f"{one}/attachments",
        f"{one}/verdicts",
        f"/v1/refused-submissions/{refused['id']}/original",
        "/v1/refused-submissions",
        "/v1/audits",
        f"/v1/audits/{kept['audit']}",
        "/v1/findings",
        "/v1/jobs",
        "/v1/trail",
        f"/sites/{farm}",
        f"/submissions/{kept['id']}",
        "/submissions",
        *(f"/v1/attachments/{file['id']}" for file in files["items"]),
        *(f"/v1/attachments/{file['id']}/derivative" for file in files["items"]),
        *(f"{one}/attachments/{file['id']}" for file in files["items"]),
    ]

    answers = [phone.client.get(path, headers=phone.tenant.headers()) for path in paths]

    assert (told.status, other.status, waiting.status) == (201, 409, 202)
    assert [
        (one.url.path, leaks(one.content)) for one in answers if leaks(one.content)
    ] == []
    assert [
        table for table, row in columns(database) if leaks(list(row.values()))
    ] == []
    assert (
        leaks(
            [
                bytes(v)
                for _, row in columns(database)
                for v in row.values()
                if isinstance(v, bytes | memoryview)
            ]
        )
        == []
    )
    stored = [one for one in (tmp_path / "data").rglob("*") if one.is_file()]
    assert [one.name for one in stored if leaks(one.read_bytes())] == []
    assert leaks(capsys.readouterr().out) == []
    assert leaks(caplog.text) == []


def test_what_names_nobody_stays_readable(phone: Phone, farm: str) -> None:
    phone.send(home_visit(farm), FILES)
    (kept,) = phone.submissions()

    readable = phone.client.get(
        f"/v1/submissions/{kept['id']}/original", headers=phone.tenant.headers()
    ).text
    facts = phone.get(f"/v1/submissions/{kept['id']}/facts")

    assert "<remarks>A tidy farm</remarks>" in readable
    assert "<papers>yes</papers>" in readable
    assert '<child_name sealed="child"/>' in readable
    assert '<phone sealed="third_party"/>' in readable
    assert f"<child_id>{CHILD_ID}</child_id>" in readable
    assert facts["answers"]["children"] == [{"key": CHILD_ID, "age": 13, "works": None}]


def test_an_answer_about_a_person_that_cannot_be_read_is_not_repeated(
    phone: Phone, farm: str
) -> None:
    phone.send(home_visit(farm))
    (kept,) = phone.submissions()

    (fault,) = phone.get(f"/v1/submissions/{kept['id']}/facts")["faults"]

    assert fault["path"].endswith("/children/works")
    assert fault["given"] == ""
    assert "about a person" in fault["message"]


def test_the_original_opens_to_the_byte_and_each_answer_by_itself(
    phone: Phone, farm: str, database: Database, keyring: Keyring
) -> None:
    xml = home_visit(farm)
    phone.send(xml)

    with database.reading() as session:
        record = session.scalars(select(SealedRecord)).one()
        sealed = session.scalars(select(SealedAnswer)).all()
        original = original_of(session, keyring, record.submission_id)
        key = data_key(session, keyring, record.key_id)
    opened = {
        one.path.rpartition("/")[2]: unseal(
            key.secret,
            one.sealed,
            answer_place(one.submission_id, one.path, one.entry),
        ).decode()
        for one in sealed
    }

    assert original == xml
    assert opened == {
        **{
            name: PLANTED[name]
            for name in (
                "doctor",
                "worker_name",
                "portrait",
                "child_name",
                "birth_date",
                "phone",
                "works",
            )
        },
        "age": "13",
    }
    assert {one.kind for one in sealed} == {"child", "worker", "third_party"}
    assert {one.entry for one in sealed if "/children/" in one.path} == {"1"}


def test_refused_answers_open_to_the_byte(
    phone: Phone, farm: str, database: Database, keyring: Keyring
) -> None:
    other = home_visit(farm, doctor="Another")
    phone.send(home_visit(farm))
    phone.send(other)

    with database.reading() as session:
        refused_id = session.scalars(select(SealedRefusal.refused_id)).one()
        assert refused_original_of(session, keyring, refused_id) == other


@pytest.mark.parametrize(
    "table", ["sealed_record", "sealed_answer", "sealed_refusal", "sealed_file"]
)
def test_what_is_sealed_is_never_changed(
    phone: Phone, farm: str, database: Database, table: str
) -> None:
    phone.send(home_visit(farm), FILES)
    phone.send(home_visit(farm, doctor="Another"))

    for change in (f"DELETE FROM {table}", f"UPDATE {table} SET owner_id = owner_id"):  # noqa: S608 - names of our own
        with (
            database.engine.connect() as connection,
            pytest.raises(DBAPIError, match=f"rows of {table} are evidence"),
        ):
            connection.execute(text(change))


def test_a_sealed_answer_opens_at_no_other_place(
    phone: Phone, farm: str, database: Database, keyring: Keyring
) -> None:
    phone.send(home_visit(farm))
    with database.reading() as session:
        record = session.scalars(select(SealedRecord)).one()
        answer = session.scalars(select(SealedAnswer)).first()
        key = data_key(session, keyring, record.key_id)
    assert answer is not None

    for place in (
        answer_place(answer.submission_id, "/data/doctor2", answer.entry),
        answer_place(uuid.UUID(int=1), answer.path, answer.entry),
        answer_place(answer.submission_id, answer.path, "9"),
    ):
        with pytest.raises(SealBroken):
            unseal(key.secret, answer.sealed, place)


def test_the_same_again_is_one_record_and_its_files_are_not_stored_twice(
    phone: Phone, farm: str
) -> None:
    told = [phone.send(home_visit(farm), FILES) for _ in range(2)]

    (kept,) = phone.submissions()
    files = phone.attachments(kept["id"])
    assert [one.status for one in told] == [201, 201]
    assert len(files["items"]) == 3
    assert files["missing"] == []
    assert kept["attachments"] == "complete"


def test_a_missing_file_is_told_by_its_name_to_its_sender_alone(
    phone: Phone, farm: str
) -> None:
    told = phone.send(home_visit(farm), FILES[1:])

    (kept,) = phone.submissions()
    (missing,) = phone.attachments(kept["id"])["missing"]
    assert PLANTED["portrait"] in told.message
    assert missing.startswith("sealed-")


def test_an_edit_takes_the_sealed_files_over(phone: Phone, farm: str) -> None:
    phone.send(home_visit(farm), FILES)

    told = phone.send(
        home_visit(farm, instance_id="uuid:2", edits="uuid:1", doctor="Nobody")
    )

    first, second = phone.submissions()
    before, after = (phone.attachments(one["id"]) for one in (first, second))
    assert told.status == 201
    assert after["missing"] == []
    assert {one["sha256"] for one in before["items"]} == {
        one["sha256"] for one in after["items"]
    }
    assert [one["is_sealed"] for one in after["items"]] == [
        one["is_sealed"] for one in before["items"]
    ]


def test_what_is_about_a_person_is_handed_to_nobody(phone: Phone, farm: str) -> None:
    phone.send(home_visit(farm), FILES)
    (kept,) = phone.submissions()
    files = phone.attachments(kept["id"])["items"]

    told = {
        file["name"]: phone.client.get(
            f"/v1/submissions/{kept['id']}/attachments/{file['id']}",
            headers=phone.tenant.headers(),
        )
        for file in files
    }

    assert told.pop("field.jpg").content == FILES[1][1]
    assert {one.status_code for one in told.values()} == {403}
    assert {one.json()["type"] for one in told.values()} == {
        "/problems/attachment-sealed"
    }
    assert "audit.csv" in told


def test_the_original_of_a_file_is_for_supervisors(phone: Phone, farm: str) -> None:
    phone.send(home_visit(farm), FILES)
    (kept,) = phone.submissions()
    (file,) = (
        one
        for one in phone.attachments(kept["id"])["items"]
        if one["name"] == "field.jpg"
    )

    told = phone.client.get(
        f"/v1/submissions/{kept['id']}/attachments/{file['id']}",
        headers=phone.tenant.headers(Role.AUDITOR),
    )

    assert told.status_code == 403


def test_facts_are_derived_again_from_what_is_sealed(phone: Phone, farm: str) -> None:
    phone.send(home_visit(farm))
    (kept,) = phone.submissions()

    again = phone.client.post(
        f"/v1/submissions/{kept['id']}/process", headers=phone.tenant.headers()
    )

    assert again.json() == kept


def test_a_waiting_record_is_placed_from_what_is_sealed(
    phone: Phone, farm: str
) -> None:
    phone.send(home_visit("nowhere"))
    (kept,) = phone.submissions()

    placed = phone.client.post(
        f"/v1/submissions/{kept['id']}/site",
        json={"site": farm},
        headers=phone.tenant.headers(),
    ).json()
    facts = phone.get(f"/v1/submissions/{kept['id']}/facts")

    assert placed["processing"] == "done"
    assert facts["answers"]["children"][0]["age"] == 13


def test_keys_rotate_and_what_was_sealed_stays_open(
    phone: Phone, farm: str, database: Database, keyring: Keyring
) -> None:
    xml = home_visit(farm)
    phone.send(xml)
    (before,) = keyring.ids()

    after = keyring.add()
    with database.writing() as session:
        counts = [rewrap(session, keyring) for _ in range(2)]
    keyring.keep_only(after.id)

    with database.reading() as session:
        submission_id = session.scalars(select(SealedRecord.submission_id)).one()
        assert original_of(session, keyring, submission_id) == xml
    assert before != after.id
    assert counts[0] > 0
    assert counts[1] == 0


def test_without_its_key_nothing_is_told_but_that_it_is_missing(
    phone: Phone, farm: str, keyring: Keyring
) -> None:
    phone.send(home_visit(farm))
    (kept,) = phone.submissions()
    keyring.path.unlink()

    told = phone.client.post(
        f"/v1/submissions/{kept['id']}/process", headers=phone.tenant.headers()
    )

    assert told.status_code == 503
    assert told.json()["type"] == "/problems/sealing-key-missing"
    assert phone.get(f"/v1/submissions/{kept['id']}") == kept
