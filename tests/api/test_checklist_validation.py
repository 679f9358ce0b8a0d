"""ODK Validate looks at what is published; a form that it refuses reaches no phone.

The outcome of a real Java is asked for where there is one. What follows from an outcome
needs no Java: a program of that name says what ODK Validate would.
"""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from sqlalchemy import func, select
from starlette.testclient import TestClient

from api.app import create_app
from audits.checklists.actions import library_workbooks
from compliance.database import Database
from compliance.identity.models import Role
from compliance.jobs.models import Job
from compliance.settings import Settings
from compliance.trail import TrailEntry
from tests.conftest import Tenant
from tests.field import (
    CHOICES,
    OPENROSA,
    SURVEY,
    Phone,
    publish,
    record,
    register_farm,
    workbook,
)
from tests.jobs import wait_until
from tests.unit.checklists.samples import SETTINGS, changed, markdown

needs_java = pytest.mark.skipif(
    shutil.which("java") is None,
    reason="ODK Validate needs Java; Debian's package is `default-jre-headless`",
)
FORM = "/v1/checklists/small_visit/versions"
FORM_ID = "{http://openrosa.org/xforms/xformsList}version"
INVALID = "echo 'XPath evaluation: selekted' >&2; echo 'Result: Invalid' >&2; exit 1"
VALID = "exit 0"
NO_MEMORY = "echo 'Could not reserve enough space' >&2; exit 1"


@pytest.fixture
def validating(database_url: str, tmp_path: Path) -> Iterator[TestClient]:
    """A client of the product as it is installed, which validates what is published."""
    settings = Settings(data=tmp_path / "data", database_url=database_url)
    with TestClient(create_app(settings), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder in which programs are looked for; there is nothing in it."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def install_java(folder: Path, does: str) -> None:
    java = folder / "java"
    java.write_text(f"#!/bin/sh\n{does}\n")
    java.chmod(0o755)


def misspelt(version: str = "1") -> bytes:
    """Return a checklist that only ODK Validate knows to be wrong: no such function."""
    settings = {**SETTINGS, "form_id": "small_visit", "version": version}
    asked = changed(SURVEY, 9, relevant="selekted(${papers}, 'yes')")
    return markdown(asked, CHOICES, {**settings, "form_title": "Small visit"})


def told_of(client: TestClient, tenant: Tenant, version: str = "1") -> dict[str, Any]:
    """Return what is told of a version's validation, once it does not wait any more."""

    def read() -> dict[str, Any]:
        answer = client.get(f"{FORM}/{version}", headers=tenant.headers())
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()["validation"]
        return found

    wait_until(lambda: read()["state"] != "waiting")
    return read()


def offered(client: TestClient, tenant: Tenant) -> list[str | None]:
    """Return the versions in the list of forms that a phone gets."""
    answer = client.get(
        "/openrosa/formList", headers={**OPENROSA, **tenant.headers(Role.AUDITOR)}
    )
    return [one.text for one in etree.fromstring(answer.content).iter(FORM_ID)]


def job_count(database: Database) -> int:
    wanted = select(func.count()).where(Job.kind == "checklists.validate")
    with database.reading() as session:
        return session.scalar(wanted) or 0


@needs_java
def test_a_form_that_loads_is_accepted(validating: TestClient, tenant: Tenant) -> None:
    published = publish(validating, tenant, workbook())

    told = told_of(validating, tenant)

    assert published["validation"]["state"] in {"waiting", "accepted"}
    assert told == {"state": "accepted", "complaints": []}


@needs_java
def test_a_form_that_does_not_load_is_refused_with_the_reason(
    validating: TestClient, tenant: Tenant
) -> None:
    publish(validating, tenant, misspelt())

    told = told_of(validating, tenant)

    assert told["state"] == "refused"
    assert "selekted" in told["complaints"][0]


@pytest.mark.usefixtures("programs")
def test_without_java_it_is_told_that_nothing_was_run(
    validating: TestClient, tenant: Tenant
) -> None:
    publish(validating, tenant, workbook())

    told = told_of(validating, tenant)

    assert told == {"state": "not_run", "complaints": []}
    assert offered(validating, tenant) == ["1"]


def test_a_java_that_fails_refuses_nothing(
    validating: TestClient, tenant: Tenant, programs: Path
) -> None:
    install_java(programs, NO_MEMORY)
    publish(validating, tenant, workbook())

    told = told_of(validating, tenant)

    assert told["state"] == "not_run"
    assert "Could not reserve enough space" in told["complaints"][0]
    assert offered(validating, tenant) == ["1"]


def test_phones_get_the_version_before_a_refused_one(
    validating: TestClient, tenant: Tenant, programs: Path
) -> None:
    install_java(programs, VALID)
    publish(validating, tenant, workbook("1"))
    told_of(validating, tenant)
    install_java(programs, INVALID)
    publish(validating, tenant, workbook("2"))

    refused = told_of(validating, tenant, "2")

    newest = validating.get("/v1/checklists", headers=tenant.headers()).json()["items"]
    assert refused["state"] == "refused"
    assert offered(validating, tenant) == ["1"]
    assert [(one["version"], one["validation"]["state"]) for one in newest] == [
        ("2", "refused")
    ]


def test_phones_get_the_version_that_puts_it_right(
    validating: TestClient, tenant: Tenant, programs: Path
) -> None:
    install_java(programs, INVALID)
    publish(validating, tenant, workbook("1"))
    told_of(validating, tenant)
    before = offered(validating, tenant)
    install_java(programs, VALID)
    publish(validating, tenant, workbook("2"))

    told_of(validating, tenant, "2")

    assert before == []
    assert offered(validating, tenant) == ["2"]


def test_what_was_filled_with_a_refused_version_is_taken(
    validating: TestClient, tenant: Tenant, programs: Path
) -> None:
    install_java(programs, INVALID)
    publish(validating, tenant, workbook())
    told_of(validating, tenant)
    farm = register_farm(validating, tenant)

    answer = Phone(validating, tenant).send(record(farm, papers="yes"))

    assert answer.status == 201


def test_what_was_said_stands_in_the_trail(
    validating: TestClient, tenant: Tenant, programs: Path, database: Database
) -> None:
    install_java(programs, INVALID)
    publish(validating, tenant, workbook())
    told_of(validating, tenant)

    with database.reading() as session:
        leaves = session.scalars(select(TrailEntry.leaf)).all()
    entries = [json.loads(leaf) for leaf in leaves]
    told = [one for one in entries if one["action"] == "checklist.validated"]
    assert [one["actor"] for one in told] == ["system"]
    assert told[0]["facts"] == {
        "form_id": "small_visit",
        "version": "1",
        "state": "refused",
        "complaints": 1,
    }


def test_the_same_workbook_again_is_not_validated_again(
    validating: TestClient, tenant: Tenant, programs: Path, database: Database
) -> None:
    install_java(programs, VALID)
    publish(validating, tenant, workbook())
    told_of(validating, tenant)

    again = publish(validating, tenant, workbook())

    assert again["validation"]["state"] == "accepted"
    assert job_count(database) == 1


def test_a_checklist_of_the_product_was_validated_before_it_shipped(
    validating: TestClient, tenant: Tenant, database: Database
) -> None:
    published = publish(validating, tenant, next(library_workbooks()))

    assert published["validation"] == {"state": "shipped", "complaints": []}
    assert job_count(database) == 0


def test_where_it_is_switched_off_nothing_is_asked(
    client: TestClient, tenant: Tenant, database: Database
) -> None:
    published = publish(client, tenant, workbook())

    assert published["validation"] == {"state": "not_run", "complaints": []}
    assert job_count(database) == 0


def test_reading_a_version_needs_a_key(client: TestClient) -> None:
    assert client.get(f"{FORM}/1").status_code == 401


def test_another_organisations_version_is_not_found(
    client: TestClient, tenant: Tenant, stranger: Tenant
) -> None:
    publish(client, tenant, workbook())

    answer = client.get(f"{FORM}/1", headers=stranger.headers())

    assert answer.status_code == 404
    assert answer.json()["type"] == "/problems/checklist-not-found"


def test_a_version_that_was_never_published_is_not_found(
    client: TestClient, tenant: Tenant
) -> None:
    publish(client, tenant, workbook())

    answer = client.get(f"{FORM}/7", headers=tenant.headers())

    assert answer.status_code == 404
    assert answer.json()["type"] == "/problems/checklist-version-not-found"
