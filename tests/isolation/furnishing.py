"""What hangs on a site besides visits, and what an organisation has of its own."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import select
from starlette.testclient import TestClient

from api.intake import intake_of, keyring_of
from audits.checklists.models import Checklist, ChecklistVersion
from audits.submissions import decrypting
from audits.submissions.encrypted import read_private_key
from compliance import clock, jobs, trail
from compliance.alerts import reading
from compliance.alerts.actions import raise_alert
from compliance.alerts.events import AlertEvent
from compliance.alerts.policy import Told
from compliance.alerts.receivers import send_test
from compliance.clocks.actions import fire, start
from compliance.clocks.models import ClockKind
from compliance.database import Database
from compliance.exclusions.working import keep, prepare
from compliance.identifiers import PersonId
from compliance.identity.models import Membership, Role
from compliance.identity.scope import KeyGiven, scope_of, scope_of_system
from tests.conftest import Tenant
from tests.encryption import encrypted, key_pair
from tests.field import FARM, JPEG, Phone, publish, workbook_with_list
from tests.home_visits import FILES, home_visit, sealing_workbook
from tests.jobs import wait_until
from tests.reviews import audit_of, reviewing
from tests.visits import Visited

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
    member = got(client, tenant, "/v1/people")["items"][0]["id"]
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
    _furnish_with_lots(client, tenant, twins[0])
    export = "/v1/visit-imports?checklist=own_visit&format=kobo_json&dry_run=true"
    visits = made(export, b'[{"_uuid": "uuid:elsewhere"}]')
    wait_until(
        lambda: got(client, tenant, f"/v1/visit-imports/{visits}")["state"] == "done"
    )
    receiver = made(
        "/v1/alert-receivers", {"kind": "mail", "address": "desk@example.org"}
    )
    with database.writing(system=True) as session:
        administrator = scope_of(session, KeyGiven(tenant.keys[Role.ADMINISTRATOR]))
        send_test(session, administrator, receiver)
        trail.seal(session)
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
        "alert": _alert(database, tenant),
        "receiver": receiver,
        "member": member,
        "qualification": made(
            "/v1/qualifications",
            {
                "person": member,
                "kind": "lead_auditor",
                "issuer": "Una escuela",
                "issued_on": "2026-01-01",
                "expires_on": "2027-01-01",
            },
        ),
        "policy": "deadlines",
        "programme": made("/v1/programmes", {"name": "Programa"}),
        "edition": edition,
        "other": edition,
        "entry": "1",
    }


def reviewed_visit(farm: Visited, name: str) -> Mapping[str, str]:
    """Visit a site before, return its audit, and offer its reply; return the names.

    The last visit stays the one that is final, so that a card can be issued.
    """
    reviews = reviewing(farm)
    day, first = "2026-10-10", f"uuid:r-{name}"
    returned = audit_of(farm, farm.send(observed_on=day, instance_id=first))
    reviews.done(returned, "review")
    reviews.done(returned, "return", {"remarks": [{"kind": "unclear", "text": "?"}]})
    farm.send(observed_on=day, instance_id=f"uuid:s-{name}", deprecated_id=first)
    planned = reviews.plan(farm.site)["id"]
    member = {"person": farm.get("/v1/people")["items"][0]["id"], "role": "lead"}
    team = {"members": [member]}
    assert reviews.ask("PUT", f"/v1/audits/{planned}/team", team).status_code == 200
    reviews.done(returned, "review")
    reviews.done(returned, "offer-reply")
    offered = farm.get(f"/v1/replies?site={farm.site}&open=true")["items"]
    waiting = farm.send(observed_on="2026-09-15", instance_id=f"uuid:w-{name}")
    return {
        "audit": audit_of(farm, waiting),
        "returned": returned,
        "planned": str(planned),
        "reply": str(offered[0]["id"]),
    }


def _alert(database: Database, tenant: Tenant) -> str:
    """Raise an alert that every role is told and somebody has read; let a clock fire."""
    with database.writing(system=True) as session:
        scope = scope_of(session, KeyGiven(tenant.keys[Role.ADMINISTRATOR]))
        person = session.scalars(
            select(Membership.person_id).where(Membership.organisation_id == tenant.id)
        ).first()
        assert person is not None
        (alert,) = raise_alert(
            session,
            owner_id=tenant.id,
            event=AlertEvent.RED_FLAG,
            subject="F-ABCDEFGH",
            told=Told(keeper=tuple(Role)),
        )
        reader = replace(scope, person_id=PersonId(person))
        reading.mark_read(session, reader, alert)
        reading.mute(session, reader, [AlertEvent.VERIFIED])
        start(
            session,
            scope,
            owner_id=tenant.id,
            site_id=None,
            subject=f"F-{tenant.public_id}",
            kind=ClockKind.REMEDY,
            due_at=clock.now(),
            started_at=clock.now(),
        )
        fire(session, tenant.id)
        trail.seal(session)
    return alert


def _furnish_with_lots(client: TestClient, tenant: Tenant, farm: str) -> None:
    """Decide a policy, and draw, plan and swap a farm that delivered a year before."""
    policy = got(client, tenant, "/v1/policies/deadlines")["in_force"]["entry"]
    entry = {**policy, "valid_from": "2999-01-01"}
    posted(client, tenant, "/v1/policies/deadlines", {"entry": entry})
    mill = posted(client, tenant, "/v1/mills", {**FARM, "name": "Trilladora dos"})["id"]
    link = {"from_site": farm, "to_site": mill, "commodity": "coffee"}
    posted(client, tenant, "/v1/supply-links", {**link, "season": "2025-main"})
    wanted = {"mill": mill, "season": "2025-main", "level": "low"}
    draw = posted(client, tenant, "/v1/draws", wanted)["id"]
    window = {"fieldwork_from": "2027-02-01", "fieldwork_to": "2027-02-20"}
    posted(client, tenant, f"/v1/draws/{draw}/plan", window)
    swap = {"site": farm, "reason": "unreachable"}
    posted(client, tenant, f"/v1/draws/{draw}/swaps", swap)


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


def furnish_finding(farm: Visited, ref: str) -> Mapping[str, str]:
    """Give an accepted finding actions of which something is asked; return the names."""
    text = {"action_text": "Lo que haremos."}
    proposed, agreed = (farm.propose(ref, action="train", **text) for _ in range(2))
    farm.act(agreed, Role.REVIEWER, "agree")
    path = f"/v1/corrective-actions/{agreed}"
    asked = farm.post(
        f"{path}/extensions", Role.MANAGER, reason="money_pending", until="2026-12-24"
    )
    kept = farm.client.post(
        f"{path}/evidence?kind=receipt",
        content=JPEG,
        headers=farm.tenant.headers(Role.MANAGER),
    )
    assert kept.status_code == 201, kept.text
    return {
        "action": proposed,
        "agreed_action": agreed,
        "extension": asked["extensions"][0]["id"],
        "proof": kept.json()["id"],
    }


def furnish_plan(
    client: TestClient, bookkeeper: Tenant, buyer: Tenant, site: str, finding: str
) -> Mapping[str, str]:
    """Let people of a site be owed something, and a buyer promise something to it.

    The bookkeeper has a key of its own, so that whoever else may can verify.
    """
    owed = {
        "finding": finding,
        "kind": "wages",
        "people": 9,
        "money": {"amount": 900, "currency": "COP"},
        "period_from": "2026-09-01",
        "period_to": "2026-10-31",
    }
    remedy, proven = (
        str(posted(client, bookkeeper, "/v1/remedies", owed)["id"]) for _ in range(2)
    )
    paid = {"people": 9, "paid_on": "2026-11-20", "money": owed["money"]}
    posted(client, bookkeeper, f"/v1/remedies/{proven}/payments", paid)
    path, proof = f"/v1/remedies/{proven}/proofs", {"proof": "site_visit"}
    posted(client, bookkeeper, path, proof)
    promised = {
        "site": site,
        "kind": "co_funding",
        "basis_points": 5_000,
        "due_on": "2026-12-31",
    }
    made = posted(client, buyer, "/v1/commitments", promised)
    return {
        "remedy": remedy,
        "proven_remedy": proven,
        "commitment": str(made["id"]),
    }


def furnish_site(
    client: TestClient, tenant: Tenant, site: str, known: Mapping[str, str]
) -> Mapping[str, str]:
    """Give a site one of everything that hangs on a site; return the names."""

    def made(path: str, body: object) -> str:
        return str(posted(client, tenant, path, body)["id"])

    furnished = {
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
    drawn = posted(
        client,
        tenant,
        "/v1/draws",
        {"mill": known["mill"], "season": SEASON, "level": "high"},
    )
    first = drawn["drawn"][0]["site"]
    return {**furnished, "draw": str(drawn["id"]), "drawn_site": str(first)}


def furnish_lists(
    client: TestClient, database: Database, bookkeeper: Tenant, names: Mapping[str, str]
) -> dict[str, Mapping[str, str]]:
    """Let a list name sites, given by name, and the bookkeeper say so; return what is made.

    What follows is proposed, and whoever else may can decide on it.
    """
    listed = {"code": "banned", "category": "import_ban", "name": "Una lista"}
    made = posted(
        client, bookkeeper, "/v1/public-lists", {**listed, "publisher": "Nadie"}
    )
    rows = [f"{name} Ltda,CO,{900_000_000 + at}" for at, name in enumerate(names)]
    rows.append("Fulana Ficticia,BR,529.982.247-25")
    content = "\n".join(["Entity,Country,Tax ID", *rows, ""]).encode()
    path = f"/v1/public-lists/{made['id']}/editions"
    query = "edition=2026-11-01&source=none&licence=none"
    edition = posted(client, bookkeeper, f"{path}?{query}", content)["edition"]
    application: Any = client.app
    with database.writing(system=True) as session:
        scope = scope_of_system(session, bookkeeper.id)
        keyring = keyring_of(application.state.service)
        keep(session, scope, prepare(session, scope, keyring))
        trail.seal(session)
    matches = {
        match["subject"]: match["id"]
        for match in got(client, bookkeeper, "/v1/list-matches")["items"]
        if match["evidence"][0]["sign"] == "same_name"
    }
    said = {"decision": "same", "reason": "number_confirmed", "note": "Así es."}
    for match in matches.values():
        posted(client, bookkeeper, f"/v1/list-matches/{match}/decisions", said)
    proposed = {
        one["site"]: one["id"]
        for one in got(client, bookkeeper, "/v1/exclusions")["items"]
    }
    return {
        site: {
            "public_list": str(made["id"]),
            "list_edition": str(edition["id"]),
            "match": matches[site],
            "exclusion": proposed[site],
        }
        for site in names.values()
    }
