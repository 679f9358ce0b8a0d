"""Numbers of other registers: kept in one form, refused where they cannot be."""

import pytest

from compliance.registry.models import IdentifierScheme
from compliance.registry.numbers import (
    NumberMalformed,
    nit_digit,
    read_number,
    remarks_on_numbers,
    wanted_number,
)

S = IdentifierScheme

# Numbers that their own registers have published, or give as examples.
HELD = [
    (S.GLN, "4012345000009", "DE", "4012345000009"),
    (S.GLN, "401 2345 00000-9", "DE", "4012345000009"),
    (S.LEI, "529900t8bm49aursdo55", "DE", "529900T8BM49AURSDO55"),
    (S.OS_HUB, "CN2021250D1DTN7", "CN", "CN2021250D1DTN7"),
    (S.OS_HUB, "cn-2021250-d1dtn-7", "CN", "CN2021250D1DTN7"),
    (S.TAX_NUMBER, "899.999.068-1", "CO", "899999068-1"),
    (S.TAX_NUMBER, "860007386-1", "CO", "860007386-1"),
    (S.TAX_NUMBER, "20100070970", "PE", "20100070970"),
    (S.TAX_NUMBER, "33.000.167/0001-01", "BR", "33000167000101"),
    (S.TAX_NUMBER, "12.ABC.345/01DE-35", "BR", "12ABC34501DE35"),
    (S.TAX_NUMBER, "1790016919001", "EC", "1790016919001"),
    (S.UNIVERSAL_MILL_LIST, "PO1000000123", "ID", "PO1000000123"),
    (S.ISCC, "EU-ISCC-Cert-DE100-12345678", "DE", "EU-ISCC-Cert-DE100-12345678"),
    (S.FAIRTRADE, "FLO ID 1234", "CO", "FLO ID 1234"),
    (S.OWN_NUMBER, "  A  17 ", "CO", "A 17"),
]
REFUSED = [
    (S.GLN, "4012345000008", "DE"),
    (S.GLN, "401234500000", "DE"),
    (S.LEI, "529900T8BM49AURSDO56", "DE"),
    (S.LEI, "529900T8BM49AURSDO5", "DE"),
    (S.OS_HUB, "CN2021250D1DTN8", "CN"),
    (S.OS_HUB, "CN2021250D1DTU7", "CN"),
    (S.OS_HUB, "2021250D1DTN7", "CN"),
    (S.TAX_NUMBER, "899999068-2", "CO"),
    (S.TAX_NUMBER, "899999068-", "CO"),
    (S.TAX_NUMBER, "20100070971", "PE"),
    (S.TAX_NUMBER, "33.000.167/0001-02", "BR"),
]
ODD = [
    (S.TAX_NUMBER, "DEMO-CO-C001", "CO"),
    (S.TAX_NUMBER, "899999068", "CO"),
    (S.TAX_NUMBER, "4012345", "EC"),
    (S.TAX_NUMBER, "1790016919000", "EC"),
    (S.UNIVERSAL_MILL_LIST, "1000000123", "ID"),
    (S.RSPO, "1106123", "ID"),
    (S.RAINFOREST_ALLIANCE, "00123456701", "CO"),
    (S.FOUR_C, "12345", "CO"),
]


@pytest.mark.parametrize(("scheme", "given", "country", "kept"), HELD)
def test_a_number_that_holds_is_kept_in_one_form(
    scheme: S, given: str, country: str, kept: str
) -> None:
    number = read_number(scheme, given, country)

    assert (number.value, number.remarks) == (kept, ())


@pytest.mark.parametrize(("scheme", "given", "country"), REFUSED)
def test_a_number_that_its_register_could_not_give_is_refused_with_the_reason(
    scheme: S, given: str, country: str
) -> None:
    with pytest.raises(NumberMalformed) as refused:
        read_number(scheme, given, country)

    assert refused.value.facts["why"]
    assert given in refused.value.told("es")


@pytest.mark.parametrize(("scheme", "given", "country"), ODD)
def test_a_number_that_only_looks_odd_is_kept_with_a_remark(
    scheme: S, given: str, country: str
) -> None:
    number = read_number(scheme, given, country)

    assert number.value == given
    assert [remark.code for remark in number.remarks] == ["number_looks_odd"]
    assert given in number.remarks[0].told("en")


def test_a_nit_without_its_check_digit_is_told_what_it_would_be() -> None:
    number = read_number(S.TAX_NUMBER, "899999068", "CO")

    assert "899999068-1" in number.remarks[0].told("en")


@pytest.mark.parametrize("wrong", [f"899999068-{digit}" for digit in "023456789"])
def test_every_wrong_check_digit_of_a_nit_is_refused(wrong: str) -> None:
    with pytest.raises(NumberMalformed):
        read_number(S.TAX_NUMBER, wrong, "CO")


@pytest.mark.parametrize("place", range(9))
def test_all_slips_of_one_digit_in_a_nit_show_but_one(place: int) -> None:
    right = "899999068"
    slipped = [
        right[:place] + digit + right[place + 1 :]
        for digit in "0123456789"
        if digit != right[place]
    ]

    unseen = [one for one in slipped if nit_digit(one) == nit_digit(right)]

    # Of eleven remainders two share the digit 1.
    assert len(unseen) <= 1


def test_the_country_decides_what_a_tax_number_looks_like() -> None:
    assert read_number(S.TAX_NUMBER, "X-1", "DE").remarks == ()
    assert read_number(S.TAX_NUMBER, "X-1", "CO").remarks != ()


def test_what_was_kept_before_the_checks_is_remarked_and_not_refused() -> None:
    remarks = remarks_on_numbers([(S.GLN, "123"), (S.GLN, "4012345000009")], "CO")

    assert [remark.code for remark in remarks] == ["number_malformed"]
    assert "123" in remarks[0].told("en")


def test_a_number_is_looked_up_however_it_was_written() -> None:
    assert wanted_number(S.GLN, "401 2345 00000 9", None) == "4012345000009"
    assert wanted_number(S.GLN, "nonsense", None) == "nonsense"
    assert wanted_number(None, "73-0001", None) == "73-0001"
