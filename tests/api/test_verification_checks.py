"""What the verify page checks of a card, and what it tells when something is wrong."""

import hashlib
from collections.abc import Iterator

import pytest
from sqlalchemy import text, update
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from compliance import clock
from compliance.database import Database
from compliance.scorecards.models import Scorecard
from compliance.signatures.models import IssuerKey
from tests.browsing import HTML, read
from tests.conftest import Tenant
from tests.visits import A_CHILD_OF_16, TODAY, Visited, on, visited

PAPERS = ("document", "trail", "key", "signature")


@pytest.fixture(autouse=True)
def _november() -> Iterator[None]:
    with clock.set_to(lambda: TODAY):
        yield


@pytest.fixture
def farm(client: TestClient, tenant: Tenant) -> Visited:
    found = visited(client, tenant)
    found.send(children=[A_CHILD_OF_16])
    return found


def checks_of(client: TestClient, code: str) -> dict[str, str]:
    """Return what each check came to, by its name."""
    answer = client.get(f"/v/{code}", headers={"Accept": "application/json"})
    assert answer.status_code == 200, answer.text
    return {one["check"]: one["found"] for one in answer.json()["checks"]}


def test_a_card_that_holds_passes_every_check(
    client: TestClient, farm: Visited
) -> None:
    card = farm.printed(farm.issue())
    path = f"/v/{card['verify_code']}"

    answer = client.get(path, headers={"Accept": "application/json"})
    document = answer.json()
    page = client.get(path, headers=HTML)
    canonical = client.get(
        f"/v1/scorecards/{card['id']}", headers=farm.tenant.headers()
    ).content

    assert set(checks_of(client, card["verify_code"]).values()) == {"holds"}
    assert document["is_genuine"] is True
    assert document["json_sha256"] == hashlib.sha256(canonical).hexdigest()
    assert document["pdf_sha256"] == card["pdf_sha256"]
    assert not {"letter", "score", "grade", "flags"} & document.keys()
    assert answer.headers["cache-control"] == "no-store"
    assert "no-store" in page.headers["cache-control"]
    assert "connect-src 'none'" in page.headers["content-security-policy"]
    for told in (
        "Issued here under this code, and unchanged",
        "Its issue stands in the trail, with its hash",
        "Signed with a test key of this installation",
        "The signature of its credential is sound",
        "Not marked in the suspension list",
        *card["pdf_sha256"].values(),
        document["json_sha256"],
    ):
        assert told in page.text


def test_a_superseded_card_leads_to_its_successor_and_stands_in_the_lists(
    client: TestClient, farm: Visited
) -> None:
    first, second = farm.issue(), farm.issue()

    checks = checks_of(client, first["verify_code"])
    page = read(client, f"/v/{first['verify_code']}")

    assert {checks[one] for one in ("version", "revocation_list")} == {"fails"}
    assert checks["dates"] == "holds"
    assert f'<a href="/v/{second["verify_code"]}">{second["id"]}</a>' in page
    assert "But it does not hold now: superseded." in page


def test_a_document_that_was_changed_in_the_database_is_not_called_valid(
    client: TestClient, database: Database, farm: Visited
) -> None:
    card = farm.issue()
    with database.writing(system=True) as session:
        changeable(session, "scorecard")
        content = session.scalar(text("SELECT content FROM scorecard"))
        session.execute(
            update(Scorecard).values(content=content.replace(b"Planadas", b"Chaparral"))
        )

    checks = checks_of(client, card["verify_code"])
    page = read(client, f"/v/{card['verify_code']}")

    assert (checks["document"], checks["trail"]) == ("fails", "holds")
    assert 'class="verify broken"' in page
    assert "It is in force now" not in page
    assert "The document kept here was changed" in page


def test_a_key_that_was_withdrawn_vouches_for_nothing(
    client: TestClient, database: Database, farm: Visited
) -> None:
    card = farm.printed(farm.issue())
    with database.writing(system=True) as session:
        session.execute(update(IssuerKey).values(withdrawn_at=clock.now()))

    checks = checks_of(client, card["verify_code"])
    page = read(client, f"/v/{card['verify_code']}")

    assert (checks["key"], checks["signature"]) == ("fails", "holds")
    assert 'class="verify broken"' in page


def test_before_it_is_printed_the_page_says_so_and_calls_nothing_false(
    client: TestClient, database: Database, farm: Visited
) -> None:
    card = farm.printed(farm.issue())
    with database.writing(system=True) as session:
        for table in ("scorecard_paper", "scorecard_credential"):
            changeable(session, table)
            session.execute(text(f"DELETE FROM {table}"))  # noqa: S608 - our own names

    checks = checks_of(client, card["verify_code"])
    page = read(client, f"/v/{card['verify_code']}")

    assert (checks["key"], checks["signature"]) == ("waiting", "waiting")
    assert 'class="verify issued"' in page
    assert "being made" in page
    assert "NOT a file that was issued" not in page


def test_an_expired_card_says_only_that_its_time_is_over(
    client: TestClient, farm: Visited
) -> None:
    card = farm.issue()

    with on(2029, 1, 1):
        checks = checks_of(client, card["verify_code"])
        page = read(client, f"/v/{card['verify_code']}", "es")

    assert {kind for kind, found in checks.items() if found == "fails"} == {"dates"}
    assert 'class="verify expired"' in page


def changeable(session: Session, table: str) -> None:
    """Take a table's refusal to change away, as somebody with the database could."""
    if session.get_bind().dialect.name == "sqlite":
        for act in ("update", "delete"):
            session.execute(text(f"DROP TRIGGER IF EXISTS {table}_no_{act}"))
        return
    session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
