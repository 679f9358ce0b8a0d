"""What waits in the web form: a record for its author, a newer form for the draft's end."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.pages import field as field_pages
from compliance.database import Database
from compliance.identity.models import Role
from compliance.settings import Settings
from tests.browsing import PASSWORD as HER_PASSWORD
from tests.browsing import add_people, email_of
from tests.chromium import needs_chromium
from tests.conftest import Tenant
from tests.e2e.web_form import (
    EMAIL,
    PASSWORD,
    Field,
    WebForm,
    add_auditor,
    fielded,
    opened,
)
from tests.field import workbook

WAITING = "navigator.serviceWorker.getRegistration('/field').then(one => !!one.waiting)"

pytestmark = [
    needs_chromium,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the bundle, which a test can put a newer one in place of."""
    folder = tmp_path / "form"
    shutil.copytree(field_pages.BUNDLE, folder)
    monkeypatch.setattr(field_pages, "BUNDLE", folder)
    return folder


@pytest.fixture
def in_the_field(
    client: TestClient,
    tenant: Tenant,
    database: Database,
    database_url: str,
    tmp_path: Path,
    bundle: Path,
) -> Iterator[Field]:
    assert bundle.is_dir()
    add_auditor(database, tenant)
    add_people(database, tenant, Role.AUDITOR)
    settings = Settings(
        data=tmp_path / "data", database_url=database_url, odk_validate="off"
    )
    with fielded(client, tenant, settings, tmp_path, workbook()) as place:
        yield place


def sign_out_and_in(form: WebForm, email: str, password: str) -> None:
    form.page.context.clear_cookies()
    form.page.goto(f"{form.url}/sign-in?next=/field")
    form.page.fill("#email", email)
    form.page.fill("#password", password)
    form.page.press("#password", "Enter")
    form.page.wait_for_selector("#pin")
    form.unlock()


def test_a_finished_record_waits_for_whoever_finished_it(in_the_field: Field) -> None:
    place = in_the_field

    with opened(place, is_offline=False) as form:
        form.sign_in(EMAIL, PASSWORD)
        form.set_pin()
        form.fetch()
        form.begin()
        form.write("site_ref", place.site)
        form.write("observed_on", "2026-11-20")
        form.page.context.clear_cookies()
        form.look_over()
        form.finish()
        signed_out = form.told_of_the_first_that_waits("Sign in, and it is sent")
        sign_out_and_in(form, email_of(Role.AUDITOR), HER_PASSWORD)
        another = form.told_of_the_first_that_waits("somebody else")
        before = place.get("/v1/submissions")["items"]
        sign_out_and_in(form, EMAIL, PASSWORD)
        form.page.wait_for_selector("#sent + ul li")

    assert (signed_out, another) == (True, True)
    assert before == []
    assert len(place.get("/v1/submissions")["items"]) == 1


def test_a_newer_form_waits_until_no_draft_is_open(
    in_the_field: Field, bundle: Path
) -> None:
    place = in_the_field

    with opened(place, is_offline=False) as form:
        page = form.page
        form.sign_in(EMAIL, PASSWORD)
        form.set_pin()
        form.fetch()
        page.wait_for_function("navigator.serviceWorker.controller !== null")
        form.begin()
        form.write("site_ref", place.site)
        form.wait_until_saved()
        worker = bundle / "worker.js"
        worker.write_text(worker.read_text() + "\n// newer\n")
        page.evaluate(
            "navigator.serviceWorker.getRegistration('/field').then(one => one.update())"
        )
        page.wait_for_function(WAITING)
        in_draft = page.locator("text=A newer web form is ready").count()
        page.click("button:text-is('All visits')")
        page.click("button:text-is('Use it now')")
        page.wait_for_selector("#pin")
        still_waits = page.evaluate(WAITING)
        form.unlock()
        form.go_on()
        site = form.written("site_ref")

    assert in_draft == 0
    assert still_waits is False
    assert site == place.site
