"""Errand: an exporter and a buyer look who is at risk, why, and take a card along."""

import re
from pathlib import Path

import pytest

from tests.chromium import needs_chromium
from tests.e2e.errands.conftest import Walk

pytestmark = needs_chromium

STALLS = "GPU stall"  # the driver's word about a picture taken of what WebGL drew


def show_map(walk: Walk) -> None:
    """Bring the map into view and have it drawn: by itself at a desk, asked for else."""
    walk.page.locator("[data-map]").scroll_into_view_if_needed()
    asking = walk.page.get_by_role(
        "button", name=walk.told("Show the map", "Mostrar el mapa")
    )
    if walk.is_phone:
        asking.click()
    walk.page.locator(".map-point").first.wait_for(timeout=20_000)


def without_stalls(walk: Walk) -> None:
    walk.complaints[:] = [one for one in walk.complaints if STALLS not in one]


@pytest.mark.parametrize("who", ["analyst", "sourcing"])
def test_who_is_at_risk_and_why_and_the_card_to_take_along(
    walk: Walk, who: str, tmp_path: Path
) -> None:
    walk.sign_in(who)
    walk.open("/portfolio")
    walk.shot(f"portfolio_{who}")

    walk.page.locator("details.further > summary").click()
    walk.page.select_option("#filter-kind", "mill")
    walk.page.wait_for_url(re.compile("kind=mill"))
    walk.page.get_by_role("link", name="Trilladora Piedra Clara (DEMO)").click()
    walk.page.wait_for_url(re.compile(r"/portfolio/site_"))
    assert walk.page.locator("#why").is_visible()
    walk.shot(f"explained_{who}")

    label = walk.told("PDF in English", "PDF en español")
    with walk.page.expect_download() as arriving:
        walk.page.get_by_role("link", name=label).first.click()
    paper = tmp_path / "card.pdf"
    arriving.value.save_as(paper)
    assert paper.read_bytes().startswith(b"%PDF-")

    walk.page.locator(".downloads a[href^='/v/']").first.click()
    walk.page.wait_for_url(re.compile(r"/v/"))
    assert walk.page.locator(".verify").is_visible()


def test_the_map_of_the_portfolio_is_drawn_and_leads_to_a_site(walk: Walk) -> None:
    walk.sign_in("analyst")
    walk.open("/portfolio")

    show_map(walk)
    walk.page.locator(".map-point").first.press("Enter")
    walk.page.locator(".map-told").wait_for()
    walk.shot("portfolio_map")
    without_stalls(walk)

    drawn = walk.page.locator("[data-map]").get_attribute("data-shown")
    assert int(drawn or 0) > 0


def test_a_pasted_list_is_answered(walk: Walk) -> None:
    walk.sign_in("analyst")
    walk.open("/portfolio")
    ids = walk.page.locator("table.portfolio td.main a").evaluate_all(
        "all => all.map(one => one.getAttribute('href').split('/').at(-1))"
    )
    walk.open("/portfolio/ask")

    walk.page.fill("#names", "\n".join([*ids[:3], "000-111"]))
    walk.page.get_by_role(
        "button", name=walk.told("Show what is known", "Mostrar lo que se sabe")
    ).click()

    walk.page.locator("#answer").wait_for()
    walk.shot("asked_list")
    assert walk.page.locator("table.portfolio tbody tr").count() == 3
