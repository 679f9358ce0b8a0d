"""The rule author's errand: a book is tried, compared, published, and gone back from."""

import re
import time
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from compliance import clock, trail
from compliance.database import Database
from compliance.identity.actions import add_person
from compliance.identity.models import Role
from tests.books import MINIMUM_AGE, book_zip
from tests.browsing import HTML, OURS, PASSWORD, add_people, read, sign_in
from tests.conftest import Tenant
from tests.visits import A_CHILD_OF_13, TODAY, visited

STRICTER = {MINIMUM_AGE: ("age < law.minimum_age", "age <= law.minimum_age + 1")}
ON_TRIAL = {MINIMUM_AGE: ("status: active", "status: shadow")}
SPOILED = {MINIMUM_AGE: ("severity: zero_tolerance", "severity: dreadful")}
RULE = "child_labour.minimum_age"


@pytest.fixture(autouse=True)
def _november() -> Iterator[None]:
    with clock.set_to(lambda: TODAY):
        yield


@pytest.fixture
def author(client: TestClient, tenant: Tenant, database: Database) -> TestClient:
    """The browser of somebody who may publish rules."""
    add_people(database, tenant, Role.ADMINISTRATOR, Role.REVIEWER)
    sign_in(client, Role.ADMINISTRATOR)
    return client


def sent(client: TestClient, path: str, **fields: str) -> tuple[int, str]:
    answer = client.post(
        path, data=fields, headers={**HTML, **OURS}, follow_redirects=False
    )
    return answer.status_code, answer.headers.get("location", answer.text)


def tried(client: TestClient, book: bytes, once: str = "") -> tuple[int, str]:
    """Upload a book as the form does; return where it leads, or the page."""
    answer = client.post(
        "/editions/try",
        data={"once": once},
        files={"book": ("book.zip", book, "application/zip")},
        headers={**HTML, **OURS, "Accept-Language": "en"},
        follow_redirects=False,
    )
    return answer.status_code, answer.headers.get("location", answer.text)


def settled(client: TestClient, path: str) -> str:
    """Return the page of a trial once it is over."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        shown = read(client, path)
        if "data-job" not in shown:
            return shown
        time.sleep(0.05)
    raise TimeoutError(path)


def words_of(shown: str) -> str:
    """Return what a reader sees: no marks of the page, single spaces."""
    inside = re.sub(r"<[^>]+>", " ", shown.partition("<main")[2])
    return " ".join(inside.split()).replace(" ,", ",").replace(" .", ".")


@pytest.mark.parametrize("path", ["/editions", "/editions/on-trial", "/editions/x"])
def test_who_is_not_signed_in_is_led_to_the_form(client: TestClient, path: str) -> None:
    answer = client.get(path, headers=HTML, follow_redirects=False)

    assert answer.status_code == 303


def test_a_book_is_tried_on_the_kept_visits_and_then_published(
    author: TestClient, tenant: Tenant
) -> None:
    farm = visited(author, tenant)
    farm.send(children=[{**A_CHILD_OF_13, "age": 16}])

    _, path = tried(author, book_zip("2026.12", STRICTER))
    shown = words_of(settled(author, path))
    before = words_of(read(author, "/editions"))
    status, there = sent(author, f"{path}/publish")
    after = read(author, there)
    diff = words_of(read(author, "/editions/2026.11/diff/2026.12"))

    assert "1 visit that your organisation keeps was judged by both" in shown
    assert "Newly not met" in shown
    assert "1 rule decides otherwise" in shown
    assert "2026.12" not in before
    assert (status, there) == (303, "/editions/2026.12?done=published")
    assert "In force: visits are judged by it now." in after
    assert RULE in diff


def test_a_book_that_decides_nothing_otherwise_says_so_in_words(
    author: TestClient,
) -> None:
    _, path = tried(author, book_zip("2026.12"))

    shown = words_of(settled(author, path))

    assert "Every rule decides as before." in shown
    assert "0 rules" not in shown


def test_who_published_is_named_to_colleagues_and_told_others_in_words(
    author: TestClient, stranger: Tenant, database: Database
) -> None:
    _, path = tried(author, book_zip("2026.12", STRICTER))
    settled(author, path)
    sent(author, f"{path}/publish")

    own = words_of(read(author, "/editions/2026.12"))
    author.cookies.clear()
    sign_in(author, Role.REVIEWER)
    of_a_colleague = words_of(read(author, "/editions/2026.12"))
    author.cookies.clear()
    with_another(author, stranger, database)
    elsewhere = words_of(read(author, "/editions/2026.12"))

    assert "by Alguien administrator" in own
    assert "by Alguien administrator" in of_a_colleague
    assert "by somebody whom the operator lets publish rules" in elsewhere
    assert "Alguien administrator" not in elsewhere
    assert "person_" not in own + of_a_colleague + elsewhere


def test_the_mistakes_of_a_book_are_told_with_file_line_and_remedy(
    author: TestClient,
) -> None:
    status, shown = tried(author, book_zip("2026.12", SPOILED))

    assert status == 422
    assert MINIMUM_AGE in shown
    assert "dreadful" in shown
    assert "Mistakes in the book" in shown


@pytest.mark.parametrize("content", [b"", b"no zip"])
def test_what_is_no_book_is_told_beside_the_form(
    author: TestClient, content: bytes
) -> None:
    status, shown = tried(author, content)

    assert status == 422
    assert "Try a book" in shown


def test_one_trial_comes_of_a_double_click(author: TestClient) -> None:
    book = book_zip("2026.12")

    assert tried(author, book, "a-word") == tried(author, book, "a-word")


def test_going_back_to_an_edition_is_tried_and_done_from_its_page(
    author: TestClient, tenant: Tenant
) -> None:
    _, path = tried(author, book_zip("2026.12", STRICTER))
    settled(author, path)
    sent(author, f"{path}/publish")

    _, back = sent(author, "/editions/2026.11/try")
    shown = words_of(settled(author, back))
    done = sent(author, "/editions/2026.11/publish")
    again = sent(author, "/editions/2026.11/publish")
    held = author.get("/v1/editions/2026.11", headers=tenant.headers()).json()

    assert "No verdict would change." in shown
    assert done == (303, "/editions/2026.11?done=published")
    assert again == (303, "/editions/2026.11?done=in_force")
    assert held["is_in_force"]


def test_a_name_that_another_book_has_is_told_before_and_refused(
    author: TestClient,
) -> None:
    _, path = tried(author, book_zip("2026.11", STRICTER))

    shown = settled(author, path)
    status, again = sent(author, f"{path}/publish")

    assert "Another book is kept under the name 2026.11" in shown
    assert status == 409
    assert "needs a name of its own" in again


def test_rules_on_trial_tell_how_often_they_fired(
    author: TestClient, tenant: Tenant
) -> None:
    _, path = tried(author, book_zip("2026.12", ON_TRIAL))
    told = words_of(settled(author, path))
    sent(author, f"{path}/publish")
    visited(author, tenant).send(children=[A_CHILD_OF_13])

    shown = words_of(read(author, "/editions/on-trial"))
    sheet = author.get("/editions/on-trial?format=csv").text

    assert "Rules that decide as before, and count otherwise: 1" in told
    assert "deciding as before" not in told
    assert "1 finding would have been raised, 1 of them a red flag" in shown
    assert f"{RULE},non_conformity,zero_tolerance,1,1," in sheet


def test_what_is_not_there_is_not_found(
    author: TestClient, stranger: Tenant, database: Database
) -> None:
    _, path = tried(author, book_zip("2026.12"))
    settled(author, path)
    elsewhere = [
        author.get(one, headers=HTML).status_code
        for one in ("/editions/2031.1", "/editions/trials/job_nothing")
    ]
    author.cookies.clear()
    with_another(author, stranger, database)

    theirs = author.get(path, headers=HTML).status_code

    assert [*elsewhere, theirs] == [404, 404, 404]


def with_another(client: TestClient, stranger: Tenant, database: Database) -> None:
    """Let somebody of another organisation sign in with the same browser."""
    with database.writing() as session:
        add_person(
            session,
            organisation_id=stranger.id,
            role=Role.ADMINISTRATOR,
            email="other@example.org",
            name="Alguien",
            language="en",
            password=PASSWORD,
        )
        trail.seal(session)
    client.post(
        "/sign-in",
        data={"email": "other@example.org", "password": PASSWORD, "next": "/"},
        headers={**HTML, **OURS},
        follow_redirects=False,
    )


def test_who_may_not_publish_reads_and_tries_nothing(author: TestClient) -> None:
    author.cookies.clear()
    sign_in(author, Role.REVIEWER)

    listed = read(author, "/editions")
    refused = [
        tried(author, book_zip("2026.12"))[0],
        sent(author, "/editions/2026.11/try")[0],
        sent(author, "/editions/2026.11/publish")[0],
    ]

    assert "2026.11" in listed
    assert "Try a book" not in listed
    assert refused == [403, 403, 403]


def test_the_list_is_a_spreadsheet_as_well(author: TestClient) -> None:
    assert "2026.11" in author.get("/editions?format=csv").text
