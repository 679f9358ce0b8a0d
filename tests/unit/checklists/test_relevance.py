"""Skip logic is evaluated as the device does it, and nothing beyond the subset is."""

import pytest

from audits.checklists.relevance import (
    ConditionNotUnderstood,
    absolute,
    holds,
    paths_of,
    read_condition,
)

ANSWERS = {"/d/yes": "yes", "/d/many": "a b", "/d/five": "5", "/d/blank": ""}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("/d/yes = 'yes'", True),
        (" /d/yes  != 'yes'", False),
        ('/d/yes = "no"', False),
        ("/d/blank = ''", True),
        ("/d/blank = 'yes'", False),
        ("/d/blank != 'yes'", True),
        ("/d/five > 4", True),
        ("/d/five >= 5.0", True),
        ("/d/five < 5", False),
        ("/d/five <= 4", False),
        ("/d/five = 5", True),
        ("/d/five != 5", False),
        ("/d/blank > 0", False),
        ("/d/blank < 1", False),
        ("/d/blank = 0", False),
        ("/d/blank != 0", True),
        ("/d/yes > 0", False),
        ("selected(/d/many, 'b')", True),
        ("selected(/d/many, 'a b')", False),
        ("selected( /d/blank , 'a')", False),
        ("not(/d/yes = 'yes')", False),
        ("not(selected(/d/many, 'c'))", True),
        ("/d/yes = 'yes' and /d/five > 9", False),
        ("/d/yes = 'no' or /d/five > 4", True),
        ("/d/yes = 'yes' or /d/yes = 'x' and /d/yes = 'y'", True),
        ("(/d/yes = 'yes' or /d/yes = 'x') and /d/yes = 'y'", False),
        ("selected(/d/many, 'a') = not(/d/yes = 'x')", True),
        ("/d/blank", False),
        ("/d/yes", True),
        ("0", False),
        ("../five = 5", True),
    ],
)
def test_a_condition_is_true_or_not(expression: str, *, expected: bool) -> None:
    found = holds(
        read_condition(expression), lambda path: ANSWERS[absolute(path, "/d/here")]
    )

    assert found is expected


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "today() > 3",
        "count-selected(/d/many) > 1",
        "/d/five + 1 > 3",
        "/d/yes = ",
        "/d/yes = 'yes",
        "(/d/yes",
        "/d/yes 'yes'",
        "selected('a', 'b')",
        "selected(/d/many, /d/yes)",
        "instance('x')/root/item = 1",
        "/d/*",
        "five = 5",
        "(" * 200 + "/d/yes" + ")" * 200,
    ],
)
def test_what_is_beyond_the_subset_is_refused(expression: str) -> None:
    with pytest.raises(ConditionNotUnderstood, match="The condition"):
        read_condition(expression)


def test_every_path_a_condition_reads_is_known() -> None:
    condition = read_condition("not(selected(/a, 'x')) and (/b = /c or ../d > 1)")

    assert list(paths_of(condition)) == ["/a", "/b", "/c", "../d"]


@pytest.mark.parametrize(
    ("path", "context", "expected"),
    [
        ("/data/x", "/data/g/y", "/data/x"),
        ("../x", "/data/g/y", "/data/g/x"),
        ("../../x", "/data/g/y", "/data/x"),
        ("../g2/x", "/data/g/y", "/data/g/g2/x"),
    ],
)
def test_a_path_is_made_absolute(path: str, context: str, expected: str) -> None:
    assert absolute(path, context) == expected
