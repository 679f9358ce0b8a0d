"""What is mine to do today: whose it is, in which order, and gone once it is done."""

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event
from starlette.testclient import TestClient

from api.pages import today_queue
from api.pages.today_errands import ERRANDS, TaskKind
from api.pages.today_queue import SOURCES, queue
from api.pages.today_tasks import Queue, Task, Urgency, Waiting, in_order
from compliance import clock
from compliance.database import Database
from compliance.identity.models import Role
from compliance.identity.scope import KeyGiven, scope_of
from rules import Severity
from tests.browsing import HTML, add_people, read, sign_in
from tests.conftest import Tenant
from tests.field import register_farm
from tests.sharing import Sharing, let_operate
from tests.visits import A_CHILD_OF_13, TODAY, Visited, on, visited

MINIMUM_AGE = "child_labour.minimum_age"
TITLE = "A child below the minimum age works"


@pytest.fixture(autouse=True)
def _november() -> Iterator[None]:
    with clock.set_to(lambda: TODAY):
        yield


@pytest.fixture
def farm(client: TestClient, tenant: Tenant, database: Database) -> Visited:
    """A farm where a child of thirteen was seen at work; somebody of every role."""
    add_people(database, tenant, *Role)
    found = visited(client, tenant)
    found.send(children=[A_CHILD_OF_13])
    return found


def seen_by(client: TestClient, role: Role, path: str = "/") -> str:
    sign_in(client, role)
    return read(client, path)


def test_who_is_not_signed_in_is_led_to_the_form(client: TestClient) -> None:
    answers = [
        client.get(path, headers=HTML, follow_redirects=False)
        for path in ("/", "/?kind=review", "/?format=csv", "/first-steps")
    ]

    assert [one.status_code for one in answers] == [303] * 4
    assert [one.headers["location"].partition("?")[0] for one in answers] == [
        "/sign-in"
    ] * 4


def test_what_another_organisation_owes_is_nobody_elses_business(
    client: TestClient, database: Database, tenant: Tenant, stranger: Tenant
) -> None:
    farm = visited(client, tenant)
    farm.send(children=[A_CHILD_OF_13])
    add_people(database, stranger, Role.ADMINISTRATOR)

    told = seen_by(client, Role.ADMINISTRATOR)
    steps = read(client, "/first-steps")

    assert TITLE not in told
    assert "Finca El Recuerdo" not in told
    assert "Nothing waits for you." in told
    assert "0 are done" in steps


@pytest.mark.parametrize(
    ("role", "seen", "unseen"),
    [
        (Role.REVIEWER, ("acknowledge", "refer", "review"), ("answer_finding",)),
        (Role.MANAGER, ("answer_finding",), ("acknowledge", "review")),
        (Role.AUDITOR, (), ("acknowledge", "review", "answer_finding")),
        (Role.ANALYST, (), ("acknowledge", "review", "answer_finding")),
    ],
)
@pytest.mark.usefixtures("farm")
def test_everybody_sees_what_their_role_does_and_nothing_else(
    client: TestClient,
    role: Role,
    seen: tuple[str, ...],
    unseen: tuple[str, ...],
) -> None:
    told = seen_by(client, role)
    unasked = [read(client, f"/?kind={kind}") for kind in unseen]

    assert all(f'href="/?kind={kind}"' in told for kind in seen)
    assert not any(f'href="/?kind={kind}"' in told for kind in unseen)
    assert all("Nothing of this kind waits for you" in one for one in unasked)


def test_a_red_flag_whose_hours_are_over_is_told_late_and_leads_to_it(
    client: TestClient, farm: Visited
) -> None:
    (found,) = [one for one in farm.findings() if one["rule"] == MINIMUM_AGE]

    told = seen_by(client, Role.REVIEWER).partition('id="late"')[2]

    first = told.partition("</li>")[0]
    assert "Acknowledge the red flag" in first
    assert f'href="/findings/{found["ref"]}"' in first
    assert 'class="severity zero_tolerance"' in first
    assert "late by" in first


def test_what_is_done_is_no_longer_asked_for_and_what_follows_is(
    client: TestClient, farm: Visited
) -> None:
    (found,) = [one for one in farm.findings() if one["rule"] == MINIMUM_AGE]
    path = f'href="/findings/{found["ref"]}"'
    before = seen_by(client, Role.MANAGER, "/?kind=answer_finding")

    farm.step(found["ref"], Role.MANAGER, step="accept")

    assert path in before
    assert path not in read(client, "/?kind=answer_finding")
    assert path in read(client, "/?kind=give_plan")
    farm.propose(found["ref"])
    assert path not in read(client, "/?kind=give_plan")
    assert "Agree the action" in seen_by(client, Role.REVIEWER, "/?kind=agree_action")


def test_a_visit_is_to_be_reviewed_until_somebody_has(
    client: TestClient, farm: Visited
) -> None:
    before = seen_by(client, Role.REVIEWER, "/?kind=review")

    farm.make_final()

    assert "Review the visit" in before
    assert "Finca El Recuerdo" in before
    assert "Nothing of this kind waits for you" in read(client, "/?kind=review")


def test_a_planned_visit_is_asked_after_once_its_day_has_come(
    client: TestClient, farm: Visited, tenant: Tenant
) -> None:
    for days in (1, 30):
        day = (TODAY.date() + timedelta(days=days)).isoformat()
        farm.post(
            "/v1/audits",
            Role.ADMINISTRATOR,
            site=register_farm(client, tenant, name=f"Finca {days}"),
            fieldwork_from=day,
            fieldwork_to=day,
        )

    with on(2026, 11, 24):
        told = seen_by(client, Role.REVIEWER, "/?kind=follow_visit")

    assert "Finca 1<" in told
    assert "late by one day" in told
    assert "Finca 30<" not in told


def test_where_very_much_waits_it_is_told_that_there_is_more(
    client: TestClient,
    farm: Visited,
    tenant: Tenant,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(today_queue, "MOST", 1)
    day = (TODAY.date() + timedelta(days=1)).isoformat()
    for name in ("Finca Uno", "Finca Dos"):
        farm.post(
            "/v1/audits",
            Role.ADMINISTRATOR,
            site=register_farm(client, tenant, name=name),
            fieldwork_from=day,
            fieldwork_to=day,
        )

    with on(2026, 11, 24):
        told = seen_by(client, Role.REVIEWER)
        of_one_kind = read(client, "/?kind=follow_visit")

    heading, _, kinds = told.partition('id="kinds"')
    chip = kinds.partition("/?kind=follow_visit")[2].partition("</li>")[0]
    assert "More than " in heading
    assert "; late: more than " in heading
    assert "<b>more than 1</b>" in chip
    assert "(late: more than 1)" in chip
    assert "Finca Uno<" in of_one_kind
    assert "Finca Dos<" in of_one_kind


def test_a_mill_answers_for_the_farms_that_it_operates_and_for_no_others(
    client: TestClient, database: Database, tenant: Tenant, stranger: Tenant
) -> None:
    farm = visited(client, tenant)
    farm.send(children=[A_CHILD_OF_13])
    (found,) = [one for one in farm.findings() if one["rule"] == MINIMUM_AGE]
    path = f'href="/findings/{found["ref"]}"'
    add_people(database, stranger, Role.MANAGER)
    before = seen_by(client, Role.MANAGER)

    let_operate(database, farm.site, stranger)

    assert path not in before
    assert path in read(client, "/?kind=answer_finding")
    assert "Finca El Recuerdo" in read(client, "/")


@pytest.mark.usefixtures("farm")
def test_the_spreadsheet_holds_what_the_page_counts_in_codes(
    client: TestClient,
) -> None:
    told = seen_by(client, Role.ADMINISTRATOR)
    answer = client.get("/?format=csv", headers=HTML)

    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert f"{len(rows)} things wait for you" in told
    assert answer.headers["content-disposition"] == 'attachment; filename="my-work.csv"'
    assert {row["rule"] for row in rows if row["kind"] == "acknowledge"} >= {
        MINIMUM_AGE
    }
    assert {row["urgency"] for row in rows} <= set(Urgency)


@pytest.mark.usefixtures("farm")
def test_an_empty_filter_of_kinds_chooses_nothing(
    client: TestClient,
) -> None:
    assert "Acknowledge the red flag" in seen_by(client, Role.REVIEWER, "/?kind=")


def test_an_empty_installation_begins_with_its_first_steps(
    client: TestClient, database: Database, tenant: Tenant
) -> None:
    add_people(database, tenant, Role.ADMINISTRATOR, Role.ANALYST)

    of_administrator = seen_by(client, Role.ADMINISTRATOR)
    steps = read(client, "/first-steps")
    of_analyst = seen_by(client, Role.ANALYST, "/first-steps")

    assert "Nothing is registered here yet" in of_administrator
    assert 'href="/first-steps"' in of_administrator
    assert 'id="sites" aria-current="step"' in steps
    assert 'href="/imports"' in steps
    assert 'href="/imports"' not in of_analyst.partition("<main")[2]
    assert "Who can do this: Administrator." in of_analyst


def test_who_is_shown_anothers_sites_need_not_register_any(
    client: TestClient, database: Database, tenant: Tenant, stranger: Tenant
) -> None:
    site = register_farm(client, tenant)
    add_people(database, stranger, Role.ANALYST)
    before = seen_by(client, Role.ANALYST)

    Sharing(client, tenant, stranger).give(site, "risk")

    assert "Nothing is registered here yet" in before
    assert "Nothing is registered here yet" not in read(client, "/")


def test_a_first_step_is_done_as_soon_as_the_data_say_so(
    client: TestClient, farm: Visited
) -> None:
    seen_by(client, Role.ADMINISTRATOR)
    visited_only = read(client, "/first-steps")

    farm.issue()

    done = read(client, "/first-steps")
    assert "5 are done" in visited_only
    assert visited_only.count("✓ done") == 5
    assert "All seven are done" in done
    assert "First steps" not in read(client, "/")


@pytest.mark.usefixtures("farm")
def test_all_that_waits_is_asked_for_in_two_statements(
    database: Database, tenant: Tenant
) -> None:
    asked: list[object] = []
    key = KeyGiven(tenant.headers()["Authorization"].removeprefix("Bearer "))

    with database.reading() as session:
        scope = scope_of(session, key)
        event.listen(
            database.engine, "before_cursor_execute", lambda *told: asked.append(told)
        )
        found = queue(session, scope, rows=5)

    assert found.number == 4
    assert len(asked) == 2


def test_every_kind_says_what_it_is_and_where_it_is_done() -> None:
    assert set(ERRANDS) == set(TaskKind) == set(SOURCES)
    assert all(one.needs and one.path.startswith("/") for one in ERRANDS.values())


ACKNOWLEDGE = Task(
    TaskKind.ACKNOWLEDGE,
    "F-1",
    severity=Severity.CRITICAL,
    due_at=TODAY - timedelta(hours=3),
)


def test_late_goes_first_then_what_is_due_then_what_only_waits() -> None:
    grave = replace(ACKNOWLEDGE, subject="F-2", severity=Severity.ZERO_TOLERANCE)
    older = Task(TaskKind.RENEW_CARD, "SC-1", due_on=TODAY.date() - timedelta(days=90))
    soon = Task(TaskKind.REPLY, "reply_1", due_at=TODAY + timedelta(days=2))
    later = Task(TaskKind.DO_ACTION, "action_1", due_on=TODAY.date() + timedelta(8))
    waits = Task(TaskKind.REVIEW, "audit_1")

    found = in_order([waits, later, soon, older, ACKNOWLEDGE, grave], TODAY)

    assert found == (grave, ACKNOWLEDGE, older, soon, later, waits)


@pytest.mark.parametrize(
    ("days", "urgency"),
    [
        (-1, Urgency.LATE),
        (0, Urgency.SOON),
        (3, Urgency.SOON),
        (4, Urgency.LATER),
    ],
)
def test_a_day_is_over_only_when_it_is(days: int, urgency: Urgency) -> None:
    task = Task(TaskKind.DO_ACTION, "a", due_on=TODAY.date() + timedelta(days=days))

    assert task.urgency(TODAY) is urgency
    assert task.days_left(TODAY) == days


def test_a_page_cuts_its_sections_and_counts_everything() -> None:
    waiting = Waiting(TaskKind.ACKNOWLEDGE, 40, 30, (ACKNOWLEDGE,) * 3)

    found = Queue((waiting,), TODAY)

    assert (found.number, found.late) == (40, 30)
    assert found.sections(2) == ((Urgency.LATE, (ACKNOWLEDGE,) * 2),)
