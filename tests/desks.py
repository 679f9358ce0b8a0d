"""A desk in a test: an administrator's browser, and the forms that are sent from it."""

from dataclasses import dataclass

from starlette.testclient import TestClient

from tests.browsing import HTML, OURS
from tests.conftest import Tenant


@dataclass(frozen=True)
class Sent:
    """What came of a form: the status, where it leads, and the page."""

    status: int
    place: str
    page: str


def send(client: TestClient, path: str, **fields: str | list[str]) -> Sent:
    """Send a form as a browser does, and follow nothing."""
    answer = client.post(
        path,
        data=fields,
        headers={**HTML, **OURS},
        follow_redirects=False,
    )
    place = answer.headers.get("location", "")
    return Sent(answer.status_code, place, answer.text)


def status_of(client: TestClient, path: str) -> int:
    """Return the status of a page, without following where it leads."""
    return client.get(path, headers=HTML, follow_redirects=False).status_code


def narrowed(client: TestClient, tenant: Tenant, *scopes: str) -> dict[str, str]:
    """Return the headers of an administrator's program that may do so much, no more."""
    made = client.post(
        "/v1/clients",
        json={"name": "Narrow", "role": "administrator", "scopes": list(scopes)},
        headers=tenant.headers(),
    ).json()
    told = client.post(
        "/oauth/token",
        data={"grant_type": "client_credentials"},
        auth=(made["id"], made["client_secret"]),
    ).json()
    client.cookies.clear()
    return {"Authorization": f"Bearer {told['access_token']}"}
