"""Qualifications over HTTP, and what a team is asked for by the policy of competence."""

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from compliance import clock
from compliance.database import Database
from compliance.identity.models import Role
from tests.browsing import add_people
from tests.conftest import Tenant
from tests.reviews import Reviewing, audit_of, reviewing
from tests.visits import TODAY, Visited, on, visited

CALLS = [
    ("GET", "/v1/qualifications"),
    ("POST", "/v1/qualifications"),
    ("GET", "/v1/qualifications/qualification_x"),
    ("POST", "/v1/qualifications/qualification_x/revoke"),
]
GIVEN = {
    "person": "person_x",
    "kind": "lead_auditor",
    "issuer": "Una escuela de auditores",
    "reference": "2026/17",
    "issued_on": "2026-01-01",
    "expires_on": "2027-01-01",
}
STRICT = {
    "valid_from": "2026-01-01",
    "source": "The programme's own decision of today",
    "needs": [
        {"audits": ["farm_visit"], "who": "lead", "qualification": "lead_auditor"}
    ],
    "refuses_team": False,
    "blocks_final": False,
}


@pytest.fixture(autouse=True)
def _november() -> Iterator[None]:
    with clock.set_to(lambda: TODAY):
        yield


@pytest.fixture
def farm(client: TestClient, tenant: Tenant) -> Visited:
    return visited(client, tenant)


@pytest.fixture
def reviews(farm: Visited) -> Reviewing:
    return reviewing(farm)


@pytest.fixture
def auditor(database: Database, farm: Visited) -> str:
    """The public id of an auditor of the organisation."""
    add_people(database, farm.tenant, Role.AUDITOR)
    return str(farm.get("/v1/people")["items"][0]["id"])


def recorded(reviews: Reviewing, whose: str, **changes: object) -> Any:
    body = {**GIVEN, "person": whose, **changes}
    return reviews.ask("POST", "/v1/qualifications", body)


def decide(reviews: Reviewing, **changes: object) -> None:
    answer = reviews.ask(
        "POST",
        "/v1/policies/competence",
        {"entry": {**STRICT, **changes}},
        Role.ADMINISTRATOR,
    )
    assert answer.status_code == 201, answer.text


def lead(reviews: Reviewing, audit: str, person: str) -> Any:
    members = [{"person": person, "role": "lead", "languages": ["es"]}]
    body = {"members": members, "women": 1, "men": 0}
    return reviews.ask("PUT", f"/v1/audits/{audit}/team", body)


@pytest.mark.parametrize(("method", "path"), CALLS)
def test_qualifications_need_a_key(client: TestClient, method: str, path: str) -> None:
    assert client.request(method, path, json=GIVEN).status_code == 401


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.MANAGER, Role.ANALYST])
@pytest.mark.parametrize(("method", "path"), CALLS)
def test_only_who_manages_fieldwork_deals_with_them(
    reviews: Reviewing, auditor: str, role: Role, method: str, path: str
) -> None:
    made = recorded(reviews, auditor).json()["id"]

    answer = reviews.ask(
        method, path.replace("qualification_x", made), GIVEN, role=role
    )

    assert answer.status_code == 403


def test_a_qualification_of_another_organisation_is_not_found(
    client: TestClient, stranger: Tenant, reviews: Reviewing, auditor: str
) -> None:
    made = recorded(reviews, auditor).json()["id"]
    other = Reviewing(client, stranger)

    answers = [
        other.ask("GET", f"/v1/qualifications/{made}"),
        other.ask("POST", f"/v1/qualifications/{made}/revoke"),
    ]

    assert [one.status_code for one in answers] == [404, 404]
    assert other.ask("GET", "/v1/qualifications").json()["items"] == []


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "driving"},
        {"expires_on": "2026-01-01"},
        {"issued_on": "2026-11-23"},
        {"person": "person_nobody"},
        {"person": "María"},
        {"issuer": ""},
    ],
)
def test_what_cannot_be_a_qualification_is_refused(
    reviews: Reviewing, auditor: str, changes: dict[str, object]
) -> None:
    assert recorded(reviews, auditor, **changes).status_code == 422


def test_a_qualification_is_recorded_and_found_before_it_expires(
    reviews: Reviewing, auditor: str
) -> None:
    made = recorded(reviews, auditor)
    path = "/v1/qualifications?expiring_within_days="

    listed = {
        days: [one["id"] for one in reviews.ask("GET", f"{path}{days}").json()["items"]]
        for days in (39, 40)
    }

    assert made.status_code == 201
    assert made.headers["location"] == f"/v1/qualifications/{made.json()['id']}"
    assert made.json()["is_current"] is True
    assert listed == {39: [], 40: [made.json()["id"]]}


def test_a_revoked_qualification_counts_as_never_held(
    reviews: Reviewing, auditor: str
) -> None:
    made = recorded(reviews, auditor).json()["id"]
    path = f"/v1/qualifications/{made}/revoke"

    revoked = reviews.ask("POST", path)
    again = reviews.ask("POST", path)

    assert (revoked.status_code, revoked.json()["is_current"]) == (200, False)
    assert (again.status_code, again.json()["type"]) == (
        409,
        "/problems/qualification-revoked",
    )


def test_what_a_team_lacks_is_shown_when_it_is_set(
    farm: Visited, reviews: Reviewing, auditor: str
) -> None:
    audit = reviews.plan(farm.site)["id"]
    without = lead(reviews, audit, auditor).json()
    recorded(reviews, auditor)
    recorded(reviews, auditor, kind="identification")

    with_both = farm.get(f"/v1/audits/{audit}")

    assert without["lacking"] == [
        {"who": "lead", "qualification": "lead_auditor", "member": auditor},
        {"who": "somebody", "qualification": "identification", "member": None},
    ]
    assert with_both["lacking"] == []
    assert with_both["members"] == [
        {
            "person": auditor,
            "device": None,
            "role": "lead",
            "languages": ["es"],
            "attended": None,
        }
    ]
    assert (with_both["women"], with_both["men"]) == (1, 0)


def test_a_policy_refuses_a_team_that_lacks_something(
    farm: Visited, reviews: Reviewing, auditor: str
) -> None:
    decide(reviews, refuses_team=True)
    audit = reviews.plan(farm.site)["id"]

    refused = lead(reviews, audit, auditor)
    recorded(reviews, auditor)
    taken = lead(reviews, audit, auditor)

    assert refused.status_code == 409
    assert refused.json()["lacking"] == "lead: lead_auditor"
    assert taken.status_code == 200


def test_a_lapse_on_the_day_of_the_visit_shows_and_stops_where_a_policy_says_so(
    farm: Visited, reviews: Reviewing, auditor: str
) -> None:
    """It held when the team was set, and not any more on the day itself."""
    recorded(reviews, auditor, expires_on="2026-11-03")
    with on(2026, 11, 1):
        planned = reviews.plan(
            farm.site, fieldwork_from="2026-11-03", fieldwork_to="2026-11-03"
        )
        set_ = lead(reviews, planned["id"], auditor).json()
    audit = audit_of(farm, farm.send())
    seen = farm.get(f"/v1/audits/{audit}/review")["lacking"]
    decide(reviews, blocks_final=True)

    stopped = reviews.step(audit, "finalise")

    assert "lead_auditor" not in {one["qualification"] for one in set_["lacking"]}
    assert "lead_auditor" in {one["qualification"] for one in seen}
    assert stopped.status_code == 409
    assert stopped.json()["type"] == "/problems/team-was-not-qualified"


@pytest.mark.parametrize(
    "members",
    [
        [{"role": "lead"}],
        [{"person": "person_a", "device": "device_a", "role": "lead"}],
        [{"person": "person_nobody", "role": "lead"}],
        [{"device": "device_nothing", "role": "lead"}],
        [{"person": "person_nobody", "role": "chief"}],
        [{"person": "person_nobody", "role": "lead", "languages": ["español"]}],
    ],
)
def test_a_team_of_nobody_known_is_refused(
    farm: Visited, reviews: Reviewing, members: object
) -> None:
    audit = reviews.plan(farm.site)["id"]

    answer = reviews.ask("PUT", f"/v1/audits/{audit}/team", {"members": members})

    assert answer.status_code == 422


def test_a_team_names_everybody_once_and_one_lead(
    farm: Visited, reviews: Reviewing, auditor: str
) -> None:
    audit = reviews.plan(farm.site)["id"]
    device = reviews.ask(
        "POST", "/v1/devices", {"label": "Uno"}, Role.ADMINISTRATOR
    ).json()["id"]

    def set_team(*members: dict[str, str]) -> int:
        body = {"members": list(members)}
        answer = reviews.ask("PUT", f"/v1/audits/{audit}/team", body)
        return int(answer.status_code)

    lead_, again = (
        {"person": auditor, "role": "lead"},
        {"person": auditor, "role": "auditor"},
    )
    assert set_team(lead_, again) == 422
    assert set_team(lead_, {"device": device, "role": "lead"}) == 422
    assert set_team(lead_, {"device": device, "role": "observer"}) == 200


def test_a_team_is_settled_once_the_review_has_begun(
    farm: Visited, reviews: Reviewing
) -> None:
    audit = audit_of(farm, farm.send())
    reviews.done(audit, "review")

    answer = reviews.ask("PUT", f"/v1/audits/{audit}/team", {"members": []})

    assert answer.status_code == 409
    assert answer.json()["type"] == "/problems/team-settled"
