"""What a checklist is for: only what somebody from outside saw decides anything."""

import pytest
from starlette.testclient import TestClient

from tests.conftest import Tenant
from tests.field import Phone, publish, record, register_farm, workbook

BROKEN = {"papers": "yes"}


@pytest.fixture
def farm(client: TestClient, tenant: Tenant) -> str:
    """A farm, and a checklist for each purpose."""
    publish(client, tenant, workbook())
    publish(client, tenant, workbook(form_id="own", purpose="self_assessment"))
    publish(client, tenant, workbook(form_id="place", purpose="community"))
    return register_farm(client, tenant)


@pytest.fixture
def phone(client: TestClient, tenant: Tenant) -> Phone:
    return Phone(client, tenant)


def test_a_visit_is_assessed(phone: Phone, farm: str) -> None:
    phone.send(record(farm, **BROKEN))

    (kept,) = phone.submissions()
    verdicts = phone.get(f"/v1/submissions/{kept['id']}/verdicts")["verdicts"]
    assert kept["processing"] == "done"
    assert "non_conformity" in {one["outcome"] for one in verdicts}


def test_what_a_site_says_of_itself_is_kept_and_decides_nothing(
    client: TestClient, phone: Phone, tenant: Tenant, farm: str
) -> None:
    phone.send(record(farm, form_id="own", **BROKEN))

    (kept,) = phone.submissions()
    facts = phone.get(f"/v1/submissions/{kept['id']}/facts")
    told = client.get(
        f"/v1/submissions/{kept['id']}/verdicts", headers=tenant.headers()
    )
    assert (kept["processing"], kept["site"]) == ("kept", farm)
    assert facts["answers"]["facts"]["documents_held"] is True
    assert told.status_code == 404
    assert phone.get("/v1/findings")["items"] == []


def test_a_self_assessment_of_the_same_day_is_no_part_of_the_visit(
    phone: Phone, farm: str
) -> None:
    phone.send(record(farm, form_id="own", instance_id="uuid:1"))
    phone.send(record(farm, instance_id="uuid:2"))

    audits = [one["audit"] for one in phone.submissions()]

    assert len(set(audits)) == 2


def test_a_clean_self_assessment_gives_no_card(
    client: TestClient, phone: Phone, tenant: Tenant, farm: str
) -> None:
    phone.send(record(farm, form_id="own", papers="no"))

    answer = client.post(
        f"/v1/sites/{farm}/scorecards",
        json={"notice": "unannounced", "payer": "programme"},
        headers=tenant.headers(),
    )

    assert answer.status_code == 409


def test_what_is_of_a_place_waits_for_no_site(phone: Phone, farm: str) -> None:
    told = phone.send(record(None, form_id="place", **BROKEN))

    (kept,) = phone.submissions()
    assert told.status == 201
    assert (kept["processing"], kept["site"]) == ("kept", None)
    assert farm
    assert phone.get("/v1/findings")["items"] == []
