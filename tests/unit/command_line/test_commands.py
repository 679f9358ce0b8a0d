"""The command line as a person types it, with right and with wrong input."""

import json
import shutil
from datetime import date
from pathlib import Path

import pytest

import rules
from api.cli import main
from api.service import book_in_force
from audits.checklists.actions import library_workbooks
from audits.checklists.filling import fill
from audits.checklists.form import FormSchema
from audits.checklists.xform import schema_of
from audits.checklists.xlsform import convert

VISIT = {
    "country": "CO",
    "commodity": "coffee",
    "site_kind": "producer",
    "observed_on": "2026-11-03",
    "facts": {},
    "children": [{"key": "c1", "works": True, "age": 13}],
    "workers": [],
}


@pytest.fixture
def visit(tmp_path: Path) -> Path:
    path = tmp_path / "visit.json"
    path.write_text(json.dumps(VISIT), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def farm_visit() -> FormSchema:
    return schema_of(convert(next(library_workbooks()), book_in_force().vocabulary))


def filled(schema: FormSchema, path: Path) -> Path:
    answers = {
        "site_ref": "site_7q4mk2xh9v3t0abc",
        "observed_on": date(2026, 11, 3),
        "visit_notice": "unannounced",
        "visit_season": "main_harvest",
        "visit_payer": "buyer",
        "person_hours": 3,
        "consent": "yes",
        "children_seen": "yes",
        "child": [{"child_works": "yes", "child_age": 13}],
    }
    path.write_bytes(fill(schema, answers, instance_id="uuid:1"))
    return path


def test_a_visit_is_assessed_and_every_flag_explained(
    visit: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = main(["assess", str(visit)])

    told = capsys.readouterr().out
    assert status == 0
    assert "child_labour.minimum_age: A child below the minimum age works" in told
    assert "Ley 1098 de 2006 art. 35" in told


def test_the_same_in_spanish(visit: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["assess", str(visit), "--language", "es"])

    assert "Un niño por debajo de la edad mínima trabaja" in capsys.readouterr().out


def test_json_holds_every_rule_once(
    visit: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["assess", str(visit), "--json"])

    told = json.loads(capsys.readouterr().out)
    assert [one["rule"] for one in told["verdicts"]] == [
        rule.id for rule in book_in_force().rules
    ]
    assert told["book_sha256"] == book_in_force().sha256


def test_the_day_given_goes_before_the_day_in_the_file(
    visit: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["assess", str(visit), "--json", "--day", "1960-01-01"])

    told = json.loads(capsys.readouterr().out)["verdicts"]
    outcome = {one["rule"]: one["outcome"] for one in told}
    assert outcome["child_labour.minimum_age"] == "not_applicable"


def test_a_filled_checklist_is_assessed(
    farm_visit: FormSchema, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record = filled(farm_visit, tmp_path / "visit.xml")

    status = main(
        ["assess", str(record), "--country", "CO", "--commodity", "coffee", "--json"]
    )

    told = json.loads(capsys.readouterr().out)["verdicts"]
    outcome = {one["rule"]: one["outcome"] for one in told}
    assert status == 0
    assert outcome["child_labour.minimum_age"] == "non_conformity"


def test_a_filled_checklist_needs_a_country(
    farm_visit: FormSchema, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record = filled(farm_visit, tmp_path / "visit.xml")

    status = main(["assess", str(record)])

    told = capsys.readouterr().err
    assert status == 2
    assert "--country" in told
    assert "--commodity" in told


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ('{"country": "CO",', "line 1"),
        ('{"country": "CO", "country": "EC"}', "stands twice"),
        ("[]", "an object with country"),
        ('{"facts": {"documents_heldd": true}}', "Did you mean 'documents_held'"),
        ("<data", "not well-formed"),
        ('<!DOCTYPE x [<!ENTITY a "b">]><data/>', "DTD"),
        (
            '<data id="other" version="1"><meta><instanceID>u</instanceID></meta></data>',
            "--checklist",
        ),
    ],
)
def test_a_file_that_cannot_be_used_says_what_would_be_right(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, told: str
) -> None:
    path = tmp_path / "visit"
    path.write_text(content, encoding="utf-8")

    status = main(["assess", str(path), "--language", "en"])

    printed = capsys.readouterr()
    assert status == 2
    assert printed.out == ""
    assert str(path) in printed.err
    assert told in printed.err


def test_a_file_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["assess", "nowhere.json", "--language", "es"])

    assert status == 2
    assert "nowhere.json" in capsys.readouterr().err


def test_a_clean_book_tells_its_hash(capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["rules", "check"])

    assert status == 0
    assert book_in_force().sha256 in capsys.readouterr().out


def test_a_book_whose_example_comes_to_something_else_is_not_clean(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book = tmp_path / "book"
    shutil.copytree(Path(rules.__file__).parent / "book", book)
    path = book / "forced_labour" / "documents_denied.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("verdict: non_conformity", "verdict: conformity", 1),
        encoding="utf-8",
    )

    status = main(["rules", "check", str(book)])

    told = capsys.readouterr().err
    assert status == 1
    assert "forced_labour/documents_denied.yaml:" in told
    assert "comes to non_conformity" in told


def test_a_fact_that_no_rule_reads_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book = tmp_path / "book"
    shutil.copytree(Path(rules.__file__).parent / "book", book)
    (book / "facts" / "idle.yaml").write_text(
        "facts:\n  idle: {title: {en: idle, es: ociosa}, type: yes_no}\n",
        encoding="utf-8",
    )

    status = main(["rules", "check", str(book), "--language", "es"])

    assert status == 0
    assert capsys.readouterr().out.splitlines()[-1].endswith(": idle.")


def test_a_bad_book_tells_every_mistake_with_its_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book = tmp_path / "book"
    shutil.copytree(Path(rules.__file__).parent / "book", book)
    for name, wrong, right in (
        (
            "child_labour/minimum_age.yaml",
            "age < law.minimum_age",
            "agee < law.minimum_age",
        ),
        (
            "forced_labour/debt_bondage.yaml",
            "severity: zero_tolerance",
            "severity: dreadful",
        ),
    ):
        path = book / name
        path.write_text(
            path.read_text(encoding="utf-8").replace(wrong, right), encoding="utf-8"
        )

    status = main(["rules", "check", str(book)])

    told = capsys.readouterr().err.splitlines()
    assert status == 1
    assert any(
        line.startswith("child_labour/minimum_age.yaml:") and "'age'" in line
        for line in told
    )
    assert any(
        line.startswith("forced_labour/debt_bondage.yaml:") and "dreadful" in line
        for line in told
    )


def test_the_contract_in_the_repository_is_what_the_application_says(
    capsys: pytest.CaptureFixture[str],
) -> None:
    contract = Path(__file__).parents[3] / "openapi.yaml"

    status = main(["openapi", "--check", str(contract)])

    assert (status, capsys.readouterr().err) == (0, "")


def test_a_contract_that_differs_is_refused_with_the_remedy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "openapi.yaml"
    other.write_text("openapi: 3.1.0\n", encoding="utf-8")

    status = main(["openapi", "--check", str(other)])

    assert status == 1
    assert "atalaya openapi --output" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["", "serve", "migrate", "assess", "rules", "demo"])
def test_every_command_explains_itself_in_both_languages(
    command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    told = []
    for locale in ("en_US.UTF-8", "es_CO.UTF-8"):
        monkeypatch.setenv("LC_ALL", locale)
        with pytest.raises(SystemExit) as ended:
            main([*command.split(), "--help"])
        told.append(capsys.readouterr().out)
        assert ended.value.code == 0

    assert told[0] != told[1]
    assert len(told[0].splitlines()) > 3


def test_a_command_that_is_not_there_is_misuse(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["fly"])

    assert ended.value.code == 2
    assert "fly" in capsys.readouterr().err


def test_a_database_is_migrated_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = main(["migrate", "--data", str(tmp_path), "--language", "en"])
    second = main(["migrate", "--data", str(tmp_path), "--language", "en"])

    told = capsys.readouterr().out.splitlines()
    assert (first, second) == (0, 0)
    assert told[0].startswith("The database went from nothing to")
    assert told[1].startswith("The database is up to date")
