"""What was found and visited at a merged record is read of the site that is kept."""

from starlette.testclient import TestClient

from tests.conftest import Tenant
from tests.field import publish, workbook
from tests.register import Register
from tests.visits import A_CHILD_OF_13, Visited


def test_merging_hides_no_finding_no_visit_and_no_card(
    client: TestClient, tenant: Tenant
) -> None:
    publish(client, tenant, workbook())
    register = Register(client, tenant)
    kept, gone = register.farm("A"), register.farm("B")
    there = Visited(client, tenant, gone)
    there.send(children=[A_CHILD_OF_13], instance_id="uuid:there")
    before = there.findings(f"?site={gone}")
    merge = {"keep": kept, "gone": gone, "reason": "same_place"}

    made = register.post("/v1/site-merges", merge)["id"]
    after = there.findings(f"?site={kept}")
    visits = register.ids(f"/v1/submissions?site={kept}")
    Visited(client, tenant, kept).send(
        children=[A_CHILD_OF_13], instance_id="uuid:here", observed_on="2026-11-04"
    )
    again = there.findings(f"?site={kept}")
    register.post(f"/v1/site-merges/{made}/undo", None)

    assert before
    assert [one["ref"] for one in after] == [one["ref"] for one in before]
    assert len(visits) == 1
    assert [one["ref"] for one in again] == [one["ref"] for one in before]
    assert there.findings(f"?site={gone}")
