"""A small world to be kept apart: five organisations, and sites that stand differently.

One exporter keeps the records. A mill runs one of its sites; a buyer is shown the risk
of one and the scorecards of another, was shown a third, and will be shown a fifth. A
stranger and another buyer have nothing to do with any of them, or hardly anything.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from anyio.from_thread import BlockingPortal, start_blocking_portal
from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.testclient import TestClient
from typing_extensions import override

from api.app import create_app
from api.service import open_service
from audits.risk_evidence.working import assess_everything
from compliance import clock, site_marks, trail
from compliance.database import Database, open_database
from compliance.identity.actions import add_person, issue_key, revoke_key
from compliance.identity.models import OrganisationKind, Role
from compliance.registry.models import Site
from compliance.settings import Settings
from tests.browsing import OURS, PASSWORD
from tests.conftest import Tenant, founded
from tests.field import JPEG, Phone, publish, record, register_farm, workbook
from tests.isolation.furnishing import (
    furnish_finding,
    furnish_lists,
    furnish_organisation,
    furnish_plan,
    furnish_site,
    reviewed_visit,
)
from tests.isolation.speaking import Answer, Request, hear
from tests.sharing import Sharing, let_operate
from tests.visits import A_CHILD_OF_13, TODAY, Visited

SOON = (TODAY + timedelta(days=1)).isoformat()
# Names that are the same for everybody, or belong to nobody.
CONSTANTS = {
    "checklist": "small_visit",
    "version": "1",
    "slug": "not-allowed",
    "name": "Inter-Bold.ttf",
    "form_shell": "index.html",
    "static_name": "progress.js",
    "map_part": "maplibre-gl.css",
    "boundary": "world.geojson",
    "list_purpose": "suspension",
    "list_number": "1",
    "token": "a-token-that-was-made-up",
}
PHOTO = [("a.jpg", JPEG)]
AT_ONCE = TODAY + timedelta(minutes=1)
LATER = TODAY + timedelta(minutes=30)


@dataclass(frozen=True)
class Place:
    """A site and all that hangs on it: names to ask by, words that must not get out."""

    names: Mapping[str, str]
    secrets: tuple[str, ...]


@dataclass(frozen=True)
class World:
    """The organisations by what they are, and the exporter's sites by what is shown."""

    app: FastAPI
    database: Database
    tenants: Mapping[str, Tenant]
    places: Mapping[str, Place]
    cookies: Mapping[str, Mapping[str, str]]
    bad_credentials: Mapping[str, Mapping[str, str]]
    portal: BlockingPortal | None = None

    def hear(self, requests: Sequence[Request]) -> list[Answer]:
        """Return the application's answers to requests."""
        assert self.portal is not None
        return self.portal.call(hear, self.app, requests)


class _Undone(Exception):
    """A way out of a transaction that leaves nothing behind."""


class Undoing(Database):
    """A database that does everything but commit, so that each cell finds it the same."""

    @override
    @contextmanager
    def writing(self, *, system: bool = False) -> Iterator[Session]:
        with (
            suppress(_Undone),
            Database.writing(self, system=system) as session,
        ):
            yield session
            session.flush()
            raise _Undone


@contextmanager
def inhabited(database_url: str, folder: Path) -> Iterator[World]:
    """Build the world in an empty, migrated database, then let nothing change it."""
    database = open_database(
        database_url.replace("postgresql://", "postgresql+psycopg://"), is_system=True
    )
    settings = Settings(
        data=folder,
        database_url=database_url,
        rules_publishers="*",
        odk_validate="off",
        # They ask more in a minute than anybody may.
        rate_limits="off",
    )
    app = create_app(settings)
    with (
        clock.set_to(lambda: TODAY),
        TestClient(app, raise_server_exceptions=False) as client,
    ):
        peopled = _peopled(app, client, database)
    # The world outlives these tests: from here on nothing works in it but the requests.
    with open_service(settings) as service, start_blocking_portal() as portal:
        undoing = Undoing(service.database.engine)
        app.state.service = replace(service, database=undoing)
        yield replace(peopled, portal=portal)
    database.close()


def _peopled(app: FastAPI, client: TestClient, database: Database) -> World:
    kinds = {
        "exporter": OrganisationKind.EXPORTER,
        "mill": OrganisationKind.MILL,
        "buyer": OrganisationKind.BUYER,
        "stranger": OrganisationKind.EXPORTER,
        "other_buyer": OrganisationKind.BUYER,
        "third_buyer": OrganisationKind.BUYER,
    }
    tenants = {
        name: founded(database, f"Secreta {name}", kind) for name, kind in kinds.items()
    }
    for tenant in tenants.values():
        publish(client, tenant, workbook())
    cookies = {
        name: _cookie(client, database, tenants[name], name)
        for name in ("exporter", "stranger")
    }
    exporter, buyer = tenants["exporter"], tenants["buyer"]
    known = furnish_organisation(client, database, exporter)
    tenants["bookkeeper"] = _with_another_key(database, exporter)
    places = {
        name: _place(client, tenants, known, name)
        for name in ("private", "operated", "risk", "card", "ended", "past", "coming")
    }

    listed = furnish_lists(
        client,
        database,
        tenants["bookkeeper"],
        {place.secrets[0]: place.names["site"] for place in places.values()},
    )
    places = {
        name: replace(place, names={**place.names, **listed[place.names["site"]]})
        for name, place in places.items()
    }
    let_operate(database, places["operated"].names["site"], tenants["mill"])
    sharing = Sharing(client, exporter, buyer)
    shown = {
        "risk": sharing.give(places["risk"].names["site"], "risk"),
        "card": sharing.give(places["card"].names["site"]),
    }
    sharing.take_back(sharing.give(places["ended"].names["site"])["id"])
    sharing.give(places["past"].names["site"], valid_until=AT_ONCE.isoformat())
    sharing.give(places["coming"].names["site"], valid_from=SOON)
    for name, consent in shown.items():
        names = {**places[name].names, "consent": consent["id"]}
        places[name] = replace(places[name], names=names)
    _assess_risks(database, exporter)
    return World(
        app=app,
        database=database,
        tenants=tenants,
        places=places,
        cookies=cookies,
        bad_credentials=_bad_credentials(database, exporter),
    )


def _assess_risks(database: Database, tenant: Tenant) -> None:
    """Have the risks worked out that the standing clock lets nobody work out."""
    with database.writing(system=True) as session:
        assess_everything(session, tenant.id)
        sites = session.scalars(select(Site.id).where(Site.owner_id == tenant.id))
        site_marks.mark(session, tenant.id, *sites)
        trail.seal(session)


def _cookie(
    client: TestClient, database: Database, tenant: Tenant, name: str
) -> Mapping[str, str]:
    """Return what the browser of an administrator sends."""
    email = f"{name}@example.org"
    with database.writing(system=True) as session:
        add_person(
            session,
            organisation_id=tenant.id,
            role=Role.ADMINISTRATOR,
            email=email,
            name=f"Secreta {name}",
            language="en",
            password=PASSWORD,
        )
        trail.seal(session)
    answer = client.post(
        "/sign-in",
        data={"email": email, "password": PASSWORD},
        headers=OURS,
        follow_redirects=False,
    )
    cookie = answer.headers["set-cookie"].partition(";")[0]
    client.cookies.clear()
    return {"Cookie": cookie, **OURS}


def _with_another_key(database: Database, tenant: Tenant) -> Tenant:
    """Return an organisation as its administrator with a key of their own knows it."""
    with database.writing(system=True) as session:
        key = issue_key(
            session,
            organisation_id=tenant.id,
            role=Role.ADMINISTRATOR,
            label="bookkeeper",
        ).text
        trail.seal(session)
    return replace(tenant, keys={Role.ADMINISTRATOR: key})


def _bad_credentials(
    database: Database, tenant: Tenant
) -> Mapping[str, Mapping[str, str]]:
    """Return what must not let anybody in: ended, over, half right, and made up."""
    with database.writing(system=True) as session:
        keys = {
            label: issue_key(
                session,
                organisation_id=tenant.id,
                role=Role.ADMINISTRATOR,
                label=label,
                expires_at=expires_at,
            ).text
            for label, expires_at in (("revoked", None), ("over", AT_ONCE))
        }
        revoke_key(session, organisation_id=tenant.id, label="revoked")
        trail.seal(session)
    name = tenant.keys[Role.ADMINISTRATOR].rpartition("_")[0]
    keys["half right"] = f"{name}_{keys['over'].rpartition('_')[2]}"
    return {
        **{
            f"a key that is {label}": {"Authorization": f"Bearer {key}"}
            for label, key in keys.items()
        },
        "a cookie that is made up": {"Cookie": "atalaya_session=x", **OURS},
    }


def _place(
    client: TestClient,
    tenants: Mapping[str, Tenant],
    known: Mapping[str, str],
    name: str,
) -> Place:
    """Register a site that is visited, found wanting and graded."""
    owner, other = tenants["exporter"], tenants["other_buyer"]
    called = f"Finca Secreta {name}"
    site = register_farm(
        client,
        owner,
        name=called,
        admin1="Tolima",
        municipality="Planadas",
        identifiers=[{"scheme": "own_number", "value": f"lote-{name}"}],
    )
    farm = Visited(client, owner, site)
    submission = farm.send(
        children=[A_CHILD_OF_13],
        facts={"documents_held": True},
        instance_id=f"uuid:{name}",
    )
    phone = Phone(client, owner)
    phone.send(record(site, instance_id=f"uuid:x-{name}", photo="a.jpg"), PHOTO)
    phone.send(record(site, instance_id=f"uuid:x-{name}", papers="no"))
    phone.send(record(None, instance_id=f"uuid:u-{name}"))
    by_instance = {one["instance_id"]: one["id"] for one in phone.submissions()}
    pictured = by_instance[f"uuid:x-{name}"]
    (picture,) = phone.attachments(pictured)["items"]
    raised, accepted = [one["ref"] for one in farm.findings(f"?site={site}")][:2]
    farm.step(
        accepted,
        Role.MANAGER,
        step="dispute",
        reason="facts_wrong",
        statement="No fue así.",
    )
    farm.step(accepted, Role.REVIEWER, step="uphold", statement="Así fue.")
    card = farm.printed(farm.issue())
    given = farm.post(
        f"/v1/scorecards/{card['id']}/answers",
        Role.MANAGER,
        code="agree_and_work_on_it",
    )
    aside = Sharing(client, owner, other)
    names = {
        "site": site,
        "submission": submission,
        "pictured": pictured,
        "unplaced": by_instance[f"uuid:u-{name}"],
        "attachment": picture["id"],
        "refused": phone.refused()[0]["id"],
        "rule": "child_labour.minimum_age",
        "ref": raised,
        "accepted": accepted,
        "scorecard": card["id"],
        "code": card["verify_code"],
        "answer": given["id"],
        "own_number": f"lote-{name}",
        "consent": aside.give(site, "risk")["id"],
        "asked": aside.ask(site=site),
        **CONSTANTS,
        **known,
        **furnish_finding(farm, accepted),
        **furnish_site(client, owner, site, known),
        **furnish_plan(client, tenants["bookkeeper"], other, site, accepted),
        **reviewed_visit(farm, name),
    }
    return Place(names, (called, site, submission, raised, accepted, card["id"]))
