"""The pages of an import as a browser gets them: form by form, in two languages."""

import re
import time

import pytest
from starlette.testclient import TestClient

from compliance import trail
from compliance.database import Database
from compliance.identity.models import Role
from compliance.identity.scope import scope_of_system
from compliance.imports import actions
from rules.vocabulary import Commodity, SiteKind
from tests.browsing import HTML, OURS, add_people, read, sign_in
from tests.conftest import Tenant
from tests.importing import list_of, producers

LIST = list_of(
    "El Recuerdo,Colombia,Planadas",
    "Finca el recuerdo,CO,PLANADAS",
    "various,CO,Planadas",
    "=La Palma,CO,Gaitania",
)


@pytest.fixture
def manager(client: TestClient, tenant: Tenant, database: Database) -> TestClient:
    """The browser of somebody who may change the register."""
    add_people(database, tenant, Role.ADMINISTRATOR, Role.ANALYST)
    sign_in(client, Role.ADMINISTRATOR)
    return client


def sent(client: TestClient, path: str, **fields: str) -> str:
    """Send a form as a browser does; return where it leads."""
    answer = client.post(
        path, data=fields, headers={**HTML, **OURS}, follow_redirects=False
    )
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def uploaded(client: TestClient, content: bytes, name: str = "fincas.csv") -> str:
    """Upload a list with the form and wait until its page shows more than progress."""
    answer = client.post(
        "/imports",
        data={"kind": "producer", "commodity": "coffee", "country": ""},
        files={"file": (name, content, "text/csv")},
        headers={**HTML, **OURS},
        follow_redirects=False,
    )
    assert answer.status_code == 303, answer.text
    return settled(client, answer.headers["location"])


def settled(client: TestClient, path: str) -> str:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if 'http-equiv="refresh"' not in read(client, path):
            return path
        time.sleep(0.05)
    raise TimeoutError(path)


def test_a_list_goes_from_the_form_to_the_register(
    manager: TestClient, tenant: Tenant
) -> None:
    path = uploaded(manager, LIST)
    waiting = read(manager, path)
    pair = read(manager, f"{path}/rows/3")
    after = sent(manager, f"{path}/rows/3", decision="row:2")
    decided = read(manager, after)
    done = settled(manager, sent(manager, f"{path}/confirm"))
    shown = read(manager, done)

    assert "waiting for you: 1" in waiting
    assert "Is it one of these?" in pair
    assert "names alike, 100 of 100" in pair
    assert after == path
    assert "Every row is decided." in decided
    assert "sites registered" in shown
    assert [one["name"] for one in producers(manager, tenant)] == [
        "El Recuerdo",
        "=La Palma",
    ]


def test_refused_and_warned_rows_say_what_would_be_right(manager: TestClient) -> None:
    path = uploaded(manager, LIST)

    refused = read(manager, f"{path}?show=refused")
    warned = read(manager, f"{path}?show=warned")

    assert "This names no single place." in refused
    assert "one row for each place" in refused
    assert "El Recuerdo" not in refused
    assert "This begins as a formula does." in warned


def test_unknown_headings_lead_to_the_columns_and_back(manager: TestClient) -> None:
    odd = list_of("El Cedro,CO", heading="Betrieb,Land")
    path = uploaded(manager, odd)
    asked = read(manager, path)
    fields = {"field.name": "Betrieb", "field.country": "Land", "field.area": ""}
    report = read(manager, settled(manager, sent(manager, f"{path}/columns", **fields)))
    again = read(manager, uploaded(manager, odd))

    assert "What does each column mean?" in asked
    assert "El Cedro" in report
    assert "El Cedro" in again


def test_many_are_decided_at_once_and_a_list_can_be_given_up(
    manager: TestClient, tenant: Tenant
) -> None:
    path = uploaded(manager, LIST)
    sent(manager, f"{path}/decisions", choice="new", least_score="90")
    decided = read(manager, path)
    sent(manager, f"{path}/cancel")

    assert "Every row is decided." in decided
    assert "Given up" in read(manager, path)
    assert producers(manager, tenant) == []


def test_everything_is_said_in_spanish_too(manager: TestClient) -> None:
    path = uploaded(manager, LIST)

    pages = [
        read(manager, f"{one}?language=es")
        for one in ("/imports", path, f"{path}/rows/3")
    ]

    assert all('<html lang="es">' in page for page in pages)
    assert "Finca el recuerdo" in pages[1]


def test_who_only_reads_sees_the_report_and_no_form(
    manager: TestClient, client: TestClient
) -> None:
    path = uploaded(manager, LIST)
    sign_in(client, Role.ANALYST)

    report = read(client, path)
    refused = client.post(
        f"{path}/confirm", data={"undecided": "skip"}, headers={**HTML, **OURS}
    )

    assert "Finca el recuerdo" in report
    assert not re.search(r'action="/imports', report)
    assert not re.search(r'action="/imports', read(client, "/imports"))
    assert refused.status_code == 403


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/rows/3", {"decision": "site:"}),
        ("/rows/3", {"decision": "row:x"}),
        ("/rows/3", {}),
        ("/decisions", {"choice": "all", "least_score": "0"}),
        ("/decisions", {"choice": "new", "least_score": "101"}),
        ("/columns", {"field.name": "nothing"}),
    ],
)
def test_a_form_that_cannot_be_understood_is_told_so(
    manager: TestClient, path: str, fields: dict[str, str]
) -> None:
    address = uploaded(manager, LIST)

    answer = manager.post(f"{address}{path}", data=fields, headers={**HTML, **OURS})

    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith("text/html")


def test_a_form_without_a_file_says_so(manager: TestClient) -> None:
    answer = manager.post(
        "/imports",
        files={"kind": (None, "producer")},
        headers={**HTML, **OURS},
    )

    assert answer.status_code == 422
    assert "No file was chosen" in answer.text


def test_another_site_cannot_send_our_forms(manager: TestClient) -> None:
    path = uploaded(manager, LIST)

    answer = manager.post(
        f"{path}/confirm",
        data={"undecided": "skip"},
        headers={**HTML, "Sec-Fetch-Site": "cross-site"},
    )

    assert answer.status_code == 403


def test_nobody_known_is_asked_to_sign_in(client: TestClient) -> None:
    answer = client.get("/imports", headers=HTML, follow_redirects=False)

    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in")


def test_a_file_with_a_name_that_lies_is_read_and_told(manager: TestClient) -> None:
    path = uploaded(manager, LIST, "fincas.xls")

    assert "The file is called fincas.xls" in read(manager, path)


def test_the_page_follows_the_work_and_renews_itself_without_scripts(
    manager: TestClient, database: Database, tenant: Tenant
) -> None:
    with database.writing() as session:
        scope = scope_of_system(session, tenant.id)
        begun = actions.start(
            session,
            scope,
            file_sha256="0" * 64,
            file_name="fincas.csv",
            file_bytes=1,
            kind=SiteKind.PRODUCER,
            commodity=Commodity.COFFEE,
        )
        actions.ask(session, scope, begun.public_id, "nobody.does")
        trail.seal(session)

    shown = read(manager, f"/imports/{begun.public_id}")
    script = manager.get("/static/progress.js")

    assert 'data-job="job_' in shown
    assert '<script src="/static/progress.js" defer>' in shown
    assert '<noscript><meta http-equiv="refresh" content="2"></noscript>' in shown
    assert script.headers["content-type"].startswith("text/javascript")
    assert "/v1/jobs/" in script.text


def test_columns_without_a_place_in_the_register_are_told(manager: TestClient) -> None:
    headings = "Nombre de la finca;País;Municipio;Altitud (msnm);Sacos;Observación"
    row = "El Recuerdo;Colombia;Planadas;1872;120;cerca del río"

    path = uploaded(manager, f"{headings}\n{row}\n".encode())
    shown = read(manager, path)

    assert "no part of the register: Sacos, Altitud (msnm)." in shown
    assert "Not read, and kept with each row as they stand: Observación." in shown
