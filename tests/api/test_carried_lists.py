"""What travels with an auditor: the forms assigned, and her own sites to choose from."""

import csv
import hashlib
import io
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from audits.checklists.checks import CARRIED_LISTS
from audits.fieldwork import carried
from compliance import clock, limits
from compliance.database import Database
from compliance.identity.models import Role
from tests.conftest import Tenant
from tests.devices import (
    MANIFEST,
    assigned,
    auditor,
    enrolled,
    entries,
    fetched,
    forms_on,
    in_days,
    lists_on,
    path_of,
    phone_of,
    write_use,
)
from tests.field import (
    OPENROSA,
    publish,
    record,
    register_farm,
    told_by,
    workbook,
    workbook_with_list,
)

FORM = "visit_with_list"


@pytest.fixture
def device(client: TestClient, tenant: Tenant) -> dict[str, Any]:
    """A device of a programme whose checklist lets one choose from its producers."""
    publish(client, tenant, workbook_with_list())
    return enrolled(client, tenant)


def chosen_from(client: TestClient, device: dict[str, Any]) -> list[dict[str, str]]:
    """Return the rows of the producers' list on a device."""
    content = lists_on(client, path_of(device), FORM)["producers.csv"]
    return list(csv.DictReader(io.StringIO(content.decode())))


def names_on(client: TestClient, device: dict[str, Any]) -> list[str]:
    return [row["name"] for row in chosen_from(client, device)]


def test_the_lists_a_checklist_may_name_are_those_that_are_made() -> None:
    assert sorted(carried.LISTS) == sorted(CARRIED_LISTS)


def test_a_checklist_that_names_another_file_is_refused_at_publishing(
    client: TestClient, tenant: Tenant
) -> None:
    answer = client.post(
        "/v1/checklists",
        content=workbook_with_list(name="workers.csv"),
        headers=tenant.headers(),
    )

    assert answer.status_code == 422
    assert "producers.csv" in answer.text


def test_a_list_holds_what_an_auditor_needs_and_no_more(
    client: TestClient, tenant: Tenant, device: dict[str, Any]
) -> None:
    names = ['Finca "La Niña", alta', "Ñame & Café <1>", "Alta Vista"]
    ids = {
        name: register_farm(
            client,
            tenant,
            name=name,
            municipality="Chaparral",
            identifiers=[{"scheme": "national_coffee_register", "value": f"7{place}"}],
        )
        for place, name in enumerate(names)
    }

    assert chosen_from(client, device) == [
        {
            "name": ids[name],
            "label": f"{name} (Chaparral)",
            "municipality": "Chaparral",
        }
        for name in sorted(names)
    ]


def test_a_list_is_written_as_csv_has_it_and_always_the_same() -> None:
    sites = [("site_b", 'B "b", b', None), ("site_a", "A", "Neiva")]

    content = carried.written(sites)

    assert content == carried.written(sites[::-1])
    assert content == (
        b'name,label,municipality\nsite_a,A (Neiva),Neiva\nsite_b,"B ""b"", b",\n'
    )


def test_producers_and_mills_stand_in_lists_of_their_own(
    client: TestClient, tenant: Tenant
) -> None:
    for name in carried.LISTS:
        form_id = name.replace(".csv", "_visit")
        publish(client, tenant, workbook_with_list(form_id=form_id, name=name))
    farm, device = register_farm(client, tenant), enrolled(client, tenant)
    mill = client.post(
        "/v1/mills",
        json={"name": "Trilladora", "country": "CO", "commodity": "coffee"},
        headers=tenant.headers(),
    ).json()["id"]

    found = {
        name: lists_on(client, path_of(device), name.replace(".csv", "_visit"))[name]
        for name in carried.LISTS
    }

    assert {
        name: (farm.encode() in content, mill.encode() in content)
        for name, content in found.items()
    } == {
        "producers.csv": (True, False),
        "mills.csv": (False, True),
        "sites.csv": (True, True),
    }


def test_only_a_form_that_refers_to_a_list_has_a_manifest(
    client: TestClient, tenant: Tenant, device: dict[str, Any]
) -> None:
    publish(client, tenant, workbook())

    forms = forms_on(client, path_of(device))

    assert {one["formID"]: "manifestUrl" in one for one in forms} == {
        "small_visit": False,
        FORM: True,
    }


def test_every_hash_of_a_manifest_is_that_of_the_bytes_then_downloaded(
    client: TestClient, tenant: Tenant, device: dict[str, Any]
) -> None:
    register_farm(client, tenant, name="Ñandú")
    (form,) = forms_on(client, path_of(device))
    manifest = fetched(client, f"{urlsplit(form['manifestUrl']).path}?deviceID=x")

    (entry,) = entries(manifest.content, MANIFEST)
    media = client.get(f"{urlsplit(entry['downloadUrl']).path}?deviceID=x")

    told = hashlib.md5(media.content, usedforsecurity=False).hexdigest()
    assert manifest.headers["content-type"] == "text/xml; charset=utf-8"
    assert media.headers["content-type"] == "text/csv; charset=utf-8"
    assert entry["filename"] == "producers.csv"
    assert entry["hash"] == f"md5:{told}"


@pytest.mark.parametrize("which", ["formList", "manifest", "media"])
def test_what_did_not_change_is_not_sent_again_and_what_did_is(
    client: TestClient, tenant: Tenant, device: dict[str, Any], which: str
) -> None:
    (form,) = forms_on(client, path_of(device))
    manifest = urlsplit(form["manifestUrl"]).path
    path = {
        "formList": f"{path_of(device)}/formList",
        "manifest": manifest,
        "media": manifest.replace("/manifest", "/media/producers.csv"),
    }[which]
    first = fetched(client, path)

    again = fetched(client, path, **{"If-None-Match": first.headers["etag"]})
    register_farm(client, tenant)
    publish(client, tenant, workbook())
    changed = fetched(client, path, **{"If-None-Match": first.headers["etag"]})

    assert first.headers["cache-control"] == "private, no-cache"
    assert (again.status_code, again.content) == (304, b"")
    assert changed.status_code == 200


def test_a_list_the_form_does_not_name_is_not_there(
    client: TestClient, device: dict[str, Any]
) -> None:
    (form,) = forms_on(client, path_of(device))
    media = urlsplit(form["manifestUrl"]).path.replace("/manifest", "/media/")

    answers = [fetched(client, media + name) for name in ("mills.csv", "passwd", "..")]

    assert [one.status_code for one in answers] == [404, 404, 404]
    assert "producers.csv" in told_by(404, answers[0].content).message


def test_assignments_narrow_the_forms_and_the_sites_of_one_device(
    client: TestClient, tenant: Tenant, device: dict[str, Any]
) -> None:
    publish(client, tenant, workbook())
    hers, other = (register_farm(client, tenant, name=one) for one in ("A", "B"))
    free = enrolled(client, tenant)

    assigned(client, tenant, hers, device=device["id"], checklists=[FORM])

    assert [one["formID"] for one in forms_on(client, path_of(device))] == [FORM]
    assert names_on(client, device) == [hers]
    assert len(forms_on(client, path_of(free))) == 2
    assert names_on(client, free) == [hers, other]


def test_two_auditors_get_lists_of_their_own_with_hashes_of_their_own(
    client: TestClient, database: Database, tenant: Tenant
) -> None:
    publish(client, tenant, workbook_with_list())
    farms = [register_farm(client, tenant, name=one) for one in ("A", "B")]
    people = [auditor(database, tenant, f"{one}@example.org") for one in ("a", "b")]
    phones = [enrolled(client, tenant, person=one) for one in people]
    for farm, one in zip(farms, people, strict=True):
        assigned(client, tenant, farm, person=one, checklists=[FORM])

    found = [names_on(client, one) for one in phones]

    hashes = {
        entry["hash"]
        for phone in phones
        for form in forms_on(client, path_of(phone))
        for entry in entries(
            fetched(client, urlsplit(form["manifestUrl"]).path).content, MANIFEST
        )
    }
    assert found == [[farms[0]], [farms[1]]]
    assert len(hashes) == 2


def test_what_was_visited_stays_on_the_device_for_a_while(
    client: TestClient, app: FastAPI, tenant: Tenant, device: dict[str, Any]
) -> None:
    farm, other, far = (register_farm(client, tenant, name=one) for one in "ABC")
    due = {"checklists": [FORM], "due_on": in_days(1), "device": device["id"]}
    assigned(client, tenant, farm, **due)
    assigned(client, tenant, other, **due)
    phone_of(client, tenant, device).send(record(farm, form_id=FORM))
    write_use(client, app)
    until = clock.now() + timedelta(days=1 + limits.ASSIGNMENT_DAYS_KEPT)

    on_the_device = []
    for day in (clock.now(), until, until + timedelta(days=1)):
        with clock.set_to(Fixed(day)):
            on_the_device.append(names_on(client, device))

    assert far not in on_the_device[0]
    assert on_the_device == [[farm, other], [farm, other], [other]]


@dataclass(frozen=True)
class Fixed:
    """A clock that stands still."""

    at: datetime

    def __call__(self) -> datetime:
        return self.at


def test_what_is_withdrawn_or_closed_is_on_the_device_no_more(
    client: TestClient, tenant: Tenant, device: dict[str, Any]
) -> None:
    farms = [register_farm(client, tenant, name=one) for one in ("A", "B", "C")]
    made = [
        assigned(client, tenant, one, device=device["id"], checklists=[FORM])["id"]
        for one in farms
    ]
    client.post(f"/v1/assignments/{made[0]}/withdraw", headers=tenant.headers())
    client.post(
        f"/v1/sites/{farms[1]}/close",
        json={"reason": "no_longer_works"},
        headers=tenant.headers(),
    )

    assert names_on(client, device) == [farms[2]]


@pytest.mark.parametrize("is_assigned", [True, False])
def test_of_two_records_of_one_site_the_one_that_is_kept_is_listed(
    client: TestClient, tenant: Tenant, device: dict[str, Any], *, is_assigned: bool
) -> None:
    kept, gone = (register_farm(client, tenant, name=one) for one in "AB")
    chosen = [device] if is_assigned else []
    for one in chosen:
        assigned(client, tenant, gone, device=one["id"], checklists=[FORM])
    client.post(
        "/v1/site-merges",
        json={"keep": kept, "gone": gone, "reason": "entered_twice"},
        headers=tenant.headers(),
    )

    assert names_on(client, device) == [kept]


def test_beyond_some_thousand_sites_a_programme_has_to_assign(
    client: TestClient,
    tenant: Tenant,
    device: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, "UNASSIGNED_SITES", 1)
    first = register_farm(client, tenant, name="A")
    one = names_on(client, device)

    register_farm(client, tenant, name="B")

    assert one == [first]
    assert names_on(client, device) == []
    assert [one["formID"] for one in forms_on(client, path_of(device))] == [FORM]


def test_another_organisations_list_is_not_found(
    client: TestClient, stranger: Tenant, device: dict[str, Any]
) -> None:
    (form,) = forms_on(client, path_of(device))
    own = urlsplit(form["manifestUrl"]).path.partition("/openrosa")[2]
    theirs = path_of(enrolled(client, stranger))

    answers = [
        fetched(client, theirs + own),
        fetched(client, theirs + own.replace("/manifest", "/media/producers.csv")),
        client.get(
            f"/openrosa{own}", headers={**OPENROSA, **stranger.headers(Role.AUDITOR)}
        ),
    ]

    assert [one.status_code for one in answers] == [404, 404, 404]


def test_a_visit_whose_site_was_chosen_from_the_list_finds_its_place(
    client: TestClient, tenant: Tenant, device: dict[str, Any]
) -> None:
    farm = register_farm(client, tenant)
    (chosen,) = names_on(client, device)
    phone = phone_of(client, tenant, device)

    told = phone.send(record(chosen, form_id=FORM))

    assert (told.status, phone.submissions()[0]["site"]) == (201, farm)
