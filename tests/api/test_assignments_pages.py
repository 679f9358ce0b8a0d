"""Assignments as a planner gives them, and as the auditor finds them."""

import pytest
from starlette.testclient import TestClient

from compliance.database import Database
from compliance.identity.models import Role
from tests.browsing import HTML, add_people, read, sign_in
from tests.conftest import Tenant
from tests.devices import enrolled, in_days
from tests.field import publish, register_farm, workbook
from tests.planning import Fields, lines, once_of, post, refused
from tests.register import Register

PLACES = ("/assignments", "/assignments/new", "/assignments/x", "/my-visits")


@pytest.fixture
def register(client: TestClient, database: Database, tenant: Tenant) -> Register:
    """A programme with one checklist, and people who sign in."""
    add_people(database, tenant, Role.ADMINISTRATOR, Role.REVIEWER, Role.AUDITOR)
    publish(client, tenant, workbook())
    sign_in(client, Role.REVIEWER)
    return Register(client, tenant)


@pytest.fixture
def farms(client: TestClient, tenant: Tenant) -> list[str]:
    return [register_farm(client, tenant, name=f"Finca {one}") for one in "AB"]


@pytest.fixture
def auditor(register: Register) -> str:
    """The public id of the auditor, as the form offers it."""
    people = register.get("/v1/people")["items"]
    return next(str(one["id"]) for one in people if one["role"] == "auditor")


def given(register: Register, farms: list[str], whom: str) -> str:
    """Give the visits of some farms and return the first assignment."""
    status, _, text = post(
        register.client,
        "/assignments",
        site=farms,
        checklist="small_visit",
        whom=whom,
        due_on=in_days(7),
        note="Por la escuela.",
    )
    assert status == 303, text
    return str(register.ids("/v1/assignments")[0])


def test_nobody_known_is_led_to_sign_in(client: TestClient) -> None:
    assert [refused(client, path) for path in PLACES] == [303] * 4


def test_each_role_sees_its_own_side(register: Register) -> None:
    reviewer = [refused(register.client, path) for path in PLACES]
    sign_in(register.client, Role.AUDITOR)
    auditor = [refused(register.client, path) for path in PLACES]

    assert reviewer == [200, 200, 404, 403]
    assert auditor == [403, 403, 403, 200]


def test_another_organisations_assignment_is_not_found(
    register: Register, farms: list[str], auditor: str, stranger: Tenant
) -> None:
    given(register, farms, auditor)
    other = Register(register.client, stranger)
    publish(register.client, stranger, workbook())
    site = register_farm(register.client, stranger, name="Finca Ajena")
    device = enrolled(register.client, stranger)["id"]
    body = {"checklists": ["small_visit"], "due_on": in_days(7)}
    theirs = other.post("/v1/assignments", {**body, "site": site, "device": device})

    path = f"/assignments/{theirs['id']}"
    taken = post(register.client, f"{path}/withdraw")
    foreign = post(
        register.client,
        "/assignments",
        site=site,
        checklist="small_visit",
        whom=auditor,
        due_on=in_days(7),
    )

    assert refused(register.client, path) == 404
    assert taken[0] == 404
    assert foreign[0] == 422
    assert "Finca Ajena" not in read(register.client, "/assignments")
    assert "Finca Ajena" not in read(register.client, "/assignments/new?find=ajena")


def test_visits_are_given_once_and_found_by_the_auditor(
    register: Register, farms: list[str], auditor: str
) -> None:
    form = read(register.client, f"/assignments/new?site={farms[0]}&site={farms[1]}")
    fields: Fields = {
        "site": farms,
        "checklist": "small_visit",
        "whom": auditor,
        "due_on": in_days(7),
        "note": "Por la escuela.",
        "once": once_of(form),
    }

    first = post(register.client, "/assignments", **fields)
    again = post(register.client, "/assignments", **fields)
    planner = read(register.client, "/assignments?done=assigned")
    sign_in(register.client, Role.AUDITOR)
    mine = read(register.client, "/my-visits?state=open")

    assert first[:2] == again[:2] == (303, "/assignments?done=assigned")
    assert len(register.ids("/v1/assignments")) == 2
    assert "The visits are given" in planner
    assert "<b>2</b>" in planner
    assert ["Finca A" in mine, "Finca B" in mine] == [True, True]
    assert "Por la escuela." in mine


@pytest.mark.parametrize(
    "wrong",
    [
        {"site": []},
        {"checklist": []},
        {"checklist": "another"},
        {"whom": ""},
        {"whom": "person_x"},
        {"whom": "device_x"},
        {"due_on": "soon"},
        {"due_on": "2020-01-01"},
        {"note": "x" * 501},
    ],
)
def test_what_cannot_be_given_is_shown_again_as_it_was_filled_in(
    register: Register, farms: list[str], auditor: str, wrong: dict[str, str]
) -> None:
    fields: Fields = {
        "site": farms,
        "checklist": "small_visit",
        "whom": auditor,
        "due_on": in_days(7),
        "note": "Por la escuela.",
        "find": "finca",
        **wrong,
    }

    status, _, text = post(register.client, "/assignments", **fields)

    assert status == 422
    assert 'role="alert"' in text
    assert "Finca A" in text
    assert register.ids("/v1/assignments") == []


def test_the_same_visit_is_not_given_twice(
    register: Register, farms: list[str], auditor: str
) -> None:
    given(register, farms[1:], auditor)

    status, _, text = post(
        register.client,
        "/assignments",
        site=farms[1:],
        checklist="small_visit",
        whom=auditor,
        due_on=in_days(7),
    )

    assert status == 409
    assert "asks the same" in text
    assert len(register.ids("/v1/assignments")) == 1


def test_of_a_sample_the_rest_is_given_and_what_they_have_stays(
    register: Register, farms: list[str], auditor: str
) -> None:
    standing = given(register, farms[1:], auditor)

    status, where, _ = post(
        register.client,
        "/assignments",
        site=farms,
        checklist="small_visit",
        whom=auditor,
        due_on=in_days(7),
    )

    assert (status, where) == (303, "/assignments?done=assigned_rest")
    assert "those stay as they were" in read(register.client, where)
    everything = register.ids("/v1/assignments")
    assert (len(everything), standing in everything) == (len(farms), True)


def test_a_visit_is_taken_back_and_can_be_given_again(
    register: Register, farms: list[str], auditor: str
) -> None:
    assignment = given(register, farms[:1], auditor)
    path = f"/assignments/{assignment}"

    shown = read(register.client, path)
    done = post(register.client, f"{path}/withdraw", once=once_of(shown))
    over = post(register.client, f"{path}/withdraw")

    told = read(register.client, done[1])
    again = told.partition('href="/assignments/new?')[2].partition('"')[0]
    form = read(register.client, f"/assignments/new?{again.replace('&amp;', '&')}")
    assert done[:2] == (303, f"{path}?done=withdrawn")
    assert over[0] == 409
    assert "Taken back" in told
    assert f'value="{farms[0]}" checked' in form
    assert f'value="{auditor}" selected' in form


def test_the_list_is_narrowed_and_whole_as_a_spreadsheet(
    register: Register, farms: list[str], auditor: str
) -> None:
    given(register, farms, auditor)
    site = farms[0]

    every = lines(read(register.client, f"/assignments?person={auditor}&state=open"))
    one = lines(read(register.client, f"/assignments?site={site}"))
    none = read(register.client, f"/assignments?due_by={in_days(1)}")
    unknown = register.client.get("/assignments?state=x", headers=HTML)
    sheet = register.client.get("/assignments?format=csv", headers=HTML).text

    assert len(every) == 2
    assert len(one) == 1
    assert "No visit fits" in none
    assert unknown.status_code == 422
    assert len(sheet.splitlines()) == 3
    assert "escuela" not in sheet


def test_a_sample_brings_its_sites_along(register: Register, farms: list[str]) -> None:
    mill = register.mill()
    for farm in farms:
        register.link(farm, mill)
    body = {"mill": mill, "season": "2026", "level": "high"}
    draw = register.post("/v1/draws", body)["id"]

    form = read(register.client, f"/assignments/new?draw={draw}")

    assert [f'value="{farm}" checked' in form for farm in farms] == [True, True]
    assert "small_visit" in form
    assert "lacks: Lead auditor" in form


def test_nothing_given_yet_says_how_to_begin(register: Register) -> None:
    planner = read(register.client, "/assignments")
    form = read(register.client, "/assignments/new")
    sign_in(register.client, Role.AUDITOR)

    assert "No visit was given to anybody yet" in planner
    assert "No site to give yet" in form
    assert "No visit is before you" in read(register.client, "/my-visits")
