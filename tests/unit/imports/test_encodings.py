"""In which encoding a list was written: decided by its bytes, told where it is unsure."""

from pathlib import Path

import pytest

from compliance.imports.encodings import encoding_of
from compliance.imports.reading import read_list
from compliance.imports.tables import ListUnreadable, Source

TEXT = "name;municipality\nPeñón Alto;Íquira\nEl Cóndor;Bogotá\n"


def written(folder: Path, content: bytes) -> Path:
    path = folder / "list.csv"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("codec", "told"),
    [
        ("utf-8", []),
        ("utf-8-sig", []),
        ("utf-16", ["UTF-16"]),
        ("utf-16-le", ["UTF-16"]),
        ("utf-16-be", ["UTF-16"]),
        ("utf-32", ["UTF-32"]),
        ("cp1252", ["Windows-1252"]),
        ("latin-1", ["Windows-1252"]),
    ],
)
def test_the_same_text_is_read_from_every_encoding(
    tmp_path: Path, codec: str, told: list[str]
) -> None:
    path = written(tmp_path, TEXT.encode(codec))

    table = read_list(Source(path, "list.csv"))

    assert table.headings == ("name", "municipality")
    assert [row.cells for row in table.rows] == [
        ("Peñón Alto", "Íquira"),
        ("El Cóndor", "Bogotá"),
    ]
    encodings = [
        one.facts["encoding"] for one in table.noticed if "encoding" in one.facts
    ]
    assert encodings == told


def test_a_byte_without_meaning_in_windows_1252_makes_it_latin_1(
    tmp_path: Path,
) -> None:
    path = written(tmp_path, b"name\nPe\xf1\xf3n \x81\n")

    assert encoding_of(path).codec == "latin-1"


def test_utf_8_with_one_broken_byte_stays_utf_8_and_says_so(tmp_path: Path) -> None:
    path = written(tmp_path, ("ñáéíóú" * 20).encode() + b" \xff\n")

    found = encoding_of(path)

    assert (found.codec, found.errors) == ("utf-8", "replace")
    assert found.noticed[0].facts == {"count": 1}


def test_a_file_with_zero_bytes_here_and_there_is_no_text(tmp_path: Path) -> None:
    path = written(tmp_path, b"ab\x00\x00c\x00d\x00\x00ef\x00\x00\n" * 40)

    with pytest.raises(ListUnreadable, match="zero bytes"):
        encoding_of(path)


def test_an_encoding_that_is_named_goes_before_what_the_bytes_say(
    tmp_path: Path,
) -> None:
    path = written(tmp_path, "name,country\nPe\xf1a,CO\n".encode("latin-1"))

    table = read_list(Source(path, "list.csv", encoding="latin-1"))

    assert next(table.rows).cells == ("Peña", "CO")
    assert table.noticed == ()


def test_a_wrongly_named_encoding_is_refused_with_a_remedy(tmp_path: Path) -> None:
    path = written(tmp_path, "name,country\nPe\xf1a,CO\n".encode("latin-1"))

    with pytest.raises(ListUnreadable, match="Leave 'encoding' out"):
        read_list(Source(path, "list.csv", encoding="utf-8"))
