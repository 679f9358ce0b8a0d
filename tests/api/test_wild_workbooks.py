"""Workbooks as they come from the wild: each is a clear problem over HTTP, none a fault."""

import io
import zipfile
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.conftest import Tenant
from tests.field import CHOICES, SURVEY
from tests.unit.checklists.samples import SETTINGS, Row, markdown, xlsx

PATHS = ("/v1/checklists", "/v1/checklists/check")


def _asked(type_: str, name: str, **cells: str) -> Row:
    return {"type": type_, "name": name, "en": "Question", "es": "Pregunta"} | cells


def _with(*rows: Row) -> bytes:
    return markdown((*SURVEY, *rows), CHOICES, SETTINGS)


def _rezipped(changed: dict[str, bytes]) -> bytes:
    """Return a good workbook with some of its parts replaced or added."""
    written = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(xlsx())) as good,
        zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as wild,
    ):
        parts = {part: good.read(part) for part in good.namelist()} | changed
        for name, content in parts.items():
            wild.writestr(name, content)
    return written.getvalue()


DTD = (
    b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "y"><!ENTITY z "&x;&x;">]><a>&z;</a>'
)
WILD = {
    "two questions of one name": (
        _with(_asked("text", "twin"), _asked("integer", "twin")),
        "twin",
    ),
    "an old .xls under the name of .xlsx": (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2_000),
        ".xls",
    ),
    "a calculation that needs itself": (
        _with(
            {
                "type": "calculate",
                "name": "first_of_ring",
                "calculation": "${second_of_ring} + 1",
            },
            {
                "type": "calculate",
                "name": "second_of_ring",
                "calculation": "${first_of_ring} + 1",
            },
        ),
        "first_of_ring",
    ),
    "a calculation of itself": (
        _with(
            {
                "type": "calculate",
                "name": "first_of_ring",
                "calculation": "${first_of_ring} + 1",
            }
        ),
        "first_of_ring",
    ),
    "a question that is asked if it was answered": (
        _with(_asked("text", "first_of_ring", relevant="${first_of_ring} != ''")),
        "first_of_ring",
    ),
    "questions that each wait for the other": (
        _with(
            _asked("text", "first_of_ring", relevant="${second_of_ring} != ''"),
            _asked("text", "second_of_ring", relevant="${first_of_ring} != ''"),
        ),
        "second_of_ring",
    ),
    "a public key that is none": (
        markdown(SURVEY, CHOICES, {**SETTINGS, "public_key": "MIIBIjANBg"}),
        "public key",
    ),
    "a part with a document type": (_rezipped({"xl/workbook.xml": DTD}), "DTD"),
    "a hidden part with a document type": (_rezipped({"x/y.bin": DTD}), "DTD"),
    "a zip bomb": (
        _rezipped({"xl/media/a.png": bytes(60_000_000)}),
        "Unpacked",
    ),
    "a bomb of sheets": (
        _rezipped({f"xl/{number}.xml": b"<a/>" for number in range(1_001)}),
        "parts",
    ),
    "half a workbook": (xlsx()[:2_000], "damaged"),
    "an executable": (b"MZ" + bytes(1_000), "not a workbook"),
    "a web page": (b"<html><script>alert(1)</script></html>", "not a workbook"),
}


def test_the_workbook_these_are_made_from_is_good(
    client: TestClient, tenant: Tenant
) -> None:
    answer = client.post(PATHS[0], content=_with(), headers=tenant.headers())

    assert answer.status_code == 201, answer.text


def test_a_ring_is_told_in_full_at_its_first_row(
    client: TestClient, tenant: Tenant
) -> None:
    ring = WILD["a calculation that needs itself"][0]

    told = client.post(PATHS[0], content=ring, headers=tenant.headers()).json()

    (error,) = told["errors"]
    assert (error["sheet"], error["row"]) == ("survey", len(SURVEY) + 2)
    assert "first_of_ring → second_of_ring → first_of_ring" in error["message"]


def test_a_calculation_may_refer_forward(client: TestClient, tenant: Tenant) -> None:
    forward = _with(
        {"type": "calculate", "name": "total", "calculation": "${later} + 1"},
        _asked("integer", "later"),
    )

    answer = client.post(PATHS[0], content=forward, headers=tenant.headers())

    assert answer.status_code == 201, answer.text


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("case", list(WILD))
def test_a_wild_workbook_is_a_clear_problem(
    client: TestClient, tenant: Tenant, path: str, case: str
) -> None:
    content, word = WILD[case]

    told = client.post(path, content=content, headers=tenant.headers())
    document: Any = told.json()

    # The check answers with what it found; the upload refuses.
    assert told.status_code in {200, 422}, told.text
    errors = document.get("errors") or document.get("mistakes")
    assert any(word in str(error) for error in errors), errors
    listed = client.get("/v1/checklists", headers=tenant.headers()).json()
    assert listed["items"] == []
