"""The reviewer's errand: from signing in to an audit that is final, also by keys alone."""

import re

from playwright.sync_api import Page, expect

from tests.chromium import needs_chromium
from tests.e2e.errands.conftest import Walk

pytestmark = needs_chromium
FARM = "Finca El Recuerdo de las Nubes"  # its visit came in, and broke no rule
MINE = "/audits?whose=mine&order=oldest"
MOST_TABS = 400


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until what has the focus is what was looked for, as a person does."""
    for _ in range(MOST_TABS):
        if page.evaluate("one => document.activeElement.matches(one)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never reached {selector}")


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.closest('[id]').id"))


def is_open(page: Page, selector: str) -> bool:
    return bool(page.locator(selector).evaluate("one => one.open"))


def test_a_reviewer_finalises_an_audit(walk: Walk) -> None:
    page = walk.page
    walk.sign_in("revision")

    walk.open(MINE)
    walk.shot("review-list")
    page.get_by_role("link", name=FARM).click()
    page.locator("#take").click()
    expect(page.locator(".banner.good")).to_be_visible()
    walk.shot("review-audit")
    page.locator(".part").first.evaluate("one => { one.open = true; }")
    page.locator("#return > summary").click()
    page.locator("#finalise summary").click()
    walk.shot("review-decide")
    page.locator("#finalise button").click()
    page.wait_for_url(re.compile("done=final"))
    walk.shot("review-final")
    page.locator("#next-audit").click()

    expect(page.locator("h1")).not_to_have_text(FARM)
    walk.open("/audits?state=final")
    expect(page.get_by_role("link", name=FARM).first).to_be_visible()


def test_a_reviewer_returns_an_audit_with_remarks(walk: Walk) -> None:
    page = walk.page
    walk.sign_in("revision")

    walk.open(MINE)
    page.get_by_role("link", name=FARM).click()
    page.locator("#take").click()
    part = page.locator(".part:has(a.remark)").first
    part.evaluate("one => { one.open = true; }")
    part.locator("a.remark").first.click()
    page.locator("#kind-0").select_option("unclear")
    page.fill("#text-0", "¿De qué día es?")
    page.locator("#return form > button").click()
    page.wait_for_url(re.compile("done=returned"))
    walk.shot("review-returned")

    expect(page.locator("#remarks ~ ol li")).to_have_count(1)


def test_a_reviewer_needs_nothing_but_the_keyboard(walk: Walk) -> None:
    page, keys = walk.page, walk.page.keyboard
    walk.sign_in("revision")

    tab_to(page, ".menu-link" if walk.is_phone else ".menu a")
    keys.press("Enter" if walk.is_phone else "Tab")
    tab_to(page, ".menu a[href='/audits']")
    keys.press("Enter")
    page.wait_for_url("**/audits")
    tab_to(page, f"a[href='{MINE}']")
    keys.press("Enter")
    page.wait_for_url(re.compile("whose=mine"))
    place = page.get_by_role("link", name=FARM).get_attribute("href")
    tab_to(page, f"a[href='{place}']")
    keys.press("Enter")
    page.wait_for_url(f"**{place}")
    tab_to(page, "#take")
    keys.press("Enter")
    page.wait_for_url(re.compile("done=taken"))

    keys.press("j")
    first = focused(page)
    keys.press("j")
    second = focused(page)
    was_open = is_open(page, f"[id='{second}']")
    keys.press("o")
    turned = is_open(page, f"[id='{second}']")
    keys.press("k")
    back = focused(page)
    keys.press("?")
    walk.shot("review-keys")
    tab_to(page, "#keys-on")
    keys.press("Space")
    keys.press("j")
    off = focused(page)
    keys.press("Space")
    keys.press("r")
    remark = focused(page)
    keys.type("j")
    writing = focused(page)
    tab_to(page, "#return > summary, #finalise summary, #finalise button")
    keys.press("f")
    keys.press("Enter")
    page.wait_for_url(re.compile("done=final"))

    assert first != second
    assert turned is not was_open
    assert back == first
    assert off == "keys-on"
    assert remark == writing == "place-0"
    expect(page.locator(".banner.good").first).to_be_visible()
