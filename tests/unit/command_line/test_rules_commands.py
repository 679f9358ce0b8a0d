"""`rules diff`, `rules publish`, `shards rebuild` and `rescore`, as a person types them."""

import json
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.cli import main
from compliance import clock
from compliance.database import open_database
from compliance.settings import Settings
from rules.shards import SUBMISSION
from tests.books import EDITION, MINIMUM_AGE, book_files, book_folder
from tests.conftest import founded
from tests.visits import A_CHILD_OF_13, A_CHILD_OF_16, TODAY, visited

RULE = "child_labour.minimum_age"
STRICTER = {MINIMUM_AGE: ("age < law.minimum_age", "age <= law.minimum_age + 1")}
LIGHTER = {MINIMUM_AGE: ("severity: zero_tolerance", "severity: minor")}
VERDICTS = "SELECT count(*), group_concat(outcome || severity) FROM verdict"


@pytest.fixture(autouse=True)
def _november() -> Iterator[None]:
    with clock.set_to(lambda: TODAY):
        yield


@pytest.fixture(scope="module")
def visited_once(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path
) -> dict[str, Any]:
    """A data folder with three visits: a child of 13, one of 16, and no children."""
    data = tmp_path_factory.mktemp("visited") / "data"
    data.mkdir()
    shutil.copyfile(sqlite_template, data / "atalaya.sqlite")
    settings = Settings(data=data)
    database = open_database(settings.resolved_database_url, is_system=True)
    with (
        clock.set_to(lambda: TODAY),
        TestClient(create_app(settings)) as client,
    ):
        farm = visited(client, founded(database, "Exportadora Puerto Sereno"))
        sent = [
            farm.send(children=children, observed_on=f"2026-11-0{day}")
            for day, children in enumerate(
                ([A_CHILD_OF_13], [A_CHILD_OF_16], []), start=1
            )
        ]
    database.close()
    return {"data": data, "sent": sent}


@pytest.fixture
def data(visited_once: dict[str, Any], tmp_path: Path) -> Path:
    return shutil.copytree(visited_once["data"], tmp_path / "data")


@pytest.fixture
def sent(visited_once: dict[str, Any]) -> list[str]:
    found: list[str] = visited_once["sent"]
    return found


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    return tmp_path / "nothing"


def run(*arguments: object, data: Path, language: str = "en") -> int:
    told = [str(one) for one in arguments]
    return main([*told, "--data", str(data), "--language", language])


def stored(data: Path) -> tuple[object, ...]:
    with sqlite3.connect(data / "atalaya.sqlite") as connection:
        found: tuple[object, ...] = connection.execute(VERDICTS).fetchone()
    return found


def test_two_folders_are_compared_without_any_database(
    tmp_path: Path, empty: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = book_folder(tmp_path / "one", "2026.12")
    other = book_folder(tmp_path / "other", "2027.1", STRICTER)

    status = run("rules", "diff", one, other, data=empty)

    told = capsys.readouterr().out
    assert status == 0
    assert "From edition 2026.12" in told
    assert f"~ {RULE}: decides otherwise of facts from 19 June 1976 on" in told
    assert "-         - age < law.minimum_age\n" in told
    assert "+         - age <= law.minimum_age + 1\n" in told
    assert "Kept audits" not in told
    assert not empty.exists()


def test_the_edition_in_force_is_compared_where_one_book_is_named(
    tmp_path: Path, empty: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = run("rules", "diff", book_folder(tmp_path / "b", "2026.12"), data=empty)

    told = capsys.readouterr().out
    assert status == 0
    assert "From edition 2026.11" in told
    assert "edition: 2026.11 → 2026.12" in told


def test_a_diff_tells_which_kept_verdicts_turn(
    tmp_path: Path, data: Path, sent: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    book = book_folder(tmp_path / "book", "2026.12", STRICTER)

    run("rules", "diff", book, data=data)
    shortly = capsys.readouterr().out
    run("rules", "diff", book, "--list", data=data)
    listed = capsys.readouterr().out

    assert "Kept audits: 3 submissions judged by both editions." in shortly
    assert f"{RULE}: 1 newly not in conformity" in shortly
    assert sent[1] not in shortly
    assert sent[1] in listed
    assert sent[0] not in listed


def test_a_diff_is_told_in_spanish(
    tmp_path: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book = book_folder(tmp_path / "book", "2026.12", STRICTER)

    run("rules", "diff", book, data=data, language="es")

    assert "19 de junio de 1976" in capsys.readouterr().out


def test_a_diff_as_json_holds_all_of_it(
    tmp_path: Path, data: Path, sent: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    book = book_folder(tmp_path / "book", "2026.12", LIGHTER)

    run("rules", "diff", "2026.11", book, "--json", data=data)

    told = json.loads(capsys.readouterr().out)
    (rule,) = told["rules"]
    assert (rule["id"], rule["decides"]) == (RULE, False)
    assert told["audits"]["submissions"] == 3
    (turned,) = told["audits"]["rules"]
    assert turned == {"rule": RULE, "severity_changed": [sent[0]]}


def test_the_audits_can_be_left_alone(
    tmp_path: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book = book_folder(tmp_path / "book", "2026.12", STRICTER)

    run("rules", "diff", book, "--no-audits", data=data)

    assert "Kept audits" not in capsys.readouterr().out


def test_a_diff_changes_nothing_that_is_kept(tmp_path: Path, data: Path) -> None:
    before = stored(data)

    run("rules", "diff", book_folder(tmp_path / "b", "2026.12", STRICTER), data=data)

    assert stored(data) == before


def broken(folder: Path) -> Path:
    changes = {
        MINIMUM_AGE: ("age < law.minimum_age", "agee < law.minimum_age"),
        EDITION: ("in_force:", "inforce:"),
    }
    files = book_files("2026.12")
    for path, (old, new) in changes.items():
        files[path] = files[path].decode().replace(old, new).encode()
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder


@pytest.mark.parametrize("command", [("rules", "diff"), ("rules", "publish")])
def test_a_broken_book_is_told_with_every_place(
    tmp_path: Path,
    data: Path,
    command: tuple[str, ...],
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = broken(tmp_path / "broken")

    status = run(*command, folder, data=data)

    printed = capsys.readouterr()
    lines = printed.err.splitlines()
    assert (status, printed.out) == (2, "")
    assert any(
        line.startswith(f"{folder}/{MINIMUM_AGE}:") and "'age'" in line
        for line in lines
    )
    assert any(
        line.startswith(f"{folder}/edition.yaml:") and "in_force" in line
        for line in lines
    )
    assert "Traceback" not in printed.err


@pytest.mark.parametrize(
    "named", ["2031.1", "nowhere/book", "0123456789", "", "a" * 5_000]
)
@pytest.mark.parametrize(
    "command",
    [("rules", "diff"), ("rules", "publish"), ("rescore", "--edition")],
)
def test_a_book_that_is_nowhere_is_told_with_those_there_are(
    data: Path,
    command: tuple[str, ...],
    named: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    status = run(*command, named, data=data)

    told = capsys.readouterr().err
    assert status == 2
    assert f"{named} is neither the folder of a book nor an edition" in told
    assert "Kept: 2026.11." in told


@pytest.mark.parametrize(
    "command",
    [
        ("rules", "diff", "2026.11"),
        ("rules", "publish", "2026.11"),
        ("rescore", "--edition", "2026.11"),
        ("shards", "rebuild"),
    ],
)
def test_without_a_database_the_remedy_is_named(
    empty: Path, command: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    status = run(*command, data=empty)

    assert status == 2
    assert "--data DIR" in capsys.readouterr().err
    assert not empty.exists()


def test_a_file_that_is_no_database_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "atalaya.sqlite").write_bytes(b"not a database at all" * 100)

    status = run("rules", "diff", "2026.11", data=tmp_path)

    told = capsys.readouterr().err
    assert status == 2
    assert "atalaya.sqlite" in told
    assert "not a database" in told


def test_an_old_database_is_not_guessed_at(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with sqlite3.connect(data / "atalaya.sqlite") as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'verdicts'")

    status = run("rules", "diff", "2026.11", data=data)

    told = capsys.readouterr().err
    assert status == 2
    assert "verdicts" in told
    assert "atalaya migrate" in told


def test_a_file_that_cannot_be_read_is_told_with_its_folder(
    tmp_path: Path, empty: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = book_folder(tmp_path / "book", "2026.12")
    (folder / "facts" / "lost.yaml").symlink_to(tmp_path / "nowhere.yaml")

    status = run("rules", "diff", folder, data=empty)

    told = capsys.readouterr().err
    assert status == 2
    assert f"The folder {folder} cannot be read" in told


def test_a_book_is_published_and_told_in_short(
    tmp_path: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book = book_folder(tmp_path / "book", "2026.12", STRICTER)

    first = run("rules", "publish", book, data=data)
    told = capsys.readouterr().out
    second = run("rules", "publish", book, data=data)
    again = capsys.readouterr().out
    back = run("rules", "publish", "2026.11", data=data)
    returned = capsys.readouterr().out

    assert (first, second, back) == (0, 0, 0)
    assert "Edition 2026.12 is in force" in told
    assert "Before: 2026.11." in told
    assert "1 rules decide otherwise, 0 are told otherwise" in told
    assert "in force already" in again
    assert "Edition 2026.11 is in force" in returned


def test_the_name_of_another_book_is_refused(
    tmp_path: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("rules", "publish", book_folder(tmp_path / "one", "2026.12"), data=data)
    other = book_folder(tmp_path / "other", "2026.12", STRICTER)

    status = run("rules", "publish", other, data=data)

    assert status == 1
    assert "needs a name of its own" in capsys.readouterr().err


def test_rescoring_without_shards_says_how_to_make_them(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = run("rescore", "--edition", "2026.11", data=data)

    assert status == 2
    assert "atalaya shards rebuild" in capsys.readouterr().err


def test_only_final_audits_are_projected_unless_all_are_asked_for(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    final = run("shards", "rebuild", data=data)
    told = capsys.readouterr().out
    every = run("shards", "rebuild", "--all", data=data)
    all_of_them = capsys.readouterr().out

    assert (final, every) == (0, 0)
    assert "No audit is final" in told
    assert "3 submissions in 1 shards." in all_of_them


def test_rebuilding_twice_holds_every_submission_once(data: Path) -> None:
    for _ in range(2):
        run("shards", "rebuild", "--all", data=data)

    with sqlite3.connect(data / "atalaya.sqlite") as connection:
        sharded = connection.execute("SELECT count(*) FROM sharded_submission")
        shards = connection.execute("SELECT sum(submissions) FROM fact_shard")
        assert (sharded.fetchone()[0], shards.fetchone()[0]) == (3, 3)


def test_a_rescoring_is_told_beside_what_is_kept(
    tmp_path: Path, data: Path, sent: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    book = book_folder(tmp_path / "book", "2026.12", STRICTER)
    before = stored(data)
    run("shards", "rebuild", "--all", data=data)
    capsys.readouterr()

    status = run("rescore", "--edition", book, "--processes", 1, "--list", data=data)

    told = capsys.readouterr().out
    assert status == 0
    assert "3 submissions in 1 shards by edition 2026.12" in told
    assert f"{RULE}: 1 newly not in conformity" in told
    assert sent[1] in told
    assert stored(data) == before
    (result,) = (data / "rescored" / "CO").iterdir()
    assert sorted(pq.read_table(result).column(SUBMISSION).to_pylist()) == sorted(sent)


def test_rescoring_by_the_edition_that_judged_turns_nothing(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("shards", "rebuild", "--all", data=data)
    output = tmp_path / "view"
    capsys.readouterr()

    run("rescore", "--edition", "2026.11", "--output", output, "--json", data=data)

    told = json.loads(capsys.readouterr().out)
    assert told["audits"] == {
        "submissions": 3,
        "unreadable": [],
        "unreadable_before": [],
        "rules": [],
    }
    assert told["not_judged"] == 0
    assert json.loads((output / "summary.json").read_text(encoding="utf-8")) == told


@pytest.mark.parametrize(
    ("changes", "turned"),
    [
        (LIGHTER, [{"rule": RULE, "severity_changed": 0}]),
        ({MINIMUM_AGE: None}, [{"rule": RULE, "gone": 0}]),
    ],
)
def test_what_turns_is_what_the_plain_reader_says(
    tmp_path: Path,
    data: Path,
    sent: list[str],
    changes: Any,
    turned: list[dict[str, Any]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The diff judges documents by both books; the rescoring, shards by one."""
    book = book_folder(tmp_path / "book", "2026.12", changes)
    run("shards", "rebuild", "--all", data=data)
    capsys.readouterr()

    run("rules", "diff", book, "--json", data=data)
    by_document = json.loads(capsys.readouterr().out)["audits"]
    run("rescore", "--edition", book, "--processes", 1, "--json", data=data)
    by_shard = json.loads(capsys.readouterr().out)["audits"]

    expected = [
        {
            name: value if name == "rule" else [sent[value]]
            for name, value in one.items()
        }
        for one in turned
    ]
    assert by_document["rules"] == by_shard["rules"] == expected


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--country", "EC"), "There are some of: CO"),
        (("--processes", "0"), "--processes"),
        (("--processes", "many"), "--processes"),
    ],
)
def test_a_rescoring_that_cannot_be_done_says_why(
    data: Path,
    arguments: tuple[str, ...],
    told: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run("shards", "rebuild", "--all", data=data)

    try:
        status = run("rescore", "--edition", "2026.11", *arguments, data=data)
    except SystemExit as ended:
        status = int(str(ended.code))

    assert status == 2
    assert told in capsys.readouterr().err


@pytest.mark.parametrize("content", [None, b"no Parquet"])
def test_a_shard_that_is_lost_is_named_with_the_remedy(
    data: Path, content: bytes | None, capsys: pytest.CaptureFixture[str]
) -> None:
    run("shards", "rebuild", "--all", data=data)
    (shard,) = (data / "shards" / "CO").iterdir()
    shard.unlink()
    if content is not None:
        shard.write_bytes(content)

    status = run("rescore", "--edition", "2026.11", "--processes", 1, data=data)

    told = capsys.readouterr().err
    assert status == 2
    assert "atalaya shards rebuild" in told


@pytest.mark.parametrize(
    "command",
    ["rules diff", "rules publish", "rescore", "shards", "shards rebuild"],
)
def test_every_command_explains_itself(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*command.split(), "--help"])

    assert ended.value.code == 0
    assert len(capsys.readouterr().out.splitlines()) > 3
