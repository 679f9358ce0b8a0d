"""What hangs on a site besides visits, and what an organisation has of its own."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from starlette.testclient import TestClient

from audits.checklists.models import ChecklistVersion
from compliance import jobs
from compliance.database import Database
from tests.conftest import Tenant
from tests.field import FARM, publish, workbook

SEASON = "2026-main"
POINT = {"type": "Point", "coordinates": [-75.6, 3.2]}
MONTHS = ["main"] * 3 + ["none"] * 9
CSV = b"name,municipality\nFinca Uno,Planadas\n"


def posted(
    client: TestClient, tenant: Tenant, path: str, body: object
) -> dict[str, Any]:
    """Send something that is allowed, as an administrator, and return what was made."""
    sent: dict[str, Any] = (
        {"content": body} if isinstance(body, bytes) else {"json": body}
    )
    answer = client.post(path, headers=tenant.headers(), **sent)
    assert answer.status_code in {200, 201}, f"{path}: {answer.text}"
    document: dict[str, Any] = answer.json()
    return document


def got(client: TestClient, tenant: Tenant, path: str) -> Any:
    answer = client.get(path, headers=tenant.headers())
    assert answer.status_code == 200, f"{path}: {answer.text}"
    return answer.json()


def furnish_organisation(
    client: TestClient, database: Database, tenant: Tenant
) -> Mapping[str, str]:
    """Give an organisation one of everything that is no site's; return the names."""

    def made(path: str, body: object) -> str:
        return str(posted(client, tenant, path, body)["id"])

    group = made(
        "/v1/organisations",
        {"kind": "producer_group", "name": "Asociación", "country": "CO"},
    )
    twins = [
        made("/v1/producers", {**FARM, "name": f"Gemela {one}"}) for one in ("a", "b")
    ]
    merge = {"keep": twins[0], "gone": twins[1], "reason": "entered_twice"}
    person = {"email": f"{tenant.public_id}@example.org", "role": "analyst"}
    publish(client, tenant, workbook(form_id="own_visit"))
    edition = got(client, tenant, "/v1/editions")["items"][0]["edition"]
    with database.writing(system=True) as session:
        job = jobs.enqueue(
            session, kind="nobody.does", organisation_id=tenant.id, arguments={}
        )
        form = session.scalar(
            select(ChecklistVersion.public_id).where(
                ChecklistVersion.owner_id == tenant.id
            )
        )
    return {
        "organisation": tenant.public_id,
        "own_checklist": "own_visit",
        "twin": twins[0],
        "group": group,
        "mill": made("/v1/mills", {**FARM, "name": "Trilladora"}),
        "broker": made(
            "/v1/brokers", {"kind": "broker", "name": "Cuadrilla", "country": "CO"}
        ),
        "calendar": made(
            "/v1/harvest-calendars",
            {"country": "CO", "commodity": "coffee", "months": MONTHS}
            | {"stated_by": "Comité"},
        ),
        "merge": made("/v1/site-merges", merge),
        "site_import": made("/v1/imports?name=a.csv&country=CO", CSV),
        "row": "2",
        "key": made("/v1/keys", {"label": "una", "role": "analyst"}),
        "client": made("/v1/clients", {"name": "una", "role": "analyst"}),
        "invitation": made("/v1/people/invitations", {**person, "language": "es"}),
        "person": got(client, tenant, "/v1/people")["items"][0]["id"],
        "job": str(job),
        "form": str(form),
        "edition": edition,
        "other": edition,
        "entry": "1",
    }


def furnish_site(
    client: TestClient, tenant: Tenant, site: str, known: Mapping[str, str]
) -> Mapping[str, str]:
    """Give a site one of everything that hangs on a site; return the names."""

    def made(path: str, body: object) -> str:
        return str(posted(client, tenant, path, body)["id"])

    return {
        "plot": made(f"/v1/sites/{site}/plots", {"geometry": POINT}),
        "certificate": made(
            "/v1/certificates",
            {"site": site, "scheme": "fairtrade", "number": f"FLO {site[-4:]}"}
            | {"valid_from": "2026-01-01", "valid_until": "2026-12-31"},
        ),
        "profile": made(
            f"/v1/sites/{site}/workforce", {"season": SEASON, "permanent": {"total": 3}}
        ),
        "link": made(
            "/v1/supply-links",
            {"from_site": site, "to_site": known["mill"], "commodity": "coffee"}
            | {"season": SEASON},
        ),
        "membership": made(
            f"/v1/groups/{known['group']}/members", {"site": site, "season": SEASON}
        ),
        "engagement": made(
            f"/v1/brokers/{known['broker']}/sites", {"site": site, "season": SEASON}
        ),
    }
