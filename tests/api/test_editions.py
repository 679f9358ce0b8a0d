"""Editions over HTTP: published, kept, gone back to, and by which of them one is judged."""

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from starlette.testclient import TestClient

from api.packaged_edition import packaged
from compliance import clock, limits, trail
from compliance.database import Database
from compliance.editions.actions import (
    Packed,
    publish_as_operator,
    publish_kept,
)
from compliance.editions.actions import publish as publish_edition
from compliance.editions.archive import pack, read_files
from compliance.files import Files
from compliance.identity.models import Role
from compliance.identity.permissions import NotAllowed
from compliance.identity.scope import KeyGiven, scope_of
from rules import BookRejected
from tests.books import EDITION, MINIMUM_AGE, book_files, book_zip, zipped
from tests.conftest import Tenant
from tests.visits import A_CHILD_OF_13, A_CHILD_OF_16, TODAY, Visited, visited

RULE = "child_labour.minimum_age"
STRICTER = {MINIMUM_AGE: ("age < law.minimum_age", "age <= law.minimum_age + 1")}
ON_TRIAL = {MINIMUM_AGE: ("status: active", "status: shadow")}
WITHOUT = {MINIMUM_AGE: None}


@pytest.fixture(autouse=True)
def _november() -> Iterator[None]:
    with clock.set_to(lambda: TODAY):
        yield


@pytest.fixture
def farm(client: TestClient, tenant: Tenant) -> Visited:
    return visited(client, tenant)


def content_of(farm: Visited, card: dict[str, Any]) -> Any:
    return farm.get(f"/v1/scorecards/{card['id']}")


def weighed(content: Any) -> Any:
    """Return what a grade came to, and which gates hold it down."""
    grade = content["grade"]
    gates = [(one["code"], one["applied"], one["caps_at"]) for one in grade["gates"]]
    return grade["letter"], grade["score"], gates


Publish = Callable[..., dict[str, object]]


@pytest.fixture
def publish(client: TestClient, tenant: Tenant) -> Publish:
    """A function that publishes a changed book and returns what it was answered."""

    def published(name: str, changes: object = None) -> dict[str, object]:
        answer = client.post(
            "/v1/editions",
            content=book_zip(name, changes),  # type: ignore[arg-type]
            headers=tenant.headers(),
        )
        assert answer.status_code == 201, answer.text
        document: dict[str, object] = answer.json()
        return document

    return published


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/editions"),
        ("POST", "/v1/editions"),
        ("GET", "/v1/editions/2026.11"),
        ("GET", "/v1/editions/2026.11/book.zip"),
        ("GET", "/v1/editions/2026.11/diff/2026.11"),
        ("POST", "/v1/editions/2026.11/publish"),
    ],
)
def test_editions_are_told_to_nobody_unknown(
    client: TestClient, method: str, path: str
) -> None:
    assert client.request(method, path).status_code == 401


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/editions/2031.1"),
        ("GET", "/v1/editions/2031.1/book.zip"),
        ("GET", "/v1/editions/2026.11/diff/2031.1"),
        ("POST", "/v1/editions/2031.1/publish"),
        ("GET", "/v1/editions/0123"),
    ],
)
def test_an_edition_that_is_not_kept_is_not_found(
    client: TestClient, tenant: Tenant, method: str, path: str
) -> None:
    answer = client.request(method, path, headers=tenant.headers())

    assert answer.status_code == 404
    assert answer.json()["type"] == "/problems/edition-not-found"
    assert answer.json()["known"] == "2026.11"


@pytest.mark.parametrize("role", [one for one in Role if one is not Role.ADMINISTRATOR])
@pytest.mark.parametrize("path", ["/v1/editions", "/v1/editions/2026.11/publish"])
def test_only_an_administrator_publishes(
    client: TestClient, tenant: Tenant, role: Role, path: str
) -> None:
    answer = client.post(
        path, content=book_zip("2026.12"), headers=tenant.headers(role)
    )

    assert answer.status_code == 403


def test_the_action_itself_asks_for_the_permission(
    app: FastAPI, client: TestClient, tenant: Tenant, database: Database
) -> None:
    """Whatever door it is reached by, and before anything is kept."""
    assert client.app is app
    service = app.state.service
    with database.writing() as session:
        scope = scope_of(session, KeyGiven(tenant.keys[Role.REVIEWER]))
        with pytest.raises(NotAllowed):
            publish_edition(session, scope, service.files, packaged())
        with pytest.raises(NotAllowed):
            publish_kept(session, scope, "2026.11")


def zip_of(entry: zipfile.ZipInfo | str, content: bytes = b"edition: x") -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(entry, content)
    return packed.getvalue()


def link() -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo("edition.yaml")
    entry.external_attr = 0o120777 << 16
    return entry


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no zip"),
        (b"edition: 2026.12", "no zip"),
        (book_zip("2026.12")[:-200], "no zip"),
        (zip_of("../edition.yaml"), "a name that no file"),
        (zip_of("/etc/passwd"), "a name that no file"),
        (zip_of("facts\\..\\..\\x.yaml"), "a name that no file"),
        (zip_of("a" * 300), "a name that no file"),
        (zip_of(link(), b"/etc/passwd"), "a name that no file"),
        (zip_of("edition.yaml", b"#" * 10_000_000), "far more than it is"),
        (
            zipped({f"facts/{number}.yaml": b"" for number in range(5_001)}),
            "too many files",
        ),
    ],
)
def test_an_archive_that_is_not_safe_is_not_opened(
    client: TestClient, tenant: Tenant, content: bytes, reason: str
) -> None:
    answer = client.post("/v1/editions", content=content, headers=tenant.headers())

    assert answer.status_code == 422
    assert answer.json()["type"] == "/problems/archive-refused"
    assert reason in answer.json()["detail"]


def test_an_archive_that_is_too_large_is_not_even_read(
    client: TestClient, tenant: Tenant
) -> None:
    content = b"PK" + bytes(limits.BOOK_BYTES)

    answer = client.post("/v1/editions", content=content, headers=tenant.headers())

    assert answer.status_code == 413


def test_a_book_with_mistakes_is_refused_with_all_of_them(
    client: TestClient, tenant: Tenant
) -> None:
    broken = {
        MINIMUM_AGE: ("age < law.minimum_age", "agee < law.minimum_age"),
        "forced_labour/documents_held.yaml": ("severity:", "severety:"),
    }

    answer = client.post(
        "/v1/editions", content=book_zip("2026.12", broken), headers=tenant.headers()
    )

    assert answer.status_code == 422
    assert answer.json()["type"] == "/problems/book-unusable"
    errors = answer.json()["errors"]
    (age,) = [one for one in errors if one["file"] == MINIMUM_AGE]
    assert age["field"] == f"{MINIMUM_AGE}:{age['line']}:{age['column']}"
    assert "agee" in age["message"]
    assert "Did you mean 'age'" in age["remedy"]
    assert {one["file"] for one in errors} >= set(broken)
    listed = client.get("/v1/editions", headers=tenant.headers()).json()["items"]
    assert [one["edition"] for one in listed] == ["2026.11"]


def test_a_name_stands_for_one_content(
    client: TestClient, tenant: Tenant, publish: Publish
) -> None:
    publish("2026.12")

    answer = client.post(
        "/v1/editions", content=book_zip("2026.12", STRICTER), headers=tenant.headers()
    )

    assert answer.status_code == 409
    assert answer.json()["type"] == "/problems/edition-name-taken"
    assert "edition.yaml" in answer.json()["detail"]


def test_a_name_must_fit_an_address(client: TestClient, tenant: Tenant) -> None:
    answer = client.post(
        "/v1/editions", content=book_zip("2026/12"), headers=tenant.headers()
    )

    assert answer.status_code == 422
    assert answer.json()["type"] == "/problems/edition-name-unusable"


def test_the_edition_of_the_release_is_there_from_the_start(
    client: TestClient, tenant: Tenant
) -> None:
    (edition,) = client.get("/v1/editions", headers=tenant.headers()).json()["items"]
    book = client.get("/v1/rules", headers=tenant.headers()).json()

    assert edition["edition"] == book["edition"] == "2026.11"
    assert edition["sha256"] == book["rulebook_sha256"]
    assert edition["is_in_force"]
    assert edition["kept_by"] == "package"


def test_a_published_edition_is_in_force_at_once_for_every_organisation(
    client: TestClient, stranger: Tenant, publish: Publish
) -> None:
    told = publish("2026.12", STRICTER)

    rules = client.get("/v1/rules", headers=stranger.headers(Role.ANALYST)).json()
    found = client.get("/v1/editions/2026.12", headers=stranger.headers(Role.ANALYST))
    assert rules["edition"] == "2026.12"
    assert found.json()["is_in_force"]
    assert told["sha256"] == found.json()["sha256"]
    assert told["changes"] == {
        "before": "2026.11",
        "rules_that_decide_otherwise": 1,
        "rules_told_otherwise": 0,
        "legal_values": 0,
    }


def test_publishing_answers_with_where_the_edition_is(
    client: TestClient, tenant: Tenant
) -> None:
    answer = client.post(
        "/v1/editions", content=book_zip("2026.12"), headers=tenant.headers()
    )

    assert answer.headers["location"] == "/v1/editions/2026.12"
    found = client.get(answer.headers["location"], headers=tenant.headers())
    assert found.status_code == 200


def test_what_is_in_force_already_is_published_once(
    client: TestClient, tenant: Tenant, publish: Publish
) -> None:
    publish("2026.12")

    again = client.post(
        "/v1/editions", content=book_zip("2026.12"), headers=tenant.headers()
    )

    assert again.status_code == 200
    assert again.json()["changes"] is None
    assert len(again.json()["publications"]) == 1


def test_the_files_of_an_edition_come_back_as_they_were_sent(
    client: TestClient, tenant: Tenant, publish: Publish
) -> None:
    publish("2026.12", STRICTER)

    answer = client.get("/v1/editions/2026.12/book.zip", headers=tenant.headers())

    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    assert files == book_files("2026.12", STRICTER)
    etag = {"If-None-Match": answer.headers["etag"], **tenant.headers()}
    again = client.get("/v1/editions/2026.12/book.zip", headers=etag)
    assert again.status_code == 304


def test_two_archives_of_one_book_are_one_edition(
    client: TestClient, tenant: Tenant, publish: Publish
) -> None:
    publish("2026.12")
    stored = client.get("/v1/editions/2026.12/book.zip", headers=tenant.headers())

    again = client.post(
        "/v1/editions", content=stored.content, headers=tenant.headers()
    )

    assert again.status_code == 200


def test_editions_are_told_apart_to_the_field(
    client: TestClient, tenant: Tenant, publish: Publish
) -> None:
    publish("2026.12", STRICTER)

    told = client.get(
        "/v1/editions/2026.11/diff/2026.12", headers=tenant.headers()
    ).json()

    (rule,) = told["rules"]
    assert (rule["id"], rule["decides"]) == (RULE, True)
    assert rule["logic_hash_before"] != rule["logic_hash_after"]
    (field,) = rule["fields"]
    assert field["field"] == "flag_when"
    assert "age <= law.minimum_age + 1" in field["after"]
    assert [one["field"] for one in told["edition"]] == ["edition"]


def test_an_edition_is_found_by_its_hash(client: TestClient, tenant: Tenant) -> None:
    (edition,) = client.get("/v1/editions", headers=tenant.headers()).json()["items"]

    found = client.get(
        f"/v1/editions/{edition['sha256'][:8]}", headers=tenant.headers()
    )

    assert found.json()["edition"] == "2026.11"


def test_the_list_goes_on_where_it_stopped(
    client: TestClient, tenant: Tenant, publish: Publish
) -> None:
    with clock.set_to(lambda: TODAY + timedelta(hours=1)):
        publish("2026.12")
    first = client.get("/v1/editions?rows=1", headers=tenant.headers()).json()

    second = client.get(first["next"], headers=tenant.headers()).json()
    lost = client.get("/v1/editions?after=2031.1", headers=tenant.headers())

    assert [one["edition"] for one in first["items"]] == ["2026.11"]
    assert [one["edition"] for one in second["items"]] == ["2026.12"]
    assert second["next"] is None
    assert lost.status_code == 422


def test_one_can_go_back_and_both_times_stand_in_the_trail(
    client: TestClient, tenant: Tenant, publish: Publish, database: Database
) -> None:
    publish("2026.12", STRICTER)

    answer = client.post("/v1/editions/2026.11/publish", headers=tenant.headers())

    assert answer.status_code == 201
    assert [one["ordinal"] for one in answer.json()["publications"]] == [1, 3]
    rules = client.get("/v1/rules", headers=tenant.headers()).json()
    assert rules["edition"] == "2026.11"
    with database.reading(system=True) as session:
        leaves = session.scalars(
            text(
                "SELECT leaf FROM trail WHERE organisation_id = :id ORDER BY sequence"
            ),
            {"id": str(tenant.id) if not database.is_sqlite else tenant.id.hex},
        ).all()
    noted = [json.loads(one) for one in leaves]
    published = [one for one in noted if one["action"] == "edition.published"]
    assert [one["subject"] for one in published] == ["2026.12", "2026.11"]
    assert [one["facts"]["before"] for one in published] == ["2026.11", "2026.12"]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE rule_edition SET sha256 = 'x'",
        "DELETE FROM rule_edition",
        "UPDATE edition_publication SET ordinal = 9",
        "DELETE FROM edition_publication",
    ],
)
@pytest.mark.usefixtures("client")
def test_what_was_published_is_never_changed(database: Database, change: str) -> None:
    with (
        pytest.raises(DBAPIError, match="never changed"),
        database.writing() as session,
    ):
        session.execute(text(change))


def test_new_visits_are_judged_by_the_new_edition_and_old_verdicts_stand(
    farm: Visited, publish: Publish
) -> None:
    before = farm.send(children=[A_CHILD_OF_16])
    publish("2026.12", STRICTER)

    after = farm.send(children=[A_CHILD_OF_16], observed_on="2026-11-04")

    old = farm.get(f"/v1/submissions/{before}/verdicts/{RULE}")
    new = farm.get(f"/v1/submissions/{after}/verdicts/{RULE}")
    assert (old["edition"], old["outcome"]) == ("2026.11", "conformity")
    assert (new["edition"], new["outcome"]) == ("2026.12", "non_conformity")


def test_the_reasons_of_an_old_verdict_are_told_by_its_own_edition(
    farm: Visited, publish: Publish
) -> None:
    submission = farm.send(children=[A_CHILD_OF_13])
    explained = farm.get(f"/v1/submissions/{submission}/verdicts/{RULE}")
    listed = farm.get(f"/v1/submissions/{submission}/verdicts")

    publish("2026.12", WITHOUT)

    assert farm.get(f"/v1/submissions/{submission}/verdicts/{RULE}") == explained
    assert farm.get(f"/v1/submissions/{submission}/verdicts") == listed
    assert explained["sentences"]


def test_the_page_of_an_old_visit_tells_the_reasons_still(
    farm: Visited, publish: Publish, client: TestClient, tenant: Tenant
) -> None:
    submission = farm.send(children=[A_CHILD_OF_13])
    publish("2026.12", WITHOUT)

    page = client.get(f"/submissions/{submission}", headers=tenant.headers())

    assert page.status_code == 200
    assert "A child below the minimum age works" in page.text
    assert "2026.11" in page.text


def test_a_finding_outlives_the_rule_that_raised_it(
    farm: Visited, publish: Publish, client: TestClient, tenant: Tenant
) -> None:
    farm.send(children=[A_CHILD_OF_13])
    publish("2026.12", WITHOUT)

    (finding,) = farm.findings("?topic=child_labour")
    detail = farm.get(f"/v1/findings/{finding['ref']}")
    page = client.get(f"/sites/{farm.site}", headers=tenant.headers())
    card = farm.issue()

    assert detail["rule"] == RULE
    assert page.status_code == 200
    assert [one["indicator"] for one in content_of(farm, card)["flags"]] == [RULE]


def test_an_edition_another_process_publishes_is_noticed(
    farm: Visited, app: FastAPI, database: Database
) -> None:
    files = book_files("2026.12", STRICTER)
    book = read_files(files)
    store = Files(app.state.service.settings.data / "files")
    with database.writing(system=True) as session:
        publish_as_operator(session, store, Packed(book, pack(book, files)))
        trail.seal(session)

    submission = farm.send(children=[A_CHILD_OF_16])

    told = farm.get(f"/v1/submissions/{submission}/verdicts")
    assert told["edition"] == "2026.12"


def test_a_rule_on_trial_is_reported_and_counts_in_nothing(
    farm: Visited, publish: Publish
) -> None:
    publish("2026.12", ON_TRIAL)
    farm.send(children=[A_CHILD_OF_16])
    clean = content_of(farm, farm.issue())

    submission = farm.send(children=[A_CHILD_OF_13], observed_on="2026-11-04")

    told = farm.get(f"/v1/submissions/{submission}/verdicts")["verdicts"]
    (verdict,) = [one for one in told if one["rule"] == RULE]
    assert (verdict["outcome"], verdict["shadow"]) == ("non_conformity", True)
    assert verdict["sentences"]
    assert farm.findings("?topic=child_labour") == []
    card = content_of(farm, farm.issue())
    assert card["flags"] == []
    assert weighed(card) == weighed(clean)
    listed = farm.get("/v1/rules?topic=child_labour")["items"]
    assert [one["status"] for one in listed if one["id"] == RULE] == ["shadow"]


def test_the_same_visit_costs_the_grade_where_the_rule_is_active(
    farm: Visited,
) -> None:
    """What the trial is measured against: without it the card is another."""
    farm.send(children=[A_CHILD_OF_16])
    clean = content_of(farm, farm.issue())

    farm.send(children=[A_CHILD_OF_13], observed_on="2026-11-04")

    card = content_of(farm, farm.issue())
    assert [one["indicator"] for one in card["flags"]] == [RULE]
    assert weighed(card) != weighed(clean)


def test_a_book_of_nothing_but_its_edition_tells_what_is_missing() -> None:
    with pytest.raises(BookRejected) as rejected:
        read_files({EDITION: b"edition: x\n"})

    assert {one.file for one in rejected.value.mistakes} >= {
        "instruments.yaml",
        "sources.yaml",
    }


@pytest.mark.parametrize("publishers", [None, "org_somebodyelse0000", ""])
def test_an_organisation_that_is_not_named_publishes_nothing_for_others(
    app: FastAPI, client: TestClient, tenant: Tenant, publishers: str | None
) -> None:
    service = app.state.service
    chosen = service.settings.model_copy(update={"rules_publishers": publishers})
    app.state.service = replace(service, settings=chosen)
    before = client.get("/v1/editions", headers=tenant.headers()).json()["items"]

    sent = client.post(
        "/v1/editions", content=book_zip("2026.11-ours"), headers=tenant.headers()
    )
    again = client.post(
        f"/v1/editions/{before[0]['edition']}/publish", headers=tenant.headers()
    )

    assert (sent.status_code, again.status_code) == (403, 403)
    assert sent.json()["type"] == "/problems/not-the-publisher"
    after = client.get("/v1/editions", headers=tenant.headers()).json()["items"]
    assert after == before


def test_an_organisation_that_is_named_publishes(
    app: FastAPI, client: TestClient, tenant: Tenant
) -> None:
    service = app.state.service
    named = f"org_somebodyelse0000, {tenant.public_id}"
    chosen = service.settings.model_copy(update={"rules_publishers": named})
    app.state.service = replace(service, settings=chosen)

    sent = client.post(
        "/v1/editions", content=book_zip("2026.11-ours"), headers=tenant.headers()
    )

    assert sent.status_code == 201
