"""A person with a browser: from signing in to the reasons of a verdict, in two languages."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from starlette.testclient import TestClient

from compliance import clock, trail
from compliance.database import Database
from compliance.identity.actions import add_person
from compliance.identity.models import Role
from tests.chromium import launched, needs_chromium
from tests.conftest import Tenant
from tests.e2e.serving import serving
from tests.e2e.web_form import accessibility_faults
from tests.visits import A_CHILD_OF_13, A_CHILD_OF_16, Visited, visited

EMAIL, PASSWORD = "administracion@example.org", "una contraseña larga y buena"
PHONE, LAPTOP = 390, 1280
RULE = "child_labour.minimum_age"

pytestmark = [
    needs_chromium,
    # What a browser sees is one on both databases; tests/api asks both.
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]


@dataclass
class Watched:
    """A page of a browser, and what it did that a reader would not see."""

    page: Page
    url: str
    site: str
    code: str
    left: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def watch(self) -> None:
        self.page.on("request", lambda request: self.note_request(request.url))
        self.page.on("console", lambda message: self.note_complaint(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def note_complaint(self, text: str) -> None:
        # What drawing without a graphics card says of itself is no fault of a page.
        self.complaints += [] if "GPU stall" in text else [text]

    def note_request(self, url: str) -> None:
        self.left += [] if url.startswith((self.url, "data:")) else [url]

    def open(self, path: str) -> None:
        self.page.goto(f"{self.url}{path}")

    def sign_in(self) -> None:
        self.open("/")
        self.page.fill("#email", EMAIL)
        self.page.fill("#password", PASSWORD)
        self.page.press("#password", "Enter")
        self.page.wait_for_url(f"{self.url}/")

    def is_wider_than_the_screen(self) -> bool:
        wide = "document.documentElement.scrollWidth > window.innerWidth"
        return bool(self.page.evaluate(wide))


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.fixture
def farm(client: TestClient, tenant: Tenant, database: Database) -> Visited:
    """A farm with a scorecard, on which a later visit found a child at work."""
    with database.writing() as session:
        add_person(
            session,
            organisation_id=tenant.id,
            role=Role.ADMINISTRATOR,
            email=EMAIL,
            name="Alguien",
            language="en",
            password=PASSWORD,
        )
        trail.seal(session)
    today = clock.today().isoformat()
    found = visited(client, tenant)
    found.send(children=[A_CHILD_OF_16], observed_on=today)
    return found


@contextmanager
def watching(
    context: BrowserContext, url: str, farm: Visited, code: str
) -> Iterator[Watched]:
    watched = Watched(context.new_page(), url, farm.site, code)
    watched.watch()
    yield watched
    context.close()


@pytest.fixture
def watched(
    chromium: Browser,
    database_url: str,
    tmp_path: Path,
    farm: Visited,
) -> Iterator[Watched]:
    """A phone without scripts in front of a server of its own."""
    code = str(farm.issue()["verify_code"])
    farm.send(children=[A_CHILD_OF_13], observed_on=clock.today().isoformat())
    with serving(database_url, tmp_path / "data") as server:
        context = chromium.new_context(
            viewport={"width": PHONE, "height": 800},
            locale="en",
            java_script_enabled=False,
        )
        with watching(context, server.url, farm, code) as seen:
            yield seen


def test_a_person_follows_a_red_flag_to_its_law_without_scripts(
    watched: Watched,
) -> None:
    page = watched.page
    watched.sign_in()

    watched.open("/supply-base")
    page.click("#list table a:text('Finca El Recuerdo')")
    finding = page.locator("li.finding", has_text="A child below the minimum age works")
    finding.locator("text=Open the visit").click()
    verdict = page.locator(f"details[id='{RULE}']")
    reasons = verdict.locator(".reasons").inner_text()
    verdict.locator("text=Read the rule and its law").click()
    law = page.locator(".parameter:has-text('Minimum age for work')").inner_text()

    assert "13 years, less than 15 years" in reasons
    assert "15 years" in law
    assert (watched.left, watched.complaints) == ([], [])


def test_a_person_reads_in_spanish_from_the_first_click(watched: Watched) -> None:
    page = watched.page
    watched.sign_in()

    page.click("nav.languages a[lang=es]")
    watched.open("/supply-base")
    page.click("#list table a:text('Finca El Recuerdo')")

    assert page.locator("html").get_attribute("lang") == "es"
    finding = page.locator(
        "li.finding", has_text="Un niño por debajo de la edad mínima"
    )
    assert finding.count() == 1
    assert (watched.left, watched.complaints) == ([], [])


def test_a_page_is_walked_with_the_keyboard_alone(watched: Watched) -> None:
    page = watched.page
    watched.sign_in()

    page.keyboard.press("Tab")
    skips = page.locator("a.skip:focus")

    assert skips.count() == 1
    page.keyboard.press("Enter")
    assert page.url.endswith("#content")


def test_a_buyer_sees_that_a_card_is_suspended(watched: Watched) -> None:
    watched.open(f"/v/{watched.code}")

    told = watched.page.locator("article.verify").inner_text()

    assert "Suspended" in told
    assert "A zero-tolerance review was opened" in told
    assert (watched.left, watched.complaints) == ([], [])


def test_pages_fit_their_screen_and_shut_nobody_out_in_either_language(
    chromium: Browser, database_url: str, tmp_path: Path, farm: Visited
) -> None:
    code = str(farm.issue()["verify_code"])
    submission = farm.get("/v1/submissions")["items"][0]["id"]
    paths = (
        "/?",
        "/supply-base?",
        "/first-steps?",
        "/alerts?",
        "/jobs?",
        f"/sites/{farm.site}?",
        f"/submissions/{submission}?",
        f"/rules/{RULE}?country=HN&",
        "/rules?",
        f"/v/{code}?",
        "/sign-in?",
        "/imports?",
        "/account?",
    )
    too_wide, barriers = [], []

    with (
        serving(database_url, tmp_path / "data") as server,
        watching(chromium.new_context(), server.url, farm, code) as watched,
    ):
        watched.sign_in()
        for path, language, width in product(paths, ("en", "es"), (PHONE, LAPTOP)):
            watched.page.set_viewport_size({"width": width, "height": 800})
            watched.open(f"{path}language={language}")
            too_wide += [path] if watched.is_wider_than_the_screen() else []
            barriers += accessibility_faults(watched.page) if width == PHONE else []

    assert too_wide == []
    assert barriers == []
    assert (watched.left, watched.complaints) == ([], [])
