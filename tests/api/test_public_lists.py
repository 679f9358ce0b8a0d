"""Public lists over HTTP: editions as they were published, compared, and never guessed."""

import hashlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from fastapi import FastAPI
from sqlalchemy import select, text
from starlette.testclient import TestClient

from api.intake import keyring_of
from audits.risk_evidence.assessing import assess_now
from compliance import clock
from compliance.database import Database
from compliance.identity.models import Role
from compliance.identity.scope import scope_of_system
from compliance.registry.models import Site
from compliance.risk.codes import PartCode
from tests.conftest import Tenant
from tests.field import register_farm
from tests.jobs import wait_until
from tests.listing import BANNED, DATA, GOODS, NOBODY, SAID, Listing
from tests.sharing import trail_of
from tests.visits import TODAY

ROUTES = [
    ("GET", "/v1/public-lists"),
    ("POST", "/v1/public-lists"),
    ("GET", "/v1/public-lists/list_no"),
    ("GET", "/v1/public-lists/list_no/editions"),
    (
        "POST",
        "/v1/public-lists/list_no/editions?edition=2026-01-01&source=none&licence=no",
    ),
    ("GET", "/v1/public-lists/list_no/editions/2026-01-01"),
    ("GET", "/v1/public-lists/list_no/editions/2026-01-01/entries"),
    ("GET", "/v1/public-lists/list_no/editions/2026-01-01/diff"),
    ("GET", "/v1/listed-goods?country=CO&commodity=coffee"),
    ("GET", "/v1/list-matches"),
    ("GET", "/v1/list-matches/match_no"),
    ("POST", "/v1/list-matches/match_no/decisions"),
    ("GET", "/v1/exclusions"),
    ("GET", "/v1/exclusions/exclusion_no"),
    ("POST", "/v1/exclusions/exclusion_no/decision"),
]
BODIES = {
    "/v1/public-lists": BANNED,
    "/v1/list-matches/match_no/decisions": {
        "decision": "watch",
        "reason": "name_alone",
    },
    "/v1/exclusions/exclusion_no/decision": {
        "verdict": "accept",
        "reason": "precaution",
    },
}

# Invented: a buyer's own list, which names more than ours does.
FORCED_LABOUR_TOO = (
    "Country,Good,Child Labor,Forced Labor,CL & FL,Sector\nColombia,Coffee,,1.0,,agri\n"
)


@pytest.fixture(autouse=True)
def _november() -> Iterator[None]:
    with clock.set_to(lambda: TODAY):
        yield


@pytest.fixture
def listing(
    app: FastAPI, client: TestClient, tenant: Tenant, database: Database
) -> Listing:
    return Listing(client, tenant, database, keyring_of(app.state.service))


def test_public_lists_need_a_key(client: TestClient) -> None:
    answers = {
        f"{method} {path}": client.request(
            method, path, json=BODIES.get(path)
        ).status_code
        for method, path in ROUTES
    }

    assert answers == dict.fromkeys(answers, 401)


def test_the_lists_of_another_organisation_are_not_found(
    listing: Listing, stranger: Tenant
) -> None:
    public_list = listing.add()
    listing.import_(public_list, NOBODY)
    theirs = Listing(listing.client, stranger, listing.database, listing.keyring)

    read = [
        theirs.send("GET", f"/public-lists/{path}").status_code
        for path in (
            public_list,
            BANNED["code"],
            f"{public_list}/editions",
            f"{public_list}/editions/2026-11-01",
            f"{public_list}/editions/2026-11-01/entries",
            f"{public_list}/editions/2026-11-01/diff",
        )
    ]
    imported = theirs.import_(public_list, NOBODY, "2026-11-02")

    assert read == [404] * 6
    assert imported.json()["type"] == "/problems/list-not-found"
    assert theirs.get("/public-lists")["items"] == []
    assert listing.get(f"/public-lists/{BANNED['code']}")["edition_on"] == "2026-11-01"


def test_what_is_malformed_is_told_with_its_remedy(listing: Listing) -> None:
    public_list = listing.add()

    added = [
        listing.send("POST", "/public-lists", {**BANNED, **changes}).status_code
        for changes in (
            {"code": "With Spaces"},
            {"category": "gossip"},
            {"name": ""},
            {"day": "2026-01-01"},
        )
    ]
    imported = [
        listing.import_(public_list, content, **said)
        for content, said in (
            (NOBODY, {"edition": "November"}),
            (NOBODY, {"column": "name=Nobody"}),
            ("a,b\n1,2\n", {}),
            ("Entity,Country\nInventada Ltda,Atlantis\n", {}),
            ("Entity,Country\n", {}),
            (NOBODY, {"edition": "2026-11-23"}),
        )
    ]
    pdf = listing.import_(public_list, b"%PDF-1.7")
    without_day = listing.send(
        "POST", f"/public-lists/{public_list}/editions?source=none&licence=no", b"a"
    )

    assert added == [422] * 4
    assert [one.status_code for one in imported] == [422] * 6
    assert [one.json()["type"].rpartition("/")[2] for one in imported[1:]] == [
        "list-column-unknown",
        "list-columns-missing",
        "rows-refused",
        "nothing-listed",
        "edition-ahead",
    ]
    assert pdf.status_code == 415
    assert without_day.status_code == 422
    assert listing.get(f"/public-lists/{public_list}/editions")["items"] == []


def test_what_a_role_may_not_or_what_is_there_is_refused(listing: Listing) -> None:
    public_list = listing.add()
    first = listing.import_(public_list, NOBODY)

    query = urlencode({"edition": "2026-11-02", **SAID})
    by_reviewer = listing.send(
        "POST",
        f"/public-lists/{public_list}/editions?{query}",
        NOBODY.encode(),
        Role.REVIEWER,
    )
    added = listing.send("POST", "/public-lists", BANNED, Role.REVIEWER)
    twice = listing.send("POST", "/public-lists", BANNED)
    again = listing.import_(public_list, NOBODY)
    other_bytes = listing.import_(public_list, f"{NOBODY}Una Más Ltda,CO,2\n")

    assert by_reviewer.status_code == added.status_code == 403
    assert twice.status_code == 409
    assert twice.json()["public_list"] == public_list
    assert (again.status_code, again.json()["is_new"]) == (200, False)
    assert again.json()["edition"] == first.json()["edition"]
    assert other_bytes.json()["type"] == "/problems/edition-taken"
    assert other_bytes.status_code == 409


def test_two_editions_of_the_goods_list_are_kept_compared_and_asked(
    listing: Listing, app: FastAPI, database: Database
) -> None:
    older = (DATA / "usdol_goods_2014.xml").read_bytes()
    newer = (DATA / "usdol_goods_list_2019.csv").read_bytes()
    goods = listing.add(**GOODS)

    tried = listing.import_(goods, newer, "2018-09-20", dry_run="true")
    before = listing.get(f"/public-lists/{goods}/editions")["items"]
    made = [
        listing.import_(goods, content, day)
        for content, day in ((newer, "2018-09-20"), (older, "2014-12-01"))
    ]

    assert (tried.status_code, before) == (200, [])
    assert tried.json()["edition"] is None
    assert tried.json()["report"]["counts"]["entry"] == 437
    assert [one.status_code for one in made] == [201, 201]
    edition = made[0].json()["edition"]
    assert made[0].headers["location"].endswith(edition["id"])
    assert (edition["entries"], edition["is_file_kept"]) == (437, True)
    files = app.state.service.files
    assert edition["sha256"] == hashlib.sha256(newer).hexdigest()
    assert files.read(edition["sha256"]) == newer
    # The older edition came later, and changes nothing of what holds today.
    assert listing.get(f"/public-lists/{goods}")["edition_on"] == "2018-09-20"

    asked = "/listed-goods?country=CR&commodity=coffee"
    (now,) = listing.get(asked)["items"]
    assert (now["child_labour"], now["forced_labour"]) == (True, False)
    assert listing.get(f"{asked}&on=2015-01-01")["items"] == []
    assert listing.get(f"{asked}&on=2014-11-30")["items"] == []
    assert listing.get("/listed-goods?country=EC&commodity=coffee")["items"] == []

    path = f"/public-lists/{goods}/editions/2018-09-20"
    compared = listing.get(f"{path}/diff")
    added = {(one["country"], one["good"]) for one in compared["added"]}
    assert compared["before"]["edition_on"] == "2014-12-01"
    assert {("CR", "Coffee"), ("BR", "Coffee"), ("VN", "Coffee")} <= added
    assert len(compared["added"]) - len(compared["removed"]) == 437 - 353
    assert (
        listing.get(f"/public-lists/{goods}/editions/2014-12-01/diff")["before"] is None
    )

    some = listing.get(f"{path}/entries?commodity=palm_oil&rows=2")
    rest = listing.send("GET", some["next"].removeprefix("/v1")).json()
    assert [one["country"] for one in some["items"] + rest["items"]] == [
        "ID",
        "MY",
        "SL",
    ]
    sheet = listing.send("GET", f"{path}/diff", accept="text/csv")
    assert sheet.content.startswith(b"\xef\xbb\xbfchange,")
    assert trail_of(database, listing.tenant)[-1] == (
        "public_list.edition_imported",
        goods,
    )


def test_what_a_list_says_of_a_good_is_in_the_risk_of_its_sites(
    listing: Listing, client: TestClient, tenant: Tenant, database: Database
) -> None:
    farm = register_farm(client, tenant)
    goods = listing.add(**GOODS)
    before = _inherent(database, tenant, farm)

    listing.import_(goods, FORCED_LABOUR_TOO, "2026-10-01")
    after = _inherent(database, tenant, farm)

    assert "goods_child_labour" in before
    assert "goods_forced_labour" not in before
    assert {"goods_child_labour", "goods_forced_labour"} <= set(after)
    assert after["goods_forced_labour"]["edition"] == 2026


def _inherent(database: Database, tenant: Tenant, farm: str) -> dict[str, Any]:
    with database.reading() as session:
        scope = scope_of_system(session, tenant.id)
        site_id = session.scalars(select(Site.id).where(Site.public_id == farm)).one()
        (found,) = assess_now(session, scope, [site_id])
    reasons = found.assessment.parts[PartCode.INHERENT].reasons
    return {one.code: one.params for one in reasons}


def test_a_row_that_cannot_be_used_stops_all_of_it_and_is_told(
    listing: Listing,
) -> None:
    public_list = listing.add()
    content = "Entity,Country,Date\nInventada Ltda,CO,03/04/2026\nFicticia Ltda,CO,\n"

    tried = listing.import_(public_list, content, dry_run="true")
    imported = listing.import_(public_list, content)
    ordered = listing.import_(public_list, content, days="dmy")

    (row,) = tried.json()["report"]["rows"]
    assert (row["row"], row["outcome"]) == (2, "refused")
    assert row["notes"][0]["column"] == "from_on"
    assert "YYYY-MM-DD" in row["notes"][0]["remedy"]
    assert (imported.status_code, imported.json()["row"]) == (422, 2)
    assert ordered.status_code == 201
    entries = listing.get(f"/public-lists/{public_list}/editions/2026-11-01/entries")
    assert [one["from_on"] for one in entries["items"]] == ["2026-04-03", None]


def test_of_people_on_a_list_nothing_is_kept_that_names_them(
    listing: Listing, app: FastAPI, client: TestClient, tenant: Tenant
) -> None:
    number = {"scheme": "tax_number", "value": "529.982.247-25"}
    site = register_farm(
        client, tenant, name="Sítio Inventado", country="BR", identifiers=[number]
    )
    employers = listing.add(code="employers", category="employer_register")
    content = (
        "Empregador,CNPJ/CPF,UF\n"
        "Fulana Ficticia de Tal,529.982.247-25,MG\n"
        "Beltrana Ficticia,,MG\n"
        "Agro Ficticia Ltda,11.222.333/0001-81,MG\n"
    )

    imported = listing.import_(employers, content, country="BR")
    wait_until(lambda: bool(listing.matches()))  # a worker compares by itself

    edition = imported.json()["edition"]
    assert (edition["entries"], edition["people"]) == (2, 1)
    assert edition["is_file_kept"] is False
    assert not app.state.service.files.path(edition["sha256"]).exists()
    (match,) = listing.matches()
    assert (match["subject"], match["entry"]["is_person"]) == (site, True)
    assert match["entry"]["name"] is None
    assert [one["sign"] for one in match["evidence"]] == ["number_of_person"]
    told = imported.text + str(listing.get(f"/list-matches/{match['id']}"))
    assert "Fulana" not in told
    assert "52998224725" not in told.replace(".", "").replace("-", "")
    for table in ("public_list_entry", "public_list_number", "list_match"):
        kept = _all_of(listing.database, table)
        assert "Fulana" not in kept
        assert "Beltrana" not in kept
        assert "52998224725" not in kept
    # Under another key the digest of a number is another.
    assert hashlib.sha256(b"52998224725").hexdigest() not in _all_of(
        listing.database, "public_list_number"
    )


def test_an_empty_edition_is_taken_where_somebody_says_so(listing: Listing) -> None:
    public_list = listing.add()

    said = listing.import_(public_list, "Entity,Country\n", is_empty="true")

    assert said.status_code == 201
    assert said.json()["edition"]["entries"] == 0


def _all_of(database: Database, table: str) -> str:
    with database.reading(system=True) as session:
        rows = session.execute(text(f"SELECT * FROM {table}")).all()  # noqa: S608 - a table's name
        return str(
            [
                [cell.hex() if isinstance(cell, bytes) else cell for cell in row]
                for row in rows
            ]
        )
