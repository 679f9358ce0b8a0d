"""Anybody's errand, signed in nowhere: a code verified, a rule and the limits read."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from sqlalchemy import select

from compliance.scorecards.models import Scorecard
from tests.chromium import needs_chromium
from tests.e2e.errands.conftest import DESK, PHONE, Place, Walk, walking

pytestmark = needs_chromium
RULE = "child_labour.minimum_age"


def code_of(place: Place) -> str:
    """Return the code of some card of the demonstration."""
    with place.behind() as service:
        found = service.read_now(
            lambda session: session.scalar(select(Scorecard.code).limit(1)),
            system=True,
        )
    return str(found)


@pytest.fixture(params=[PHONE, DESK])
def without_script(
    request: pytest.FixtureRequest, browser: Browser, place: Place, tmp_path: Path
) -> Iterator[Walk]:
    context = browser.new_context(
        viewport={"width": request.param, "height": 844},
        locale="es",
        java_script_enabled=False,
    )
    with walking(context, place, request.param, "es", tmp_path) as walker:
        yield walker


def test_anybody_verifies_a_card_and_reads_how_it_came_about(walk: Walk) -> None:
    page, code = walk.page, code_of(walk.place)
    walk.open(f"/verify?language={walk.language}")
    walk.shot("anybody-1-verify")
    page.fill("#code", code.lower().replace("-", " "))
    page.press("#code", "Enter")
    page.wait_for_url(f"**/v/{code}")
    walk.shot("anybody-2-verified")
    assert page.inner_text("h1")

    walk.open("/grading")
    walk.shot("anybody-3-grading")
    walk.open("/limits")
    walk.shot("anybody-4-limits")

    walk.open("/rules")
    page.fill("#filter-q", "C138")
    page.press("#filter-q", "Enter")
    walk.wait_until_narrowed(re.compile(r"/rules\?q=C138"))
    assert page.locator("#list [role=status]").is_visible()
    walk.shot("anybody-5-rules")
    page.click(f"a[href='/rules/{RULE}']")
    page.wait_for_url(f"**/rules/{RULE}")
    walk.shot("anybody-6-rule")
    assert walk.told("Minimum age", "edad mínima").lower() in page.content().lower()


def test_all_of_it_is_read_without_a_script(without_script: Walk) -> None:
    walk = without_script
    page, code = walk.page, code_of(walk.place)

    walk.open("/verify?language=es")
    page.fill("#code", code)
    page.press("#code", "Enter")
    page.wait_for_url(f"**/v/{code}")
    walk.open("/rules?language=es")
    page.fill("#filter-q", "C138")
    page.click(".filters button")
    page.wait_for_url("**/rules?q=C138**")
    page.click(f"a[href='/rules/{RULE}']")
    walk.open("/grading")
    walk.open("/limits")

    assert page.inner_text("h1") == "Lo que este servicio no puede saber"
