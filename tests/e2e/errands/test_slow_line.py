"""On a slow line: what the portfolio weighs, and that it is seen without a second question."""

from playwright.sync_api import Browser, Response

from tests.chromium import needs_chromium
from tests.e2e.errands.conftest import PHONE, Place

pytestmark = needs_chromium

MOST_BYTES = 250_000


def test_the_portfolio_is_light_and_painted_from_one_answer(
    browser: Browser, place: Place
) -> None:
    person = place.person("analyst")
    context = browser.new_context(viewport={"width": PHONE, "height": 844})
    page = context.new_page()
    page.goto(f"{place.url}/sign-in")
    page.fill("#email", person.email)
    page.fill("#password", person.password)
    page.press("#password", "Enter")
    page.wait_for_url(f"{place.url}/")
    line = context.new_cdp_session(page)
    line.send("Network.enable")
    line.send("Network.clearBrowserCache")
    weights: list[int] = []
    answers: list[Response] = []
    line.on(
        "Network.loadingFinished",
        lambda told: weights.append(int(told["encodedDataLength"])),
    )
    page.on("response", lambda answer: answers.append(answer))

    page.goto(f"{place.url}/portfolio", wait_until="networkidle")

    assert 0 < sum(weights) <= MOST_BYTES
    kinds = {one.request.resource_type for one in answers}
    assert "stylesheet" not in kinds
    assert not any("/static/map/maplibre" in one.url for one in answers)
    blocking = page.evaluate(
        "performance.getEntriesByType('resource')"
        ".filter(one => one.renderBlockingStatus === 'blocking').map(one => one.name)"
    )
    assert blocking == []
    context.close()
