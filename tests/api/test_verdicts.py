"""Verdicts and the rule book over HTTP: from a submission to the paragraph of law."""

import json
from collections.abc import Iterator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from starlette.testclient import TestClient

from compliance import clock
from compliance.database import Database
from compliance.identity.models import Role
from tests.conftest import Tenant
from tests.field import Phone, record
from tests.visits import A_CHILD_OF_13, TODAY, Visited, visited

RULE = "child_labour.minimum_age"
ASSESSMENTS = text("SELECT count(*) FROM assessment")
VERDICTS = text("SELECT count(*) FROM verdict")


@pytest.fixture(autouse=True)
def _november() -> Iterator[None]:
    with clock.set_to(lambda: TODAY):
        yield


@pytest.fixture
def farm(client: TestClient, tenant: Tenant) -> Visited:
    return visited(client, tenant)


@pytest.fixture
def submission(farm: Visited) -> str:
    """A visit that met a child of thirteen at work."""
    return farm.send(children=[A_CHILD_OF_13])


@pytest.mark.parametrize(
    "path",
    [
        "/v1/submissions/submission_a/verdicts",
        f"/v1/submissions/submission_a/verdicts/{RULE}",
        "/v1/rules",
        f"/v1/rules/{RULE}",
    ],
)
def test_reading_needs_a_key(client: TestClient, path: str) -> None:
    answer = client.get(path)

    assert answer.status_code == 401


@pytest.mark.parametrize("end", ["", f"/{RULE}"])
def test_verdicts_of_another_organisation_are_not_found(
    client: TestClient, stranger: Tenant, submission: str, end: str
) -> None:
    answer = client.get(
        f"/v1/submissions/{submission}/verdicts{end}", headers=stranger.headers()
    )

    assert answer.status_code == 404
    assert answer.json()["type"] == "/problems/submission-not-found"


@pytest.mark.parametrize("role", [Role.MANAGER, Role.ANALYST])
@pytest.mark.parametrize("end", ["", f"/{RULE}"])
def test_who_may_not_read_visits_may_not_read_what_was_answered(
    client: TestClient, tenant: Tenant, submission: str, role: Role, end: str
) -> None:
    answer = client.get(
        f"/v1/submissions/{submission}/verdicts{end}", headers=tenant.headers(role)
    )

    assert answer.status_code == 403


def test_a_rule_that_the_book_lacks_has_no_verdict(
    client: TestClient, tenant: Tenant, submission: str
) -> None:
    answer = client.get(
        f"/v1/submissions/{submission}/verdicts/child_labour.no_such_rule",
        headers=tenant.headers(),
    )

    assert answer.status_code == 404
    assert answer.json()["type"] == "/problems/verdict-not-found"


@pytest.mark.parametrize("query", ["country=Colombia", "day=yesterday", "language=fr"])
def test_a_malformed_question_to_the_book_is_told(
    client: TestClient, tenant: Tenant, query: str
) -> None:
    answer = client.get(f"/v1/rules/{RULE}?{query}", headers=tenant.headers())

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == f"query.{query.partition('=')[0]}"


def test_a_submission_that_waits_for_its_site_has_no_verdicts(
    client: TestClient, tenant: Tenant, farm: Visited
) -> None:
    phone = Phone(farm.client, tenant)
    phone.send(record("a number that nobody knows"))
    (waiting,) = [one["id"] for one in phone.submissions()]

    answer = client.get(f"/v1/submissions/{waiting}/verdicts", headers=tenant.headers())

    assert answer.status_code == 404
    assert answer.json()["processing"] == "awaiting_site"


def test_every_rule_of_the_book_says_something_of_a_submission(
    farm: Visited, submission: str
) -> None:
    told = farm.get(f"/v1/submissions/{submission}/verdicts", Role.AUDITOR)

    rules = farm.get("/v1/rules", Role.ANALYST)
    assert [one["rule"] for one in told["verdicts"]] == [
        one["id"] for one in rules["items"]
    ]
    assert told["edition"] == rules["edition"]
    assert told["observed_on"] == "2026-11-03"
    assert all(one["sentences"] for one in told["verdicts"])


def test_a_verdict_is_told_in_the_language_of_the_reader(
    client: TestClient, tenant: Tenant, submission: str
) -> None:
    answer = client.get(
        f"/v1/submissions/{submission}/verdicts/{RULE}",
        headers={**tenant.headers(), "Accept-Language": "es-CO"},
    )

    assert answer.headers["content-language"] == "es"
    told = answer.json()
    assert told["title"] == "Un niño por debajo de la edad mínima trabaja"
    assert told["sentences"][0].startswith(told["title"])


def test_a_verdict_can_be_followed_to_the_paragraph(
    farm: Visited, submission: str
) -> None:
    told = farm.get(f"/v1/submissions/{submission}/verdicts/{RULE}")
    rule = farm.get(f"/v1/rules/{RULE}?country=CO&day={told['observed_on']}")

    assert told["outcome"] == "non_conformity"
    assert told["severity"] == "zero_tolerance"
    assert told["logic_hash"] == rule["logic_hash"] == told["trace"]["logic"]
    cited = {(one["instrument"], one["article"]) for one in told["citations"]}
    assert ("CO Ley 1098", "35") in cited
    (age,) = [one for one in rule["parameters"] if one["name"] == "minimum_age"]
    assert age["unit"] == "years"
    values = {(one["country"], one["value"], one["cites"]) for one in age["values"]}
    assert values == {("CO", 15, "Ley 1098 de 2006 art. 35")}


def test_the_same_answers_again_are_judged_once(
    client: TestClient, tenant: Tenant, farm: Visited, database: Database
) -> None:
    body = {
        "checklist": "small_visit",
        "instance_id": "uuid:again",
        "site": farm.site,
        "observed_on": "2026-11-03",
        "facts": {},
        "children": [A_CHILD_OF_13],
    }

    for _ in range(2):
        client.post("/v1/submissions", json=body, headers=tenant.headers())

    with database.reading() as session:
        assert session.scalar(ASSESSMENTS) == 1
        assert session.scalar(VERDICTS) == len(farm.get("/v1/rules")["items"])
    assert len(farm.findings("?topic=child_labour")) == 1


def test_a_correction_is_judged_beside_what_it_corrects(
    farm: Visited, submission: str, database: Database
) -> None:
    corrected = farm.send(
        children=[{"key": "c1", "works": True, "age": 16}], deprecated_id="uuid:1"
    )

    before = farm.get(f"/v1/submissions/{submission}/verdicts/{RULE}")
    after = farm.get(f"/v1/submissions/{corrected}/verdicts/{RULE}")

    assert before["outcome"] == "non_conformity"
    assert after["outcome"] == "conformity"
    with database.reading() as session:
        assert session.scalar(ASSESSMENTS) == 2


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE verdict SET outcome = 'conformity'",
        "DELETE FROM verdict",
        "UPDATE assessment SET edition = '2025.1'",
        "DELETE FROM assessment",
    ],
)
def test_what_was_decided_is_never_changed(
    submission: str, database: Database, change: str
) -> None:
    assert submission
    with (
        pytest.raises(DBAPIError, match="never changed"),
        database.writing() as session,
    ):
        session.execute(text(change))


def test_the_assessment_stands_in_the_trail(
    submission: str, database: Database
) -> None:
    with database.reading() as session:
        leaves = session.scalars(
            text("SELECT leaf FROM trail WHERE subject_id = :id"), {"id": submission}
        ).all()

    entries = [json.loads(leaf) for leaf in leaves]
    (entry,) = [one for one in entries if one["action"] == "submission.assessed"]
    assert entry["facts"].keys() == {"edition", "rulebook_sha256", "verdicts"}


def test_the_book_is_listed_by_topic(farm: Visited) -> None:
    told = farm.get("/v1/rules?topic=forced_labour&language=es")

    assert {one["topic"] for one in told["items"]} == {"forced_labour"}


def test_a_rule_that_is_not_there_is_not_found(
    client: TestClient, tenant: Tenant
) -> None:
    answer = client.get("/v1/rules/child_labour.none", headers=tenant.headers())

    assert answer.status_code == 404
    assert answer.json()["type"] == "/problems/rule-not-found"


def test_a_value_of_the_law_is_told_for_the_day(farm: Visited) -> None:
    """Colombia's working week fell from 48 hours to 42 in steps, Ley 2101 de 2021."""
    path = "/v1/rules/wages_and_hours.normal_week?country=CO&day="

    weeks = {
        day: farm.get(path + day)["parameters"]
        for day in ("2023-07-14", "2023-07-15", "2026-07-15")
    }

    minutes = {
        day: [
            value["value"]
            for parameter in parameters
            if parameter["name"] == "normal_minutes_per_week"
            for value in parameter["values"]
        ]
        for day, parameters in weeks.items()
    }
    assert minutes == {
        "2023-07-14": [48 * 60],
        "2023-07-15": [47 * 60],
        "2026-07-15": [42 * 60],
    }


def test_processing_a_submission_again_judges_it_no_second_time(
    client: TestClient,
    tenant: Tenant,
    farm: Visited,
    submission: str,
    database: Database,
) -> None:
    answer = client.post(
        f"/v1/submissions/{submission}/process", headers=tenant.headers(Role.REVIEWER)
    )

    assert answer.json()["processing"] == "done"
    with database.reading() as session:
        assert session.scalar(ASSESSMENTS) == 1
    (found,) = farm.findings("?topic=child_labour")
    assert [
        one["step"] for one in farm.get(f"/v1/findings/{found['ref']}")["steps"]
    ] == ["raise"]


def test_a_supervisor_who_names_the_site_lets_it_be_assessed(
    client: TestClient, tenant: Tenant, farm: Visited
) -> None:
    phone = Phone(client, tenant)
    phone.send(record("a number that nobody knows", papers="yes"))
    (waiting,) = [one["id"] for one in phone.submissions()]

    client.post(
        f"/v1/submissions/{waiting}/site",
        json={"site": farm.site},
        headers=tenant.headers(Role.REVIEWER),
    )

    told = farm.get(f"/v1/submissions/{waiting}/verdicts/forced_labour.documents_held")
    assert told["outcome"] == "non_conformity"
