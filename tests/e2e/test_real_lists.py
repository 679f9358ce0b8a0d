"""The lists of others, with all the dirt real lists have, taken into the register.

They are only registered here: no finding, grade or risk is put on a real name.
"""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.conftest import Tenant
from tests.importing import confirm, rows_of, upload
from tests.real_lists import COFFEE, FACTORIES, THREE_FORMATS

ROWS = {
    "2": 82, "3": 19, "4": 81, "5": 64, "6": 42, "7": 29, "8": 61, "9": 34, "10": 54,
    "11": 55, "12": 15, "12_plain": 15, "13": 26, "14": 46,
}  # fmt: skip


def sent(client: TestClient, tenant: Tenant, path: Path) -> dict[str, Any]:
    return upload(client, tenant, path.read_bytes(), path.name, kind="mill")


def codes(rows: list[dict[str, Any]]) -> Counter[str]:
    return Counter(note["code"] for row in rows for note in row["notes"])


@pytest.mark.parametrize("path", FACTORIES, ids=lambda path: path.name)
def test_every_list_of_factories_is_read_whole_and_again_makes_nothing(
    client: TestClient, tenant: Tenant, path: Path
) -> None:
    first = sent(client, tenant, path)
    done = confirm(client, tenant, first["id"], undecided="skip")
    again = sent(client, tenant, path)
    nothing = confirm(client, tenant, again["id"], undecided="skip")

    assert first["counts"]["rows"] == ROWS[path.stem]
    assert first["counts"]["refused"] == 0
    assert done["counts"]["made"] == first["counts"]["new"]
    assert nothing["counts"]["made"] == 0
    assert (
        nothing["counts"]["matched"]
        == done["counts"]["made"] + done["counts"]["matched"]
    )


def test_three_formats_of_one_list_give_the_same_rows_and_the_damage_is_flagged(
    client: TestClient, tenant: Tenant
) -> None:
    lists = [sent(client, tenant, path) for path in THREE_FORMATS]
    rows = [rows_of(client, tenant, one["id"]) for one in lists]

    understood = [
        [{**row["understood"], "locality": None} for row in those] for those in rows
    ]
    assert [one["format"] for one in lists] == ["csv", "xls", "xlsx"]
    assert len(understood[0]) == 15
    assert understood[0] == understood[1] == understood[2]
    assert codes(rows[0]) == Counter()
    assert codes(rows[1]) == codes(rows[2]) == Counter({"encoding_mended": 1})
    damaged = rows[2][8]["notes"][0]
    assert (rows[2][8]["row"], damaged["column"]) == (10, "address")
    assert "Nº 280-400" in damaged["message"]
    assert "N¬∫" in rows[2][8]["cells"]["address"]


def test_the_second_and_third_format_of_a_list_make_nothing(
    client: TestClient, tenant: Tenant
) -> None:
    made = [
        confirm(client, tenant, sent(client, tenant, path)["id"])["counts"]["made"]
        for path in THREE_FORMATS
    ]

    assert made == [15, 0, 0]


def test_coffee_farms_with_all_their_dirt(client: TestClient, tenant: Tenant) -> None:
    found = upload(client, tenant, COFFEE.read_bytes(), COFFEE.name)
    rows = rows_of(client, tenant, found["id"])
    by_name: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        by_name.setdefault(row["cells"]["Farm.Name"], []).append(row)

    noted = codes(rows)
    assert len(rows) == 1_311
    assert noted["name_missing"] == 356
    assert {row["state"] for row in by_name["various"] + by_name["several"]} == {
        "refused"
    }
    assert not any(row["candidates"] for row in by_name["various"] + by_name["several"])
    assert not any(
        candidate["name"] in {"various", "several", "mixed", "-", ""}
        for row in rows
        for candidate in row["candidates"]
    )
    countries = Counter(row["understood"].get("country") for row in rows)
    assert (countries["CO"], countries["EC"], countries["CI"]) == (183, 1, 1)
    assert noted["encoding_damaged"] == 1
    assert {
        row["understood"]["altitude_low"]
        for row in rows
        if row["cells"]["Altitude"] == "2000 ft"
    } == {610}
    altitudes = {
        row["cells"]["Altitude"]: (
            row["understood"].get("altitude_low"),
            row["understood"].get("altitude_high"),
        )
        for row in rows
    }
    assert altitudes["1800 msnm"] == (1800, 1800)
    assert altitudes["de 1600 a 1950 msnm"] == (1600, 1950)
    assert altitudes["meters above sea level: 1.872"] == (1872, 1872)
    assert altitudes["11000 metros"] == altitudes["190164"] == (None, None)
    assert altitudes["1100.00 mosl"] == (1100, 1100)
    unreadable = {
        note["value"]
        for row in rows
        for note in row["notes"]
        if note["code"] == "harvest_unreadable"
    }
    assert {"TEST", "mmm", "Abril - Julio", "4T/10"} <= unreadable
    assert {
        row["understood"]["noted_on"]
        for row in rows
        if row["cells"]["Grading.Date"] == "April 4th, 2015"
    } == {"2015-04-04"}


def test_coffee_farms_again_make_nothing_and_a_lone_dash_comes_back(
    client: TestClient, tenant: Tenant
) -> None:
    first = upload(client, tenant, COFFEE.read_bytes(), COFFEE.name)
    made = confirm(client, tenant, first["id"], undecided="skip")["counts"]["made"]
    again = upload(client, tenant, COFFEE.read_bytes(), COFFEE.name)
    nothing = confirm(client, tenant, again["id"], undecided="skip")["counts"]
    report = client.get(
        f"/v1/imports/{first['id']}/report.csv", headers=tenant.headers()
    )

    assert made > 400
    assert (nothing["made"], nothing["matched"]) == (0, made)
    assert report.text.count(",-,") >= 9
    assert ",'-," not in report.text
