"""Devices of the tests: let in, and speaking from the address they were given."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from fastapi import FastAPI
from lxml import etree
from starlette.testclient import TestClient

from compliance import clock, trail
from compliance.database import Database
from compliance.identity.actions import add_person
from compliance.identity.models import Person, Role
from tests.browsing import PASSWORD
from tests.conftest import Tenant
from tests.field import OPENROSA, Phone

XFORMS = "{http://openrosa.org/xforms/xformsList}"
MANIFEST = "{http://openrosa.org/xforms/xformsManifest}"


def enrolled(client: TestClient, tenant: Tenant, **changes: object) -> dict[str, Any]:
    """Let a device in and return what is told once."""
    answer = client.post(
        "/v1/devices",
        json={"label": "Teléfono de campo", **changes},
        headers=tenant.headers(),
    )
    assert answer.status_code == 201, answer.text
    document: dict[str, Any] = answer.json()
    return document


def path_of(made: Mapping[str, Any]) -> str:
    """Return the path of the address that a device was given."""
    return str(urlsplit(made["address"]).path)


def secret_in(made: Mapping[str, Any]) -> str:
    return path_of(made).split("/")[2]


def phone_of(client: TestClient, tenant: Tenant, made: Mapping[str, Any]) -> Phone:
    """Return a field app that has nothing but its address."""
    return Phone(client, tenant, {"Authorization": ""}, path_of(made))


def fetched(client: TestClient, path: str, **headers: str) -> Any:
    return client.get(path, headers={**OPENROSA, **headers})


def entries(content: bytes, namespace: str) -> list[dict[str, str]]:
    """Return the entries of a list of OpenRosa by the names of their members."""
    return [
        {member.tag.removeprefix(namespace): member.text or "" for member in entry}
        for entry in etree.fromstring(content)
    ]


def forms_on(client: TestClient, path: str) -> list[dict[str, str]]:
    """Return the forms that a device at this address is to fill in."""
    answer = fetched(client, f"{path}/formList?deviceID=collect%3Ax")
    assert answer.status_code == 200, answer.text
    return entries(answer.content, XFORMS)


def lists_on(client: TestClient, path: str, form_id: str) -> dict[str, bytes]:
    """Return the lists that travel beside a form, each as its hash says it is."""
    (form,) = [one for one in forms_on(client, path) if one["formID"] == form_id]
    manifest = fetched(client, urlsplit(form["manifestUrl"]).path)
    return {
        one["filename"]: fetched(client, urlsplit(one["downloadUrl"]).path).content
        for one in entries(manifest.content, MANIFEST)
    }


def write_use(client: TestClient, app: FastAPI) -> None:
    """Write what the running product has gathered of who came."""
    service = app.state.service
    assert client.portal is not None
    client.portal.call(lambda: service.write(service.usage.write, system=True))


def auditor(
    database: Database, tenant: Tenant, email: str = "marta@example.org"
) -> str:
    """Add a person who visits sites, and return the public id."""
    return person(database, tenant, email, Role.AUDITOR)


def person(database: Database, tenant: Tenant, email: str, role: Role) -> str:
    with database.writing(system=True) as session:
        identifier = add_person(
            session,
            organisation_id=tenant.id,
            role=role,
            email=email,
            name="Marta Roa",
            language="es",
            password=PASSWORD,
        )
        trail.seal(session)
        found = session.get(Person, identifier)
        assert found is not None
        return found.public_id


def in_days(days: int) -> str:
    """Return the day so many days from now."""
    return (clock.today() + timedelta(days=days)).isoformat()


def assigned(
    client: TestClient, tenant: Tenant, site: str, **changes: object
) -> dict[str, Any]:
    """Give a visit to somebody and return the assignment."""
    answer = client.post(
        "/v1/assignments",
        json={"site": site, "checklists": ["small_visit"], "due_on": in_days(7)}
        | changes,
        headers=tenant.headers(),
    )
    assert answer.status_code == 201, answer.text
    document: dict[str, Any] = answer.json()
    return document
