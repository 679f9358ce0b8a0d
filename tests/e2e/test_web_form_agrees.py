"""A phone and the web form, given the same answers, state the same facts."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest
import pyxform
from starlette.testclient import TestClient

from audits.checklists.answers import facts_of
from audits.checklists.form import FormSchema, Question, QuestionType
from audits.checklists.instance import read_instance
from audits.checklists.library import library_checklists
from compliance.database import Database
from compliance.settings import Settings
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
from tests.random_audits import seeded
from tests.unit.checklists.samples import library_conversion, library_schema

JAR = (
    Path(pyxform.__file__).parent
    / "validators"
    / "odk_validate"
    / "bin"
    / "ODK_Validate.jar"
)
PROGRAM = Path(__file__).parents[1] / "web" / "FillWithJavaRosa.java"
ALONE = {"none", "unk"}
ENTRIES = {"child": 2, "worker": 3}
# Answers that open the way to all others.
GATES = {"consent", "children_seen", "workers_spoken_with"}
# Puts answers on a page until nothing new is asked; "reference" → text.
ANSWER = """async (answers) => {
  const done = new Set();
  for (let round = 0; round < 12; round += 1) {
    let given = 0;
    for (const one of document.querySelectorAll("[data-reference]")) {
      const { reference } = one.dataset;
      if (done.has(reference) || !(reference in answers)) continue;
      done.add(reference);
      given += 1;
      const boxes = one.querySelectorAll("input[type=radio], input[type=checkbox]");
      const chosen = answers[reference].split(" ");
      for (const box of boxes) if (chosen.includes(box.value) && !box.checked) box.click();
      const field = one.querySelector("input:not([type=radio], [type=checkbox])");
      if (boxes.length > 0 || !field) continue;
      field.value = answers[reference];
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
    if (given === 0) return;
    await new Promise((drawn) => setTimeout(drawn));
  }
}"""

pytestmark = [
    needs_chromium,
    pytest.mark.skipif(
        shutil.which("java") is None or shutil.which("javac") is None,
        reason="JavaRosa needs a Java development kit; Debian's is default-jdk-headless",
    ),
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]


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
    checklist = library_checklists()["farm_visit"]
    with fielded(client, tenant, settings, tmp_path, checklist) as place:
        yield place


def answer(chance: Random, question: Question) -> str | None:
    """Return what somebody could answer: within what every constraint allows."""
    names = [choice.name for choice in question.choices]
    match question.type:
        case QuestionType.SELECT_ONE:
            return "yes" if question.name in GATES else chance.choice(names)
        case QuestionType.SELECT_MULTIPLE:
            several = [name for name in names if name not in ALONE]
            some = chance.sample(several, min(2, len(several)))
            return chance.choice([" ".join(some), chance.choice(names)])
        case QuestionType.INTEGER:
            return str(chance.randint(1, 7))
        case QuestionType.DECIMAL:
            return str(Decimal(chance.randint(4, 40)) / 4)
        case QuestionType.TIME:
            return f"{chance.randint(4, 19):02}:{chance.choice(['00', '30'])}"
        case _:
            return None


def answers_to(schema: FormSchema, site: str) -> dict[str, str]:
    """Return answers by reference; in a repeat each entry has its own."""
    chance = seeded(2026)
    found = {"/data/visit/site_ref": site, "/data/visit/observed_on": "2026-11-20"}
    for repeat in (None, *schema.repeats):
        path = repeat.path if repeat else None
        for number in range(1, ENTRIES[repeat.name] + 1 if repeat else 2):
            for question in schema.asked_in(path):
                text = answer(chance, question)
                if text is None or question.path in found:
                    continue
                place = question.path
                if repeat:
                    inner = place.removeprefix(repeat.path)
                    place = f"{repeat.path}[{number}]{inner}"
                found[place] = text
    return found


def record_of_javarosa(
    schema: FormSchema, answers: dict[str, str], folder: Path
) -> bytes:
    form, lines = folder / "form.xml", folder / "answers.txt"
    form.write_bytes(library_conversion("farm_visit").xform)
    entries = {repeat.path: f"#{ENTRIES[repeat.name]}" for repeat in schema.repeats}
    written = {**answers, **entries}
    lines.write_text(
        "\n".join(f"{place}\t{text}" for place, text in written.items()),
        encoding="utf-8",
    )
    ran = subprocess.run(
        ["java", "-cp", str(JAR), str(PROGRAM), str(form), str(lines)],
        check=True,
        capture_output=True,
    )
    return ran.stdout


def fill_in_the_web_form(
    form: WebForm, schema: FormSchema, answers: dict[str, str]
) -> None:
    form.sign_in(EMAIL, PASSWORD)
    form.set_pin()
    form.fetch()
    form.begin()
    wanted = {f"{one.name}": ENTRIES[one.name] for one in schema.repeats}
    while True:
        form.page.evaluate(ANSWER, answers)
        for name, number in wanted.items():
            entries = form.page.locator(f".entry:has([data-reference*='/{name}['])")
            while 0 < entries.count() < number:
                form.page.click(".add")
        form.page.evaluate(ANSWER, answers)
        if form.is_on_the_last_page():
            return
        form.next_page()


def without_keys(document: dict[str, object]) -> dict[str, object]:
    """Return facts without the ids that each engine makes for itself."""
    plain = json.loads(json.dumps(document))
    for roster in ("children", "workers"):
        for member in plain.get(roster) or ():
            member.pop("key")
    return {name: plain[name] for name in ("facts", "children", "workers")}


def test_javarosa_and_the_web_form_state_equal_facts(
    in_the_field: Field, tmp_path: Path
) -> None:
    place, schema = in_the_field, library_schema("farm_visit")
    answers = answers_to(schema, place.site)

    with opened(place, is_offline=False) as form:
        fill_in_the_web_form(form, schema, answers)
        form.look_over()
        form.finish()
        form.page.wait_for_selector("#sent + ul li")
    (arrived,) = place.get("/v1/submissions")["items"]
    by_web = place.get(f"/v1/submissions/{arrived['id']}/facts")["answers"]
    record = record_of_javarosa(schema, answers, tmp_path)
    by_phone = facts_of(schema, read_instance(record)).document()

    assert without_keys(by_web) == without_keys(by_phone)
    assert len(by_web["facts"]) > 40
    assert (len(by_web["children"]), len(by_web["workers"])) == (2, 3)
