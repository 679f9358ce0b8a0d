"""What a checklist can decide is told before it is published, and afterwards."""

import pytest
from starlette.testclient import TestClient

from compliance.identity.models import Role
from tests.conftest import Tenant
from tests.field import CHOICES, SURVEY, publish, workbook
from tests.unit.checklists.samples import SETTINGS, changed, markdown

CHECK = "/v1/checklists/check"
COVERAGE = "/v1/checklists/small_visit/versions/1/coverage"
ENGLISH = {"Accept-Language": "en"}


def without_papers(version: str = "2") -> bytes:
    settings = {**SETTINGS, "form_id": "small_visit", "version": version}
    return markdown(changed(SURVEY, 8, fact=""), CHOICES, settings)


def test_both_need_a_key(client: TestClient) -> None:
    assert client.post(CHECK, content=workbook()).status_code == 401
    assert client.get(COVERAGE).status_code == 401


def test_another_organisations_coverage_is_not_found(
    client: TestClient, tenant: Tenant, stranger: Tenant
) -> None:
    publish(client, tenant, workbook())

    assert client.get(COVERAGE, headers=stranger.headers()).status_code == 404


def test_another_organisations_version_is_not_compared_with(
    client: TestClient, tenant: Tenant, stranger: Tenant
) -> None:
    publish(client, tenant, workbook())

    answer = client.post(CHECK, content=without_papers(), headers=stranger.headers())

    assert answer.json()["changes"] is None


def test_only_who_may_publish_may_check(client: TestClient, tenant: Tenant) -> None:
    answer = client.post(
        CHECK, content=workbook(), headers=tenant.headers(Role.AUDITOR)
    )

    assert answer.status_code == 403


@pytest.mark.parametrize("content", [b"", b"nothing", markdown(SURVEY)])
def test_a_workbook_that_cannot_be_used_is_told_with_every_mistake(
    client: TestClient, tenant: Tenant, content: bytes
) -> None:
    answer = client.post(CHECK, content=content, headers=tenant.headers())

    assert answer.status_code == 422
    assert answer.json()["errors"]


def test_a_first_version_is_checked_and_nothing_is_stored(
    client: TestClient, tenant: Tenant
) -> None:
    answer = client.post(CHECK, content=workbook(), headers=tenant.headers())

    told = answer.json()
    assert answer.status_code == 200
    assert (told["checklist"], told["version"]) == ("small_visit", "1")
    assert told["changes"] is None
    listed = client.get("/v1/checklists", headers=tenant.headers()).json()
    assert listed["items"] == []


def test_rules_that_become_undecidable_are_told_before_publishing(
    client: TestClient, tenant: Tenant
) -> None:
    publish(client, tenant, workbook())

    answer = client.post(CHECK, content=without_papers(), headers=tenant.headers())

    changes = answer.json()["changes"]
    assert changes["against"] == "1"
    worse = {one["rule"]: one["after"] for one in changes["rules"] if one["is_worse"]}
    assert worse["forced_labour.documents_held"] == "never"


def test_coverage_says_of_each_rule_what_is_asked_and_what_is_not(
    client: TestClient, tenant: Tenant
) -> None:
    publish(client, tenant, workbook())

    told = client.get(COVERAGE, headers={**tenant.headers(), **ENGLISH}).json()

    rules = {one["rule"]: one for one in told["items"]}
    assert rules["child_labour.minimum_age"]["decided"] == "never"
    assert "children" in rules["child_labour.minimum_age"]["never_asked"]
    assert "documents_held" in rules["forced_labour.documents_held"]["may_be_blank"]
    assert sum(told["counts"].values()) == len(rules)


def test_coverage_can_be_narrowed_to_a_kind_of_site(
    client: TestClient, tenant: Tenant
) -> None:
    publish(client, tenant, workbook())

    whole = client.get(COVERAGE, headers=tenant.headers()).json()["items"]
    farms = client.get(f"{COVERAGE}?site_kind=producer", headers=tenant.headers())

    kept = [one["rule"] for one in farms.json()["items"]]
    assert kept == [one["rule"] for one in whole if one["site_kinds"] != ["mill"]]
    assert len(kept) < len(whole)


def test_a_question_may_not_change_the_type_of_its_answers(
    client: TestClient, tenant: Tenant
) -> None:
    publish(client, tenant, workbook())
    settings = {**SETTINGS, "form_id": "small_visit", "version": "2"}
    other = markdown(changed(SURVEY, 10, type="file"), CHOICES, settings)

    answer = client.post(
        "/v1/checklists", content=other, headers={**tenant.headers(), **ENGLISH}
    )

    assert answer.status_code == 409
    assert answer.json()["type"] == "/problems/answer-type-changed"
    assert "/data/photo" in answer.json()["detail"]
