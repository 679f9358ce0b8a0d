"""What every page of the menu owes: it reads without a script, and in both languages."""

import pytest
from playwright.sync_api import Browser

from api.pages.navigation import GROUPS
from tests.chromium import needs_chromium
from tests.e2e.errands.conftest import DESK, PHONE, Place, Walk

pytestmark = needs_chromium
PATHS = [
    place.path for group in GROUPS for place in group.places if place.path != "/field"
]
PUBLIC = ["/rules", "/grading", "/limits", "/verify", "/sign-in"]


@pytest.mark.parametrize(
    "walk", [(PHONE, "es"), (DESK, "en"), (DESK, "es")], indirect=True, ids=str
)
def test_every_page_of_the_menu_shuts_nobody_out(walk: Walk) -> None:
    walk.sign_in("administracion")

    for path in PATHS:
        walk.open(path)
        walk.shot(f"menu{path.replace('/', '-')}")

    assert walk.page.locator("html").get_attribute("lang") == walk.language


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_page_reads_without_a_script(
    browser: Browser, place: Place, language: str
) -> None:
    context = browser.new_context(
        java_script_enabled=False,
        locale=language,
        viewport={"width": PHONE, "height": 800},
    )
    page = context.new_page()
    person = place.person("administracion")
    page.goto(f"{place.url}/sign-in?language={language}")
    page.fill("#email", person.email)
    page.fill("#password", person.password)
    page.press("#password", "Enter")
    page.wait_for_url(f"{place.url}/")

    headings = {}
    for path in [*PATHS, *PUBLIC[:-1]]:
        page.goto(f"{place.url}{path}")
        headings[path] = page.locator("h1").all_inner_texts()

    assert {path: len(found) for path, found in headings.items()} == dict.fromkeys(
        headings, 1
    )
    context.close()
