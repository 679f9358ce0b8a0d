"""Anchors: what a file and a witness are shown, and what happens when they fail."""

import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select
from typing_extensions import override

from compliance.database import Database
from compliance.jobs import TwoSteps, Work
from compliance.jobs.models import Job
from compliance.proofs import anchoring, working
from compliance.proofs.anchoring import Places, WitnessRefused
from compliance.proofs.models import TrailAnchor
from compliance.proofs.working import SEAL, SHOW_FILE, SHOW_WITNESS
from compliance.trail import merkle
from compliance.trail.verify_trail import canonical, verify
from tests.conftest import Tenant
from tests.trails import History, history, lines_of, note_many, sealing_in, told

NOTHING = Work(job="job_test", organisation_id=None, arguments={}, attempt=1)


@dataclass
class Witness:
    """Another party with a key of its own, who signs what goes on from what it knows."""

    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    seen: list[dict[str, Any]] = field(default_factory=list)
    answers: int = 200
    fails_after: int | None = None
    url: str = ""

    @property
    def public(self) -> str:
        return self.key.public_key().public_bytes_raw().hex()

    def answer(self, sent: dict[str, Any]) -> bytes:
        at = json.loads(sent["head"])["at"]
        statement = canonical(
            {
                "kind": "trail_witness",
                "head_sha256": hashlib.sha256(sent["head"].encode()).hexdigest(),
                "at": at,
            }
        )
        self.seen.append(sent)
        return canonical(
            {
                "witness": self.public,
                "at": at,
                "signature": self.key.sign(statement).hex(),
            }
        )


@contextmanager
def witnessing() -> Iterator[Witness]:
    """Run a witness on a free port of this machine."""
    witness = Witness()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            failing = (
                witness.fails_after is not None
                and len(witness.seen) >= witness.fails_after
            )
            content = b"no" if failing else witness.answer(json.loads(body))
            self.send_response(witness.answers)
            self.send_header("Location", witness.url)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def do_GET(self) -> None:
            """Answer one who was sent elsewhere as if all were well."""
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        @override
        def log_message(self, *_args: Any) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        witness.url = f"http://127.0.0.1:{server.server_address[1]}/heads"
        thread = threading.Thread(
            target=server.serve_forever, kwargs={"poll_interval": 0.02}
        )
        thread.start()
        try:
            yield witness
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def witness() -> Iterator[Witness]:
    with witnessing() as one:
        yield one


@pytest.fixture
def past(
    database: Database, found_tenant: Callable[[str], Tenant], tmp_path: Path
) -> History:
    return history(database, found_tenant, tmp_path)


def show_to(past: History, witness: Witness) -> int:
    places = Places(None, witness.url)
    with past.database.reading() as session:
        shown = working.show_witness(session, places)
    with past.database.writing() as session:
        return anchoring.keep(session, shown)


def test_the_file_holds_every_head_in_order_and_is_only_added_to(past: History) -> None:
    before = past.anchor_file.read_bytes()
    note_many(past.database, past.tenant, 1)
    past.seal()

    after = past.anchor_file.read_bytes()
    numbers = [json.loads(json.loads(one)["head"])["number"] for one in past.anchors]

    assert after.startswith(before)
    assert numbers == list(range(1, 8))


def test_a_head_that_was_written_but_not_noted_is_written_again_and_does_no_harm(
    past: History,
) -> None:
    """The power can fail between the file and the database."""
    note_many(past.database, past.tenant, 1)
    with past.database.writing() as session:
        working.seal_trails(session, past.sealing)
    with past.database.reading() as session:
        working.show_file(session, past.sealing.places)
        shown = working.show_file(session, past.sealing.places)

    with past.database.writing() as session:
        noted = anchoring.keep(session, shown), anchoring.keep(session, shown)

    assert noted == (1, 0)
    assert len(past.anchors) == 8
    assert verify(past.export(), anchors=past.anchors).faults == []


def test_a_witness_is_shown_each_head_with_the_proof_from_the_one_before(
    past: History, witness: Witness
) -> None:
    count = show_to(past, witness)

    roots = [bytes.fromhex(json.loads(one["head"])["root"]) for one in witness.seen]
    assert count == len(witness.seen) == 6
    for number, sent in enumerate(witness.seen[1:], 2):
        proof = [bytes.fromhex(one) for one in sent["consistency"]]
        assert sent["from"] == number - 1
        merkle.verify_consistency(
            number - 1, number, proof, roots[number - 2], roots[number - 1]
        )


def test_the_countersignature_vouches_for_a_head_and_a_forged_one_does_not(
    past: History, witness: Witness
) -> None:
    show_to(past, witness)
    lines = past.export()
    place = lines_of(lines, "anchor")[-1]
    forged = [*lines]
    forged[place] = lines[place].replace(
        b'\\"signature\\":\\"', b'\\"signature\\":\\"00'
    )

    report = verify(lines, witnesses=[witness.public])
    of_another = verify(lines, witnesses=["00" * 32])
    with_forged = verify(forged, witnesses=[witness.public])

    assert told(lines[place])["place"] == "witness 127.0.0.1"
    assert report.faults == of_another.faults == []
    assert "anchored up to head 6" in report.told("en")
    assert "cannot know without an anchor" in of_another.told("en")
    assert "receipt" in {one.code for one in with_forged.faults}


def test_what_a_failing_witness_took_is_kept_and_the_rest_is_sent_later(
    past: History, witness: Witness
) -> None:
    witness.fails_after = 2
    first = show_to(past, witness)
    with pytest.raises(WitnessRefused, match="answered to head 3"):
        show_to(past, witness)
    witness.fails_after = None

    rest = show_to(past, witness)

    assert (first, rest) == (2, 4)


@pytest.mark.parametrize("status", [301, 302, 307, 400, 403, 500])
def test_a_witness_that_refuses_or_sends_elsewhere_has_not_seen_the_head(
    past: History, witness: Witness, status: int
) -> None:
    witness.answers = status

    with pytest.raises(WitnessRefused):
        show_to(past, witness)

    with past.database.reading() as session:
        shown = session.scalars(select(TrailAnchor.place).distinct()).all()
    assert shown == ["file heads.jsonl"]


def test_a_witness_that_is_not_there_is_told(past: History) -> None:
    nobody = Witness(url="http://127.0.0.1:9/heads")

    with pytest.raises(WitnessRefused, match="witness 127"):
        show_to(past, nobody)


def test_the_address_of_a_witness_never_shows_who_may_speak_to_it() -> None:
    assert (
        anchoring.witness_name("https://user:secret@witness.example:8443/a?key=b")
        == "witness witness.example"
    )


def test_sealing_as_a_job_asks_for_showing_and_showing_is_noted(
    database: Database, tenant: Tenant, tmp_path: Path, witness: Witness
) -> None:
    note_many(database, tenant, 3)
    sealing = sealing_in(tmp_path)
    both = replace(sealing, places=replace(sealing.places, witness=witness.url))
    doing = working.handlers(both)
    seal = doing[SEAL]
    assert callable(seal)

    with database.writing() as session:
        result = seal(session, NOTHING)
    with database.writing() as session:
        again = seal(session, NOTHING)
    for kind in (SHOW_FILE, SHOW_WITNESS):
        steps = doing[kind]
        assert isinstance(steps, TwoSteps)
        with database.reading() as session:
            found = steps.prepare(session, NOTHING)
        with database.writing() as session:
            steps.keep(session, NOTHING, found)

    with database.reading() as session:
        asked = sorted(session.scalars(select(Job.kind)))
        shown = sorted(session.scalars(select(TrailAnchor.place)))
    assert result is not None
    assert again is not None
    assert (result["head"], again["head"]) == (1, None)
    assert asked == [SHOW_FILE, SHOW_WITNESS]
    assert shown == ["file heads.jsonl", "witness 127.0.0.1"]


def test_where_no_place_is_set_nothing_is_asked_for(
    database: Database, tenant: Tenant, tmp_path: Path
) -> None:
    note_many(database, tenant, 1)
    nowhere = Places(None, None)

    with database.writing() as session:
        working.seal_trails(session, replace(sealing_in(tmp_path), places=nowhere))
        working.ask_to_show(session, nowhere)
    with database.reading() as session:
        asked = session.scalars(select(Job.kind)).all()
        shown = [
            *working.show_file(session, nowhere),
            *working.show_witness(session, nowhere),
        ]

    assert asked == []
    assert shown == []
