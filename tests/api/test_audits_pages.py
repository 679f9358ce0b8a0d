"""The reviewer's pages as a browser gets them: found, read, decided, and refused."""

import re

import pytest
from starlette.testclient import TestClient

from compliance.database import Database
from compliance.identity.models import Role
from tests.browsing import HTML, OURS, add_people, read, sign_in
from tests.conftest import Tenant
from tests.field import JPEG, Phone, publish, record
from tests.home_visits import WORDS, home_visit, sealing_workbook
from tests.jobs import wait_until
from tests.pictures import photo
from tests.reviews import Reviewing, audit_of, reviewing
from tests.visits import A_CHILD_OF_13, Visited, visited

EVERYBODY = (Role.ADMINISTRATOR, Role.REVIEWER, Role.AUDITOR, Role.ANALYST)


@pytest.fixture
def farm(client: TestClient, tenant: Tenant, database: Database) -> Visited:
    """A farm in Tolima, and people who sign in."""
    add_people(database, tenant, *EVERYBODY)
    return visited(client, tenant, latitude=3.2, longitude=-75.6)


@pytest.fixture
def reviews(farm: Visited) -> Reviewing:
    return reviewing(farm)


@pytest.fixture
def audit(farm: Visited) -> str:
    """The audit of a visit that met a child of thirteen at work."""
    sent = farm.send(facts={"documents_held": False}, children=[A_CHILD_OF_13])
    return audit_of(farm, sent)


@pytest.fixture
def reviewer(farm: Visited) -> TestClient:
    sign_in(farm.client, Role.REVIEWER)
    return farm.client


def post(client: TestClient, path: str, **fields: str) -> tuple[int, str, str]:
    """Send a form as a browser does; return its status, where it leads and its text."""
    answer = client.post(
        path, data=fields, headers={**HTML, **OURS}, follow_redirects=False
    )
    return answer.status_code, answer.headers.get("location", ""), answer.text


def once_of(page: str) -> str:
    found = re.search(r'name="once" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def test_the_list_tells_what_is_mine_to_review(
    reviewer: TestClient, farm: Visited, audit: str
) -> None:
    other = farm.send(observed_on="2026-10-01", role=Role.AUDITOR)
    done = audit_of(farm, other)
    reviewing(farm).make_final(audit)

    everything = read(reviewer, "/audits")
    mine = read(reviewer, "/audits?whose=mine")
    final = read(reviewer, "/audits?state=final&kind=&municipality=Planadas")
    nothing = read(reviewer, "/audits?municipality=Ibague")
    sheet = reviewer.get("/audits?state=final&format=csv", headers=HTML)

    assert everything.index(done) < everything.index(audit)
    assert done in mine
    assert audit not in mine
    assert audit in final
    assert done not in final
    assert "No audit is like this" in nothing
    assert audit in sheet.text
    assert done not in sheet.text


def test_a_filter_that_cannot_be_is_told(reviewer: TestClient) -> None:
    answer = reviewer.get("/audits?state=eaten", headers=HTML)

    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith("text/html")


def test_the_page_holds_answers_beside_verdicts(
    reviewer: TestClient, audit: str
) -> None:
    page = read(reviewer, f"/audits/{audit}")
    spanish = read(reviewer, f"/audits/{audit}?language=es")

    assert '<div id="answer-papers"><dt>Question</dt>' in page
    assert "data-verdict open" in page
    assert "child_labour.minimum_age" in page
    assert "Take into review" in page
    assert "the site was not offered its reply" in page
    assert "Pregunta" in spanish


def test_an_audit_goes_from_the_list_to_its_end(
    reviewer: TestClient, farm: Visited
) -> None:
    audit = audit_of(farm, farm.send())
    waiting = audit_of(farm, farm.send(observed_on="2026-10-01"))
    page = read(reviewer, f"/audits/{audit}")

    taken = post(reviewer, f"/audits/{audit}/review", once=once_of(page))
    final = post(reviewer, f"/audits/{audit}/finalise")
    twice = post(reviewer, f"/audits/{audit}/review", once=once_of(page))
    after = read(reviewer, final[1])

    assert taken[:2] == (303, f"/audits/{audit}?done=taken")
    assert final[:2] == (303, f"/audits/{audit}?done=final")
    assert twice[:2] == taken[:2]
    assert "The audit is final." in after
    assert f'href="/audits/{waiting}"' in after
    assert farm.get(f"/v1/audits/{audit}")["status"] == "final"


def test_remarks_go_back_with_the_audit(
    reviewer: TestClient, farm: Visited, audit: str
) -> None:
    post(reviewer, f"/audits/{audit}/review")
    page = read(reviewer, f"/audits/{audit}?remark=question:papers")

    returned = post(
        reviewer,
        f"/audits/{audit}/return",
        **{
            "rows": "2",
            "place-0": "question:papers",
            "kind-0": "contradictory",
            "text-0": "La página 3 dice otra cosa.",
            "place-1": "",
            "kind-1": "",
            "text-1": "",
        },
    )

    (remark,) = farm.get(f"/v1/audits/{audit}/remarks")["items"]
    assert 'name="place-0" value="question:papers"' in page
    assert returned[0] == 303
    assert (remark["about"], remark["code"]) == ("question", "papers")
    assert "La página 3 dice otra cosa." in read(reviewer, returned[1])


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"rows": "1", "kind-0": ""}, "at least one thing"),
        ({"rows": "1", "kind-0": "ugly", "text-0": "kept"}, "Choose one of the list."),
        ({"rows": "1", "kind-0": "unclear", "place-0": "question:A B"}, "Choose one"),
        ({"rows": "1", "kind-0": "unclear", "text-0": "x" * 2001}, "2,000 characters"),
    ],
)
def test_a_form_that_cannot_be_understood_is_told_beside_its_field(
    reviewer: TestClient, audit: str, fields: dict[str, str], told: str
) -> None:
    post(reviewer, f"/audits/{audit}/review")

    status, _, page = post(reviewer, f"/audits/{audit}/return", **fields)

    assert status == 422
    assert told in page
    assert fields.get("text-0", "") in page


def test_what_is_owed_a_reply_is_not_final_and_says_why(
    reviewer: TestClient, reviews: Reviewing, audit: str
) -> None:
    refused = post(reviewer, f"/audits/{audit}/finalise")
    post(reviewer, f"/audits/{audit}/review")
    offered = post(reviewer, f"/audits/{audit}/offer-reply")
    waiting = read(reviewer, offered[1])
    (reply,) = reviews.ask("GET", "/v1/replies?open=true").json()["items"]
    reviews.answer(reply["id"], "disputes", text="Es mi sobrina.")

    heard = read(reviewer, f"/audits/{audit}")

    assert refused[0] == 409
    assert "the site still has time for its reply" in waiting
    assert "Es mi sobrina." in heard
    assert "Make it final" in heard


def test_an_audit_is_void_only_with_a_reason(reviewer: TestClient, audit: str) -> None:
    empty = post(reviewer, f"/audits/{audit}/void", reason="")
    voided = post(reviewer, f"/audits/{audit}/void", reason="test_data")

    assert empty[0] == 422
    assert voided[0] == 303
    assert "It was only a test" in read(reviewer, voided[1])


def test_whoever_had_a_part_is_told_who_may_review(
    client: TestClient, farm: Visited
) -> None:
    planned = reviewing(farm).plan(
        farm.site, fieldwork_from="2026-11-03", fieldwork_to="2026-11-03"
    )
    people = farm.get("/v1/people?role=administrator")["items"]
    team = {"members": [{"person": people[0]["id"], "role": "lead"}]}
    named = reviewing(farm).ask("PUT", f"/v1/audits/{planned['id']}/team", team)
    assert named.status_code == 200, named.text
    farm.send()
    sign_in(client, Role.ADMINISTRATOR)

    page = read(client, f"/audits/{planned['id']}")
    refused = post(client, f"/audits/{planned['id']}/review")

    assert "You had a part in this visit" in page
    assert "Alguien reviewer (Reviewer)" in page
    assert "Take into review" not in page
    assert refused[0] == 403


def test_an_administrator_takes_a_review_over_and_is_told_whose_it_was(
    client: TestClient, audit: str
) -> None:
    sign_in(client, Role.REVIEWER)
    post(client, f"/audits/{audit}/review")
    sign_in(client, Role.ADMINISTRATOR)
    page = read(client, f"/audits/{audit}")

    taken = post(client, f"/audits/{audit}/review", from_another="yes")

    assert "Alguien reviewer has this audit in review." in page
    assert taken[0] == 303
    assert "You have this audit in review." in read(client, taken[1])


def test_who_only_reads_sees_no_act_and_no_signal(
    client: TestClient, audit: str
) -> None:
    sign_in(client, Role.AUDITOR)

    page = read(client, f"/audits/{audit}")
    refused = post(client, f"/audits/{audit}/finalise")

    assert '<form method="post" action="/audits' not in page
    assert "Integrity signals" not in page
    assert refused[0] == 403


def test_the_audit_of_another_organisation_is_not_found(
    client: TestClient, stranger: Tenant, audit: str
) -> None:
    headers = {**HTML, **stranger.headers()}
    client.cookies.clear()

    answers = [
        client.get(f"/audits/{audit}", headers=headers),
        client.post(f"/audits/{audit}/review", headers=headers),
        client.post(f"/audits/{audit}/void", headers=headers),
    ]

    assert [one.status_code for one in answers[:2]] == [404, 404]
    assert answers[2].status_code in {404, 422}


def test_nobody_known_is_asked_to_sign_in(client: TestClient) -> None:
    answers = [
        client.get(path, headers=HTML, follow_redirects=False)
        for path in ("/audits", "/audits/audit_a", "/submissions")
    ]

    assert [one.status_code for one in answers] == [303, 303, 303]


def test_what_was_said_about_people_stays_sealed(
    reviewer: TestClient, farm: Visited, tenant: Tenant
) -> None:
    publish(reviewer, tenant, sealing_workbook())
    Phone(reviewer, tenant).send(home_visit(farm.site))
    (sent,) = farm.get("/v1/submissions")["items"]

    page = read(reviewer, f"/audits/{sent['audit']}")

    assert "A tidy farm" in page
    assert "answers about a person are sealed" in page
    assert "entry 1" in page
    assert [word for word in WORDS if word in page] == []


def test_photographs_are_shown_as_what_may_be_looked_at(
    reviewer: TestClient, farm: Visited, tenant: Tenant
) -> None:
    files = [("gate.jpg", photo((60, 30))), ("dark.jpg", JPEG)]
    answers = record(farm.site, photo="gate.jpg", second_photo="dark.jpg")
    Phone(reviewer, tenant).send(answers, files)
    (sent,) = farm.get("/v1/submissions")["items"]
    path = f"/v1/submissions/{sent['id']}/attachments"
    wait_until(
        lambda: all(
            one["derivative"]["state"] != "pending" for one in farm.get(path)["items"]
        )
    )
    made = [one["derivative"]["url"] for one in farm.get(path)["items"]]

    page = read(reviewer, f"/audits/{sent['audit']}")

    (shown,) = [url for url in made if url]
    assert f'<img src="{shown}" alt="Question"' in page
    assert "It could not be read safely" in page
    assert "gate.jpg" not in page
    assert "The answers tell no point" in page


def test_a_waiting_submission_is_given_its_site_and_taken_out(
    reviewer: TestClient, farm: Visited, tenant: Tenant
) -> None:
    Phone(reviewer, tenant).send(record("nowhere"))
    waiting = read(reviewer, "/submissions?processing=awaiting_site")
    (sent,) = farm.get("/v1/submissions")["items"]
    path = f"/submissions/{sent['id']}"

    found = read(reviewer, f"{path}?find=recuerdo")
    wrong = post(reviewer, f"{path}/site", site="site_nothing")
    placed = post(reviewer, f"{path}/site", site=farm.site)
    processed = post(reviewer, f"{path}/process")
    wordless = post(reviewer, f"{path}/withdraw", reason="")
    withdrawn = post(reviewer, f"{path}/withdraw", reason="test")

    assert sent["id"] in waiting
    assert f'value="{farm.site}"' in found
    assert wrong[0] == 422
    assert "No site of your register has this id." in wrong[2]
    assert [one[0] for one in (placed, processed, withdrawn)] == [303, 303, 303]
    assert wordless[0] == 422
    assert farm.get(f"/v1/submissions/{sent['id']}")["state"] == "withdrawn"
    assert sent["id"] not in read(reviewer, "/submissions?processing=awaiting_site")


def test_refused_answers_say_why(
    reviewer: TestClient, farm: Visited, tenant: Tenant
) -> None:
    phone = Phone(reviewer, tenant)
    phone.send(record(farm.site, papers="yes"))
    phone.send(record(farm.site, papers="no"))

    page = read(reviewer, "/submissions?show=refused")

    assert "Other answers stand under its id" in page


@pytest.mark.usefixtures("farm")
def test_refused_answers_are_for_supervisors(client: TestClient) -> None:
    sign_in(client, Role.AUDITOR)

    refused = client.get("/submissions?show=refused", headers=HTML)
    listed = read(client, "/submissions")

    assert refused.status_code == 403
    assert "Refused and set aside" not in listed
