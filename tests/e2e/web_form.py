"""An auditor at the web form: what she opens, answers, signs and sends, in a browser."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from threading import Thread
from time import sleep
from typing import Any

import axe_playwright_python
import uvicorn
from openpyxl import load_workbook
from PIL import Image
from playwright.sync_api import BrowserContext, Locator, Page, sync_playwright
from starlette.testclient import TestClient

from api.app import create_app
from audits.checklists.library import library_checklists
from compliance import trail
from compliance.database import Database
from compliance.identity.actions import add_person
from compliance.identity.models import Role
from compliance.settings import Settings
from tests.chromium import ARGUMENTS, CHROMIUM
from tests.conftest import Tenant
from tests.e2e.serving import free_port
from tests.field import publish, register_farm

EMAIL, PASSWORD = "auditora@example.org", "una contraseña larga y buena"
PIN = "cosecha de 2026"
PHONE = 390
FARM = "Finca El Recuerdo"
CONTACT = "Línea 141, Marta"
PHOTOGRAPH = b"a photograph of the book of wages"
# What nobody who finds the laptop may read: answers, names, the words of the record.
SECRETS = ("child_age", "pesticides", "auditor_signature", "night_shift", FARM)
PATIENCE_MILLISECONDS = 30_000
# Answers what is still open on a page, as cautiously as somebody in a hurry: no, none,
# could not find out; a field that may stay empty stays empty.
REST = """async () => {
  const wanted = ["no", "none", "unk"];
  for (let round = 0; round < 8; round += 1) {
    let given = 0;
    for (const one of document.querySelectorAll("[data-reference]")) {
      const boxes = [...one.querySelectorAll("input[type=radio], input[type=checkbox]")];
      if (boxes.length === 0 || boxes.some((box) => box.checked)) continue;
      const chosen = boxes.find((box) => wanted.includes(box.value)) ?? boxes[0];
      chosen.click();
      given += 1;
    }
    if (given === 0) return;
    await new Promise((drawn) => setTimeout(drawn));
  }
}"""
AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js")
REQUIRED = {
    "required": "yes",
    "required_message::Español (es)": "Esta respuesta hace falta.",
    "required_message::English (en)": "This answer is needed.",
}
STROKE = ((20, 40), (70, 120), (120, 50), (190, 120), (240, 60))


@dataclass
class WebForm:
    """A page of the web form, and what the browser complained of."""

    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(PATIENCE_MILLISECONDS)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on(
            "console",
            lambda message: (
                self.complaints.append(message.text)
                if message.type == "error" and "Failed to load" not in message.text
                else None
            ),
        )

    def open(self) -> None:
        self.page.goto(f"{self.url}/field")

    def sign_in(self, email: str, password: str) -> None:
        self.open()
        self.page.fill("#email", email)
        self.page.fill("#password", password)
        self.page.press("#password", "Enter")
        self.page.wait_for_selector("#pin")

    def set_pin(self) -> None:
        self.page.fill("#pin", PIN)
        self.page.fill("#pin-again", PIN)
        self.page.press("#pin-again", "Enter")
        self.page.wait_for_selector("#begin")

    def unlock(self, pin: str = PIN) -> None:
        self.page.fill("#pin", pin)
        self.page.press("#pin", "Enter")
        self.page.wait_for_selector("#begin, #pin-error:not(:empty)")

    def fetch(self) -> None:
        self.page.click("button:text-is('Fetch')")
        self.page.wait_for_selector("button:text-is('Begin a visit')")

    def begin(self) -> None:
        self.page.click("button:text-is('Begin a visit')")
        self.page.wait_for_selector("#section")

    def go_on(self) -> None:
        self.page.click("button:text-is('Go on')")
        self.page.wait_for_selector("#section")

    def speak(self, language: str) -> None:
        self.page.select_option("header select", language)

    def question(self, name: str) -> Locator:
        """Return a question by its name, in a repeat as `child[2]/child_age`."""
        return self.page.locator(f"[data-reference$='/{name}']")

    def choose(self, name: str, *values: str) -> None:
        for value in values:
            self.question(name).locator(f"input[value='{value}']").check()

    def write(self, name: str, text: str) -> None:
        self.question(name).locator("input:not([type=file])").fill(text)

    def type(self, name: str, text: str) -> None:
        """Write as fingers do, one key after the other."""
        self.question(name).locator("input").press_sequentially(text)

    def answer_the_rest(self) -> None:
        self.page.evaluate(REST)

    def next_page(self) -> str:
        """Go to the next section and return its title."""
        number = self.page.inner_text(".count")
        self.page.click(".steps button[type=submit]")
        self.page.wait_for_function(
            "before => document.querySelector('.count')?.innerText !== before",
            arg=number,
        )
        return self.title()

    def is_on_the_last_page(self) -> bool:
        number, _, count = self.page.inner_text(".count").partition(" / ")
        return number == count

    def title(self) -> str:
        return self.page.inner_text("#section")

    def sign(self) -> None:
        pad = self.page.locator("canvas.pad")
        pad.scroll_into_view_if_needed()
        box = pad.bounding_box()
        assert box is not None
        mouse = self.page.mouse
        mouse.move(box["x"] + STROKE[0][0], box["y"] + STROKE[0][1])
        mouse.down()
        for x, y in STROKE[1:]:
            mouse.move(box["x"] + x, box["y"] + y, steps=4)
        mouse.up()

    def attach(self, name: str, path: Path) -> None:
        self.question(name).locator("input[type=file]").set_input_files(path)
        self.question(name).locator("img.preview").wait_for()

    def wait_until_saved(self) -> None:
        """Wait until what was just answered is on the disk."""
        self.page.wait_for_selector(".saved[data-state=saved]", state="attached")

    def look_over(self) -> str:
        """Open the page before finishing and return what it says."""
        self.page.click(".steps button[type=submit]")
        self.page.wait_for_selector("#unanswered")
        return self.page.inner_text("main")

    def flagged(self) -> list[str]:
        """Return the titles of the red flags on the page before finishing."""
        found = self.page.locator("[aria-labelledby=flags] li.finding strong")
        return sorted(found.all_inner_texts())

    def finish(self) -> None:
        self.page.click("button:text-is('Finish')")
        self.page.wait_for_selector("#waiting")

    def told_of_the_first_that_waits(self, words: str) -> bool:
        """Wait until the outbox says `words` of a record that waits."""
        self.page.wait_for_selector(f"#waiting + ul li:has-text('{words}')")
        return True

    def written(self, name: str) -> str:
        field = self.question(name).locator("input")
        return str(field.input_value())

    def is_wider_than_the_screen(self) -> bool:
        wide = "document.documentElement.scrollWidth > window.innerWidth"
        return bool(self.page.evaluate(wide))


def accessibility_faults(page: Page) -> list[str]:
    """Return what axe-core finds on a page, each with the element it is about."""
    if not page.evaluate("'axe' in globalThis"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    # What a page does well is thousands of lines, and is left in the browser.
    violations = page.evaluate("axe.run().then(found => found.violations)")
    return [
        f"{one['id']}: {node['html'][:160]}"
        for one in violations
        for node in one["nodes"]
    ]


@contextmanager
def serving_beside(settings: Settings) -> Iterator[str]:
    """Serve the product from a thread beside the test, and yield its address."""
    port = free_port()
    server = uvicorn.Server(
        uvicorn.Config(
            create_app(settings),
            port=port,
            log_config=None,
            access_log=False,
            ws="none",
        )
    )
    thread = Thread(target=server.run)
    thread.start()
    while not server.started and thread.is_alive():
        sleep(0.02)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def laptop(profile: Path, width: int) -> Iterator[BrowserContext]:
    """Run a browser that keeps its profile on the disk, as people's browsers do."""
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            profile,
            executable_path=str(CHROMIUM),
            args=ARGUMENTS,
            viewport={"width": width, "height": 844},
            locale="en",
        )
        yield context
        context.close()


@dataclass(frozen=True)
class Field:
    """A server with a checklist and a farm, and what its organisation sees."""

    url: str
    site: str
    profile: Path
    photo: Path
    headers: dict[str, str] = field(repr=False)
    client: TestClient = field(repr=False)

    def get(self, path: str) -> Any:
        answer = self.client.get(path, headers=self.headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def bytes_on_disk(self) -> Iterator[tuple[str, bytes]]:
        for path in self.profile.rglob("*"):
            if path.is_file():
                yield path.name, path.read_bytes()

    def secrets_on_disk(self) -> list[tuple[str, str]]:
        """Return each secret found in the browser's folder, and in which file."""
        secrets = [*SECRETS, self.site, PHOTOGRAPH.decode()]
        return [
            (secret, name)
            for name, content in self.bytes_on_disk()
            for secret in secrets
            if secret.encode() in content or secret.encode("utf-16-le") in content
        ]


def add_auditor(database: Database, tenant: Tenant) -> None:
    with database.writing() as session:
        add_person(
            session,
            organisation_id=tenant.id,
            role=Role.AUDITOR,
            email=EMAIL,
            name="Alguien",
            language="en",
            password=PASSWORD,
        )
        trail.seal(session)


@contextmanager
def fielded(
    client: TestClient,
    tenant: Tenant,
    settings: Settings,
    folder: Path,
    checklist: bytes,
) -> Iterator[Field]:
    """Publish a checklist, register a farm, and serve it all to a browser."""
    publish(client, tenant, checklist)
    site = register_farm(client, tenant, name=FARM, municipality="Planadas")
    photo = folder / "book.jpg"
    Image.new("RGB", (320, 240), "#7a5c3a").save(photo, comment=PHOTOGRAPH)
    with serving_beside(settings) as url:
        yield Field(url, site, folder / "profile", photo, tenant.headers(), client)


@contextmanager
def opened(place: Field, *, is_offline: bool = True) -> Iterator[WebForm]:
    """Open the lid: the browser with all that it kept on its disk."""
    with laptop(place.profile, PHONE) as context:
        context.set_offline(is_offline)
        form = WebForm(context.pages[0], place.url)
        yield form
        assert form.complaints == []


def begin_a_visit(form: WebForm, site: str, *groups: str) -> None:
    """Fill the visit's first pages: when, how announced, who was there (`groups`)."""
    form.begin()
    form.write("site_ref", site)
    form.choose("visit_notice", "unannounced")
    form.choose("visit_season", "main_harvest")
    form.choose("visit_payer", "scheme")
    form.write("person_hours", "7,5")
    form.choose("consent", "yes")
    form.next_page()
    form.choose("groups_present", *groups)
    form.choose("groups_interviewed", "women")
    form.next_page()
    form.answer_the_rest()
    form.next_page()


def go_to_the_end(form: WebForm) -> None:
    while "10." not in form.title():
        form.next_page()
        form.answer_the_rest()


def signed_farm_visit() -> bytes:
    """Return the packaged farm visit, which here must be signed."""
    workbook = load_workbook(BytesIO(library_checklists()["farm_visit"]))
    survey, settings = workbook["survey"], workbook["settings"]
    columns = {str(cell.value): cell.column or 0 for cell in survey[1]}
    names = [row[columns["name"] - 1].value for row in survey.iter_rows()]
    row = names.index("auditor_signature") + 1
    for column, value in REQUIRED.items():
        survey.cell(row, columns[column], value)
    names = [cell.value for cell in settings[1]]
    settings.cell(2, names.index("version") + 1, "2026112299")
    saved = BytesIO()
    workbook.save(saved)
    return saved.getvalue()
