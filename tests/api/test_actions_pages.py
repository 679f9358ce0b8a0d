"""The pages of corrective actions: planned, shown by a photo, and checked by another."""

import re
from collections.abc import Iterator
from io import BytesIO

import pytest
from PIL import Image
from starlette.testclient import TestClient

from compliance import clock
from compliance.database import Database
from compliance.identity.models import OrganisationKind, Role
from tests.browsing import HTML, read
from tests.conftest import FoundTenant, Tenant
from tests.correcting import A_PHOTO, PLAN, Correcting, correcting
from tests.desks import status_of
from tests.sharing import let_operate
from tests.visits import TODAY

WORDS = "La familia no tiene con quién dejar a los niños."


@pytest.fixture(autouse=True)
def _november() -> Iterator[None]:
    with clock.set_to(lambda: TODAY):
        yield


@pytest.fixture
def site(client: TestClient, tenant: Tenant, database: Database) -> Correcting:
    """A farm whose manager accepted what was found."""
    made = correcting(client, tenant, database)
    made.accept()
    return made


@pytest.fixture
def action(site: Correcting) -> str:
    """An agreed action of it."""
    return site.planned(agreed=True)


def test_who_is_not_signed_in_is_led_to_the_form(client: TestClient) -> None:
    paths = ["/actions", "/actions/a", "/actions/a/plan", "/evidence/a/b"]

    assert {status_of(client, path) for path in paths} == {303}


def test_actions_of_another_organisation_are_not_found(
    client: TestClient, site: Correcting, action: str, stranger: Tenant
) -> None:
    headers = {**stranger.headers(Role.ADMINISTRATOR), "Accept": "text/html"}

    listed = client.get("/actions", headers=headers)
    answers = [
        client.get(f"/actions/{action}", headers=headers),
        client.post(
            f"/actions/{action}/steps", data={"step": "start"}, headers=headers
        ),
        client.post(
            f"/evidence/{action}",
            data={"kind": "receipt"},
            files={"file": ("a.jpg", A_PHOTO, "image/jpeg")},
            headers=headers,
        ),
        client.get(f"/sites/{site.farm.site}/plan", headers=headers),
    ]

    assert [one.status_code for one in answers] == [404] * 4
    assert action not in listed.text


def test_a_plan_sent_twice_is_one_action(site: Correcting) -> None:
    form = {**PLAN, "root_cause_text": WORDS, "once": "a-word-of-this-form"}
    path = f"/findings/{site.ref}/plan"

    first = site.send(Role.MANAGER, path, **form)
    second = site.send(Role.MANAGER, path, **form)

    assert (first.status, second.status) == (303, 303)
    assert first.place == second.place
    assert len(site.farm.get("/v1/corrective-actions")["items"]) == 1


def test_a_plan_with_a_late_day_is_shown_again_with_what_was_written(
    site: Correcting,
) -> None:
    form = {**PLAN, "due_on": "2027-12-20", "action_text": WORDS}

    sent = site.send(Role.MANAGER, f"/findings/{site.ref}/plan", **form)
    form["extension_reason"] = "out_of_season"
    longer = site.send(Role.MANAGER, f"/findings/{site.ref}/plan", **form)

    assert sent.status == 422
    assert 'id="due_on-error"' in sent.page
    assert WORDS in sent.page
    assert longer.status == 303


def test_a_plan_that_says_it_wrong_is_told_beside_the_field(site: Correcting) -> None:
    wrong = {"root_cause": "", "action": "dance", "due_on": "tomorrow"}
    path = f"/findings/{site.ref}/plan"

    sent = {
        name: site.send(Role.MANAGER, path, **{**PLAN, name: value})
        for name, value in wrong.items()
    }

    assert {one.status for one in sent.values()} == {422}
    assert all(f'id="{name}-error"' in one.page for name, one in sent.items())


def test_only_who_answers_for_the_site_plans(site: Correcting) -> None:
    path = f"/findings/{site.ref}/plan"

    assert site.send(Role.REVIEWER, path, **PLAN).status == 403
    assert status_of(site.client, path) == 403


def test_a_photo_shows_it_and_reports_it_and_another_verifies_and_closes(
    site: Correcting, action: str
) -> None:
    site.farm.correct(site.farm.plan(site.ref, due_on="2026-12-20")[0])
    others = [one["id"] for one in site.farm.get("/v1/corrective-actions")["items"]]
    others = [one for one in others if site.action(one)["state"] == "agreed"]

    reported = [site.upload(one, A_PHOTO, "photo", report="yes") for one in others]
    verified = [
        site.act(Role.REVIEWER, one, "verify", verify_evidence_kind="desk")
        for one in others
    ]
    closed = site.step(Role.REVIEWER, "close", close_evidence_kind="site")

    assert action in others
    assert {one.status for one in reported} == {303}
    assert {one.place.partition("=")[2] for one in reported} == {"report_done"}
    assert {one.status for one in verified} == {303}
    assert (closed.status, site.finding()["state"]) == (303, "closed")


def test_a_picture_is_shown_without_what_its_camera_wrote(
    site: Correcting, action: str
) -> None:
    sent = site.upload(action, A_PHOTO)
    (proof,) = site.action(action)["evidence"]
    picture = site.client.get(f"/evidence/{action}/{proof['id']}", headers=HTML)
    page = read(site.client, f"/actions/{action}")
    refused = status_of(site.as_(Role.ANALYST), f"/evidence/{action}/{proof['id']}")

    assert sent.status == 303
    assert picture.headers["content-type"] == "image/jpeg"
    assert not Image.open(BytesIO(picture.content)).getexif()
    assert b"Una Persona" not in picture.content
    assert proof["sha256"] in page
    assert f"/evidence/{action}/{proof['id']}" in page
    assert refused == 403


def test_a_file_that_is_no_proof_is_told_beside_its_field(
    site: Correcting, action: str
) -> None:
    sent = [site.upload(action, content) for content in (b"#!/bin/sh", b"")]

    assert [one.status for one in sent] == [422, 422]
    assert all('id="file-error"' in one.page for one in sent)
    assert site.action(action)["evidence"] == []


def test_the_same_upload_again_is_kept_once(site: Correcting, action: str) -> None:
    sent = [site.upload(action, A_PHOTO, once="a-word-of-it") for _ in range(2)]

    assert [one.status for one in sent] == [303, 303]
    assert len(site.action(action)["evidence"]) == 1


def test_at_a_desk_nothing_is_verified_without_a_file(
    site: Correcting, action: str
) -> None:
    site.farm.act(action, Role.MANAGER, "start")
    site.farm.act(action, Role.MANAGER, "report_done")

    sent = site.act(Role.REVIEWER, action, "verify", verify_evidence_kind="desk")

    assert sent.status == 422
    assert 'id="verify_evidence_kind-error"' in sent.page


def test_who_worked_on_it_is_told_that_another_verifies(site: Correcting) -> None:
    action = site.planned()
    headers = {**site.tenant.headers(Role.ADMINISTRATOR), "Accept": "text/html"}
    page, steps = f"/actions/{action}", f"/actions/{action}/steps"
    before = site.client.get(page, headers=headers).text
    site.farm.propose(site.ref)
    own = site.farm.post(
        f"/v1/findings/{site.ref}/corrective-actions", Role.ADMINISTRATOR, **PLAN
    )
    after = site.client.get(page, headers=headers).text
    tried = site.client.post(steps, data={"step": "agree"}, headers=headers)

    assert own["state"] == "proposed"
    assert "Agree to the plan" in before
    assert "Agree to the plan" not in after
    assert "So somebody else agrees and verifies" in after
    assert tried.status_code == 403


def test_more_time_is_asked_for_and_granted_by_another(
    site: Correcting, action: str
) -> None:
    asked = site.send(
        Role.MANAGER,
        f"/actions/{action}/extensions",
        extension_reason="road_or_weather",
        extension_until="2027-01-20",
    )
    short = site.send(
        Role.MANAGER,
        f"/actions/{site.planned(agreed=True)}/extensions",
        extension_reason="road_or_weather",
        extension_until="2026-12-01",
    )
    (request,) = site.action(action)["extensions"]
    path = f"/actions/{action}/extensions/{request['id']}"
    neither = site.send(Role.REVIEWER, path, decision="perhaps")
    granted = site.send(Role.REVIEWER, path, decision="grant")

    assert (asked.status, short.status, neither.status) == (303, 422, 422)
    assert (granted.status, site.action(action)["due_on"]) == (303, "2027-01-20")


def test_what_was_sent_back_is_planned_anew(site: Correcting) -> None:
    action = site.planned()
    without = site.act(Role.REVIEWER, action, "send_back", send_back_reason="")
    back = site.act(Role.REVIEWER, action, "send_back", send_back_reason="not_enough")
    form = read(site.as_(Role.MANAGER), f"/actions/{action}/plan")
    again = site.send(Role.MANAGER, f"/actions/{action}/plan", **PLAN)

    assert (without.status, back.status, again.status) == (422, 303, 303)
    assert 'value="household_poverty" selected' in form
    assert site.action(action)["state"] == "proposed"


def test_the_list_knows_whose_turn_it_is_and_travels(
    site: Correcting, action: str
) -> None:
    proposed = site.planned()
    manager = read(site.as_(Role.MANAGER), "/actions?turn=mine")
    reviewer = read(site.as_(Role.REVIEWER), "/actions?turn=mine")
    sheet = site.client.get("/actions?format=csv").text
    wrong = status_of(site.client, "/actions?turn=theirs")

    assert action in manager
    assert proposed not in manager
    assert ">A child below the minimum age works</a>" in manager
    assert proposed in reviewer
    assert action not in reviewer
    assert action in sheet
    assert WORDS not in sheet
    assert wrong == 422


def test_the_plan_of_a_site_has_the_actions_and_what_is_not_planned(
    site: Correcting,
) -> None:
    before = read(site.as_(Role.MANAGER), f"/sites/{site.farm.site}/plan")
    action = site.planned()
    after = read(site.client, f"/sites/{site.farm.site}/plan")
    sheet = site.client.get(f"/sites/{site.farm.site}/plan?format=csv").text

    assert "Accepted, and nothing planned yet" in before
    assert f"/actions/{action}" in after
    assert site.ref not in re.sub(r'href="[^"]*"', "", after)
    assert action in sheet


def test_the_plan_tells_who_runs_the_site_what_was_found_by_name(
    site: Correcting, database: Database, found_tenant: FoundTenant
) -> None:
    site.planned()
    runs_it = found_tenant("Finca de otros", OrganisationKind.PRODUCER_GROUP)
    let_operate(database, site.farm.site, runs_it)
    headers = {**runs_it.headers(Role.MANAGER), **HTML}

    shown = site.client.get(f"/sites/{site.farm.site}/plan", headers=headers).text

    named = f'href="/findings/{site.ref}">A child below the minimum age works</a>'
    assert named in shown
