"""The review of an audit over HTTP: taken, returned, replied to, made final, voided."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from compliance import clock
from compliance.database import Database
from compliance.identity.actions import issue_key
from compliance.identity.models import Role
from compliance.trail import seal
from tests.browsing import OURS, add_people, sign_in
from tests.conftest import Tenant
from tests.devices import enrolled
from tests.reviews import Reviewing, audit_of, reviewing
from tests.sharing import let_operate
from tests.visits import A_CHILD_OF_13, Visited, visited

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
REMARK = {
    "kind": "contradictory",
    "about": "question",
    "code": "papers",
    "text": "Page 3 says otherwise.",
}
STEPS = {
    "review": None,
    "return": {"remarks": [REMARK]},
    "offer-reply": None,
    "finalise": None,
    "void": {"reason": "test_data"},
}


class Ticking:
    """A clock of the test: a second goes by whenever it is asked, days when told."""

    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at

    def pass_days(self, days: int) -> None:
        self.at += timedelta(days=days)


@pytest.fixture(autouse=True)
def ticking() -> Iterator[Ticking]:
    source = Ticking()
    with clock.set_to(source):
        yield source


@pytest.fixture
def farm(client: TestClient, tenant: Tenant) -> Visited:
    return visited(client, tenant)


@pytest.fixture
def reviews(farm: Visited) -> Reviewing:
    return reviewing(farm)


@pytest.fixture
def audit(farm: Visited) -> str:
    """The audit of a visit that met a child of thirteen at work."""
    return audit_of(farm, farm.send(children=[A_CHILD_OF_13]))


def another_reviewer(database: Database, tenant: Tenant, role: Role) -> dict[str, str]:
    with database.writing(system=True) as session:
        key = issue_key(
            session, organisation_id=tenant.id, role=role, label=f"another {role}"
        )
        seal(session)
    return {"Authorization": f"Bearer {key.text}"}


@pytest.mark.parametrize("name", STEPS)
def test_a_step_needs_a_key(client: TestClient, name: str) -> None:
    answer = client.post(f"/v1/audits/audit_a/{name}", json=STEPS[name])

    assert answer.status_code == 401


@pytest.mark.parametrize("name", STEPS)
def test_the_audit_of_another_organisation_takes_no_step(
    client: TestClient, stranger: Tenant, audit: str, name: str
) -> None:
    answer = Reviewing(client, stranger).step(audit, name, STEPS[name])

    assert answer.status_code == 404
    assert answer.json()["type"] == "/problems/audit-not-found"


@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize("role", [Role.AUDITOR, Role.MANAGER])
def test_only_who_supervises_takes_a_step(
    reviews: Reviewing, audit: str, name: str, role: Role
) -> None:
    assert reviews.step(audit, name, STEPS[name], role).status_code == 403


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("return", {"remarks": []}),
        ("return", {"remarks": [{**REMARK, "code": "Doña Marta says"}]}),
        ("return", {"remarks": [{"kind": "unclear", "about": "fact"}]}),
        ("void", {"reason": "because"}),
        ("review", {"from_another": "yes"}),
    ],
)
def test_a_step_that_says_it_wrong_is_told_so(
    reviews: Reviewing, audit: str, name: str, body: object
) -> None:
    assert reviews.step(audit, name, body).status_code == 422


def test_whoever_sent_an_answer_cannot_review_it(farm: Visited) -> None:
    audit = audit_of(farm, farm.send(role=Role.ADMINISTRATOR))

    answer = reviewing(farm).step(audit, "review", role=Role.ADMINISTRATOR)

    assert answer.status_code == 403
    assert answer.json()["type"] == "/problems/reviewer-not-independent"


def test_whoever_sent_only_what_was_corrected_cannot_review_it_either(
    farm: Visited,
) -> None:
    audit = audit_of(farm, farm.send(role=Role.ADMINISTRATOR))
    farm.send(deprecated_id="uuid:1")

    answer = reviewing(farm).step(audit, "finalise", role=Role.ADMINISTRATOR)

    assert answer.status_code == 403


def test_whoever_was_on_the_team_cannot_review_it(
    database: Database, farm: Visited, reviews: Reviewing
) -> None:
    """Known in person, whether they signed in or carried a device."""
    add_people(database, farm.tenant, Role.ADMINISTRATOR)
    me = farm.get("/v1/people")["items"][0]["id"]
    device = enrolled(farm.client, farm.tenant, person=me)
    planned = reviews.plan(
        farm.site, fieldwork_from="2026-11-03", fieldwork_to="2026-11-03"
    )
    team = {"members": [{"device": device["id"], "role": "lead"}]}
    set_ = reviews.ask("PUT", f"/v1/audits/{planned['id']}/team", team)
    assert set_.status_code == 200, set_.text
    farm.send()
    sign_in(farm.client, Role.ADMINISTRATOR)

    answer = reviews.ask(
        "POST", f"/v1/audits/{planned['id']}/review", headers=dict(OURS)
    )

    assert answer.status_code == 403
    assert answer.json()["type"] == "/problems/reviewer-not-independent"


def test_one_reviewer_has_an_audit_at_a_time(
    database: Database, tenant: Tenant, reviews: Reviewing, audit: str
) -> None:
    mine = reviews.done(audit, "review")
    other = another_reviewer(database, tenant, Role.REVIEWER)

    answers = [
        reviews.ask("POST", f"/v1/audits/{audit}/{name}", body, headers=other)
        for name, body in STEPS.items()
    ]

    assert mine["reviewer"] is not None
    assert {one.status_code for one in answers} == {409}
    assert {one.json()["type"] for one in answers} == {
        "/problems/review-held-by-another"
    }


def test_an_administrator_takes_a_review_over(reviews: Reviewing, audit: str) -> None:
    mine = reviews.done(audit, "review")
    by_another = {"from_another": True}

    taken = reviews.done(audit, "review", by_another, Role.ADMINISTRATOR)
    back = reviews.step(audit, "review", by_another)

    assert taken["reviewer"] != mine["reviewer"]
    assert back.status_code == 403


def test_a_returned_audit_is_mended_by_the_next_answers(
    farm: Visited, reviews: Reviewing, audit: str
) -> None:
    reviews.done(audit, "review")
    returned = reviews.done(audit, "return", STEPS["return"])
    before = farm.get(f"/v1/audits/{audit}/remarks", Role.AUDITOR)["items"]

    correction = farm.send(children=[], deprecated_id="uuid:1")

    after = farm.get(f"/v1/audits/{audit}/remarks")["items"]
    assert (returned["status"], returned["reviewer"]) == ("returned", None)
    assert [one["answered_by"] for one in before] == [None]
    assert [one["answered_by"] for one in after] == [correction]
    assert {**after[0], "made_by": None, "made_at": None, "answered_by": None} == {
        "number": 1,
        **REMARK,
        "made_by": None,
        "made_at": None,
        "answered_by": None,
    }
    assert farm.get(f"/v1/audits/{audit}")["status"] == "submitted"


def told(farm: Visited, event: str, role: Role) -> list[str]:
    """Return what an event is told to a role of: the references, the oldest first."""
    alerts = farm.get(f"/v1/alerts?event={event}", role)["items"]
    return [one["subject"] for one in reversed(alerts)]


def test_reviewers_are_told_once_of_each_visit_that_waits_for_them(
    farm: Visited, reviews: Reviewing, audit: str
) -> None:
    farm.send()  # another form of the same visit
    reviews.done(audit, "review")
    reviews.done(audit, "return", STEPS["return"])

    farm.send(children=[], deprecated_id="uuid:1")

    assert told(farm, "visit_submitted", Role.REVIEWER) == [audit, audit]


def test_auditors_are_told_that_a_visit_was_returned(
    farm: Visited, reviews: Reviewing, audit: str
) -> None:
    reviews.done(audit, "review")
    reviews.done(audit, "return", STEPS["return"])

    assert told(farm, "visit_returned", Role.AUDITOR) == [audit]


def test_what_a_remark_says_in_words_is_nowhere_in_plain(
    reviews: Reviewing, audit: str, database: Database
) -> None:
    reviews.done(audit, "review")
    reviews.done(audit, "return", STEPS["return"])
    reviews.client.get(f"/v1/audits/{audit}/remarks", headers=reviews.tenant.headers())

    with database.reading() as session:
        sealed = session.scalars(text("SELECT sealed FROM audit_remark")).all()
        leaves = session.scalars(text("SELECT leaf FROM trail")).all()

    told = b"".join(bytes(one) for one in [*sealed, *leaves])
    assert sealed[0] is not None
    assert b"Page 3" not in told


def test_what_found_something_is_not_final_before_the_site_was_asked(
    reviews: Reviewing, audit: str
) -> None:
    answer = reviews.step(audit, "finalise")

    assert answer.status_code == 409
    assert answer.json()["type"] == "/problems/reply-must-be-offered"


def test_an_audit_waits_until_the_reply_is_over(
    reviews: Reviewing, audit: str, ticking: Ticking
) -> None:
    """Fourteen days, and to the end of the last one everywhere on Earth."""
    reviews.offer(audit)
    early = reviews.step(audit, "finalise")
    ticking.pass_days(14)
    still = reviews.step(audit, "finalise")
    ticking.pass_days(1)

    late = reviews.step(audit, "finalise")

    assert [one.status_code for one in (early, still, late)] == [409, 409, 200]
    assert early.json()["type"] == "/problems/reply-still-running"
    assert early.json()["due_at"] == "2026-12-07T12:00:00+00:00"


def test_answers_that_come_after_the_offer_ask_for_another(
    farm: Visited, reviews: Reviewing, audit: str
) -> None:
    reply = reviews.offer(audit)
    farm.send(children=[A_CHILD_OF_13], deprecated_id="uuid:1")
    assert reviews.answer(reply).status_code == 200

    too_soon = reviews.step(audit, "finalise")
    reviews.done(audit, "offer-reply")
    (again,) = farm.get("/v1/replies?open=true")["items"]
    reviews.answer(again["id"], "agrees")

    assert too_soon.json()["type"] == "/problems/reply-must-be-offered"
    assert reviews.done(audit, "finalise")["status"] == "final"


def test_what_somebody_operates_and_keeps_the_record_of_needs_no_reply(
    database: Database, farm: Visited, reviews: Reviewing, audit: str
) -> None:
    let_operate(database, farm.site, farm.tenant)

    assert reviews.done(audit, "finalise")["status"] == "final"


def test_answers_to_a_final_audit_do_not_change_its_circumstances(
    farm: Visited, reviews: Reviewing
) -> None:
    audit = audit_of(farm, farm.send(notice="unannounced"))
    reviews.done(audit, "finalise")

    farm.send(deprecated_id="uuid:1", notice="announced")

    assert farm.get(f"/v1/audits/{audit}")["notice"] == "unannounced"


def test_a_voided_audit_says_why_and_its_day_is_free(
    farm: Visited, reviews: Reviewing
) -> None:
    planned = reviews.plan(farm.site)

    voided = reviews.done(planned["id"], "void", {"reason": "called_off"})

    assert (voided["status"], voided["void_reason"]) == ("voided", "called_off")
    assert reviews.plan(farm.site)["id"] != planned["id"]


def test_a_reviewer_reads_everything_in_one_document(
    farm: Visited, reviews: Reviewing, audit: str
) -> None:
    reply = reviews.offer(audit)
    reviews.answer(reply, "disputes", text="She is my niece, and visiting.")

    seen = farm.get(f"/v1/audits/{audit}/review", Role.REVIEWER)

    (sent,) = seen["submissions"]
    assert seen["audit"]["status"] == "in_review"
    assert (sent["state"], sent["late"]) == ("current", "no_signal")
    assert "child_labour.minimum_age" in {
        one["rule"] for one in seen["verdicts"] if one["outcome"] == "non_conformity"
    }
    assert seen["outcomes"]["non_conformity"] >= 1
    assert {one["ref"] for one in seen["findings"]} == {
        one["ref"] for one in farm.findings()
    }
    assert seen["reply"]["code"] == "disputes"
    assert seen["reply"]["text"] == "She is my niece, and visiting."
    assert [one["kind"] for one in seen["clocks"]] == ["reply"]
    assert seen["reply_is_owed"] is True


def test_only_who_supervises_reads_the_review(farm: Visited, audit: str) -> None:
    path = f"/v1/audits/{audit}/review"

    statuses = {
        role: farm.client.get(path, headers=farm.tenant.headers(role)).status_code
        for role in Role
    }

    assert {role for role, status in statuses.items() if status == 200} == {
        Role.ADMINISTRATOR,
        Role.REVIEWER,
    }
