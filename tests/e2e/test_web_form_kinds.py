"""Every kind of question, answered in the web form, arrives as phones would send it."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from lxml import etree
from PIL import Image
from PIL.ExifTags import Base
from starlette.testclient import TestClient

from compliance.database import Database
from compliance.settings import Settings
from tests.chromium import needs_chromium
from tests.conftest import Tenant
from tests.e2e.web_form import (
    EMAIL,
    PASSWORD,
    Field,
    add_auditor,
    fielded,
    opened,
)
from tests.unit.checklists.samples import SETTINGS, Row, markdown

IMAGE_DESCRIPTION = Base.ImageDescription

pytestmark = [
    needs_chromium,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]


def _asked(type_: str, name: str, **cells: str) -> Row:
    return {"type": type_, "name": name, "en": name, "es": f"¿{name}?"} | cells


SURVEY: tuple[Row, ...] = (
    _asked("text", "site_ref"),
    _asked("date", "observed_on"),
    _asked("note", "read_this"),
    _asked("text", "words", appearance="multiline"),
    _asked("integer", "whole"),
    _asked("decimal", "part"),
    _asked("time", "hour"),
    _asked("select_one yes_no", "one"),
    _asked("select_multiple yes_no", "many"),
    _asked("select_one_from_file sites.csv", "chosen"),
    _asked("geopoint", "location"),
    _asked("range", "how_sure", parameters="start=0 end=10 step=2"),
    _asked("acknowledge", "seen"),
    _asked("image", "photo", parameters="max-pixels=400"),
    _asked("file", "paper"),
    _asked("audio", "voice"),
    _asked("image", "signed", appearance="signature"),
    _asked("begin_repeat", "child", roster="children"),
    {"type": "calculate", "name": "child_id", "calculation": "once(uuid())"},
    _asked(
        "image",
        "child_photo",
        required="yes",
        needed_en="Needed",
        needed_es="Hace falta",
    ),
    _asked("integer", "child_age", fact="children.age", unit="years"),
    {"type": "end_repeat", "name": ""},
)
CHOICES: tuple[Row, ...] = tuple(
    {"list_name": "yes_no", "name": name, "en": name, "es": f"¡{name}!"}
    for name in ("yes", "no", "unk")
)
FORM: Row = {**SETTINGS, "form_id": "all_kinds", "form_title": "All kinds"}


def picture_named(place: Field, submission: str, name: str) -> Image.Image:
    path = f"/v1/submissions/{submission}/attachments"
    (kept,) = [one for one in place.get(path)["items"] if one["name"] == name]
    answer = place.client.get(f"{path}/{kept['id']}", headers=place.headers)
    assert answer.status_code == 200, answer.text
    return Image.open(BytesIO(answer.content))


@pytest.fixture
def in_the_field(
    client: TestClient,
    tenant: Tenant,
    database: Database,
    database_url: str,
    tmp_path: Path,
) -> Iterator[Field]:
    add_auditor(database, tenant)
    settings = Settings(
        data=tmp_path / "data", database_url=database_url, odk_validate="off"
    )
    checklist = markdown(SURVEY, CHOICES, FORM)
    with fielded(client, tenant, settings, tmp_path, checklist) as place:
        yield place


def test_every_kind_of_question_is_answered_and_no_child_is_photographed(
    in_the_field: Field, tmp_path: Path
) -> None:
    place = in_the_field
    paper, voice = tmp_path / "list.pdf", tmp_path / "voice.ogg"
    large = Image.new("RGB", (1200, 900), "#456")
    exif = large.getexif()
    exif[IMAGE_DESCRIPTION] = "taken here"
    large.save(place.photo, exif=exif)
    paper.write_bytes(b"%PDF-1.7 nothing" + bytes(5_000_000))
    voice.write_bytes(b"OggS nothing" + bytes(5_000_000))

    with opened(place, is_offline=False) as form:
        page = form.page
        page.context.grant_permissions(["geolocation"])
        page.context.set_geolocation(
            {"latitude": 3.2, "longitude": -75.6, "accuracy": 8}
        )
        form.sign_in(EMAIL, PASSWORD)
        form.set_pin()
        form.fetch()
        form.begin()
        form.write("site_ref", place.site)
        form.write("observed_on", "2026-11-20")
        page.fill("textarea", "Dos líneas\ny <marcas> & más")
        form.write("whole", "doce")
        wrong = form.question("whole").locator(".error").inner_text()
        form.write("whole", "12")
        form.write("part", "7,25")
        form.write("hour", "05:30")
        form.choose("one", "unk")
        form.choose("many", "yes", "no")
        form.choose("chosen", place.site)
        form.question("location").locator("button").click()
        form.question("location").locator("text=±8 m").wait_for()
        form.question("how_sure").locator("input").fill("6")
        form.question("seen").locator("input").check()
        form.attach("photo", place.photo)
        form.question("paper").locator("input").set_input_files(paper)
        form.question("voice").locator("input").set_input_files(voice)
        form.question("voice").locator(".kept").wait_for()
        form.question("signed").locator("input[type=text]").fill("Alguien")
        form.question("signed").locator("button:text-is('Use this name')").click()
        form.question("signed").locator(".kept:text-is('Signed')").wait_for()
        form.write("child[1]/child_age", "14")
        refused = page.locator(".entry .never").inner_text()
        pictures = page.locator(".entry input[type=file]").count()
        posts: list[str] = []
        page.on("request", lambda sent: posts.append(f"{sent.method} {sent.url}"))
        form.look_over()
        form.finish()
        page.wait_for_selector("#sent + ul li")

    # Ten megabytes go in two loads, and are one record.
    assert posts.count(f"POST {place.url}/field/submission") == 2
    assert wrong == "Write a number."
    assert (pictures, "not photographed" in refused) == (0, True)
    (arrived,) = place.get("/v1/submissions")["items"]
    files = place.get(f"/v1/submissions/{arrived['id']}/attachments")
    assert files["missing"] == []
    assert len({one["name"] for one in files["items"]}) == 4
    facts = place.get(f"/v1/submissions/{arrived['id']}/facts")["answers"]
    original = place.client.get(
        f"/v1/submissions/{arrived['id']}/original", headers=place.headers
    )
    answers = {
        etree.QName(node).localname: node.text or ""
        for node in etree.fromstring(original.content).iter()
        if len(node) == 0
    }
    assert answers["words"] == "Dos líneas\ny <marcas> & más"
    assert (answers["whole"], answers["part"]) == ("12", "7.25")
    assert answers["hour"].startswith("05:30:00")
    assert (answers["one"], answers["many"]) == ("unk", "yes no")
    assert answers["chosen"] == place.site
    assert answers["location"].split()[:2] == ["3.2", "-75.6"]
    assert (answers["how_sure"], answers["seen"]) == ("6", "OK")
    assert answers["child_photo"] == ""
    assert [one["age"] for one in facts["children"]] == [14]
    assert answers["instanceID"].startswith("uuid:")
    assert answers["photo"] != answers["signed"]
    small = picture_named(place, arrived["id"], answers["photo"])
    assert small.size == (400, 300)
    assert small.getexif()[IMAGE_DESCRIPTION] == "taken here"
