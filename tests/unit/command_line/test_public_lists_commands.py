"""`atalaya lists`: a list is added and imported, and a wrong file is told line by line."""

from pathlib import Path

import pytest

from api.cli import main
from tests.listing import DATA, SAID

FOUND = ["--kind", "exporter", "--name", "Exportadora Puerto Sereno", "--country", "CO"]
ADDED = {
    "--list": "goods",
    "--category": "goods",
    "--name": "List of Goods",
    "--publisher": "US Department of Labor",
}


@pytest.fixture
def data(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder of an installation with one organisation and one list."""
    monkeypatch.setenv("ATALAYA_DATABASE_URL", database_url)
    folder = tmp_path / "data"
    where = ["--data", str(folder), "--language", "en"]
    main(["organisations", "found", *FOUND, "--administrator", "a@example.org", *where])
    given = [part for pair in ADDED.items() for part in pair]
    assert main(["lists", "add", *given, *where]) == 0
    return folder


def imported(data: Path, file: Path, edition: str, *more: str) -> int:
    options = ["--list", "goods", "--edition", edition, "--data", str(data)]
    options += ["--source", SAID["source"], "--licence", SAID["licence"], *more]
    return main(["lists", "import", str(file), *options, "--language", "en"])


def test_a_list_is_imported_once_and_a_wrong_one_is_told_by_its_rows(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("Country,Good,Child Labor\nColombia,Coffee,1\nAtlantis,Coffee,1\n")
    real = DATA / "usdol_goods_list_2019.csv"
    capsys.readouterr()

    refused = imported(data, wrong, "2018-09-20")
    told = capsys.readouterr()
    tried = imported(data, real, "2018-09-20", "--dry-run")
    kept = imported(data, real, "2018-09-20")
    again = imported(data, real, "2018-09-20")
    after = capsys.readouterr().out
    other = imported(data, DATA / "usdol_goods_2014.xml", "2018-09-20")
    missing = imported(data, tmp_path / "nothing.csv", "2018-09-20")

    assert refused == 1
    assert f"{wrong}, row 3: Atlantis is no country that is known." in told.err
    assert "ISO 3166-1" in told.err
    assert (tried, kept, again, other, missing) == (0, 0, 0, 1, 2)
    assert "A dry run: nothing was kept." in after
    assert "The edition of 2018-09-20 is kept: 437 entries" in after
    assert "is there already, from the same bytes" in after


def test_the_day_of_an_edition_is_asked_for(data: Path) -> None:
    with pytest.raises(SystemExit) as misused:
        imported(data, DATA / "usdol_goods_list_2019.csv", "September 2018")
    code = main(["lists", "add", *_with("--list", "With Spaces"), "--data", str(data)])

    assert misused.value.code == 2
    assert code == 2


def _with(option: str, value: str) -> list[str]:
    return [part for pair in {**ADDED, option: value}.items() for part in pair]
