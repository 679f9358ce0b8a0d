"""Programs send answers as JSON, and everybody reads what came and what became of it."""

import json
from typing import Any

import pytest
from starlette.testclient import TestClient

from compliance.identity.models import Role
from tests.conftest import Tenant
from tests.field import JPEG, Phone, publish, record, register_farm, workbook

PATH = "/v1/submissions"
ONE = f"{PATH}/submission_a"
READS = [
    PATH,
    ONE,
    f"{ONE}/facts",
    f"{ONE}/original",
    f"{ONE}/attachments",
    f"{ONE}/attachments/file_a",
    "/v1/refused-submissions",
    "/v1/refused-submissions/refused_a/original",
]
WRITES: list[tuple[str, dict[str, Any]]] = [
    (PATH, {}),
    (f"{ONE}/site", {"site": "site_a"}),
    (f"{ONE}/process", {}),
    (f"{ONE}/withdraw", {"reason": "a practice run"}),
]


@pytest.fixture
def farm(client: TestClient, tenant: Tenant) -> str:
    """The id of a farm, in a programme that has published the small checklist."""
    publish(client, tenant, workbook())
    return register_farm(client, tenant)


@pytest.fixture
def phone(client: TestClient, tenant: Tenant) -> Phone:
    return Phone(client, tenant)


def answers(site: str, **changes: object) -> dict[str, Any]:
    return {
        "checklist": "small_visit",
        "instance_id": "program:1",
        "site": site,
        "observed_on": "2026-11-03",
        "notice": "unannounced",
        "season": "2026-main",
        "person_minutes": 90,
        "facts": {"documents_held": True, "records_longest_week": None},
        "children": [{"key": "c1", "works": True, "age": 13}],
        **changes,
    }


def send(client: TestClient, tenant: Tenant, document: dict[str, Any]) -> Any:
    return client.post(PATH, json=document, headers=tenant.headers(Role.AUDITOR))


@pytest.mark.parametrize("path", READS)
def test_reading_needs_a_key(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 401


@pytest.mark.parametrize(("path", "body"), WRITES)
def test_changing_needs_a_key(
    client: TestClient, path: str, body: dict[str, Any]
) -> None:
    document = body or answers("site_a")

    assert client.post(path, json=document).status_code == 401


@pytest.mark.parametrize("path", READS)
def test_a_role_that_reads_no_visits_reads_none(
    client: TestClient, tenant: Tenant, path: str
) -> None:
    answer = client.get(path, headers=tenant.headers(Role.ANALYST))

    assert answer.status_code == 403


@pytest.mark.parametrize(("path", "body"), WRITES)
def test_a_role_that_only_reads_changes_nothing(
    client: TestClient, tenant: Tenant, path: str, body: dict[str, Any]
) -> None:
    answer = client.post(
        path,
        json=body or answers("site_a"),
        headers=tenant.headers(Role.MANAGER),
    )

    assert answer.status_code == 403


@pytest.mark.parametrize("path", [path for path, _ in WRITES[1:]])
def test_an_auditor_does_not_supervise(
    client: TestClient, tenant: Tenant, path: str
) -> None:
    body = {"site": "a"} if path.endswith("site") else {"reason": "a"}

    answer = client.post(path, json=body, headers=tenant.headers(Role.AUDITOR))

    assert answer.status_code == 403


def test_another_organisations_submission_is_not_found(
    client: TestClient, stranger: Tenant, phone: Phone, farm: str
) -> None:
    phone.send(record(farm, photo="a.jpg"), [("a.jpg", JPEG)])
    phone.send(record(farm, papers="no"))
    (kept,), (refused,) = phone.submissions(), phone.refused()
    (file,) = phone.attachments(kept["id"])["items"]
    one = f"{PATH}/{kept['id']}"
    reads = [
        one,
        f"{one}/facts",
        f"{one}/original",
        f"{one}/attachments",
        f"{one}/attachments/{file['id']}",
        f"/v1/refused-submissions/{refused['id']}/original",
    ]
    writes: list[tuple[str, dict[str, Any]]] = [
        (f"{one}/site", {"site": "site_a"}),
        (f"{one}/process", {}),
        (f"{one}/withdraw", {"reason": "not mine"}),
    ]

    told = [client.get(path, headers=stranger.headers()) for path in reads] + [
        client.post(path, json=body, headers=stranger.headers())
        for path, body in writes
    ]

    assert {answer.status_code for answer in told} == {404}
    assert client.get(PATH, headers=stranger.headers()).json()["items"] == []
    assert Phone(client, stranger).refused() == []
    assert [one["state"] for one in phone.submissions()] == ["current"]


def test_written_answers_become_facts(
    client: TestClient, tenant: Tenant, phone: Phone, farm: str
) -> None:
    told = send(client, tenant, answers(farm))

    assert told.status_code == 201
    kept = phone.get(told.headers["location"])
    assert kept["id"] == told.json()["id"]
    assert (kept["site"], kept["season"]) == (farm, "2026-main")
    assert (kept["state"], kept["processing"]) == ("current", "done")
    facts = phone.get(f"{PATH}/{kept['id']}/facts")
    assert facts["faults"] == []
    assert facts["answers"] == {
        "country": "CO",
        "commodity": "coffee",
        "site_kind": "producer",
        "observed_on": "2026-11-03",
        "facts": {"documents_held": True, "records_longest_week": None},
        "children": [{"key": "c1", "works": True, "age": 13}],
    }


def test_the_original_is_kept_to_the_byte(
    client: TestClient, tenant: Tenant, farm: str
) -> None:
    content = json.dumps(answers(farm), indent=3, ensure_ascii=False).encode()
    headers = {**tenant.headers(), "Content-Type": "application/json"}

    told = client.post(PATH, content=content, headers=headers)
    original = client.get(
        f"{PATH}/{told.json()['id']}/original", headers=tenant.headers()
    )

    assert original.content == content
    assert original.headers["content-type"] == "application/json"
    assert original.headers["x-content-type-options"] == "nosniff"


def test_the_same_answers_again_get_the_same_receipt(
    client: TestClient, tenant: Tenant, phone: Phone, farm: str
) -> None:
    first = send(client, tenant, answers(farm))
    turned = dict(reversed(answers(farm).items()))

    again = send(client, tenant, turned)

    assert (again.status_code, again.json()) == (201, first.json())
    assert len(phone.submissions()) == 1


def test_other_answers_under_the_same_id_are_kept_aside(
    client: TestClient, tenant: Tenant, phone: Phone, farm: str
) -> None:
    send(client, tenant, answers(farm))

    told = send(client, tenant, answers(farm, facts={"documents_held": False}))

    assert told.status_code == 409
    assert told.headers["content-type"] == "application/problem+json"
    assert told.json()["type"] == "/problems/other-answers-there"
    (refused,) = phone.refused()
    assert (refused["instance_id"], refused["reason"]) == (
        "program:1",
        "other_answers",
    )


def test_a_correction_replaces_what_it_names(
    client: TestClient, tenant: Tenant, phone: Phone, farm: str
) -> None:
    first = send(client, tenant, answers(farm)).json()["id"]

    second = send(
        client,
        tenant,
        answers(farm, instance_id="program:2", deprecated_id="program:1"),
    ).json()["id"]

    states = {one["id"]: one["state"] for one in phone.submissions()}
    assert states == {first: "superseded", second: "current"}
    assert phone.get(f"{PATH}/{second}")["supersedes"] == first


@pytest.mark.parametrize(
    ("changes", "field", "given", "remedy"),
    [
        ({"facts": {"docs": True}}, "facts.docs", "true", "no such fact"),
        (
            {"facts": {"documents_held": 1}},
            "facts.documents_held",
            "1",
            "true or false",
        ),
        (
            {"facts": {"records_longest_week": 10_081}},
            "facts.records_longest_week",
            "10081",
            "0 to 10080, in minutes/week",
        ),
        (
            {"facts": {"records_longest_week": 48.5}},
            "facts.records_longest_week",
            "48.5",
            "whole number",
        ),
        (
            {"facts": {"records_longest_week": 10**30}},
            "facts.records_longest_week",
            str(10**30),
            "10080",
        ),
        (
            {"children": [{"key": "c1", "age_evidence": "hearsay"}]},
            "children[0].age_evidence",
            '"hearsay"',
            "Known:",
        ),
        ({"children": {}}, "children", "{}", "unknown"),
        ({"workers": [{"age": 3}]}, "workers[0].key", None, "key"),
    ],
)
def test_answers_that_cannot_be_used_are_told_one_by_one(
    client: TestClient,
    tenant: Tenant,
    phone: Phone,
    farm: str,
    changes: dict[str, Any],
    field: str,
    given: str | None,
    remedy: str,
) -> None:
    told = send(client, tenant, answers(farm, **changes))

    assert told.status_code == 422
    assert told.json()["type"] == "/problems/answers-unusable"
    errors = {error["field"]: error for error in told.json()["errors"]}
    assert errors[field]["given"] == given
    assert remedy in errors[field]["remedy"]
    assert phone.submissions() == []


def test_what_is_wrong_with_answers_is_told_in_the_callers_language(
    client: TestClient, tenant: Tenant, phone: Phone, farm: str
) -> None:
    body = answers(farm, facts={"documents_held": "yes"})

    headers = {**tenant.headers(Role.AUDITOR), "Accept-Language": "es"}
    told = client.post(PATH, json=body, headers=headers)

    assert [error["remedy"] for error in told.json()["errors"]] == [
        "no puede ser el texto 'yes'. Envíe true o false."
    ]
    assert phone.submissions() == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"observed_on": "1762128000"}, "body.observed_on"),
        ({"observed_on": "2026-11-31"}, "body.observed_on"),
        ({"observed_on": " 2026-11-03"}, "body.observed_on"),
        ({"observed_on": None}, "body.observed_on"),
        ({"started_at": "2026-11-03T08:00:00"}, "body.started_at"),
        ({"started_at": 1762128000}, "body.started_at"),
        ({"notice": "surprise"}, "body.notice"),
        ({"season": "next year"}, "body.season"),
        ({"person_minutes": -1}, "body.person_minutes"),
        ({"instance_id": ""}, "body.instance_id"),
        ({"instance_id": "a\nb"}, "body.instance_id"),
        ({"instance_id": "x" * 256}, "body.instance_id"),
        ({"facts": []}, "body.facts"),
        ({"colour": "green"}, "body.colour"),
    ],
)
def test_a_malformed_request_names_the_field(
    client: TestClient,
    tenant: Tenant,
    phone: Phone,
    farm: str,
    changes: dict[str, Any],
    field: str,
) -> None:
    told = send(client, tenant, answers(farm, **changes))

    assert told.status_code == 422
    assert [error["field"] for error in told.json()["errors"]] == [field]
    assert phone.submissions() == []


def test_a_site_that_is_not_yours_is_told(
    client: TestClient, tenant: Tenant, stranger: Tenant, phone: Phone, farm: str
) -> None:
    foreign = register_farm(client, stranger)

    told = send(client, tenant, answers(foreign))

    assert farm != foreign
    assert told.status_code == 422
    assert told.json()["type"] == "/problems/site-unknown"
    assert phone.submissions() == []


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"checklist": "unheard_of"}, "/problems/checklist-not-found"),
        ({"version": "9"}, "/problems/checklist-version-not-found"),
        ({"deprecated_id": "program:0"}, "/problems/edited-record-unknown"),
    ],
)
def test_what_is_not_there_is_not_found(
    client: TestClient,
    tenant: Tenant,
    farm: str,
    changes: dict[str, Any],
    problem: str,
) -> None:
    told = send(client, tenant, answers(farm, **changes))

    assert (told.status_code, told.json()["type"]) == (404, problem)


def test_the_list_is_narrowed_and_goes_on_page_by_page(
    client: TestClient, tenant: Tenant, farm: str
) -> None:
    publish(client, tenant, workbook(form_id="other_visit"))
    other = register_farm(client, tenant, name="Finca La Esperanza")
    earlier = {"season": "2025-mid", "observed_on": "2025-05-02"}
    for document in (
        answers(farm, instance_id="program:0"),
        answers(other, instance_id="program:1"),
        answers(farm, instance_id="program:2", checklist="other_visit"),
        answers(farm, instance_id="program:3", **earlier),
    ):
        send(client, tenant, document)

    def ids(query: str) -> list[str]:
        page = client.get(f"{PATH}?{query}", headers=tenant.headers()).json()
        return [one["instance_id"][-1] for one in page["items"]]

    first = client.get(f"{PATH}?rows=3", headers=tenant.headers()).json()
    rest = client.get(first["next"], headers=tenant.headers()).json()
    assert len(first["items"]) == 3
    assert [one["instance_id"] for one in rest["items"]] == ["program:3"]
    assert ids(f"site={farm}") == ["0", "2", "3"]
    assert ids("checklist=other_visit") == ["2"]
    assert ids("season=2026-main") == ["0", "1", "2"]
    assert ids(f"site={other}&season=2025-mid") == []


def test_a_page_after_nothing_is_told(client: TestClient, tenant: Tenant) -> None:
    answer = client.get(f"{PATH}?after=nothing", headers=tenant.headers())

    assert answer.status_code == 422


def test_an_attachment_is_saved_and_never_shown(phone: Phone, farm: str) -> None:
    name = 'El "ñandú"; <b>.svg'
    phone.send(record(farm, photo=name), [(name, b"<svg onload='x'/>")])
    (kept,) = phone.submissions()
    (file,) = phone.attachments(kept["id"])["items"]

    answer = phone.client.get(
        f"{PATH}/{kept['id']}/attachments/{file['id']}", headers=phone.tenant.headers()
    )

    assert answer.content == b"<svg onload='x'/>"
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert answer.headers["x-content-type-options"] == "nosniff"
    disposition = answer.headers["content-disposition"]
    assert disposition.startswith('attachment; filename="El__')
    assert "filename*=UTF-8''El%20%22%C3%B1and%C3%BA%22%3B%20%3Cb%3E.svg" in disposition


def test_an_attachment_of_another_submission_is_not_found(
    phone: Phone, farm: str
) -> None:
    phone.send(record(farm, photo="a.jpg"), [("a.jpg", JPEG)])
    phone.send(record(farm, instance_id="uuid:2"))
    first, second = phone.submissions()
    (file,) = phone.attachments(first["id"])["items"]

    answer = phone.client.get(
        f"{PATH}/{second['id']}/attachments/{file['id']}",
        headers=phone.tenant.headers(),
    )

    assert answer.status_code == 404


def test_an_answer_that_cannot_be_read_is_told_in_both_languages(
    phone: Phone, farm: str
) -> None:
    phone.send(record(farm, longest_week="eight"))
    (kept,) = phone.submissions()
    path = f"{PATH}/{kept['id']}/facts"

    told = [
        phone.client.get(
            path, headers={**phone.tenant.headers(), "Accept-Language": language}
        ).json()["faults"][0]
        for language in ("en", "es")
    ]

    assert told[0]["given"] == told[1]["given"] == "eight"
    assert told[0]["message"] == "'eight' is not a number."


def test_a_placed_submission_cannot_be_placed_again(phone: Phone, farm: str) -> None:
    phone.send(record(farm))
    (kept,) = phone.submissions()

    answer = phone.client.post(
        f"{PATH}/{kept['id']}/site", json={"site": farm}, headers=phone.tenant.headers()
    )

    assert answer.status_code == 409
    assert answer.json()["audit"] == kept["audit"]


def test_facts_that_are_not_there_say_what_is_missing(phone: Phone, farm: str) -> None:
    phone.send(record(f"not {farm}"))
    (kept,) = phone.submissions()
    headers = phone.tenant.headers()

    facts = phone.client.get(f"{PATH}/{kept['id']}/facts", headers=headers)
    again = phone.client.post(f"{PATH}/{kept['id']}/process", headers=headers)

    assert (facts.status_code, facts.json()["processing"]) == (404, "awaiting_site")
    assert again.status_code == 409


def test_processing_again_gives_the_same_facts(phone: Phone, farm: str) -> None:
    phone.send(record(farm, papers="yes"))
    (kept,) = phone.submissions()

    again = phone.client.post(
        f"{PATH}/{kept['id']}/process", headers=phone.tenant.headers()
    )

    assert again.json() == kept


def test_what_was_withdrawn_cannot_be_withdrawn_again(phone: Phone, farm: str) -> None:
    phone.send(record(farm))
    (kept,) = phone.submissions()
    path, headers = f"{PATH}/{kept['id']}/withdraw", phone.tenant.headers()

    told = [
        phone.client.post(path, json={"reason": "a practice run"}, headers=headers)
        for _ in range(2)
    ]

    assert [one.status_code for one in told] == [204, 409]
    assert told[1].json()["state"] == "withdrawn"
