"""Integrity signals over HTTP: computed behind the intake, read by reviewers alone."""

import random
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from audits.integrity.actions import READ
from audits.integrity.codes import Signal
from audits.integrity.models import PictureBand, TextBand, VisitProfile
from audits.submissions.deriving import DERIVE
from compliance import jobs
from compliance.database import Database
from compliance.identity.models import Role
from compliance.jobs.models import Job
from tests.conftest import Tenant
from tests.field import Phone, publish, register_farm
from tests.home_visits import columns
from tests.integrity_pictures import Scene, photo_of, reworked
from tests.integrity_texts import paraphrased, report_of
from tests.integrity_visits import report_workbook, visit
from tests.jobs import wait_until

FAR = "3.4000 -75.6000 1500 8.0"
FARM = {"latitude": 3.2, "longitude": -75.6, "admin1": "Tolima"}
REPORT = report_of(random.Random(3), tuple(range(11)), 0, 1)  # noqa: S311 - repeatable
PICTURE = photo_of(Scene(11), 1)
LOG = "\n".join(
    [
        "event,node,start,end",
        *(
            f"question,/data/{name},{1000 * at},{1000 * at + 300}"
            for at, name in enumerate(
                [*(f"q{one}" for one in range(20)), "remarks", "photo"]
            )
        ),
    ]
).encode()


@pytest.fixture
def phone(client: TestClient, tenant: Tenant) -> Phone:
    publish(client, tenant, report_workbook())
    return Phone(client, tenant)


@pytest.fixture
def work(database: Database) -> Callable[[], None]:
    """Wait until what follows a visit is done by the product's own worker."""

    def is_done() -> bool:
        with database.reading() as session:
            left = select(Job.id).where(
                Job.kind.in_([READ, DERIVE]), Job.state != jobs.State.DONE
            )
            return session.scalar(left.limit(1)) is None

    return lambda: wait_until(is_done)


def signals(phone: Phone, number: int) -> dict[str, Any]:
    """Return the signals of a visit by name, and whether it is flagged."""
    found = {one["instance_id"]: one["id"] for one in phone.submissions()}
    told = phone.get(f"/v1/submissions/{found[f'uuid:{number}']}/signals")
    return {one["signal"]: one for one in told["signals"]} | {"all": told}


def test_every_signal_of_a_visit_is_told_with_its_sentence(
    phone: Phone, work: Callable[[], None]
) -> None:
    farm = register_farm(phone.client, phone.tenant, **FARM)
    phone.send(visit(farm, 3, remarks=REPORT, location=FAR))
    work()

    told = signals(phone, 3)

    assert list(told)[:-1] == [one.value for one in Signal]
    assert told["distance"]["state"] == "fired"
    assert told["distance"]["evidence"]["distance_metres"] == 22_239
    assert "22239 m" in told["distance"]["sentence"]
    assert (told["reused_picture"]["state"], told["reused_picture"]["why"]) == (
        "unknown",
        "no_picture",
    )
    assert told["all"]["is_flagged"] is True
    assert told["all"]["reasons"] == ["distance"]


def test_a_paraphrased_report_and_a_reworked_picture_lead_to_the_visit_they_are_of(
    phone: Phone, work: Callable[[], None]
) -> None:
    draw = random.Random(5)  # noqa: S311 - repeatable
    farms = [register_farm(phone.client, phone.tenant, **FARM) for _ in range(2)]
    phone.send(visit(farms[0], 3, remarks=REPORT, photo="a.jpg"), [("a.jpg", PICTURE)])
    work()
    kept, rest = REPORT[: len(REPORT) // 2], REPORT[len(REPORT) // 2 :]
    # So alike that no key of the sketches, which is drawn by chance, can hide it.
    told = kept + paraphrased(draw, rest, 2)
    copied = visit(farms[1], 4, remarks=told, photo="b.jpg")
    phone.send(copied, [("b.jpg", reworked(PICTURE, draw))])
    work()

    first, second = signals(phone, 3), signals(phone, 4)

    original = first["all"]["submission"]
    assert (first["copied_text"]["state"], first["reused_picture"]["state"]) == (
        "clear",
        "clear",
    )
    assert (
        second["copied_text"]["state"] == second["reused_picture"]["state"] == "fired"
    )
    assert second["copied_text"]["evidence"]["submission"] == original
    assert second["reused_picture"]["evidence"]["submission"] == original
    assert (first["all"]["is_flagged"], second["all"]["is_flagged"]) == (False, True)


def test_the_copy_is_the_later_visit_whichever_arrives_first(
    phone: Phone, work: Callable[[], None]
) -> None:
    farms = [register_farm(phone.client, phone.tenant, **FARM) for _ in range(2)]
    phone.send(visit(farms[1], 4, remarks=REPORT, photo="b.jpg"), [("b.jpg", PICTURE)])
    work()
    alone = signals(phone, 4)
    phone.send(visit(farms[0], 3, remarks=REPORT, photo="a.jpg"), [("a.jpg", PICTURE)])
    work()

    earlier, later = signals(phone, 3), signals(phone, 4)

    assert alone["all"]["is_flagged"] is False
    assert earlier["all"]["is_flagged"] is False
    assert later["all"]["reasons"] == ["copied_text", "reused_picture"]
    assert later["reused_picture"]["evidence"]["same_file"] is True


def test_a_correction_is_no_copy_of_what_it_corrects(
    phone: Phone, work: Callable[[], None]
) -> None:
    farm = register_farm(phone.client, phone.tenant, **FARM)
    phone.send(visit(farm, 3, remarks=REPORT, photo="a.jpg"), [("a.jpg", PICTURE)])
    work()
    corrected = visit(farm, 4, remarks=REPORT, photo="a.jpg", q3="no", edits="uuid:3")
    phone.send(corrected, [("a.jpg", PICTURE)])
    work()

    told = signals(phone, 4)

    assert told["copied_text"]["state"] == told["reused_picture"]["state"] == "clear"


def test_the_log_of_the_interview_is_read_though_it_is_sealed(
    phone: Phone, work: Callable[[], None]
) -> None:
    farm = register_farm(phone.client, phone.tenant, **FARM)
    phone.send(visit(farm, 3, audit="audit.csv"), [("audit.csv", LOG)])
    work()

    told = signals(phone, 3)

    assert told["faster_than_reading"]["evidence"]["questions"] == 22
    assert told["faster_than_reading"]["state"] == "fired"
    assert told["time_on_site"]["state"] == "fired"


def test_no_word_of_a_report_is_kept_and_no_picture_of_a_person_hashed(
    phone: Phone, work: Callable[[], None], database: Database
) -> None:
    farm = register_farm(phone.client, phone.tenant, **FARM)
    files = [("a.jpg", PICTURE), ("b.jpg", photo_of(Scene(12), 1))]
    sent = visit(
        farm, 3, remarks=f"Plantadillo {REPORT}", photo="a.jpg", portrait="b.jpg"
    )
    phone.send(sent, files)
    work()

    kept = [
        str(row).casefold()
        for table, row in columns(database)
        if table.startswith(("visit_profile", "visit_signal", "text_", "picture_"))
    ]

    assert len(kept) > 60
    assert not [row for row in kept if "plantad" in row or "recib" in row]
    with database.reading() as session:
        pictures = session.scalars(select(PictureBand.attachment_id).distinct()).all()
        bands = session.scalars(select(TextBand.value)).all()
        profiles = session.scalars(select(VisitProfile.text_sketch)).all()
    assert len(pictures) == 1
    assert len(bands) == 32
    assert [len(one or b"") for one in profiles] == [512]


def test_two_organisations_make_other_sketches_of_the_same_words(
    phone: Phone,
    stranger: Tenant,
    work: Callable[[], None],
    database: Database,
) -> None:
    publish(phone.client, stranger, report_workbook())
    theirs = Phone(phone.client, stranger)
    for one in (phone, theirs):
        one.send(
            visit(register_farm(one.client, one.tenant, **FARM), 3, remarks=REPORT)
        )
    work()

    with database.reading() as session:
        bands = session.scalars(select(TextBand.value)).all()

    assert len(bands) == len(set(bands)) == 64
    assert signals(theirs, 3)["copied_text"]["state"] == "clear"


def test_answers_sent_as_json_leave_unknown_what_they_do_not_tell(
    phone: Phone, work: Callable[[], None]
) -> None:
    farm = register_farm(phone.client, phone.tenant, **FARM)
    body = {
        "checklist": "small_visit",
        "instance_id": "uuid:3",
        "site": farm,
        "observed_on": "2026-11-03",
        "facts": {},
    }
    phone.client.post("/v1/submissions", json=body, headers=phone.tenant.headers())
    work()

    told = phone.get(
        f"/v1/submissions/{phone.submissions()[0]['id']}/signals", Role.REVIEWER
    )

    states = {one["signal"]: (one["state"], one["why"]) for one in told["signals"]}
    assert states["distance"] == ("unknown", "no_point")
    assert states["compliant_streak"] == ("unknown", "auditor_not_known")
    assert told["is_flagged"] is False


def test_the_list_is_filtered_paged_and_told_as_csv(
    phone: Phone, work: Callable[[], None]
) -> None:
    farms = [register_farm(phone.client, phone.tenant, **FARM) for _ in range(2)]
    phone.send(visit(farms[0], 3, location=FAR))
    phone.send(visit(farms[1], 4))
    work()

    def listed(query: str) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = phone.get(f"/v1/signals?{query}")["items"]
        return items

    csv = phone.client.get(
        "/v1/signals?state=fired",
        headers={**phone.tenant.headers(), "Accept": "text/csv"},
    )

    assert len(listed("rows=200")) == 2 * len(Signal)
    assert [one["site"] for one in listed("state=fired&signal=distance")] == [farms[0]]
    assert {one["site"] for one in listed("flagged=true")} == {farms[0]}
    assert {one["site"] for one in listed(f"site={farms[1]}")} == {farms[1]}
    assert listed("auditor=person_nobody") == []
    assert len(listed("rows=3")) == 3
    assert csv.headers["content-type"].startswith("text/csv")
    assert "distance" in csv.text


def test_signals_are_for_reviewers_of_the_same_organisation(
    phone: Phone, stranger: Tenant, work: Callable[[], None]
) -> None:
    farm = register_farm(phone.client, phone.tenant, **FARM)
    phone.send(visit(farm, 3))
    work()
    path = f"/v1/submissions/{phone.submissions()[0]['id']}/signals"

    def status(path: str, headers: dict[str, str]) -> int:
        return phone.client.get(path, headers=headers).status_code

    assert status(path, {}) == status("/v1/signals", {}) == 401
    assert status(path, phone.tenant.headers(Role.REVIEWER)) == 200
    assert status(path, phone.tenant.headers(Role.AUDITOR)) == 403
    assert status("/v1/signals", phone.tenant.headers(Role.AUDITOR)) == 403
    assert status("/v1/signals", phone.tenant.headers(Role.MANAGER)) == 403
    assert status(path, stranger.headers()) == 404
    assert status("/v1/signals?state=perhaps", phone.tenant.headers()) == 422
    assert status("/v1/signals?after=signal_none", phone.tenant.headers()) == 422


def test_nobody_reads_the_signals_of_a_visit_of_their_own(
    phone: Phone, work: Callable[[], None]
) -> None:
    farm = register_farm(phone.client, phone.tenant, **FARM)
    administrator = phone.tenant.headers()
    own = Phone(phone.client, phone.tenant, administrator)
    own.send(visit(farm, 3, location=FAR))
    work()
    path = f"/v1/submissions/{phone.submissions()[0]['id']}/signals"

    refused = phone.client.get(path, headers=administrator)
    listed = phone.client.get("/v1/signals", headers=administrator).json()["items"]
    reviewer = phone.tenant.headers(Role.REVIEWER)

    assert refused.status_code == 403
    assert refused.json()["type"].endswith("own-visit")
    assert listed == []
    assert phone.client.get(path, headers=reviewer).json()["is_flagged"] is True


def test_the_page_of_a_visit_shows_a_reviewer_each_signal_and_an_auditor_none(
    phone: Phone, work: Callable[[], None]
) -> None:
    farm = register_farm(phone.client, phone.tenant, **FARM)
    phone.send(visit(farm, 3, location=FAR))
    work()
    path = f"/submissions/{phone.submissions()[0]['id']}?language=en"

    def shown(role: Role) -> str:
        answer = phone.client.get(path, headers=phone.tenant.headers(role))
        assert answer.status_code == 200
        return answer.text

    reviewer, auditor = shown(Role.REVIEWER), shown(Role.AUDITOR)

    assert "Flagged for a second look" in reviewer
    assert "22239 m from the registered point" in reviewer
    assert reviewer.count("<dt>") >= len(Signal)
    assert "Integrity signals" not in auditor


def test_a_fault_of_the_signals_leaves_the_visit_whole(
    phone: Phone, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a formula that divides by nothing")

    def has_failed() -> bool:
        with database.reading() as session:
            tried = select(Job.id).where(Job.kind == READ, Job.attempts > 0)
            return session.scalar(tried.limit(1)) is not None

    monkeypatch.setattr("audits.integrity.actions.signals_of", broken)
    farm = register_farm(phone.client, phone.tenant, **FARM)
    sent = phone.send(visit(farm, 3, photo="a.jpg"), [("a.jpg", PICTURE)])
    wait_until(has_failed)

    kept = phone.submissions()[0]
    told = phone.get(f"/v1/submissions/{kept['id']}/signals")

    assert (sent.status, kept["processing"]) == (201, "done")
    files = phone.attachments(kept["id"])["items"]
    assert files[0]["derivative"]["state"] == "made"
    assert (told["is_flagged"], told["signals"]) == (None, [])
