"""A mill's errand: what was found, what is done about it, a photo of it, and its check."""

import re

from playwright.sync_api import FilePayload, expect

from tests.chromium import needs_chromium
from tests.e2e.errands.conftest import Walk
from tests.pictures import photo

pytestmark = needs_chromium
PHOTO: FilePayload = {
    "name": "bodega.jpg",
    "mimeType": "image/jpeg",
    "buffer": photo((800, 600)),
}


def follow(walk: Walk, english: str, spanish: str) -> None:
    """Press what is called so, a link or a button, and wait for the page behind it."""
    name = walk.told(english, spanish)
    pressed = walk.page.locator("main").locator(
        f'a:text-is("{name}"), button:text-is("{name}")'
    )
    with walk.page.expect_navigation():
        pressed.first.click()


def enter(walk: Walk, name: str) -> None:
    walk.sign_out()
    walk.sign_in(name)


def test_a_mill_answers_a_finding_and_shows_what_it_did(walk: Walk) -> None:
    page = walk.page
    walk.sign_in("gerencia")
    walk.open("/findings?state=raised&severity=major")
    walk.shot("mill-findings")
    in_time = page.locator("tbody tr").filter(has_not=page.locator(".late"))
    in_time.first.locator("td.main a").click()
    page.wait_for_url("**/findings/F-*")
    finding = page.url
    walk.shot("mill-finding")
    follow(walk, "Accept and set it right", "Aceptar y corregir")
    follow(walk, "Plan an action", "Planear una acción")
    page.select_option("#root_cause", "policy_missing")
    page.select_option("#action", "write_or_change_policy")
    page.select_option("#owner_role", "farm_manager")
    walk.shot("mill-plan")
    page.locator('main form[action$="/plan"] button').dblclick()
    # The second click breaks off where the first one led, and leads there as well.
    expect(page).to_have_url(re.compile("/actions/action_"))
    page.wait_for_load_state()
    action = page.url.partition("?")[0]
    walk.shot("mill-planned")
    walk.open(finding.removeprefix(walk.place.url))
    assert page.locator('main a[href^="/actions/"]').count() == 1

    enter(walk, "revision")
    walk.open(action.removeprefix(walk.place.url))
    follow(walk, "Agree to the plan", "Acordar el plan")

    enter(walk, "gerencia")
    walk.open(action.removeprefix(walk.place.url))
    page.set_input_files("#photo", PHOTO)
    page.check("[name=report]")
    walk.shot("mill-evidence")
    with page.expect_navigation(url="**/actions/*?done=report_done"):
        page.click("form[data-upload] button")
    walk.shot("mill-reported")

    enter(walk, "revision")
    walk.open(action.removeprefix(walk.place.url))
    page.locator(".proof img").scroll_into_view_if_needed()
    page.locator(".proof img").evaluate("one => one.decode()")
    walk.shot("mill-checking")
    page.select_option("#verify_evidence_kind", "desk")
    follow(walk, "It is done and works", "Está hecha y funciona")
    follow(walk, "Go on: close the finding", "Seguir: cerrar el hallazgo")
    page.select_option("#close_evidence_kind", "desk")
    follow(walk, "Close the finding", "Cerrar el hallazgo")
    walk.shot("mill-closed")

    closed = walk.told("Closed after a check", "Cerrado tras una comprobación")
    assert closed in page.locator(".finding-head").inner_text()
