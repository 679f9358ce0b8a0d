"""Planadas, Tolima, main harvest: from the draw of nine farms to a case that waits.

A child of thirteen carries sacks on the fourth farm. The device knows before the auditor
leaves; the record arrives once; the clocks run from when she saw it.
"""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from audits.sampling import verify_draw
from compliance.identity.models import Role
from tests.chromium import needs_chromium
from tests.conftest import Tenant
from tests.e2e.web_form import (
    CONTACT,
    EMAIL,
    PASSWORD,
    Field,
    WebForm,
    begin_a_visit,
    go_to_the_end,
    opened,
)
from tests.register import Register

FARMS, DRAWN = 67, 9
SEASON = "2026"
# Days without signal: longer than the first clock of a red flag.
AWAY = timedelta(hours=30)
CHILD_LABOUR = "A child below the minimum age works"

pytestmark = [
    needs_chromium,
    # What a browser keeps is one on both databases; tests/api asks both.
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]


def drawn_in_planadas(register: Register) -> dict[str, Any]:
    mill = register.mill()
    for number in range(FARMS):
        register.link(register.farm(f"Finca {number}"), mill)
    return register.post("/v1/draws", {"mill": mill, "season": SEASON, "level": "high"})


def list_the_child(form: WebForm) -> None:
    form.choose("children_seen", "yes")
    while form.page.locator(".entry").count() < 1:
        form.page.click(".add")
    form.write("child[1]/child_age", "13")
    form.choose("child[1]/child_works", "yes")
    form.choose("child[1]/child_light_work_claimed", "yes")
    form.choose("child[1]/child_tasks", "carrying_loads")
    form.choose("child[1]/child_works_in_school_hours", "yes")


def look_over_early(form: WebForm) -> str:
    form.page.click("button:text-is('Look it over')")
    form.page.wait_for_selector("#unanswered")
    return form.page.inner_text("main")


def seconds_after(earlier: str, later: str) -> float:
    return (
        datetime.fromisoformat(later) - datetime.fromisoformat(earlier)
    ).total_seconds()


def test_a_child_that_carries_sacks_is_seen_told_once_and_followed(
    in_the_field: Field, client: TestClient, tenant: Tenant, tmp_path: Path
) -> None:
    place = in_the_field
    register = Register(client, tenant)

    # In town: nine of sixty-seven by lot, one in reserve; anybody runs it again.
    draw = drawn_in_planadas(register)
    inputs = tmp_path / "inputs.json"
    inputs.write_bytes(
        client.get(f"/v1/draws/{draw['id']}/inputs", headers=place.headers).content
    )
    planned = register.post(
        f"/v1/draws/{draw['id']}/plan",
        {
            "fieldwork_from": (date.today() - timedelta(days=3)).isoformat(),  # noqa: DTZ011 - as the farm counts days
            "fieldwork_to": (date.today() + timedelta(days=7)).isoformat(),  # noqa: DTZ011
        },
    )
    fourth = planned["drawn"][3]
    assert (draw["sites"], len(draw["drawn"]), len(draw["in_reserve"])) == (67, 9, 1)
    assert verify_draw.main([str(inputs)]) == 0
    assert {one["audit_status"] for one in planned["drawn"]} == {"planned"}

    # At the office she takes the checklist along.
    with opened(place, is_offline=False) as form:
        form.sign_in(EMAIL, PASSWORD)
        form.set_pin()
        form.fetch()
        form.page.wait_for_function("navigator.serviceWorker.controller !== null")

    # On the farm, thirty hours before there is a signal again.
    seen_at = datetime.now(UTC) - AWAY
    with opened(place) as form:
        form.page.clock.install(time=seen_at)
        form.open()
        form.unlock()
        begin_a_visit(form, fourth["site"], "women")
        list_the_child(form)
        early = look_over_early(form)
        early_flags = form.flagged()
        form.page.click("button:text-is('Back')")
        form.answer_the_rest()
        assert form.page.locator("input[type=file]").count() == 0
        go_to_the_end(form)
        form.attach("photo_records", place.photo)
        form.sign()
        form.look_over()
        flagged = form.flagged()
        form.finish()
    assert CHILD_LABOUR in early_flags
    assert CHILD_LABOUR in flagged
    assert "Photograph, film or record the child." in early
    assert "Does the child work to pay a debt of the parents?" in early
    assert CONTACT in early
    assert place.get("/v1/submissions")["items"] == []

    # Back in town, in two tabs at once.
    with opened(place, is_offline=False) as form:
        form.open()
        other = WebForm(form.page.context.new_page(), place.url)
        other.open()
        for one in (form, other):
            one.unlock()
            one.page.wait_for_selector("#sent + ul li")

    (arrived,) = place.get("/v1/submissions")["items"]
    (audit,) = (
        one
        for one in place.get(f"/v1/draws/{draw['id']}")["drawn"]
        if one["site"] == fourth["site"]
    )
    assert audit["audit_status"] == "submitted"
    assert arrived["audit"] == fourth["audit"]

    # What the child is owed: a finding, a case by reference alone, clocks, an alert.
    (brief,) = (
        one
        for one in place.get(f"/v1/findings?site={fourth['site']}")["items"]
        if one["title"] == CHILD_LABOUR
    )
    finding = place.get(f"/v1/findings/{brief['ref']}")
    assert finding["severity"] == "zero_tolerance"
    assert finding["standing"] == "suspected"
    assert finding["late_because"] == "no_signal"
    assert (
        abs(seconds_after(seen_at.isoformat(), finding["acknowledge_by"]) - 24 * 3600)
        < 600
    )
    assert seconds_after(finding["acknowledge_by"], finding["refer_by"]) == 48 * 3600
    assert finding["case_status"] == "not_opened"
    assert finding["case_reference"]
    assert fourth["site"] not in finding["case_reference"]
    (alert,) = (
        one
        for one in place.get("/v1/alerts")["items"]
        if one["subject"] == brief["ref"] and one["event"] == "zero_tolerance"
    )
    assert "Finca" not in str(alert)
    for role in (Role.MANAGER, Role.ANALYST):
        told = client.get(f"/v1/findings/{brief['ref']}", headers=tenant.headers(role))
        assert finding["case_reference"] not in told.text
