"""Alerts over HTTP: told to roles, read by people, and sent where an administrator says."""

from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from compliance import trail
from compliance.alerts.actions import raise_alert
from compliance.alerts.events import AlertEvent
from compliance.alerts.models import AlertReceiver
from compliance.database import Database
from compliance.idempotency import IdempotencyRecord
from compliance.identity.models import Role
from rules import Severity
from tests.browsing import OURS, add_people, sign_in
from tests.conftest import Tenant

WEBHOOK = {"kind": "webhook", "address": "https://hooks.example/atalaya"}
MAIL = {"kind": "mail", "address": "desk@example.org", "language": "es"}
CALLS: list[tuple[str, str, object]] = [
    ("GET", "/v1/alerts", None),
    ("GET", "/v1/alerts/alert_x", None),
    ("POST", "/v1/alerts/alert_x/read", None),
    ("GET", "/v1/alert-preferences", None),
    ("PUT", "/v1/alert-preferences", {"muted": []}),
    ("GET", "/v1/alert-receivers", None),
    ("POST", "/v1/alert-receivers", WEBHOOK),
    ("GET", "/v1/alert-receivers/receiver_x", None),
    ("PATCH", "/v1/alert-receivers/receiver_x", {}),
    ("DELETE", "/v1/alert-receivers/receiver_x", None),
    ("POST", "/v1/alert-receivers/receiver_x/test", None),
    ("POST", "/v1/alert-receivers/receiver_x/replay", {"after": "alert_x"}),
    ("POST", "/v1/alert-receivers/receiver_x/secret", None),
    ("GET", "/v1/alert-receivers/receiver_x/deliveries", None),
]


def raised(
    database: Database,
    tenant: Tenant,
    event: AlertEvent = AlertEvent.ZERO_TOLERANCE,
    subject: str = "F-ABCDEFGH",
) -> str:
    with database.writing() as session:
        (alert,) = raise_alert(
            session,
            owner_id=tenant.id,
            event=event,
            subject=subject,
            severity=Severity.ZERO_TOLERANCE,
        )
        trail.seal(session)
    return alert


def made(client: TestClient, tenant: Tenant, body: object = WEBHOOK) -> dict[str, Any]:
    answer = client.post("/v1/alert-receivers", json=body, headers=tenant.headers())
    assert answer.status_code == 201, answer.text
    document: dict[str, Any] = answer.json()
    return document


def listed(client: TestClient, path: str, headers: dict[str, str]) -> list[Any]:
    answer = client.get(path, headers=headers)
    assert answer.status_code == 200, answer.text
    items: list[Any] = answer.json()["items"]
    return items


@pytest.mark.parametrize(("method", "path", "body"), CALLS)
def test_alerts_are_nobody_elses_business(
    client: TestClient, method: str, path: str, body: object
) -> None:
    assert client.request(method, path, json=body).status_code == 401


def test_another_organisations_alerts_and_receivers_are_not_found(
    client: TestClient, database: Database, tenant: Tenant, stranger: Tenant
) -> None:
    alert, receiver = raised(database, tenant), made(client, tenant)["id"]

    for method, path in (
        ("GET", f"/v1/alerts/{alert}"),
        ("GET", f"/v1/alert-receivers/{receiver}"),
        ("PATCH", f"/v1/alert-receivers/{receiver}"),
        ("DELETE", f"/v1/alert-receivers/{receiver}"),
        ("POST", f"/v1/alert-receivers/{receiver}/test"),
        ("POST", f"/v1/alert-receivers/{receiver}/replay"),
        ("POST", f"/v1/alert-receivers/{receiver}/secret"),
        ("GET", f"/v1/alert-receivers/{receiver}/deliveries"),
    ):
        body = {"after": alert} if path.endswith("/replay") else {}
        answer = client.request(method, path, headers=stranger.headers(), json=body)
        assert answer.status_code == 404, path
    assert listed(client, "/v1/alerts", stranger.headers()) == []
    assert listed(client, "/v1/alert-receivers", stranger.headers()) == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"kind": "pigeon", "address": "here"},
        {**WEBHOOK, "address": "http://hooks.example/"},
        {**WEBHOOK, "address": "https://169.254.169.254/latest/meta-data"},
        {**WEBHOOK, "address": "https://user:secret@hooks.example/"},
        {**WEBHOOK, "address": "https://hooks.example:25/"},
        {**WEBHOOK, "events": ["no_such_event"]},
        {**WEBHOOK, "language": "de"},
        {**WEBHOOK, "secret": "whsec_mine"},
        {**MAIL, "address": "one@example.org, two@example.org"},
    ],
)
def test_a_receiver_that_cannot_be_is_refused(
    client: TestClient, tenant: Tenant, body: object
) -> None:
    answer = client.post("/v1/alert-receivers", json=body, headers=tenant.headers())

    assert answer.status_code == 422
    assert "secret@" not in answer.json()["detail"]


def test_only_an_administrator_says_where_alerts_are_sent(
    client: TestClient, tenant: Tenant
) -> None:
    for role in set(Role) - {Role.ADMINISTRATOR}:
        for method, path, body in CALLS[5:]:
            answer = client.request(
                method, path, json=body, headers=tenant.headers(role)
            )
            assert answer.status_code == 403, (role, method, path)


def test_a_webhooks_secret_is_shown_once_and_kept_sealed(
    client: TestClient, database: Database, tenant: Tenant
) -> None:
    headers = {**tenant.headers(), "Idempotency-Key": "once"}

    first = client.post("/v1/alert-receivers", json=WEBHOOK, headers=headers)
    again = client.post("/v1/alert-receivers", json=WEBHOOK, headers=headers)

    secret = first.json()["secret"]
    assert secret.startswith("whsec_")
    assert first.headers["location"] == f"/v1/alert-receivers/{first.json()['id']}"
    assert first.headers["cache-control"] == "no-store"
    assert again.json() == {**first.json(), "secret": None}
    read = client.get(first.headers["location"], headers=tenant.headers())
    assert "secret" not in read.json()
    with database.reading() as session:
        sealed = session.scalars(select(AlertReceiver.secret_sealed)).one()
        kept = session.scalars(select(IdempotencyRecord)).all()
    assert secret.encode() not in (sealed or b"")
    assert secret not in str([vars(one) for one in kept])


def test_a_receiver_is_changed_stopped_tested_and_removed(
    client: TestClient, tenant: Tenant
) -> None:
    path = f"/v1/alert-receivers/{made(client, tenant, MAIL)['id']}"
    headers = tenant.headers()

    changed = client.patch(
        path,
        json={"state": "stopped", "events": ["verified", "zero_tolerance"]},
        headers=headers,
    )
    refused = client.post(f"{path}/test", headers=headers)
    client.patch(path, json={"state": "active"}, headers=headers)
    tested = client.post(f"{path}/test", headers=headers)
    deliveries = listed(client, f"{path}/deliveries", headers)
    removed = client.delete(path, headers=headers)

    assert changed.json()["state"] == "stopped"
    assert changed.json()["events"] == ["verified", "zero_tolerance"]
    assert changed.json()["language"] == "es"
    assert refused.status_code == 409
    assert tested.status_code == 202
    assert [(one["alert"], one["event"]) for one in deliveries] == [
        (tested.json()["alert"], "test")
    ]
    assert removed.status_code == 204
    assert client.get(path, headers=headers).status_code == 404
    assert listed(client, "/v1/alert-receivers", headers) == []


def test_a_receiver_is_sent_again_what_it_lost_and_gets_another_secret(
    client: TestClient, database: Database, tenant: Tenant
) -> None:
    receiver = made(client, tenant, {**WEBHOOK, "events": ["red_flag"]})
    path, headers = f"/v1/alert-receivers/{receiver['id']}", tenant.headers()
    alert = raised(database, tenant)

    def replay(after: object, to: str = path) -> Any:
        return client.post(f"{to}/replay", json={"after": after}, headers=headers)

    nothing = replay(alert)
    since = replay("2026-01-01T00:00:00Z")
    malformed = [replay(one) for one in (None, 7, "2026-01-01T00:00:00", "x" * 41)]
    unknown = replay("alert_x")
    client.patch(path, json={"state": "stopped"}, headers=headers)
    stopped = replay(alert)
    changed = client.post(f"{path}/secret", headers=headers)
    mail = made(client, tenant, MAIL)["id"]
    unsigned = client.post(f"/v1/alert-receivers/{mail}/secret", headers=headers)

    assert nothing.status_code == 202
    assert nothing.json() == {"alerts": 0, "last": None, "is_all": True}
    assert since.json() == nothing.json(), "it wants red flags only"
    assert [one.status_code for one in (*malformed, unknown)] == [422] * 5
    assert (stopped.status_code, unsigned.status_code) == (409, 409)
    assert changed.status_code == 201
    assert changed.headers["cache-control"] == "no-store"
    assert changed.json()["secret"].startswith("whsec_")
    assert changed.json()["secret"] != receiver["secret"]


def test_receivers_are_found_by_their_kind_and_as_csv(
    client: TestClient, tenant: Tenant
) -> None:
    made(client, tenant)
    mail = made(client, tenant, MAIL)

    found = listed(client, "/v1/alert-receivers?kind=mail", tenant.headers())
    csv = client.get(
        "/v1/alert-receivers", headers={**tenant.headers(), "Accept": "text/csv"}
    )

    assert [one["id"] for one in found] == [mail["id"]]
    assert len(csv.text.splitlines()) == 3


def test_an_alert_is_told_to_the_roles_that_the_policy_names(
    client: TestClient, database: Database, tenant: Tenant
) -> None:
    alert = raised(database, tenant)

    told = {
        role
        for role in Role
        if [one["id"] for one in listed(client, "/v1/alerts", tenant.headers(role))]
        == [alert]
    }

    assert told == {Role.ADMINISTRATOR, Role.REVIEWER}
    hidden = client.get(f"/v1/alerts/{alert}", headers=tenant.headers(Role.ANALYST))
    assert hidden.status_code == 404


def test_an_alert_holds_references_and_speaks_the_readers_language(
    client: TestClient, database: Database, tenant: Tenant
) -> None:
    alert = raised(database, tenant)

    read = client.get(f"/v1/alerts/{alert}", headers=tenant.headers()).json()

    assert read["title"] == "Zero tolerance: stop and protect at once"
    assert read["subject"] == "F-ABCDEFGH"
    assert read["severity"] == "zero_tolerance"
    assert read["read_at"] is None
    assert set(read) == {
        *("id", "event", "title", "severity", "subject", "site", "clock", "due_at"),
        *("because", "at", "change", "read_at", "link"),
    }
    assert read["change"] is None


def test_a_person_reads_alerts_for_themselves(
    client: TestClient, database: Database, tenant: Tenant
) -> None:
    add_people(database, tenant, Role.REVIEWER, Role.ADMINISTRATOR)
    first, second = (raised(database, tenant, subject=f"F-{one}") for one in "12")
    sign_in(client, Role.REVIEWER)

    read = client.post(f"/v1/alerts/{first}/read", headers=OURS)
    again = client.post(f"/v1/alerts/{first}/read", headers=OURS)
    unread = [one["id"] for one in listed(client, "/v1/alerts?unread=true", OURS)]
    everything = listed(client, "/v1/alerts", OURS)
    sign_in(client, Role.ADMINISTRATOR)
    of_another = listed(client, "/v1/alerts?unread=true", OURS)

    assert read.status_code == 200
    assert read.json()["read_at"] is not None
    assert again.json() == read.json()
    assert unread == [second]
    assert len(everything) == 2
    assert len(of_another) == 2


def test_a_program_reads_nothing_for_anybody(
    client: TestClient, database: Database, tenant: Tenant
) -> None:
    alert = raised(database, tenant)

    read = client.post(f"/v1/alerts/{alert}/read", headers=tenant.headers())
    muted = client.put(
        "/v1/alert-preferences", json={"muted": []}, headers=tenant.headers()
    )

    assert read.status_code == 403
    assert muted.status_code == 403


def test_a_person_wants_fewer_mails_but_not_of_zero_tolerance(
    client: TestClient, database: Database, tenant: Tenant
) -> None:
    add_people(database, tenant, Role.REVIEWER)
    sign_in(client, Role.REVIEWER)

    set_ = client.put(
        "/v1/alert-preferences", json={"muted": ["verified"]}, headers=OURS
    )
    refused = client.put(
        "/v1/alert-preferences", json={"muted": ["zero_tolerance"]}, headers=OURS
    )
    malformed = client.put(
        "/v1/alert-preferences", json={"muted": ["everything"]}, headers=OURS
    )
    kept = client.get("/v1/alert-preferences", headers=OURS)

    assert set_.json() == {"muted": ["verified"]}
    assert refused.status_code == 422
    assert malformed.status_code == 422
    assert kept.json() == {"muted": ["verified"]}


def test_alerts_are_found_by_what_they_are_about(
    client: TestClient, database: Database, tenant: Tenant
) -> None:
    raised(database, tenant)
    other = raised(database, tenant, AlertEvent.FINDING_DISPUTED, "F-00000002")
    headers = tenant.headers(Role.REVIEWER)

    for question in ("event=finding_disputed", "subject=F-00000002"):
        found = listed(client, f"/v1/alerts?{question}", headers)
        assert [one["id"] for one in found] == [other]
    assert listed(client, "/v1/alerts?site=site_x", headers) == []
    refused = client.get("/v1/alerts?event=nothing", headers=headers)
    assert refused.status_code == 422
