"""Errand 2, Buenaventura: one question, and the compliance officer knows where to look.

A mill, four farms that deliver to it, and a list of names as her own programs have them.
Two farms had no visit this harvest; the mill's card is suspended. The pack for a shipment
stands on these answers.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from starlette.testclient import TestClient

from compliance import clock
from compliance.identity.models import Role
from tests.conftest import Tenant
from tests.field import publish, workbook
from tests.jobs import wait_until
from tests.register import Register
from tests.visits import A_CHILD_OF_13, A_CHILD_OF_16, TODAY, Visited

SEASON = "2026-main"
MONTHS = ["none"] * 9 + ["main"] * 3
HARVEST = {
    "country": "CO",
    "commodity": "coffee",
    "months": MONTHS,
    "stated_by": "Comité de Cafeteros",
}
NO_VISIT = "not_visited_this_harvest"


@pytest.fixture(autouse=True)
def _november() -> Iterator[None]:
    ticks = count()
    with clock.set_to(lambda: TODAY + timedelta(milliseconds=next(ticks))):
        yield


@dataclass(frozen=True)
class SupplyBase:
    """What the exporter in Buenaventura keeps of one mill and its suppliers."""

    register: Register
    mill: str
    farms: tuple[str, ...]

    def is_assessed(self) -> bool:
        """Tell whether everything that changed is in the figures."""
        found = self.register.get("/v1/risk")["items"]
        return all(one["assessed_at"] and not one["is_being_assessed"] for one in found)

    def ask(self, body: object, language: str = "es") -> dict[str, Any]:
        """Ask as an analyst does, in one call."""
        answer = self.register.send(
            "POST", "/v1/risk/query", body, Role.ANALYST, accept_language=language
        )
        assert answer.status_code == 200, answer.text
        document: dict[str, Any] = answer.json()
        return document


@pytest.fixture
def base(client: TestClient, tenant: Tenant) -> SupplyBase:
    """A suspended mill with a plan, and four farms of which two were not visited."""
    publish(client, tenant, workbook())
    register = Register(client, tenant)
    register.post("/v1/harvest-calendars", HARVEST)
    mill = register.mill(
        identifiers=[{"scheme": "universal_mill_list", "value": "PO1000000123"}]
    )
    farms = tuple(
        register.farm(
            name, identifiers=[{"scheme": "own_number", "value": f"LOTE-{number}"}]
        )
        for number, name in enumerate(("Alta", "Baja", "Vieja", "Nueva"))
    )
    for farm in farms[:3]:
        register.link(farm, mill, season=SEASON, volume_share=0.3)
    register.link(farms[3], mill, season=SEASON)
    for farm, day in zip(
        farms, ("2026-11-03", "2026-11-04", "2025-11-03"), strict=False
    ):
        Visited(client, tenant, farm).send(
            children=[A_CHILD_OF_16], observed_on=day, instance_id=f"uuid:{farm}"
        )
    visits = Visited(client, tenant, mill)
    visits.send(children=[A_CHILD_OF_13], instance_id="uuid:mill")
    found = visits.findings(f"?site={mill}&topic=child_labour")[0]["ref"]
    visits.step(found, Role.MANAGER, step="accept")
    visits.propose(found, due_on="2026-11-22")
    visits.issue()
    made = SupplyBase(register, mill, farms)
    wait_until(made.is_assessed)
    return made


def test_one_call_tells_risk_actions_and_gaps_of_all_she_buys_from(
    base: SupplyBase,
) -> None:
    names = ["PO1000000123", *(f"LOTE-{number}" for number in range(4)), "LOTE-9"]

    answered = base.ask({"identifiers": names})
    by_volume = base.ask({"supply_base": {"mill": base.mill, "season": SEASON}})

    told = {
        one["value"]: one["risk"]
        for one in answered["items"]
        if one["outcome"] == "found"
    }
    assert [one["site"] for one in told.values()] == [base.mill, *base.farms]
    assert all(one["confidence_word"] and one["reasons"] for one in told.values())
    assert [one["value"] for one in answered["not_found"]] == ["LOTE-9"]
    mill = told["PO1000000123"]
    assert (mill["level"], mill["open_findings"]["zero_tolerance"]) == ("high", 1)
    assert mill["scorecard"]["status"] == "suspended"
    assert mill["open_actions"] == {"open": 1, "past_due": 0}
    actions = base.register.get(f"/v1/corrective-actions?site={base.mill}")["items"]
    assert len(actions) == mill["open_actions"]["open"]
    unseen = {
        value: {gap["code"]: gap["params"] for gap in one["gaps"]}
        for value, one in told.items()
        if NO_VISIT in {gap["code"] for gap in one["gaps"]}
    }
    assert set(unseen) == {"LOTE-2", "LOTE-3"}
    assert unseen["LOTE-2"][NO_VISIT] == {"last_harvest_visit_on": "2025-11-03"}
    assert "never_visited" in unseen["LOTE-3"]
    assert told["LOTE-3"]["level"] == "unknown"
    summary = answered["summary"]
    assert (summary["scorecards"], summary["gaps"][NO_VISIT]) == ({"suspended": 1}, 2)
    assert summary["never_visited"] == 1
    assert summary["oldest_last_visit_on"] == "2025-11-03"
    shares = {one["risk"]["site"]: one["share_of_mill"] for one in by_volume["items"]}
    assert shares == dict(zip(base.farms, (0.3, 0.3, 0.3, None), strict=True))
    assert by_volume["summary"]["volume"]["unknown"] >= 0.1
