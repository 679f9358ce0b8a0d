"""A list that is narrowed in place never looks like what it is not.

An empty list of findings reads as an all clear: it must not come of a session that
ended, of a line that broke off, or of two choices in quick succession.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, Route

from tests.chromium import needs_chromium
from tests.e2e.errands.conftest import DESK, PHONE, Walk

pytestmark = [
    needs_chromium,
    pytest.mark.parametrize("walk", [(PHONE, "es"), (DESK, "en")], indirect=True),
]
FINDINGS = re.compile(r"/findings\?")
ROWS = "#list tbody tr"


@contextmanager
def first_answer_held(
    page: Page, address: re.Pattern[str]
) -> Iterator[Callable[[], None]]:
    """Keep the first question of a page waiting until what is given is called."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)
        if len(held) > 1:
            route.continue_()

    def release() -> None:
        page.wait_for_timeout(50)
        held[0].continue_()

    page.route(address, hold)
    yield release
    page.unroute(address)


def severities(page: Page) -> set[str]:
    """Return the severities that the rows of the list show."""
    marks = page.locator(f"{ROWS} .severity")
    return set(
        marks.evaluate_all("all => all.map(one => one.classList.item(1))"),
    )


def test_what_was_chosen_last_is_shown(walk: Walk) -> None:
    walk.sign_in("administracion")
    walk.open("/findings")

    with first_answer_held(walk.page, FINDINGS) as release:
        walk.page.select_option("#filter-severity", "critical")
        walk.page.select_option("#filter-severity", "major")
        release()
        walk.wait_until_narrowed(re.compile("severity=major"))

    assert severities(walk.page) == {"major"}


def test_the_way_back_leads_to_the_list_from_before(walk: Walk) -> None:
    walk.sign_in("administracion")
    walk.open("/findings")
    before = walk.page.locator(ROWS).all_inner_texts()
    walk.page.select_option("#filter-severity", "major")
    walk.wait_until_narrowed(re.compile("severity=major"))

    walk.page.go_back()

    walk.page.locator("#filter-severity option[value='']:checked").wait_for(
        state="attached"
    )
    assert walk.page.locator(ROWS).all_inner_texts() == before


def test_without_a_line_the_list_stays_and_says_so(walk: Walk) -> None:
    walk.sign_in("administracion")
    walk.open("/findings")
    before = walk.page.locator(ROWS).all_inner_texts()

    walk.page.context.set_offline(True)
    walk.page.select_option("#filter-severity", "major")
    told = walk.page.locator(".filters [role=status]:not(.unseen)")
    told.wait_for()
    walk.shot("lists_no_line")

    assert walk.page.locator(ROWS).all_inner_texts() == before
    assert "severity" not in walk.page.url
    walk.page.context.set_offline(False)
    walk.page.select_option("#filter-severity", "critical")
    walk.wait_until_narrowed(re.compile("severity=critical"))
    assert told.count() == 0
    walk.complaints[:] = [
        one
        for one in walk.complaints
        if "ERR_INTERNET" not in one and "htmx:error" not in one
    ]


def test_when_the_session_has_ended_one_signs_in_and_goes_on(walk: Walk) -> None:
    walk.sign_in("administracion")
    walk.open("/findings")
    walk.page.context.clear_cookies()

    walk.page.select_option("#filter-severity", "major")
    walk.page.wait_for_url(re.compile("/sign-in"))

    person = walk.place.person("administracion")
    walk.page.fill("#email", person.email)
    walk.page.fill("#password", person.password)
    walk.page.press("#password", "Enter")
    walk.page.wait_for_url(re.compile(r"/findings\?.*severity=major"))
    assert severities(walk.page) == {"major"}
