"""Samples as a planner gets them: previewed, drawn once, verified, swapped and planned."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from audits.sampling import verify_draw
from compliance import clock
from compliance.database import Database
from compliance.identity.models import Role
from tests.browsing import HTML, add_people, read, sign_in
from tests.conftest import Tenant
from tests.desks import narrowed
from tests.field import publish, workbook
from tests.planning import lines, once_of, post, refused
from tests.register import Register
from tests.visits import TODAY, Visited

SEASON = "2026"
DAYS = {"fieldwork_from": "2026-12-01", "fieldwork_to": "2026-12-20"}


@pytest.fixture(autouse=True)
def _november() -> Iterator[None]:
    ticks = count()
    with clock.set_to(lambda: TODAY + timedelta(milliseconds=next(ticks))):
        yield


@pytest.fixture
def register(client: TestClient, database: Database, tenant: Tenant) -> Register:
    """A register, and people who sign in."""
    add_people(database, tenant, Role.ADMINISTRATOR, Role.REVIEWER, Role.AUDITOR)
    sign_in(client, Role.ADMINISTRATOR)
    return Register(client, tenant)


@pytest.fixture
def mill(register: Register) -> str:
    """A mill that five farms deliver to."""
    found = register.mill()
    for number in range(5):
        register.link(register.farm(f"Finca {number}"), found)
    return found


def drawn(register: Register, mill: str) -> str:
    """Draw by the form and return the address of the sample."""
    status, where, text = post(
        register.client, "/draws", mill=mill, season=SEASON, level="high"
    )
    assert status == 303, text
    return where.partition("?")[0]


def test_a_spreadsheet_asks_for_no_more_than_its_rows_do(
    client: TestClient, tenant: Tenant
) -> None:
    headers = narrowed(client, tenant, "manage_fieldwork")

    sheet = client.get("/draws?format=csv", headers=headers)
    page = client.get("/draws", headers=headers)

    assert sheet.status_code == 200
    assert page.status_code == 403


def test_nobody_known_is_led_to_sign_in(client: TestClient) -> None:
    answers = [refused(client, path) for path in ("/draws", "/draws/new", "/draws/x")]

    assert answers == [303, 303, 303]


def test_who_does_not_plan_sees_no_sample(register: Register, mill: str) -> None:
    draw = drawn(register, mill)
    sign_in(register.client, Role.AUDITOR)

    answers = [refused(register.client, path) for path in ("/draws", draw)]
    forced = post(register.client, "/draws", mill=mill, season=SEASON, level="high")

    assert answers == [403, 403]
    assert forced[0] == 403
    assert 'href="/draws"' not in read(register.client, "/supply-base")


def test_another_organisations_sample_is_not_found(
    register: Register, mill: str, stranger: Tenant
) -> None:
    draw = drawn(register, mill)
    other = Register(register.client, stranger)
    theirs = other.mill("Ajena")
    other.link(other.farm("Finca Ajena"), theirs)
    their_draw = other.post(
        "/v1/draws", {"mill": theirs, "season": SEASON, "level": "high"}
    )["id"]

    listed = read(register.client, "/draws")
    preview = refused(
        register.client, f"/draws/new?mill={theirs}&season={SEASON}&level=high"
    )

    assert refused(register.client, f"/draws/{their_draw}") == 404
    assert post(register.client, f"/draws/{their_draw}/plan", **DAYS)[0] in {404, 422}
    assert draw in listed
    assert "Ajena" not in listed
    assert preview == 422


def test_the_preview_tells_what_would_be_drawn_and_draws_nothing(
    register: Register, mill: str
) -> None:
    told = read(register.client, f"/draws/new?mill={mill}&season={SEASON}&level=high")

    assert "<b>5</b> sites can be drawn" in told
    assert "<b>3</b> are drawn" in told
    assert "<b>1</b> in reserve" in told
    assert "cannot be undone" in told
    assert register.ids("/v1/draws") == []


def test_a_sample_is_drawn_once_however_often_the_form_is_sent(
    register: Register, mill: str
) -> None:
    form = read(register.client, f"/draws/new?mill={mill}&season={SEASON}&level=high")
    fields = {"mill": mill, "season": SEASON, "level": "high", "programme": ""}
    fields["once"] = once_of(form)

    first = post(register.client, "/draws", **fields)
    again = post(register.client, "/draws", **fields)
    anew = post(register.client, "/draws", mill=mill, season=SEASON, level="high")

    assert first[0] == 303
    assert first[1] == again[1]
    assert anew[0] == 409
    assert "was drawn from the very same" in anew[2]
    assert len(register.ids("/v1/draws")) == 1
    assert "Open that sample" in read(
        register.client, f"/draws/new?mill={mill}&season={SEASON}&level=high"
    )


@pytest.mark.parametrize(
    "query",
    ["?season=2026&level=none&mill={mill}", "?season=1999&level=high&mill={mill}"],
)
def test_a_frame_that_cannot_be_is_told_above_the_form(
    register: Register, mill: str, query: str
) -> None:
    answer = register.client.get(f"/draws/new{query.format(mill=mill)}", headers=HTML)

    assert answer.status_code in {409, 422}
    assert 'role="alert"' in answer.text
    assert mill in answer.text


def test_a_filter_that_cannot_be_is_told_in_words(register: Register) -> None:
    answer = register.client.get("/draws?level=x", headers=HTML)

    assert answer.status_code == 422


def test_the_page_of_a_sample_tells_how_anybody_draws_it_again(
    register: Register, mill: str, tmp_path: Path
) -> None:
    draw = drawn(register, mill)

    told = read(register.client, f"{draw}?done=drawn")

    known = register.get(f"/v1{draw}")
    inputs = tmp_path / "inputs.json"
    inputs.write_text(json.dumps(register.get(f"/v1{draw}/inputs")))
    assert known["seed"] in told
    assert known["frame_sha256"] in told
    assert f'href="/v1{draw}/inputs"' in told
    assert "verify-draw.py" in told
    assert "The sample is drawn" in told
    assert verify_draw.main([str(inputs)]) == 0


def test_a_site_is_swapped_for_the_reserve_whose_turn_it_is(
    register: Register, mill: str
) -> None:
    draw = drawn(register, mill)
    (leaving, *_) = register.get(f"/v1{draw}")["drawn"]
    (coming,) = register.get(f"/v1{draw}")["in_reserve"]

    wrong = post(register.client, f"{draw}/swaps", site=leaving["site"], reason="far")
    done = post(
        register.client, f"{draw}/swaps", site=leaving["site"], reason="unreachable"
    )
    again = post(
        register.client, f"{draw}/swaps", site=leaving["site"], reason="unreachable"
    )

    told = read(register.client, draw)
    assert wrong[0] == 422
    assert "Choose one of the list" in wrong[2]
    assert done[0] == 303
    assert again[0] == 409
    assert "The way there is cut" in told
    assert "Came in for another" in told
    assert f"Replaced by {coming['name']}" in told


def test_a_site_that_was_planned_and_replaced_says_by_which(
    register: Register, mill: str
) -> None:
    draw = drawn(register, mill)
    post(register.client, f"{draw}/plan", notice="unannounced", **DAYS)
    (leaving, *_) = register.get(f"/v1{draw}")["drawn"]
    (coming,) = register.get(f"/v1{draw}")["in_reserve"]

    post(register.client, f"{draw}/swaps", site=leaving["site"], reason="unreachable")

    told = read(register.client, draw)
    row = told.partition(f'/sites/{leaving["site"]}"')[2].partition("</tr>")[0]
    assert f"Replaced by {coming['name']}" in row
    assert "Its visit has to be called off" in row
    assert "Planned" not in row


def test_a_site_for_which_no_reserve_was_left_says_so(
    register: Register, mill: str
) -> None:
    draw = drawn(register, mill)
    (first, second, *_) = register.get(f"/v1{draw}")["drawn"]

    for leaving in (first, second):
        post(register.client, f"{draw}/swaps", site=leaving["site"], reason="unsafe")

    told = read(register.client, draw)
    row = told.partition(f'/sites/{second["site"]}"')[2].partition("</tr>")[0]
    assert "Not replaced: no reserve was left" in row


def test_visits_are_planned_with_who_leads_them(register: Register, mill: str) -> None:
    draw = drawn(register, mill)
    form = read(register.client, draw)
    lead = form.partition('<select id="lead"')[2].partition('value="person_')[2]
    person = f"person_{lead.partition(chr(34))[0]}"

    backwards = post(
        register.client,
        f"{draw}/plan",
        fieldwork_from="2026-12-20",
        fieldwork_to="2026-12-01",
        notice="unannounced",
    )
    done = post(
        register.client, f"{draw}/plan", notice="unannounced", lead=person, **DAYS
    )

    planned = register.get("/v1/audits?status=planned")["items"]
    told = read(register.client, done[1])
    assert backwards[0] == 422
    assert 'value="2026-12-20"' in backwards[2]
    assert done[:2] == (303, f"{draw}?done=planned")
    assert len(planned) == 3
    assert [
        one["role"]
        for audit in planned
        for one in register.get(f"/v1/audits/{audit['id']}")["members"]
    ] == ["lead"] * 3
    assert "Every site of the sample has a visit planned" in told
    assert f'href="/assignments/new?draw={draw.removeprefix("/draws/")}"' in told


def test_a_visit_in_review_is_kept_and_the_others_are_planned(
    register: Register, mill: str
) -> None:
    draw = drawn(register, mill)
    page = read(register.client, draw)
    person = re.findall(r'value="(person_\w+)"', page)[0]
    site = re.findall(r'class="main"><a href="/sites/(\w+)"', page)[0]
    publish(register.client, register.tenant, workbook())
    day = "2026-11-03"
    Visited(register.client, register.tenant, site).send(observed_on=day)
    (known,) = register.get("/v1/audits")["items"]
    post(register.client, f"/audits/{known['id']}/review")

    done = post(
        register.client,
        f"{draw}/plan",
        fieldwork_from=day,
        fieldwork_to="2026-12-20",
        notice="unannounced",
        lead=person,
    )

    audits = register.get("/v1/audits")["items"]
    assert done[:2] == (303, f"{draw}?done=kept")
    assert sorted(one["status"] for one in audits) == [
        "in_review",
        "planned",
        "planned",
    ]
    assert "already keeps that visit" in read(register.client, done[1])


def test_a_reviewer_sees_a_sample_and_that_somebody_else_plans_it(
    register: Register, mill: str
) -> None:
    draw = drawn(register, mill)
    sign_in(register.client, Role.REVIEWER)

    told = read(register.client, draw)
    forced = post(register.client, f"{draw}/plan", notice="unannounced", **DAYS)

    assert "An administrator plans" in told
    assert forced[0] == 403


def test_the_list_is_narrowed_and_whole_as_a_spreadsheet(
    register: Register, mill: str
) -> None:
    draw = drawn(register, mill)

    mine = lines(read(register.client, f"/draws?mill={mill}&level=&season={SEASON}"))
    none = read(register.client, "/draws?season=2019")
    sheet = register.client.get("/draws?format=csv", headers=HTML).text

    assert len(mine) == 1
    assert draw in mine[0]
    assert "No sample fits" in none
    assert draw.removeprefix("/draws/") in sheet


def test_without_a_mill_the_form_says_what_comes_first(register: Register) -> None:
    empty = read(register.client, "/draws")
    form = read(register.client, "/draws/new")

    assert "No sample was drawn yet" in empty
    assert "No mill is registered yet" in form
