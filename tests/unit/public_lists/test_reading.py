"""Files that somebody published → what each row says; nothing is guessed."""

from collections import Counter
from pathlib import Path

import pytest

from compliance.imports.tables import ListUnreadable
from compliance.problems import Problem
from compliance.public_lists.columns import ListColumnsMissing, ListColumnUnknown
from compliance.public_lists.entries import entries_of, without_twins
from compliance.public_lists.models import Category
from compliance.public_lists.reading import (
    DayOrder,
    Names,
    Reading,
    ReadList,
    RowOutcome,
    commodity_of,
    country_named,
    read_public_list,
)
from compliance.public_lists.schemes import NumberScheme
from rules.vocabulary import Commodity

DATA = Path(__file__).parents[2] / "data" / "public_lists"
GOODS = Reading(Category.GOODS)
EMPLOYERS = Reading(Category.EMPLOYER_REGISTER, country="BR")


def read(tmp_path: Path, text: str, reading: Reading = EMPLOYERS) -> ReadList:
    path = tmp_path / "a list"
    path.write_bytes(text.encode())
    return without_twins(read_public_list(path, "", reading))


def no_digest(_scheme: NumberScheme, value: str, _country: str | None) -> bytes:
    return value.encode()


def notes(found: ReadList) -> dict[int, list[str]]:
    return {
        one.row: [note.message.format(**note.facts) for note in one.notes]
        for one in found.report
        if one.notes
    }


def test_the_goods_list_of_2019_says_what_it_says() -> None:
    found = read_public_list(DATA / "usdol_goods_list_2019.csv", "", GOODS)

    kinds = Counter(
        (one.child_labour, one.forced_labour, one.forced_child_labour)
        for one in found.listed
    )
    coffee = {one.country for one in found.listed if one.commodity is Commodity.COFFEE}
    palm = {one.country for one in found.listed if one.commodity is Commodity.PALM_OIL}
    assert found.refused == 0
    assert len(found.listed) == len(found.report) == 437
    # Counted by hand in the file: 318, 54, 42 and 23 rows.
    assert kinds == {
        (True, False, False): 318,
        (True, True, True): 54,
        (False, True, False): 42,
        (True, True, False): 23,
    }
    assert coffee == {
        "BR",
        "CO",
        "CR",
        "CI",
        "DO",
        "SV",
        "GT",
        "GN",
        "HN",
        "KE",
        "MX",
        "NI",
        "PA",
        "SL",
        "TZ",
        "UG",
        "VN",
    }
    assert palm == {"ID", "MY", "SL"}


def test_the_goods_list_of_2014_is_read_by_names_and_not_by_its_codes() -> None:
    found = read_public_list(DATA / "usdol_goods_2014.xml", "", GOODS)

    by_row = {one.row: one for one in found.listed}
    countries = {one.country for one in found.listed}
    (ivory,) = (
        one
        for one in found.listed
        if (one.country, one.commodity) == ("CI", Commodity.COFFEE)
    )
    assert found.refused == 0
    assert len(by_row) == 353  # a row's number is its line, and no two share one
    # Cassava and cassiterite stand there without any country.
    assert [one.row for one in found.report if one.row not in by_row] == [492, 498]
    assert {"MM", "KG", "CD"} <= countries
    assert not {"BU", "KV"} & countries
    assert ivory.child_labour
    assert ivory.forced_labour


def test_an_empty_cell_is_not_listed_and_a_row_of_them_says_nothing(
    tmp_path: Path,
) -> None:
    text = (
        "Country,Good,Child Labor,Forced Labor\nColombia,Coffee,,\nPeru,Coffee,no,x\n"
    )

    found = read(tmp_path, text, GOODS)

    assert [(one.country, one.forced_labour) for one in found.listed] == [("PE", True)]
    assert [one.outcome for one in found.report] == [
        RowOutcome.LEFT_OUT,
        RowOutcome.ENTRY,
    ]
    assert notes(found)[2] == ["The row lists no kind of labour, so it says nothing."]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("Atlantis,Coffee,1", "Atlantis is no country that is known."),
        (",Coffee,1", "The row names no country."),
        ("Peru,,1", "The row names no good."),
        ("Peru,Coffee,maybe", "maybe is neither yes nor no."),
        (f"Peru,{'x' * 201},1", "The text has 201 characters; at most 200 are kept."),
    ],
)
def test_a_row_that_cannot_be_used_is_refused_with_its_remedy(
    tmp_path: Path, row: str, said: str
) -> None:
    found = read(tmp_path, f"Country,Good,Child Labor\n{row}\n", GOODS)

    (report,) = found.report
    assert found.listed == ()
    assert report.outcome is RowOutcome.REFUSED
    assert notes(found)[2] == [said]
    assert report.notes[0].remedy


@pytest.mark.parametrize(
    ("text", "order", "meant"),
    [
        ("2026-03-04", None, "2026-03-04"),
        ("13/03/2026", None, "2026-03-13"),
        ("03/13/2026", None, "2026-03-13"),
        ("04/04/2026", None, "2026-04-04"),
        ("03/04/2026", DayOrder.DAY_FIRST, "2026-04-03"),
        ("03/04/2026", DayOrder.MONTH_FIRST, "2026-03-04"),
        ("03/04/2026", None, None),
        ("31/02/2026", None, None),
        ("last spring", DayOrder.DAY_FIRST, None),
    ],
)
def test_a_day_is_read_only_where_it_is_one(
    tmp_path: Path, text: str, order: DayOrder | None, meant: str | None
) -> None:
    reading = Reading(Category.IMPORT_BAN, country="MY", days=order)

    found = read(tmp_path, f"Entity,Date\nContoh Jaya Bhd,{text}\n", reading)

    days = [one.from_on and one.from_on.isoformat() for one in found.listed]
    assert days == [meant] * (meant is not None)
    assert found.refused == (meant is None)


PEOPLE = """Empregador;CNPJ/CPF;UF
Agropecuaria Inventada Ltda;11.222.333/0001-81;MG
Maria Inventada da Silva;529.982.247-25;BA
Joao Inventado;;PA
Fazenda Inventada;;PA
"""


def test_people_on_a_list_leave_neither_name_nor_bare_number(tmp_path: Path) -> None:
    found = read(tmp_path, PEOPLE)

    company, person = found.listed
    entries = entries_of(found.listed, no_digest)
    assert [one.outcome for one in found.report] == [
        RowOutcome.ENTRY,
        RowOutcome.PERSON,
        RowOutcome.LEFT_OUT,
        RowOutcome.LEFT_OUT,
    ]
    assert (company.name, company.numbers) == (
        "Agropecuaria Inventada Ltda",
        ((NumberScheme.TAX_NUMBER, "11222333000181"),),
    )
    assert (person.is_person, person.name) == (True, None)
    assert "52998224725" not in repr(found)
    assert "Maria" not in repr(found)
    assert found.has_people
    assert {one.values for one in entries if one.listed.is_person} == {()}


def test_who_knows_that_a_list_names_companies_says_so_but_a_cpf_stays_a_persons(
    tmp_path: Path,
) -> None:
    reading = Reading(Category.EMPLOYER_REGISTER, country="BR", names=Names.COMPANIES)

    found = read(tmp_path, PEOPLE, reading)

    kinds = [(one.name, one.is_person) for one in found.listed]
    assert kinds == [
        ("Agropecuaria Inventada Ltda", False),
        (None, True),
        ("Joao Inventado", False),
        ("Fazenda Inventada", False),
    ]


@pytest.mark.parametrize(
    ("entity", "name", "is_person"),
    [
        ("natural person", "Inventada S.A.", True),
        ("company", "Inventada", False),
        ("", "Inventada S.A.S.", False),
        ("", "PT. Inventada Jaya", False),
    ],
)
def test_what_a_list_says_of_an_entity_goes_before_its_name(
    tmp_path: Path,
    entity: str,
    name: str,
    is_person: bool,  # noqa: FBT001 - a case of the table
) -> None:
    text = f"Name,Entity type,LEI\n{name},{entity},5493001KJTIIGC8Y1R12\n"

    found = read(tmp_path, text, Reading(Category.IMPORT_BAN))

    assert [one.is_person for one in found.listed] == [is_person]


def test_rows_that_say_the_same_are_one(tmp_path: Path) -> None:
    text = (
        "Name,Country\nContoh Jaya Bhd,MY\nLain Jaya Bhd,MY\nCONTOH JAYA BHD,Malaysia\n"
    )

    found = read(tmp_path, text, Reading(Category.IMPORT_BAN))

    assert [one.row for one in found.listed] == [2, 3]
    assert notes(found) == {4: ["The row says what row 2 says."]}


@pytest.mark.parametrize(
    ("text", "reading", "problem"),
    [
        ("a,b\n1,2\n", GOODS, ListColumnsMissing),
        ("a,b\n1,2\n", EMPLOYERS, ListColumnsMissing),
        (
            "a,b\n1,2\n",
            Reading(Category.OWN_LIST, columns=("name=c",)),
            ListColumnUnknown,
        ),
        (
            "a,b\n1,2\n",
            Reading(Category.OWN_LIST, columns=("colour=a",)),
            ListColumnUnknown,
        ),
        ('{"type": "FeatureCollection"}', EMPLOYERS, ListUnreadable),
        ("<?xml version='1.0'?><a><b></a>", GOODS, ListUnreadable),
        (
            "<?xml version='1.0'?><!DOCTYPE a [<!ENTITY x 'y'>]><a><b><c>1</c></b></a>",
            GOODS,
            ListUnreadable,
        ),
        ("<?xml version='1.0'?>" + "<a>" * 20 + "</a>" * 20, GOODS, ListUnreadable),
    ],
)
def test_a_file_that_is_no_such_list_is_told(
    tmp_path: Path, text: str, reading: Reading, problem: type[Problem]
) -> None:
    with pytest.raises(problem) as refused:
        read(tmp_path, text, reading)

    assert refused.value.told("es")


def test_a_column_is_what_its_importer_says_it_is(tmp_path: Path) -> None:
    reading = Reading(Category.OWN_LIST, columns=("name=Wer",), country="DE")

    found = read(tmp_path, "Wer,Name\nErfunden GmbH,4\n", reading)

    assert [one.name for one in found.listed] == ["Erfunden GmbH"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Congo, Democratic Republic of the", "CD"),
        ("Congo, Republic of the", "CG"),
        ("Kyrgyz Republic", "KG"),
        ("Burma", "MM"),
        ("Cote d'Ivoire", "CI"),
        ("Nowhere, Republic of", None),
    ],
)
def test_countries_are_read_as_lists_name_them(text: str, code: str | None) -> None:
    assert country_named(text) == code


@pytest.mark.parametrize(
    ("good", "commodity"),
    [
        ("Coffee", Commodity.COFFEE),
        ("Oil (Palm)", Commodity.PALM_OIL),
        ("Palm Fruit", Commodity.PALM_OIL),
        ("Palm Thatch", None),
        ("Coffee tables", None),
    ],
)
def test_a_good_is_a_commodity_only_where_it_is_one(
    good: str, commodity: Commodity | None
) -> None:
    assert commodity_of(good) is commodity
