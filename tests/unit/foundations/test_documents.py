"""Documents are held true: settings, texts, the wheel, and what may not be named."""

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg

from compliance.settings import Settings, SettingsRejected, read_settings
from compliance.texts import LANGUAGES, NP_, catalogue, choose_language, translate

ROOT = Path(__file__).parents[3]
# What marks a text; of these two the first argument is what the text is said of.
KEYWORDS = {
    "N_": None,
    "_": None,
    "ngettext": (1, 2),
    "NP_": ((1, "c"), 2),
    "pgettext": ((1, "c"), 2),
}
PLACES = re.compile(r"\{(\w+)\}|%\((\w+)\)s")


def marked_texts() -> set[str]:
    """Return every text that the code and the templates mark for translation."""
    with (ROOT / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    found = extract_from_dir(ROOT, methods, options, keywords=KEYWORDS)
    texts: set[str] = set()
    for _, _, message, _, context in found:
        said = [message] if isinstance(message, str) else message
        texts.update(NP_(context, one) if context else one for one in said)
    return texts


@pytest.mark.parametrize("language", [one for one in LANGUAGES if one != "en"])
def test_every_text_is_translated(language: str) -> None:
    untranslated = marked_texts() - set(catalogue(language))

    assert untranslated == set()


@pytest.mark.parametrize("language", [one for one in LANGUAGES if one != "en"])
def test_a_translation_names_the_same_facts(language: str) -> None:
    differing = [
        message
        for message, translated in catalogue(language).items()
        if set(PLACES.findall(message)) != set(PLACES.findall(translated))
    ]

    assert differing == []


@pytest.mark.parametrize("language", [one for one in LANGUAGES if one != "en"])
def test_the_catalogue_holds_nothing_that_is_no_longer_said(language: str) -> None:
    assert set(catalogue(language)) - marked_texts() == set()


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "en"),
        ("", "en"),
        ("es", "es"),
        ("es-CO,es;q=0.9,en;q=0.8", "es"),
        ("fr, es;q=0.5", "es"),
        ("en;q=0.1, es;q=0.2", "es"),
        ("es;q=0, en", "en"),
        ("es;q=nonsense", "en"),
        ("es_CO.UTF-8", "es"),
        ("C.UTF-8", "en"),
    ],
)
def test_the_reader_gets_the_language_asked_for(
    header: str | None, language: str
) -> None:
    assert choose_language(header) == language


def test_a_text_is_translated_by_what_it_is_said_of() -> None:
    assert translate(NP_("device", "Expired"), "es") == "Vencido"
    assert translate("Expired", "es") == "Vencida"
    assert translate(NP_("device", "Expired"), "en") == "Expired"
    assert translate(NP_("something else", "Expired"), "es") == "Expired"


def test_a_text_that_is_not_translated_stays_english() -> None:
    assert translate("There are {count} of them", "es", count=3) == (
        "There are 3 of them"
    )


def test_every_setting_is_documented() -> None:
    documented = (ROOT / "docs/settings.md").read_text(encoding="utf-8")

    rows = [
        f"| `ATALAYA_{name.upper()}` | `{field.default}` | {field.description} |"
        for name, field in Settings.model_fields.items()
    ]

    assert [row for row in rows if row not in documented] == []


def test_a_wrong_setting_says_which_and_what_would_be_right() -> None:
    with pytest.raises(SettingsRejected) as rejected:
        read_settings(port=99999, database_url="mysql://x/y")

    told = str(rejected.value)
    assert "ATALAYA_PORT" in told
    assert "65535" in told
    assert "ATALAYA_DATABASE_URL" in told


def test_the_wheel_holds_our_five_packages_and_no_tests(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )

    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        names = set(wheel.namelist())

    folders = {name.split("/")[0] for name in names if ".dist-info" not in name}
    assert folders == {"api", "audits", "compliance", "rules", "migrations"}
    for needed in (
        "rules/book/edition.yaml",
        "compliance/locales/es.po",
        "audits/checklists/library/farm_visit.xlsx",
        "migrations/script.py.mako",
    ):
        assert needed in names


def tracked_files() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return [ROOT / name for name in listed.split("\0") if name]


def test_no_file_names_a_registry_host_or_the_folders_beside_the_project() -> None:
    forbidden = re.compile(
        rb"pypi\.org|pythonhosted|registry\.npm|deb\.debian|\.\./shared|/work/main"
    )

    naming = [
        path.name
        for path in tracked_files()
        if path != Path(__file__)
        and path.is_file()
        and forbidden.search(path.read_bytes())
    ]

    assert naming == []
