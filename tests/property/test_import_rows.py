"""Laws of reading lists, whatever stands in them."""

import csv
import io
import random
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from compliance.imports.comparing import Register
from compliance.imports.drafts import Defaults, layout_of
from compliance.imports.fields import Field
from compliance.imports.lifecycle import RowState
from compliance.imports.normalising import Staged, normalised
from compliance.imports.notes import Code, Note, packed, unpacked
from compliance.imports.quantities import altitude_of, area_of, number_of, weight_of
from compliance.imports.reading import read_list
from compliance.imports.seasons import day_of, harvest_year_of
from compliance.imports.tables import Row, Source
from rules.vocabulary import Commodity, SiteKind

CELLS = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\x00"),
    max_size=30,
)
NAMES = st.sampled_from(
    ["El Cedro", "Finca El Cedro", "La Palma", "various", "-", "NA", "Bellavista", "1"]
)
TOWNS = st.sampled_from(["Planadas", "Gaitania", "", "NA"])
FARMS = st.lists(st.tuples(NAMES, TOWNS), max_size=25)
COLUMNS = {Field.NAME: "name", Field.MUNICIPALITY: "town"}
LAYOUT = layout_of(
    ("name", "town"), COLUMNS, Defaults(SiteKind.PRODUCER, Commodity.COFFEE, "CO"), {}
)


def staged(rows: list[tuple[str, str]]) -> list[Staged]:
    return list(
        normalised(LAYOUT, (Row(number, cells) for number, cells in enumerate(rows, 2)))
    )


@given(
    st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=10),
    st.sampled_from(",;\t|"),
)
def test_what_a_spreadsheet_writes_is_read_back(
    rows: list[list[str]], separator: str
) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=separator)
    writer.writerows([["one", "two", "three"], *[["a", *row[1:]] for row in rows]])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list.csv"
        path.write_bytes(text.getvalue().encode())

        read = [list(row.cells) for row in read_list(Source(path, "list.csv")).rows]

    assert read == [["a", *row[1:]] for row in rows]


@given(st.text(max_size=40))
def test_no_text_makes_a_reader_fall_over(text: str) -> None:
    for read in (number_of, altitude_of, area_of, weight_of, day_of, harvest_year_of):
        read(text)


@given(st.lists(CELLS, min_size=2, max_size=2))
def test_any_row_is_either_understood_or_refused_with_a_reason(
    cells: list[str],
) -> None:
    one = staged([(cells[0], cells[1])])[0]

    assert one.is_refused != ("name" in one.values)
    assert unpacked(packed(one.notes)) == tuple(one.notes)


@given(FARMS, st.integers(0, 1000))
def test_what_names_no_place_is_never_alike_to_anything(
    farms: list[tuple[str, str]], seed: int
) -> None:
    random.Random(seed).shuffle(farms)  # noqa: S311 - an order is no secret
    register = Register()

    found = [(one, register.compare(one)) for one in staged(farms)]

    nothing = {"various", "-", "NA", "1"}
    assert all(
        compared.state is RowState.REFUSED
        for one, compared in found
        if one.cells[0] in nothing
    )
    assert not any(
        candidate.name in nothing
        for _, compared in found
        for candidate in compared.candidates
    )


@given(FARMS)
def test_a_candidate_in_the_list_always_stands_before_the_row(
    farms: list[tuple[str, str]],
) -> None:
    register = Register()

    for one in staged(farms):
        rows = [candidate.row for candidate in register.compare(one).candidates]
        assert all(row is not None and row < one.number for row in rows)


@given(FARMS)
def test_rows_that_say_the_same_are_numbered_apart(
    farms: list[tuple[str, str]],
) -> None:
    register = Register()

    keys = [
        (one.fingerprint, register.compare(one).occurrence) for one in staged(farms)
    ]

    assert len(set(keys)) == len(keys)


@given(NAMES, st.sampled_from([str.upper, str.lower, lambda text: f"  {text} "]))
def test_spelling_does_not_change_what_a_row_says(name: str, spelled: Any) -> None:
    one, other = staged([(name, "Planadas"), (spelled(name), spelled("Planadas"))])

    assert one.fingerprint == other.fingerprint


def test_every_note_says_what_was_found_and_what_would_be_right() -> None:
    facts = dict.fromkeys(
        ("count", "limit", "metres", "lowest", "highest", "kilometres", "decimals"), 1
    ) | dict.fromkeys(("meant", "reason", "proposal", "other", "country", "kind"), "CO")

    for code in Code:
        note = Note(code, facts=facts)
        assert note.what("en")
        assert note.remedy("en")
        assert note.what("es")
        assert note.remedy("es")
