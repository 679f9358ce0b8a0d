"""Countries, names, days, angles and columns as lists write them."""

from datetime import date

import pytest

from compliance.imports.coordinates import degrees_of, pair_of
from compliance.imports.countries import country_meant, country_of
from compliance.imports.fields import Field
from compliance.imports.mapping import (
    ColumnsMissing,
    ColumnUnknown,
    FieldUnknown,
    checked,
    fingerprint_of,
    missing,
    proposed,
)
from compliance.imports.names import core, is_damaged, is_name, mended
from compliance.imports.seasons import day_of, harvest_year_of


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("China", "CN"),
        ("CHINA", "CN"),
        ("CN", "CN"),
        ("CHN", "CN"),
        (" United States ", "US"),
        ("USA", "US"),
        ("U.S.A.", "US"),
        ("United States (Hawaii)", "US"),
        ("United States (Puerto Rico)", "PR"),
        ("Estados Unidos", "US"),
        ("Tanzania, United Republic Of", "TZ"),
        ("Cote d?Ivoire", "CI"),
        ("Costa de Marfil", "CI"),
        ("México", "MX"),
        ("Mexico", "MX"),
        ("Vietnam", "VN"),
        ("UAE", "AE"),
        ("Laos", "LA"),
        ("Brasil", "BR"),
        ("NO", "NO"),
        ("Atlantis", None),
        ("", None),
        ("-", None),
    ],
)
def test_countries_in_every_spelling(text: str, code: str | None) -> None:
    assert country_of(text) == code


def test_a_misspelt_country_is_asked_about_and_never_guessed() -> None:
    assert country_of("Colmbia") is None
    assert country_meant("Colmbia") == "Colombia (CO)"
    assert country_meant("Atlantis") is None


@pytest.mark.parametrize(
    "text", ["", "-", "NA", "n/a", "various", "Several", "mixed", "1", "?", "TEST", "#"]
)
def test_what_only_fills_a_cell_is_no_name(text: str) -> None:
    assert not is_name(text)


@pytest.mark.parametrize("text", ["M10", "El Cedro", "雅慕伊", "co-op #12", "Ñu"])
def test_names_may_be_short_and_in_any_script(text: str) -> None:
    assert is_name(text)


def test_generic_words_make_no_two_names_alike() -> None:
    assert core("Finca El Cedro") == core("HACIENDA  CEDRO, S.A.") == "cedro"
    assert core("La Finca") == "finca la"


def test_damage_is_found_and_a_remedy_proposed() -> None:
    assert mended("Rua da Saudade, N¬∫ 280") == "Rua da Saudade, Nº 280"
    assert mended("CafÃ© Alto") == "Café Alto"
    assert is_damaged("Cote d?Ivoire")
    assert mended("Cote d?Ivoire") is None


@pytest.mark.parametrize(
    "text", ["São José", "Peñón", "Què?", "臺南市", "¿Dónde?", "Ação"]
)
def test_sound_text_is_not_called_damaged(text: str) -> None:
    assert not is_damaged(text)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("April 4th, 2015", date(2015, 4, 4)),
        ("4 de abril de 2015", date(2015, 4, 4)),
        ("2015-04-04", date(2015, 4, 4)),
        ("25/04/2015", date(2015, 4, 25)),
        ("04.04.2015", date(2015, 4, 4)),
        ("03/04/2015", None),
        ("31/02/2015", None),
        ("TEST", None),
        ("April", None),
        ("0001-01-01", None),
    ],
)
def test_days_are_read_only_where_they_can_mean_one(
    text: str, day: date | None
) -> None:
    assert day_of(text) == day


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("2014", 2014),
        ("2013/2014", 2014),
        ("2017 / 2018", 2018),
        ("08/09 crop", 2009),
        ("December 2009-March 2010", 2010),
        ("4T/2010", 2010),
        ("TEST", None),
        ("mmm", None),
        ("Abril - Julio", None),
        ("4T72010", None),
        ("2010 2014", None),
    ],
)
def test_harvest_years(text: str, year: int | None) -> None:
    assert harvest_year_of(text) == year


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3.19698", 3.19698),
        ("-75,64506", -75.64506),
        ("3°11'49\" N", 3.196944),
        ("75°38'42.2\"O", -75.645056),
        ("75.6 W", -75.6),
        ("319698", 319698.0),
    ],
)
def test_angles(text: str, value: float) -> None:
    found = degrees_of(text)

    assert found is not None
    assert found.value == pytest.approx(value, abs=1e-6)


@pytest.mark.parametrize("text", ["abc", "", "3°99'00\"N", "--", "3.1.2"])
def test_what_is_no_angle(text: str) -> None:
    assert degrees_of(text) is None


def test_two_angles_in_one_cell() -> None:
    found = pair_of("(3.19698, -75.64506)")

    assert found is not None
    assert [angle.value for angle in found] == [3.19698, -75.64506]
    assert pair_of("Planadas") is None


def test_headings_in_three_languages_are_proposed() -> None:
    assert proposed(("País", "Município", "Nombre de la finca", "Área (ha)")) == {
        Field.COUNTRY: "País",
        Field.MUNICIPALITY: "Município",
        Field.NAME: "Nombre de la finca",
        Field.AREA: "Área (ha)",
    }


def test_the_surer_heading_gets_the_field() -> None:
    assert proposed(("Mill", "Farm.Name"))[Field.NAME] == "Farm.Name"


def test_persons_and_half_points_are_never_proposed() -> None:
    headings = ("Owner", "Producer name", "Contacto", "Nombre del productor", "lat")

    assert proposed(headings) == {}


def test_a_layout_is_known_by_its_headings_however_they_are_spelled() -> None:
    assert fingerprint_of(("País", "FINCA")) == fingerprint_of(("pais", "Finca"))
    assert fingerprint_of(("a", "b")) != fingerprint_of(("b", "a"))


def test_a_mapping_that_cannot_be_used_says_what_could() -> None:
    with pytest.raises(FieldUnknown, match="latitude"):
        checked({"nom": "a"}, ("a",))
    with pytest.raises(ColumnUnknown, match="a, b"):
        checked({"name": "c"}, ("a", "b"))
    with pytest.raises(ColumnsMissing, match="longitude"):
        checked({"latitude": "a"}, ("a", "b"))


def test_a_name_is_always_needed_and_a_country_unless_one_holds_for_all() -> None:
    assert missing({}, country=None) == (Field.NAME, Field.COUNTRY)
    assert missing({Field.NAME: "a"}, country="CO") == ()
