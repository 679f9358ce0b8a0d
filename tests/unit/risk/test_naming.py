"""Names on a list are looked for as numbers are kept, however somebody wrote them."""

from typing import cast

import pytest

from compliance.registry.models import IdentifierScheme
from compliance.risk.naming import Name, NamedTwice, NumbersMalformed, wanted_of

SITE = "site_0a1b2c3d4e5f6g7h"
TAX = IdentifierScheme.TAX_NUMBER


def test_ids_and_numbers_are_told_apart() -> None:
    wanted = wanted_of(
        [Name(SITE), Name("PO1000000123"), Name(SITE, IdentifierScheme.OWN_NUMBER)],
        "en",
    )

    assert wanted.ids == {SITE: 0}
    assert wanted.numbers["PO1000000123"] == (1,)
    assert wanted.numbers[SITE] == (2,)
    assert wanted.schemes == frozenset(IdentifierScheme)


def test_only_the_registers_that_are_named_are_asked() -> None:
    wanted = wanted_of([Name("4006381333931", IdentifierScheme.GLN)], "en")

    assert wanted.schemes == {IdentifierScheme.GLN}


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        (Name("900.123.456-8", TAX), {"900123456-8", "900123456"}),
        (Name("900123456", TAX), {"900123456", "900123456-8"}),
        (Name("20-10007097-0", TAX), {"20100070970"}),  # of Peru
        (Name("400-6381-333931", IdentifierScheme.GLN), {"4006381333931"}),
        (Name("400-6381-333931"), {"4006381333931"}),
        (Name("  FLO  ID 7 "), {"FLO ID 7"}),
        (Name("cn 2021250-d1dtn7"), {"CN2021250D1DTN7"}),
    ],
)
def test_a_number_is_found_as_its_register_writes_it(
    written: Name, kept: set[str]
) -> None:
    assert kept <= set(wanted_of([written], "en").numbers)


def test_a_number_its_register_never_gave_is_refused_with_the_reason() -> None:
    names = [Name("ok"), Name("4006381333932", IdentifierScheme.GLN)]

    with pytest.raises(NumbersMalformed) as refused:
        wanted_of(names, "en")

    (mistake,) = cast(list[dict[str, str]], refused.value.facts["errors"])
    assert mistake["field"] == "body.identifiers.1"
    assert "check digit" in mistake["remedy"]


def test_what_stands_twice_is_refused_but_not_one_number_of_two_registers() -> None:
    apart = [Name("7", IdentifierScheme.OWN_NUMBER), Name("7", IdentifierScheme.ISCC)]

    with pytest.raises(NamedTwice) as refused:
        wanted_of([*apart, Name("7"), Name(" 7 ")], "en")

    assert refused.value.facts["count"] == 1
    assert wanted_of(apart, "en").numbers == {"7": (0, 1)}
