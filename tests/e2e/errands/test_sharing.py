"""Sharing: a supplier shows a farm to a buyer, which sees it until it is taken back."""

from tests.chromium import needs_chromium
from tests.e2e.errands.conftest import Walk

pytestmark = needs_chromium
FARM = "Finca El Portezuelo del Barranquero"


def enter(walk: Walk, name: str) -> None:
    walk.sign_out()
    walk.sign_in(name)


def press(walk: Walk, form: str, leads_to: str) -> None:
    """Send a form of the page, and wait for the page behind it."""
    with walk.page.expect_navigation(url=leads_to):
        walk.page.click(f'main form[action="{form}"] > button')


def seen_by_the_buyer(walk: Walk, picture: str) -> tuple[bool, bool]:
    """Tell whether a buyer finds the farm among what it is shown, and at its risk."""
    enter(walk, "sourcing")
    walk.open("/consents/received")
    walk.shot(f"{picture}-received")
    is_shown = walk.page.get_by_text(FARM).count() > 0
    walk.open("/portfolio")
    return is_shown, walk.page.get_by_text(FARM).count() > 0


def test_a_farm_is_shown_to_a_buyer_and_taken_back(walk: Walk) -> None:
    page = walk.page
    walk.sign_in("gerencia")
    walk.open("/consents")
    walk.shot("sharing-given")
    walk.open("/consents/new?name=portezuelo")
    buyer = page.locator("#parties option").first.get_attribute("value")
    page.get_by_label(FARM).check()
    page.select_option("#subject", "risk")
    page.fill("#grantee", str(buyer))
    page.fill("#last_day", "2027-06-30")
    walk.shot("sharing-form")
    press(walk, "/consents", "**/consents?done=given")
    walk.shot("sharing-shown")
    consent = page.get_by_role("link", name=FARM).first.get_attribute("href")

    while_given = seen_by_the_buyer(walk, "sharing-buyer")

    enter(walk, "gerencia")
    walk.open(str(consent))
    page.click("details.confirm summary")
    walk.shot("sharing-take-back")
    press(walk, f"{consent}/end", "**?done=taken_back")
    walk.shot("sharing-taken-back")
    afterwards = seen_by_the_buyer(walk, "sharing-buyer-after")

    assert while_given == (True, True)
    assert afterwards == (False, False)
