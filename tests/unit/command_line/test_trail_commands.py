"""`atalaya trail …` as an operator types it: seal, show, check, export, rotate."""

import json
import sqlite3
from pathlib import Path

import pytest

from api.cli import main
from api.migrating import migrate
from compliance import trail
from compliance.database import open_database
from compliance.identity.actions import found_organisation
from compliance.identity.models import OrganisationKind
from compliance.trail.verify_trail import main as verify_trail


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with a database of one organisation, and anchors elsewhere."""
    folder = tmp_path / "var"
    folder.mkdir()
    monkeypatch.setenv("ATALAYA_TRAIL_ANCHOR_FILE", str(tmp_path / "heads.jsonl"))
    database = open_database(f"sqlite:///{folder / 'atalaya.sqlite'}")
    migrate(database)
    with database.writing() as session:
        for name in ("Exportadora Puerto Sereno", "Otra Comercializadora"):
            found_organisation(
                session, kind=OrganisationKind.EXPORTER, name=name, country="CO"
            )
        trail.seal(session)
    database.close()
    return folder


def organisations(data: Path) -> list[str]:
    with sqlite3.connect(data / "atalaya.sqlite") as connection:
        rows = connection.execute("SELECT public_id FROM organisation").fetchall()
    connection.close()
    return [row[0] for row in rows]


def as_owner(data: Path, statement: str) -> None:
    """Change the database as nobody should."""
    with sqlite3.connect(data / "atalaya.sqlite") as connection:
        connection.execute("DROP TRIGGER trail_no_update")
        connection.execute(statement)
    connection.close()


def run(data: Path, *arguments: str) -> int:
    return main(["trail", *arguments, "--data", str(data)])


def test_sealing_shows_the_head_and_says_what_was_new(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = run(data, "anchor"), run(data, "anchor", "--language", "es")

    said = capsys.readouterr().out
    anchors = (data.parent / "heads.jsonl").read_text("utf-8").splitlines()
    assert first == second == 0
    assert "2 entries are sealed under head 1." in said
    assert "file heads.jsonl: shown 1 heads." in said
    assert len(anchors) == 1


def test_an_operator_without_a_place_outside_is_told(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ATALAYA_TRAIL_ANCHOR_FILE")

    run(data, "anchor")

    assert "ATALAYA_TRAIL_WITNESS_URL" in capsys.readouterr().out


def test_a_database_that_nobody_touched_is_clean(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(data, "anchor")

    status = run(data, "verify")

    said = capsys.readouterr().out
    assert status == 0
    assert "Every trail is as it was sealed." in said
    assert all(one in said for one in organisations(data))


def test_a_database_that_was_tampered_with_is_told_where(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(data, "anchor")
    as_owner(data, "UPDATE trail SET actor = 'somebody' WHERE sequence = 1")

    status = run(data, "verify")

    said = capsys.readouterr().out
    assert status == 1
    assert "the column actor of entry 1" in said


def test_sealing_refuses_what_is_no_chain_and_says_so(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    as_owner(data, "UPDATE trail SET sha256 = zeroblob(32)")

    status = run(data, "anchor")

    assert status == 1
    assert "is no chain at entry 1" in capsys.readouterr().out


def test_a_database_put_back_is_not_sealed_and_says_why(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = (data / "atalaya.sqlite").read_bytes()
    run(data, "anchor")
    for ending in ("", "-wal", "-shm"):
        (data / f"atalaya.sqlite{ending}").unlink(missing_ok=True)
    (data / "atalaya.sqlite").write_bytes(copy)

    sealing, checking = run(data, "anchor"), run(data, "verify")

    told = capsys.readouterr()
    assert sealing == checking == 1
    assert "heads.jsonl holds head 1 otherwise" in told.err
    assert "the anchors know heads up to 1" in told.out


def test_an_export_is_written_and_checks_out(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(data, "anchor")
    output, (first, _) = tmp_path / "trail.ndjson", organisations(data)

    which = run(data, "export", "--output", str(output))
    unknown = run(data, "export", "--output", str(output), "--organisation", "org_x")
    status = run(data, "export", "--output", str(output), "--organisation", first)

    told = capsys.readouterr().err
    assert (which, unknown, status) == (1, 1, 0)
    assert first in told
    assert verify_trail([str(output), "--anchors", str(tmp_path / "heads.jsonl")]) == 0


def test_a_new_key_signs_and_the_old_one_presents_it(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(data, "anchor")
    before = (data / "trail_key.pem").read_bytes()

    status = run(data, "rotate-key")
    output = tmp_path / "trail.ndjson"
    run(
        data,
        "export",
        "--output",
        str(output),
        "--organisation",
        organisations(data)[0],
    )

    lines = [json.loads(line) for line in output.read_text("utf-8").splitlines()]
    ids = [json.loads(one["key"])["signed_by"] for one in lines if one["kind"] == "key"]
    assert status == 0
    assert "Heads are signed with the key" in capsys.readouterr().out
    assert (data / "trail_key.pem").read_bytes() != before
    assert len(ids) == 2
    assert ids[0] == ids[1]
    assert verify_trail([str(output), "--anchors", str(tmp_path / "heads.jsonl")]) == 0
