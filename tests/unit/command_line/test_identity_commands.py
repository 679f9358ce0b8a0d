"""`atalaya organisations | people | keys`: the operator's way in, where nobody is yet."""

import json
from pathlib import Path

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from api.app import create_app
from api.cli import main
from compliance.database import Database, open_database
from compliance.identity.models import OrganisationKind
from compliance.identity.signing import read_key
from compliance.settings import Settings
from compliance.trail import TrailEntry
from tests.browsing import HTML, OURS, path_of

CHOSEN = "las mulas suben despacio"
EMAIL = "rosalba@laderas.example"


@pytest.fixture
def data(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder of an installation on this test's database."""
    monkeypatch.setenv("ATALAYA_DATABASE_URL", database_url)
    return tmp_path / "data"


def found(data: Path, **changes: str) -> int:
    options = {
        "kind": "exporter",
        "name": "Exportadora Puerto Sereno",
        "country": "CO",
        "administrator": EMAIL,
        **changes,
    }
    given = [part for name, value in options.items() for part in (f"--{name}", value)]
    return main(["organisations", "found", *given, "--data", str(data)])


def link_in(told: str) -> str:
    return path_of(next(line for line in told.splitlines() if "://" in line))


def test_the_first_administrator_of_an_empty_installation_comes_in(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = found(data, country="DE", kind="buyer")
    link = link_in(capsys.readouterr().out)

    with TestClient(create_app(Settings(data=data))) as client:
        joined = client.post(
            link,
            data={"name": "Rosalba Quintero", "password": CHOSEN, "again": CHOSEN},
            headers={**HTML, **OURS},
            follow_redirects=False,
        )
        me = client.get("/v1/me").json()

    assert status == 0
    assert joined.status_code == 303
    assert me["role"] == "administrator"
    assert me["organisations"][0]["kind"] == "buyer"


@pytest.mark.parametrize("kind", list(OrganisationKind))
def test_organisations_of_every_kind_are_founded_and_listed(
    data: Path, capsys: pytest.CaptureFixture[str], kind: OrganisationKind
) -> None:
    found(data, kind=kind, name=f"Una {kind}")
    capsys.readouterr()

    status = main(["organisations", "list", "--data", str(data)])

    told = capsys.readouterr().out.split()
    assert status == 0
    assert told[0].startswith("org_")
    assert told[1:] == [kind, "CO", "Una", kind]


def test_a_fresh_installation_says_that_nobody_is_there(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["organisations", "list", "--data", str(data)])

    assert "atalaya organisations found" in capsys.readouterr().out


def test_an_empty_folder_is_enough(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = found(tmp_path / "not" / "there")

    assert status == 0
    assert "/join/" in capsys.readouterr().out


def test_the_link_is_for_the_language_and_the_address_it_is_read_at(
    data: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ATALAYA_PUBLIC_URL", "https://atalaya.example/")
    options = ["--kind", "ngo", "--name", "N", "--country", "CO"]

    main(
        [
            *("organisations", "found", *options, "--administrator", EMAIL),
            *("--language", "es", "--data", str(data)),
        ]
    )

    link = capsys.readouterr().out.splitlines()[-1]
    assert link.startswith("https://atalaya.example/join/")
    assert link.endswith("?language=es")


@pytest.mark.parametrize(
    "wrong",
    [
        {"country": "Colombia"},
        {"country": "co"},
        {"name": " "},
        {"name": "x" * 201},
        {"name": "a\nb"},
        {"administrator": "nobody"},
    ],
)
def test_what_cannot_be_founded_is_told_with_what_would_be_right(
    data: Path, capsys: pytest.CaptureFixture[str], wrong: dict[str, str]
) -> None:
    status = found(data, **wrong)

    told = capsys.readouterr()
    assert status == 1
    assert f"--{next(iter(wrong))}" in told.err
    assert told.out == ""


def test_an_unknown_kind_is_a_misuse(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        found(data, kind="cartel")

    assert ended.value.code == 2
    assert "producer_group" in capsys.readouterr().err


def test_a_person_who_forgot_gets_a_link_from_the_operator(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found(data)
    link = link_in(capsys.readouterr().out)
    with TestClient(create_app(Settings(data=data))) as client:
        fields = {"name": "Rosalba", "password": CHOSEN, "again": CHOSEN}
        client.post(link, data=fields, headers=OURS, follow_redirects=False)
        capsys.readouterr()

        status = main(["people", "password-link", EMAIL.upper(), "--data", str(data)])

        answer = client.get(link_in(capsys.readouterr().out), headers=HTML)
    assert status == 0
    assert EMAIL in answer.text


def test_nobody_gets_no_link(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["people", "password-link", EMAIL, "--data", str(data)])

    assert status == 1
    assert EMAIL in capsys.readouterr().err


@pytest.mark.parametrize("options", [[], ["--at-once"]])
def test_the_key_is_rotated(
    data: Path, capsys: pytest.CaptureFixture[str], options: list[str]
) -> None:
    command = ["keys", "rotate", *options, "--data", str(data)]
    main(command)
    first = read_key(data / "signing_key.pem").kid
    told_first = capsys.readouterr().out

    status = main(command)

    second = read_key(data / "signing_key.pem").kid
    told = capsys.readouterr().out
    assert status == 0
    assert first != second
    assert first in told_first
    assert first in told
    assert second in told


def test_every_organisation_has_it_in_its_trail_that_the_key_was_rotated(
    data: Path, database_url: str
) -> None:
    for name in ("Una", "Otra"):
        found(data, name=name, administrator=f"{name.lower()}@laderas.example")
    main(["keys", "rotate", "--data", str(data)])
    before = read_key(data / "signing_key.pem").kid

    main(["keys", "rotate", "--at-once", "--data", str(data)])

    database = open_database(database_url, is_system=True)
    with database.reading() as session:
        told = [
            json.loads(leaf)
            for leaf in session.scalars(select(TrailEntry.leaf).order_by(TrailEntry.id))
        ]
    database.close()
    last = [one for one in told if one["subject"] != before][-2:]
    assert {one["action"] for one in last} == {"signing_key.rotated"}
    assert len({one["organisation"] for one in last}) == 2
    assert [one["facts"] for one in last] == [{"at_once": True, "before": before}] * 2
    assert [one["actor"] for one in last] == ["system"] * 2


def test_the_key_may_lie_elsewhere(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ATALAYA_SIGNING_KEY", str(tmp_path / "elsewhere.pem"))

    main(["keys", "rotate", "--data", str(data)])

    assert read_key(tmp_path / "elsewhere.pem").kid
    assert not (data / "signing_key.pem").exists()


def test_a_server_makes_its_key_when_it_starts(data: Path) -> None:
    with TestClient(create_app(Settings(data=data))):
        pass

    assert (data / "signing_key.pem").stat().st_mode & 0o777 == 0o600


def test_the_trail_tells_that_the_system_founded_and_invited(
    data: Path, database_url: str
) -> None:
    found(data)

    database = Database(open_database(url(database_url)).engine, is_system=True)
    with database.reading() as session:
        leaves = [
            json.loads(leaf)
            for leaf in session.scalars(
                select(TrailEntry.leaf).order_by(TrailEntry.sequence)
            )
        ]
    database.close()

    assert [(one["action"], one["actor"]) for one in leaves] == [
        ("organisation.founded", "system"),
        ("invitation.made", "system"),
    ]
    assert EMAIL not in json.dumps(leaves)


def url(given: str) -> str:
    return given.replace("postgresql://", "postgresql+psycopg://")
