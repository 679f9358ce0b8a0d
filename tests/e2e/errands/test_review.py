"""The reviewer's errand: from signing in to an audit that is final, also by keys alone."""

import re
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, expect

from tests.chromium import needs_chromium
from tests.e2e.errands.conftest import DESK, Place, Walk, walking

pytestmark = needs_chromium
FARM = "Finca El Recuerdo de las Nubes"  # its visit came in, and broke no rule
REUSED = "Finca La Arboleda del Roble Viejo"  # its photograph is one of another farm
PHOTOGRAPH = "#photographs ~ .pictures .photograph"
MINE = "/audits?whose=mine&order=oldest"
MOST_TABS, MOST_LOOKS = 400, 60


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
    read_at_last(page, page.locator("details.signals"))
    page.locator("#take").click()
    expect(page.locator(".banner.good")).to_be_visible()
    expect(page.locator(f"{PHOTOGRAPH} img")).to_be_visible()
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
    page.go_back()
    page.locator(".banner.good a[href$='/scorecard']").click()
    for name, stated in (("notice", "unannounced"), ("payer", "programme")):
        left_open = page.locator(f"#{name}")
        if left_open.count():
            left_open.select_option(stated)
    page.locator("form[method=get][action$='/scorecard'] button").click()
    page.locator(".confirm > summary").click()
    walk.shot("review-issue")
    grade = page.locator(".letter").inner_text()
    page.locator(".confirm button.danger").click()
    page.wait_for_url(re.compile("done=issued"))
    assert page.locator(".letter").inner_text() == grade

    walk.open("/audits?state=final")
    expect(page.get_by_role("link", name=FARM).first).to_be_visible()


def loaded_width(picture: Locator) -> int:
    """Return how wide a picture is by itself: 0 while none has come."""
    picture.scroll_into_view_if_needed()
    picture.evaluate("one => one.decode()")
    return int(picture.evaluate("one => one.naturalWidth"))


def test_a_photograph_stands_beside_the_verdicts_and_opens_large(walk: Walk) -> None:
    page, keys = walk.page, walk.page.keyboard
    walk.sign_in("revision")
    walk.open(MINE)
    page.get_by_role("link", name=FARM).click()
    small, large = page.locator(f"{PHOTOGRAPH} img"), page.locator("#large")

    own_width = loaded_width(small)
    seen, verdicts = small.bounding_box(), page.locator("#verdicts").bounding_box()
    keys.press("p")
    focus = page.locator(f"{PHOTOGRAPH}:focus")
    expect(focus).to_be_visible()
    keys.press("Enter")
    expect(large).to_be_visible()
    shown_width = loaded_width(large.locator("img"))
    shown = large.locator("img").bounding_box()
    walk.shot("review-photograph")
    keys.press("j")  # of the page behind: it waits
    expect(large).to_be_visible()
    keys.press("Escape")

    expect(large).not_to_be_visible()
    expect(focus).to_be_visible()
    assert own_width == shown_width > 0
    assert seen is not None
    assert verdicts is not None
    assert shown is not None
    assert shown["width"] > seen["width"]
    assert shown["x"] >= 0
    assert shown["x"] + shown["width"] <= walk.width
    if walk.is_phone:
        assert seen["y"] + seen["height"] < verdicts["y"]
    else:
        assert seen["x"] + seen["width"] < verdicts["x"]
        assert abs(seen["y"] - verdicts["y"]) < seen["height"]


def test_a_photograph_of_another_farm_is_told_and_can_be_compared(walk: Walk) -> None:
    page, keys = walk.page, walk.page.keyboard
    walk.sign_in("revision")
    walk.open(MINE)
    page.get_by_role("link", name=REUSED).click()
    own, large = page.locator(f"{PHOTOGRAPH}"), page.locator("#large")
    other = page.locator("[data-doubt] a[data-large]")

    page.wait_for_load_state()
    read_at_last(page, other)
    other.focus()
    keys.press("Enter")
    expect(large).to_be_visible()
    width = loaded_width(large.locator("img"))
    tab_to(page, "#large button")
    keys.press("Enter")

    expect(large).not_to_be_visible()
    expect(page.locator("[data-doubt] a[data-large]:focus")).to_be_visible()
    assert width > 0
    assert other.get_attribute("href") != own.get_attribute("href")
    earlier = walk.told("days before the visit began", "días antes de que empezara")
    expect(page.locator(".pictures li")).to_contain_text(earlier)


def test_without_a_script_a_photograph_is_a_link_to_itself(
    browser: Browser, place: Place, pictures: Path
) -> None:
    context = browser.new_context(java_script_enabled=False, locale="es")
    with walking(context, place, DESK, "es", pictures) as walk:
        page = walk.page
        walk.sign_in("revision")
        walk.open(MINE)
        page.get_by_role("link", name=FARM).click()

        address = page.locator(PHOTOGRAPH).get_attribute("href")
        page.locator(PHOTOGRAPH).click()
        page.wait_for_url(f"**{address}")
        page.go_back()

        expect(page.locator("#photographs")).to_be_visible()
        expect(page.locator("#large")).not_to_be_visible()


def read_at_last(page: Page, signal: Locator) -> None:
    """Come back to the page until its signals are read: a job does that meanwhile."""
    for _ in range(MOST_LOOKS):
        if signal.count():
            return
        page.wait_for_timeout(500)
        page.reload()
    raise AssertionError("the signals were never read")


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
