"""The right of reply over HTTP: who sees it, who gives it, and what stays apart."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from compliance import clock
from compliance.database import Database
from compliance.identity.models import OrganisationKind, Role
from tests.conftest import FoundTenant, Tenant
from tests.reviews import Reviewing, audit_of, reviewing
from tests.sharing import let_operate
from tests.visits import A_CHILD_OF_13, TODAY, Visited, visited

WORDS = "The boy of the neighbour was visiting."


@pytest.fixture(autouse=True)
def _november() -> Iterator[None]:
    with clock.set_to(lambda: TODAY):
        yield


@pytest.fixture
def farm(client: TestClient, tenant: Tenant) -> Visited:
    return visited(client, tenant)


@pytest.fixture
def keeper(farm: Visited) -> Reviewing:
    return reviewing(farm)


@pytest.fixture
def audit(farm: Visited) -> str:
    return audit_of(farm, farm.send(children=[A_CHILD_OF_13]))


@pytest.fixture
def mill(
    client: TestClient, database: Database, found_tenant: FoundTenant, farm: Visited
) -> Reviewing:
    """The organisation that runs the site."""
    runs_it = found_tenant("Beneficio La Cumbre", OrganisationKind.MILL)
    let_operate(database, farm.site, runs_it)
    return Reviewing(client, runs_it)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/replies"),
        ("GET", "/v1/replies/reply_a"),
        ("POST", "/v1/replies/reply_a/answer"),
    ],
)
def test_a_reply_needs_a_key(client: TestClient, method: str, path: str) -> None:
    assert client.request(method, path, json={"code": "agrees"}).status_code == 401


def test_a_reply_of_others_is_not_found(
    client: TestClient, stranger: Tenant, keeper: Reviewing, audit: str
) -> None:
    reply = keeper.offer(audit)
    other = Reviewing(client, stranger)

    answers = [
        other.ask("GET", f"/v1/replies/{reply}"),
        other.answer(reply),
    ]

    assert [one.status_code for one in answers] == [404, 404]
    assert other.ask("GET", "/v1/replies").json()["items"] == []


@pytest.mark.parametrize(
    "body", [{}, {"code": "perhaps"}, {"code": "agrees", "text": ""}, {"text": WORDS}]
)
def test_a_reply_that_says_it_wrong_is_told_so(
    keeper: Reviewing, audit: str, body: object
) -> None:
    reply = keeper.offer(audit)

    answer = keeper.ask("POST", f"/v1/replies/{reply}/answer", body, Role.MANAGER)

    assert answer.status_code == 422


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.REVIEWER, Role.ANALYST])
def test_only_who_answers_findings_replies(
    keeper: Reviewing, audit: str, role: Role
) -> None:
    assert keeper.answer(keeper.offer(audit), role=role).status_code == 403


def test_whoever_runs_the_site_replies_and_hands_the_audit_back(
    keeper: Reviewing, mill: Reviewing, farm: Visited, audit: str
) -> None:
    reply = keeper.offer(audit)

    given = mill.answer(reply, "disputes", text=WORDS)

    assert given.status_code == 200
    assert (given.json()["state"], given.json()["answered_as"]) == (
        "answered",
        "operates",
    )
    assert given.json()["text"] == WORDS
    assert farm.get(f"/v1/audits/{audit}")["status"] == "in_review"
    assert farm.get(f"/v1/replies/{reply}", Role.REVIEWER)["text"] == WORDS


def test_who_runs_the_site_is_told_of_the_visit_and_of_nobody_in_it(
    client: TestClient, keeper: Reviewing, mill: Reviewing, audit: str
) -> None:
    reply = keeper.offer(audit)

    listed = mill.ask("GET", "/v1/replies?relation=operates", role=Role.MANAGER).json()
    statuses = {
        path: client.get(path, headers=mill.tenant.headers()).status_code
        for path in (f"/v1/audits/{audit}", f"/v1/audits/{audit}/review")
    }

    (offered,) = listed["items"]
    assert set(statuses.values()) == {404}
    assert (offered["id"], offered["state"]) == (reply, "due")
    assert set(offered) == {
        "id",
        "site",
        "site_name",
        "audit",
        "kind",
        "fieldwork_from",
        "fieldwork_to",
        "state",
        "offered_at",
        "due_at",
        "code",
        "answered_as",
        "answered_at",
        "relation",
    }


def told(desk: Reviewing, role: Role) -> list[tuple[str, str]]:
    """Return what a role was told of reviews by the event's name, and of what."""
    alerts = desk.ask("GET", "/v1/alerts?rows=100", role=role).json()["items"]
    known = [(one["event"], one["subject"]) for one in alerts]
    return sorted(one for one in known if one[0].startswith(("reply_", "visit_")))


def test_both_sides_are_told_when_the_other_has_spoken(
    keeper: Reviewing, mill: Reviewing, audit: str
) -> None:
    reply = keeper.offer(audit)
    mill.answer(reply)
    keeper.done(audit, "finalise")

    assert told(mill, Role.MANAGER) == [("reply_asked", reply), ("visit_final", audit)]
    assert told(keeper, Role.REVIEWER) == [
        ("reply_asked", reply),
        ("reply_given", reply),
        ("visit_final", audit),
        ("visit_submitted", audit),
    ]


def test_who_keeps_the_record_cannot_waive_what_another_is_owed(
    keeper: Reviewing, mill: Reviewing, audit: str
) -> None:
    reply = keeper.offer(audit)

    answer = keeper.answer(reply)

    assert mill.tenant.id != keeper.tenant.id
    assert answer.status_code == 403
    assert answer.json()["type"] == "/problems/reply-of-another"


def test_a_reply_is_given_once(keeper: Reviewing, audit: str) -> None:
    reply = keeper.offer(audit)
    keeper.answer(reply, "agrees")

    again = keeper.answer(reply, "disputes")

    assert again.status_code == 409
    assert again.json()["type"] == "/problems/reply-over"


def test_the_words_of_a_reply_are_for_who_gave_it_and_who_reviews(
    keeper: Reviewing, mill: Reviewing, audit: str
) -> None:
    reply = keeper.offer(audit)
    mill.answer(reply, "gives_context", text=WORDS)
    path = f"/v1/replies/{reply}"

    told = {
        (whose, role): one.ask("GET", path, role=role).json()["text"]
        for whose, one in (("keeper", keeper), ("mill", mill))
        for role in Role
    }

    assert {who for who, text in told.items() if text == WORDS} == {
        ("keeper", Role.ADMINISTRATOR),
        ("keeper", Role.REVIEWER),
        ("mill", Role.ADMINISTRATOR),
        ("mill", Role.MANAGER),
    }
    assert WORDS not in mill.ask("GET", "/v1/replies").text


def test_a_list_of_replies_is_csv_where_it_is_asked_for(
    keeper: Reviewing, audit: str
) -> None:
    reply = keeper.offer(audit)
    headers = {**keeper.tenant.headers(), "Accept": "text/csv"}

    answer = keeper.ask("GET", "/v1/replies?open=true", headers=headers)
    none = keeper.ask("GET", "/v1/replies?open=false", headers=headers)

    assert reply in answer.text
    assert reply not in none.text
