"""The texts of the web form: each in both languages, with the same facts, and each used."""

import re
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "web" / "form" / "src"
TEXT = re.compile(
    r'^  (\w+): \{\s*en: "((?:[^"\\]|\\.)*)",\s*es: "((?:[^"\\]|\\.)*)"', re.MULTILINE
)
ENTRY = re.compile(r"^  (\w+): \{", re.MULTILINE)
PLACE = re.compile(r"\{(\w+)\}")
# These are put together from a card and a number, or come with the verdict.
MADE_UP = re.compile(r"(child|force|other)_(do|never)_\d|card_(child|force|other)")


def texts() -> dict[str, tuple[str, str]]:
    source = (SOURCE / "texts.js").read_text(encoding="utf-8")
    table = source[source.index("export const TEXTS") : source.index("\n};\n")]
    found = {name: (en, es) for name, en, es in TEXT.findall(table)}
    assert set(found) == set(ENTRY.findall(table))
    return found


def sources() -> str:
    files = [one for one in SOURCE.rglob("*") if one.suffix in {".vue", ".js"}]
    return "\n".join(
        one.read_text(encoding="utf-8") for one in files if one.name != "texts.js"
    )


def test_every_text_is_there_in_both_languages_and_differs() -> None:
    alike = {name for name, (en, es) in texts().items() if not en or not es or en == es}

    # What has only facts in it is the same in both, and so is the word PIN.
    assert alike == {"pin", "file_kept", "entry", "place_taken", "site_known"}


def test_a_translation_names_the_same_facts() -> None:
    differing = [
        name
        for name, (en, es) in texts().items()
        if set(PLACE.findall(en)) != set(PLACE.findall(es))
    ]

    assert differing == []


def test_no_text_is_left_over_and_none_is_missing() -> None:
    used = sources()
    known = texts()

    unused = [
        name
        for name in known
        if not MADE_UP.fullmatch(name)
        and not re.search(rf"""["'`]{name}["'`]""", used)
        and name not in {"zero_tolerance", "critical", "major", "minor"}
        and name not in {"unverified_law", "disputed_law"}
    ]
    asked = set(re.findall(r'say\(\s*"(\w+)"', used))

    assert unused == []
    assert asked - set(known) == set()


def test_nobody_reads_a_text_that_stands_in_a_page() -> None:
    """Words between tags would be in one language only."""
    written = [
        (path.name, words.strip())
        for path in SOURCE.rglob("*.vue")
        for words in re.findall(
            r">([^<>{}]*[A-Za-z]{3,}[^<>{}]*)<",
            path.read_text(encoding="utf-8").partition("<template>")[2],
        )
    ]

    assert written == [("App.vue", "Atalaya")]
