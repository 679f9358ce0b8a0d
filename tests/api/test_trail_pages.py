"""The trail as a browser searches it: in plain words, with the proof of every entry."""

import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.pages.trail_words import DEEDS, KINDS
from compliance.database import Database
from compliance.identity.models import Role
from compliance.proofs.working import seal_trails, sealing_of
from compliance.settings import Settings
from tests.browsing import HTML, add_people, read, sign_in
from tests.conftest import Tenant
from tests.desks import send, status_of

ROOT = Path(__file__).parents[2]
# How actions write what was done: as `action=`, or as the third thing given to a helper.
WRITTEN = re.compile(
    r"(?:action=|_record\(\s*session,\s*scope,\s*|record_change\(\s*session,\s*scope,\s*)"
    r'"([a-z_]+\.[a-z_]+)"'
)


@pytest.fixture
def desk(client: TestClient, tenant: Tenant, database: Database) -> TestClient:
    """The browser of an administrator who has just made a key."""
    add_people(database, tenant, Role.ADMINISTRATOR, Role.ANALYST)
    sign_in(client, Role.ADMINISTRATOR)
    assert send(client, "/keys", label="otra", role="analyst").status == 200
    return client


def numbers(page: str) -> list[int]:
    return [int(one) for one in re.findall(r'href="/trail/([0-9]+)"', page)]


def entry_of(desk: TestClient, deed: str) -> int:
    """Return the newest entry that tells of a deed."""
    page = read(desk, "/trail")
    return int(re.findall(rf'href="/trail/([0-9]+)">{deed}<', page)[0])


@pytest.mark.parametrize("path", ["/trail", "/trail/1", "/trail/1/proof.json"])
def test_who_is_not_signed_in_is_led_to_the_form(client: TestClient, path: str) -> None:
    assert status_of(client, path) == 303


def test_a_role_that_may_not_read_the_trail_is_refused(desk: TestClient) -> None:
    sign_in(desk, Role.ANALYST)

    assert status_of(desk, "/trail") == 403
    assert status_of(desk, "/trail/1") == 403


def test_the_newest_entry_comes_first_in_plain_words(desk: TestClient) -> None:
    page = read(desk, "/trail")

    found = numbers(page)
    assert found == sorted(found, reverse=True)
    assert page.index("A key was made") < page.index("Somebody was added")
    assert "Alguien administrator" in page


def test_the_trail_is_told_in_spanish_too(desk: TestClient) -> None:
    page = read(desk, "/trail", "es")

    assert "key.issued" not in page


@pytest.mark.parametrize(
    ("query", "has", "has_not"),
    [
        ("kind=atl_", "A key was made", "Somebody signed in"),
        ("kind=person_", "Somebody signed in", "A key was made"),
        ("actor=system", "Somebody was added", "Somebody signed in"),
        ("since=2199-01-01", "Nothing in the trail", "A key was made"),
        ("until=2001-01-01", "Nothing in the trail", "A key was made"),
        ("until=9999-12-31", "A key was made", "Nothing in the trail"),
        ("subject=person_of_nobody", "Nothing in the trail", "A key was made"),
        ("kind=&actor=&since=&until=&subject=", "A key was made", "Nothing in the"),
    ],
)
def test_it_is_searched_by_who_what_and_when(
    desk: TestClient, query: str, has: str, has_not: str
) -> None:
    page = read(desk, f"/trail?{query}")

    listed = page.partition('<div id="list">')[2].partition("Check it yourself")[0]
    assert has in listed
    assert has_not not in listed


@pytest.mark.parametrize("query", ["kind=cheese", "since=yesterday", "until=1"])
def test_an_unknown_filter_says_what_it_can_be(desk: TestClient, query: str) -> None:
    assert status_of(desk, f"/trail?{query}") == 422


def test_an_entry_that_is_sealed_has_its_proof(
    desk: TestClient, database: Database, tmp_path: Path
) -> None:
    number = entry_of(desk, "A key was made")
    with database.writing(system=True) as session:
        seal_trails(session, sealing_of(Settings(data=tmp_path / "data")))

    after = read(desk, f"/trail/{number}")
    proof = desk.get(f"/trail/{number}/proof.json", headers=HTML)

    assert "under signed head" in after
    assert proof.json()["number"] == number
    assert "attachment" in proof.headers["content-disposition"]


@pytest.mark.parametrize("entry", ["999999", "0", "x", "9" * 30])
def test_an_entry_that_is_not_there_is_not_found(desk: TestClient, entry: str) -> None:
    assert status_of(desk, f"/trail/{entry}") == 404
    assert status_of(desk, f"/trail/{entry}/proof.json") == 404


def test_what_others_did_is_in_no_search(desk: TestClient, stranger: Tenant) -> None:
    theirs = stranger.keys[Role.ANALYST].rpartition("_")[0]

    page = read(desk, f"/trail?subject={theirs}")

    assert "Nothing in the trail" in page


def test_the_search_is_a_spreadsheet_too(desk: TestClient) -> None:
    answer = desk.get("/trail?kind=atl_&format=csv").text

    assert "key.issued" in answer
    assert "session.started" not in answer


def test_every_deed_that_actions_write_has_words() -> None:
    written = {
        deed
        for folder in ("api", "audits", "compliance")
        for file in (ROOT / folder).rglob("*.py")
        for deed in WRITTEN.findall(file.read_text("utf-8"))
    }

    assert written - DEEDS.keys() == set()
    assert len(written) > 60


def test_no_kind_of_thing_begins_like_another() -> None:
    kinds = list(KINDS)

    assert [
        (one, other)
        for one in kinds
        for other in kinds
        if one != other and other.startswith(one)
    ] == []
