"""What anybody may read: grading from the policies, limits from the book, rules, verify."""

import re
from collections.abc import Iterator
from datetime import date

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.pages.explained import code_of
from compliance import clock
from compliance.database import Database
from compliance.identity.models import Role
from compliance.scorecards.policy import GRADING
from tests.books import MINIMUM_AGE, book_zip
from tests.browsing import HTML, add_people, read, sign_in
from tests.conftest import Tenant
from tests.visits import TODAY, visited

STRICTER = {MINIMUM_AGE: ("age < law.minimum_age", "age <= law.minimum_age + 1")}


@pytest.fixture(autouse=True)
def _november() -> Iterator[None]:
    with clock.set_to(lambda: TODAY):
        yield


def words_of(shown: str) -> str:
    inside = re.sub(r"<[^>]+>", " ", shown.partition("<main")[2])
    return " ".join(inside.replace("\N{NO-BREAK SPACE}", " ").split()).replace(
        " :", ":"
    )


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("path", ["/grading", "/limits", "/verify", "/rules"])
def test_they_are_read_by_anybody_in_both_languages(
    client: TestClient, path: str, language: str
) -> None:
    shown = read(client, path, language)

    assert f'<html lang="{language}">' in shown
    assert shown.count("<h1") == 1


def test_the_figures_of_grading_are_those_of_the_policy(client: TestClient) -> None:
    policy = GRADING.on(date(2026, 11, 22))

    shown = words_of(read(client, "/grading"))

    least = [policy.bands[letter] for letter in policy.bands]
    assert f"A {least[0]} points or more" in shown
    assert f"B {least[1]} to {least[0] - 1} points" in shown
    assert f"E below {least[3]} points" in shown
    assert "fewer than 80% of them: caps at B" in shown
    assert "older than 18 months: caps at C" in shown
    assert "Zero-tolerance suspicion, no agreed plan: suspends" in shown
    assert "Child labour (×2), Forced labour (×2)".lower() in shown.lower()


def test_who_decided_otherwise_is_told_its_own_figures(
    client: TestClient, tenant: Tenant, database: Database
) -> None:
    entry = GRADING.on(date(2026, 11, 22)).model_dump(mode="json")
    entry |= {"valid_from": "2026-11-02", "source": "The board of this organisation."}
    entry["validity_months"] = {**entry["validity_months"], "E": 2}
    answer = client.post(
        "/v1/policies/grading", json={"entry": entry}, headers=tenant.headers()
    )
    assert answer.status_code == 201, answer.text
    add_people(database, tenant, Role.ANALYST)
    anybody = words_of(read(client, "/grading"))
    sign_in(client, Role.ANALYST)

    own = words_of(read(client, "/grading"))

    assert "valid for 2 months" not in anybody
    assert "valid for 2 months" in own
    assert "your organisation’s own" in own


def test_what_is_unsure_is_counted_from_the_book(
    app: FastAPI, client: TestClient
) -> None:
    shown = words_of(read(client, "/limits"))

    book = app.state.service.book
    values = sum(len(one.values) for one in book.parameters.values())
    assert f"{values:,} values of the law" in shown
    assert "3 rules are on trial" in shown
    assert "Forced labour is never confirmed here" in shown


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("0t9k-jee2-ykm2", "0T9K-JEE2-YKM2"),
        (" 0T9K JEE2 YKM2 ", "0T9K-JEE2-YKM2"),
        ("https://atalaya.example/v/0T9K-JEE2-YKM2?language=es", "0T9K-JEE2-YKM2"),
        ("", None),
        ("../../keys", None),
        ("<script>", None),
        ("a" * 200, None),
    ],
)
def test_a_code_is_read_as_people_write_it(written: str, code: str | None) -> None:
    assert code_of(written) == code


def test_a_code_leads_to_the_page_of_its_card(
    client: TestClient, tenant: Tenant
) -> None:
    farm = visited(client, tenant)
    farm.send()
    code = farm.issue()["verify_code"]

    answer = client.get(
        "/verify", params={"code": code.lower()}, headers=HTML, follow_redirects=False
    )
    wrong = client.get("/verify?code=%3F%3F", headers=HTML)

    assert (answer.status_code, answer.headers["location"]) == (303, f"/v/{code}")
    assert "Valid" in read(client, answer.headers["location"])
    assert wrong.status_code == 422
    assert 'id="code-error"' in wrong.text
    assert 'value="??"' in wrong.text


def test_rules_are_found_by_word_topic_country_and_status(client: TestClient) -> None:
    by_word = words_of(read(client, "/rules?q=C138+minimum"))
    by_topic = words_of(read(client, "/rules?topic=child_labour&q="))
    on_trial = words_of(read(client, "/rules?status=shadow&country=CO"))
    none = words_of(read(client, "/rules?q=zzzz"))
    sheet = client.get("/rules?format=csv&topic=child_labour").text

    assert "A child below the minimum age works" in by_word
    assert "Forced labour" not in by_topic.partition("What changed last")[0][400:]
    assert "On trial" in on_trial
    assert "No rule is like this" in none
    assert "child_labour.minimum_age" in sheet
    assert "forced_labour." not in sheet


@pytest.mark.parametrize(
    "query", ["topic=castle", "country=Atlantis", "status=perhaps"]
)
def test_a_filter_that_is_none_is_told_in_words(client: TestClient, query: str) -> None:
    assert client.get(f"/rules?{query}", headers=HTML).status_code == 422


def test_what_changed_last_is_told_to_anybody(
    client: TestClient, tenant: Tenant
) -> None:
    before = words_of(read(client, "/rules"))
    client.post(
        "/v1/editions",
        content=book_zip("2026.12", STRICTER),
        headers=tenant.headers(),
    )

    after = words_of(read(client, "/rules")).partition("What changed last")[2]

    assert "There was none before it here." in before
    assert "Against edition 2026.11 1 rule decides otherwise" in after
    assert "A child below the minimum age works" in after
