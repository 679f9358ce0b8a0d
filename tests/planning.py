"""Pages of whoever plans visits, as a browser gets them and sends their forms."""

import re

from starlette.testclient import TestClient

from tests.browsing import HTML, OURS

Fields = dict[str, str | list[str]]


def post(
    client: TestClient, path: str, **fields: str | list[str]
) -> tuple[int, str, str]:
    """Send a form as a browser does; return its status, where it leads and its text."""
    answer = client.post(
        path, data=fields, headers={**HTML, **OURS}, follow_redirects=False
    )
    return answer.status_code, answer.headers.get("location", ""), answer.text


def once_of(page: str) -> str:
    """Return what makes a form of a page count once, however often it is sent."""
    found = re.search(r'name="once" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def refused(client: TestClient, path: str) -> int:
    """Return how a page answers that somebody may not see."""
    return client.get(path, headers=HTML, follow_redirects=False).status_code


def lines(page: str) -> list[str]:
    """Return the rows of the table of a list, without its head."""
    return page.partition('id="list"')[2].split('<tr role="row">')[2:]
