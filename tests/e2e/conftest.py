"""What several tests of the web form begin with."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from compliance.database import Database
from compliance.settings import Settings
from tests.conftest import Tenant
from tests.e2e.web_form import CONTACT, Field, add_auditor, fielded, signed_farm_visit


@pytest.fixture
def in_the_field(
    client: TestClient,
    tenant: Tenant,
    database: Database,
    database_url: str,
    tmp_path: Path,
) -> Iterator[Field]:
    """A server with the checklist of a farm visit, and an auditor who knows it."""
    add_auditor(database, tenant)
    settings = Settings(
        odk_validate="off",
        data=tmp_path / "data",
        database_url=database_url,
        field_contact=CONTACT,
    )
    with fielded(client, tenant, settings, tmp_path, signed_farm_visit()) as place:
        yield place
