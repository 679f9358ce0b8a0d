"""`atalaya checklists check`, with right and with wrong input."""

import json
import shutil
from pathlib import Path

import pytest

from api.cli import main
from tests.field import CHOICES, SURVEY, workbook
from tests.unit.checklists.samples import SETTINGS, changed, markdown

NO_JAVA = "ODK Validate needs Java; Debian's package is `default-jre-headless`"


@pytest.fixture(autouse=True)
def off(monkeypatch: pytest.MonkeyPatch) -> None:
    """ODK Validate is switched off, unless a test asks for it."""
    monkeypatch.setenv("ATALAYA_ODK_VALIDATE", "off")


@pytest.fixture
def on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATALAYA_ODK_VALIDATE", "auto")


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "small.md"
    path.write_bytes(workbook())
    return path


def test_what_a_workbook_can_decide_is_told(
    small: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["checklists", "check", str(small), "--language", "en"])

    told = capsys.readouterr().out
    assert code == 0
    assert "Small visit (small_visit, version 1) can be published" in told
    assert "  forced_labour.documents_held: " in told
    assert "      may be left blank: documents_held" in told
    assert told.splitlines()[-1] == (
        "ODK Validate was skipped: ATALAYA_ODK_VALIDATE is off."
    )


def test_what_changed_is_told_in_spanish(
    small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    after = tmp_path / "after.md"
    after.write_bytes(markdown(changed(SURVEY, 8, fact=""), CHOICES, SETTINGS))

    code = main(
        [
            *["checklists", "check", str(after), "--against", str(small)],
            *["--language", "es"],
        ]
    )

    told = capsys.readouterr().out
    assert code == 0
    assert "/data/papers: hecho" in told
    assert "antes sólo si, ahora nunca (se decide con menos seguridad)" in told


def test_the_same_as_json(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["checklists", "check", str(small), "--json"])

    told = json.loads(capsys.readouterr().out)
    assert code == 0
    assert told["checklist"] == "small_visit"
    assert told["coverage"]["items"]
    assert told["validation"] == {"state": "not_run", "complaints": []}


@pytest.mark.usefixtures("on")
def test_without_java_it_is_told_that_odk_validate_was_skipped(
    small: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")

    code = main(["checklists", "check", str(small), "--language", "en"])

    assert code == 0
    assert "ODK Validate was skipped: no Java was found." in capsys.readouterr().out


@pytest.mark.skipif(shutil.which("java") is None, reason=NO_JAVA)
@pytest.mark.usefixtures("on")
def test_what_odk_validate_accepts_is_told(
    small: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["checklists", "check", str(small), "--language", "en"])

    told = capsys.readouterr().out.splitlines()
    assert code == 0
    assert told[-1] == "ODK Validate accepts the form."


@pytest.mark.skipif(shutil.which("java") is None, reason=NO_JAVA)
@pytest.mark.usefixtures("on")
@pytest.mark.parametrize("options", [(), ("--json",)])
def test_what_odk_validate_refuses_is_a_mistake(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...]
) -> None:
    path = tmp_path / "misspelt.md"
    asked = changed(SURVEY, 9, relevant="selekted(${papers}, 'yes')")
    path.write_bytes(markdown(asked, CHOICES, SETTINGS))

    code = main(["checklists", "check", str(path), "--language", "en", *options])

    told = capsys.readouterr()
    assert code == 1
    assert "cannot handle function 'selekted'" in told.out + told.err


def test_every_mistake_is_told_with_its_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "wrong.md"
    path.write_bytes(markdown(changed(SURVEY, 8, fact="documents_hled"), CHOICES))

    code = main(["checklists", "check", str(path), "--language", "en"])

    told = capsys.readouterr().err.splitlines()
    assert code == 1
    assert told[0] == (
        "survey:8:bind::vf:fact: There is no fact 'documents_hled'. "
        "Did you mean 'documents_held'?"
    )
    assert told[-1].startswith("Mistakes: 1.")


@pytest.mark.parametrize("name", ["nothing.xlsx", "."])
def test_a_file_that_is_not_there_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    code = main(["checklists", "check", str(tmp_path / name), "--language", "en"])

    assert code == 2
    assert capsys.readouterr().err.startswith("There is no file ")
