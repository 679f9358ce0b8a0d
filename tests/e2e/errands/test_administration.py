"""Administration: somebody is let in, a key made and revoked, and the trail proves it."""

import csv
import io
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from compliance.proofs.working import seal_trails, sealing_of
from tests.chromium import needs_chromium
from tests.e2e.errands.conftest import Walk

pytestmark = needs_chromium
NEW = "nueva@demo.example"
PASSWORD = "una frase larga que nadie más pensaría"
STEPS = (
    "invitation.made",
    "invitation.accepted",
    "membership.changed",
    "key.issued",
    "key.revoked",
)


def press(walk: Walk, form: str, leads_to: str) -> None:
    """Send a form of the page, and wait for the page behind it."""
    with walk.page.expect_navigation(url=leads_to):
        walk.page.click(f'main form[action="{form}"] button:not([type="button"])')


def status_with(walk: Walk, key: str) -> int:
    """Return what the interface answers a program that has the key."""
    asked = Request(  # noqa: S310 - our own server
        f"{walk.place.url}/v1/sites", headers={"Authorization": f"Bearer {key}"}
    )
    try:
        with urlopen(asked) as answer:  # noqa: S310 - our own server
            return int(answer.status)
    except HTTPError as refused:
        return refused.code


def told_once(walk: Walk) -> str:
    return walk.page.locator(".secret code").inner_text().strip()


def entries(walk: Walk) -> dict[str, str]:
    """Return the newest entry of the trail for each word of what was done."""
    sheet = walk.page.request.get(f"{walk.place.url}/trail?format=csv").text()
    rows = list(csv.DictReader(io.StringIO(sheet.lstrip("\ufeff"))))
    return {row["action"]: row["entry"] for row in reversed(rows)}


def joined(walk: Walk) -> None:
    """Invite somebody, and join with the link."""
    page = walk.page
    walk.open("/people/invitations/new")
    page.fill("#email", NEW)
    page.select_option("#role", "analyst")
    walk.shot("administration-invite")
    press(walk, "/people/invitations", "**/people/invitations")
    walk.shot("administration-link")
    link = urlsplit(told_once(walk)).path
    walk.sign_out()
    walk.open(link)
    page.fill("#name", "Persona Nueva")
    page.fill("#password", PASSWORD)
    page.fill("#again", PASSWORD)
    with page.expect_navigation(url=f"{walk.place.url}/"):
        page.click("main form button")
    walk.sign_out()


def test_somebody_is_let_in_and_a_key_comes_and_goes(walk: Walk) -> None:
    page = walk.page
    walk.sign_in("administracion")
    joined(walk)
    walk.sign_in("administracion")
    walk.open("/people")
    walk.shot("administration-people")
    page.get_by_role("link", name="Persona Nueva").click()
    page.wait_for_url("**/people/person_*")
    person = urlsplit(page.url).path
    page.select_option("#role", "reviewer")
    press(walk, f"{person}/role", "**?done=role")
    walk.shot("administration-person")

    walk.open("/keys/new")
    page.fill("#label", "Sistema de compras")
    press(walk, "/keys", "**/keys")
    walk.shot("administration-key")
    key = told_once(walk)
    while_good = status_with(walk, key)
    path = f"/keys/{key.rpartition('_')[0]}"
    walk.open(path)
    page.click("details.confirm summary")
    walk.shot("administration-revoke")
    press(walk, f"{path}/revocation", "**/keys?done=revoked")
    walk.shot("administration-keys")
    with walk.place.behind() as service, service.database.writing() as session:
        seal_trails(session, sealing_of(walk.place.settings))

    found = entries(walk)
    walk.open("/trail")
    walk.shot("administration-trail")
    proofs = []
    for step in STEPS:
        walk.open(f"/trail/{found[step]}")
        address = f"{walk.place.url}/trail/{found[step]}/proof.json"
        proofs.append(page.request.get(address).json()["number"])
    walk.shot("administration-proof")

    assert while_good == 200
    assert status_with(walk, key) == 401
    assert [str(one) for one in proofs] == [found[step] for step in STEPS]
