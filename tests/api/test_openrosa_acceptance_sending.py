"""Filled checklists arrive whole, in pieces, again, edited, broken: items 5 to 12."""

import hashlib
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from compliance import limits
from compliance.identity.models import Role
from tests.conftest import Tenant
from tests.field import (
    BOUNDARY,
    JPEG,
    XML_PART,
    Phone,
    body_of,
    publish,
    record,
    register_farm,
    workbook,
)


@pytest.fixture
def farm(client: TestClient, tenant: Tenant) -> str:
    """The id of a farm, in a programme that has published the small checklist."""
    publish(client, tenant, workbook())
    return register_farm(client, tenant)


@pytest.fixture
def phone(client: TestClient, tenant: Tenant) -> Phone:
    return Phone(client, tenant)


def test_one_upload_with_three_files_is_kept_whole(phone: Phone, farm: str) -> None:
    xml = record(
        farm, photo="a.jpg", second_photo="Finca ñandú (1).jpg", audit="audit.csv"
    )
    files = [
        ("a.jpg", JPEG),
        ("Finca ñandú (1).jpg", b"\x89PNG\r\n\x1a\n"),
        ("audit.csv", b"event,node,start,end\n"),
    ]

    told = phone.send(xml, files)

    assert told == phone.send(xml, files)
    assert (told.status, told.nature) == (201, "submit_success")
    assert told.message == "Received: 3 of 3 files."
    (kept,) = phone.submissions()
    found = phone.attachments(kept["id"])
    assert found["missing"] == []
    assert {
        (file["name"], file["sha256"], file["media_type"]) for file in found["items"]
    } == {
        ("a.jpg", hashlib.sha256(JPEG).hexdigest(), "image/jpeg"),
        (files[1][0], hashlib.sha256(files[1][1]).hexdigest(), "image/png"),
        ("audit.csv", hashlib.sha256(files[2][1]).hexdigest(), "text/csv"),
    }


def test_an_upload_in_three_parts_becomes_one_record(phone: Phone, farm: str) -> None:
    xml = record(farm, photo="a.jpg", second_photo="b.jpg", paper="c.pdf")

    told = [
        phone.send(xml, [("a.jpg", JPEG)], is_incomplete=True),
        phone.send(xml, [("b.jpg", JPEG)], is_incomplete=True),
        phone.send(xml, [("c.pdf", b"%PDF-1.7")]),
    ]

    assert [one.status for one in told] == [202, 202, 201]
    assert [one.nature for one in told][:2] == ["submit_partial", "submit_partial"]
    (kept,) = phone.submissions()
    assert kept["attachments"] == "complete"
    assert len(phone.attachments(kept["id"])["items"]) == 3


def test_an_interrupted_upload_begins_again_and_is_one_record(
    phone: Phone, farm: str
) -> None:
    xml = record(farm, photo="a.jpg", second_photo="b.jpg")
    phone.send(xml, [("a.jpg", JPEG)], is_incomplete=True)

    phone.send(xml, [("a.jpg", JPEG)], is_incomplete=True)
    told = phone.send(xml, [("b.jpg", JPEG)])

    assert told.message == "Received: 2 of 2 files."
    assert len(phone.submissions()) == 1


def test_a_missing_file_is_named_and_may_come_later(phone: Phone, farm: str) -> None:
    xml = record(farm, photo="a.jpg", second_photo="b.jpg")

    told = phone.send(xml, [("a.jpg", JPEG)])

    assert told.status == 201
    assert "b.jpg" in told.message
    (kept,) = phone.submissions()
    assert kept["attachments"] == "attachments_missing"
    assert phone.attachments(kept["id"])["missing"] == ["b.jpg"]
    assert "2 of 2" in phone.send(xml, [("b.jpg", JPEG)]).message


def test_a_file_nobody_named_is_not_kept(phone: Phone, farm: str) -> None:
    told = phone.send(record(farm), [("stray.exe", b"MZ")])

    assert told.status == 201
    (kept,) = phone.submissions()
    assert phone.attachments(kept["id"])["items"] == []


def test_a_file_sent_again_replaces_and_the_first_is_still_there(
    phone: Phone, farm: str
) -> None:
    xml = record(farm, photo="a.jpg")
    phone.send(xml, [("a.jpg", JPEG)])
    (kept,) = phone.submissions()
    (first,) = phone.attachments(kept["id"])["items"]

    phone.send(xml, [("a.jpg", JPEG + b"2")])

    (second,) = phone.attachments(kept["id"])["items"]
    assert second["sha256"] == hashlib.sha256(JPEG + b"2").hexdigest()
    for file, content in ((first, JPEG), (second, JPEG + b"2")):
        answer = phone.client.get(
            f"/v1/submissions/{kept['id']}/attachments/{file['id']}",
            headers=phone.tenant.headers(),
        )
        assert answer.content == content


def test_other_answers_under_the_same_id_are_kept_aside(
    phone: Phone, farm: str
) -> None:
    first, other = record(farm, papers="yes"), record(farm, papers="no")
    phone.send(first)

    told = [phone.send(other), phone.send(other)]

    assert [one.status for one in told] == [409, 409]
    assert "supervisor" in told[0].message
    (kept,) = phone.submissions()
    (refused,) = phone.refused()
    assert refused["reason"] == "other_answers"
    original = phone.client.get(
        f"/v1/submissions/{kept['id']}/original", headers=phone.tenant.headers()
    )
    aside = phone.client.get(
        f"/v1/refused-submissions/{refused['id']}/original",
        headers=phone.tenant.headers(),
    )
    assert (original.content, aside.content) == (first, other)


def test_a_chain_of_edits_has_one_current_record(phone: Phone, farm: str) -> None:
    a = record(farm, instance_id="uuid:A", photo="a.jpg")
    b = record(farm, instance_id="uuid:B", edits="uuid:A", photo="a.jpg", papers="no")
    c = record(farm, instance_id="uuid:C", edits="uuid:A")
    phone.send(a, [("a.jpg", JPEG)])

    told = [
        phone.send(b),
        phone.send(b),
        phone.send(c),
        phone.send(record(farm, instance_id="uuid:X", edits="uuid:unknown")),
        phone.send(record(farm, instance_id="uuid:A", edits="uuid:B")),
        phone.send(a),
    ]

    assert [one.status for one in told] == [201, 201, 409, 404, 409, 409]
    states = {one["instance_id"]: one["state"] for one in phone.submissions()}
    assert states == {"uuid:A": "superseded", "uuid:B": "current"}
    edited = phone.submissions()[1]
    (carried,) = phone.attachments(edited["id"])["items"]
    assert carried["sha256"] == hashlib.sha256(JPEG).hexdigest()
    assert {one["reason"] for one in phone.refused()} == {"out_of_date", "superseded"}


def test_both_versions_of_an_edit_belong_to_the_same_audit(
    phone: Phone, farm: str
) -> None:
    phone.send(record(farm, instance_id="uuid:A"))
    phone.send(record(farm, instance_id="uuid:B", edits="uuid:A"))

    audits = {one["audit"] for one in phone.submissions()}

    assert len(audits) == 1


def test_work_done_with_an_old_version_is_taken(phone: Phone, farm: str) -> None:
    publish(phone.client, phone.tenant, workbook("2"))

    old = phone.send(record(farm, instance_id="uuid:old", version="1"))
    unknown = phone.send(record(farm, instance_id="uuid:new", version="3"))
    other = phone.send(record(farm, form_id="never_published"))

    assert (old.status, unknown.status, other.status) == (201, 404, 404)
    assert "refresh" in unknown.message
    assert [one["version"] for one in phone.submissions()] == ["1"]


def test_a_closed_checklist_takes_only_work_begun_before(
    phone: Phone, farm: str
) -> None:
    headers = phone.tenant.headers()
    phone.client.post("/v1/checklists/small_visit/close", headers=headers)

    late = phone.send(
        record(farm, instance_id="uuid:late", started="2999-01-01T00:00:00Z")
    )
    early = phone.send(record(farm, instance_id="uuid:early"))

    assert (late.status, early.status) == (409, 202)
    (kept,) = phone.submissions()
    assert kept["processing"] == "awaiting_site"
    assert [one["reason"] for one in phone.refused()] == ["checklist_closed"]


def test_a_withdrawn_record_may_not_be_sent_again(phone: Phone, farm: str) -> None:
    phone.send(record(farm))
    (kept,) = phone.submissions()
    phone.client.post(
        f"/v1/submissions/{kept['id']}/withdraw",
        json={"reason": "a practice run"},
        headers=phone.tenant.headers(),
    )

    again = phone.send(record(farm))
    edit = phone.send(record(farm, instance_id="uuid:2", edits="uuid:1"))

    assert (again.status, edit.status) == (409, 409)
    assert [one["state"] for one in phone.submissions()] == ["withdrawn"]
    assert len(phone.refused()) == 1


def test_a_record_of_an_unknown_site_is_kept_for_a_supervisor(
    phone: Phone, farm: str, stranger: Tenant
) -> None:
    foreign = register_farm(phone.client, stranger)

    told = phone.send(record(foreign, papers="yes"))

    assert (told.status, told.nature) == (202, "submit_success")
    (kept,) = phone.submissions()
    assert (kept["processing"], kept["site"]) == ("awaiting_site", None)
    placed = phone.client.post(
        f"/v1/submissions/{kept['id']}/site",
        json={"site": farm},
        headers=phone.tenant.headers(Role.REVIEWER),
    )
    assert placed.json()["site"] == farm
    facts = phone.get(f"/v1/submissions/{kept['id']}/facts")
    assert facts["answers"]["facts"] == {"documents_held": True}


@pytest.mark.usefixtures("farm")
def test_a_site_may_be_told_by_a_number_of_another_register(phone: Phone) -> None:
    number = {"scheme": "national_coffee_register", "value": "73-0001"}
    known = register_farm(phone.client, phone.tenant, identifiers=[number])

    phone.send(record("73-0001"))

    assert [one["site"] for one in phone.submissions()] == [known]


def test_form_ids_of_two_organisations_do_not_meet(
    phone: Phone, farm: str, stranger: Tenant
) -> None:
    publish(phone.client, stranger, workbook())
    other = Phone(phone.client, stranger)
    theirs = register_farm(phone.client, stranger)

    told = [phone.send(record(farm)), other.send(record(theirs))]

    assert [one.status for one in told] == [201, 201]
    assert len(phone.submissions()) == len(other.submissions()) == 1


def test_chunked_uploads_are_read(phone: Phone, farm: str) -> None:
    body = body_of([(XML_PART, record(farm, photo="a.jpg")), ("a.jpg", JPEG)])

    def chunks() -> Iterator[bytes]:
        yield from (body[place : place + 7] for place in range(0, len(body), 7))

    assert phone.post(chunks()).message == "Received: 1 of 1 files."


def test_parts_may_come_in_any_order_and_without_a_file_name(
    phone: Phone, farm: str
) -> None:
    xml = record(farm, photo='the "good" one.jpg')
    picture = body_of([('the "good" one.jpg', JPEG)], end=False)
    bare = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{XML_PART}"\r\n\r\n'
    body = picture + bare.encode() + xml + f"\r\n--{BOUNDARY}--\r\n".encode()

    assert phone.post(body).message == "Received: 1 of 1 files."


ELEMENTS = b"<data id='small_visit' version='1'>" + b"<x/>" * 200_000 + b"</data>"
NO_ID = b"<data><meta><instanceID>uuid:1</instanceID></meta></data>"
NO_INSTANCE = b"<data id='small_visit' version='1'/>"
DOCTYPE = b"<!DOCTYPE data [<!ENTITY x 'y'>]>" + NO_ID


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"nonsense", 400),
        (body_of([(XML_PART, record("site_a"))], end=False), 400),
        (body_of([("a.jpg", JPEG)]), 400),
        (body_of([(XML_PART, record("site_a"))] * 2), 400),
        (body_of([(XML_PART, NO_ID)]), 400),
        (body_of([(XML_PART, NO_INSTANCE)]), 400),
        (body_of([(XML_PART, DOCTYPE)]), 400),
        (body_of([(XML_PART, b"<data")]), 400),
        (body_of([(XML_PART, ELEMENTS)]), 400),
        (body_of([(XML_PART, b" " * (limits.XML_BYTES + 1))]), 413),
    ],
    ids=[
        "empty",
        "nonsense",
        "no end",
        "no record",
        "two records",
        "no form",
        "no instance id",
        "doctype",
        "not well-formed",
        "too many elements",
        "too large",
    ],
)
@pytest.mark.usefixtures("farm")
def test_what_is_broken_is_refused_and_leaves_nothing(
    app: FastAPI, phone: Phone, body: bytes, status: int
) -> None:
    told = phone.post(body)

    assert (told.status, told.nature) == (status, "error")
    assert phone.submissions() == []
    assert list(app.state.service.files.incoming().iterdir()) == []


@pytest.mark.parametrize(
    ("headers", "status"), [({"Authorization": ""}, 401), ({"Cookie": "x=y"}, 400)]
)
def test_who_may_not_send_is_refused_before_anything_is_read(
    phone: Phone, headers: dict[str, str], status: int
) -> None:
    assert phone.post(b"nonsense", **headers).status == status


def test_a_role_that_may_not_send_is_refused_before_anything_is_read(
    phone: Phone,
) -> None:
    analyst = phone.tenant.headers(Role.ANALYST)

    assert phone.post(b"nonsense", **analyst).status == 403


def test_what_is_no_form_is_told_so(phone: Phone, farm: str) -> None:
    told = phone.post(record(farm), **{"Content-Type": "text/xml"})

    assert told.status == 415
