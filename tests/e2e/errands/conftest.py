"""What an errand through the pages begins with: the demonstration, and a browser.

`place` serves a copy of the demonstration from this process, on the day the product was
last written on; `walk` is somebody before it, on a phone and at a desk, in English and in
Spanish: a test that asks for it runs four times. At its end every walk is held to what
all pages owe: nothing from elsewhere, no complaint of the browser, no barrier that axe
knows of, and nothing wider than the screen on any page that was shot.

Pictures go to the folder that ATALAYA_PICTURES names, for builders to keep and for the
guides, or to the test's own folder.
"""

import fcntl
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page

from api.demonstration.command import demonstrate
from api.demonstration.story import PersonWritten, Story, read_story
from api.service import Service, open_service
from compliance import clock
from compliance.settings import Settings
from tests.chromium import launched
from tests.e2e.web_form import accessibility_faults, serving_beside

BEGINS = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
PHONE, DESK = 390, 1280
SCREENS = [(width, language) for width in (PHONE, DESK) for language in ("es", "en")]


@dataclass(frozen=True)
class Place:
    """A served demonstration: where it is, and how its people sign in."""

    url: str
    settings: Settings
    story: Story

    def person(self, name: str) -> PersonWritten:
        """Return who signs in with what stands before the @ of a mail address."""
        people = [*self.story.people, self.story.buyer.person]
        return next(one for one in people if one.email.startswith(f"{name}@"))

    @contextmanager
    def behind(self) -> Iterator[Service]:
        """Open the product's service beside the server, to furnish what a test needs."""
        with open_service(self.settings, is_system=True) as service:
            yield service


@dataclass
class Walk:
    """One person before the pages; `page` is Playwright's."""

    page: Page
    place: Place
    width: int
    language: str
    pictures: Path
    left: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    barriers: list[str] = field(default_factory=list)
    too_wide: list[str] = field(default_factory=list)

    @property
    def is_phone(self) -> bool:
        return self.width == PHONE

    @property
    def looks_for_barriers(self) -> bool:
        """Either language and either screen once: half of what an errand takes is axe."""
        return self.is_phone == (self.language == "es")

    def told(self, english: str, spanish: str) -> str:
        """Return what a label is called in the language of this walk."""
        return spanish if self.language == "es" else english

    def open(self, path: str) -> None:
        """Open a page; one that follows a job may go on by itself in that moment."""
        address = f"{self.place.url}{path}"
        try:
            answer = self.page.goto(address)
        except Error as error:
            if "interrupted by another navigation" not in error.message:
                raise
            answer = None
        if answer is None:
            answer = self.page.goto(address)
        assert answer is not None
        assert answer.status < 400, f"{path}: {answer.status}"

    def sign_in(self, name: str) -> None:
        """Sign in, in the language of this walk, and land on the first page."""
        person = self.place.person(name)
        self.page.goto(f"{self.place.url}/sign-in?language={self.language}")
        self.page.fill("#email", person.email)
        self.page.fill("#password", person.password)
        self.page.press("#password", "Enter")
        self.page.wait_for_url(f"{self.place.url}/")

    def wait_until_narrowed(self, address: re.Pattern[str]) -> None:
        """Wait until the list stands under its new address, and nothing is under way."""
        self.page.wait_for_url(address)
        self.page.locator("#list[aria-busy=false]").wait_for()

    def sign_out(self) -> None:
        self.page.click("form[action='/sign-out'] button")
        self.page.wait_for_url("**/sign-in")

    def shot(self, name: str) -> None:
        """Keep a picture of the page, and hold the page to what all pages owe."""
        file = self.pictures / f"{name}_{self.language}_{self.width}.png"
        self.page.screenshot(path=file, full_page=True, animations="disabled")
        where = f"{name} {self.language} {self.width}"
        wide = "document.documentElement.scrollWidth > window.innerWidth"
        self.too_wide += [where] if self.page.evaluate(wide) else []
        if self.looks_for_barriers:
            faults = accessibility_faults(self.page)
            self.barriers += [f"{where}: {one}" for one in faults]

    def watch(self) -> None:
        self.page.on("request", lambda request: self.note_request(request.url))
        self.page.on("console", lambda message: self.note_complaint(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def note_complaint(self, text: str) -> None:
        # What drawing without a graphics card says of itself is no fault of a page.
        self.complaints += [] if "WebGL" in text or "GPU stall" in text else [text]

    def note_request(self, url: str) -> None:
        ours = (self.place.url, "data:", "blob:")
        self.left += [] if url.startswith(ours) else [url]

    def held(self) -> None:
        """Fail where a page left what all pages owe."""
        assert self.left == []
        assert self.complaints == []
        assert self.barriers == []
        assert self.too_wide == []


@pytest.fixture(scope="session")
def story() -> Story:
    return read_story()


@pytest.fixture(scope="session")
def demonstration(
    tmp_path_factory: pytest.TempPathFactory, story: Story, worker_id: str
) -> Path:
    """The folder of a loaded demonstration: one for all processes of a run."""
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent
    loaded, lock = shared / "demonstration", shared / "demonstration.lock"
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if not loaded.exists():
            making = shared / "demonstration-in-making"
            settings = Settings(data=making, odk_validate="off")
            with standing_still(BEGINS):
                assert demonstrate(settings, "en", serves=False, story=story) == 0
            making.rename(loaded)
    return loaded


@contextmanager
def standing_still(begins: datetime) -> Iterator[None]:
    """Let the product's time go on from `begins`, whatever day it is here."""
    began = monotonic()
    with clock.set_to(lambda: begins + timedelta(seconds=monotonic() - began)):
        yield


@pytest.fixture
def place(demonstration: Path, story: Story, tmp_path: Path) -> Iterator[Place]:
    """A copy of the demonstration, served."""
    data = tmp_path / "data"
    shutil.copytree(demonstration, data)
    settings = Settings(data=data, odk_validate="off", rate_limits="off")
    with standing_still(BEGINS), serving_beside(settings) as url:
        yield Place(url, settings, story)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as started:
        yield started


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Where pictures of pages go."""
    named = os.environ.get("ATALAYA_PICTURES")
    folder = Path(named) if named else tmp_path / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(params=SCREENS, ids=lambda one: f"{one[1]}-{one[0]}")
def walk(
    request: pytest.FixtureRequest, browser: Browser, place: Place, pictures: Path
) -> Iterator[Walk]:
    """Somebody before the pages, held at the end to what all pages owe."""
    width, language = request.param
    context = browser.new_context(
        viewport={"width": width, "height": 844}, locale=language
    )
    with walking(context, place, width, language, pictures) as walker:
        yield walker
        walker.held()


@contextmanager
def walking(
    context: BrowserContext, place: Place, width: int, language: str, pictures: Path
) -> Iterator[Walk]:
    walker = Walk(context.new_page(), place, width, language, pictures)
    walker.page.set_default_timeout(20_000)
    walker.watch()
    yield walker
    context.close()
