"""An auditor's errand: the checklist along, a child seen without a signal, sent once."""

from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import expect
from typing_extensions import override

from tests.chromium import needs_chromium
from tests.e2e.errands.conftest import BEGINS, Walk
from tests.e2e.test_planadas import list_the_child
from tests.e2e.web_form import WebForm, begin_a_visit, go_to_the_end

pytestmark = needs_chromium
# Not by waiting for a function: that asks the page to let text be run.
CONTROLLED = """new Promise((done) => {
  const worker = navigator.serviceWorker;
  worker.controller ? done() : worker.addEventListener("controllerchange", () => done());
})"""
LOADING = "Failed to load resource"  # what a browser complains of without a network


@dataclass
class SpokenForm(WebForm):
    """The web form in the language of a walk."""

    told: Callable[[str, str], str] = field(default=lambda english, _: english)

    def press(self, english: str, spanish: str) -> None:
        name = self.told(english, spanish)
        self.page.get_by_role("button", name=name, exact=True).first.click()

    @override
    def fetch(self) -> None:
        self.press("Fetch", "Traer")
        begins = self.told("Begin a visit", "Empezar una visita")
        expect(self.page.get_by_role("button", name=begins)).to_be_visible()

    @override
    def begin(self) -> None:
        self.press("Begin a visit", "Empezar una visita")
        self.page.wait_for_selector("#section")

    @override
    def finish(self) -> None:
        self.press("Finish", "Terminar")
        self.page.wait_for_selector("#waiting")


def next_site(walk: Walk) -> str:
    """Return the site of the first visit that waits for the auditor."""
    walk.open("/my-visits?state=open")
    link = walk.page.locator("main tbody a[href^='/sites/']").first
    return urlsplit(str(link.get_attribute("href"))).path.rpartition("/")[2]


def test_an_auditor_meets_a_child_at_work_and_sends_it_once(walk: Walk) -> None:
    page = walk.page
    page.clock.install(time=BEGINS)
    walk.sign_in("auditoria")
    site = next_site(walk)
    form = SpokenForm(page, walk.place.url, told=walk.told)

    form.open()
    form.set_pin()
    form.fetch()
    walk.shot("field-home")
    page.evaluate(CONTROLLED)
    page.context.set_offline(True)
    begin_a_visit(form, site, "women")
    list_the_child(form)
    form.press("Look it over", "Revisar")
    page.wait_for_selector("#unanswered")
    walk.shot("field-card")
    flagged = form.flagged()
    form.press("Back", "Atrás")
    page.wait_for_selector("#section")
    form.answer_the_rest()
    go_to_the_end(form)
    form.look_over()
    form.finish()
    page.context.set_offline(False)
    page.wait_for_selector("#sent + ul li")
    walk.complaints[:] = [one for one in walk.complaints if LOADING not in one]

    told = walk.told("minimum age", "edad mínima")
    assert [one for one in flagged if told in one] != []
    walk.open("/my-visits?state=visited")
    expect(page.locator(f"main tbody a[href='/sites/{site}']")).to_have_count(1)
