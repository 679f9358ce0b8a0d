"""An auditor with a laptop and no network: days in the field, and one record at the end."""

import pytest

from tests.chromium import needs_chromium
from tests.e2e.web_form import (
    CONTACT,
    EMAIL,
    PASSWORD,
    PHONE,
    Field,
    WebForm,
    accessibility_faults,
    begin_a_visit,
    go_to_the_end,
    opened,
)

LAPTOP = 1280
RED_FLAGS = {"zero_tolerance", "critical"}

pytestmark = [
    needs_chromium,
    # What a browser keeps is one on both databases; tests/api asks both.
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]


def list_two_children(form: WebForm) -> None:
    form.choose("children_seen", "yes")
    while form.page.locator(".entry").count() < 2:
        form.page.click(".add")
    for number, age in ((1, "12"), (2, "17")):
        form.write(f"child[{number}]/child_age", age)
        form.choose(f"child[{number}]/child_works", "yes")
    form.choose("child[1]/child_tasks", "pesticides")
    form.write("child[1]/child_starts_at", "05:30")
    form.answer_the_rest()


def list_three_workers(form: WebForm) -> None:
    form.choose("workers_spoken_with", "yes")
    while form.page.locator(".entry").count() < 3:
        form.page.click(".add")
    form.answer_the_rest()


def test_days_offline_end_in_one_record_and_a_thief_reads_nothing(
    in_the_field: Field,
) -> None:
    place = in_the_field

    # At the office: sign in, choose a PIN, take the checklist along.
    with opened(place, is_offline=False) as form:
        form.sign_in(EMAIL, PASSWORD)
        form.set_pin()
        form.fetch()
        form.page.wait_for_function("navigator.serviceWorker.controller !== null")

    # On the farm, without a network, in two languages; then the lid is closed.
    with opened(place) as form:
        form.open()
        form.unlock()
        begin_a_visit(form, place.site, "women", "night_shift")
        list_two_children(form)
        form.speak("es")
        form.wait_until_saved()
        assert form.title().startswith("4. Niños y adolescentes")
    assert place.secrets_on_disk() == []

    # Another day: a wrong PIN opens nothing, the right one the same visit.
    with opened(place) as form:
        form.open()
        form.unlock("otra cosecha")
        assert "Este PIN no abre" in form.page.inner_text("#pin-error")
        form.unlock()
        form.page.click("button:text-is('Seguir')")
        form.page.wait_for_selector("#section")
        assert form.page.locator(".entry").count() == 2
        assert form.written("child[1]/child_age") == "12"
        assert form.written("child[1]/child_starts_at") == "05:30"
        form.speak("en")
        form.next_page()
        list_three_workers(form)
        go_to_the_end(form)
        form.attach("photo_records", place.photo)
        form.sign()

        told = form.look_over()

        assert "A child below the minimum age works" in told
        assert "Photograph, film or record the child." in told
        assert CONTACT in told
        assert "Still missing: Night shift" in told
        assert "3 workers are listed" in told
        flagged = form.flagged()
        form.finish()
        assert form.page.locator("#waiting + ul li").count() == 1
        assert form.page.locator("#drafts + ul li").count() == 0
    assert place.secrets_on_disk() == []
    assert place.get("/v1/submissions")["items"] == []

    # Back where there is a network, in two tabs at once.
    with opened(place, is_offline=False) as form:
        form.open()
        other = WebForm(form.page.context.new_page(), place.url)
        other.open()
        for one in (form, other):
            one.unlock()
            one.page.wait_for_selector("#sent + ul li")

    arrived = place.get("/v1/submissions")["items"]
    assert len(arrived) == 1
    files = place.get(f"/v1/submissions/{arrived[0]['id']}/attachments")
    assert files["missing"] == []
    assert len(files["items"]) == 2
    findings = place.get("/v1/findings?limit=200")["items"]
    # What the device flagged on the farm is what the server flags on arrival.
    assert flagged == sorted(
        one["title"] for one in findings if one["severity"] in RED_FLAGS
    )
    assert place.secrets_on_disk() == []


def test_every_page_is_accessible_and_fits_its_screen(in_the_field: Field) -> None:
    place = in_the_field
    faults: list[str] = []

    def look(form: WebForm, name: str) -> None:
        for language, width in (("en", PHONE), ("es", LAPTOP)):
            form.page.set_viewport_size({"width": width, "height": 844})
            form.speak(language)
            faults.extend(
                f"{name} {language} {width}: {one}"
                for one in accessibility_faults(form.page)
            )
            if form.is_wider_than_the_screen():
                faults.append(f"{name} {language} is wider than {width}")
        form.page.set_viewport_size({"width": PHONE, "height": 844})
        form.speak("en")

    with opened(place, is_offline=False) as form:
        form.sign_in(EMAIL, PASSWORD)
        look(form, "choose a PIN")
        form.set_pin()
        form.fetch()
        look(form, "home")
        begin_a_visit(form, place.site, "women", "night_shift")
        look(form, "section with a repeat")
        list_two_children(form)
        form.page.click("button:text-is('Look it over')")
        form.page.wait_for_selector("#unanswered")
        look(form, "review with red flags")
        form.page.click("button:text-is('Back')")
        form.page.select_option(".jump select", "9")
        form.attach("photo_records", place.photo)
        form.page.click(".steps button[type=submit]")
        form.page.wait_for_selector(".question.wrong")
        look(form, "photo, signature, and an answer that is missing")
        form.page.click("button:text-is('All visits')")
        form.page.wait_for_selector("#drafts + ul li")
        look(form, "home with a draft")
        form.page.click("button:text-is('Lock')")
        look(form, "locked")

    assert faults == []


def test_a_draft_belongs_to_one_tab_and_outlives_the_lock(in_the_field: Field) -> None:
    place = in_the_field

    with opened(place, is_offline=False) as form:
        form.page.clock.install()
        form.sign_in(EMAIL, PASSWORD)
        form.set_pin()
        form.fetch()
        form.begin()
        form.write("site_ref", place.site)
        other = WebForm(form.page.context.new_page(), place.url)
        other.open()
        other.unlock()
        other.page.click("button:text-is('Go on')")
        told = other.page.locator("[role=alert].banner").inner_text()
        form.page.bring_to_front()
        form.type("person_hours", "6,25")
        form.page.clock.fast_forward("16:00")
        form.page.wait_for_selector("#pin")
        idle = form.page.locator(".banner", has_text="nobody touched it").count()
        form.unlock()
        form.go_on()
        hours = form.written("person_hours")

    assert "open in another tab" in told
    assert idle == 1
    assert hours == "6.25"
