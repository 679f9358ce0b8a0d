"""The authors' errand: a workbook mended and published, and a book of rules tried."""

import io
from pathlib import Path

import openpyxl

from audits.checklists.library import library_checklists
from tests.books import MINIMUM_AGE, book_zip
from tests.chromium import needs_chromium
from tests.e2e.errands.conftest import Walk

pytestmark = needs_chromium
STRICTER = {MINIMUM_AGE: ("age < law.minimum_age", "age <= law.minimum_age + 3")}
SPOILED = {MINIMUM_AGE: ("severity: zero_tolerance", "severity: dreadful")}


def newer_visit(*, spoiled: bool) -> bytes:
    """Return the shipped farm visit as a newer version, a question less and mistakes."""
    book = openpyxl.load_workbook(io.BytesIO(library_checklists()["farm_visit"]))
    settings, survey = book["settings"], book["survey"]
    headings = [cell.value for cell in settings[1]]
    settings.cell(2, headings.index("version") + 1).value = "2027010101"
    columns = [cell.value for cell in survey[1]]
    fact = columns.index("bind::vf:fact") + 1
    asked = [
        row for row in range(2, survey.max_row + 1) if survey.cell(row, fact).value
    ]
    survey.cell(asked[5], fact).value = "no.such_fact" if spoiled else None
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def written(folder: Path, name: str, content: bytes) -> str:
    path = folder / name
    path.write_bytes(content)
    return str(path)


def refused(walk: Walk) -> None:
    """Take note of a form that was refused, which a browser complains of."""
    assert ["422" in one for one in walk.complaints] == [True]
    walk.complaints.clear()


def test_an_author_publishes_a_checklist_and_tries_a_book(
    walk: Walk, tmp_path: Path
) -> None:
    page = walk.page
    walk.sign_in("administracion")
    walk.open("/checklists")
    walk.shot("authors-1-checklists")

    spoiled = written(tmp_path, "spoiled.xlsx", newer_visit(spoiled=True))
    page.set_input_files("#workbook", spoiled)
    page.click("form[action='/checklists/check'] button")
    page.wait_for_selector("#mistakes")
    walk.shot("authors-2-mistakes")
    assert "no.such_fact" in page.inner_text("main")
    refused(walk)

    mended = written(tmp_path, "mended.xlsx", newer_visit(spoiled=False))
    page.set_input_files("#workbook", mended)
    page.click("form[action='/checklists/check'] button")
    page.wait_for_selector("#coverage")
    walk.shot("authors-3-coverage")
    assert "2026112201" in page.inner_text("#changes")
    page.click(".confirm > summary")
    page.click(".confirm button.danger")
    page.wait_for_url("**/versions/2027010101?done=published")
    walk.shot("authors-4-published")
    assert page.inner_text("[role=status]")
    assert "2027010101" in page.inner_text("h1")

    walk.open("/editions")
    page.set_input_files("#book", written(tmp_path, "a.zip", book_zip("x", SPOILED)))
    page.click("form[action='/editions/try'] button")
    page.wait_for_selector("#mistakes")
    walk.shot("authors-5-mistakes-of-a-book")
    assert MINIMUM_AGE in page.inner_text("main")
    refused(walk)

    better = written(tmp_path, "b.zip", book_zip("2027.1", STRICTER))
    page.set_input_files("#book", better)
    page.click("form[action='/editions/try'] button")
    page.wait_for_selector("#differs")
    walk.shot("authors-6-verdicts-that-change")
    assert "child_labour.minimum_age" in page.inner_text("main")

    walk.open("/editions/on-trial")
    walk.shot("authors-7-on-trial")
