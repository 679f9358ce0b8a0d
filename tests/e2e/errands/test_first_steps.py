"""An empty organisation's first day, and a reviewer's: what is to be done is a click away."""

import pytest

from compliance import trail
from compliance.identity.actions import add_person, found_organisation
from compliance.identity.models import OrganisationKind, Role
from tests.chromium import needs_chromium
from tests.e2e.errands.conftest import Walk
from tests.importing import list_of
from tests.jobs import wait_until

pytestmark = needs_chromium
EMAIL, PASSWORD = "primera@vereda.example", "una frase larga que nadie más pensaría"
FARMS = list_of("Finca La Primera,CO,Planadas", "Finca La Segunda,CO,Planadas")


@pytest.fixture
def founded(walk: Walk) -> Walk:
    """Somebody who administers an organisation that was founded a moment ago."""
    with walk.place.behind() as service, service.database.writing() as session:
        made = found_organisation(
            session,
            kind=OrganisationKind.EXPORTER,
            name="Exportadora La Vereda",
            country="CO",
        )
        add_person(
            session,
            organisation_id=made.id,
            role=Role.ADMINISTRATOR,
            email=EMAIL,
            name="Primera Persona",
            language=walk.language,
            password=PASSWORD,
        )
        trail.seal(session)
    return walk


def test_an_empty_register_begins_with_its_first_steps(founded: Walk) -> None:
    walk, page = founded, founded.page
    walk.open(f"/sign-in?language={walk.language}")
    page.fill("#email", EMAIL)
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    page.wait_for_url(f"{walk.place.url}/")
    walk.shot("first-steps-today")

    page.click("main a[href='/first-steps']")
    before = page.locator("#sites .mark.conformity").count()
    walk.shot("first-steps")
    page.click("#sites a[href='/imports']")
    page.set_input_files(
        "#file",
        {"name": "fincas.csv", "mimeType": "text/csv", "buffer": FARMS},
    )
    page.click("main form[action='/imports'] button")
    page.click("main form[action$='/confirm'] button")
    register = f"{walk.place.url}/v1/sites"
    wait_until(lambda: len(page.request.get(register).json()["items"]) == 2)
    walk.open("/first-steps")
    walk.shot("first-steps-sites-done")

    assert before == 0
    assert page.locator("#sites .mark.conformity").count() == 1


def test_what_is_the_reviewers_to_do_is_one_click_away(walk: Walk) -> None:
    page = walk.page
    walk.sign_in("revision")
    walk.shot("today")
    site = page.locator("section[aria-labelledby=late] li .site-of").first.inner_text()

    page.click("section[aria-labelledby=late] li a >> nth=0")

    assert "/findings/F-" in page.url
    assert site in page.locator("body").inner_text()
