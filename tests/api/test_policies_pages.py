"""Policies as a browser shows and changes them: bounds, days, programmes."""

from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from api.pages.forms import Form
from api.pages.policies_told import KEPT_APART, document_from, parts_of
from api.pages.policies_words import DESCRIPTIONS
from api.policies_known import POLICIES
from compliance import clock
from compliance.database import Database
from compliance.identity.models import Role
from tests.browsing import add_people, read, sign_in
from tests.conftest import Tenant
from tests.desks import Sent, send, status_of

STRICTER = {"due_days.critical": "14", "valid_from": "2099-01-01"}
SOURCE = "The board's decision of today"


@pytest.fixture
def desk(client: TestClient, tenant: Tenant, database: Database) -> TestClient:
    """The browser of an administrator."""
    add_people(database, tenant, Role.ADMINISTRATOR, Role.ANALYST)
    sign_in(client, Role.ADMINISTRATOR)
    return client


def decide(desk: TestClient, policy: str = "deadlines", **changes: str) -> Sent:
    form = {**STRICTER, "source": SOURCE, "programme": "", **changes}
    return send(desk, f"/policies/{policy}", **form)


def programme(desk: TestClient) -> str:
    place = send(desk, "/policies/programmes", name="Programa Amanecer").place
    return place.partition("programme=")[2].partition("&")[0]


def an_older_programme(desk: TestClient, tenant: Tenant) -> str:
    """Name a programme a day before, so that today's rules hold for it."""
    yesterday = clock.now() - timedelta(days=1)
    with clock.set_to(lambda: yesterday):
        made = desk.post(
            "/v1/programmes", json={"name": "De ayer"}, headers=tenant.headers()
        )
    return str(made.json()["id"])


@pytest.mark.parametrize("path", ["/policies", "/policies/deadlines"])
def test_who_is_not_signed_in_is_led_to_the_form(client: TestClient, path: str) -> None:
    assert status_of(client, path) == 303


def test_who_may_not_set_policies_reads_them(desk: TestClient) -> None:
    sign_in(desk, Role.ANALYST)

    assert "Deadlines of findings" in read(desk, "/policies")
    assert "/change" not in read(desk, "/policies/deadlines")
    assert status_of(desk, "/policies/deadlines/change") == 403
    assert decide(desk).status == 403


def test_a_policy_that_is_none_is_not_found(desk: TestClient) -> None:
    assert status_of(desk, "/policies/weather") == 404


def test_the_programme_of_another_organisation_is_not_there(
    desk: TestClient, stranger: Tenant
) -> None:
    made = desk.post(
        "/v1/programmes", json={"name": "Suyo"}, headers=stranger.headers()
    )
    theirs = made.json()["id"]

    assert status_of(desk, f"/policies?programme={theirs}") == 404
    assert status_of(desk, f"/policies/deadlines?programme={theirs}") == 404
    assert decide(desk, programme=theirs).status == 404


def test_a_stricter_deadline_holds_from_its_day_for_its_programme(
    desk: TestClient,
) -> None:
    ours = programme(desk)

    sent = decide(desk, programme=ours, valid_from="2099-01-01")
    before = read(desk, f"/policies/deadlines?programme={ours}&on=2098-12-31")
    after = read(desk, f"/policies/deadlines?programme={ours}&on=2099-01-01")

    assert sent.place == f"/policies/deadlines?programme={ours}&done=decided"
    assert "<dd>14</dd>" not in before
    assert "<dd>14</dd>" in after
    assert SOURCE.replace("'", "&#39;") in after
    assert "Alguien administrator, " in after
    assert "Programa Amanecer" in read(desk, "/policies")


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("due_days.zero_tolerance", "8", "laxer than 7"),
        ("due_days.critical", "soon", "Write a number"),
        ("acknowledge_hours", "0", "Write a number"),
        ("valid_from", "2020-01-01", "give a day from"),
        ("valid_from", "someday", "Write a day"),
        ("source", "short", "at least 10 characters"),
    ],
)
def test_what_is_out_of_bounds_is_told_beside_its_field_and_kept(
    desk: TestClient, tenant: Tenant, field: str, value: str, told: str
) -> None:
    ours = an_older_programme(desk, tenant)

    sent = decide(desk, programme=ours, **{field: value})

    assert sent.status == 422
    assert told in sent.page
    assert f'id="{field}-error"' in sent.page


def test_two_programmes_of_one_name_are_refused(desk: TestClient) -> None:
    programme(desk)

    sent = send(desk, "/policies/programmes", name="Programa Amanecer")

    assert sent.status == 422
    assert "is called Programa Amanecer" in sent.page


@pytest.mark.parametrize("name", POLICIES)
def test_the_form_of_a_policy_sent_as_it_is_changes_nothing(name: str) -> None:
    policy = POLICIES[name]
    entry = policy.entries[-1]

    document = document_from(Form(), parts_of(policy, entry), entry)

    assert policy.model.model_validate(document) == entry


def test_every_field_of_every_policy_is_told_in_words() -> None:
    told = {
        field.description
        for policy in POLICIES.values()
        for name, field in policy.model.model_fields.items()
        if name not in KEPT_APART
    }

    assert told == DESCRIPTIONS


def test_the_list_is_a_spreadsheet_too(desk: TestClient) -> None:
    answer = desk.get("/policies?format=csv").text

    assert "due_days.critical=30" in answer


def test_every_policy_has_its_page_and_its_form(desk: TestClient) -> None:
    pages = [status_of(desk, f"/policies/{name}") for name in POLICIES]
    forms = [status_of(desk, f"/policies/{name}/change") for name in POLICIES]

    assert {*pages, *forms} == {200}
