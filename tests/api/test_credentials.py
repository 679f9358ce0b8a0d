"""Papers of a card over HTTP: printed once by a job, checked by keys that anybody fetches."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from joserfc import jws
from joserfc.jwk import ECKey
from sqlalchemy import select
from starlette.testclient import TestClient

from api.card_making import printer_of
from api.service import Service
from compliance import clock
from compliance.database import Database
from compliance.identity.models import Role
from compliance.jobs.models import Job
from compliance.scorecards.credential import multihash
from compliance.scorecards.issuer_keys import rotate_and_tell
from compliance.scorecards.models import Scorecard, ScorecardListing
from compliance.scorecards.printing import (
    PRINT,
    Printed,
    keep_papers,
    print_card,
)
from compliance.signatures.checking import check_pdf
from compliance.signatures.keys import certificates_from, files_of
from tests.conftest import Tenant
from tests.jobs import wait_until
from tests.unit.scorecards.test_status_lists import bits_of
from tests.visits import A_CHILD_OF_16, TODAY, Visited, visited

HERE = "http://127.0.0.1:8000"


@pytest.fixture(autouse=True)
def _november() -> Iterator[None]:
    with clock.set_to(lambda: TODAY):
        yield


@pytest.fixture
def farm(client: TestClient, tenant: Tenant) -> Visited:
    """A farm that was visited once."""
    found = visited(client, tenant)
    found.send(children=[A_CHILD_OF_16])
    return found


def keys_of(client: TestClient) -> dict[str, ECKey]:
    """Return the keys of the issuer by the name that a signature gives them."""
    methods = client.get("/.well-known/did.json").json()["verificationMethod"]
    return {one["id"]: ECKey.import_key(one["publicKeyJwk"]) for one in methods}


def opened(client: TestClient, line: str) -> dict[str, Any]:
    """Check a signed line with the published keys and return what it says."""
    kid = jws.extract_compact(line.encode()).headers()["kid"]
    read = jws.deserialize_compact(line, keys_of(client)[kid], algorithms=["ES256"])
    told: dict[str, Any] = json.loads(read.payload)
    return told


def bits(client: TestClient, credential: dict[str, Any]) -> dict[str, str]:
    """Return the bit of a card in each of the two lists, as a verifier reads it."""
    entry = credential["credentialStatus"]
    address = entry["statusListCredential"].removeprefix(HERE)
    told = {}
    for purpose in ("suspension", "revocation"):
        answer = client.get(address.replace("suspension", purpose))
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "application/vc+jwt"
        assert answer.headers["cache-control"] == "public, max-age=5"
        subject = opened(client, answer.text)["credentialSubject"]
        assert subject["statusPurpose"] == purpose
        told[purpose] = bits_of(subject["encodedList"])[entry["statusListIndex"]]
    return told


def test_a_card_is_a_credential_that_its_holder_can_check(
    client: TestClient, tenant: Tenant, farm: Visited
) -> None:
    card = farm.printed(farm.issue())
    path = f"/v1/scorecards/{card['id']}"

    answer = client.get(f"{path}.vc", headers=tenant.headers(Role.ANALYST))
    pdf = client.get(f"{path}.pdf", headers=tenant.headers(Role.ANALYST)).content
    chain = client.get("/.well-known/issuer-certificates.pem").text

    assert answer.headers["content-type"] == "application/vc+jwt"
    credential = opened(client, answer.text)
    assert credential["issuer"]["id"] == "did:web:127.0.0.1%3A8000"
    assert credential["id"] == f"{HERE}{path}.vc"
    link = credential["credentialSubject"]["conformityCertificate"]
    assert link["digestMultibase"] == multihash(hashlib.sha256(pdf).hexdigest())
    assert check_pdf(pdf, certificates_from(chain)).is_genuine
    assert client.get("/did.json").json() == client.get("/.well-known/did.json").json()


def test_what_a_card_becomes_shows_in_the_lists_at_once(
    client: TestClient, tenant: Tenant, farm: Visited
) -> None:
    card = farm.printed(farm.issue())
    path, headers = f"/v1/scorecards/{card['id']}", tenant.headers(Role.REVIEWER)
    credential = opened(client, client.get(f"{path}.vc", headers=headers).text)
    told = [bits(client, credential)]

    for step, reason in (
        ("suspend", "under_review"),
        ("restore", "under_review"),
        ("revoke", "issued_in_error"),
    ):
        done = client.post(f"{path}/{step}", json={"reason": reason}, headers=headers)
        assert done.status_code == 200, done.text
        told.append(bits(client, credential))

    assert told == [
        {"suspension": "0", "revocation": "0"},
        {"suspension": "1", "revocation": "0"},
        {"suspension": "0", "revocation": "0"},
        {"suspension": "1", "revocation": "1"},
    ]


def test_nobody_else_reads_a_credential_and_no_list_is_guessed(
    client: TestClient, stranger: Tenant, farm: Visited
) -> None:
    path = f"/v1/scorecards/{farm.issue()['id']}.vc"

    statuses = {
        "anonymous": client.get(path).status_code,
        "another's": client.get(path, headers=stranger.headers()).status_code,
        "no purpose": client.get("/v1/status-lists/refresh/1").status_code,
        "no number": client.get("/v1/status-lists/revocation/one").status_code,
        "not yet": client.get("/v1/status-lists/revocation/2").status_code,
    }

    assert statuses == {
        "anonymous": 401,
        "another's": 404,
        "no purpose": 422,
        "no number": 422,
        "not yet": 404,
    }


def test_places_are_drawn_and_the_database_refuses_one_twice(
    farm: Visited, database: Database
) -> None:
    for _ in range(4):
        farm.issue()

    with database.reading() as session:
        places = session.scalars(
            select(ScorecardListing.place).order_by(ScorecardListing.scorecard_id)
        ).all()

    assert len(set(places)) == 4
    # Of 131,072 places, four next to one another are no chance.
    assert max(places) - min(places) > 100


def test_a_card_is_printed_once_whatever_happens(
    client: TestClient, app: FastAPI, tenant: Tenant, farm: Visited, tmp_path: Path
) -> None:
    service: Service = app.state.service
    broken = tmp_path / "data" / "issuer_key.pem"
    broken.write_bytes(b"no key")

    card = farm.issue()
    path = f"/v1/scorecards/{card['id']}"
    wait_until(lambda: _attempts(service.database) == 1)
    pdf = client.get(f"{path}.pdf", headers=tenant.headers())
    credential = client.get(f"{path}.vc", headers=tenant.headers())
    public = client.get(f"/v/{card['verify_code']}").json()

    assert (card["pdf_sha256"], public["pdf_sha256"]) == ({}, {})
    for answer in (pdf, credential):
        assert answer.status_code == 503
        assert answer.json()["type"] == "/problems/card-not-printed"
        assert int(answer.headers["retry-after"]) > 0

    broken.unlink()
    first, second = (_prepared(service, card["id"]) for _ in range(2))
    kept = [_kept(service, tenant, one) for one in (first, second)]

    assert kept == [True, False]
    assert first.digests != second.digests  # no signature is the same twice
    assert farm.printed(card)["pdf_sha256"] == first.digests
    line = client.get(f"{path}.vc", headers=tenant.headers())
    assert line.text == first.credential
    with service.database.reading(system=True) as session:
        again = print_card(session, printer_of(service), first.card_id)
    assert again is None


def test_an_old_key_is_listed_while_its_cards_live(
    client: TestClient, app: FastAPI, tenant: Tenant, farm: Visited
) -> None:
    card = farm.printed(farm.issue())
    line = client.get(f"/v1/scorecards/{card['id']}.vc", headers=tenant.headers()).text
    service: Service = app.state.service
    replaced = service.write_now(
        lambda session: rotate_and_tell(session, files_of(service.settings)),
        system=True,
    )

    both = keys_of(client)
    later = farm.printed(farm.issue())
    signed_later = client.get(
        f"/v1/scorecards/{later['id']}.vc", headers=tenant.headers()
    ).text

    did = "did:web:127.0.0.1%3A8000"
    assert set(both) == {f"{did}#{replaced.before}", f"{did}#{replaced.after}"}
    assert opened(client, line)["id"].endswith(f"{card['id']}.vc")
    kid = jws.extract_compact(signed_later.encode()).headers()["kid"]
    assert kid == f"{did}#{replaced.after}"


def _attempts(database: Database) -> int | None:
    with database.reading(system=True) as session:
        return session.scalar(
            select(Job.attempts).where(Job.kind == PRINT, Job.state == "ready")
        )


def _prepared(service: Service, public_id: str) -> Printed:
    with service.database.reading(system=True) as session:
        card_id = session.scalars(
            select(Scorecard.id).where(Scorecard.public_id == public_id)
        ).one()
        printed = print_card(session, printer_of(service), UUID(str(card_id)))
    assert printed is not None
    return printed


def _kept(service: Service, tenant: Tenant, printed: Printed) -> bool:
    return service.write_now(
        lambda session: keep_papers(session, tenant.id, printed), system=True
    )
