"""Records that devices encrypt: kept as they came, opened apart, and only by their key."""

from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from api import evidence_commands
from api.cli import main
from audits.submissions import decrypting
from audits.submissions.encrypted import read_private_key
from audits.submissions.intake import Intake
from compliance import trail
from compliance.database import Database
from compliance.files import Files
from compliance.identity.models import Role
from compliance.identity.scope import KeyGiven, scope_of
from compliance.problems import Problem
from compliance.sealing import Keyring
from rules import read_book
from tests.conftest import Tenant
from tests.encryption import KeyPair, encrypted, key_pair
from tests.field import Phone, publish, register_farm
from tests.home_visits import (
    CHILD_ID,
    CHOICES,
    FILES,
    SURVEY,
    columns,
    home_visit,
    leaks,
)
from tests.unit.checklists.samples import SETTINGS, markdown

BOOK = read_book()


@pytest.fixture(scope="module")
def keys() -> KeyPair:
    return key_pair()


@pytest.fixture
def phone(client: TestClient, tenant: Tenant, keys: KeyPair) -> Phone:
    settings = {
        **SETTINGS,
        "form_id": "home_visit",
        "version": "1",
        "form_title": "Home visit",
        "public_key": keys.public_text,
        "submission_url": "https://example.org/openrosa/submission",
    }
    publish(client, tenant, markdown(SURVEY, CHOICES, settings))
    return Phone(client, tenant)


@pytest.fixture
def farm(client: TestClient, tenant: Tenant) -> str:
    return register_farm(client, tenant)


class Apart:
    """Whoever holds the private key, at a machine apart from the server."""

    def __init__(self, database: Database, tenant: Tenant, data: Path) -> None:
        self.database = database
        self.tenant = tenant
        self.intake = Intake(
            Files(data / "files"), Keyring(data / "sealing_keys.json"), BOOK.vocabulary
        )

    def open(self, keys: KeyPair, submission: str) -> None:
        private = read_private_key("key.pem", keys.pem)
        with self.database.writing() as session:
            given = KeyGiven(self.tenant.keys[Role.ADMINISTRATOR])
            scope = scope_of(session, given)
            decrypting.decrypt(
                session, scope, self.intake, private, submission_id=submission
            )
            trail.seal(session)


@pytest.fixture
def apart(database: Database, tenant: Tenant, tmp_path: Path) -> Apart:
    return Apart(database, tenant, tmp_path / "data")


def test_a_checklist_carries_the_public_key_to_the_device(
    phone: Phone, keys: KeyPair
) -> None:
    form = phone.client.get(
        "/v1/checklists/home_visit/versions/1.xml", headers=phone.tenant.headers()
    )

    assert f'base64RsaPublicKey="{keys.public_text}"' in form.text


def test_a_round_trip_ends_with_facts_files_and_nothing_in_clear(
    phone: Phone, farm: str, keys: KeyPair, apart: Apart, database: Database
) -> None:
    envelope, files = encrypted(keys, home_visit(farm), FILES, form_id="home_visit")

    told = phone.send(envelope, files)
    (before,) = phone.submissions()
    waiting = phone.client.post(
        f"/v1/submissions/{before['id']}/process", headers=phone.tenant.headers()
    )
    apart.open(keys, before["id"])
    (after,) = phone.submissions()
    facts = phone.get(f"/v1/submissions/{after['id']}/facts")

    assert told.status == 201
    assert (before["processing"], before["site"]) == ("encrypted", None)
    assert before["attachments"] == "complete"
    assert waiting.json()["type"] == "/problems/still-encrypted"
    assert (after["processing"], after["site"]) == ("done", farm)
    assert after["observed_on"] == "2026-11-03"
    assert after["sha256"] == before["sha256"]
    assert facts["answers"]["children"] == [{"key": CHILD_ID, "age": 13, "works": None}]
    names = {one["name"] for one in phone.attachments(after["id"])["items"]}
    assert {"field.jpg", "audit.csv"} < names
    assert len(names) == 7
    assert phone.attachments(after["id"])["missing"] == []
    assert [
        table for table, row in columns(database) if leaks(list(row.values()))
    ] == []


def test_what_was_opened_is_traced_and_not_opened_twice(
    phone: Phone, farm: str, keys: KeyPair, apart: Apart
) -> None:
    phone.send(*encrypted(keys, home_visit(farm), form_id="home_visit"))
    (kept,) = phone.submissions()

    for _ in range(2):
        apart.open(keys, kept["id"])

    actions = [one["action"] for one in phone.get("/v1/trail?rows=200")["items"]]
    assert actions.count("submission.decrypted") == 1


def test_the_same_envelope_again_is_one_record_and_another_is_refused(
    phone: Phone, farm: str, keys: KeyPair, apart: Apart
) -> None:
    envelope, files = encrypted(keys, home_visit(farm), form_id="home_visit")
    other, _ = encrypted(keys, home_visit(farm), form_id="home_visit")
    phone.send(envelope, files)
    (kept,) = phone.submissions()
    apart.open(keys, kept["id"])

    told = [phone.send(one, files).status for one in (envelope, other)]

    assert told == [201, 409]
    assert len(phone.submissions()) == 1


def test_another_key_opens_nothing(
    phone: Phone, farm: str, keys: KeyPair, apart: Apart
) -> None:
    phone.send(*encrypted(keys, home_visit(farm), form_id="home_visit"))
    (before,) = phone.submissions()

    with pytest.raises(Problem) as refused:
        apart.open(key_pair(), before["id"])

    assert type(refused.value).slug() == "other-private-key"
    assert phone.submissions() == [before]


def swapped(envelope: bytes) -> bytes:
    """Exchange the places of two files in the envelope's list."""
    first, second = (
        f"<media><file>{name}.enc</file></media>".encode()
        for name in ("a.jpg", "b.jpg")
    )
    return envelope.replace(first + second, second + first)


def test_files_in_another_order_open_nothing(
    phone: Phone, farm: str, keys: KeyPair, apart: Apart
) -> None:
    pictures = [("a.jpg", b"one picture " * 9), ("b.jpg", b"two picture " * 9)]
    envelope, files = encrypted(keys, home_visit(farm), pictures, form_id="home_visit")
    phone.send(swapped(envelope), files)
    (before,) = phone.submissions()

    with pytest.raises(Problem) as refused:
        apart.open(keys, before["id"])

    assert swapped(envelope) != envelope
    assert type(refused.value).slug() == "envelope-changed"
    assert phone.submissions() == [before]


def test_a_file_exchanged_after_encryption_opens_nothing(
    phone: Phone, farm: str, keys: KeyPair, apart: Apart
) -> None:
    pictures = [("a.jpg", b"one picture " * 9), ("b.jpg", b"two picture " * 9)]
    envelope, files = encrypted(keys, home_visit(farm), pictures, form_id="home_visit")
    (a, one), (b, two), *rest = files
    phone.send(envelope, [(a, two), (b, one), *rest])
    (before,) = phone.submissions()

    with pytest.raises(Problem) as refused:
        apart.open(keys, before["id"])

    assert type(refused.value).slug() == "envelope-changed"


def test_a_record_whose_files_have_not_all_come_waits_for_them(
    phone: Phone, farm: str, keys: KeyPair, apart: Apart
) -> None:
    envelope, files = encrypted(keys, home_visit(farm), FILES, form_id="home_visit")
    told = phone.send(envelope, files[1:])
    (before,) = phone.submissions()

    with pytest.raises(Problem) as refused:
        apart.open(keys, before["id"])
    phone.send(envelope, files[:1])
    apart.open(keys, before["id"])

    assert told.status == 201
    assert type(refused.value).slug() == "encrypted-files-missing"
    assert phone.submissions()[0]["processing"] == "done"


@pytest.mark.parametrize(
    "part",
    [
        "base64EncryptedKey",
        "encryptedXmlFile",
        "base64EncryptedElementSignature",
        "orx:instanceID",
    ],
)
def test_an_envelope_without_a_part_is_refused(
    phone: Phone, farm: str, keys: KeyPair, part: str
) -> None:
    envelope, files = encrypted(keys, home_visit(farm), form_id="home_visit")

    told = phone.send(envelope.replace(part.encode(), b"nothing"), files)

    assert 400 <= told.status < 500
    assert phone.submissions() == []


@pytest.fixture
def stopped(app: FastAPI, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Leave the command line with the folder and the database of this test."""
    settings = app.state.service.settings
    monkeypatch.setenv("ATALAYA_DATABASE_URL", str(settings.database_url))
    monkeypatch.setenv("ATALAYA_DATA", str(tmp_path / "data"))
    return tmp_path


def test_the_command_opens_what_waits_and_tells_what_it_cannot(
    phone: Phone,
    farm: str,
    keys: KeyPair,
    stopped: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    phone.send(*encrypted(keys, home_visit(farm), form_id="home_visit"))
    (kept,) = phone.submissions()
    right, wrong = stopped / "key.pem", stopped / "other.pem"
    right.write_bytes(keys.pem)
    wrong.write_bytes(key_pair().pem)

    codes = [
        main(["submissions", "decrypt", "--key", str(one)])
        for one in (wrong, right, right)
    ]

    said = capsys.readouterr()
    assert codes == [
        evidence_commands.FAILED,
        evidence_commands.DONE,
        evidence_commands.DONE,
    ]
    assert kept["id"] in said.err
    assert f"{kept['id']}: opened." in said.out
    assert "No encrypted submission waits." in said.out
    assert phone.submissions()[0]["site"] == farm


def test_the_command_rotates_the_keys_that_seal(
    phone: Phone, farm: str, stopped: Path
) -> None:
    phone.send(home_visit(farm))
    (kept,) = phone.submissions()
    keyring = Keyring(stopped / "data" / "sealing_keys.json")
    (before,) = keyring.ids()

    code = main(["sealing", "rotate", "--forget"])

    again = phone.client.post(
        f"/v1/submissions/{kept['id']}/process", headers=phone.tenant.headers()
    )
    assert code == 0
    assert keyring.ids() != (before,)
    assert len(keyring.ids()) == 1
    assert again.json() == kept
