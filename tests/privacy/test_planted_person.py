"""A name, a telephone number and a birth date, told in every field, get out nowhere."""

import base64
import io
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from compliance import clock
from compliance.alerts.models import Alert
from compliance.alerts.queries import TOLD
from compliance.alerts.telling import (
    Links,
    facts_of,
    mail_subject,
    mail_text,
    webhook_body,
)
from compliance.database import Database
from compliance.identity.models import OrganisationKind, Role
from tests.conftest import FoundTenant, Tenant
from tests.field import Phone, publish
from tests.home_visits import FILES, columns, home_visit, leaks, sealing_workbook
from tests.promising import Promising
from tests.reviews import reviewing
from tests.sharing import Sharing
from tests.visits import A_CHILD_OF_13, TODAY, Visited, visited

SAID = "Evaristo Planted, +57 311 555 0142, nació el 2013-04-17 (17 de abril)"
RULE = "forced_labour.documents_held"
# Why a submission was taken out stays with it, for the organisation's own reviewers.
OWN_WORDS = {"withdrawal"}
WEBHOOK = {"kind": "webhook", "address": "https://hooks.example/atalaya"}


@pytest.fixture(autouse=True)
def _november() -> Iterator[None]:
    with clock.set_to(lambda: TODAY):
        yield


@dataclass(frozen=True)
class World:
    """A farm of which everybody said in every field who it is about, and its card."""

    farm: Visited
    card: dict[str, Any]
    buyer: Tenant

    def get(self, path: str) -> bytes:
        headers = self.farm.tenant.headers()
        answer = self.farm.client.get(path, headers=headers)
        assert answer.status_code == 200, (path, answer.text)
        return answer.content


@pytest.fixture
def world(client: TestClient, tenant: Tenant, found_tenant: FoundTenant) -> World:
    buyer = found_tenant("Kaffee GmbH", OrganisationKind.BUYER)
    farm = visited(client, tenant)
    for receiver in (WEBHOOK, {"kind": "mail", "address": "desk@example.org"}):
        farm.post("/v1/alert-receivers", Role.ADMINISTRATOR, **receiver)
    Sharing(client, tenant, buyer).give(farm.site)
    answer_everything(farm)
    withdraw_with_words(farm)
    correct_with_words(farm)
    promise_with_words(client, tenant, buyer, farm)
    return_and_reply_with_words(farm)
    return World(farm, farm.printed(farm.issue()), buyer)


def answer_everything(farm: Visited) -> None:
    publish(farm.client, farm.tenant, sealing_workbook())
    told = Phone(farm.client, farm.tenant).send(home_visit(farm.site), FILES)
    assert told.status == 201
    farm.send(children=[A_CHILD_OF_13], facts={"documents_held": True})


def withdraw_with_words(farm: Visited) -> None:
    sent = farm.send(observed_on="2026-10-01")
    answer = farm.client.post(
        f"/v1/submissions/{sent}/withdraw",
        json={"reason": SAID},
        headers=farm.tenant.headers(Role.REVIEWER),
    )
    assert answer.status_code in {200, 201, 204}, answer.text


def correct_with_words(farm: Visited) -> None:
    """Dispute and uphold a finding, and plan its correction, in people's own words."""
    (ref,) = [one["ref"] for one in farm.findings() if one["rule"] == RULE]
    farm.step(ref, Role.MANAGER, step="dispute", reason="facts_wrong", statement=SAID)
    farm.step(ref, Role.REVIEWER, step="uphold", statement=SAID)
    planned = farm.propose(
        ref,
        action="give_documents_back",
        root_cause_text=SAID,
        action_text=SAID,
    )
    farm.act(planned, Role.REVIEWER, "agree", remark=SAID)
    farm.act(planned, Role.MANAGER, "start")
    farm.act(planned, Role.MANAGER, "report_done", remark=SAID)


def promise_with_words(
    client: TestClient, tenant: Tenant, buyer: Tenant, farm: Visited
) -> None:
    promising = Promising(client, buyer, tenant, farm.site)
    promising.step(promising.make(), "accept", tenant, note=SAID)


def return_and_reply_with_words(farm: Visited) -> None:
    """Send the visit back with a remark; the next answers come in; the site replies."""
    reviews = reviewing(farm)
    audits = farm.get(f"/v1/audits?site={farm.site}&status=submitted")["items"]
    last = max(audits, key=lambda audit: audit["fieldwork_from"])["id"]
    reviews.done(last, "review")
    reviews.done(last, "return", {"remarks": [{"kind": "unclear", "text": SAID}]})
    farm.send(children=[A_CHILD_OF_13], facts={"documents_held": True})
    said = reviews.answer(reviews.offer(last), code="gives_context", text=SAID)
    assert said.status_code == 200, said.text


def text_of_pdf(pdf: bytes) -> bytes:
    command = ["pdftotext", "-layout", "-", "-"]
    return subprocess.run(command, input=pdf, capture_output=True, check=True).stdout


def inside(pdf: bytes) -> list[tuple[str, bytes]]:
    """Return all that travels in a card's PDF: text, attachments, metadata, objects."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        found = [("info", str(dict(opened.docinfo)).encode())]
        found += [("xmp", opened.Root.Metadata.read_bytes())]
        found += [
            (name, one.get_file().read_bytes())
            for name, one in opened.attachments.items()
        ]
        found += [
            (f"object {place}", one.read_bytes())
            for place, one in enumerate(opened.objects)
            if isinstance(one, pikepdf.Stream)
        ]
    return [("text", text_of_pdf(pdf)), *found, ("bytes", pdf)]


def parts_of_token(token: bytes) -> list[bytes]:
    """Return what a signed credential says, each part in the clear."""
    return [
        base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4))
        for part in token.split(b".")[:2]
    ]


def alerts_told(database: Database) -> list[tuple[str, object]]:
    """Return every alert as a webhook and as mail in both languages tell it."""
    with database.reading() as session:
        rows = session.execute(select(Alert.public_id, *TOLD)).all()
    facts = [facts_of(row, row.public_id) for row in rows]
    told: list[tuple[str, object]] = []
    for one in facts:
        links = Links.of("https://atalaya.example", one)
        told.append((f"webhook {one.event}", webhook_body(one, links)))
        for language in ("en", "es"):
            told.append((f"subject {one.event}", mail_subject(one, language)))
            told.append((f"mail {one.event}", mail_text(one, language, links)))
    return told


def test_nobody_can_be_read_from_a_card_its_papers_alerts_or_logs(
    world: World,
    database: Database,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = f"/v1/scorecards/{world.card['id']}"
    pdfs = [world.get(f"{path}.pdf?language={one}") for one in ("en", "es")]
    credential = world.get(f"{path}.vc")
    code = world.card["verify_code"]
    published: list[tuple[str, object]] = [
        ("json", world.get(path)),
        *(part for pdf in pdfs for part in inside(pdf)),
        *(("credential", one) for one in parts_of_token(credential)),
        *(
            (where, world.get(where))
            for where in (f"/v/{code}", f"/scorecards/{world.card['id']}")
        ),
        *(
            (where, world.get(where))
            for where in (
                "/v1/alerts",
                "/v1/trail",
                "/v1/findings",
                "/v1/corrective-actions",
                "/v1/remedies",
                "/v1/jobs",
            )
        ),
        *alerts_told(database),
        *(
            (table, list(row.values()))
            for table, row in columns(database)
            if table not in OWN_WORDS
        ),
        *(
            (one.name, one.read_bytes())
            for one in (tmp_path / "data").rglob("*")
            if one.is_file()
        ),
        ("log", capsys.readouterr().out),
    ]

    found = [(where, leaks(told)) for where, told in published if leaks(told)]

    assert found == []
    looked_at = {where for where, _ in published}
    assert {"webhook zero_tolerance", "text", "xmp", "log"} <= looked_at
    assert any(where.startswith("webhook card_") for where in looked_at)
    # Else this would look for what was never told.
    (ref,) = [one["ref"] for one in world.farm.findings() if one["rule"] == RULE]
    kept = world.farm.get(f"/v1/findings/{ref}/statements", Role.REVIEWER)["items"]
    assert [one["text"] for one in kept] == [SAID, SAID]
    assert leaks(SAID)
