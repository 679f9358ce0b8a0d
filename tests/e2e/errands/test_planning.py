"""From the supply base to an auditor's list: narrowed, drawn, planned and given."""

import re

from tests.chromium import needs_chromium
from tests.e2e.errands.conftest import Walk

pytestmark = needs_chromium
COFFEE, SEASON = "Trilladora Piedra Clara (DEMO)", "2025"


def test_a_sample_of_the_coffee_chain_reaches_its_auditor(walk: Walk) -> None:
    page = walk.page
    walk.sign_in("administracion")

    walk.open("/supply-base")
    page.select_option("#filter-visited", "never")
    page.select_option("#filter-kind", "producer")
    walk.wait_until_narrowed(re.compile("kind=producer.*visited=never"))
    page.fill("#filter-name", "balcon")
    page.press("#filter-name", "Enter")
    walk.wait_until_narrowed(re.compile("name=balcon"))
    narrowed = page.locator("#list tbody tr")
    assert narrowed.count() > 0
    assert {"Balcón" in one for one in narrowed.all_inner_texts()} == {True}
    if not walk.is_phone:
        page.locator("[data-map] .map-point").first.wait_for()
    walk.shot("planning_1_supply_base")

    walk.open("/draws/new")
    page.select_option("#mill", label=COFFEE)
    page.select_option("#season", SEASON)
    page.select_option("#level", "high")
    page.click("main form[action='/draws/new'] button")
    walk.shot("planning_2_preview")
    page.click(".confirm > summary")
    page.click(".confirm button.danger")
    page.wait_for_url(re.compile(r"/draws/draw_\w+\?done=drawn"))
    drawn = page.locator("section[aria-labelledby=sample] tbody td.main")
    names = [one.strip() for one in drawn.all_inner_texts()]
    assert len(names) > 2

    page.fill("#fieldwork_from", "2026-12-14")
    page.fill("#fieldwork_to", "2026-12-22")
    page.select_option("#lead", label=walk.place.person("auditoria").name)
    page.click("form[action$='/plan'] button")
    page.wait_for_url(re.compile("done=planned"))
    walk.shot("planning_3_sample")

    page.click("a[href^='/assignments/new?draw=']")
    page.check("input[name=checklist][value=farm_visit]")
    page.select_option("#whom", label=walk.place.person("auditoria").name)
    page.fill("#due_on", "2026-12-22")
    walk.shot("planning_4_give")
    page.click("form[action='/assignments'] > button")
    page.wait_for_url(re.compile("/assignments.done=assigned"))
    walk.shot("planning_5_assignments")
    walk.sign_out()

    walk.sign_in("auditoria")
    walk.open("/my-visits?state=open")
    given = page.locator("main").inner_text()
    assert [name for name in names if name not in given] == []
    walk.shot("planning_6_my_visits")
