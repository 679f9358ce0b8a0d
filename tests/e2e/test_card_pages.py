"""A buyer with a file in a browser: what was issued is known again, anything else refused.

The browser asks no server: each page it opens is one that the application answered, with
its headers, so that what a page forbids is forbidden here too.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from io import BytesIO
from urllib.parse import urlsplit

import pikepdf
import pytest
from playwright.sync_api import Browser, Page, Route
from starlette.testclient import TestClient

from compliance import clock
from compliance.database import Database
from compliance.identity.models import Role
from tests.browsing import HTML, add_people, sign_in
from tests.chromium import launched, needs_chromium
from tests.conftest import Tenant
from tests.e2e.web_form import accessibility_faults
from tests.visits import A_CHILD_OF_16, Visited, visited

# A browser has its own SHA-256 under https and on this device, and elsewhere ours.
SECURE, PLAIN = "http://localhost", "http://cards.example"
WIDTHS = (390, 1000)
GENUINE = "This is exactly the PDF in English that was issued. It is in force now."
REFUSED = "This is NOT a file that was issued under this code."

pytestmark = [
    needs_chromium,
    # What a browser sees is one on both databases; tests/api asks both.
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]


@dataclass
class Reader:
    """A page of a browser that the application answers, and what it did unseen."""

    page: Page
    client: TestClient
    left: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def answer(self, route: Route) -> None:
        address = urlsplit(route.request.url)
        if address.hostname not in {"localhost", "cards.example"}:
            self.left.append(route.request.url)
        answer = self.client.get(
            f"{address.path}?{address.query}",
            headers={**HTML, "Accept-Language": "en"},
        )
        route.fulfill(
            status=answer.status_code,
            headers=dict(answer.headers),
            body=answer.content,
        )

    def told_of(self, name: str, content: bytes) -> str:
        """Choose a file as with the keyboard, and return what the page says of it."""
        self.page.set_input_files(
            "#file",
            {"name": name, "mimeType": "application/pdf", "buffer": content},
        )
        shown = self.page.locator("#outcome p:visible:not([data-outcome=busy])")
        shown.wait_for()
        return " ".join(shown.inner_text().split())


@pytest.fixture
def farm(client: TestClient, tenant: Tenant, database: Database) -> Visited:
    add_people(database, tenant, Role.ADMINISTRATOR)
    found = visited(client, tenant)
    found.send(children=[A_CHILD_OF_16], observed_on=clock.today().isoformat())
    return found


@pytest.fixture
def reader(client: TestClient) -> Iterator[Reader]:
    with launched() as browser:
        yield reading(browser, client)


def reading(browser: Browser, client: TestClient) -> Reader:
    reader = Reader(browser.new_context().new_page(), client)
    reader.page.route("**/*", reader.answer)
    reader.page.on("console", lambda message: reader.complaints.append(message.text))
    reader.page.on("pageerror", lambda error: reader.complaints.append(str(error)))
    return reader


def with_another_attachment(pdf: bytes) -> bytes:
    """Return a PDF whose attached document was swapped for a better one."""
    changed = BytesIO()
    with pikepdf.open(BytesIO(pdf)) as opened:
        for name in list(opened.attachments):
            opened.attachments[name] = b'{"grade": {"letter": "A"}}'
        opened.save(changed)
    return changed.getvalue()


def with_a_revision(pdf: bytes) -> bytes:
    """Return a PDF with something appended, which leaves its signature intact."""
    start = pdf.rindex(b"startxref") + len(b"startxref")
    previous = pdf[start:].split()[0].decode("ascii")
    return pdf + (
        f"\ntrailer\n<< /Prev {previous} >>\nstartxref\n{len(pdf)}\n%%EOF\n"
    ).encode("ascii")


def test_a_dropped_file_is_known_again_or_refused_and_the_pages_shut_nobody_out(
    reader: Reader, client: TestClient, farm: Visited
) -> None:
    card = farm.printed(farm.issue())
    path, code = f"/v1/scorecards/{card['id']}", card["verify_code"]
    headers = farm.tenant.headers()
    pdfs = {
        language: client.get(f"{path}.pdf?language={language}", headers=headers).content
        for language in ("en", "es")
    }
    pdf, document = pdfs["en"], client.get(path, headers=headers).content
    at = len(pdf) // 2
    falsified = (
        ("flipped.pdf", pdf[:at] + bytes([pdf[at] ^ 1]) + pdf[at + 1 :]),
        ("swapped.pdf", with_another_attachment(pdf)),
        ("appended.pdf", with_a_revision(pdf)),
        ("card.json", document.replace(b'"version":1', b'"version":2')),
        ("nothing.pdf", b""),
    )
    lengths = [*range(54, 66), *range(118, 130), 1_000_003]
    expected = [sha256(bytes(length)).hexdigest() for length in lengths]

    told, refused, kinds = {}, {}, {}
    for host in (PLAIN, SECURE):
        reader.page.goto(f"{host}/v/{code}")
        kinds[host] = reader.page.evaluate("Boolean(globalThis.crypto?.subtle)")
        told[host] = (
            reader.told_of("card.pdf", pdf),
            reader.told_of("ficha.pdf", pdfs["es"]),
            reader.told_of("card.json", document),
        )
        refused[host] = {
            name: reader.told_of(name, content) for name, content in falsified
        }
    ours = reader.page.evaluate(
        "lengths => lengths.map((length) => sha256(new Uint8Array(length)))", lengths
    )
    sign_in(client, Role.ADMINISTRATOR)
    too_wide, barriers = walk(
        reader,
        f"/v/{code}",
        f"/scorecards/{card['id']}",
        f"/scorecards/{card['id']}/plain",
    )
    unseen = (list(reader.left), list(reader.complaints))
    reader.page.goto(f"{SECURE}/v/{code}")
    sent = reader.page.evaluate("fetch('/v/x').then(() => 'sent', () => 'refused')")

    assert kinds == {PLAIN: False, SECURE: True}
    assert told[PLAIN] == told[SECURE]
    assert told[PLAIN][0] == GENUINE
    assert told[PLAIN][1] == GENUINE.replace("English", "Español")
    assert told[PLAIN][2].startswith("This is exactly the document (JSON)")
    for answers in refused.values():
        assert {name for name, said in answers.items() if REFUSED in said} == {
            name for name, _ in falsified
        }
    assert ours == expected
    assert too_wide == []
    assert barriers == []
    assert unseen == ([], [])
    assert sent == "refused"


def walk(reader: Reader, *paths: str) -> tuple[list[str], list[str]]:
    """Open pages in both languages, narrow and wide; return what is amiss with them."""
    too_wide, barriers = [], []
    wide = "document.documentElement.scrollWidth > window.innerWidth"
    for path in paths:
        for language in ("en", "es"):
            reader.page.goto(f"{SECURE}{path}?language={language}")
            for width in WIDTHS:
                reader.page.set_viewport_size({"width": width, "height": 800})
                too_wide += [path] if reader.page.evaluate(wide) else []
                barriers += accessibility_faults(reader.page)
    return too_wide, barriers
