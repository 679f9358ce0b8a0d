"""Draws over HTTP: nine of sixty-seven, run again by a script, swapped for a reason."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import delete, insert, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from api.cli import main
from api.draws import inputs_document
from audits.sampling import actions, verify_draw
from audits.sampling.models import Draw, DrawSite, DrawSwap, DrawVisit, SwapReason
from audits.sampling.policy import RiskLevel
from audits.sampling.queries import OpenDraw, draws
from audits.sampling.queries import draw as draw_of
from compliance import clock
from compliance.database import Database
from compliance.identifiers import new_id
from compliance.identity.models import Role
from compliance.identity.scope import KeyGiven, Scope, scope_of
from tests.conftest import Tenant
from tests.failing import fail_each_statement, in_one_transaction
from tests.field import publish, workbook
from tests.register import Register
from tests.visits import A_CHILD_OF_13, TODAY, Visited

SEASON = "2026"
MILL = "site_0000000000000000"
CALLS = [
    ("GET", "/v1/draws", None),
    ("POST", "/v1/draws", {"mill": MILL, "season": SEASON, "level": "high"}),
    ("GET", "/v1/draws/draw_x", None),
    ("GET", "/v1/draws/draw_x/inputs", None),
    ("POST", "/v1/draws/draw_x/swaps", {"site": MILL, "reason": "unsafe"}),
    (
        "POST",
        "/v1/draws/draw_x/plan",
        {"fieldwork_from": "2026-12-01", "fieldwork_to": "2026-12-10"},
    ),
]


@pytest.fixture(autouse=True)
def _november() -> Iterator[None]:
    ticks = count()
    with clock.set_to(lambda: TODAY + timedelta(milliseconds=next(ticks))):
        yield


@pytest.fixture
def register(client: TestClient, tenant: Tenant) -> Register:
    """The register of the organisation the test acts for."""
    return Register(client, tenant)


def base(register: Register, farms: int, **fields: object) -> str:
    """Return the id of a mill that some farms in Planadas deliver to."""
    mill = register.mill()
    for number in range(farms):
        register.link(register.farm(f"Finca {number}", **fields), mill)
    return mill


def drawn(register: Register, mill: str, **fields: object) -> dict[str, Any]:
    body = {"mill": mill, "season": SEASON, "level": "high", **fields}
    return register.post("/v1/draws", body)


def sites(document: dict[str, Any], part: str = "drawn") -> list[str]:
    return [one["site"] for one in document[part]]


def swap(
    register: Register, draw: dict[str, Any], site: str, reason: str = "unreachable"
) -> dict[str, Any]:
    path = f"/v1/draws/{draw['id']}/swaps"
    return register.post(path, {"site": site, "reason": reason})


def test_draws_are_nobody_elses_business(client: TestClient) -> None:
    answers = [client.request(method, path, json=body) for method, path, body in CALLS]

    assert [one.status_code for one in answers] == [401] * len(CALLS)


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.MANAGER, Role.ANALYST])
def test_who_is_to_be_visited_is_known_to_those_who_plan(
    register: Register, role: Role
) -> None:
    answers = [register.send(method, path, body, role) for method, path, body in CALLS]

    assert [one.status_code for one in answers] == [403] * len(CALLS)


def test_another_organisations_draw_is_not_found(
    register: Register, client: TestClient, stranger: Tenant
) -> None:
    draw = drawn(register, base(register, 3))
    other = Register(client, stranger)

    answers = [
        other.send(method, path.replace("draw_x", draw["id"]), body)
        for method, path, body in CALLS[2:]
    ]

    assert [one.status_code for one in answers] == [404] * 4
    assert other.ids("/v1/draws") == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"mill": "x", "season": SEASON, "level": "high"},
        {"mill": MILL, "season": "soon", "level": "high"},
        {"mill": MILL, "season": SEASON, "level": "none"},
        {"mill": MILL, "season": SEASON, "level": "high", "seed": "00"},
        {"mill": MILL, "season": SEASON, "level": "high"},
        {"mill": MILL, "season": SEASON, "level": "high", "programme": "programme_x"},
    ],
)
def test_what_is_no_draw_is_refused(register: Register, body: object) -> None:
    assert register.send("POST", "/v1/draws", body).status_code == 422


def test_the_programme_of_a_draw_must_be_named(register: Register) -> None:
    body = {"mill": base(register, 3), "season": SEASON, "level": "high"}

    refused = register.send("POST", "/v1/draws", {**body, "programme": "programme_x"})

    assert refused.status_code == 422
    assert refused.json()["type"] == "/problems/programme-unknown"


def test_nobody_upstream_is_nobody_to_draw(register: Register) -> None:
    body = {"mill": register.mill(), "season": SEASON, "level": "high"}

    assert register.send("POST", "/v1/draws", body).status_code == 409


def test_nine_of_sixty_seven_are_drawn_and_anybody_can_run_it_again(
    register: Register, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    draw = drawn(register, base(register, 67))
    inputs = register.send("GET", f"/v1/draws/{draw['id']}/inputs")
    file = tmp_path / "inputs.json"
    file.write_bytes(inputs.content)

    status = main(["draws", "verify", str(file), "--language", "en"])

    assert (draw["sites"], draw["size"], draw["reserves"]) == (67, 9, 1)
    assert len(set(sites(draw) + sites(draw, "in_reserve"))) == 10
    assert len(draw["seed"]) == 32
    told = capsys.readouterr().out.splitlines()[-1]
    assert (status, told) == (
        0,
        "The draw is right: 9 of 67 sites drawn, 1 in reserve, 0 swapped.",
    )


def test_a_frame_tells_of_a_site_its_id_and_strata_alone(register: Register) -> None:
    draw = drawn(register, base(register, 3, area_square_metres=35_000))

    frame = register.get(f"/v1/draws/{draw['id']}/inputs")["frame"]

    assert [one["stratum"] for one in frame["sites"]] == [
        ["Planadas", "2_to_5_ha", "unknown"]
    ] * 3
    assert "Finca" not in json.dumps(frame)


def test_strata_tell_villages_sizes_and_hired_hands_apart(register: Register) -> None:
    mill = register.mill()
    farms = [
        register.farm("A", area_square_metres=15_000),
        register.farm("B", area_square_metres=400_000, municipality="Rioblanco"),
        register.farm("C"),
    ]
    for farm in farms:
        register.link(farm, mill)
    hired = {"season": SEASON, "permanent": {"total": 3}, "temporary": {"total": 9}}
    register.post(f"/v1/sites/{farms[0]}/workforce", hired)
    nobody = {"season": SEASON, "permanent": {"total": 0}, "temporary": {"total": 0}}
    register.post(f"/v1/sites/{farms[1]}/workforce", nobody)

    draw = drawn(register, mill)

    strata = {one["site"]: tuple(one["stratum"].values()) for one in draw["drawn"]}
    assert strata == {
        farms[0]: ("Planadas", "under_2_ha", "yes"),
        farms[1]: ("Rioblanco", "5_ha_and_over", "no"),
        farms[2]: ("Planadas", "unknown", "unknown"),
    }
    quotas = {one["site"]: one["quota"] for one in draw["drawn"]}
    assert quotas[farms[0]] == {
        "auditor_days": 1,
        "individual": 6,
        "groups": 1,
        "group_size": 4,
        "files": 10,
    }
    why = {one["site"]: one["quota_unknown"] for one in draw["drawn"]}
    assert why == {farms[0]: None, farms[1]: None, farms[2]: "no_profile"}


def test_closed_sites_and_other_mills_are_not_drawn(register: Register) -> None:
    mill = base(register, 2)
    other, closed = register.mill("Otro molino"), register.farm("Cerrada")
    register.link(other, mill)
    register.link(closed, mill)
    register.post(
        f"/v1/sites/{closed}/close",
        {"closed_on": "2026-11-01", "reason": "no_longer_works"},
    )

    draw = drawn(register, mill)

    assert draw["sites"] == 2
    assert not {other, closed} & set(sites(draw))


def test_an_open_red_flag_in_the_base_makes_the_draw_larger(
    register: Register, client: TestClient, tenant: Tenant
) -> None:
    publish(client, tenant, workbook())
    mill = base(register, 20)
    before = drawn(register, mill, level="low")
    flagged = sites(before)[0]
    Visited(client, tenant, flagged).send(children=[A_CHILD_OF_13])

    after = drawn(register, mill, level="low")

    # 0.7 · √20 = 3.1 and 1.4 · √20 = 6.3, each rounded up.
    assert (before["level"], before["size"]) == ("low", 4)
    assert (after["stated_level"], after["level"], after["size"]) == (
        "low",
        "red_flag",
        7,
    )
    assert (before["number"], after["number"]) == (1, 2)


def test_nothing_is_drawn_again_until_it_pleases(register: Register) -> None:
    mill = base(register, 5)
    first = drawn(register, mill)
    body = {"mill": mill, "season": SEASON, "level": "high"}

    again = register.send("POST", "/v1/draws", body)
    register.link(register.farm("Nueva"), mill)
    another = drawn(register, mill)

    assert again.status_code == 409
    assert again.json()["draw"] == first["id"]
    assert (another["number"], another["sites"]) == (2, 6)


def test_a_programme_draws_by_its_own_policy(register: Register) -> None:
    mill = base(register, 10)
    programme = register.post("/v1/programmes", {"name": "Comercio Claro"})["id"]
    entry = register.get("/v1/policies/sampling")["in_force"]["entry"]
    stricter = {**entry, "valid_from": "2026-11-22", "least": 6}
    body = {"programme": programme, "entry": stricter}
    register.post("/v1/policies/sampling", body)

    draw = drawn(register, mill, programme=programme)
    ordinary = drawn(register, mill)

    # √10 = 3.2 is 4, and the programme asks for 6 at least.
    assert (draw["size"], ordinary["size"]) == (6, 4)
    assert draw["programme"] == programme
    assert register.ids(f"/v1/draws?programme={programme}") == [draw["id"]]


def test_draws_are_listed_by_what_a_planner_asks_for(register: Register) -> None:
    mill, other = base(register, 4), base(register, 3)
    one = drawn(register, mill)
    two = drawn(register, mill, level="low")
    three = drawn(register, other)

    assert register.ids("/v1/draws") == [one["id"], two["id"], three["id"]]
    assert register.ids(f"/v1/draws?mill={mill}") == [one["id"], two["id"]]
    assert register.ids("/v1/draws?level=low") == [two["id"]]
    assert register.ids("/v1/draws?season=2025") == []
    table = register.send("GET", "/v1/draws", accept="text/csv").text
    assert table.splitlines()[0].lstrip("\ufeff").startswith("id,mill,mill_name,season")
    assert one["frame_sha256"] in table


def test_the_reserve_whose_turn_it_is_comes_in(register: Register) -> None:
    draw = drawn(register, base(register, 12))
    out, reserve = sites(draw)[0], sites(draw, "in_reserve")[0]

    after = swap(register, draw, out, "access_refused")

    assert [(one["out"], one["into"], one["reason"]) for one in after["swapped"]] == [
        (out, reserve, "access_refused")
    ]
    standing = {
        one["site"]: one["standing"] for one in after["drawn"] + after["in_reserve"]
    }
    assert (standing[out], standing[reserve]) == ("swapped_out", "swapped_in")
    assert (after["swaps"], after["share_swapped"], after["missing"]) == (1, 0.25, 0)
    assert sites(after) == sites(draw)
    inputs = register.get(f"/v1/draws/{draw['id']}/inputs")
    assert verify_draw.check(inputs) == []


def test_without_a_reserve_the_place_stays_empty_and_is_told(
    register: Register,
) -> None:
    draw = drawn(register, base(register, 12))
    swap(register, draw, sites(draw)[0])

    after = swap(register, draw, sites(draw)[1])

    assert (after["swaps"], after["missing"]) == (2, 1)
    assert after["swapped"][1]["into"] is None
    inputs = register.get(f"/v1/draws/{draw['id']}/inputs")
    assert verify_draw.check(inputs) == []


def test_a_swap_needs_a_reason_that_is_one(register: Register) -> None:
    draw = drawn(register, base(register, 12))
    path = f"/v1/draws/{draw['id']}/swaps"
    site, reserve = sites(draw)[0], sites(draw, "in_reserve")[0]

    answers = [
        register.send("POST", path, body)
        for body in (
            {"site": site},
            {"site": site, "reason": "convenience"},
            {"site": site, "reason": "too_far"},
            {"site": site, "reason": "unsafe", "into": reserve},
            {"site": reserve, "reason": "unsafe"},
        )
    ]

    assert [one.status_code for one in answers] == [422, 422, 422, 422, 409]


def test_a_site_leaves_the_sample_once(register: Register) -> None:
    draw = drawn(register, base(register, 12))
    out = sites(draw)[0]
    swap(register, draw, out)
    path = f"/v1/draws/{draw['id']}/swaps"

    again = register.send("POST", path, {"site": out, "reason": "unsafe"})

    assert again.status_code == 409
    assert again.json()["type"] == "/problems/not-in-the-sample"


def test_what_a_visit_found_is_not_got_rid_of_by_a_swap(
    register: Register, client: TestClient, tenant: Tenant
) -> None:
    publish(client, tenant, workbook())
    draw = drawn(register, base(register, 12))
    out = sites(draw)[0]
    visits = Visited(client, tenant, out)
    visits.send(children=[A_CHILD_OF_13], observed_on="2026-11-22")
    path = f"/v1/draws/{draw['id']}/swaps"

    refused = register.send("POST", path, {"site": out, "reason": "unsafe"})

    assert refused.status_code == 409
    assert refused.json()["type"] == "/problems/visited-already"


def test_visits_are_planned_for_the_sample_and_once(register: Register) -> None:
    draw = drawn(register, base(register, 12))
    path = f"/v1/draws/{draw['id']}/plan"
    window = {"fieldwork_from": "2026-12-01", "fieldwork_to": "2026-12-10"}
    swapped = swap(register, draw, sites(draw)[0])

    planned = register.post(path, window)
    again = register.post(path, window)

    in_sample = [
        one
        for one in planned["drawn"] + planned["in_reserve"]
        if one["standing"] in {"drawn", "swapped_in"}
    ]
    audits = [one["audit"] for one in in_sample]
    assert len(set(audits)) == draw["size"]
    assert {one["audit_status"] for one in in_sample} == {"planned"}
    assert planned["drawn"][0]["audit"] is None
    assert swapped["swaps"] == 1
    assert again == planned


def test_a_visit_that_is_planned_already_is_the_one(register: Register) -> None:
    mill = base(register, 3)
    first, second = drawn(register, mill), drawn(register, mill, level="low")
    window = {"fieldwork_from": "2026-12-01", "fieldwork_to": "2026-12-10"}

    planned = [
        register.post(f"/v1/draws/{one['id']}/plan", window) for one in (first, second)
    ]

    audits = [{one["audit"] for one in found["drawn"]} for found in planned]
    assert audits[0] == audits[1]


def test_a_window_ends_after_it_begins(register: Register) -> None:
    draw = drawn(register, base(register, 3))
    window = {"fieldwork_from": "2026-12-10", "fieldwork_to": "2026-12-01"}

    refused = register.send("POST", f"/v1/draws/{draw['id']}/plan", window)

    assert refused.status_code == 422


@pytest.mark.parametrize("table", [Draw, DrawSite, DrawSwap, DrawVisit])
@pytest.mark.parametrize("verb", [update, delete])
def test_what_was_drawn_is_never_changed(
    register: Register, database: Database, table: Any, verb: Any
) -> None:
    draw = drawn(register, base(register, 12))
    swap(register, draw, sites(draw)[0])
    window = {"fieldwork_from": "2026-12-01", "fieldwork_to": "2026-12-10"}
    register.post(f"/v1/draws/{draw['id']}/plan", window)
    statement = verb(table)
    change = statement if verb is delete else statement.values(owner_id=new_id())

    with pytest.raises(DBAPIError), database.writing() as session:
        session.execute(change)


def test_the_table_itself_knows_no_other_reason(
    register: Register, tenant: Tenant, database: Database
) -> None:
    draw = drawn(register, base(register, 12))
    with database.reading() as session:
        opened = draw_of(session, scope_in(session, tenant), draw["id"])
    for_convenience = insert(DrawSwap).values(
        id=new_id(),
        draw_id=opened.record.id,
        owner_id=tenant.id,
        ordinal=1,
        out_site_id=opened.sites[0].site_id,
        in_site_id=None,
        reason="convenience",
        swapped_by="test",
        swapped_at=clock.now(),
    )

    with pytest.raises(IntegrityError), database.writing() as session:
        session.execute(for_convenience)


def scope_in(session: Session, tenant: Tenant) -> Scope:
    return scope_of(session, KeyGiven(tenant.keys[Role.ADMINISTRATOR]))


def test_no_statement_of_a_draw_can_fail_and_leave_half_of_it(
    app: FastAPI, tenant: Tenant, database: Database
) -> None:
    with TestClient(app) as client:  # whose workers are gone when statements fail
        mill = base(Register(client, tenant), 4)

    def make(session: Session) -> OpenDraw:
        return actions.make(
            session,
            scope_in(session, tenant),
            mill=mill,
            season=SEASON,
            level=RiskLevel.HIGH,
        )

    def leave(session: Session) -> OpenDraw:
        scope = scope_in(session, tenant)
        draw = draws(session, scope, rows=1).rows[0].public_id
        out = draw_of(session, scope, draw).sample[0].frame_id
        return actions.swap(session, scope, draw, out=out, reason=SwapReason.UNSAFE)

    def plan(session: Session) -> OpenDraw:
        scope = scope_in(session, tenant)
        draw = draws(session, scope, rows=1).rows[0].public_id
        return actions.plan(
            session,
            scope,
            draw,
            fieldwork_from=date(2026, 12, 1),
            fieldwork_to=date(2026, 12, 10),
        )

    failed = [
        fail_each_statement(database, in_one_transaction(database, work))
        for work in (make, leave, plan)
    ]

    assert min(failed) > 5
    with database.reading() as session:
        scope = scope_in(session, tenant)
        made = draws(session, scope, rows=2).rows
        found = draw_of(session, scope, made[0].public_id)
    assert len(made) == 1
    assert verify_draw.check(inputs_document(found)) == []
    assert [one.status for one in found.visits] == ["planned"] * len(found.sample)


def test_the_script_is_fetched_by_anybody(client: TestClient) -> None:
    fetched = client.get("/verify-draw.py")

    assert fetched.status_code == 200
    assert fetched.content == Path(verify_draw.__file__).read_bytes()
