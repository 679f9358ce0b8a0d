"""A browser in a test: what it sends, how somebody signs in, and the text of a page."""

from starlette.testclient import TestClient

from api.hop import COOKIE
from compliance import trail
from compliance.database import Database
from compliance.identity.actions import add_person
from compliance.identity.models import Role
from tests.conftest import Tenant

HTML = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}
OURS = {"Sec-Fetch-Site": "same-origin"}
PASSWORD = "una contraseña larga y buena"


def email_of(role: Role) -> str:
    return f"{role}@example.org"


def add_people(database: Database, tenant: Tenant, *roles: Role) -> None:
    with database.writing() as session:
        for role in roles:
            add_person(
                session,
                organisation_id=tenant.id,
                role=role,
                email=email_of(role),
                name=f"Alguien {role}",
                language="en",
                password=PASSWORD,
            )
        trail.seal(session)


def sign_in(client: TestClient, role: Role, next_path: str = "/") -> int:
    """Sign in as a browser does, without following where it leads."""
    answer = client.post(
        "/sign-in",
        data={"email": email_of(role), "password": PASSWORD, "next": next_path},
        headers={**HTML, **OURS},
        follow_redirects=False,
    )
    return answer.status_code


def read(client: TestClient, path: str, language: str = "en") -> str:
    """Return the text of a page that must be there."""
    answer = client.get(path, headers={**HTML, "Accept-Language": language})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/html")
    return answer.text


def path_of(link: str) -> str:
    """Return the path of a link to the product, without host and question."""
    return "/" + link.split("/", 3)[3].partition("?")[0]


def with_cookie(client: TestClient, token: str) -> TestClient:
    """Let the browser hold this session, and no other."""
    client.cookies.clear()
    client.cookies.set(COOKIE, token)
    return client
