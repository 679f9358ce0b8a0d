"""What hangs on a site besides visits, and what an organisation has of its own."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from starlette.testclient import TestClient

from api.intake import intake_of
from audits.checklists.models import Checklist, ChecklistVersion
from audits.submissions import decrypting
from audits.submissions.encrypted import read_private_key
from compliance import jobs, trail
from compliance.database import Database
from compliance.identity.models import Role
from compliance.identity.scope import KeyGiven, scope_of
from tests.conftest import Tenant
from tests.encryption import encrypted, key_pair
from tests.field import FARM, Phone, publish, workbook_with_list
from tests.home_visits import FILES, home_visit, sealing_workbook
from tests.jobs import wait_until

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
    publish(client, tenant, workbook_with_list(form_id="own_visit"))
    _furnish_with_people(client, database, tenant)
    edition = got(client, tenant, "/v1/editions")["items"][0]["edition"]
    with database.writing(system=True) as session:
        job = jobs.enqueue(
            session, kind="nobody.does", organisation_id=tenant.id, arguments={}
        )
        form = session.scalar(
            select(ChecklistVersion.public_id)
            .join(Checklist, Checklist.id == ChecklistVersion.checklist_id)
            .where(
                ChecklistVersion.owner_id == tenant.id,
                Checklist.form_id == "own_visit",
            )
        )
    export = "/v1/visit-imports?checklist=own_visit&format=kobo_json&dry_run=true"
    visits = made(export, b'[{"_uuid": "uuid:elsewhere"}]')
    wait_until(
        lambda: got(client, tenant, f"/v1/visit-imports/{visits}")["state"] == "done"
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
        "visit_import": visits,
        "key": made("/v1/keys", {"label": "una", "role": "analyst"}),
        "client": made("/v1/clients", {"name": "una", "role": "analyst"}),
        "invitation": made("/v1/people/invitations", {**person, "language": "es"}),
        "person": got(client, tenant, "/v1/people")["items"][0]["id"],
        "job": str(job),
        "form": str(form),
        "list": "producers.csv",
        "device": made("/v1/devices", {"label": "Un teléfono"}),
        "edition": edition,
        "other": edition,
        "entry": "1",
    }


def _furnish_with_people(
    client: TestClient, database: Database, tenant: Tenant
) -> None:
    """Send what is sealed: a record, one that is refused, one that came encrypted."""
    publish(client, tenant, sealing_workbook())
    phone, keys = Phone(client, tenant), key_pair()
    phone.send(home_visit("nowhere"), FILES)
    phone.send(home_visit("nowhere", doctor="another"))
    secret = home_visit("nowhere", instance_id="uuid:secret")
    phone.send(
        *encrypted(keys, secret, form_id="home_visit", instance_id="uuid:secret")
    )
    application: Any = client.app
    intake = intake_of(application.state.service)
    private = read_private_key("key.pem", keys.pem)
    with database.writing() as session:
        scope = scope_of(session, KeyGiven(tenant.keys[Role.ADMINISTRATOR]))
        for waiting in decrypting.waiting(session, scope):
            decrypting.decrypt(session, scope, intake, private, submission_id=waiting)
        trail.seal(session)


def furnish_site(
    client: TestClient, tenant: Tenant, site: str, known: Mapping[str, str]
) -> Mapping[str, str]:
    """Give a site one of everything that hangs on a site; return the names."""

    def made(path: str, body: object) -> str:
        return str(posted(client, tenant, path, body)["id"])

    return {
        "assignment": made(
            "/v1/assignments",
            {"site": site, "checklists": ["own_visit"], "due_on": "2027-01-31"}
            | {"device": known["device"]},
        ),
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
